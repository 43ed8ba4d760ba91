// What a decision about an application is made from: plain facts, gathered by observe.ts.
import type { UndeleteWish } from '../model/resource.ts';
import type { DeletedRecord } from './deleted/records.ts';
import type { Gate } from './gates/gate.ts';
import type { ObjectHealth } from './health/health.ts';

/** A wish, and what comes of it now. */
export interface JudgedWish {
  readonly wish: UndeleteWish;
  /** What comes back when there is neither a refusal nor anything to wait for. */
  readonly records: readonly DeletedRecord[];
  /** Why nothing comes of it. */
  readonly refusal?: string;
  readonly waitingFor: readonly string[];
  /** When to look again, in epoch milliseconds, if nothing happens before. */
  readonly againAtMs?: number;
}

/** How far the newest commit is, while it is not applied. */
export type CandidateState =
  /** Not known yet: being fetched, rendered, validated. */
  | { readonly state: 'loading' }
  /** The commit itself is wrong. Nothing but another commit helps. */
  | { readonly state: 'invalid'; readonly message: string }
  /** Preflight waits, for pulls or for room. */
  | { readonly state: 'waiting'; readonly waitingFor: readonly string[] }
  /** It may be good, and its time has not come. */
  | { readonly state: 'gated'; readonly gate: Gate }
  /** Preflight says no, as things are. It is asked again later. */
  | {
      readonly state: 'refused';
      readonly message: string;
      /** It is being asked again right now: the answer before is better than the message. */
      readonly isAsking?: boolean;
    }
  | { readonly state: 'ready' };

/** What the objects that should run look like: those of the attempt, of the last good commit while rolling back or at rest. */
export interface TargetState {
  /** Changes of the store that can be made now. */
  readonly changes: number;
  /** Changes that have to wait, and what for. */
  readonly waitsFor: readonly string[];
  readonly unhealthy: readonly ObjectHealth[];
  /** Deletions that can be made now, once everything is healthy. */
  readonly deletions: number;
  /** Deletions that have to wait, and pods that are on their way out. */
  readonly lingering: readonly string[];
}

/** How far the hooks of the attempt's present phase are. */
export interface HooksState {
  /** Something can be written: Jobs to make or to take away, ends to note. */
  readonly isDue: boolean;
  /** Hooks that run or wait for their place. */
  readonly waiting: readonly ObjectHealth[];
  /** What the first that failed says. */
  readonly failed?: string;
}

/** What commits have removed and can be brought back. */
export interface DeletedState {
  /** Somebody wants something back, and it can come now, or there is something to say of it. */
  readonly isWanted: boolean;
  /** What people want back now, and what comes of it. */
  readonly wishes?: readonly JudgedWish[];
  /** Something of it is to be remembered no longer. */
  readonly isOver: boolean;
  /** When the next is to be forgotten or looked at again, in epoch milliseconds. */
  readonly untilMs?: number;
}

export interface Observed {
  /** Where the source points; undefined until it has been read once. */
  readonly head: string | undefined;
  /** The commit at HEAD, unless it is the one that is applied. */
  readonly candidate: CandidateState;
  /** Undefined when nothing was ever applied. */
  readonly target: TargetState | undefined;
  /** Undefined when the attempt has no hooks. */
  readonly hooks?: HooksState | undefined;
  /** Of what commits have removed and can be brought back; undefined when there is nothing. */
  readonly deleted?: DeletedState | undefined;
  /** What keeps new commits waiting, and perhaps more than them. */
  readonly gate?: Gate | undefined;
  /** The quarantined commit is to be tried again now. */
  readonly isRetryDue?: boolean;
  /** A commit that fails stays as it is. */
  readonly isRollbackOff?: boolean;
  /** What differs at rest is reported and left as it is. */
  readonly isDriftLeft?: boolean;
  /** Whether what is reported of pods is of this run of the controller; before that nothing is judged. */
  readonly isObserved: boolean;
}
