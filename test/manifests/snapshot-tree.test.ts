import { describe, expect, test } from 'vitest';
import type { TreeEntry } from '../../src/manifests/file-tree.ts';
import { areUnchanged, createSnapshotTree, joinInside, recordReads } from '../../src/manifests/snapshot-tree.ts';
import { type MemoryCommit, memorySnapshot } from '../support/memory-snapshot.ts';

const signal = new AbortController().signal;
const tree = (files: MemoryCommit, root = '') => createSnapshotTree(memorySnapshot(files, root), [root], signal);

async function shown(entry: TreeEntry | undefined): Promise<string> {
  if (entry === undefined) return 'nothing';
  if (entry.type === 'folder') return `folder ${entry.path ?? ''}`;
  if (entry.type === 'refused') return `refused: ${entry.message}`;
  return `file ${entry.file.path}: ${new TextDecoder().decode(await entry.file.read())}`;
}

test.each<[string, string, string | undefined]>([
  ['deploy/web', '../base', 'deploy/base'],
  ['', 'a/./b//c', 'a/b/c'],
  ['deploy', '..', ''],
  ['deploy', '../..', undefined],
  ['', '..', undefined],
  ['deploy', '/etc', undefined],
])('from %j, %j leads to %j', (folder, path, expected) => {
  expect(joinInside(folder, path)).toBe(expected);
});

const files: MemoryCommit = {
  'app/a.yaml': 'a',
  'app/base': { link: '../base' },
  'app/circle': { link: 'round' },
  'app/deep.yaml': { link: 'base/sub/c.yaml' },
  'app/etc': { link: '/etc' },
  'app/gone.yaml': { link: 'no.yaml' },
  'app/link.yaml': { link: 'a.yaml' },
  'app/out': { link: '../../outside' },
  'app/round': { link: './circle' },
  'app/self': { link: '../app' },
  'base/b.yaml': 'b',
  'base/sub/c.yaml': 'c',
  'base/vendor': { submodule: true },
};

describe.each(['', 'app', 'base/sub'])('a tree whose root is %j', (root) => {
  test.each<[string, string]>([
    ['', 'folder '],
    ['app', 'folder app'],
    ['app/a.yaml', 'file app/a.yaml: a'],
    ['app/a.yaml/x', 'nothing'],
    ['app/no.yaml', 'nothing'],
    ['no/such/folder', 'nothing'],
    ['app/link.yaml', 'file app/a.yaml: a'],
    ['app/base', 'folder base'],
    ['app/base/b.yaml', 'file base/b.yaml: b'],
    ['app/base/sub', 'folder base/sub'],
    ['app/deep.yaml', 'file base/sub/c.yaml: c'],
    ['app/self/self/self/a.yaml', 'file app/a.yaml: a'],
    ['app/gone.yaml', 'nothing'],
    ['app/etc', 'refused: the symbolic link app/etc leads out of the repository, to /etc'],
    ['app/etc/passwd', 'refused: the symbolic link app/etc leads out of the repository, to /etc'],
    ['app/out/x', 'refused: the symbolic link app/out leads out of the repository, to ../../outside'],
    ['app/circle', expect.stringMatching(/^refused: the symbolic link app\/\w+ leads round in a circle$/)],
    ['base/vendor/x', 'refused: base/vendor is a Git submodule, which is not supported yet; commit its files'],
    ['base', 'folder base'],
  ])('%s', async (path, expected) => {
    expect(await shown(await tree(files, root).entry(path))).toEqual(expected);
  });
});

test('files below a folder: links to files are among them, links to folders are not followed', async () => {
  expect(await tree(files, 'app').filesBelow('app')).toEqual(['app/a.yaml', 'app/deep.yaml', 'app/link.yaml']);
  expect(await tree(files, 'app').filesBelow('app/base')).toEqual(['app/base/b.yaml', 'app/base/sub/c.yaml']);
  expect(await tree(files, 'app').filesBelow('')).toEqual([
    'app/a.yaml',
    'app/deep.yaml',
    'app/link.yaml',
    'base/b.yaml',
    'base/sub/c.yaml',
  ]);
  expect(await tree(files, 'app').filesBelow('app/a.yaml')).toEqual([]);
});

test('a link whose target is longer than any path is refused', async () => {
  const long = tree({ 'a.yaml': { link: 'x/'.repeat(5000) } });
  expect(await shown(await long.entry('a.yaml'))).toMatch(/^refused: the symbolic link a\.yaml leads out of the repository/);
});

test('what lies beside the root is asked for once, and only what is needed', async () => {
  const asked: string[] = [];
  const reads: string[] = [];
  const one = createSnapshotTree(memorySnapshot(files, 'app', { asked, reads }), ['app'], signal);
  await one.entry('app/a.yaml');
  await one.entry('');
  expect(asked).toEqual([]);
  await Promise.all([one.entry('base'), one.entry('base')]);
  await one.entry('base/b.yaml');
  await one.filesBelow('base/sub');
  expect(asked).toEqual(['base']);
  expect(reads).toEqual([]);
});

test('a source that fails makes the question fail', async () => {
  const failing = createSnapshotTree({ files: [], filesBelow: () => Promise.reject(new Error('gone')) }, ['app'], signal);
  await expect(failing.entry('base')).rejects.toThrow('gone');
});

test.each<[string, MemoryCommit, boolean]>([
  ['nothing', {}, true],
  ['a file that was not asked for', { 'app/other.yaml': 'x' }, true],
  ['a file', { 'app/a.yaml': 'changed' }, false],
  ['a link to the same file', { 'app/link.yaml': { link: './a.yaml' } }, true],
  ['a link to another file of the same bytes', { 'app/link.yaml': { link: 'copy.yaml' }, 'app/copy.yaml': 'a' }, false],
  ['a file where there was none', { 'app/no.yaml': 'x' }, false],
  ['a file in a folder that was listed', { 'base/sub/d.yaml': 'd' }, false],
])('what was read is as it was when %s changes', async (_what, change, expected) => {
  const { tree: recording, reads } = recordReads(tree(files, 'app'));
  for (const path of ['app/a.yaml', 'app/link.yaml', 'app/no.yaml', 'base']) await recording.entry(path);
  await recording.filesBelow('base/sub');
  expect(await areUnchanged(reads, tree({ ...files, ...change }, 'app'))).toBe(expected);
});
