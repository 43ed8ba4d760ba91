// A forge that knows statuses of commits, as GitHub, GitLab, Gitea, Forgejo or Bitbucket Cloud do: it looks at every request as they do, refuses
// what they would refuse, and can be told to be in trouble. In memory it is a port; over a socket it is a server.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NotDelivered } from '../../src/signals/notify/courier.ts';
import type { ForgeAnswer, ForgeClient, ForgeRequest } from '../../src/signals/statuses/forge-client.ts';
import type { Forge } from '../../src/signals/statuses/place.ts';
import { ForgePullRequests } from './scripted-pull-requests.ts';

/** A status as the forge shows it. */
export interface ShownStatus {
  readonly repository: string;
  readonly commit: string;
  readonly state: string;
  readonly context: string;
  readonly description: string;
}

type Trouble = ForgeAnswer | 'cut' | 'hangs' | undefined;

const FORMS: Readonly<Record<Forge, { readonly path: RegExp; readonly states: readonly string[]; readonly scheme: string }>> = {
  github: {
    path: /^(?:\/api\/v3)?\/repos\/([^/]+\/[^/]+)\/statuses\/([0-9a-f]{40})$/,
    states: ['error', 'failure', 'pending', 'success'],
    scheme: 'Bearer',
  },
  gitlab: {
    path: /^\/api\/v4\/projects\/([^/]+)\/statuses\/([0-9a-f]{40})$/,
    states: ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'],
    scheme: 'Bearer',
  },
  gitea: {
    path: /^\/api\/v1\/repos\/([^/]+\/[^/]+)\/statuses\/([0-9a-f]{40})$/,
    states: ['pending', 'success', 'error', 'failure', 'warning'],
    scheme: 'token',
  },
  forgejo: {
    path: /^\/api\/v1\/repos\/([^/]+\/[^/]+)\/statuses\/([0-9a-f]{40})$/,
    states: ['pending', 'success', 'error', 'failure', 'warning'],
    scheme: 'token',
  },
  bitbucket: {
    path: /^\/2\.0\/repositories\/([^/]+\/[^/]+)\/commit\/([0-9a-f]{40})\/statuses\/build$/,
    states: ['SUCCESSFUL', 'FAILED', 'INPROGRESS', 'STOPPED'],
    scheme: 'Bearer',
  },
};
const MAX_DESCRIPTION: Partial<Record<Forge, number>> = { github: 140 };
const MAX_KEY_LENGTH = 40;

export class ScriptedForge implements ForgeClient {
  readonly forge: Forge;
  readonly token: string;
  /** All that was taken, oldest first. */
  readonly shown: ShownStatus[] = [];
  readonly pulls: ForgePullRequests;
  /** Requests that came in. */
  calls = 0;
  /** What becomes of each request; undefined: as it should be. */
  trouble: (path: string) => Trouble = () => undefined;
  /** Headers of answers that are well. */
  headers: Readonly<Record<string, string>> = {};

  constructor(forge: Forge, token = 'T0K3N') {
    this.forge = forge;
    this.token = token;
    this.pulls = new ForgePullRequests(forge);
  }

  /** `pending, success`: what a commit was told, oldest first. */
  statesOf(commit: string, context?: string): readonly string[] {
    return this.shown
      .filter((each) => each.commit === commit && (context === undefined || each.context === context))
      .map(({ state }) => state);
  }

  async send({ url, headers, body, method }: ForgeRequest, signal: AbortSignal): Promise<ForgeAnswer> {
    const path = new URL(url).pathname;
    this.calls += 1;
    const trouble = this.trouble(path);
    if (trouble === 'cut') throw new NotDelivered('the connection was cut');
    if (trouble === 'hangs') return await new Promise((_resolve, reject) => onAbort(signal, reject));
    return trouble ?? this.#pullRequests(new URL(url), method ?? 'POST', headers, body) ?? this.#answer(path, headers, body);
  }

  #pullRequests(
    url: URL,
    method: string,
    headers: Readonly<Record<string, string | undefined>>,
    body: string,
  ): ForgeAnswer | undefined {
    if (!this.pulls.isAsked(url.pathname)) return undefined;
    if (headers['authorization'] !== `${FORMS[this.forge].scheme} ${this.token}`) return this.#refusal(401, 'bad token');
    const { status, body: answer } = this.pulls.answer(url, method, body);
    return { status, headers: this.headers, body: JSON.stringify(answer) };
  }

  #answer(path: string, headers: Readonly<Record<string, string | undefined>>, text: string): ForgeAnswer {
    const { path: form, states, scheme } = FORMS[this.forge];
    const [, repository = '', commit = ''] = form.exec(path) ?? [];
    if (commit === '') return this.#refusal(404, 'Not Found');
    if (headers['authorization'] !== `${scheme} ${this.token}`)
      return this.#refusal(401, `bad token ${headers['authorization']}`);
    if (headers['user-agent'] === undefined) return this.#refusal(403, 'Request forbidden by administrative rules');
    const body = JSON.parse(text) as Readonly<Record<string, string | undefined>>;
    const { state = '', description = '' } = body;
    const context = (this.forge === 'gitlab' ? body['name'] : this.forge === 'bitbucket' ? body['key'] : body['context']) ?? '';
    const isLong = description.length > (MAX_DESCRIPTION[this.forge] ?? Number.POSITIVE_INFINITY);
    if (!states.includes(state) || context === '' || isLong) return this.#refusal(422, 'Validation Failed');
    if (this.forge === 'bitbucket' && (context.length > MAX_KEY_LENGTH || !URL.canParse(body['url'] ?? '')))
      return this.#refusal(400, 'key or url is not valid');
    // Its own state machine.
    if (this.forge === 'gitlab' && this.statesOf(commit, context).at(-1) === state && state === 'pending')
      return this.#refusal(400, 'Cannot transition status via :enqueue from :pending');
    this.shown.push({ repository: decodeURIComponent(repository), commit, state, context, description });
    return { status: 201, headers: this.headers, body: text };
  }

  #refusal(status: number, message: string): ForgeAnswer {
    return { status, headers: this.headers, body: JSON.stringify({ message }) };
  }

  /** Listens on a port of this machine. */
  async listen(): Promise<{ readonly port: number; close(): Promise<void> }> {
    const server = createServer((request, response) => {
      void bodyOf(request).then(async (body) => {
        const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
        const url = `http://forge${request.url ?? ''}`;
        try {
          const method = request.method === 'GET' ? { method: 'GET' as const } : {};
          const answer = await this.send({ url, headers, body, ...method }, new AbortController().signal);
          const own = Object.entries(answer.headers).filter((each): each is [string, string] => each[1] !== undefined);
          response.writeHead(answer.status, Object.fromEntries(own)).end(answer.body);
        } catch {
          response.destroy();
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const close = (): Promise<void> => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    };
    return { port: (server.address() as AddressInfo).port, close };
  }
}

function onAbort(signal: AbortSignal, reject: (reason: unknown) => void): void {
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
