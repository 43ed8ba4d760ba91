// The files of a repository at one commit, as rendering asks for them. A port: the room reads nothing itself.

/** A file; its bytes are read when they are asked for. Equal `blobId`, equal bytes. */
export interface TreeFile {
  /** Where the bytes are: for a symbolic link, the path of its target. */
  readonly path: string;
  readonly blobId: string;
  /** Absent where it is not known before the file is read. */
  readonly sizeBytes?: number;
  read(): Promise<Uint8Array>;
}

/** What a path leads to. A symbolic link that stays inside the repository leads where its target does. */
export type TreeEntry =
  | { readonly type: 'file'; readonly file: TreeFile }
  /** `path` is where its files are: for a symbolic link, the path of its target. */
  | { readonly type: 'folder'; readonly path?: string }
  /** A link that leaves the repository, or that leads round in a circle: why it is not followed. */
  | { readonly type: 'refused'; readonly message: string };

/**
 * Paths have forward slashes, no `.` and no `..`; the root is ''. Rejects when the source fails (that is not the user's mistake);
 * what is not there is `undefined`.
 */
export interface FileTree {
  entry(path: string): Promise<TreeEntry | undefined>;
  /** Paths of all files below a folder, sorted; links to files are among them, links to folders are not followed. */
  filesBelow(folder: string): Promise<readonly string[]>;
}

/** A folder of another repository that a kustomization names, at a pinned revision. */
export interface RemoteBase {
  /** As git takes it, without the query that kustomize adds. */
  readonly url: string;
  /** Tag, branch or commit. */
  readonly ref: string;
  /** The folder in that repository, '' for its root. */
  readonly folder: string;
}

/** A base that the user has to mend: no such repository, revision or folder, or an address that is not allowed. */
export class RemoteBaseFault extends Error {
  readonly code = 'REMOTE_BASE_FAULT';
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'RemoteBaseFault';
  }
}

/**
 * Fetches a repository that a kustomization names. Rejects with a RemoteBaseFault, whose message is the problem to tell; with anything else
 * when it may come right by itself, such as a server that does not answer, and then the whole load fails.
 */
export type RemoteTrees = (base: RemoteBase) => Promise<FileTree>;
