import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cloneDirectory } from '../../src/git/clone.ts';
import { type CommitSourceOptions, createCommitSource } from '../../src/git/commit-source.ts';
import { systemClock } from '../../src/system/clock.ts';
import type { CommitSource } from '../../src/sync/commit-source.ts';
import { contents, faultOf, notAborted } from '../contract/commit-source.ts';
import { bareGitRepo, type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-server-http.ts';
import { hurriedClock } from './hurried-clock.ts';

const ACCESS = { username: 'ada', password: 's3cret' };
const LISTING = /info\/refs/;
const POST = /git-upload-pack$/;

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let server: GitHttpServer;
let tls: GitHttpServer;
let dir: string;
let place: string;
let repo: GitRepo;
let opened: CommitSource[];
let count = 0;

beforeAll(async () => {
  root = await temporaryFolder();
  server = await startGitHttpServer({ dir: root.dir, ...ACCESS });
  tls = await startGitHttpServer({ dir: root.dir, ...ACCESS, tls: true });
});
afterAll(async () => {
  await server.close();
  await tls.close();
  await root.remove();
});
beforeEach(async () => {
  count += 1;
  dir = join(root.dir, `case-${count}`);
  place = await bareGitRepo(join(dir, 'app.git'));
  repo = await gitRepo(join(dir, 'work'));
  await repo.commit({ 'a.yaml': 'a: 1\n', 'noise.bin': 'x'.repeat(5000) }, 'First');
  await repo.push(place);
  opened = [];
  server.forgetRequests();
});
afterEach(async () => {
  server.misbehave(undefined);
  await Promise.all(opened.map((source) => source.close()));
});

function open(options: Partial<CommitSourceOptions> = {}): CommitSource {
  const source = createCommitSource({
    repo: `${server.url}/case-${count}/app.git`,
    revision: undefined,
    path: '',
    workingTree: false,
    cacheDir: join(dir, 'cache'),
    clock: systemClock(),
    credentials: ACCESS,
    ...options,
  });
  opened.push(source);
  return source;
}

const read = async (source: CommitSource): Promise<string> => {
  const id = await source.head(notAborted());
  const { files } = await source.snapshot(id, notAborted());
  return (await contents(files))['a.yaml'] ?? '';
};
const publish = async (content: string): Promise<void> => {
  await repo.commit({ 'a.yaml': content }, 'Next');
  await repo.push(place);
};
const cacheFolder = (): string => cloneDirectory(join(dir, 'cache'), `${server.url}/case-${count}/app.git`);

describe('what a call costs', () => {
  test('an unchanged remote: one listing of one ref, and no fetch', async () => {
    const source = open({ revision: { type: 'branch', name: 'main' } });
    await read(source);
    server.forgetRequests();
    await read(source);
    expect(server.requests.map(({ method, path }) => `${method} ${path.replace(/^.*app\.git/, '')}`)).toEqual([
      'GET /info/refs?service=git-upload-pack',
      'POST /git-upload-pack',
    ]);
  });

  test('many branches do not make the listing longer', async () => {
    for (let branch = 0; branch < 20; branch += 1) await repo.git('push', '--quiet', place, `main:refs/heads/other-${branch}`);
    await open({ revision: { type: 'branch', name: 'main' } }).head(notAborted());
    expect(server.requests.at(-1)?.bytesSent).toBeLessThan(100);
  });

  test('a changed file: only what is new travels', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`many/${index}.txt`, `${index} ${Math.sin(index)}`.repeat(20)]));
    await repo.commit(many, 'Many');
    await repo.push(place);
    const source = open();
    await read(source);
    const first = server.requests.at(-1)?.bytesSent ?? 0;
    await publish('a: 2\n');
    server.forgetRequests();
    expect(await read(source)).toBe('a: 2\n');
    expect(server.requests.at(-1)?.bytesSent).toBeLessThan(first / 5);
  });

  test('a second process finds the clone of the first', async () => {
    await read(open());
    server.forgetRequests();
    await read(open());
    expect(server.requests).toHaveLength(2);
  });
});

describe('credentials', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

  test.each([
    ['none', {}, 'wants a user name and password'],
    ['a wrong password', { username: 'ada', password: 'wr0ng' }, 'refuses the user name, password or token'],
    ['a wrong token', { token: 'wr0ng' }, 'refuses the user name, password or token'],
  ])('%s', async (_, credentials, why) => {
    const message = await faultOf(open({ credentials }).head(notAborted()), 'AuthenticationFailed');
    expect(message).toContain(why);
    expect(message).not.toContain('wr0ng');
  });

  test('those of the URL are used and never shown', async () => {
    const repoUrl = `${server.urlWithCredentials}/case-${count}/app.git`;
    const source = open({ repo: repoUrl, credentials: {} });
    expect(await read(source)).toBe('a: 1\n');
    expect(source.description).toBe(`${server.url}/case-${count}/app.git`);
    const wrong = open({ repo: repoUrl.replace('s3cret', 'wr0ng'), credentials: {} });
    expect(await faultOf(wrong.head(notAborted()), 'AuthenticationFailed')).not.toContain('wr0ng');
  });

  test.each([
    ['a token', { token: 't0ken' }, basic('x-access-token:t0ken')],
    ['a token with a name', { token: 't0ken', username: 'oauth2' }, basic('oauth2:t0ken')],
    ['a bearer token', { token: 't0ken', tokenScheme: 'bearer' }, 'Bearer t0ken'],
  ] as const)('%s travels as it should', async (_, credentials, header) => {
    await faultOf(open({ credentials }).head(notAborted()), 'AuthenticationFailed');
    expect(server.requests[0]?.authorization).toBe(header);
  });

  test('files are read again for every call', async () => {
    const passwordFile = join(dir, 'password');
    await writeFile(passwordFile, 'old\n');
    const source = open({ credentials: { username: 'ada', passwordFile } });
    await faultOf(source.head(notAborted()), 'AuthenticationFailed');
    await writeFile(passwordFile, 's3cret\n');
    expect(await read(source)).toBe('a: 1\n');
    await writeFile(passwordFile, '\n');
    expect(await faultOf(source.head(notAborted()), 'Misconfigured')).toContain('is empty');
    await rm(passwordFile);
    expect(await faultOf(source.head(notAborted()), 'Misconfigured')).toContain('cannot be read');
  });

  test('do not follow a redirect to another server, but the redirect is followed', async () => {
    const other = await startGitHttpServer({ dir: root.dir });
    try {
      server.misbehave({ kind: 'redirect', to: (path) => `${other.url}${path}` });
      expect(await read(open())).toBe('a: 1\n');
      expect(other.requests.map((request) => request.authorization)).toEqual([undefined, undefined, undefined]);
    } finally {
      await other.close();
    }
  });

  test('stay with a redirect on the same server', async () => {
    server.misbehave({ kind: 'redirect', to: (path) => path.replace('/old.git', '/app.git'), only: /old\.git/ });
    expect(await read(open({ repo: `${server.url}/case-${count}/old.git` }))).toBe('a: 1\n');
  });
});

describe('a redirect', () => {
  test('to a page that is no repository', async () => {
    server.misbehave({ kind: 'redirect', to: () => '/login?next=secret', only: LISTING });
    const message = await faultOf(open().head(notAborted()), 'AuthenticationFailed').catch(() => undefined);
    server.misbehave({ kind: 'redirect', to: () => '/login?next=secret', only: LISTING });
    expect(message ?? '').not.toContain('next=secret');
  });

  test('in a circle', async () => {
    server.misbehave({ kind: 'redirect', to: (path) => path });
    expect(await faultOf(open().head(notAborted()), 'Misconfigured')).toContain('more than 5 times');
  });

  test('from https to http is not followed', async () => {
    const { caFile } = tls;
    tls.misbehave({ kind: 'redirect', to: (path) => `${server.url}${path}` });
    const source = open({ repo: `${tls.url}/case-${count}/app.git`, caFile: caFile ?? '' });
    expect(await faultOf(source.head(notAborted()), 'Misconfigured')).toContain('not https');
    tls.misbehave(undefined);
    expect(server.requests).toEqual([]);
  });
});

describe('a server that fails', () => {
  test('is down', async () => {
    const down = createServer();
    await new Promise<void>((resolve) => down.listen(0, '127.0.0.1', resolve));
    const { port } = down.address() as AddressInfo;
    await new Promise((resolve) => down.close(resolve));
    const message = await faultOf(open({ repo: `http://127.0.0.1:${port}/app.git` }).head(notAborted()), 'Unreachable');
    expect(message).toContain('connection refused');
  });

  test('has a name that nobody knows', async () => {
    await faultOf(open({ repo: 'http://nowhere.invalid/app.git' }).head(notAborted()), 'Unreachable');
  });

  test.each([
    [500, 'Unreachable'],
    [503, 'Unreachable'],
    [429, 'Unreachable'],
    [403, 'AuthenticationFailed'],
    [404, 'RepositoryNotFound'],
    [418, 'Misconfigured'],
  ] as const)('answers with status %i', async (status, fault) => {
    server.misbehave({ kind: 'status', status });
    expect(await faultOf(open().head(notAborted()), fault)).toContain(String(status));
    server.misbehave({ kind: 'status', status, only: POST });
    await faultOf(open().head(notAborted()), fault);
  });

  test('answers with a web page', async () => {
    server.misbehave({ kind: 'status', status: 200 });
    expect(await faultOf(open().head(notAborted()), 'RepositoryNotFound')).toContain('not as a Git repository');
  });

  test.each([LISTING, POST])('never answers to %o', async (only) => {
    server.misbehave({ kind: 'hang', only });
    expect(await faultOf(open({ clock: hurriedClock() }).head(notAborted()), 'TimedOut')).toContain('60 s');
  });

  test('never sends the pack', async () => {
    const source = open({ clock: hurriedClock() });
    const id = await source.head(notAborted());
    server.misbehave({ kind: 'hang', only: POST });
    expect(await faultOf(source.snapshot(id, notAborted()), 'TimedOut')).toContain('600 s');
    server.misbehave(undefined);
    expect(await read(source)).toBe('a: 1\n');
  });

  test('speaks no TLS', async () => {
    await faultOf(open({ repo: `${server.url.replace('http:', 'https:')}/app.git` }).head(notAborted()), 'Misconfigured');
  });
});

describe('certificates', () => {
  test('of an unknown authority', async () => {
    const message = await faultOf(open({ repo: `${tls.url}/case-${count}/app.git` }).head(notAborted()), 'CertificateRejected');
    expect(message).toContain('CA file');
  });

  test('for another name', async () => {
    const repoUrl = `${tls.url.replace('127.0.0.1', 'localhost')}/case-${count}/app.git`;
    expect(await faultOf(open({ repo: repoUrl, caFile: tls.caFile ?? '' }).head(notAborted()), 'CertificateRejected')).toContain('another server name');
  });

  test('a CA file that is none', async () => {
    const caFile = join(dir, 'ca.pem');
    await faultOf(open({ caFile }).head(notAborted()), 'Misconfigured');
    await writeFile(caFile, 'not a certificate');
    expect(await faultOf(open({ caFile }).head(notAborted()), 'Misconfigured')).toContain('PEM');
  });
});

describe('half a fetch', () => {
  const cuts = [
    ['a connection that breaks', { kind: 'cut', afterBytes: 200, isClean: false, only: POST }, 'Unreachable'],
    ['an answer that just ends', { kind: 'cut', afterBytes: 200, isClean: false, only: POST }, 'Unreachable'],
    ['an answer that ends as if it were whole', { kind: 'cut', afterBytes: 200, isClean: true, only: POST }, 'Unreachable'],
    ['nothing at all', { kind: 'cut', afterBytes: 0, isClean: true, only: POST }, 'Unreachable'],
    ['a damaged pack', { kind: 'flip', fromEnd: 40, only: POST }, 'Corrupt'],
  ] as const;

  test.each(cuts)('at first: %s leaves nothing behind', async (_, fault, expected) => {
    const source = open();
    const id = await source.head(notAborted());
    server.misbehave(fault);
    await faultOf(source.snapshot(id, notAborted()), expected);
    expect(await readdir(join(dir, 'cache'))).toEqual([]);
    server.misbehave(undefined);
    expect(await read(source)).toBe('a: 1\n');
  });

  test.each(cuts)('later: %s leaves the clone as it was', async (_, fault, expected) => {
    const source = open();
    const old = await source.head(notAborted());
    await source.snapshot(old, notAborted());
    const packs = await readdir(join(cacheFolder(), 'objects/pack'));
    await publish('a: 2\n');
    const id = await source.head(notAborted());
    server.misbehave(fault);
    await faultOf(source.snapshot(id, notAborted()), expected);
    expect(await readdir(join(cacheFolder(), 'objects/pack'))).toEqual(packs);
    expect((await readdir(cacheFolder())).filter((name) => name.startsWith('incoming'))).toEqual([]);
    server.misbehave(undefined);
    expect(await read(source)).toBe('a: 2\n');
  });

  test.each(cuts.slice(0, 4))('of the listing: %s is not a deleted branch', async (_, fault) => {
    const source = open({ revision: { type: 'branch', name: 'main' } });
    server.misbehave({ ...fault, afterBytes: 20 });
    await faultOf(source.head(notAborted()), 'Unreachable');
  });

  test('an abort in the middle', async () => {
    const source = open();
    const id = await source.head(notAborted());
    server.misbehave({ kind: 'hang', only: POST });
    const stop = new AbortController();
    const call = source.snapshot(id, stop.signal);
    const reason = new Error('a newer commit');
    setImmediate(() => stop.abort(reason));
    await expect(call).rejects.toBe(reason);
    server.misbehave(undefined);
    expect(await read(source)).toBe('a: 1\n');
  });
});

describe('the clone on disk', () => {
  test('damaged: reported once, then made anew', async () => {
    await read(open());
    const packs = join(cacheFolder(), 'objects/pack');
    for (const name of await readdir(packs)) {
      const file = join(packs, name);
      await chmod(file, 0o644);
      const bytes = await readFile(file);
      if (name.endsWith('.pack')) await writeFile(file, bytes.subarray(0, bytes.length - 30));
    }
    const source = open();
    const id = await source.head(notAborted());
    expect(await faultOf(source.snapshot(id, notAborted()), 'Corrupt')).toContain('damaged');
    expect(await read(source)).toBe('a: 1\n');
    expect(await readdir(join(dir, 'cache'))).toHaveLength(1);
  });

  test('deleted: made anew', async () => {
    const source = open();
    await read(source);
    await rm(join(dir, 'cache'), { recursive: true });
    expect(await read(source)).toBe('a: 1\n');
  });

  test('never keeps credentials', async () => {
    await read(open({ repo: `${server.urlWithCredentials}/case-${count}/app.git`, credentials: {} }));
    const files = await readdir(cacheFolder(), { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      expect((await readFile(join(file.parentPath, file.name))).includes('s3cret')).toBe(false);
    }
  });

  test('is shared by the applications of one repository, at the same time', async () => {
    const sources = Array.from({ length: 4 }, () => open());
    expect(await Promise.all(sources.map(read))).toEqual(Array.from({ length: 4 }, () => 'a: 1\n'));
    expect(server.requests.filter(({ method, bytesSent }) => method === 'POST' && bytesSent > 300)).toHaveLength(1);
    expect(await readdir(join(dir, 'cache'))).toHaveLength(1);
  });

  test('does not gather packs for ever', async () => {
    const source = open();
    for (let number = 0; number < 70; number += 1) {
      await publish(`a: ${number}\n`);
      expect(await read(source)).toBe(`a: ${number}\n`);
    }
    const packs = (await readdir(join(cacheFolder(), 'objects/pack'))).filter((name) => name.endsWith('.pack'));
    expect(packs.length).toBeLessThan(20);
  });

  test('where its folder cannot be made, says so', async () => {
    await writeFile(join(dir, 'cache'), 'a file');
    const source = open();
    const id = await source.head(notAborted());
    await faultOf(source.snapshot(id, notAborted()), 'Misconfigured');
  });
});

test('a server whose HEAD names a branch that does not exist', async () => {
  await writeFile(join(place, 'HEAD'), 'ref: refs/heads/gone\n');
  expect(await faultOf(open().head(notAborted()), 'RevisionNotFound')).toContain('there are: main');
  expect(await read(open({ revision: { type: 'branch', name: 'main' } }))).toBe('a: 1\n');
});
