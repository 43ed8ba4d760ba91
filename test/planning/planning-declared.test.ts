// `holdfast diff --application NAME`: what would change of an application that another one declares.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DryRun } from '../../src/cli/parts.ts';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import { makePlan } from '../../src/planning/planning.ts';
import { ancestorsOf, planDeclared } from '../../src/planning/planning-declared.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemIds } from '../../src/system/ids.ts';
import { type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';
import { declare } from '../support/several-applications.ts';

const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const shop = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
const [clock, ids] = [systemClock(), systemIds()];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let repo: GitRepo;
let other: GitRepo;
beforeEach(async () => {
  folder = await temporaryFolder();
  repo = await gitRepo(join(folder.dir, 'work'));
  other = await gitRepo(join(folder.dir, 'other'));
  await other.commit({ 'deploy/a.yaml': map('theirs') }, 'Elsewhere');
  await repo.commit(
    {
      'root/web.yaml': declare('web', { path: 'apps/web', targetNamespace: 'shop' }),
      'root/far.yaml': declare('far', { path: 'deploy', source: { repository: `file://${other.dir}` } }),
      'root/db.yaml': declare('db', {
        path: 'apps/db',
        source: { secretRef: { name: 'a' }, repository: 'https://db.example/a.git' },
      }),
      'apps/web/a.yaml': map('ours'),
      'apps/web/b.yaml': shop,
    },
    'All',
  );
});
afterEach(() => folder.remove());

const optionsOf = () => ({
  repo: repo.dir,
  path: 'root',
  workingTree: false,
  dataDir: join(folder.dir, 'data'),
  cluster: 'default',
  once: true,
  intervalMs: 1000,
  timeoutMs: 1000,
  isTimeoutFixed: false,
  skipUnknownKinds: false,
  substitute: {},
});

async function plan(application: string | undefined, more: { planOut?: string; path?: string } = {}): Promise<DryRun> {
  const options = { ...optionsOf(), ...more, ...(application === undefined ? {} : { application }) };
  const loading = { options: { applicationName: application ?? 'root' }, close: async () => {} };
  const signal = new AbortController().signal;
  return await makePlan(options, { application: application ?? 'root', loading, env: {}, clock, ids, signal });
}
const told = ({ application, commit, actions }: DryRun): readonly unknown[] => [
  application,
  commit?.subject,
  ...actions.map(({ action, namespace, name }) => `${action} ${namespace}/${name}`),
];

test('the path itself names those that it declares', async () => {
  const found = await plan(undefined);
  expect(told(found)).toEqual(['root', 'All', 'create /db', 'create /far', 'create /web']);
  expect(found.declares).toEqual(['db', 'far', 'web']);
});

test('one of the same repository, in its namespace', async () => {
  expect(told(await plan('web'))).toEqual(['web', 'All', 'create /shop', 'create shop/ours']);
});

test('one of another repository, at its newest commit', async () => {
  expect(told(await plan('far'))).toEqual(['far', 'Elsewhere', 'create default/theirs']);
});

test('one whose credentials are not there says so', async () => {
  const because = 'application db: there is no Secret a in namespace default, which spec.source.secretRef names';
  await expect(plan('db')).rejects.toThrow(new UsageFault(because));
});

test('one that was declared, and is not by the newest commit', async () => {
  const store = openMemoryStore({ clock, ids });
  const request = { application: 'old', ancestors: ['root'], options: optionsOf(), loading: {}, store, clock };
  const because =
    'the newest commit of application root declares no application old (db, far, web); --path is to be the path of the first, here root';
  await expect(planDeclared(request)).rejects.toThrow(new UsageFault(because));
});

test('a plan of one cannot be saved', async () => {
  const file = join(folder.dir, 'plan.json');
  await expect(plan('web', { planOut: file })).rejects.toThrow('a plan is saved of the whole path, so leave --application out');
});

test('any other name is that of the path', async () => {
  expect(told(await plan('shop', { path: 'apps/web' }))).toEqual(['shop', 'All', 'create /shop', 'create default/ours']);
});

test('the store knows who declares whom', async () => {
  const store = openMemoryStore({ clock, ids });
  const spec = { repo: '', revision: '', path: '', timeoutSeconds: 1 };
  const names: readonly (readonly [string, string | undefined])[] = [
    ['root', undefined],
    ['db', 'root'],
    ['deep', 'db'],
  ];
  for (const [name, parent] of names) {
    const annotations: Record<string, string> = parent === undefined ? {} : { 'holdfast.dev/application': parent };
    const resource = { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name, annotations }, spec } as const;
    await store.write([{ op: 'create', resource }]);
  }
  expect([ancestorsOf('deep', store), ancestorsOf('root', store), ancestorsOf('nobody', store)]).toEqual([
    ['root', 'db'],
    [],
    [],
  ]);
});
