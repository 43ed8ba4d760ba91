// Which forge is told of which application, with which token. The token of the command line goes to the host of the command line's repository
// alone; a declared application of another host has one in the Secret with its credentials.
import { readFileSync } from 'node:fs';
import type { CommitStatusChoices } from '../cli/commit-status-options.ts';
import { UsageFault } from '../cli/usage-fault.ts';
import type { StoredOf } from '../model/resource.ts';
import { FORGES, hostOf, type PlaceChoice, placeOf } from '../signals/statuses/place.ts';
import type { FindStatusTarget, StatusTarget, StatusTelling } from '../signals/statuses/reporter.ts';
import { sourceOf } from '../sources/declared-source.ts';
import type { StoreReader } from '../store/store.ts';
import { applicationOf } from '../sync/applied.ts';
import { httpForgeClient } from '../transport/forge-client.ts';

/** Keys of the Secret that `spec.source.secretRef` names. */
const KEYS = { token: 'statusToken', forge: 'statusForge', api: 'statusApi' } as const;

/** The application of the command line, and its repository without credentials. */
export interface RootRepository {
  readonly name: string;
  readonly repo: string;
}

/** What it takes to tell forges. Throws UsageFault when the command line's repository cannot have statuses. */
export function commitStatuses(choices: CommitStatusChoices & { readonly caFile?: string }, root: RootRepository): StatusTelling {
  const { caFile } = choices;
  return { client: httpForgeClient(caFile === undefined ? {} : { caFile }), targetOf: statusTargets(choices, root) };
}

/** Finds the targets of applications. Throws UsageFault when the command line's repository has none. */
export function statusTargets(choices: CommitStatusChoices, root: RootRepository): FindStatusTarget {
  const { commitStatusForge, commitStatusApi, commitStatusToken, commitStatusTokenFile } = choices;
  const isWanted = commitStatusToken !== undefined || commitStatusTokenFile !== undefined;
  const choice = choiceOf(commitStatusForge, commitStatusApi);
  const rootPlace = placeOf(root.repo, choice);
  if (isWanted && 'fault' in rootPlace)
    throw new UsageFault(`${rootPlace.fault}; leave the token of commit statuses out, or say --commit-status-forge`);
  return (application, reader) => {
    const { name } = application.metadata;
    const isDeclared = applicationOf(application) !== undefined;
    if (!isDeclared && name !== root.name) return undefined;
    const repo = isDeclared ? application.spec.repo : root.repo;
    // One that was declared a moment ago.
    if (repo === undefined || repo === '') return undefined;
    const own = isDeclared ? ownTarget(application, repo, reader) : undefined;
    if (own !== undefined) return own;
    // The same API as for the command line's own: the token goes nowhere else.
    if (!isWanted || 'fault' in rootPlace || hostOf(repo) !== hostOf(root.repo)) return undefined;
    const place = placeOf(repo, { forge: rootPlace.forge, api: rootPlace.api });
    return withToken(place, tokenOf(choices));
  };
}

function choiceOf(forge: string | undefined, api: string | undefined): PlaceChoice {
  const known = FORGES.find((each) => each === forge);
  return { ...(known === undefined ? {} : { forge: known }), ...(api === undefined ? {} : { api }) };
}

function ownTarget(application: StoredOf<'Application'>, repo: string, reader: StoreReader): StatusTarget | undefined {
  const found = sourceOf(application, reader);
  return 'wanted' in found && found.wanted.secret !== undefined ? secretTarget(found.wanted.secret, repo) : undefined;
}

/** The forge of a repository by the texts of a Secret; undefined when that holds no token for one. */
export function secretTarget(
  secret: Readonly<Record<string, string>>,
  repo: string,
  choice: PlaceChoice = {},
): StatusTarget | undefined {
  const token = secret[KEYS.token]?.trim();
  if (token === undefined || token === '') return undefined;
  const forge = secret[KEYS.forge]?.trim();
  if (forge !== undefined && !(FORGES as readonly string[]).includes(forge))
    return { fault: `${KEYS.forge} of the Secret with the credentials is none of ${FORGES.join(', ')}` };
  return withToken(placeOf(repo, { ...choiceOf(forge, secret[KEYS.api]?.trim()), ...choice }), { token });
}

function withToken(
  place: ReturnType<typeof placeOf>,
  token: { readonly token: string } | { readonly fault: string },
): StatusTarget {
  if ('fault' in place) return place;
  return 'fault' in token ? token : { place, ...token };
}

/** The file is read anew each time: a token that was replaced needs no restart. */
function tokenOf({ commitStatusToken, commitStatusTokenFile: file }: CommitStatusChoices): { token: string } | { fault: string } {
  if (file === undefined) return { token: commitStatusToken ?? '' };
  try {
    const token = readFileSync(file, 'utf8').trim();
    return token === '' ? { fault: `the file ${file} with the token of commit statuses is empty` } : { token };
  } catch {
    return { fault: `the file ${file} with the token of commit statuses cannot be read` };
  }
}
