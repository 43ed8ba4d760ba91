// Bases that kustomizations take from other repositories: fetched like any commit, into the same cache. Only servers are asked, never this
// machine's files, and they see no credentials but those of the application's own host.
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { createCommitSource } from '../git/commit-source.ts';
import type { Credentials } from '../git/credentials.ts';
import { type Location, parseLocation } from '../git/location.ts';
import type { Revision } from '../git/revision.ts';
import { type FileTree, type RemoteBase, RemoteBaseFault, type RemoteTrees } from '../manifests/file-tree.ts';
import { createSnapshotTree } from '../manifests/snapshot-tree.ts';
import { type CommitSource, SourceError, type SourceFault } from '../sync/commit-source.ts';
import type { Clock } from '../system/clock.ts';

/** Repositories kept open at a time. */
const MAX_OPEN = 32;

/** How bases are fetched. */
export interface RemoteTreesOptions {
  /** Where clones are kept; may be deleted at any time. */
  readonly cacheDir: string;
  readonly clock: Clock;
  /** Ends whatever is under way. */
  readonly signal: AbortSignal;
  /** The application's own repository, and what opens it. */
  readonly application?: {
    readonly repo: string;
    readonly credentials: Credentials;
    readonly caFile?: string;
    readonly sshKeyFile?: string;
    readonly knownHostsFile?: string;
  };
  /** A base that cannot be had now is the user's to mend as well: nobody tries again. */
  readonly isEveryFaultFinal: boolean;
}

/** Fetches bases until it is closed. */
export interface OpenRemoteTrees {
  readonly remoteTrees: RemoteTrees;
  readonly close: () => Promise<void>;
}

/** Nothing is fetched before it is asked for. */
export function openRemoteTrees(options: RemoteTreesOptions): OpenRemoteTrees {
  const open = new Map<string, CommitSource>();
  const sourceOf = (location: Location, revision: Revision | undefined, folder: string): CommitSource => {
    const key = JSON.stringify([location, revision, folder]);
    const source = open.get(key) ?? openSource(options, location, revision, folder);
    open.delete(key);
    open.set(key, source);
    for (const [oldest, each] of [...open].slice(0, -MAX_OPEN)) {
      open.delete(oldest);
      void each.close();
    }
    return source;
  };
  return {
    remoteTrees: async (base) => {
      try {
        return await treeOf(base, serverOf(base), options, sourceOf);
      } catch (error) {
        throw judged(error, base, options);
      }
    },
    close: async () => {
      const sources = [...open.values()];
      open.clear();
      for (const source of sources) await source.close();
    },
  };
}

function serverOf({ url }: RemoteBase): Location {
  const location = parseLocation(url);
  if (location.kind !== 'local') return location;
  throw new RemoteBaseFault(`${url} is no server: a base of another repository is fetched from https://… or ssh://…`);
}

type SourceOf = (location: Location, revision: Revision | undefined, folder: string) => CommitSource;

async function treeOf(base: RemoteBase, location: Location, options: RemoteTreesOptions, sourceOf: SourceOf): Promise<FileTree> {
  const { signal } = options;
  const { revision, commitId } = await locate(base, location, options, sourceOf);
  const snapshot = await sourceOf(location, revision, base.folder).snapshot(commitId, signal);
  return createSnapshotTree(snapshot, [base.folder], signal);
}

interface Located {
  readonly revision: Revision | undefined;
  readonly commitId: string;
}

/** Where a ref is. A server that does not answer is no harm when the ref was seen before. */
async function locate(base: RemoteBase, location: Location, options: RemoteTreesOptions, sourceOf: SourceOf): Promise<Located> {
  const note = join(options.cacheDir, 'bases', createHash('sha256').update(`${location.description} ${base.ref}`).digest('hex'));
  let missing: unknown;
  for (const revision of revisionsOf(base.ref)) {
    try {
      const commitId = await sourceOf(location, revision, base.folder).head(options.signal);
      await remember(note, commitId);
      return { revision, commitId };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      const known = isNoAnswer(error) ? (await fs.readFile(note, 'utf8').catch(() => '')).trim() : '';
      if (/^[0-9a-f]{40}$/.test(known)) return { revision: { type: 'commit', name: known }, commitId: known };
      if (error.fault !== 'RevisionNotFound') throw error;
      missing ??= error;
    }
  }
  throw missing;
}

/** A ref may be the name of a tag, of a branch, or a commit, which git tries in this order. */
function revisionsOf(ref: string): readonly (Revision | undefined)[] {
  if (ref === '') return [undefined];
  if (/^[0-9a-f]{40}$/.test(ref)) return [{ type: 'commit', name: ref }];
  if (ref.startsWith('refs/heads/')) return [{ type: 'branch', name: ref }];
  if (ref.startsWith('refs/tags/')) return [{ type: 'tag', name: ref }];
  const named: Revision[] = [
    { type: 'tag', name: ref },
    { type: 'branch', name: ref },
  ];
  return /^[0-9a-f]{7,39}$/.test(ref) ? [...named, { type: 'commit', name: ref }] : named;
}

/** Without the note the next process needs the server; nothing else is lost. */
async function remember(note: string, commitId: string): Promise<void> {
  try {
    await fs.mkdir(join(note, '..'), { recursive: true, mode: 0o700 });
    await fs.writeFile(note, `${commitId}\n`);
  } catch {
    // See above.
  }
}

function openSource(
  { cacheDir, clock, application }: RemoteTreesOptions,
  location: Location,
  revision: Revision | undefined,
  folder: string,
): CommitSource {
  const own = application === undefined ? undefined : ownLocation(application.repo);
  const isSameHost = own !== undefined && hostOf(own) !== undefined && hostOf(own) === hostOf(location);
  const { caFile, knownHostsFile, sshKeyFile, credentials } = application ?? {};
  const repo = location.kind === 'local' ? location.path : location.url;
  return createCommitSource({
    repo,
    revision,
    path: folder,
    workingTree: false,
    cacheDir,
    clock,
    ...(caFile === undefined ? {} : { caFile }),
    ...(knownHostsFile === undefined ? {} : { knownHostsFile }),
    ...(sshKeyFile === undefined || !isSameHost ? {} : { sshKeyFile }),
    ...(isSameHost ? { credentials: { ...credentialsIn(own), ...credentials } } : {}),
  });
}

function ownLocation(repo: string): Location | undefined {
  try {
    return parseLocation(repo);
  } catch {
    return undefined;
  }
}

function credentialsIn(location: Location): Credentials {
  if (location.kind !== 'http') return {};
  const { username, password } = location;
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

/** Protocol, host and port: what is trusted with a password over https is not trusted with it over http. */
function hostOf(location: Location): string | undefined {
  if (location.kind === 'local') return undefined;
  if (location.kind === 'http') return new URL(location.url).origin;
  const host = /^ssh:\/\/(?:[^@/]*@)?([^/]+)/i.exec(location.url)?.[1] ?? /^(?:[^@/]*@)?([^:/]+):/.exec(location.url)?.[1];
  return host === undefined ? undefined : `ssh://${host.replace(/:22$/, '').toLowerCase()}`;
}

const transient: readonly SourceFault[] = ['Unreachable', 'TimedOut', 'Corrupt'];

const isNoAnswer = ({ fault }: SourceError): boolean => fault === 'Unreachable' || fault === 'TimedOut';

/** What may come right by itself fails the load, which is then tried again; the rest is for the user to mend. */
function judged(error: unknown, { url, ref }: RemoteBase, { isEveryFaultFinal }: RemoteTreesOptions): unknown {
  if (!(error instanceof SourceError) || (transient.includes(error.fault) && !isEveryFaultFinal)) return error;
  const at = ref === '' ? '' : ` at ${ref}`;
  const location = ownLocation(url);
  return new RemoteBaseFault(`the base ${location?.description ?? url}${at} cannot be fetched: ${error.message}`, {
    cause: error,
  });
}
