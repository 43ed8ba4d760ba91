import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommitFiles } from '../../src/git/commit-files.ts';
import { type CommitSourceOptions, createCommitSource } from '../../src/git/commit-source.ts';
import { ObjectReader } from '../../src/git/object-reader.ts';
import type { ObjectType } from '../../src/git/objects.ts';
import type { CommitSource } from '../../src/sync/commit-source.ts';
import { systemClock } from '../../src/system/clock.ts';
import { contents, faultOf, notAborted } from '../contract/commit-source-reading.ts';
import { type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let repo: GitRepo;
let opened: CommitSource[];

beforeEach(async () => {
  folder = await temporaryFolder();
  repo = await gitRepo(join(folder.dir, 'work'));
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((source) => source.close()));
  await folder.remove();
});

function open(options: Partial<CommitSourceOptions> = {}): CommitSource {
  const cacheDir = join(folder.dir, 'cache');
  const source = createCommitSource({
    repo: repo.dir,
    revision: undefined,
    path: '',
    workingTree: false,
    cacheDir,
    clock: systemClock(),
    ...options,
  });
  opened.push(source);
  return source;
}

const read = async (source: CommitSource): Promise<Record<string, string>> =>
  await contents((await source.snapshot(await source.head(notAborted()), notAborted())).files);

test('follows what is checked out', async () => {
  await repo.commit({ 'a.yaml': 'a: 1\n' }, 'First');
  await repo.git('checkout', '--quiet', '-b', 'other');
  const other = await repo.commit({ 'a.yaml': 'a: 2\n' }, 'Other');
  const source = open();
  expect(await source.head(notAborted())).toBe(other);
  expect(source.revision).toBe('branch other');
  await repo.git('checkout', '--quiet', 'main');
  expect(await read(source)).toEqual({ 'a.yaml': 'a: 1\n' });
  expect(source.revision).toBe('branch main');
  await repo.git('checkout', '--quiet', '--detach', other);
  expect(await read(source)).toEqual({ 'a.yaml': 'a: 2\n' });
  expect(source.revision).toBe(`commit ${other.slice(0, 7)}`);
});

test('does not see what is not committed', async () => {
  await repo.commit({ 'a.yaml': 'a: 1\n' }, 'First');
  await repo.write({ 'a.yaml': 'a: 2\n' });
  expect(await read(open())).toEqual({ 'a.yaml': 'a: 1\n' });
});

test('goes on through packing and garbage collection', async () => {
  await repo.commit({ 'a.yaml': 'a: 1\n' }, 'First');
  const source = open();
  await read(source);
  await repo.git('gc', '--quiet', '--aggressive', '--prune=now');
  expect(await read(source)).toEqual({ 'a.yaml': 'a: 1\n' });
  await repo.commit({ 'a.yaml': 'a: 2\n' }, 'Second');
  await repo.git('repack', '-a', '-d', '-q');
  await repo.git('pack-refs', '--all');
  expect(await read(source)).toEqual({ 'a.yaml': 'a: 2\n' });
});

test('reads a linked work tree and a repository that borrows objects', async () => {
  await repo.commit({ 'a.yaml': 'a: 1\n' }, 'First');
  const linked = join(folder.dir, 'linked');
  await repo.git('worktree', 'add', '--quiet', '-b', 'feature', linked);
  const source = open({ repo: linked });
  expect(await read(source)).toEqual({ 'a.yaml': 'a: 1\n' });
  expect(source.revision).toBe('branch feature');
  const shared = join(folder.dir, 'shared');
  await repo.git('clone', '--quiet', '--shared', repo.dir, shared);
  expect(await read(open({ repo: shared }))).toEqual({ 'a.yaml': 'a: 1\n' });
});

test('one changed file among a thousand is one blob and the folders above it', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [`part-${index % 10}/${index}.yaml`, `number: ${index}\n`]),
  );
  const first = await repo.commit(many, 'Many');
  const gitdir = join(repo.dir, '.git');
  const reads: ObjectType[] = [];
  class CountingReader extends ObjectReader {
    override async read(type: ObjectType, id: string): Promise<Uint8Array> {
      reads.push(type);
      return await super.read(type, id);
    }
  }
  const files = new CommitFiles({ reader: new CountingReader(gitdir), gitdir, binary: undefined, path: '' });
  const take = async (id: string): Promise<number> => {
    const parsed = await files.commit(id);
    return parsed === undefined ? 0 : (await files.snapshot(parsed, notAborted())).files.length;
  };
  expect(await take(first)).toBe(1000);
  expect(reads.filter((type) => type === 'blob')).toHaveLength(1000);
  const second = await repo.commit({ 'part-3/33.yaml': 'number: changed\n' }, 'One');
  reads.length = 0;
  expect(await take(second)).toBe(1000);
  expect(reads.toSorted()).toEqual(['blob', 'tree', 'tree']);
  reads.length = 0;
  await take(second);
  expect(reads).toEqual([]);
});

describe('what cannot be read', () => {
  test('a folder that is no repository', async () => {
    const plain = join(folder.dir, 'plain');
    await mkdir(plain);
    expect(await faultOf(open({ repo: plain }).head(notAborted()), 'RepositoryNotFound')).toContain('git init');
    await writeFile(join(plain, 'file'), '');
    expect(await faultOf(open({ repo: join(plain, 'file') }).head(notAborted()), 'RepositoryNotFound')).toContain('not a folder');
  });

  test('a folder inside a repository', async () => {
    await repo.commit({ 'deploy/prod/a.yaml': 'x' }, 'First');
    const message = await faultOf(open({ repo: join(repo.dir, 'deploy/prod') }).head(notAborted()), 'RepositoryNotFound');
    expect(message).toContain(`use --repo ${repo.dir} --path deploy/prod`);
  });

  test('an object that is missing', async () => {
    await repo.commit({ 'a.yaml': 'a: 1\n' }, 'First');
    const blob = await repo.git('rev-parse', 'HEAD:a.yaml');
    await rm(join(repo.dir, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    const source = open();
    const id = await source.head(notAborted());
    expect(await faultOf(source.snapshot(id, notAborted()), 'Corrupt')).toContain(blob);
  });

  test('an object that is not what its name says', async () => {
    await repo.commit({ 'a.yaml': 'a: 1\n' }, 'First');
    const [blob, other] = [await repo.git('rev-parse', 'HEAD:a.yaml'), await repo.git('rev-parse', 'HEAD^{tree}')];
    const fileOf = (id: string): string => join(repo.dir, '.git/objects', id.slice(0, 2), id.slice(2));
    await rm(fileOf(blob));
    await writeFile(fileOf(blob), await readFile(fileOf(other)));
    expect(await faultOf(read(open()), 'Corrupt')).toContain(blob);
  });

  test('a repository with SHA-256 names', async () => {
    await repo.git('init', '--quiet', '--object-format=sha256', join(folder.dir, 'new'));
    expect(await faultOf(open({ repo: join(folder.dir, 'new') }).head(notAborted()), 'Misconfigured')).toContain('sha256');
  });

  test('a short hash that several objects share', async () => {
    await repo.commit(Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`${index}`, `${index}`])), 'Many');
    const ids = (await repo.git('ls-tree', '-r', '--format=%(objectname)', 'HEAD')).split('\n').toSorted();
    const twice = ids.find((id, index) => ids[index + 1]?.slice(0, 4) === id.slice(0, 4));
    const source = open({ revision: { type: 'commit', name: (twice ?? '').slice(0, 4) } });
    expect(await faultOf(source.head(notAborted()), 'RevisionNotFound')).toContain('several objects');
  });

  test('a hash that names no commit', async () => {
    await repo.commit({ 'a.yaml': 'a: 1\n' }, 'First');
    const blob = await repo.git('rev-parse', 'HEAD:a.yaml');
    expect(await faultOf(open({ revision: { type: 'commit', name: blob } }).head(notAborted()), 'RevisionNotFound')).toContain(
      'names a blob',
    );
  });

  test('a path that leaves the repository', () => {
    expect(() => open({ path: 'a/../../b' })).toThrow(expect.objectContaining({ fault: 'Misconfigured' }));
  });
});

test('a commit, a checkout and a push wake whoever waits', async () => {
  await repo.commit({ 'a.yaml': 'a: 1\n' }, 'First');
  const source = open();
  const stop = new AbortController();
  const changes = source.changes(stop.signal)[Symbol.asyncIterator]();
  await changes.next();
  for (const change of [
    () => repo.commit({ 'a.yaml': 'a: 2\n' }, 'Second'),
    () => repo.git('checkout', '--quiet', '-b', 'other'),
    () => repo.git('pack-refs', '--all'),
    () => repo.push(repo.dir, { refspec: 'HEAD:refs/heads/pushed' }),
  ]) {
    const next = changes.next();
    await change();
    expect(await next).toMatchObject({ done: false });
  }
  let last = changes.next();
  await source.close();
  // One push moves several files, of which the last may be told of by itself.
  while ((await last).done !== true) last = changes.next();
});
