// A commit is judged as a set together with what runs already.
import { expect, test } from 'vitest';
import type { Manifest } from '../../src/manifests/load.ts';
import { formatProblem } from '../../src/manifests/problem.ts';
import { APPLICATION_ANNOTATION, type Desired, type InventoryEntry, keyOf, type Resource } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { type Preflight, preflight } from '../../src/sync/preflight.ts';
import { aConfigMap, aDeployment, aPod, asDesired, aTemplate } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const manifest = (resource: Desired, line: number): Manifest => ({ resource, file: 'app.yaml', line });

async function judge(
  desired: readonly Desired[],
  live: readonly Resource[],
  inventory: readonly Desired[] = [],
): Promise<Preflight> {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  for (const resource of live) await store.write([{ op: 'create', resource }]);
  const entryOf = (resource: Desired): InventoryEntry => ({
    ...keyOf(resource),
    file: 'app.yaml',
    line: 1,
    commit: 'c',
    author: 'Ada',
  });
  return preflight({
    application: 'shop',
    status: { inventory: inventory.map(entryOf) },
    store,
    loaded: {
      commit: { id: 'c2', subject: 's', message: 's', author: 'Ada', time: '2026-01-01T00:00:00Z' },
      manifests: desired.map((resource, index) => manifest(resource, index + 1)),
      problems: [],
      loadedAtMs: 0,
    },
    now: 0,
    deadlineMs: 1,
  });
}

const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'mode' } } }];
const web = asDesired(aDeployment({ spec: { template: aTemplate({ container: { env } }) } }));
const settings = (data: Record<string, string>): Desired =>
  asDesired(aConfigMap({ name: 'settings', data, annotations: { [APPLICATION_ANNOTATION]: 'shop' } }));

test.each<[string, readonly Resource[], readonly Desired[], string[]]>([
  ['what runs counts', [settings({ mode: 'on' })], [], []],
  [
    'with the keys that it has',
    [settings({ modes: 'on' })],
    [],
    [
      'app.yaml:1:1 spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef.key: ConfigMap "settings" has no key "mode". Did you mean "modes"?',
    ],
  ],
  [
    'unless the commit takes it away',
    [settings({ mode: 'on' })],
    [settings({ mode: 'on' })],
    [
      'app.yaml:1:1 spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef.name: ConfigMap "settings" is not declared in namespace "default".',
    ],
  ],
])('%s', async (_name, live, inventory, expected) => {
  // More than half of the objects gone would be stopped before.
  const others = ['a', 'b', 'c'].map((name) => asDesired(aConfigMap({ name })));
  const { state, problems } = await judge([web, ...others], live, [...inventory, ...(inventory.length > 0 ? others : [])]);
  expect(problems.map(formatProblem)).toEqual(expected);
  expect(state.state).toBe(expected.length === 0 ? 'ready' : 'refused');
});

test('what may well be meant is told and stops nothing', async () => {
  const claim = (name: string): Desired =>
    asDesired(
      aDeployment({
        name,
        spec: {
          selector: { matchLabels: { app: name } },
          template: aTemplate({ labels: { app: name }, container: { ports: [{ containerPort: 80, hostPort: 80 }] } }),
        },
      }),
    );
  const { state, problems } = await judge([claim('one'), claim('two')], []);
  expect(problems.map(formatProblem)).toEqual([
    'app.yaml:2:1 spec.template.spec.containers[0].ports[0].hostPort: host port 80/TCP is claimed by deployment/one (app.yaml:1) as well: their pods cannot share a node',
  ]);
  expect(state.state).toBe('ready');
});

test('what has no place is told before images, which may only be looked for again', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const { state } = preflight({
    application: 'shop',
    status: {},
    store,
    loaded: {
      commit: { id: 'c2', subject: 's', message: 's', author: 'Ada', time: '2026-01-01T00:00:00Z' },
      manifests: [manifest(asDesired(aPod()), 1)],
      problems: [],
      loadedAtMs: 0,
    },
    images: { prepare: () => ({ state: 'pulling' }), onChange: () => () => {}, forgetFailures: () => {} },
    checkPlacement: () => [{ key: 'Pod/default/web', message: 'Its pod has no place.' }],
    now: 2,
    deadlineMs: 1,
  });
  expect(state).toMatchObject({
    state: 'refused',
    message: 'app.yaml:1:1 pod/web: Its pod has no place. (and 1 more)',
    isAsking: true,
  });
});

test('what has no place whoever leaves is not waited for', () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const stateWith = (isLasting: boolean): object =>
    preflight({
      application: 'shop',
      status: {},
      store,
      loaded: {
        commit: { id: 'c2', subject: 's', message: 's', author: 'Ada', time: '2026-01-01T00:00:00Z' },
        manifests: [manifest(asDesired(aPod()), 1)],
        problems: [],
        loadedAtMs: 0,
      },
      checkPlacement: () => [{ key: 'Pod/default/web', message: 'Its pod has no place.', isLasting }],
      now: 2,
      deadlineMs: 1_000,
    }).state;
  expect(stateWith(false)).toEqual({ state: 'waiting', waitingFor: ['pod/web: Its pod has no place.'] });
  expect(stateWith(true)).toEqual({
    state: 'refused',
    message: 'app.yaml:1:1 pod/web: Its pod has no place.',
    isAsking: false,
  });
});

test('pods of other applications may be what is selected', async () => {
  const budget: Desired = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'x', namespace: 'default' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'other' } } },
  };
  const pod = (application: string): Resource => aPod({ name: 'x', annotations: { [APPLICATION_ANNOTATION]: application } });
  const nothing =
    'app.yaml:1:1 spec.selector: selects nothing: no pod that is declared in namespace "default" has the label app: other.';
  expect((await judge([budget], [pod('shop')])).problems.map(formatProblem)).toEqual([nothing]);
  expect((await judge([budget], [pod('mail')])).problems.map(formatProblem)).toEqual([]);
});
