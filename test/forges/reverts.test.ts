// From a store and the options of the command line to a real server: which repository goes back, with which credentials, and by which commit.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ReconcileOptions } from '../../src/cli/parts.ts';
import { revertFault } from '../../src/forges/revert-fault.ts';
import { reverting } from '../../src/forges/reverts.ts';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import { type ApplicationSpec, keyOf } from '../../src/model/resource.ts';
import { StoreFeed } from '../../src/runtime/store-feed.ts';
import { Reverter } from '../../src/signals/reverts/reverter.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { newRevision } from '../../src/sync/revision.ts';
import { systemClock } from '../../src/system/clock.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { anApplication, annsCommit, aRecord } from '../support/applications.ts';
import { bareGitRepo, type GitRepo, gitRepo, temporaryFolder } from '../support/git-repo.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-server-http.ts';
import { memorySnapshot } from '../support/memory-snapshot.ts';
import { ScriptedForge } from '../support/scripted-forge.ts';
import { seededIds } from '../support/seeded-ids.ts';

const WEB = (value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: default}\ndata: {a: "${value}"}\n`;
const KUSTOMIZATION = 'resources: [../../base]\nnamePrefix: my-\n';
const clock = systemClock();

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let server: GitHttpServer;
let forge: ScriptedForge;
let api: Awaited<ReturnType<ScriptedForge['listen']>>;
let store: ReturnType<typeof openMemoryStore>;
let repo: GitRepo;
let place: string;
let url: string;
let good: string;
let bad: string;
let count = 0;
let reverter: Reverter | undefined;
let feed: StoreFeed | undefined;

beforeAll(async () => {
  root = await temporaryFolder();
  server = await startGitHttpServer({ dir: root.dir, username: 'ada', password: 'T0K3N' });
});
afterAll(async () => {
  await server.close();
  await root.remove();
});
beforeEach(async () => {
  count += 1;
  place = await bareGitRepo(join(root.dir, `case-${count}`, 'acme', 'app.git'));
  url = `${server.url}/case-${count}/acme/app.git`;
  repo = await gitRepo(join(root.dir, `case-${count}`, 'work'));
  forge = new ScriptedForge('gitea');
  api = await forge.listen();
  store = openMemoryStore({ clock, ids: seededIds(1) });
});
afterEach(async () => {
  await reverter?.stop();
  await feed?.stop();
  [reverter, feed] = [undefined, undefined];
  await api.close();
});

type Files = Readonly<Record<string, string>>;

async function commits(before: Files, after: Files): Promise<void> {
  good = await repo.commit(before, 'Good');
  bad = await repo.commit(after, 'Bad [skip ci]');
  await repo.push(place);
}

/** The application as it is after a rollback; `annotations` say who declares it. */
async function rolledBack(
  path: string,
  before: Files,
  spec: Partial<ApplicationSpec>,
  annotations: Readonly<Record<string, string>> = {},
): Promise<void> {
  const loader = createManifestLoader({ root: path, applicationName: 'shop' });
  const { manifests, problems } = await loader.load(memorySnapshot(before, path));
  expect(problems).toEqual([]);
  const whole: ApplicationSpec = { repo: url, revision: 'branch main', path, timeoutSeconds: 300, ...spec };
  const entries = manifests.map(({ resource, file, line }) => {
    const { kind, namespace, name } = keyOf(resource);
    return { kind, namespace, name, file, line, commit: good, author: '' };
  });
  const revision = newRevision({ ...anApplication(), spec: whole }, { ...annsCommit, id: good }, manifests, entries);
  await store.write([
    {
      op: 'create',
      resource: { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name: 'shop', annotations }, spec: whole },
    },
    { op: 'create', resource: revision },
  ]);
  const quarantined = aRecord('rolled-back', {
    commit: { ...annsCommit, id: bad, subject: 'Bad [skip ci]' },
    message: 'it crashes',
  });
  const stored = store.get('Application', '', 'shop');
  if (stored === undefined) throw new Error('not stored');
  const status = { lastGood: { ...annsCommit, id: good }, quarantined };
  await store.write([{ op: 'updateStatus', key: keyOf(stored), uid: stored.metadata.uid, status }]);
}

const optionsFor = (path: string, rest: Partial<ReconcileOptions> = {}) =>
  ({
    repo: url,
    path,
    branch: 'main',
    workingTree: false,
    dataDir: join(root.dir, `case-${count}`, 'data'),
    cluster: 'prod',
    ...rest,
  }) as ReconcileOptions;

async function revert(options: ReconcileOptions, rootName = 'shop') {
  const parts = reverting(options, { root: { name: rootName, repo: url }, clock, loading: {} });
  feed = new StoreFeed({ store, clock, logger: silentLogger });
  reverter = new Reverter({ ...parts, cluster: 'prod', store, feed, clock, ids: seededIds(2), logger: silentLogger });
  reverter.start();
  feed.start();
  await reverter.settled(20_000);
  return store.get('Application', '', 'shop')?.status?.revert;
}

const git = (...args: string[]): string => execFileSync('git', [`--git-dir=${place}`, ...args], { encoding: 'utf8' }).trim();
const CREDENTIALS = { username: 'ada', password: 'T0K3N' };

describe('after a rollback', () => {
  test('the path is brought back with the credentials of the command line', async () => {
    const before = { 'apps/web.yaml': WEB('1'), 'README.md': '1' };
    await commits(before, { 'apps/web.yaml': WEB('2'), 'README.md': '2' });
    await rolledBack('apps', before, { rollback: { revert: { push: {} } } });
    const report = await revert(optionsFor('apps', CREDENTIALS));
    expect(report).toMatchObject({ commit: bad, state: 'pushed', branch: 'main', revert: git('rev-parse', 'main') });
    expect(git('diff', '--name-only', good, 'main')).toBe('README.md');
    expect(git('log', '-1', '--format=%s', 'main')).toBe('Revert "Bad (skip ci)" in apps');
  });

  test('it is proposed with the credentials of a Secret, which the status does not hold', async () => {
    const before = { 'web.yaml': WEB('1') };
    await commits(before, { 'web.yaml': WEB('2') });
    const data = { username: 'ada', password: 'T0K3N', statusToken: 'T0K3N', statusApi: `http://127.0.0.1:${api.port}/api/v1` };
    const encoded = Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
    await store.write([
      {
        op: 'create',
        resource: {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'git', namespace: 'default' },
          type: 'Opaque',
          data: encoded,
        },
      },
    ]);
    const pullRequest = { provider: 'gitea', title: 'Undo ${commit}' } as const;
    await rolledBack('', before, { rollback: { revert: { pullRequest, secretRef: { name: 'git' } } } });
    const report = await revert(optionsFor(''));
    const branch = `holdfast/revert-${bad.slice(0, 7)}`;
    expect(report).toMatchObject({ state: 'proposed', branch, pullRequest: 'https://git.example/acme/app/pulls/1' });
    expect(forge.pulls.all).toMatchObject([{ branch, into: 'main', title: `Undo ${bad.slice(0, 7)}` }]);
    expect([git('rev-parse', 'main'), git('diff', good, branch)]).toEqual([bad, '']);
    expect(JSON.stringify(store.list('Application'))).not.toContain('T0K3N');
  });

  test('an application that follows another one goes back on the branch of that one', async () => {
    const before = { 'root/x.yaml': WEB('1'), 'shop/web.yaml': WEB('1') };
    await commits(before, { 'root/x.yaml': WEB('2'), 'shop/web.yaml': WEB('2') });
    const spec = { repo: url, revision: 'branch main', path: 'root', timeoutSeconds: 300 };
    await store.write([
      { op: 'create', resource: { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name: 'root' }, spec } },
    ]);
    await rolledBack('shop', before, { rollback: { revert: { push: {} } } }, { 'holdfast.dev/application': 'root' });
    expect(await revert(optionsFor('root', CREDENTIALS), 'root')).toMatchObject({ state: 'pushed', branch: 'main' });
    expect(git('diff', '--name-only', good, 'main')).toBe('root/x.yaml');
  });

  test('nothing is pushed when a base outside of the path has changed too', async () => {
    const base = { 'base/kustomization.yaml': 'resources: [web.yaml]\n', 'base/web.yaml': WEB('1') };
    const before = { ...base, 'apps/x/kustomization.yaml': KUSTOMIZATION };
    await commits(before, { 'base/web.yaml': WEB('2'), 'apps/x/kustomization.yaml': KUSTOMIZATION.replace('my-', 'my-own-') });
    await rolledBack('apps/x', before, { rollback: { revert: { push: {} } } });
    const report = await revert(optionsFor('apps/x', CREDENTIALS));
    expect(report?.message).toMatch(
      /^to bring apps\/x back would not do: ConfigMap my-web \(base\/web.yaml:1\) would be another than before/,
    );
    expect([report?.state, git('rev-parse', 'main')]).toEqual(['pending', bad]);
  });

  test.each<[string, NonNullable<ApplicationSpec['rollback']>, Partial<ReconcileOptions>, RegExp]>([
    ['no Secret', { revert: { push: {}, secretRef: { name: 'git' } } }, {}, /^there is no Secret git in namespace default/],
    ['no token', { revert: { pullRequest: {} } }, CREDENTIALS, /^there is no token for the forge: put it as statusToken/],
    [
      'another forge',
      { revert: { pullRequest: { provider: 'bitbucket' } } },
      { ...CREDENTIALS, commitStatusToken: 'x', commitStatusForge: 'gitea' },
      /^Bitbucket Cloud is at bitbucket.org alone$/,
    ],
    [
      'wrong credentials',
      { revert: { push: {} } },
      { username: 'ada', password: 'no' },
      /refuses the user name, password or token/,
    ],
  ])('%s is told', async (_name, rollback, rest, message) => {
    const before = { 'web.yaml': WEB('1') };
    await commits(before, { 'web.yaml': WEB('2') });
    await rolledBack('', before, { rollback });
    expect((await revert(optionsFor('', rest)))?.message).toMatch(message);
    expect(git('rev-parse', 'main')).toBe(bad);
  });
});

describe('what the command line follows', () => {
  const push = { push: {} };
  const pull = { pullRequest: {} };
  const keys = ['/etc/keys'];
  test.each<[string, Partial<ReconcileOptions>, typeof push | typeof pull, RegExp | undefined]>([
    ['a branch of a server', {}, push, undefined],
    ['a tag', { branch: undefined, tag: 'v1' }, push, /^tag v1 is followed, and a commit can be put on a branch alone$/],
    ['a commit', { branch: undefined, commit: 'abcdef1' }, pull, /^commit abcdef1 is followed/],
    ['files', { workingTree: true }, pull, /^files on disk are followed/],
    ['a repository of this machine', { repo: '/srv/app.git' }, push, /^the repository is on this machine/],
    ['signed commits', { verify: { keys, mode: 'head' } }, push, /^commits have to be signed/],
    ['signed commits, to be merged', { verify: { keys, mode: 'head' } }, pull, undefined],
    ['commits that are all signed', { verify: { keys, mode: 'all' } }, pull, /^all commits have to be signed/],
  ] as [string, Partial<ReconcileOptions>, typeof push | typeof pull, RegExp | undefined][])(
    '%s',
    (_name, rest, wanted, message) => {
      const fault = revertFault({ ...optionsFor(''), repo: 'https://git.example/acme/app', ...rest }, wanted);
      expect(fault ?? 'it can be written to').toMatch(message ?? /^it can be written to$/);
    },
  );
});
