import { readdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { faultOf, notAborted } from '../contract/commit-source-reading.ts';
import { cacheFolder, count, dir, LISTING, open, POST, place, publish, read, server, tls } from './http-fixture.ts';
import { hurriedClock } from './hurried-clock.ts';

describe('a redirect', () => {
  test('to a page that is no repository', async () => {
    server.misbehave({ kind: 'redirect', to: () => '/login?next=secret', only: LISTING });
    expect(await faultOf(open().head(notAborted()), 'RepositoryNotFound')).not.toContain('next=secret');
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
    const message = await faultOf(open({ repo: 'http://nowhere.invalid/app.git' }).head(notAborted()), 'Unreachable');
    expect(message).toContain('DNS');
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
    const repo = `${server.url.replace('http:', 'https:')}/app.git`;
    expect(await faultOf(open({ repo }).head(notAborted()), 'Misconfigured')).toContain('does not speak TLS');
  });
});

describe('certificates', () => {
  test('of an unknown authority', async () => {
    const message = await faultOf(open({ repo: `${tls.url}/case-${count}/app.git` }).head(notAborted()), 'CertificateRejected');
    expect(message).toContain('CA file');
  });

  test('for another name', async () => {
    const repoUrl = `${tls.url.replace('127.0.0.1', 'localhost')}/case-${count}/app.git`;
    expect(await faultOf(open({ repo: repoUrl, caFile: tls.caFile ?? '' }).head(notAborted()), 'CertificateRejected')).toContain(
      'another server name',
    );
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

  test.each([
    [0, true],
    [20, false],
    [20, true],
    [67, true],
  ])('of the listing: %i bytes (as if whole: %s) are not a deleted branch', async (afterBytes, isClean) => {
    const source = open({ revision: { type: 'branch', name: 'main' } });
    server.misbehave({ kind: 'cut', afterBytes, isClean, only: POST });
    expect(await faultOf(source.head(notAborted()), 'Unreachable')).toContain('app.git');
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

test('a server whose HEAD names a branch that does not exist', async () => {
  await writeFile(join(place, 'HEAD'), 'ref: refs/heads/gone\n');
  expect(await faultOf(open().head(notAborted()), 'RevisionNotFound')).toContain('there are: main');
  expect(await read(open({ revision: { type: 'branch', name: 'main' } }))).toBe('a: 1\n');
});
