// A lane is one sort of thing that a node's data plane holds: fragments, the Ingress configuration, the way to other nodes. Each knows what
// the container holds of it, and sends what differs.
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import type { NodeNetwork } from '../node-network.ts';

/** What a lane works with in one pass. */
export interface LanePass {
  readonly store: StoreReader;
  readonly node: NodeNetwork;
  /** Runs a script in the network container and yields its output. Rejects with ScriptFailed, NodeContainerError or DeadlineExceeded. */
  readonly run: (what: string, script: string) => Promise<string>;
}

/** One sort of thing. Its calls come one at a time, except `take` and `reset`, which come between. */
export interface Lane {
  readonly name: string;
  /** Whether pods cannot do without: as long as it fails, a new container is not ready. */
  readonly isEssential: boolean;
  /** Begins anew with what the store holds. */
  reset(store: StoreReader): void;
  /** Takes one change of the store in; yields whether there may be something to send. */
  take(event: WatchEvent, store: StoreReader): boolean;
  /** What the container holds is not known: it was made anew, or a script broke off. */
  forget(): void;
  /** Sends what differs. When it rejects, what was not sent is sent by the next call. */
  apply(pass: LanePass): Promise<{ readonly checkAgainAfterMs?: number } | void>;
}

/** A script came to its end, and said no. */
export class ScriptFailed extends Error {
  readonly code = 'SCRIPT_FAILED';
  readonly exitCode: number;
  readonly output: string;
  constructor(what: string, exitCode: number, output: string) {
    super(`could not ${what} (exit code ${exitCode}): ${output.trim()}`);
    this.name = 'ScriptFailed';
    this.exitCode = exitCode;
    this.output = output;
  }
}
