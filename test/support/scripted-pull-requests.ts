// The pull requests of a forge, as its API shows them: who asks gets what that forge would answer, refusals included.
import type { Forge } from '../../src/signals/statuses/place.ts';

/** One of them. */
export interface ShownPullRequest {
  readonly number: number;
  readonly branch: string;
  readonly into: string;
  readonly title: string;
  readonly text: string;
  state: 'open' | 'merged' | 'closed';
}

type Json = Readonly<Record<string, unknown>>;

const FOLDERS: Readonly<Record<Forge, RegExp>> = {
  github: /^(?:\/api\/v3)?\/repos\/[^/]+\/[^/]+\/pulls$/,
  gitlab: /^\/api\/v4\/projects\/[^/]+\/merge_requests$/,
  gitea: /^\/api\/v1\/repos\/[^/]+\/[^/]+\/pulls$/,
  forgejo: /^\/api\/v1\/repos\/[^/]+\/[^/]+\/pulls$/,
  bitbucket: /^\/2\.0\/repositories\/[^/]+\/[^/]+\/pullrequests$/,
};
const CLOSED: Readonly<Record<Forge, Readonly<Record<ShownPullRequest['state'], string>>>> = {
  github: { open: 'open', merged: 'closed', closed: 'closed' },
  gitea: { open: 'open', merged: 'closed', closed: 'closed' },
  forgejo: { open: 'open', merged: 'closed', closed: 'closed' },
  gitlab: { open: 'opened', merged: 'merged', closed: 'closed' },
  bitbucket: { open: 'OPEN', merged: 'MERGED', closed: 'DECLINED' },
};

export class ForgePullRequests {
  /** Oldest first. */
  readonly all: ShownPullRequest[] = [];
  readonly #forge: Forge;

  constructor(forge: Forge) {
    this.#forge = forge;
  }

  isAsked(path: string): boolean {
    return FOLDERS[this.#forge].test(path);
  }

  answer(url: URL, method: string, body: string): { readonly status: number; readonly body: unknown } {
    if (method === 'GET') return { status: 200, body: this.#list(url.searchParams) };
    const wanted = this.#wanted(JSON.parse(body) as Json);
    if (wanted === undefined) return { status: 422, body: { message: 'Validation Failed' } };
    const isThere = this.all.some(
      ({ branch, into, state }) => branch === wanted.branch && into === wanted.into && state === 'open',
    );
    if (isThere && this.#forge === 'github')
      return { status: 422, body: { errors: [{ message: `A pull request already exists for acme:${wanted.branch}.` }] } };
    if (isThere) return { status: 409, body: { message: 'pull request already exists for these targets' } };
    const made: ShownPullRequest = { number: this.all.length + 1, state: 'open', ...wanted };
    this.all.push(made);
    return { status: 201, body: this.#shown(made) };
  }

  #wanted(body: Json): Omit<ShownPullRequest, 'number' | 'state'> | undefined {
    const text = (value: unknown): string => (typeof value === 'string' ? value : '');
    const name = (value: unknown): string => text(((value as { branch?: Json }).branch ?? {})['name']);
    const isOf = this.#forge;
    const [branch, into, words] =
      isOf === 'gitlab'
        ? [text(body['source_branch']), text(body['target_branch']), text(body['description'])]
        : isOf === 'bitbucket'
          ? [name(body['source'] ?? {}), name(body['destination'] ?? {}), text(body['description'])]
          : [text(body['head']), text(body['base']), text(body['body'])];
    const title = text(body['title']);
    return branch === '' || into === '' || title === '' ? undefined : { branch, into, title, text: words };
  }

  #list(query: URLSearchParams): unknown {
    const newest = this.all.toReversed();
    if (this.#forge === 'github')
      return newest
        .filter(({ branch, into }) => query.get('head') === `acme:${branch}` && query.get('base') === into)
        .map((each) => this.#shown(each));
    if (this.#forge === 'gitlab')
      return newest.filter(({ branch }) => query.get('source_branch') === branch).map((each) => this.#shown(each));
    if (this.#forge !== 'bitbucket') return newest.slice(0, Number(query.get('limit'))).map((each) => this.#shown(each));
    const [, branch] = /source\.branch\.name = "([^"]*)"/.exec(query.get('q') ?? '') ?? [];
    const states = query.getAll('state');
    const values = newest.filter((each) => each.branch === branch && states.includes(CLOSED.bitbucket[each.state]));
    return { values: values.map((each) => this.#shown(each)) };
  }

  #shown({ number, branch, into, title, state: own }: ShownPullRequest): Json {
    const state = CLOSED[this.#forge][own];
    const url = `https://git.example/acme/app/pulls/${number}`;
    if (this.#forge === 'gitlab') return { iid: number, web_url: url, source_branch: branch, target_branch: into, title, state };
    if (this.#forge === 'bitbucket')
      return {
        id: number,
        links: { html: { href: url } },
        source: { branch: { name: branch } },
        destination: { branch: { name: into } },
        title,
        state,
      };
    // A closed one of Gitea may have lost its branch.
    return { number, html_url: url, head: { ref: branch, label: `acme:${branch}` }, base: { ref: into }, title, state };
  }
}
