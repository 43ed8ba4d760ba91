// The git room reads commits: of a repository on this machine, behind http(s) or behind ssh, or of files that are not committed yet. It implements sync's
// CommitSource and must not do more: it never writes to a repository of the user but a commit that somebody asks for (remote-writer.ts), never tries again by
// itself, and knows nothing of manifests.
import { resolve } from 'node:path';
import { type CommitSource, SourceError } from '../sync/commit-source.ts';
import type { Clock } from '../system/clock.ts';
import { parsePath } from './commit-files.ts';
import type { Credentials } from './credentials.ts';
import { gitBinary } from './git-binary.ts';
import { httpRemote } from './http-remote.ts';
import { LocalSource } from './local-source.ts';
import { type Location, parseLocation } from './location.ts';
import type { Remote } from './remote.ts';
import { RemoteSource } from './remote-source.ts';
import { parseRevision, type Revision } from './revision.ts';
import type { SharedObjects } from './shared-objects.ts';
import { sshRemote } from './ssh-remote.ts';
import { type ObjectSource, type TrustOptions, verifiedSource } from './verified-source.ts';
import { WorkTreeSource } from './work-tree-source.ts';

/** What to follow and how to reach it. */
export interface CommitSourceOptions {
  /** A path, `file://`, `http(s)://`, `ssh://` or `[user@]host:path`. */
  readonly repo: string;
  /** Undefined: the default branch of a server, or what is checked out in a local repository. */
  readonly revision: Revision | undefined;
  /** The application's folder in the repository; '' or `.` for its root. */
  readonly path: string;
  /** Follow the files of a local repository as they are on disk, committed or not. */
  readonly workingTree: boolean;
  /** Where clones are kept, and host keys that were accepted. Made when it does not exist; may be deleted at any time. */
  readonly cacheDir: string;
  readonly clock: Clock;
  /** For http(s); they go before those in the URL. */
  readonly credentials?: Credentials;
  /** PEM file with further authorities for https. */
  readonly caFile?: string;
  readonly sshKeyFile?: string;
  /** When given, only these host keys are accepted; otherwise the first one that a server shows. */
  readonly knownHostsFile?: string;
  /** The git program, by default the one in PATH. */
  readonly gitProgram?: string;
  /** Who has to have signed what is handed out; anybody or nobody when absent. Not with `workingTree`. */
  readonly trust?: TrustOptions;
  /** What other sources of the same repository read too; nobody's when absent. */
  readonly shared?: SharedObjects;
}

/**
 * Builds the source. Nothing is read yet: what is wrong with server or repository shows in `head`. Throws SourceError Misconfigured for
 * arguments that cannot mean anything.
 */
export function createCommitSource(options: CommitSourceOptions): CommitSource {
  const location = parseLocation(options.repo);
  const path = parsePath(options.path);
  const revision = options.revision === undefined ? undefined : parseRevision(options.revision);
  const binary = gitBinary(options.gitProgram);
  const { clock, trust, shared } = options;
  const trusted = (source: ObjectSource): CommitSource => (trust === undefined ? source : verifiedSource(source, trust, clock));
  if (options.workingTree) {
    if (trust !== undefined) throw misconfigured('--working-tree follows files that nobody has signed');
    if (location.kind !== 'local')
      throw misconfigured(`--working-tree needs a repository on this machine, not ${location.description}`);
    if (revision !== undefined) throw misconfigured(`--working-tree follows the files on disk: leave out --${revision.type}`);
    return new WorkTreeSource({ repo: location.path, path, clock });
  }
  if (location.kind === 'local') return trusted(new LocalSource({ repo: location.path, revision, path, binary, clock, shared }));
  const cacheDir = resolve(options.cacheDir);
  const remote = remoteOf(location, options);
  return trusted(new RemoteSource({ remote, url: location.url, revision, path, cacheDir, binary, clock, shared }));
}

/** What is needed to reach a server. */
export type RemoteAccess = Omit<CommitSourceOptions, 'repo' | 'revision' | 'path' | 'workingTree' | 'trust'>;

/** The way to the repository of a server. */
export function remoteOf(location: Exclude<Location, { kind: 'local' }>, options: RemoteAccess): Remote {
  const binary = gitBinary(options.gitProgram);
  if (location.kind === 'ssh') {
    const [keyFile, knownHostsFile] = [options.sshKeyFile, options.knownHostsFile].map((path) =>
      path === undefined ? undefined : resolve(path),
    );
    return sshRemote({ url: location.url, binary, keyFile, knownHostsFile, cacheDir: resolve(options.cacheDir) });
  }
  const { username, password } = location;
  const urlCredentials = { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
  return httpRemote({
    url: location.url,
    credentials: options.credentials ?? {},
    urlCredentials,
    caFile: options.caFile,
    binary,
  });
}

const misconfigured = (message: string): SourceError => new SourceError('Misconfigured', message);
