// Applications that an application declares: each goes its own way on the engine, one after another where they say so, and leaves with its declaration.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type JsonOutcome, type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

interface RootOutcome extends JsonOutcome {
  readonly applications?: readonly JsonOutcome[];
}

let at: Scene;
beforeAll(async () => {
  at = await scene('app-of-apps');
});
afterAll(async () => {
  await at.close();
});

const application = (name: string, spec: object): object => ({
  apiVersion: 'holdfast.dev/v1',
  kind: 'Application',
  metadata: { name },
  spec: { path: `apps/${name}`, ...spec },
});
/** A new pod has to stay for a while before it counts, since it has no probe that tells sooner. */
const program = (name: string, script: string): string =>
  yaml(deployment(name, { script, spec: { minReadySeconds: 2, progressDeadlineSeconds: 8 } }));
const files = {
  'root/apps.yaml': yaml(
    application('db', {}),
    application('web', { dependsOn: [{ name: 'db' }], targetNamespace: 'shop' }),
    application('spare', {}),
  ),
  'root/shop.yaml': yaml({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }),
  'apps/db/db.yaml': program('db', 'echo db'),
  'apps/web/web.yaml': program('web', 'echo web'),
  'apps/spare/spare.yaml': program('spare', 'echo spare'),
};

async function once(): Promise<{
  exitCode: number | undefined;
  root: string;
  applications: Record<string, string>;
  actions: number;
}> {
  const { exitCode, outcome } = await at.once(['--path', 'root', '--timeout', '60s']);
  const { applications = [] } = outcome as RootOutcome;
  const all = [outcome, ...applications];
  return {
    exitCode: exitCode ?? undefined,
    root: outcome.outcome,
    applications: Object.fromEntries(applications.map((each) => [each.application, each.outcome])),
    actions: all.reduce((sum, { actions }) => sum + actions.length, 0),
  };
}

test('all are live, each after what it depends on, and a second run does nothing', async () => {
  await at.repo.commit(files, 'Three applications');
  expect(await once()).toMatchObject({ exitCode: 0, root: 'live', applications: { db: 'live', web: 'live', spare: 'live' } });
  const { containers } = await at.engine();
  const startedAt = (app: string): string => containers.find(({ pod }) => pod.startsWith(app))?.startedAt ?? '';
  expect(startedAt('db') < startedAt('web')).toBe(true);
  expect(containers.filter(({ name }) => name.includes('.shop.')).map(({ pod }) => pod.replace(/-.*/, ''))).toContain('web');
  const before = await at.engine();
  expect(await once()).toMatchObject({ exitCode: 0, actions: 0 });
  expect(await at.engine()).toEqual(before);
}, 180_000);

test('one that does not become healthy is taken back alone', async () => {
  const before = await at.engine();
  await at.repo.commit(
    {
      'apps/spare/spare.yaml': program('spare', 'echo "no such flag" >&2; exit 3'),
      'apps/db/db.yaml': program('db', 'echo db 2'),
    },
    'A good change and a bad one',
  );
  expect(await once()).toMatchObject({
    exitCode: 1,
    root: 'live',
    applications: { db: 'live', web: 'live', spare: 'rolled-back' },
  });
  const idsOf = (state: typeof before, app: string): readonly string[] =>
    state.containers.filter(({ pod }) => pod.startsWith(app)).map(({ id }) => id);
  const after = await at.engine();
  expect(idsOf(after, 'spare')).toEqual(idsOf(before, 'spare'));
  expect(idsOf(after, 'db')).not.toEqual(idsOf(before, 'db'));
  const { stdout } = await at.ask(['status']);
  expect(stdout).toMatch(/spare/);
  expect(stdout).toMatch(/exit code 3|CrashLoopBackOff/);
}, 180_000);

test('what is no longer declared goes, and only that', async () => {
  const before = await at.engine();
  await at.repo.commit(
    {
      'root/apps.yaml': yaml(application('db', {}), application('web', { dependsOn: [{ name: 'db' }], targetNamespace: 'shop' })),
      'apps/spare/spare.yaml': null,
    },
    'Without the spare one',
  );
  expect(await once()).toMatchObject({ exitCode: 0, root: 'live', applications: { db: 'live', web: 'live' } });
  const { containers } = await at.engine();
  expect(containers).toEqual(before.containers.filter(({ pod }) => !pod.startsWith('spare')));
}, 120_000);

test('a controller makes a push live in each of them', async () => {
  const controller = at.controller(['--path', 'root']);
  const commit = await at.repo.commit({ 'apps/web/web.yaml': program('web', 'echo web 2') }, 'A change of one');
  await controller.untilSays(new RegExp(`live ${commit.slice(0, 7)}`));
  const said = (): Promise<{ stdout: string }> => at.holdfast(['logs', 'deploy/web', '-n', 'shop']);
  await until('the changed program runs', said, ({ stdout }) => stdout.includes('web 2'));
  await at.stop(controller);
}, 120_000);
