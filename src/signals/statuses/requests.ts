// A status as each forge takes it, and what its answer means. Pure.
//
// GitHub: https://docs.github.com/rest/commits/statuses. GitLab: https://docs.gitlab.com/api/commits/#set-commit-pipeline-status. Gitea and
// Forgejo: /api/swagger of any of them. Bitbucket Cloud: https://developer.atlassian.com/cloud/bitbucket/rest/api-group-commit-statuses/.
import { createHash } from 'node:crypto';
import type { ForgeAnswer, ForgeRequest } from './forge-client.ts';
import type { Forge, StatusPlace } from './place.ts';

/** `superseded`: another commit took its place before it was live. */
export type StatusState = 'pending' | 'success' | 'failure' | 'superseded';

/** What is told of a commit. */
export interface CommitStatus {
  /** The full hash. */
  readonly commit: string;
  readonly state: StatusState;
  /** One line for people. */
  readonly description: string;
}

const GITHUB_STATES = { pending: 'pending', success: 'success', failure: 'failure', superseded: 'error' };
const STATES: Readonly<Record<Forge, Readonly<Record<StatusState, string>>>> = {
  github: GITHUB_STATES,
  gitea: GITHUB_STATES,
  forgejo: GITHUB_STATES,
  gitlab: { pending: 'pending', success: 'success', failure: 'failed', superseded: 'canceled' },
  bitbucket: { pending: 'INPROGRESS', success: 'SUCCESSFUL', failure: 'FAILED', superseded: 'STOPPED' },
};
/** What a forge takes of a description. */
const MAX_DESCRIPTION: Readonly<Record<Forge, number>> = { github: 140, gitlab: 255, gitea: 255, forgejo: 255, bitbucket: 255 };
/** Bitbucket takes no longer key. */
const MAX_KEY_LENGTH = 40;

/** The request that tells it. */
export function requestOf(place: StatusPlace, token: string, context: string, status: CommitStatus): ForgeRequest {
  const { forge, api, repository } = place;
  const { commit } = status;
  const state = STATES[forge][status.state];
  const description = shortened(status.description, MAX_DESCRIPTION[forge]);
  const send = (path: string, body: object): ForgeRequest => ({
    url: `${api}${path}`,
    headers: forgeHeaders(forge, token),
    body: JSON.stringify(body),
  });
  const name = repository.split('/').map(encodeURIComponent).join('/');
  if (forge === 'gitlab')
    return send(`/projects/${encodeURIComponent(repository)}/statuses/${commit}`, { state, name: context, description });
  if (forge === 'bitbucket') {
    // Bitbucket wants an address that leads to more.
    const url = `https://bitbucket.org/${name}/commits/${commit}`;
    const path = `/repositories/${name}/commit/${commit}/statuses/build`;
    return send(path, { key: keyOf(context), name: context, state, description, url });
  }
  return send(`/repos/${name}/statuses/${commit}`, { state, context, description });
}

/** What every request to a forge says of itself. */
export function forgeHeaders(forge: Forge, token: string): Readonly<Record<string, string>> {
  const common = { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'holdfast' };
  if (forge === 'github')
    return {
      ...common,
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      authorization: `Bearer ${token}`,
    };
  if (forge === 'gitlab') return { ...common, authorization: `Bearer ${token}` };
  if (forge === 'bitbucket') {
    const authorization = token.includes(':') ? `Basic ${Buffer.from(token).toString('base64')}` : `Bearer ${token}`;
    return { ...common, authorization };
  }
  return { ...common, authorization: `token ${token}` };
}

function keyOf(context: string): string {
  if (context.length <= MAX_KEY_LENGTH) return context;
  return `holdfast-${createHash('sha256').update(context).digest('hex').slice(0, 24)}`;
}

function shortened(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}

/** What became of it. `pauseMs`: for so long the forge wants to hear nothing more. */
export type StatusVerdict =
  | { readonly result: 'taken'; readonly pauseMs?: number }
  /** Once more after the pause. */
  | { readonly result: 'busy'; readonly pauseMs: number }
  /** Once more, soon. */
  | { readonly result: 'failed'; readonly message: string }
  /** It will not be taken until a person does something. */
  | { readonly result: 'refused'; readonly message: string };

/** What of its work a token may not do. */
export interface ForgeWords {
  readonly forbidden: string;
  readonly missing: string;
}

const STATUS_WORDS: ForgeWords = {
  forbidden: 'the token may not write statuses of commits',
  missing: 'there is no such repository or commit, or the token may not see it',
};
/** A forge that does not say for how long. */
const UNTOLD_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** Reads the answer. Nothing of its body is handed on: it may repeat the token. `now` is epoch milliseconds. */
export function verdictOf(
  forge: Forge,
  { status, headers, body }: ForgeAnswer,
  now: number,
  words: ForgeWords = STATUS_WORDS,
): StatusVerdict {
  const pauseMs = pauseOf(headers, now);
  const pause = pauseMs === undefined ? {} : { pauseMs };
  if (status >= 200 && status < 300) return { result: 'taken', ...pause };
  // GitLab does not take a state twice: it is there already.
  if (forge === 'gitlab' && status === 400 && body.includes('Cannot transition status')) return { result: 'taken', ...pause };
  const isLimit = status === 429 || (status === 403 && (pauseMs !== undefined || /rate limit/i.test(body)));
  if (isLimit || (status === 503 && pauseMs !== undefined)) return { result: 'busy', pauseMs: pauseMs ?? UNTOLD_PAUSE_MS };
  if (status >= 500 || status === 408) return { result: 'failed', message: `the forge answered ${status}` };
  if (status >= 300 && status < 400) return { result: 'refused', message: 'the repository has moved: give its new address' };
  if (status === 401) return { result: 'refused', message: 'the token is not accepted' };
  if (status === 403) return { result: 'refused', message: words.forbidden };
  if (status === 404) return { result: 'refused', message: words.missing };
  return { result: 'refused', message: `the forge refused it (${status})` };
}

/** How long it asks to be left alone: by Retry-After, or because nothing is left of what may be asked. */
function pauseOf(headers: ForgeAnswer['headers'], now: number): number | undefined {
  const after = headers['retry-after'];
  if (after !== undefined) {
    const ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now;
    if (Number.isFinite(ms)) return bounded(ms);
  }
  for (const prefix of ['x-ratelimit', 'ratelimit']) {
    const reset = Number(headers[`${prefix}-reset`]);
    if (headers[`${prefix}-remaining`] === '0' && Number.isFinite(reset)) return bounded(reset * 1000 - now);
  }
  return undefined;
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, 1_000), LONGEST_PAUSE_MS);
}
