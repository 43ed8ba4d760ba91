// What the kubelet remembers of a pod beside its containers, as planning sees it: plain data. All of it may be lost at any time; planning then
// does a harmless step again.

/** The end of a container that was begun. Times are epoch milliseconds, and move along when somebody sets the clock. */
export interface StopState {
  readonly beganAtMs: number;
  /** The grace that it has, and when that is over. */
  readonly graceMs: number;
  readonly deadlineMs: number;
  /** When it was asked to stop, and when it was last killed. */
  readonly termAtMs?: number;
  readonly killAtMs?: number;
  /** Whether it is started again whatever its restart policy makes of the exit code. */
  readonly restart: boolean;
  /** Whether the restart counts towards the back-off: a failed probe does, a changed definition or a lost sandbox does not. */
  readonly isCrash: boolean;
}

export type HookKind = 'postStart' | 'preStop';

/** How far a hook is. */
export interface HookState {
  readonly state: 'running' | 'done' | 'failed';
  /** Why it failed; empty otherwise. */
  readonly message: string;
}

/** The hooks of one run of a container. */
export type HookStates = { readonly [K in HookKind]?: HookState };

/** What is remembered of a pod; the maps are by container id. */
export interface Remembered {
  readonly stops: ReadonlyMap<string, StopState>;
  readonly hooks: ReadonlyMap<string, HookStates>;
  /** When each running container was first seen to run, by this machine's clock. */
  readonly starts: ReadonlyMap<string, number>;
  /** When each container that has ended was first seen so, by this machine's clock. */
  readonly endings: ReadonlyMap<string, number>;
  /** Containers that this process made, and so knows all about; absent when that is not to be told apart. */
  readonly made?: ReadonlySet<string>;
  /** What ended containers left as their last words; an empty text when they left none. */
  readonly lastWords: ReadonlyMap<string, string>;
  /** Since when the pod is active (its startTime), by this machine's clock; absent before that was reported. */
  readonly activeSinceMs?: number;
}
