// Opens the repository that the options of a command name.
import { type ReconcileOptions } from '../cli/parts.ts';
import { UsageFault } from '../cli/usage-fault.ts';
import type { Credentials } from '../git/credentials.ts';
import type { Revision } from '../git/revision.ts';
import { type CommitSource, SourceError } from '../sync/commit-source.ts';
import type { Clock } from '../system/clock.ts';
import type { OpenDeclaredSource } from './declared-source.ts';
import { secretAccess } from './source-secret.ts';

/** What proves who we are to the server, and who it is to us. */
export function sourceAccess(options: ReconcileOptions): {
  readonly credentials: Credentials;
  readonly files: { caFile?: string; sshKeyFile?: string; knownHostsFile?: string };
} {
  const { username, password, passwordFile, token, tokenFile, caFile, sshKeyFile, knownHostsFile } = options;
  return {
    credentials: present({ username, password, passwordFile, token, tokenFile }),
    files: present({ caFile, sshKeyFile, knownHostsFile }),
  };
}

/** Which commit of the application was live last, when there was one. */
type LastGood = () => string | undefined;

/** The source that the options follow. Throws UsageFault for options that cannot mean anything. */
export async function openSource(
  options: ReconcileOptions,
  clock: Clock,
  lastGood: LastGood = () => undefined,
): Promise<CommitSource> {
  return await openRevision(options, revisionOf(options), clock, lastGood);
}

/** The same repository at another revision; undefined: the one that it stands at by itself. Throws UsageFault. */
export async function openRevision(
  options: ReconcileOptions,
  revision: Revision | undefined,
  clock: Clock,
  lastGood: LastGood = () => undefined,
): Promise<CommitSource> {
  const { createCommitSource } = await import('../git/commit-source.ts');
  const { gitCachePath } = await import('../installation/data-folder.ts');
  const { repo, path, workingTree, dataDir } = options;
  const { credentials, files } = sourceAccess(options);
  const trust =
    options.verify === undefined ? undefined : await (await import('../surroundings/trust-files.ts')).trustOf(options, lastGood);
  try {
    return createCommitSource({
      repo,
      revision,
      path,
      workingTree,
      cacheDir: gitCachePath(dataDir),
      clock,
      credentials,
      ...files,
      ...(trust === undefined ? {} : { trust }),
    });
  } catch (error) {
    if (error instanceof SourceError) throw new UsageFault(error.message, { cause: error });
    throw error;
  }
}

/** Opens sources of applications that others declare. What the command line says of its own repository is said to no other one. */
export async function declaredSources(options: ReconcileOptions, clock: Clock): Promise<OpenDeclaredSource> {
  const { createCommitSource } = await import('../git/commit-source.ts');
  const { gitCachePath } = await import('../installation/data-folder.ts');
  const { caFile, knownHostsFile } = sourceAccess(options).files;
  const { SharedObjects } = await import('../git/shared-objects.ts');
  // Most of them are folders of one repository.
  const shared = new SharedObjects();
  const root = revisionOf(options);
  const none = (): undefined => undefined;
  // Who has to have signed what the command line names has to have signed what that declares.
  const keys =
    options.verify === undefined ? undefined : await (await import('../surroundings/trust-files.ts')).trustOf(options, none);
  return ({ repository, revision, path, secret, verify, lastGood = none }) => {
    const own =
      verify === undefined ? keys : { mode: verify.mode, readKeys: async () => verify.keys, place: 'the Secret of spec.verify' };
    const trust = own === undefined ? {} : { trust: { ...own, lastGood } };
    const common = {
      path,
      cacheDir: gitCachePath(options.dataDir),
      clock,
      shared,
      revision: revision === 'same' ? root : revision,
      ...trust,
    };
    if (repository === undefined) {
      const { credentials, files } = sourceAccess(options);
      // Files on disk are at no other revision.
      const workingTree = options.workingTree && revision === 'same';
      return createCommitSource({ ...common, repo: options.repo, workingTree, credentials, ...files });
    }
    if (/^file:/i.test(repository) && !isLocal(options.repo)) throw new SourceError('Misconfigured', FOREIGN_FILES);
    const access = secret === undefined ? {} : secretAccess(secret, options.dataDir);
    return createCommitSource({
      ...common,
      repo: repository,
      workingTree: false,
      ...present({ caFile, knownHostsFile }),
      ...access,
    });
  };
}

const FOREIGN_FILES =
  'a repository of the machine on which Holdfast runs is followed only where the command line names one there too';

const isLocal = (repo: string): boolean => /^file:/i.test(repo) || (!repo.includes('://') && !/^[^/]+:/.test(repo));

/** What the command line says of what is followed. */
export function revisionOf({ branch, tag, commit }: ReconcileOptions): Revision | undefined {
  const named = Object.entries({ branch, tag, commit }).find(([, name]) => name !== undefined);
  return named?.[1] === undefined ? undefined : { type: named[0] as Revision['type'], name: named[1] };
}

/** Without the entries that are undefined. */
function present<T extends Record<string, string | undefined>>(entries: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: string };
}
