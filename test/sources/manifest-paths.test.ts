// What `holdfast validate` and `holdfast render` read from disk.
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ValidatedPaths } from '../../src/cli/parts.ts';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import { loadPaths } from '../../src/sources/manifest-paths.ts';
import { repositoryPath } from '../../src/surroundings/repository-path.ts';
import { told } from '../support/manifest-text.ts';

const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

let dir: string;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-paths-')));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
}
const load = (...paths: string[]): Promise<ValidatedPaths> =>
  loadPaths(
    paths.map((path) => (path === '-' ? path : join(dir, path))),
    async () => new TextEncoder().encode(map('in')),
  );
/** Without the folder of the test. */
const short = (text: string): string => text.replaceAll(`${dir}/`, '');
const shown = (result: ValidatedPaths): string[] =>
  result.manifests.map(({ resource, file, line }) => `${resource.metadata.name ?? ''} ${short(file)}:${line}`);

test('files, folders and standard input', async () => {
  await write({
    'a/b.yaml': map('b'),
    'a/c/d.json': `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}}`,
    'e.yaml': map('e'),
  });
  const result = await load('a', 'e.yaml', '-');
  expect(told(result)).toEqual([]);
  expect(shown(result).toSorted()).toEqual(['b a/b.yaml:1', 'd a/c/d.json:1', 'e e.yaml:1', 'in stdin.yaml:1']);
  expect(result.fileCount).toBe(4);
});

test('what is given twice is read once, and what is hidden is read when it is named', async () => {
  await write({ '.deploy/a.yaml': map('a'), '.deploy/.b/c.yaml': 'no: [' });
  expect(shown(await load('.deploy', '.deploy/a.yaml'))).toEqual(['a .deploy/a.yaml:1']);
});

test('paths in problems begin as they were given', async () => {
  await write({ 'a/b.yaml': 'kind: Pod\n' });
  const given = relative(process.cwd(), join(dir, 'a'));
  const result = await loadPaths([given], async () => new Uint8Array());
  expect(result.problems.map(({ file }) => file)).toEqual([join(given, 'b.yaml')]);
});

describe.each([
  ['in a work tree', true, ['prod-a base/a.yaml:1'], /^$/],
  ['without one', false, [], /^error \w+ .*prod\/kustomization\.yaml:2:\d+ resources\[0\]: /],
])('kustomizations %s', (_where, isRepository, objects, problem) => {
  beforeEach(async () => {
    if (isRepository) await mkdir(join(dir, '.git'));
    await write({
      'base/kustomization.yaml': 'resources: [a.yaml]\n',
      'base/a.yaml': map('a'),
      'prod/kustomization.yaml': 'namePrefix: prod-\nresources: [../base]\n',
      'test/kustomization.yaml': 'namePrefix: test-\nresources: [../base]\n',
    });
  });

  test('overlays of one base are judged apart', async () => {
    const result = await load('.');
    expect(told(result)).toEqual([]);
    expect(shown(result)).toEqual(['prod-a base/a.yaml:1', 'test-a base/a.yaml:1']);
    expect(result.manifests.map(({ kustomization = '' }) => short(kustomization))).toEqual([
      'prod/kustomization.yaml',
      'test/kustomization.yaml',
    ]);
  });

  test.each(['prod', 'prod/kustomization.yaml'])('%s alone', async (path) => {
    const result = await load(path);
    expect(shown(result)).toEqual(objects);
    expect(told(result).join()).toMatch(problem);
  });
});

test('without a work tree, the current folder is as far as a base may lie', async () => {
  await write({
    'base/kustomization.yaml': 'resources: [a.yaml]\n',
    'base/a.yaml': map('a'),
    'prod/kustomization.yaml': 'resources: [../base]\n',
  });
  const before = process.cwd();
  process.chdir(dir);
  try {
    const result = await loadPaths(['prod'], async () => new Uint8Array());
    expect(told(result)).toEqual([]);
    expect(result.manifests.map(({ file }) => file)).toEqual(['base/a.yaml']);
  } finally {
    process.chdir(before);
  }
});

test('links are followed inside the repository only', async () => {
  await mkdir(join(dir, 'repo/.git'), { recursive: true });
  await write({ 'repo/app/a.yaml': map('a'), 'repo/shared/b.yaml': map('b'), 'secret.yaml': map('secret') });
  await symlink('../shared/b.yaml', join(dir, 'repo/app/b.yaml'));
  await symlink('../../secret.yaml', join(dir, 'repo/app/c.yaml'));
  await symlink(join(dir, 'secret.yaml'), join(dir, 'repo/app/d.yaml'));
  await symlink('../..', join(dir, 'repo/app/e'));
  const result = await load('repo/app');
  expect(shown(result)).toEqual(['a repo/app/a.yaml:1', 'b repo/shared/b.yaml:1']);
  expect(told(result).map(short)).toEqual([
    'error Unreadable repo/app/c.yaml the symbolic link app/c.yaml leads out of the repository, to ../../secret.yaml',
    expect.stringMatching(/^error Unreadable repo\/app\/d\.yaml the symbolic link app\/d\.yaml leads out of the repository, to /),
    'error Unreadable repo/app/e the symbolic link app/e leads out of the repository, to ../..',
  ]);
});

test('a path that is not there is no problem of a manifest', async () => {
  await expect(load('nowhere')).rejects.toThrow(UsageFault);
  await expect(load('nowhere')).rejects.toThrow(`there is no file or folder ${join(dir, 'nowhere')}`);
});

test('files that are too large are refused unread', async () => {
  await write({ 'a.yaml': `# ${'x'.repeat(5_000_000)}\n` });
  expect(told(await load('a.yaml')).map(short)).toEqual([
    'error TooLarge a.yaml the file has 5000003 bytes; at most 4194304 are read',
  ]);
});

test('a file as its repository calls it', async () => {
  await write({ 'shop/.git/HEAD': '', 'shop/apps/a.yaml': map('a'), 'b.yaml': map('b') });
  await symlink(join(dir, 'shop/apps'), join(dir, 'link'));
  expect(repositoryPath(join(dir, 'shop/apps/a.yaml'))).toBe('apps/a.yaml');
  expect(repositoryPath(join(dir, 'link/a.yaml'))).toBe('apps/a.yaml');
  expect(repositoryPath(join(dir, 'b.yaml'))).toBe(join(dir, 'b.yaml'));
  expect(repositoryPath(join(dir, 'nowhere/c.yaml'))).toBe(join(dir, 'nowhere/c.yaml'));
  expect(repositoryPath('stdin.yaml')).toMatch(/(?:^|\/)stdin\.yaml$/);
});
