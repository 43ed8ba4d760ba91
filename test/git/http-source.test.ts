import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { faultOf, notAborted } from '../contract/commit-source-reading.ts';
import { startGitHttpServer } from '../support/git-server-http.ts';
import { cacheFolder, count, dir, open, place, publish, read, repo, root, server } from './http-fixture.ts';

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
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`many/${index}.txt`, `${index} ${Math.sin(index)}`.repeat(20)]),
    );
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
    // Four listings of two requests each, and one fetch.
    expect(server.requests).toHaveLength(4 * 2 + 1);
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
    expect(await faultOf(source.snapshot(id, notAborted()), 'Misconfigured')).toContain(join(dir, 'cache'));
  });
});

test('what was fetched can be read while the server is down', async () => {
  const source = open();
  const id = await source.head(notAborted());
  await source.snapshot(id, notAborted());
  server.misbehave({ kind: 'status', status: 503 });
  await source.close();
  const later = open();
  expect(await faultOf(later.head(notAborted()), 'Unreachable')).toContain('503');
  expect((await later.snapshot(id, notAborted())).files.map((file) => file.path)).toEqual(['a.yaml', 'noise.bin']);
});
