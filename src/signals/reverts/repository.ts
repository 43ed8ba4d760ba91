// The port through which a repository is told to go back.

/** A commit that is to be made. The same wish makes the same commit. */
export interface WantedRevert {
  /** The commit that it is made on. */
  readonly onto: string;
  /** The commit whose folder it brings back. */
  readonly good: string;
  /** `seconds`: epoch. */
  readonly by: { readonly name: string; readonly email: string; readonly seconds: number };
  readonly message: string;
}

/** A commit, as it stands in the history. */
export interface HistoryCommit {
  readonly id: string;
  readonly message: string;
}

/** Where branches stand. */
export interface Heads {
  /** The branch that is followed, and its commit. */
  readonly branch: string;
  readonly head: string;
  /** The commit of the other branch that was asked for, if there is one. */
  readonly other?: string;
}

/**
 * The repository of an application on a server, and the folder of it. Naked calls: no retries, every one ends with its signal, and says in
 * words for people what is wrong.
 */
export interface RevertRepository {
  heads(other: string | undefined, signal: AbortSignal): Promise<Heads>;
  /** From `head` back to `base` by first parents, the newest first, without `base`; undefined when `base` is not there. */
  since(branch: string, head: string, base: string, signal: AbortSignal): Promise<readonly HistoryCommit[] | undefined>;
  /** Makes the commit here; undefined when it would change nothing. */
  make(branch: string, wanted: WantedRevert, signal: AbortSignal): Promise<string | undefined>;
  /** Puts it on a branch that is where it is said to be, and nowhere else. Resolves to why the server does not want it. */
  push(branch: string, from: string | undefined, commitId: string, signal: AbortSignal): Promise<string | undefined>;
}
