// How a commit ended: the one object that `--output json` prints.
import type { Problem } from '../manifests/problem.ts';

/** One object that was, or would be, changed. */
export interface OutcomeAction {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `run`: the Job of a hook. */
  readonly action: 'create' | 'update' | 'recreate' | 'delete' | 'run';
  /** What it means for what runs: `in-place`, `rolling update`, `restart`… */
  readonly effect: string;
  readonly reason: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  /** Absent for wave 0. */
  readonly wave?: number;
  /** What differs. Values of Secrets are never shown. */
  readonly fields: readonly {
    readonly path: string;
    readonly old?: unknown;
    readonly new?: unknown;
    /** Where the new value is written. */
    readonly file?: string;
    readonly line?: number;
  }[];
  /** Why there is a moment in which nothing of it runs, and cannot but be; absent when there is none. */
  readonly downtime?: string;
}

export interface Outcome {
  readonly application: string;
  readonly commit: { readonly id: string; readonly subject: string; readonly author: string } | undefined;
  /**
   * `held`: its time has not come; see gates/gate.ts. Only who waits for a controller hears of `superseded`: a newer commit took its place; and of
   * `pending`: nobody waits any longer, and it is not known yet how it ends.
   */
  readonly outcome: 'live' | 'invalid' | 'preflight-failed' | 'rolled-back' | 'failed' | 'held' | 'superseded' | 'pending';
  readonly actions: readonly OutcomeAction[];
  readonly problems: readonly Problem[];
  /** One sentence for people. */
  readonly message: string;
  /** How the applications ended that this one declares, and those that they declare; absent when there are none. */
  readonly applications?: readonly Outcome[];
}

/** Whether an application and all below it are live. */
export function isLive({ outcome, applications = [] }: Outcome): boolean {
  return outcome === 'live' && applications.every(isLive);
}
