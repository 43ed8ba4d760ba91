import { appendFile, chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCommitSource } from '../../src/git/commit-source.ts';
import type { CommitSource } from '../../src/sync/commit-source.ts';
import { systemClock } from '../../src/system/clock.ts';
import { contents, faultOf, notAborted } from '../contract/commit-source-reading.ts';
import { bareGitRepo, type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let repo: GitRepo;
let source: CommitSource;

const open = (dir: string, path = ''): CommitSource =>
  createCommitSource({
    repo: dir,
    revision: undefined,
    path,
    workingTree: true,
    cacheDir: join(folder.dir, 'cache'),
    clock: systemClock(),
  });

beforeEach(async () => {
  folder = await temporaryFolder();
  repo = await gitRepo(join(folder.dir, 'work'));
  source = open(repo.dir);
});
afterEach(async () => {
  await source.close();
  await folder.remove();
});

const paths = async (from: CommitSource = source): Promise<string[]> => {
  const { files } = await from.snapshot(await from.head(notAborted()), notAborted());
  return files.map((file) => file.path);
};

test('reads tracked, changed and new files, with the ids that Git would give them', async () => {
  await repo.commit({ 'a.yaml': 'a: 1\n', 'b.yaml': 'b: 1\n' }, 'First');
  await repo.write({ 'a.yaml': 'a: 2\n', 'b.yaml': null, 'sub/c.yaml': 'c: 1\n' });
  const id = await source.head(notAborted());
  expect(id).toMatch(/^worktree-[0-9a-f]{40}$/);
  const { commit, files } = await source.snapshot(id, notAborted());
  expect(await contents(files)).toEqual({ 'a.yaml': 'a: 2\n', 'sub/c.yaml': 'c: 1\n' });
  expect(files[0]?.blobId).toBe(await repo.git('hash-object', 'a.yaml'));
  expect(commit).toMatchObject({ id, subject: `Uncommitted files on main ${(await repo.git('rev-parse', 'HEAD')).slice(0, 7)}` });
  expect(commit.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(source.revision).toBe('working tree');
});

test('the id changes with the content and with nothing else', async () => {
  await repo.commit({ 'a.yaml': 'a: 1\n' }, 'First');
  const first = await source.head(notAborted());
  await repo.git('commit', '--quiet', '--allow-empty', '-m', 'Nothing');
  await repo.write({ 'a.yaml': 'a: 1\n' });
  await chmod(join(repo.dir, 'a.yaml'), 0o755);
  expect(await source.head(notAborted())).toBe(first);
  await repo.write({ 'a.yaml': 'a: 2\n' });
  expect(await source.head(notAborted())).not.toBe(first);
  await repo.write({ 'a.yaml': 'a: 1\n' });
  expect(await source.head(notAborted())).toBe(first);
  await repo.git('mv', 'a.yaml', 'b.yaml');
  expect(await source.head(notAborted())).not.toBe(first);
});

test('the state that head saw can still be read after a change; a forgotten one is refused', async () => {
  await repo.write({ 'a.yaml': 'a: 1\n' });
  const seen = await source.head(notAborted());
  await repo.write({ 'a.yaml': 'a: 2\n' });
  expect(await contents((await source.snapshot(seen, notAborted())).files)).toEqual({ 'a.yaml': 'a: 1\n' });
  await faultOf(open(repo.dir).snapshot(seen, notAborted()), 'RevisionNotFound');
});

test('leaves out what is ignored, but not what is tracked all the same', async () => {
  await repo.write({
    'secret/forced.yaml': 'x',
    'a.log': 'x',
    'a.yaml': 'x',
    '.gitignore': '*.log\nsecret/\n',
    'sub/.gitignore': 'local.yaml\n!keep.log\n',
  });
  await repo.write({
    'sub/local.yaml': 'x',
    'sub/keep.log': 'x',
    'sub/b.yaml': 'x',
    'secret/other.yaml': 'x',
    'excluded.yaml': 'x',
  });
  await appendFile(join(repo.dir, '.git/info/exclude'), 'excluded.yaml\n');
  await repo.git('add', '--force', 'secret/forced.yaml');
  expect(await paths()).toEqual(['.gitignore', 'a.yaml', 'secret/forced.yaml', 'sub/.gitignore', 'sub/b.yaml', 'sub/keep.log']);
  // Exactly what Git would add, and a new rule counts at once.
  const listed = (await repo.git('ls-files', '--cached', '--others', '--exclude-standard')).split('\n').toSorted();
  expect(await paths()).toEqual(listed);
  await writeFile(join(repo.dir, 'sub/.gitignore'), 'b.yaml\n');
  expect(await paths()).toEqual(['.gitignore', 'a.yaml', 'secret/forced.yaml', 'sub/.gitignore', 'sub/local.yaml']);
});

test('a rule above the path counts too', async () => {
  await repo.write({ '.gitignore': 'local.yaml\n', 'deploy/a.yaml': 'x', 'deploy/local.yaml': 'x' });
  expect(await paths(open(repo.dir, 'deploy'))).toEqual(['deploy/a.yaml']);
  await repo.write({ '.gitignore': 'a.yaml\n' });
});

test('lists symbolic links, and does not look into another repository', async () => {
  await repo.write({ 'a.yaml': 'x' });
  await symlink('a.yaml', join(repo.dir, 'link.yaml'));
  await gitRepo(join(repo.dir, 'inner'));
  await writeFile(join(repo.dir, 'inner/b.yaml'), 'x');
  const { files } = await source.snapshot(await source.head(notAborted()), notAborted());
  expect(files.map(({ path, type }) => [path, type])).toEqual([
    ['a.yaml', 'file'],
    ['link.yaml', 'symlink'],
  ]);
});

describe('what cannot be read', () => {
  test('a submodule', async () => {
    const inner = await gitRepo(join(repo.dir, 'inner'));
    await inner.commit({ 'b.yaml': 'x' }, 'Inner');
    await repo.git('add', 'inner');
    expect(await faultOf(source.head(notAborted()), 'Misconfigured')).toContain('submodules are not supported');
  });

  test('a path that is not there', async () => {
    await repo.write({ 'deploy/a.yaml': 'x', 'file.yaml': 'x' });
    expect(await faultOf(open(repo.dir, 'deplyo').head(notAborted()), 'PathNotFound')).toContain('Did you mean "deploy"?');
    expect(await faultOf(open(repo.dir, 'file.yaml').head(notAborted()), 'PathNotFound')).toContain('not a folder');
  });

  test('a bare repository', async () => {
    const bare = await bareGitRepo(join(folder.dir, 'bare.git'));
    expect(await faultOf(open(bare).head(notAborted()), 'Misconfigured')).toContain('--working-tree');
  });

  test('a server', () => {
    expect(() => open('https://example.org/x.git')).toThrow(/needs a repository on this machine/);
  });
});

test('a saved file wakes whoever waits; an ignored one is not watched', async () => {
  await repo.write({ 'a.yaml': 'a: 1\n', '.gitignore': 'build/\n' });
  await mkdir(join(repo.dir, 'build'));
  const stop = new AbortController();
  const changes = source.changes(stop.signal)[Symbol.asyncIterator]();
  await changes.next();
  const before = await source.head(notAborted());
  const next = changes.next();
  await repo.write({ 'a.yaml': 'a: 2\n' });
  expect(await next).toMatchObject({ done: false });
  expect(await source.head(notAborted())).not.toBe(before);
  const last = changes.next();
  stop.abort();
  expect(await last).toMatchObject({ done: true });
  await rm(join(repo.dir, 'build'), { recursive: true });
});

describe('what lies beside the path', () => {
  const besides = async (from: CommitSource, folder: string): Promise<string[]> => {
    const snapshot = await from.snapshot(await from.head(notAborted()), notAborted());
    return ((await snapshot.filesBelow?.(folder, notAborted())) ?? []).map(({ path, type }) => `${type} ${path}`);
  };

  test('is listed as it is on disk, without what is ignored, and never outside of the work tree', async () => {
    await repo.commit({ 'apps/a.yaml': 'a', 'base/b.yaml': 'b', '.gitignore': '*.secret\n' }, 'First');
    await repo.write({ 'base/new.yaml': 'n', 'base/x.secret': 's' });
    await symlink('../..', join(repo.dir, 'base/out'));
    const own = open(repo.dir, 'apps');
    expect(await besides(own, 'base')).toEqual(['file base/b.yaml', 'file base/new.yaml', 'symlink base/out']);
    expect(await besides(own, 'base/out/etc')).toEqual(['symlink base/out']);
    expect(await besides(own, 'base/b.yaml/x')).toEqual(['file base/b.yaml']);
    expect(await besides(own, '../x')).toEqual([]);
    expect(await besides(own, '.git')).toEqual([]);
    expect(await besides(own, 'no/such')).toEqual([]);
    await own.close();
  });

  test('belongs to the state once it was asked for', async () => {
    await repo.commit({ 'apps/a.yaml': 'a', 'base/b.yaml': 'b' }, 'First');
    const own = open(repo.dir, 'apps');
    const first = await own.head(notAborted());
    await repo.write({ 'base/b.yaml': 'b2' });
    expect(await own.head(notAborted())).toBe(first);
    await besides(own, 'base');
    const second = await own.head(notAborted());
    await repo.write({ 'base/b.yaml': 'b3' });
    expect(await own.head(notAborted())).not.toBe(second);
    await repo.write({ 'base/b.yaml': 'b2' });
    expect(await own.head(notAborted())).toBe(second);
    await own.close();
  });
});
