// Opens the repository that the options of a command name.
import { type ReconcileOptions, UsageFault } from './cli/parts.ts';
import type { Credentials } from './git/credentials.ts';
import type { Revision } from './git/revision.ts';
import { type CommitSource, SourceError } from './sync/commit-source.ts';
import type { Clock } from './system/clock.ts';

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
  const { branch, tag, commit } = options;
  const named = Object.entries({ branch, tag, commit }).find(([, name]) => name !== undefined);
  const revision = named?.[1] === undefined ? undefined : { type: named[0] as Revision['type'], name: named[1] };
  return await openRevision(options, revision, clock, lastGood);
}

/** The same repository at another revision; undefined: the one that it stands at by itself. Throws UsageFault. */
export async function openRevision(
  options: ReconcileOptions,
  revision: Revision | undefined,
  clock: Clock,
  lastGood: LastGood = () => undefined,
): Promise<CommitSource> {
  const { createCommitSource } = await import('./git/commit-source.ts');
  const { gitCachePath } = await import('./place.ts');
  const { repo, path, workingTree, dataDir } = options;
  const { credentials, files } = sourceAccess(options);
  const trust = options.verify === undefined ? undefined : await (await import('./trust-files.ts')).trustOf(options, lastGood);
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

/** Without the entries that are undefined. */
function present<T extends Record<string, string | undefined>>(entries: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: string };
}
