// Pull requests as each forge has them: is there one of a branch, and how is one opened. Pure.
//
// GitHub: https://docs.github.com/rest/pulls/pulls. GitLab: https://docs.gitlab.com/api/merge_requests/. Gitea and Forgejo: /api/swagger of any of
// them. Bitbucket Cloud: https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pullrequests/.
import type { ForgeAnswer, ForgeRequest } from '../statuses/forge-client.ts';
import type { StatusPlace } from '../statuses/place.ts';
import { forgeHeaders } from '../statuses/requests.ts';

/** A pull request that there is. */
export interface PullRequest {
  readonly url: string;
  readonly isOpen: boolean;
}

/** What is proposed. */
export interface Proposal {
  readonly branch: string;
  /** The branch into which it is to be merged. */
  readonly into: string;
  readonly title: string;
  readonly text: string;
}

/** Lists hold whole repositories. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;
/** Gitea cannot be asked for one branch: among the newest it is found, or it is old. */
const LISTED = 50;

/** Where the pull requests of a repository are, below the API. */
function folderOf({ forge, repository }: StatusPlace): string {
  if (forge === 'gitlab') return `/projects/${encodeURIComponent(repository)}/merge_requests`;
  const name = repository.split('/').map(encodeURIComponent).join('/');
  return forge === 'bitbucket' ? `/repositories/${name}/pullrequests` : `/repos/${name}/pulls`;
}

/** Asks for those of a branch, open or not. */
export function listRequest(
  place: StatusPlace,
  token: string,
  { branch, into }: Pick<Proposal, 'branch' | 'into'>,
): ForgeRequest {
  const { forge, api, repository } = place;
  const query = new URLSearchParams();
  const add = (values: Readonly<Record<string, string>>): void => {
    for (const [name, value] of Object.entries(values)) query.append(name, value);
  };
  if (forge === 'github') add({ state: 'all', head: `${repository.split('/')[0] ?? ''}:${branch}`, base: into });
  else if (forge === 'gitlab') add({ state: 'all', source_branch: branch, target_branch: into });
  else if (forge === 'bitbucket') {
    for (const state of ['OPEN', 'MERGED', 'DECLINED', 'SUPERSEDED']) query.append('state', state);
    add({ q: `source.branch.name = ${JSON.stringify(branch)} AND destination.branch.name = ${JSON.stringify(into)}` });
  } else add({ state: 'all', sort: 'newest', limit: String(LISTED) });
  const url = `${api}${folderOf(place)}?${query.toString()}`;
  return { method: 'GET', url, headers: forgeHeaders(forge, token), body: '', maxAnswerBytes: MAX_LIST_BYTES };
}

/** Opens one. */
export function openRequest(place: StatusPlace, token: string, { branch, into, title, text }: Proposal): ForgeRequest {
  const { forge, api } = place;
  const body =
    forge === 'gitlab'
      ? { source_branch: branch, target_branch: into, title, description: text, remove_source_branch: true }
      : forge === 'bitbucket'
        ? {
            title,
            description: text,
            source: { branch: { name: branch } },
            destination: { branch: { name: into } },
            close_source_branch: true,
          }
        : { head: branch, base: into, title, body: text };
  const url = `${api}${folderOf(place)}`;
  return { url, headers: forgeHeaders(forge, token), body: JSON.stringify(body), maxAnswerBytes: MAX_LIST_BYTES };
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const textAt = (value: unknown, ...path: readonly string[]): string | undefined => {
  let at = value;
  for (const step of path) at = isObject(at) ? at[step] : undefined;
  return typeof at === 'string' ? at : undefined;
};

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function pullRequestIn({ forge }: StatusPlace, value: unknown): PullRequest | undefined {
  const url =
    forge === 'gitlab'
      ? textAt(value, 'web_url')
      : forge === 'bitbucket'
        ? textAt(value, 'links', 'html', 'href')
        : textAt(value, 'html_url');
  const state = textAt(value, 'state')?.toLowerCase();
  if (url === undefined || !/^https?:\/\//.test(url)) return undefined;
  return { url, isOpen: state === 'open' || state === 'opened' || state === undefined };
}

/** The newest of a branch that a list holds, an open one first; `unreadable` when the answer is no list. */
export function listed(
  place: StatusPlace,
  { body }: ForgeAnswer,
  branch: string,
  into: string,
): PullRequest | undefined | 'unreadable' {
  const answer = parsed(body);
  const all = place.forge === 'bitbucket' && isObject(answer) ? answer['values'] : answer;
  if (!Array.isArray(all)) return 'unreadable';
  const mine = (all as readonly unknown[]).filter((each) => isOf(place, each, branch, into));
  const found = mine.flatMap((each) => pullRequestIn(place, each) ?? []);
  return found.find(({ isOpen }) => isOpen) ?? found[0];
}

/** Forges that were asked for one branch are believed where they do not say it again. */
function isOf({ forge }: StatusPlace, value: unknown, branch: string, into: string): boolean {
  const [source, target] =
    forge === 'gitlab'
      ? [textAt(value, 'source_branch'), textAt(value, 'target_branch')]
      : forge === 'bitbucket'
        ? [textAt(value, 'source', 'branch', 'name'), textAt(value, 'destination', 'branch', 'name')]
        : [textAt(value, 'head', 'ref') ?? textAt(value, 'head', 'label'), textAt(value, 'base', 'ref')];
  return source === branch && target === into;
}

/** The one that was opened; undefined when the answer does not tell. */
export function opened(place: StatusPlace, { body }: ForgeAnswer): PullRequest | undefined {
  return pullRequestIn(place, parsed(body));
}

/** Whether a refusal says that there is one already. */
export function isThere({ status, body }: ForgeAnswer): boolean {
  return status === 409 || ((status === 422 || status === 400) && /already exists/i.test(body));
}
