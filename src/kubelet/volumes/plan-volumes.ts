// When the volumes of a pod are made, filled and brought up to date: before its first container, and with every change of what it shows
// after that. What the sandbox itself needs is not decided here. Pure.
import type { StoredOf, Volume } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { ImageProgress, PodEnvironment } from '../environment.ts';
import type { PullPolicy } from '../images/images.ts';
import { pullCredentials } from '../images/pull-secrets.ts';
import { ATTEMPT_LABEL, SANDBOX_LABEL } from '../labels.ts';
import { type PodIdentity, VOLUMES_PART } from '../names.ts';
import { pullPolicy } from '../plan/plan-container.ts';
import type { KeyedNote, PodStep } from '../plan/steps.ts';
import { isConfigVolume, volumeContent } from './content.ts';
import { firstFill } from './first-fill.ts';
import { holds, type VolumeContent } from './layout.ts';
import { claimOf, podVolumeSpecs } from './volumes.ts';

/** What is to be done about the volumes. */
export interface VolumesPlan {
  readonly steps: readonly PodStep[];
  readonly notes: readonly KeyedNote[];
  /** Why containers have to wait. */
  readonly waiting?: { readonly reason: string; readonly message: string };
  /** Epoch milliseconds. */
  readonly checkAtMs?: number;
  /** Whether containers may be made with these volumes. */
  readonly isReady: boolean;
  readonly isWaitingForImage?: boolean;
}

const nothing: VolumesPlan = { steps: [], notes: [], isReady: true };

/** Why the volumes of a pod cannot be there yet; undefined when they can. Kubernetes starts nothing of a pod before all of them are. */
export function whyVolumesWait(pod: StoredOf<'Pod'>, environment: PodEnvironment): VolumesPlan | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const why = whyClaimWaits(pod, volume, environment);
    if (why !== undefined) return volumesWait(why);
    const result = isConfigVolume(volume) ? volumeContent(pod, volume, environment) : undefined;
    if (result?.ok === false) return volumesWait(result.message);
  }
  return undefined;
}

function whyClaimWaits({ metadata }: StoredOf<'Pod'>, volume: Volume, { claims }: PodEnvironment): string | undefined {
  const claim = claimOf(volume, metadata.name);
  if (claim === undefined) return undefined;
  const namespace = metadata.namespace ?? 'default';
  const phase = claims.get(claim);
  if (phase === 'Bound') return undefined;
  if (phase === 'NotOwned')
    return `PVC ${namespace}/${claim} was not created for pod ${namespace}/${metadata.name} (pod is not owner)`;
  if (phase !== undefined) return `persistentvolumeclaim "${claim}" is ${phase === 'Lost' ? 'lost' : 'not bound yet'}`;
  return volume.ephemeral === undefined
    ? `persistentvolumeclaim "${claim}" not found`
    : `waiting for ephemeral volume controller to create the persistentvolumeclaim "${claim}"`;
}

function volumesWait(message: string, checkAtMs?: number): VolumesPlan {
  return {
    steps: [],
    notes: [{ key: `mount/${message}`, reason: 'FailedMount', message, severity: 'Warning' }],
    waiting: { reason: 'ContainerCreating', message },
    ...(checkAtMs === undefined ? {} : { checkAtMs }),
    isReady: false,
  };
}

/** The Docker volumes that a pod needs and that are not there, to be made before its sandbox. */
export function planMissingVolumes(pod: StoredOf<'Pod'>, identity: PodIdentity, environment: PodEnvironment): readonly PodStep[] {
  return podVolumeSpecs(pod, identity, environment)
    .filter(({ spec }) => !environment.volumes.has(spec.name))
    .map(({ spec, volume }) => ({
      type: 'ensure-volume',
      volume: spec,
      ...(isConfigVolume(volume) ? { content: volume.name } : {}),
    }));
}

/** The sandbox runs: fill its volumes before the first container, and follow changes of what they show after that. */
export function planVolumes(
  pod: StoredOf<'Pod'>,
  sandbox: ContainerSeen,
  seen: readonly ContainerSeen[],
  identity: PodIdentity,
  environment: PodEnvironment,
  now: number,
): VolumesPlan {
  // The first container is made after the volumes are filled, so its being there is proof, also for a new kubelet.
  const isFilled =
    environment.preparedSandboxes.has(sandbox.id) || seen.some((each) => each.labels[SANDBOX_LABEL] === sandbox.id);
  return isFilled ? planUpdates(pod, sandbox, environment) : planFirstFill(pod, sandbox, identity, environment, now);
}

function planFirstFill(
  pod: StoredOf<'Pod'>,
  sandbox: ContainerSeen,
  identity: PodIdentity,
  environment: PodEnvironment,
  now: number,
): VolumesPlan {
  const failure = environment.failures.get(VOLUMES_PART);
  if (failure !== undefined && now < failure.retryAtMs) return volumesWait(fillFailure(pod, failure.message), failure.retryAtMs);
  const blocked = whyVolumesWait(pod, environment) ?? planImages(pod, sandbox, environment);
  if (blocked !== undefined) return blocked;
  const followed = (pod.spec.volumes ?? []).filter(isConfigVolume);
  const unknown = followed.filter(({ name }) => !environment.volumeVersions.has(name));
  if (unknown.length > 0) return { ...nothing, steps: unknown.map(({ name }) => readVersion(sandbox, name)), isReady: false };
  const contents = new Map<string, VolumeContent>();
  for (const volume of followed) {
    const result = volumeContent(pod, volume, environment);
    if (result.ok) contents.set(volume.name, result.content);
  }
  const empty = new Set(followed.flatMap(({ name }) => (isEmpty(environment, name) ? [name] : [])));
  const updates = planUpdates(
    { ...pod, spec: { ...pod.spec, volumes: followed.filter(({ name }) => !empty.has(name)) } },
    sandbox,
    environment,
  );
  const fill = firstFill(pod, sandbox.id, identity, contents, empty, environment);
  const steps = [...updates.steps, ...(fill === undefined ? [] : [fill])];
  return steps.length === 0 ? nothing : { ...nothing, steps, isReady: false };
}

/** The kubelet's words; volumes are filled together, so nothing tells which of them it was. */
function fillFailure({ spec }: StoredOf<'Pod'>, why: string): string {
  const names = (spec.volumes ?? []).map(({ name }) => name).join(' ');
  return `Unable to attach or mount volumes: unmounted volumes=[${names}]: ${why}`;
}

function isEmpty({ volumeVersions }: PodEnvironment, volume: string): boolean {
  const held = volumeVersions.get(volume);
  return held !== undefined && held.version === '' && held.names.length + held.leftovers.length === 0;
}

function readVersion({ id }: ContainerSeen, volume: string): PodStep {
  return { type: 'read-volume-version', sandboxId: id, volume };
}

/** Images that are volumes, pulled as those of containers are; undefined when all are there. */
function planImages(pod: StoredOf<'Pod'>, sandbox: ContainerSeen, environment: PodEnvironment): VolumesPlan | undefined {
  for (const { name, image } of pod.spec.volumes ?? []) {
    if (image === undefined) continue;
    const { reference, pullPolicy: imagePullPolicy } = image;
    const policy = pullPolicy({ image: reference, ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }) });
    const wish = `${pod.metadata.uid}/${VOLUMES_PART}/${name}/${sandbox.labels[ATTEMPT_LABEL] ?? ''}`;
    const progress = environment.images.get(wish);
    if (progress === undefined) {
      const { credentials, problems } = pullCredentials(pod, reference, environment.secrets);
      const notes = problems.map((message): KeyedNote => {
        return { key: `pull-secret/${message}`, reason: 'FailedToRetrieveImagePullSecret', message, severity: 'Warning' };
      });
      return { steps: [{ type: 'prepare-image', image: reference, policy, wish, credentials }], notes, isReady: false };
    }
    if (progress.state !== 'present') return waitForImage(reference, policy, progress, wish);
  }
  return undefined;
}

function waitForImage(
  reference: string,
  policy: PullPolicy,
  progress: Exclude<ImageProgress, { state: 'present' }>,
  wish: string,
): VolumesPlan {
  const waits = { ...nothing, isReady: false, isWaitingForImage: true };
  if (progress.state === 'pulling') {
    const message = `Pulling image "${reference}"`;
    const notes: KeyedNote[] = progress.isDownloading
      ? [{ key: `${wish}/pulling`, reason: 'Pulling', message, severity: 'Normal' }]
      : [];
    return { ...waits, notes, waiting: { reason: 'ContainerCreating', message: progress.isDownloading ? message : '' } };
  }
  const reason = policy === 'Never' ? 'ErrImageNeverPull' : progress.failures > 1 ? 'ImagePullBackOff' : 'ErrImagePull';
  const message = reason === 'ImagePullBackOff' ? `Back-off pulling image "${reference}": ${progress.message}` : progress.message;
  const told = `Failed to pull image "${reference}": ${progress.message}`;
  return {
    ...waits,
    notes: [{ key: `${wish}/${progress.failures}`, reason: 'Failed', message: told, severity: 'Warning' }],
    waiting: { reason, message },
    checkAtMs: progress.retryAtMs,
  };
}

/** Containers that are made in this round would mount a part of what is about to go: they wait for the next. */
function planUpdates(pod: StoredOf<'Pod'>, sandbox: ContainerSeen, environment: PodEnvironment): VolumesPlan {
  const steps: PodStep[] = [];
  const notes: KeyedNote[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    if (!isConfigVolume(volume)) continue;
    const result = volumeContent(pod, volume, environment);
    // A ConfigMap that went away takes nothing from a pod that runs: the old content stays.
    if (!result.ok)
      notes.push({ key: `mount/${result.message}`, reason: 'FailedMount', message: result.message, severity: 'Warning' });
    else {
      const step = planUpdate(volume.name, sandbox, result.content, environment);
      if (step !== undefined) steps.push(step);
    }
  }
  return { steps, notes, isReady: steps.length === 0 };
}

function planUpdate(
  volume: string,
  sandbox: ContainerSeen,
  content: VolumeContent,
  { volumeVersions }: PodEnvironment,
): PodStep | undefined {
  const held = volumeVersions.get(volume);
  if (held === undefined) return readVersion(sandbox, volume);
  return holds(held, content) ? undefined : { type: 'update-volume', sandboxId: sandbox.id, volume, held, content };
}
