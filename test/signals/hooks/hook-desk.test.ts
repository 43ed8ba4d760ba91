// Webhooks: who is let in, what is made of it, and that nothing of it is believed before it was checked.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { dispatch, type SignalAnswer } from '../../../src/signals/desk.ts';
import { type HookResult, type HookSecret, hookRoute, MAX_BODY_BYTES } from '../../../src/signals/hooks/hook-desk.ts';

const SECRET = "It's a Secret to Everybody";
const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const hmac = (text: string, secret = SECRET): string => createHmac('sha256', secret).update(text).digest('hex');

type Headers = Readonly<Record<string, string>>;
interface Call {
  readonly headers: Headers;
  readonly body: string;
}

class Desk {
  readonly woken: string[] = [];
  readonly results: [string, HookResult][] = [];
  secret: HookSecret = { ok: true, secret: SECRET };
  repository = 'https://git.example.com/shop/web.git';
  revision = 'branch main';
  isReady = true;
  nowMs = NOW_MS;
  readonly #route = hookRoute({
    secret: () => this.secret,
    listeners: () =>
      this.isReady
        ? [
            {
              application: 'shop',
              repository: this.repository,
              revision: this.revision,
              wake: () => void this.woken.push('shop'),
            },
          ]
        : undefined,
    now: () => this.nowMs,
    onDelivery: (forge, result) => void this.results.push([forge, result]),
  });

  async post(
    forge: string,
    { headers, body }: Call,
    method = 'POST',
  ): Promise<{ status: number; result: string; message: string }> {
    const opened = await dispatch([this.#route], { method, path: `/hooks/${forge}`, headers });
    const answer: SignalAnswer = 'maxBytes' in opened ? await opened.answer(new TextEncoder().encode(body)) : opened;
    return { status: answer.status, ...(JSON.parse(answer.body) as { result: string; message: string }) };
  }
}

const repository = {
  clone_url: 'https://git.example.com/shop/web.git',
  ssh_url: 'git@git.example.com:shop/web.git',
  html_url: 'https://git.example.com/shop/web',
  default_branch: 'main',
};
const githubBody = (ref = 'refs/heads/main', repo: object = repository): string => JSON.stringify({ ref, repository: repo });
const github = (body: string, delivery: string, secret = SECRET): Call => ({
  headers: {
    'x-github-event': 'push',
    'x-github-delivery': delivery,
    'x-hub-signature-256': `sha256=${hmac(body, secret)}`,
    'content-type': 'application/json',
  },
  body,
});
const gitlabBody = JSON.stringify({
  object_kind: 'push',
  ref: 'refs/heads/main',
  project: {
    git_http_url: 'http://git.example.com/shop/web.git',
    git_ssh_url: 'git@git.example.com:shop/web.git',
    default_branch: 'main',
  },
});
const bitbucketBody = JSON.stringify({
  push: { changes: [{ new: { type: 'branch', name: 'main' }, old: { type: 'branch', name: 'main' } }] },
  repository: { full_name: 'shop/web', links: { html: { href: 'https://git.example.com/shop/web' } } },
});
const bitbucketServerBody = JSON.stringify({
  eventKey: 'repo:refs_changed',
  repository: { slug: 'web', links: { clone: [{ href: 'ssh://git@git.example.com:7999/shop/web.git', name: 'ssh' }] } },
  changes: [{ ref: { id: 'refs/heads/main', displayId: 'main', type: 'BRANCH' }, type: 'UPDATE' }],
});
const generic = (body: string, atMs = NOW_MS, secret = SECRET): Call => {
  const timestamp = String(Math.floor(atMs / 1000));
  const signature = `sha256=${hmac(`${timestamp}.${body}`, secret)}`;
  return { headers: { 'x-holdfast-timestamp': timestamp, 'x-holdfast-signature': signature }, body };
};
const form = `payload=${encodeURIComponent(githubBody())}`;

const pushes: readonly (readonly [string, string, Call])[] = [
  ['GitHub', 'github', github(githubBody(), '1')],
  [
    'GitHub, as a form',
    'github',
    {
      headers: {
        'x-github-event': 'push',
        'x-hub-signature-256': `sha256=${hmac(form)}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: form,
    },
  ],
  ['GitLab', 'gitlab', { headers: { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': SECRET }, body: gitlabBody }],
  [
    'GitLab, of the whole system',
    'gitlab',
    {
      headers: { 'x-gitlab-event': 'System Hook', 'x-gitlab-token': SECRET },
      body: JSON.stringify({ event_name: 'push', ...(JSON.parse(gitlabBody) as object) }),
    },
  ],
  ['Gitea', 'gitea', { headers: { 'x-gitea-event': 'push', 'x-gitea-signature': hmac(githubBody()) }, body: githubBody() }],
  ['Forgejo', 'forgejo', { headers: { 'x-gitea-event': 'push', 'x-gitea-signature': hmac(githubBody()) }, body: githubBody() }],
  [
    'Bitbucket Cloud',
    'bitbucket',
    { headers: { 'x-event-key': 'repo:push', 'x-hub-signature': `sha256=${hmac(bitbucketBody)}` }, body: bitbucketBody },
  ],
  [
    'Bitbucket Data Center',
    'bitbucket',
    {
      headers: { 'x-event-key': 'repo:refs_changed', 'x-hub-signature': `sha256=${hmac(bitbucketServerBody)}` },
      body: bitbucketServerBody,
    },
  ],
  ['anybody, signed', 'generic', generic('{"repository":"https://git.example.com/shop/web","ref":"main"}')],
  ['anybody, signed, without a word', 'generic', generic('')],
  ['anybody, with a bearer token', 'generic', { headers: { authorization: 'Bearer t0ken' }, body: '{}' }],
];

describe('a push', () => {
  test.each(pushes)('of %s wakes the application that follows it', async (name, forge, call) => {
    const desk = new Desk();
    if (name.includes('bearer')) desk.secret = { ok: true, secret: 't0ken' };
    expect(await desk.post(forge, call)).toEqual({ status: 200, result: 'woken', message: 'on its way: shop' });
    expect(desk.woken).toEqual(['shop']);
    expect(desk.results).toEqual([[forge, 'woken']]);
  });

  test.each(pushes)('of %s with another secret starts nothing, and is not read', async (_name, forge, call) => {
    const desk = new Desk();
    desk.secret = { ok: true, secret: 'another' };
    expect(await desk.post(forge, { ...call, body: call.body })).toMatchObject({ status: 401, result: 'refused' });
    expect(await desk.post(forge, { ...call, body: 'not JSON' })).toMatchObject({ status: 401, result: 'refused' });
    expect(desk.woken).toEqual([]);
  });

  test.each(pushes)('of %s without any proof is refused', async (_name, forge, { body }) => {
    const desk = new Desk();
    expect(await desk.post(forge, { headers: {}, body })).toMatchObject({ status: 401, result: 'refused' });
    expect(desk.woken).toEqual([]);
  });

  test.each(pushes)('of %s is refused while there is no secret, and the reason told', async (_name, forge, call) => {
    const desk = new Desk();
    desk.secret = { ok: false, reason: 'there is no secret' };
    expect(await desk.post(forge, call)).toEqual({ status: 403, result: 'no-secret', message: 'there is no secret' });
    expect(desk.woken).toEqual([]);
  });
});

describe("the forges' own examples", () => {
  // Documentation of GitHub ("Validating webhook deliveries") and of Bitbucket ("Manage webhooks", "Examples").
  test.each([
    ['github', 'x-hub-signature-256', 'Hello, World!', '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'],
    ['bitbucket', 'x-hub-signature', 'Hello World!', 'a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9'],
  ])('%s: %s', async (forge, header, body, digest) => {
    const desk = new Desk();
    const call = (value: string): Call => ({ headers: { [header]: value }, body });
    // It is let in, and only then found to be no JSON.
    expect(await desk.post(forge, call(`sha256=${digest}`))).toMatchObject({ status: 400, result: 'unreadable' });
    expect(await desk.post(forge, call(`sha256=${digest.replace(/^./, '0')}`))).toMatchObject({ status: 401 });
    expect(await desk.post(forge, call(`sha1=${digest}`))).toMatchObject({ status: 401 });
    expect(await desk.post(forge, call(digest))).toMatchObject({ status: 401 });
    expect(await desk.post(forge, { headers: { [header]: `sha256=${digest}` }, body: `${body} ` })).toMatchObject({
      status: 401,
    });
  });
});

describe('a delivery that was there before', () => {
  test('is answered and starts nothing, whichever of its marks is the same', async () => {
    const desk = new Desk();
    const first = github(githubBody(), 'd-1');
    expect((await desk.post('github', first)).result).toBe('woken');
    expect(await desk.post('github', first)).toEqual({ status: 200, result: 'seen', message: 'seen already' });
    // The number of a delivery is not signed, so that a replay may carry another one.
    expect((await desk.post('github', github(githubBody(), 'd-2'))).result).toBe('seen');
    const other = githubBody('refs/heads/main', { ...repository, pushed_at: 2 });
    expect((await desk.post('github', github(other, 'd-1'))).result).toBe('seen');
    expect((await desk.post('github', github(other, 'd-3'))).result).toBe('woken');
    expect(desk.woken).toEqual(['shop', 'shop']);
  });

  test('of anybody: the time is signed, and old ones are refused', async () => {
    const desk = new Desk();
    const call = generic('{}');
    expect((await desk.post('generic', call)).result).toBe('woken');
    expect((await desk.post('generic', call)).result).toBe('seen');
    desk.nowMs = NOW_MS + 301_000;
    expect(await desk.post('generic', call)).toMatchObject({ status: 401, result: 'refused' });
    expect(await desk.post('generic', generic('{}', desk.nowMs + 302_000))).toMatchObject({ status: 401 });
    const later = { ...call, headers: { ...call.headers, 'x-holdfast-timestamp': String(desk.nowMs / 1000) } };
    expect(await desk.post('generic', later)).toMatchObject({ status: 401, result: 'refused' });
    expect((await desk.post('generic', generic('{}', desk.nowMs - 299_000))).result).toBe('woken');
  });

  test('before the controller was ready counts as new when it comes again', async () => {
    const desk = new Desk();
    desk.isReady = false;
    expect(await desk.post('github', github(githubBody(), '1'))).toMatchObject({ status: 503, result: 'not-ready' });
    desk.isReady = true;
    expect(await desk.post('github', github(githubBody(), '1'))).toMatchObject({ status: 200, result: 'woken' });
  });
});

describe('what is not followed', () => {
  test.each([
    ['another branch', githubBody('refs/heads/next')],
    ['a tag', githubBody('refs/tags/main')],
    ['another repository', githubBody('refs/heads/main', { clone_url: 'https://git.example.com/shop/other.git' })],
    ['the same name elsewhere', githubBody('refs/heads/main', { clone_url: 'https://git.example.org/shop/web.git' })],
  ])('%s is answered 202', async (_name, body) => {
    const desk = new Desk();
    expect(await desk.post('github', github(body, '1'))).toEqual({
      status: 202,
      result: 'not-followed',
      message: 'not followed; followed is branch main of https://git.example.com/shop/web.git',
    });
    expect(desk.woken).toEqual([]);
  });

  test('a ping is nothing to do', async () => {
    const desk = new Desk();
    const call = github('{"zen":"Design for failure."}', '1');
    const ping = { ...call, headers: { ...call.headers, 'x-github-event': 'ping' } };
    expect(await desk.post('github', ping)).toMatchObject({ status: 200, result: 'ignored' });
  });
});

describe('how it has to come', () => {
  test('by POST alone', async () => {
    const desk = new Desk();
    expect(await desk.post('github', github(githubBody(), '1'), 'GET')).toMatchObject({ status: 405, result: 'wrong-method' });
  });

  test('to a forge that is known', async () => {
    expect(await new Desk().post('gogs', github(githubBody(), '1'))).toMatchObject({ status: 404, result: 'unknown-path' });
  });

  test.each<readonly [string, string, Call, string]>([
    ['no JSON', 'github', github('{', '1'), 'the body is not JSON'],
    [
      'a form without its field',
      'github',
      {
        headers: { ...github('a=b', '1').headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'a=b',
      },
      'the form has no field "payload" with JSON in it',
    ],
    [
      'a form of who sends JSON',
      'gitea',
      {
        headers: { 'x-gitea-signature': hmac(form), 'content-type': 'application/x-www-form-urlencoded' },
        body: form,
      },
      'the body is a form: choose application/json as content type at the forge',
    ],
  ])('%s is told', async (_name, forge, call, message) => {
    expect(await new Desk().post(forge, call)).toEqual({ status: 400, result: 'unreadable', message });
  });

  test.each(['null', '[]', '"x"', '7', '{"repository":7,"ref":{}}', '{"repository":{"clone_url":[]}}'])(
    'JSON of another shape, %s, does no harm',
    async (body) => {
      expect((await new Desk().post('github', github(body, '1'))).status).toBeLessThan(300);
      expect((await new Desk().post('generic', generic(body))).status).toBeLessThan(300);
    },
  );

  test('a body of five megabytes at most', async () => {
    const opened = await dispatch(
      [
        hookRoute({
          secret: () => ({ ok: true, secret: SECRET }),
          listeners: () => [],
          now: () => NOW_MS,
          onDelivery: () => {},
        }),
      ],
      { method: 'POST', path: '/hooks/github', headers: {} },
    );
    expect(opened).toMatchObject({ maxBytes: MAX_BODY_BYTES });
    expect('tooLong' in opened && opened.tooLong()).toMatchObject({ status: 413 });
  });
});
