import { expect, test } from 'vitest';
import { APPLICATION_ANNOTATION, type Desired, type Stored } from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { planSync } from '../../src/sync/plan.ts';
import { podsToReplace } from '../../src/sync/replaced-by-hand.ts';
import { aPod, aTemplate } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const byHand = { type: 'OnDelete' };
const rolling = { type: 'RollingUpdate' };
const partitioned = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };

function aSet(kind: 'DaemonSet' | 'StatefulSet', image: string, updateStrategy: object): Desired {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web', namespace: 'default', annotations: { [APPLICATION_ANNOTATION]: 'shop' } },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: aTemplate({ container: { image } }),
      ...(kind === 'StatefulSet' ? { serviceName: 'web' } : {}),
      updateStrategy,
    },
  };
}

/** Names of the pods that go when the second set is taken back to the first; `early` was made before the second was applied, `late` after, and `serving` too. */
async function replaced(good: Desired, bad: Desired): Promise<readonly string[]> {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock, ids: seededIds(1) });
  await store.write([{ op: 'create', resource: bad }]);
  const [owner] = store.list(bad.kind) as readonly Stored[];
  const make = async (name: string, options: Parameters<typeof aPod>[0] = {}): Promise<unknown> =>
    await store.write([{ op: 'create', resource: aPod({ name, ...(owner === undefined ? {} : { owner }), ...options }) }]);
  await make('early');
  await clock.advance(60_000);
  const appliedAt = toRfc3339(clock.now());
  await clock.advance(5_000);
  await make('late');
  await make('serving', { readyAtMs: clock.now() });
  const desired = [{ resource: good, file: 'app.yaml', line: 1 }];
  const { changes } = planSync({ desired, live: store, inventory: [], application: 'shop', mode: 'rollback' });
  return podsToReplace(changes, { startedAt: appliedAt, appliedAt }, store).map(({ key }) => key.name);
}

test.each([
  ['DaemonSet', byHand],
  ['StatefulSet', byHand],
  ['StatefulSet', partitioned],
] as const)('pods that the bad template made go with a %s that replaces none: %j', async (kind, strategy) => {
  expect(await replaced(aSet(kind, 'web:1', strategy), aSet(kind, 'web:bad', rolling))).toEqual(['late']);
});

test.each(['DaemonSet', 'StatefulSet'] as const)('a %s that rolls replaces them itself', async (kind) => {
  expect(await replaced(aSet(kind, 'web:1', rolling), aSet(kind, 'web:bad', rolling))).toEqual([]);
});

test('pods of the same template stay', async () => {
  expect(await replaced(aSet('DaemonSet', 'web:1', byHand), aSet('DaemonSet', 'web:1', rolling))).toEqual([]);
});
