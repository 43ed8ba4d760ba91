// Which repository goes back after a rollback, with which credentials, and what has to be true of the commit before it is pushed. The credentials of the
// command line go to its own repository alone; a declared application of another one has them in a Secret.
import type { CommitStatusChoices } from '../cli/commit-status-options.ts';
import type { ReconcileOptions } from '../cli/parts.ts';
import { RemoteWriter, type RemoteWriterOptions } from '../git/remote-writer.ts';
import { gitCachePath } from '../installation/data-folder.ts';
import type { LoaderOptions, LoadResult } from '../manifests/load.ts';
import { formatProblem } from '../manifests/problem.ts';
import { canonicalJson } from '../model/hash.ts';
import { type Desired, keyOf, keyString, type StoredOf } from '../model/resource.ts';
import type { RevertPolicy } from '../model/sync-policy.ts';
import type { RevertTarget } from '../signals/reverts/carry-out.ts';
import type { Reverting } from '../signals/reverts/reverter.ts';
import type { RevertWish } from '../signals/reverts/wish.ts';
import { hostOf, placeOf } from '../signals/statuses/place.ts';
import type { FindStatusTarget, StatusTarget } from '../signals/statuses/reporter.ts';
import { sourceOf, textsOf, type WantedSource } from '../sources/declared-source.ts';
import { declaredLoader, manifestLoader } from '../sources/manifest-loader.ts';
import { type SecretAccess, secretAccess } from '../sources/source-secret.ts';
import { revisionOf, sourceAccess } from '../sources/sources.ts';
import type { StoreReader } from '../store/store.ts';
import { applicationOf } from '../sync/applied.ts';
import { SourceError } from '../sync/commit-source.ts';
import { revisionKey } from '../sync/revision.ts';
import type { Clock } from '../system/clock.ts';
import { withDeadline } from '../system/deadline.ts';
import { httpForgeClient } from '../transport/forge-client.ts';
import { type RootRepository, secretTarget, statusTargets } from './commit-statuses.ts';
import { locationFault, revertFault, trustFault } from './revert-fault.ts';

/** Reading the manifests of a commit that is to be pushed. */
const READ_TIMEOUT_MS = 300_000;

type Options = ReconcileOptions & CommitStatusChoices;
type StoredApplication = StoredOf<'Application'>;

/** What is needed beside the options. */
export interface RevertingParts {
  readonly root: RootRepository;
  readonly clock: Clock;
  readonly loading: LoaderOptions;
}

/** Has repositories go back. */
export function reverting(options: Options, parts: RevertingParts): Reverting {
  const { caFile } = options;
  const forgeOf = statusTargets(options, parts.root);
  return {
    client: httpForgeClient(caFile === undefined ? {} : { caFile }),
    targetOf: (application, wish, reader) => {
      try {
        return targetOf({ application, wish, reader, options, forgeOf, ...parts });
      } catch (error) {
        if (error instanceof SourceError) return { fault: error.message };
        throw error;
      }
    },
  };
}

interface Finding extends RevertingParts {
  readonly application: StoredApplication;
  readonly wish: RevertWish;
  readonly reader: StoreReader;
  readonly options: Options;
  readonly forgeOf: FindStatusTarget;
}

/** Throws SourceError. */
function targetOf(finding: Finding): RevertTarget | { readonly fault: string } {
  const { application, wish, reader, options, root, clock } = finding;
  const { name } = application.metadata;
  const isDeclared = applicationOf(application) !== undefined;
  if (!isDeclared && name !== root.name) return { fault: 'nobody follows it any more' };
  const found = isDeclared
    ? sourceOf(application, reader)
    : { wanted: { repository: undefined, revision: 'same' as const, path: application.spec.path } };
  if ('fault' in found) return found;
  const { wanted } = found;
  const revision = wanted.revision === 'same' ? revisionOf(options) : wanted.revision;
  const repo = wanted.repository ?? options.repo;
  const fault =
    wanted.repository === undefined && wanted.revision === 'same'
      ? revertFault(options, wish.policy)
      : (locationFault(repo, revision) ?? trustFault(wanted.verify?.mode ?? options.verify?.mode, wish.policy));
  if (fault !== undefined) return { fault };
  const secret = secretOf(wish.policy, reader);
  if (secret !== undefined && 'fault' in secret) return secret;
  const access = accessTo(wanted, secret?.texts, options);
  const cacheDir = gitCachePath(options.dataDir);
  const writerOptions: RemoteWriterOptions = { repo, revision, path: wanted.path, cacheDir, clock, ...access };
  const writer = new RemoteWriter(writerOptions);
  return {
    repository: writer,
    path: wanted.path
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/'),
    forge: forgeFor(finding, wanted.repository ?? root.repo, secret?.texts),
    difference: (branch, commitId, signal) =>
      withDeadline(
        clock,
        'reading what is to be pushed',
        READ_TIMEOUT_MS,
        (inner) => differenceOf(finding, writer, branch, commitId, inner),
        signal,
      ),
  };
}

function secretOf(
  { secretRef }: RevertPolicy,
  reader: StoreReader,
): { readonly texts: Readonly<Record<string, string>> } | { readonly fault: string } | undefined {
  if (secretRef === undefined) return undefined;
  const { name, namespace = 'default' } = secretRef;
  const secret = reader.get('Secret', namespace, name);
  if (secret !== undefined) return { texts: textsOf(secret) };
  return { fault: `there is no Secret ${name} in namespace ${namespace}, which spec.rollback.revert.secretRef names` };
}

/** Credentials that may write, or else those with which it is read. */
function accessTo(
  { repository, secret }: WantedSource,
  own: Readonly<Record<string, string>> | undefined,
  options: ReconcileOptions,
): Partial<SecretAccess> {
  const { credentials, files } = sourceAccess(options);
  const { caFile, knownHostsFile } = files;
  const known = { ...(caFile === undefined ? {} : { caFile }), ...(knownHostsFile === undefined ? {} : { knownHostsFile }) };
  if (own !== undefined && ['username', 'password', 'bearerToken', 'identity'].some((key) => own[key] !== undefined))
    return { ...known, ...secretAccess(own, options.dataDir) };
  if (repository === undefined) return { credentials, ...files };
  return secret === undefined ? known : { ...known, ...secretAccess(secret, options.dataDir) };
}

/** A token goes to the forge that is named beside it, or by the one who starts Holdfast: a commit cannot send it elsewhere. */
function forgeFor(
  { application, wish, reader, forgeOf }: Finding,
  repo: string,
  own: Readonly<Record<string, string>> | undefined,
): StatusTarget {
  const { provider } = wish.policy.pullRequest ?? {};
  const choice = provider === undefined ? {} : { forge: provider };
  const given = own === undefined ? undefined : (secretTarget(own, repo, choice) ?? passwordTarget(own, repo, choice));
  const target = given ?? forgeOf(application, reader);
  if (target === undefined) return { fault: NO_TOKEN };
  // That API is the same for every repository: a commit that names it must not send there what proves us to another host.
  if (provider === 'bitbucket' && hostOf(repo) !== 'bitbucket.org') return { fault: 'Bitbucket Cloud is at bitbucket.org alone' };
  if ('fault' in target || provider === undefined || target.place.forge === provider) return target;
  return { fault: `provider is ${provider}, and the token is one of ${target.place.forge}` };
}

const NO_TOKEN =
  'there is no token for the forge: put it as statusToken into the Secret that secretRef names, or give --commit-status-token-file';

/** What proves who we are to Git mostly does so to the API of the same forge. */
function passwordTarget(
  { username, password, bearerToken }: Readonly<Record<string, string>>,
  repo: string,
  choice: Parameters<typeof placeOf>[1],
): StatusTarget | undefined {
  const secret = (bearerToken ?? password)?.trim();
  if (secret === undefined || secret === '') return undefined;
  const place = placeOf(repo, choice);
  if ('fault' in place) return place;
  const isPair = place.forge === 'bitbucket' && bearerToken === undefined && username !== undefined;
  return { place, token: isPair ? `${username.trim()}:${secret}` : secret };
}

/** What the folder declares then has to be what was declared when it was live: only then the commit changes nothing of what runs. */
async function differenceOf(
  { application, wish, reader, options, root, loading }: Finding,
  writer: RemoteWriter,
  branch: string,
  commitId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { name } = application.metadata;
  const good = reader.get('ApplicationRevision', '', revisionKey(name, wish.good.id).name);
  if (good === undefined) return 'what ran before is not known any more';
  const load =
    applicationOf(application) === undefined
      ? manifestLoader(options.path, { ...loading, applicationName: root.name })
      : declaredLoader(application, { loading });
  const result = await load(await writer.snapshot(branch, commitId, signal), signal);
  return differenceTo(good.spec.resources as readonly Desired[], result);
}

/** The first thing that is not as it was. */
function differenceTo(
  good: readonly Desired[],
  { manifests, problems }: Pick<LoadResult, 'manifests' | 'problems'>,
): string | undefined {
  const error = problems.find(({ severity }) => severity === 'error');
  if (error !== undefined) return formatProblem(error);
  const before = new Map(good.map((resource) => [keyString(keyOf(resource)), canonicalJson(resource)]));
  for (const { resource, file, line } of manifests) {
    const key = keyString(keyOf(resource));
    const what = `${resource.kind} ${resource.metadata.name ?? ''} (${file}:${line})`;
    if (!before.has(key)) return `it would bring ${what}, which was not there`;
    if (before.get(key) !== canonicalJson(resource)) return `${what} would be another than before: it depends on files elsewhere`;
    before.delete(key);
  }
  const [missing] = before.keys();
  return missing === undefined ? undefined : `${missing} would be missing`;
}
