// What a server must be able to do. One implementation speaks http itself, the other has the git program speak ssh.
import type { NewObject } from './path-revert.ts';

/** A ref as the server lists it. */
export interface RemoteRef {
  readonly ref: string;
  readonly id: string;
  /** For an annotated tag: the commit behind it. */
  readonly peeledId?: string;
  /** For a symbolic ref such as HEAD: the ref it points at. */
  readonly target?: string;
}

/** What to bring. */
export interface Wanted {
  readonly commitId: string;
  /** A ref that had this commit when it was listed, if any. */
  readonly ref: string | undefined;
  /** Commits that are here with all their history. */
  readonly haves: readonly string[];
}

/** A ref that is to move, and what the server does not have yet. */
export interface RefUpdate {
  /** The full name. */
  readonly ref: string;
  /** Where it must be until then; undefined: it must not exist. */
  readonly from: string | undefined;
  /** A commit that is made on `from`, where there is one: nothing is ever taken out of a ref. */
  readonly to: string;
  /** They are in the folder that is given, too. */
  readonly objects: readonly NewObject[];
}

/** A repository on a server. Naked calls: no retries, every one ends with its signal. */
export interface Remote {
  /** The refs whose full names start with `prefix`; `HEAD` names itself. */
  list(prefix: string, signal: AbortSignal): Promise<readonly RemoteRef[]>;
  /**
   * Brings a commit with its history into the bare repository at `gitdir`. All of it arrives or nothing does. The commit may still be missing
   * afterwards, when the server no longer has it.
   */
  fetch(gitdir: string, wanted: Wanted, signal: AbortSignal): Promise<void>;
  /**
   * Moves a ref, if it is still where it was. All of it or nothing; who gets no answer has to list again. Resolves to why the server does not
   * want it, undefined when it is done.
   */
  push(gitdir: string, update: RefUpdate, signal: AbortSignal): Promise<string | undefined>;
}
