import { describe, expect, test } from 'vitest';
import type { PodSpec, StoredOf, Taint } from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import { planEviction, taintEvictionController } from '../../src/scheduler/taint-eviction.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { aCondition, aNode, aPod, aReplicaSet, START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const away = (seconds: number): StoredOf<'Node'> =>
  aNode({ status: { conditions: [aCondition('Ready', 'False', 'EngineUnreachable', START_MS)] }, uid: `node-${seconds}` });
const drained: Taint = { key: 'drain', effect: 'NoExecute', timeAdded: toRfc3339(START_MS) };
const withTaint = (taint: Taint): StoredOf<'Node'> => ({ ...aNode(), spec: { taints: [taint] } });

/** What happens so many seconds after the taint was set. */
function after(
  seconds: number,
  node: StoredOf<'Node'>,
  spec: Partial<PodSpec>,
  options: { isOwned?: boolean; hasElsewhere?: boolean } = {},
): string {
  const { isOwned = true, hasElsewhere = true } = options;
  const pod = aPod({ nodeName: 'node-a', phase: 'Running', spec, ...(isOwned ? { owner: aReplicaSet() } : {}) });
  const { actions, checkAgainAfterMs } = planEviction(pod, { node, hasElsewhere: () => hasElsewhere }, START_MS + seconds * 1000);
  const [action] = actions;
  if (action !== undefined) return action.reason;
  return checkAgainAfterMs === undefined ? 'stays' : `asks again after ${checkAgainAfterMs / 1000} s`;
}

const bears = (tolerationSeconds?: number): Partial<PodSpec> => ({
  tolerations: [
    { key: 'drain', operator: 'Exists', effect: 'NoExecute', ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }) },
  ],
});

describe('a taint that somebody set', () => {
  test.each<[string, number, Taint, Partial<PodSpec>, string]>([
    ['is not borne', 0, drained, {}, 'TaintManagerEviction'],
    ['is borne for ever', 9999, drained, bears(), 'stays'],
    ['is borne for a while', 10, drained, bears(60), 'asks again after 50 s'],
    ['is borne no longer', 60, drained, bears(60), 'TaintManagerEviction'],
    [
      'is borne for the shortest time',
      30,
      drained,
      { tolerations: [...(bears(60).tolerations ?? []), ...(bears(30).tolerations ?? [])] },
      'TaintManagerEviction',
    ],
    ['only keeps new pods away', 9999, { key: 'drain', effect: 'NoSchedule' }, {}, 'stays'],
  ])('%s', (_title, seconds, taint, spec, expected) => {
    expect(after(seconds, withTaint(taint), spec, { hasElsewhere: false, isOwned: false })).toBe(expected);
  });
});

describe('a host that does not answer', () => {
  const notReady = (tolerationSeconds: number): Partial<PodSpec> => ({
    tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds }],
  });
  test.each<[string, number, Partial<PodSpec>, { isOwned?: boolean; hasElsewhere?: boolean }, string]>([
    ['is borne for five minutes', 100, {}, {}, 'asks again after 200 s'],
    ['is left after them', 300, {}, {}, 'TaintManagerEviction'],
    ['is left sooner by who says so', 10, notReady(10), {}, 'TaintManagerEviction'],
    ['is not left when there is no other place', 9999, {}, { hasElsewhere: false }, 'asks again after 30 s'],
    ['is not left by a pod that nobody would make again', 9999, {}, { isOwned: false }, 'asks again after 30 s'],
    ['is never left by who bears it', 9999, { tolerations: [{ operator: 'Exists' }] }, {}, 'stays'],
  ])('%s', (_title, seconds, spec, options, expected) => {
    expect(after(seconds, away(seconds), spec, options)).toBe(expected);
  });
});

test('another node is asked for a place as it is now', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const pod = aPod({ nodeName: 'node-a', container: { resources: { requests: { cpu: '3' } } } });
  await store.write([
    { op: 'create', resource: aNode() },
    { op: 'create', resource: pod },
  ]);
  const hasElsewhere = (): boolean => taintEvictionController.observe(store, pod).hasElsewhere();
  expect(hasElsewhere()).toBe(false);
  await store.write([{ op: 'create', resource: aNode({ name: 'node-b' }) }]);
  expect(hasElsewhere()).toBe(true);
  await store.write([
    { op: 'create', resource: aPod({ name: 'x', nodeName: 'node-b', container: { resources: { requests: { cpu: '2' } } } }) },
  ]);
  expect(hasElsewhere()).toBe(false);
});
