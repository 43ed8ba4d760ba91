import { expect, test } from 'vitest';
import { controllerKeepers } from '../../src/controllers/kept-time.ts';
import type { Condition, Resource, Stored } from '../../src/model/resource.ts';
import type { Shift } from '../../src/runtime/kept-time.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { aDeployment, aNode, aPod, aReplicaSet, START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const MINUTE_MS = 60_000;
const ready: Condition = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
const progressing: Condition = {
  type: 'Progressing',
  status: 'True',
  reason: 'ReplicaSetUpdated',
  lastUpdateTime: '2026-01-01T00:00:20Z',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};
const inAMinute = (condition: Condition): Condition => ({
  ...condition,
  lastTransitionTime: '2026-01-01T00:01:00Z',
  ...(condition.lastUpdateTime === undefined ? {} : { lastUpdateTime: '2026-01-01T00:01:20Z' }),
});
const job = (activeDeadlineSeconds?: number): Resource => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'report', namespace: 'default' },
  spec: {
    ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'a' }] } },
  },
});

async function moved(
  objects: readonly (readonly [Resource, object])[],
  shift: Shift = () => MINUTE_MS,
): Promise<readonly unknown[]> {
  const store = openMemoryStore({ clock: new FakeClock(START_MS), ids: seededIds(1) });
  for (const [resource, status] of objects) {
    const done = await store.write([
      { op: 'create', resource, ...(resource.metadata.uid === undefined ? {} : { uid: resource.metadata.uid }) },
    ]);
    if (!done.ok) throw new Error(done.message);
    const [stored] = done.resources as readonly Stored[];
    if (stored === undefined) throw new Error('it is not there');
    const { kind, metadata } = stored;
    const key = { kind, namespace: metadata.namespace ?? '', name: metadata.name };
    await store.write([{ op: 'updateStatus', key, uid: metadata.uid, status }]);
  }
  const writes = controllerKeepers.flatMap((keeper) => keeper(store, shift, START_MS));
  return writes.map((write) => (write.op === 'updateStatus' ? [write.key.kind, write.status] : write));
}

test.each<[string, Parameters<typeof moved>[0], readonly unknown[]]>([
  [
    'how long a rollout has stood still',
    [[aDeployment(), { replicas: 1, conditions: [progressing] }]],
    [['Deployment', { replicas: 1, conditions: [inAMinute(progressing)] }]],
  ],
  ['a rollout that is over', [[aDeployment(), { conditions: [{ ...progressing, reason: 'NewReplicaSetAvailable' }] }]], []],
  ['how long a Job runs', [[job(600), { startTime: '2026-01-01T00:00:00Z' }]], [['Job', { startTime: '2026-01-01T00:01:00Z' }]]],
  ['a Job that may run for ever', [[job(), { startTime: '2026-01-01T00:00:00Z' }]], []],
  [
    'how long a pod has been ready, where somebody waits for that',
    [
      [aReplicaSet({ spec: { minReadySeconds: 10 } }), {}],
      [aPod({ owner: aReplicaSet() }), { conditions: [ready] }],
    ],
    [['Pod', { conditions: [inAMinute(ready)] }]],
  ],
  [
    'and where nobody does',
    [
      [aReplicaSet(), {}],
      [aPod({ owner: aReplicaSet() }), { conditions: [ready] }],
    ],
    [],
  ],
  [
    'how long a node has been away',
    [[aNode(), { conditions: [{ ...ready, status: 'Unknown' }] }]],
    [['Node', { conditions: [{ ...inAMinute(ready), status: 'Unknown' }] }]],
  ],
  ['a node that is there', [[aNode(), { conditions: [ready] }]], []],
])('%s', async (_title, objects, expected) => {
  expect(await moved(objects)).toEqual(expected);
});

test('each is moved by what last happened of it', async () => {
  const asked: number[] = [];
  const shift: Shift = (lastMs) => (asked.push(lastMs - START_MS), 0);
  const away = { conditions: [{ ...ready, status: 'Unknown' }] };
  const objects: Parameters<typeof moved>[0] = [
    [aDeployment(), { conditions: [progressing] }],
    [job(600), { startTime: '2026-01-01T00:00:05Z' }],
    [aNode(), away],
  ];
  expect([await moved(objects, shift), asked]).toEqual([[], [20_000, 5_000, 0]]);
});
