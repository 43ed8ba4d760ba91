// The next step of one container of a pod whose sandbox runs. Pure.
import type { Container, StoredOf } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import type { ImageProgress, PodEnvironment } from '../environment.ts';
import type { Waiting } from '../pod-status.ts';
import { containerSpec, type NextRun } from '../spec/container-spec.ts';
import { unenforcedLimit } from '../spec/resources.ts';
import { endContainer, graceMs, SETTLE_MS } from './plan-stop.ts';
import type { ContainerHistory, RunDecision } from './restart.ts';
import type { KeyedNote, PodStep, PullPolicy } from './steps.ts';

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
export function pullPolicy(container: Container): PullPolicy {
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
  return history.runs
    .slice(KEPT_RUNS)
    .filter((run) => run.state !== 'removing')
    .map((run) => ({ type: 'remove', id: run.id }));
}

/** The next step of a container. `sandbox` is the running sandbox, absent when there is none yet: then only what must end is planned. */
export function planContainer(
  pod: StoredOf<'Pod'>,
  history: ContainerHistory,
  decision: RunDecision,
  sandbox: ContainerSeen | undefined,
  environment: PodEnvironment,
  now: number,
): ContainerStepPlan {
  const { container } = history;
  const latest = history.runs[0];
  switch (decision.next) {
    case 'keep':
    case 'finished':
      return { steps: [], notes: [] };
    case 'settle':
      return { steps: [], notes: [], checkAtMs: now + SETTLE_MS };
    case 'stop': {
      if (latest === undefined) return { steps: [], notes: [] };
      const note = { reason: 'Killing', message: decision.message, severity: 'Normal' as const };
      return { notes: [], ...endContainer(latest, graceMs(pod), note, decision.restart, environment, now) };
    }
    case 'discard':
      return { steps: latest === undefined ? [] : [{ type: 'remove', id: latest.id }], notes: [] };
    case 'back-off':
      return planBackOff(pod, container, decision.untilMs, decision.delayMs, latest);
    case 'start':
      return sandbox === undefined || latest === undefined
        ? { steps: [], notes: [] }
        : planStart(container, latest, environment, now);
    case 'create':
      break;
  }
  return sandbox === undefined ? { steps: [], notes: [] } : planCreate(pod, history, decision.run, sandbox, environment, now);
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
  const policy = pullPolicy(container);
  const wish = imageWish(pod, container, run);
  const image = environment.images.get(wish);
  if (image === undefined) return { steps: [{ type: 'prepare-image', image: container.image, policy, wish }], notes: [] };
  if (image.state !== 'present') return waitForImage(container, policy, image, run);
  const result = containerSpec(pod, container, sandbox, run, environment);
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
  return { steps: [{ type: 'create-container', container: container.name, spec: result.spec, note }], notes: [] };
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
