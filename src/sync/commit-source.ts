// Where commits come from. Declared here, implemented by the git room.
import { FaultError } from '../system/fault-error.ts';

/** A commit, as people know it. */
export interface Commit {
  /** The full hash; for uncommitted files `worktree-` and a hash of their content. */
  readonly id: string;
  readonly subject: string;
  /** Name and, in angle brackets, address. */
  readonly author: string;
  /** RFC 3339. */
  readonly time: string;
  /** The whole message: trailers are read from it. */
  readonly message: string;
}

/** One file of the repository. */
export interface RepositoryFile {
  /** Path in the repository, with forward slashes. */
  readonly path: string;
  /** Equal ids mean equal bytes: what was parsed once need not be parsed again. */
  readonly blobId: string;
  /** Absent where it is not known before the file is read. */
  readonly sizeBytes?: number;
  /** Symbolic links are listed, not followed; `read` then yields the target path. What is in a submodule is not there. */
  readonly type: 'file' | 'symlink' | 'submodule';
  read(): Promise<Uint8Array>;
}

/** One file below the application's path. */
export interface SourceFile extends RepositoryFile {
  readonly sizeBytes: number;
  readonly type: 'file' | 'symlink';
}

/** A commit and its files. */
export interface Snapshot {
  readonly commit: Commit;
  readonly files: readonly SourceFile[];
  /**
   * The files below any folder of the same repository at the same commit, '' for all of them: bases that the path refers to. Costs what is
   * listed, and reads no contents. What is no folder is listed alone: the file itself, or the link, file or submodule that is in the way
   * there. Empty when there is nothing.
   */
  readonly filesBelow?: (folder: string, signal: AbortSignal) => Promise<readonly RepositoryFile[]>;
  /** Why nothing of the commit may be read: it is not signed by anybody who may sign. Then there are no files. */
  readonly refusal?: string;
}

/** Closed list of what can be wrong with a source. */
export type SourceFault =
  | 'Unreachable'
  | 'AuthenticationFailed'
  | 'RepositoryNotFound'
  | 'RevisionNotFound'
  | 'PathNotFound'
  | 'HostKeyRejected'
  | 'CertificateRejected'
  | 'Corrupt'
  | 'TimedOut'
  | 'ToolMissing'
  | 'Misconfigured';

/** The source could not be read. The message is for people, never contains credentials, and says what to do where that is known. */
export class SourceError extends FaultError<SourceFault> {
  override readonly name = 'SourceError';
  readonly code = 'SOURCE_ERROR';
}

/** Reads commits. Naked calls: no retries inside, every call ends when its signal is aborted. Throws SourceError. */
export interface CommitSource {
  /** The repository for people, without credentials. */
  readonly description: string;
  /** The revision that is followed, for people: `branch main`, `tag v1`, `commit 1a2b3c4`, `working tree`. */
  readonly revision: string;
  /** Where the source points now. An unchanged remote costs one ref listing. */
  head(signal: AbortSignal): Promise<string>;
  /** The commit and its files below the application's path. Complete or an error: never half a fetch. */
  snapshot(commitId: string, signal: AbortSignal): Promise<Snapshot>;
  /** The commits that a commit was made on, first the one that it followed. Only where history is at hand: a repository on this machine. */
  parents?(commitId: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Yields whenever the source may have moved before the next poll. May never yield. Ends with the signal. */
  changes(signal: AbortSignal): AsyncIterable<void>;
  /** Stops watching and releases files. */
  close(): Promise<void>;
}
