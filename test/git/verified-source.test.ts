import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CommitSourceOptions, createCommitSource } from '../../src/git/commit-source.ts';
import type { TrustOptions } from '../../src/git/verified-source.ts';
import type { Snapshot } from '../../src/sync/commit-source.ts';
import { systemClock } from '../../src/system/clock.ts';
import { type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';
import { startGitHttpServer } from '../support/git-server-http.ts';
import { openSigningDesk, type SigningDesk, type SshKeyPair, signWithGpg, signWithSsh } from '../support/signing.ts';

let desk: SigningDesk;
let key: SshKeyPair;
let other: SshKeyPair;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let repo: GitRepo;
let keysFile = '';
beforeAll(async () => {
  desk = openSigningDesk();
  key = await desk.sshKey('key');
  other = await desk.sshKey('other');
});
afterAll(async () => {
  await desk.close();
});
beforeEach(async () => {
  folder = await temporaryFolder();
  repo = await gitRepo(join(folder.dir, 'work'));
  keysFile = join(folder.dir, 'signers');
  writeFileSync(keysFile, `ada@example.org ${key.line}\n`);
});
afterEach(async () => {
  await folder.remove();
});

const readKeys: TrustOptions['readKeys'] = () => Promise.resolve([{ path: 'signers', text: readFileSync(keysFile, 'utf8') }]);

async function snapshot(
  trust: Partial<TrustOptions> = {},
  options: Partial<CommitSourceOptions> = {},
): Promise<Snapshot & { readonly told: string }> {
  const source = createCommitSource({
    repo: repo.dir,
    revision: undefined,
    path: '',
    workingTree: false,
    cacheDir: join(folder.dir, 'cache'),
    clock: systemClock(),
    trust: { mode: 'head', readKeys, lastGood: () => undefined, ...trust },
    ...options,
  });
  try {
    const { signal } = new AbortController();
    const found = await source.snapshot(await source.head(signal), signal);
    return { ...found, told: found.refusal ?? found.files.map(({ path }) => path).join(' ') };
  } finally {
    await source.close();
  }
}

const sign = async (pair: SshKeyPair = key): Promise<void> => await signWithSsh(repo, pair);
const stopSigning = async (): Promise<void> => {
  await repo.git('config', 'commit.gpgsign', 'false');
  await repo.git('config', 'tag.gpgsign', 'false');
};

test('a commit that is signed comes with its files, another without', async () => {
  await sign();
  await repo.commit({ 'a.yaml': 'a' }, 'Add a');
  expect((await snapshot()).told).toBe('a.yaml');
  await stopSigning();
  const id = await repo.commit({ 'b.yaml': 'b' }, 'Add b');
  const refused = await snapshot();
  expect([refused.told, refused.files, refused.filesBelow]).toEqual([
    `commit ${id.slice(0, 7)} of Ada Example <ada@example.org> ("Add b") is not trusted: it is not signed. Sign it with one of the keys that may ("git commit --amend -S", or "git rebase --exec" for older ones), or have its key added to --verify-keys`,
    [],
    undefined,
  ]);
});

test('keys are read for each commit: one that was taken out counts no more', async () => {
  await sign();
  await repo.commit({ 'a.yaml': 'a' }, 'Add a');
  writeFileSync(keysFile, `* ${other.line}\n`);
  expect((await snapshot()).told).toContain('which is not among those that may sign');
  rmSync(keysFile);
  await expect(snapshot()).rejects.toThrow('ENOENT');
  writeFileSync(keysFile, 'nonsense\n');
  await expect(snapshot()).rejects.toThrow('keys that may sign: signers:1: a line has principals');
});

test('a commit in the name of somebody else is refused', async () => {
  await sign();
  await repo.git('config', 'user.email', 'eve@example.org');
  writeFileSync(keysFile, `eve@example.org ${key.line}\n`);
  await repo.commit({ 'a.yaml': 'a' }, 'Add a');
  expect((await snapshot()).told).toContain('may not sign as "ada@example.org", only as eve@example.org');
});

test('OpenPGP signatures of git hold', async () => {
  const fingerprint = await desk.gpgKey('ada@example.org');
  await signWithGpg(repo, desk, fingerprint);
  await repo.commit({ 'a.yaml': 'a' }, 'Add ä\n\nOf several lines.');
  writeFileSync(keysFile, await desk.gpgExport(fingerprint));
  expect((await snapshot()).told).toBe('a.yaml');
});

describe('all commits since the last good one', () => {
  test('have to be signed, those of merged branches too', async () => {
    await sign();
    const good = await repo.commit({ 'a.yaml': 'a' }, 'Good');
    await repo.commit({ 'a.yaml': 'b' }, 'Next');
    const all = { mode: 'all', lastGood: () => good } as const;
    expect((await snapshot(all)).told).toBe('a.yaml');
    await repo.git('checkout', '-q', '-b', 'side', good);
    await stopSigning();
    const bad = await repo.commit({ 'c.yaml': 'c' }, 'Sneaked in');
    await repo.git('checkout', '-q', 'main');
    await sign();
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'side');
    expect((await snapshot(all)).told).toMatch(
      new RegExp(
        `^commit ${bad.slice(0, 7)} of .* \\("Sneaked in"\\), which \\w{7} is made on, is not trusted: it is not signed`,
      ),
    );
    expect((await snapshot({ lastGood: () => good })).told).toBe('a.yaml c.yaml');
  });

  test('and older ones need not be', async () => {
    await repo.commit({ 'a.yaml': '0' }, 'Before signing');
    const good = await repo.commit({ 'a.yaml': 'a' }, 'Good');
    await sign();
    for (const text of 'bcd') await repo.commit({ 'a.yaml': text }, text);
    expect((await snapshot({ mode: 'all', lastGood: () => good })).told).toBe('a.yaml');
    expect((await snapshot({ mode: 'all' })).told).toBe('a.yaml');
  });

  test('and it has to be among them: an older signed commit is no way back', async () => {
    await sign();
    const older = await repo.commit({ 'a.yaml': 'with a hole' }, 'Older');
    const good = await repo.commit({ 'a.yaml': 'mended' }, 'Good');
    await repo.git('reset', '-q', '--hard', older);
    expect((await snapshot({ mode: 'all', lastGood: () => good })).told).toMatch(
      `is not trusted: it does not follow from ${good.slice(0, 7)}, which was live last: the branch was moved back or rewritten`,
    );
    expect((await snapshot({ mode: 'all', lastGood: () => 'f'.repeat(40) })).told).toContain('it does not follow from fffffff');
  });

  test('a history that is not all there is told', async () => {
    await sign();
    const good = await repo.commit({ 'a.yaml': 'a' }, 'Good');
    for (const text of 'bcd') await repo.commit({ 'a.yaml': text }, text);
    await repo.git('clone', '-q', '--depth', '2', `file://${repo.dir}`, join(folder.dir, 'shallow'));
    const options = { repo: join(folder.dir, 'shallow') };
    expect((await snapshot({ mode: 'all', lastGood: () => good }, options)).told).toContain('it does not follow from');
    const near = (await repo.git('rev-parse', 'HEAD~1')).trim();
    expect((await snapshot({ mode: 'all', lastGood: () => near }, options)).told).toBe('a.yaml');
  });
});

describe.each(['local', 'http'])('a followed tag, %s', (kind) => {
  async function followed(name: string): Promise<string> {
    const revision = { type: 'tag', name } as const;
    if (kind === 'local') return (await snapshot({}, { revision })).told;
    const server = await startGitHttpServer({ dir: folder.dir });
    try {
      return (await snapshot({}, { revision, repo: `${server.url}/work/.git` })).told;
    } finally {
      await server.close();
    }
  }

  test('vouches for its commit when it is signed', async () => {
    await repo.commit({ 'a.yaml': 'a' }, 'Unsigned');
    await sign();
    await repo.git('tag', '-a', '-m', 'Release', 'v1');
    await stopSigning();
    await repo.git('tag', '-a', '-m', 'Release', 'v2');
    await repo.git('tag', 'light');
    expect(await followed('v1')).toBe('a.yaml');
    expect(await followed('v2')).toContain('is not trusted: it is not signed; nor does its tag vouch for it: it is not signed');
    expect(await followed('light')).toContain('is not trusted: it is not signed.');
  });

  test('vouches under its own name alone', async () => {
    await repo.commit({ 'a.yaml': 'a' }, 'Unsigned');
    await sign();
    await repo.git('tag', '-a', '-m', 'Release', 'v1');
    await repo.git('update-ref', 'refs/tags/v2', 'refs/tags/v1');
    expect(await followed('v2')).toContain('nor does its tag vouch for it: it says that it is the tag "v1"');
  });
});

test('a working tree is never signed', () => {
  const trust: TrustOptions = { mode: 'head', readKeys, lastGood: () => undefined };
  expect(() =>
    createCommitSource({
      repo: repo.dir,
      revision: undefined,
      path: '',
      workingTree: true,
      cacheDir: '',
      clock: systemClock(),
      trust,
    }),
  ).toThrow('nobody has signed');
});
