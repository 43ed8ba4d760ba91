// What the commits of a scenario ask for, as plain data. The manifests that say so are in manifests.ts.

export type Strategy =
  | { readonly type: 'RollingUpdate'; readonly maxSurge: number | string; readonly maxUnavailable: number | string }
  | { readonly type: 'Recreate' };

/** What any pod may have beside its main container. */
export interface PodExtras {
  /** An init container that has to end first. Its image says how. */
  readonly init?: string;
  /** An init container that stays: a native sidecar. */
  readonly hasHelper?: boolean;
  readonly hasStartupProbe?: boolean;
  readonly hasLivenessProbe?: boolean;
  readonly hooks?: readonly ('postStart' | 'preStop')[];
  readonly priority?: string;
  readonly milliCpus?: number;
}

export interface DeploymentWish {
  readonly replicas: number;
  /** How its program behaves is in its name: see SimulatedEngine. */
  readonly image: string;
  readonly strategy: Strategy;
  readonly minReadySeconds: number;
  readonly hasSidecar: boolean;
  readonly probe: 'none' | 'http' | 'exec';
  /** A ConfigMap that it uses. */
  readonly config?: { readonly name: string; readonly as: 'env' | 'volume' };
  readonly claim?: string;
  readonly graceSeconds: number;
  readonly progressDeadlineSeconds: number;
  readonly extras?: PodExtras;
}

/** A pod of its own. */
export interface PodWish {
  readonly image: string;
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
}

/** What workloads other than Deployments have in common. `namespace` is the default one when absent. */
interface WorkloadWish {
  readonly namespace?: string;
  readonly image: string;
  readonly extras: PodExtras;
}

/** What nobody may change of a set once it is there. The name decides it, so that it never changes. */
export interface SetNature {
  readonly isParallel: boolean;
  readonly startOrdinal: number;
  /** The class of its claims: undefined when it has none, empty for the default. */
  readonly claims?: string;
}

export interface StatefulSetWish extends WorkloadWish {
  readonly replicas: number;
  readonly nature: SetNature;
  readonly update: 'RollingUpdate' | 'OnDelete';
  readonly partition: number;
  readonly maxUnavailable: number;
  readonly minReadySeconds: number;
  /** Its claims go with it, and with pods that are too many. Their volumes stay. */
  readonly releasesClaims: boolean;
}

export interface DaemonSetWish extends WorkloadWish {
  readonly maxSurge: 0 | 1;
  readonly update: 'RollingUpdate' | 'OnDelete';
}

export interface ControllerWish extends WorkloadWish {
  readonly replicas: number;
}

export interface JobWish extends WorkloadWish {
  readonly completions: number;
  readonly parallelism: number;
  readonly isIndexed: boolean;
  readonly restartPolicy: 'OnFailure' | 'Never';
  /** For each index, where there are indexes and that is said. */
  readonly isLimitedPerIndex: boolean;
  readonly backoffLimit: number;
  readonly isSuspended: boolean;
  readonly ttlSeconds?: number;
}

export interface CronJobWish extends WorkloadWish {
  readonly policy: 'Allow' | 'Forbid' | 'Replace';
  readonly schedule: string;
  readonly isSuspended: boolean;
}

/** A Job that runs around the commit, in the order that its event says. */
export interface HookWish {
  readonly event: 'pre-sync' | 'sync' | 'post-sync' | 'sync-fail';
  readonly image: string;
  readonly wave: number;
  readonly policy: string;
  readonly backoffLimit: number;
}

/** Rules of the namespace `default`, and what they are about. */
export interface Policies {
  /** Pods that there may be, when there is a quota. */
  readonly quotaPods?: number;
  readonly hasLimits: boolean;
  /** Pods that must stay available, by the app. */
  readonly budgets: Readonly<Record<string, number>>;
}

type Named<T> = Readonly<Record<string, T>>;

/** All that one commit asks for, by name. Names are unique among all workloads. */
export interface Wishes {
  readonly namespaces: readonly string[];
  readonly deployments: Named<DeploymentWish>;
  readonly statefulSets: Named<StatefulSetWish>;
  readonly daemonSets: Named<DaemonSetWish>;
  readonly controllers: Named<ControllerWish>;
  readonly jobs: Named<JobWish>;
  readonly cronJobs: Named<CronJobWish>;
  readonly configMaps: Named<string>;
  readonly claims: readonly string[];
  readonly pods: Named<PodWish>;
  readonly policies: Policies;
  /** Waves of Deployments and ConfigMaps, by name; 0 for all others. */
  readonly waves: Named<number>;
  readonly hooks: Named<HookWish>;
}

export const noWishes: Wishes = {
  namespaces: [],
  deployments: {},
  statefulSets: {},
  daemonSets: {},
  controllers: {},
  jobs: {},
  cronJobs: {},
  configMaps: {},
  claims: [],
  pods: {},
  policies: { hasLimits: false, budgets: {} },
  waves: {},
  hooks: {},
};

/**
 * What becomes of a commit: `good` ones become live; `invalid` and `refused` ones never touch anything; `unhealthy` ones are applied and
 * taken back.
 */
export type CommitClass = 'good' | 'invalid' | 'refused' | 'unhealthy';

export interface SimulatedCommit {
  readonly class: CommitClass;
  readonly wishes: Wishes;
  /** Text by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly about: string;
}

export const SIDECAR_IMAGE = 'side:1';
/** Label of a pod that names its workload, or itself when it has none. */
export const APP_LABEL = 'app';

function imagesOfPod({ image, extras }: { image: string; extras?: PodExtras }): string[] {
  const { init, hasHelper } = extras ?? {};
  return [image, ...(init === undefined ? [] : [init]), ...(hasHelper === true ? [SIDECAR_IMAGE] : [])];
}

/** Workloads other than Deployments, by name. */
export function workloadsOf({ statefulSets, daemonSets, controllers, jobs, cronJobs }: Wishes): Named<WorkloadWish> {
  return { ...statefulSets, ...daemonSets, ...controllers, ...jobs, ...cronJobs };
}

/** Every image that the wishes name. */
export function imagesOf(wishes: Wishes): readonly string[] {
  const { deployments, pods } = wishes;
  const deployed = Object.values(deployments).flatMap((wish) => [
    ...imagesOfPod(wish),
    ...(wish.hasSidecar ? [SIDECAR_IMAGE] : []),
  ]);
  const others = Object.values(workloadsOf(wishes)).flatMap(imagesOfPod);
  const hooks = Object.values(wishes.hooks).map((hook) => hook.image);
  return [...new Set([...deployed, ...others, ...hooks, ...Object.values(pods).map((pod) => pod.image)])];
}

/** Whether pods of a workload may be of an earlier image than its own: nobody replaces them for it, or not all. */
export function mayBeOlder({ statefulSets, daemonSets, controllers }: Wishes, app: string): boolean {
  const set = statefulSets[app];
  return (
    controllers[app] !== undefined ||
    daemonSets[app]?.update === 'OnDelete' ||
    (set !== undefined && (set.update === 'OnDelete' || set.partition > 0))
  );
}

/** Whether containers of an app come and go by the clock, now. */
export function isScheduled({ cronJobs }: Wishes, app: string): boolean {
  return cronJobs[app]?.isSuspended === false;
}

/** One container that runs, as a line: what is not known of it is a star. */
export function containerLine(wishes: Wishes, app: string, container: string, image: string): string {
  if (container === '_sandbox') return `${app} _sandbox`;
  return `${app} ${container} ${mayBeOlder(wishes, app) ? '*' : image}`;
}

function podLines(wishes: Wishes, app: string, pods: number, { image, extras }: { image: string; extras?: PodExtras }): string[] {
  const line = (container: string, its: string): string => containerLine(wishes, app, container, its);
  const lines = [line('_sandbox', ''), line('main', image)];
  // Of an app whose pods may be older, one may lack what the newer ones have.
  if (extras?.hasHelper === true && !mayBeOlder(wishes, app)) lines.push(line('helper', SIDECAR_IMAGE));
  return Array.from({ length: pods }, () => lines).flat();
}

/** Containers that are to run, sorted; a sandbox is the container `_sandbox`. */
export function wishedContainers(wishes: Wishes): readonly string[] {
  const { deployments, pods, statefulSets, daemonSets, controllers } = wishes;
  const each = <W>(named: Named<W>, lines: (name: string, wish: W) => string[]): string[] =>
    Object.entries(named).flatMap(([name, wish]) => lines(name, wish));
  const kept = Object.entries(pods).filter(([, wish]) => wish.restartPolicy === 'Always');
  return [
    ...each(deployments, (name, wish) => [
      ...podLines(wishes, name, wish.replicas, wish),
      ...Array.from({ length: wish.hasSidecar ? wish.replicas : 0 }, () => `${name} side ${SIDECAR_IMAGE}`),
    ]),
    ...each(statefulSets, (name, wish) => podLines(wishes, name, wish.replicas, wish)),
    ...each(controllers, (name, wish) => podLines(wishes, name, wish.replicas, wish)),
    ...each(daemonSets, (name, wish) => podLines(wishes, name, 1, wish)),
    ...kept.flatMap(([name, wish]) => podLines(wishes, name, 1, wish)),
  ].sort();
}
