// The next step of one container of a pod whose sandbox runs. Pure.
import type { Container, StoredOf } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { ImageProgress, PodEnvironment } from '../environment.ts';
import type { PullPolicy } from '../images/images.ts';
import { pullCredentials } from '../images/pull-secrets.ts';
import { askedPod } from '../probes/request.ts';
import { containerSpec, type NextRun } from '../spec/container-spec.ts';
import { unenforcedLimit } from '../spec/resources.ts';
import type { Waiting } from '../status/judged.ts';
import { podAddress } from '../status/pod-status.ts';
import { endContainer, graceMs, together } from './end-container.ts';
import { imageNameFault } from './image-name.ts';
import type { JudgedRun } from './plan-order.ts';
import { SETTLE_MS } from './plan-stop.ts';
import type { ContainerHistory, PodView } from './pod-view.ts';
import { isEffective } from './post-start.ts';
import type { RunDecision, StopDecision } from './restart.ts';
import { isAlive } from './runs.ts';
import type { KeyedNote, PodStep } from './steps.ts';

/** Runs of a container that are kept: the present one and the one before, for `logs --previous`. */
const KEPT_RUNS = 2;

/** What one container asks for. */
export interface ContainerStepPlan {
  readonly steps: readonly PodStep[];
  readonly notes: readonly KeyedNote[];
  readonly waiting?: Waiting;
  /** Epoch milliseconds. */
  readonly checkAtMs?: number;
  readonly isWaitingForImage?: boolean;
}

/** When an image is pulled if the container does not say: always for tag `latest` or none (Kubernetes, "Images"). */
export function pullPolicy(container: Pick<Container, 'image' | 'imagePullPolicy'>): PullPolicy {
  if (container.imagePullPolicy !== undefined) return container.imagePullPolicy;
  const { image } = container;
  if (image.includes('@')) return 'IfNotPresent';
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

/** Names the wish for an image: for policy Always, one pull per run. */
function imageWish(pod: StoredOf<'Pod'>, container: Container, run: NextRun): string {
  return `${pod.metadata.uid}/${container.name}/${run.attempt}`;
}

/** Removes the runs that nobody needs any more. */
export function planOldRuns(history: ContainerHistory): readonly PodStep[] {
  return [...history.runs, ...history.remains]
    .slice(KEPT_RUNS)
    .filter((run) => run.state !== 'removing')
    .map((run) => ({ type: 'remove', id: run.id }));
}

const NOTHING: ContainerStepPlan = { steps: [], notes: [] };

/** The next step of a container. `sandbox` is the running sandbox, absent when there is none yet: then only what must end is planned. */
export function planContainer(view: PodView, judged: JudgedRun, sandbox: ContainerSeen | undefined): ContainerStepPlan {
  const { history, decision, isBlocked } = judged;
  const latest = history.runs[0];
  // An older run that lives beside the newest one would be a second container for one slot: first it goes.
  if (history.runs.slice(1).some(isAlive)) return planDoubled(view, history);
  switch (decision.next) {
    case 'keep':
    case 'finished':
      break;
    case 'settle':
      return { ...NOTHING, checkAtMs: view.now + SETTLE_MS };
    case 'stop':
      return latest === undefined ? NOTHING : planStop(view, history, latest, decision, sandbox);
    case 'discard':
      return { steps: latest === undefined ? [] : [{ type: 'remove', id: latest.id }], notes: [] };
    case 'post-start':
      return latest === undefined ? NOTHING : planPostStart(view, history, latest, sandbox);
    case 'back-off':
    case 'start':
    case 'create':
      return isBlocked ? NOTHING : planRun(view, history, decision, sandbox);
  }
  return NOTHING;
}

/** What makes a container run, one step at a time. */
function planRun(
  view: PodView,
  history: ContainerHistory,
  decision: Extract<RunDecision, { next: 'back-off' | 'start' | 'create' }>,
  sandbox: ContainerSeen | undefined,
): ContainerStepPlan {
  const { pod, environment, now } = view;
  const latest = history.runs[0];
  if (decision.next === 'back-off') return planBackOff(pod, history.container, decision.untilMs, decision.delayMs, latest);
  if (sandbox === undefined) return NOTHING;
  if (decision.next === 'create') return planCreate(pod, history, decision.run, sandbox, environment, now);
  return latest === undefined ? NOTHING : planStart(history.container, latest, environment, now);
}

function planDoubled({ environment, now }: PodView, { container, runs }: ContainerHistory): ContainerStepPlan {
  const message = `Container ${container.name} runs twice; the older one goes`;
  const note = { reason: 'Killing', message, severity: 'Warning' as const };
  const order = { note, graceMs: 0, restart: false, isCrash: false, isTurn: true, podIP: '' };
  const endings = runs
    .slice(1)
    .filter(isAlive)
    .map((run) => endContainer(run, order, environment, now));
  return { notes: [], ...together(endings) };
}

function planStop(
  view: PodView,
  { container }: ContainerHistory,
  run: ContainerSeen,
  { message, restart, isCrash, graceSeconds }: StopDecision,
  sandbox: ContainerSeen | undefined,
): ContainerStepPlan {
  const { pod, environment, now } = view;
  const order = {
    note: { reason: 'Killing', message, severity: 'Normal' as const },
    // Whoever began this end has given it its grace; a later look at the pod gives no other.
    ...(environment.stops.has(run.id) ? {} : { graceMs: graceSeconds === undefined ? graceMs(pod) : graceSeconds * 1000 }),
    restart,
    isCrash,
    isTurn: true,
    container,
    podIP: podAddress(view, sandbox) || (pod.status?.podIP ?? ''),
    isOnHostNetwork: pod.spec.hostNetwork === true,
  };
  return { notes: [], ...endContainer(run, order, environment, now) };
}

/** Begins the hook; while it runs there is nothing to do. */
function planPostStart(
  view: PodView,
  { container }: ContainerHistory,
  run: ContainerSeen,
  sandbox: ContainerSeen | undefined,
): ContainerStepPlan {
  const handler = container.lifecycle?.postStart;
  if (!isEffective(handler) || view.environment.hooks.get(run.id)?.postStart !== undefined || sandbox === undefined)
    return NOTHING;
  const podIP = podAddress(view, sandbox);
  const pod = askedPod(run, view.pod.spec.hostNetwork === true);
  return { steps: [{ type: 'run-hook', id: run.id, hook: 'postStart', container, handler, podIP, pod }], notes: [] };
}

function planBackOff(
  pod: StoredOf<'Pod'>,
  container: Container,
  untilMs: number,
  delayMs: number,
  latest: ContainerSeen | undefined,
): ContainerStepPlan {
  const { name, namespace = 'default', uid } = pod.metadata;
  const where = `container=${container.name} pod=${name}_${namespace}(${uid})`;
  return {
    steps: [],
    notes: [
      {
        key: `back-off/${latest?.id ?? container.name}`,
        reason: 'BackOff',
        message: `Back-off restarting failed container ${container.name} in pod ${name}_${namespace}(${uid})`,
        severity: 'Warning',
      },
    ],
    waiting: { reason: 'CrashLoopBackOff', message: `back-off ${backOffText(delayMs)} restarting failed ${where}` },
    checkAtMs: untilMs,
  };
}

/** A duration as Kubernetes writes it: 10s, 1m20s, 5m0s. */
function backOffText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

function planStart(container: Container, latest: ContainerSeen, environment: PodEnvironment, now: number): ContainerStepPlan {
  const failed = waitAfterFailure(container, environment, now);
  if (failed !== undefined) return failed;
  const note = { reason: 'Started', message: `Started container ${container.name}`, severity: 'Normal' as const };
  return { steps: [{ type: 'start-container', container: container.name, id: latest.id, note }], notes: [] };
}

/** A step of this container failed, and it is not time to try again. */
function waitAfterFailure(container: Container, environment: PodEnvironment, now: number): ContainerStepPlan | undefined {
  const failure = environment.failures.get(container.name);
  if (failure === undefined || now >= failure.retryAtMs) return undefined;
  const { reason, message } = failure;
  return {
    steps: [],
    notes: [{ key: `failed/${container.name}/${message}`, reason: 'Failed', message: `Error: ${message}`, severity: 'Warning' }],
    waiting: { reason, message },
    checkAtMs: failure.retryAtMs,
  };
}

/** Why a container is made once more; nothing for the first time. */
function whyAgain({ attempt }: NextRun, before: ContainerSeen | undefined): string {
  if (attempt === 0) return '';
  if (before === undefined) return ` (restart ${attempt}: the one before was removed by hand)`;
  const how = before.isOomKilled ? ', out of memory' : before.error === '' ? '' : `, ${before.error}`;
  return ` (restart ${attempt}: the one before ended with exit code ${before.exitCode}${how})`;
}

function planCreate(
  pod: StoredOf<'Pod'>,
  { container, runs: [before] }: ContainerHistory,
  run: NextRun,
  sandbox: ContainerSeen,
  environment: PodEnvironment,
  now: number,
): ContainerStepPlan {
  const failed = waitAfterFailure(container, environment, now);
  if (failed !== undefined) return failed;
  const fault = imageNameFault(container.image);
  if (fault !== undefined) {
    const note: KeyedNote = {
      key: `image-name/${container.image}`,
      reason: 'InspectFailed',
      message: fault,
      severity: 'Warning',
    };
    return { steps: [], notes: [note], waiting: { reason: 'InvalidImageName', message: fault } };
  }
  const policy = pullPolicy(container);
  const wish = imageWish(pod, container, run);
  const image = environment.images.get(wish);
  if (image === undefined) return askForImage(pod, container, policy, wish, environment);
  if (image.state !== 'present') return waitForImage(container, policy, image, run);
  const result = containerSpec(pod, container, sandbox, run, environment, image.image);
  if (!result.ok) {
    const { message } = result;
    return {
      steps: [],
      notes: [
        { key: `config/${container.name}/${message}`, reason: 'Failed', message: `Error: ${message}`, severity: 'Warning' },
      ],
      waiting: { reason: 'CreateContainerConfigError', message },
    };
  }
  const message = `Created container ${container.name}${whyAgain(run, before)}${unenforcedLimit(container, environment.node)}`;
  const note = { reason: 'Created', message, severity: 'Normal' as const };
  const { spec, subPaths, terminationFiles, notes = [] } = result;
  const needed = {
    ...(subPaths === undefined ? {} : { subPaths }),
    ...(terminationFiles === undefined ? {} : { terminationFiles }),
  };
  return { steps: [{ type: 'create-container', container: container.name, spec, ...needed, note }], notes };
}

function askForImage(
  pod: StoredOf<'Pod'>,
  container: Container,
  policy: PullPolicy,
  wish: string,
  { secrets }: PodEnvironment,
): ContainerStepPlan {
  const { credentials, problems } = pullCredentials(pod, container.image, secrets);
  const notes = problems.map((message): KeyedNote => {
    return { key: `pull-secret/${message}`, reason: 'FailedToRetrieveImagePullSecret', message, severity: 'Warning' };
  });
  return { steps: [{ type: 'prepare-image', image: container.image, policy, wish, credentials }], notes };
}

function waitForImage(
  container: Container,
  policy: PullPolicy,
  image: Exclude<ImageProgress, { state: 'present' }>,
  run: NextRun,
): ContainerStepPlan {
  const key = `image/${container.name}/${run.attempt}`;
  if (image.state === 'pulling') {
    const message = `Pulling image "${container.image}"`;
    return {
      steps: [],
      notes: image.isDownloading ? [{ key: `${key}/pulling`, reason: 'Pulling', message, severity: 'Normal' }] : [],
      waiting: { reason: 'ContainerCreating', message: image.isDownloading ? message : '' },
      isWaitingForImage: true,
    };
  }
  const reason = policy === 'Never' ? 'ErrImageNeverPull' : image.failures > 1 ? 'ImagePullBackOff' : 'ErrImagePull';
  const message = reason === 'ImagePullBackOff' ? `Back-off pulling image "${container.image}": ${image.message}` : image.message;
  return {
    steps: [],
    notes: [
      {
        key: `${key}/${image.failures}`,
        reason: 'Failed',
        message: `Failed to pull image "${container.image}": ${image.message}`,
        severity: 'Warning',
      },
    ],
    waiting: { reason, message },
    checkAtMs: image.retryAtMs,
    isWaitingForImage: true,
  };
}
