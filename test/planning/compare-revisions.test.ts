// `holdfast diff --from A --to B`: which commits the names mean.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DryRun } from '../../src/cli/parts.ts';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import { compareRevisions } from '../../src/planning/compare-revisions.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemIds } from '../../src/system/ids.ts';
import { type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';

const map = (value: string): Record<string, string> => ({
  'apps/a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "${value}"}\n`,
});

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let repo: GitRepo;
beforeEach(async () => {
  folder = await temporaryFolder();
  repo = await gitRepo(join(folder.dir, 'work'));
  for (const value of ['1', '2', '3']) await repo.commit(map(value), `Value ${value}`);
});
afterEach(() => folder.remove());

async function compare(from: string, to: string): Promise<DryRun> {
  return await compareRevisions({
    options: {
      repo: repo.dir,
      path: 'apps',
      workingTree: false,
      dataDir: join(folder.dir, 'data'),
      cluster: 'default',
      once: true,
      intervalMs: 1000,
      timeoutMs: 1000,
      isTimeoutFixed: false,
      skipUnknownKinds: false,
      substitute: {},
    },
    from,
    to,
    application: 'apps',
    loading: {},
    clock: systemClock(),
    ids: systemIds(),
    signal: new AbortController().signal,
  });
}
const subjects = ({ from, commit }: DryRun): unknown[] => [from?.subject, commit?.subject];

test.each<[from: string, to: string, subjects: string[]]>([
  ['HEAD~1', 'HEAD', ['Value 2', 'Value 3']],
  ['HEAD~2', 'HEAD~', ['Value 1', 'Value 2']],
  ['main^', 'main~0', ['Value 2', 'Value 3']],
  ['main^^', 'main^0', ['Value 1', 'Value 3']],
])('%s to %s', async (from, to, expected) => {
  const plan = await compare(from, to);
  expect(subjects(plan)).toEqual(expected);
  expect(plan.actions.map(({ action, name }) => `${action} ${name}`)).toEqual(['update a']);
});

describe('a merge', () => {
  beforeEach(async () => {
    await repo.git('checkout', '--quiet', '-b', 'side', 'HEAD~2');
    await repo.commit({ 'other.txt': 'x' }, 'Side');
    await repo.git('checkout', '--quiet', 'main');
    await repo.git('merge', '--quiet', '--no-ff', '-m', 'Merge', 'side');
    await repo.git('tag', '-a', '-m', 'One', 'v1.0');
  });

  test.each<[from: string, subject: string]>([
    ['HEAD^2', 'Side'],
    ['v1.0^', 'Value 3'],
    ['v1.0^2~1', 'Value 1'],
  ])('%s', async (from, subject) => {
    expect((await compare(from, 'HEAD')).from?.subject).toBe(subject);
  });
});

test.each<[from: string, message: RegExp]>([
  ['HEAD~3', /^there is no commit HEAD~3: [0-9a-f]{7} is the first commit$/],
  ['HEAD^2', /^there is no commit HEAD\^2: [0-9a-f]{7} has one parent$/],
  ['~1', /^"~1" is no name of a revision: give a branch, a tag, a commit or HEAD, with ~1 for the commit before$/],
  ['HEAD@{1}', /^"HEAD@\{1\}" is no name of a revision: /],
  ['v9~1', /has no branch "v9"/],
])('%s is none', async (from, message) => {
  const fault: unknown = await compare(from, 'HEAD').catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(UsageFault);
  expect((fault as UsageFault).message).toMatch(message);
});

test('a fault of the older commit names it shortly', async () => {
  const broken = await repo.commit({ 'apps/a.yaml': 'a: [' }, 'Broken');
  await repo.commit(map('4'), 'Mended');
  const told = async (from: string): Promise<string[]> => (await compare(from, 'HEAD')).problems.map(({ message }) => message);
  expect((await told('HEAD~1'))[0]).toMatch(/^at HEAD~1: /);
  expect((await told(broken))[0]).toMatch(new RegExp(`^at ${broken.slice(0, 7)}: `));
});
