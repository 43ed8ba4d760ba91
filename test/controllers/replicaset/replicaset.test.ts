import { describe, expect, test } from 'vitest';
import type { ReplicaSetObserved } from '../../../src/controllers/replicaset/plan.ts';
import { MAX_PODS_PER_PASS, MIN_POD_LIFE_MS, planReplicaSet } from '../../../src/controllers/replicaset/plan.ts';
import { rankForDeletion } from '../../../src/controllers/replicaset/ranking.ts';
import type { StoredOf } from '../../../src/model/resource.ts';
import { controllerReference, RECOVERED_ANNOTATION } from '../../../src/model/resource.ts';
import { toRfc3339 } from '../../../src/model/time.ts';
import { aPod, aReplicaSet, aTemplate, type PodOptions, START_MS } from '../../support/builders.ts';
import { seededIds } from '../../support/seeded-ids.ts';
import { SmallWorld } from '../small-world.ts';

const NOW = START_MS + 3_600_000;
const set = aReplicaSet();

function plan(owned: readonly StoredOf<'Pod'>[], options: Partial<ReplicaSetObserved> = {}, of = set, now = NOW) {
  const ids = seededIds(7);
  return planReplicaSet(of, { owned, orphans: [], related: owned, ...options }, now, () => ids.suffix());
}

const running = (name: string, options: PodOptions = {}) =>
  aPod({ name, owner: set, nodeName: 'node-a', readyAtMs: START_MS + 1_000_000, ...options });

describe('pods are made', () => {
  test('as many as are missing, from the template, owned by the set', () => {
    const { actions, status } = plan([running('a')]);
    expect(actions).toHaveLength(2);
    expect(actions[0]).toMatchObject({
      type: 'create',
      reason: 'SuccessfulCreate',
      resource: {
        kind: 'Pod',
        metadata: { labels: { app: 'web' }, ownerReferences: [controllerReference(set)] },
        spec: set.spec.template?.spec,
      },
    });
    expect(actions[0]?.message).toMatch(/^Created pod: web-[a-z0-9]{5}$/);
    expect(status).toEqual({
      observedGeneration: 1,
      replicas: 1,
      fullyLabeledReplicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
      terminatingReplicas: 0,
    });
  });

  test('not more than the bound in one pass, and the rest at once', () => {
    const { actions, checkAgainAfterMs } = plan([], {}, aReplicaSet({ replicas: MAX_PODS_PER_PASS + 1 }));
    expect(actions).toHaveLength(MAX_PODS_PER_PASS);
    expect(checkAgainAfterMs).toBe(0);
  });

  test('under names that are DNS labels, however long the name of the set', () => {
    const { actions } = plan([], {}, aReplicaSet({ name: 'x'.repeat(80), replicas: 1 }));
    expect(actions.map((action) => (action.type === 'create' ? action.resource.metadata.name?.length : 0))).toEqual([63]);
  });

  test('not without a template, and that is said', () => {
    const { template: _template, ...spec } = set.spec;
    const { actions, status } = plan([], {}, { ...set, spec });
    expect(actions).toEqual([]);
    expect(status?.conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }]);
  });

  test('for terminating pods at once', () => {
    const leaving = running('c', { deletionTimestamp: toRfc3339(NOW) });
    const { actions, status } = plan([running('a'), running('b'), leaving]);
    expect(actions.map((action) => action.type)).toEqual(['create']);
    expect(status).toMatchObject({ replicas: 2, terminatingReplicas: 1 });
  });
});

describe('pods that have ended', () => {
  test.each(['Failed', 'Succeeded'] as const)('%s: deleted with a reason, and replaced', (phase) => {
    const ended = running('c', { phase, status: { reason: 'Evicted' } });
    const { actions } = plan([running('a'), running('b'), ended]);
    expect(actions.map((action) => [action.type, action.reason])).toEqual([
      ['delete', 'PodFinished'],
      ['create', 'SuccessfulCreate'],
    ]);
    expect(actions[0]?.message).toBe(`Deleted pod: c, which has ended as ${phase} (Evicted)`);
  });

  test('a pod that ended right after it was made keeps its place for a while, so that its followers do not rush', () => {
    const ended = running('c', { phase: 'Failed', creationTimestamp: toRfc3339(NOW - 4000) });
    const owned = [running('a'), running('b'), ended];
    expect(plan(owned)).toMatchObject({ actions: [], checkAgainAfterMs: MIN_POD_LIFE_MS - 4000 });
    expect(plan(owned, {}, set, NOW + MIN_POD_LIFE_MS - 4000).actions).toHaveLength(2);
    // The clock was set back by a day.
    expect(plan(owned, {}, set, NOW - 86_400_000).actions).toHaveLength(2);
  });
});

describe('claims', () => {
  test('orphans that match are adopted, before anything is made', () => {
    const orphan = aPod({ name: 'stray', annotations: { [RECOVERED_ANNOTATION]: 'true', keep: 'me' } });
    const { actions, checkAgainAfterMs } = plan([], { orphans: [orphan] });
    expect(actions).toMatchObject([
      {
        type: 'update',
        reason: 'Adopted',
        resource: { metadata: { ownerReferences: [controllerReference(set)], annotations: { keep: 'me' } } },
      },
    ]);
    expect(checkAgainAfterMs).toBe(0);
  });

  test('a recovered pod whose owner did not come back gets this one instead', () => {
    const orphan = aPod({ owner: aReplicaSet({ uid: 'gone' }), annotations: { [RECOVERED_ANNOTATION]: 'true' } });
    const { actions } = plan([], { orphans: [orphan] });
    expect(actions[0]).toMatchObject({ resource: { metadata: { ownerReferences: [controllerReference(set)] } } });
  });

  test('a pod that no longer matches is released', () => {
    const { actions } = plan([running('a', { labels: { app: 'debug' } })]);
    expect(actions).toMatchObject([{ type: 'update', reason: 'Released' }]);
    expect(actions[0]?.type === 'update' && actions[0].resource.metadata.ownerReferences).toBeUndefined();
  });

  test('a released pod lives on beside its replacement', async () => {
    const world = new SmallWorld();
    await world.create(aReplicaSet({ replicas: 1 }));
    await world.converge();
    const [pod] = world.pods();
    if (pod !== undefined) await world.update({ ...pod, metadata: { ...pod.metadata, labels: { app: 'debug' } } });
    await world.converge();
    expect(
      world
        .pods()
        .map((each) => each.metadata.ownerReferences?.length ?? 0)
        .toSorted((a, b) => a - b),
    ).toEqual([0, 1]);
  });
});

describe('which pods go first', () => {
  const at = (ms: number) => toRfc3339(START_MS + ms);
  const cost = (value: string) => ({ annotations: { 'controller.kubernetes.io/pod-deletion-cost': value } });
  const restarted = (count: number) => ({
    status: { containerStatuses: [{ name: 'main', ready: true, restartCount: count, image: 'busybox' }] },
  });
  test.each<[string, PodOptions, PodOptions]>([
    ['without a node before with one', { phase: 'Running' }, { nodeName: 'node-a', phase: 'Pending' }],
    ['pending before running', { nodeName: 'node-a', phase: 'Pending' }, { nodeName: 'node-a', phase: 'Running' }],
    ['unknown before running', { nodeName: 'node-a', phase: 'Unknown' }, { nodeName: 'node-a', phase: 'Running' }],
    [
      'not ready before ready',
      { nodeName: 'node-a', phase: 'Running', ...cost('9') },
      { nodeName: 'node-a', readyAtMs: START_MS, ...cost('1') },
    ],
    [
      'not available before available',
      { nodeName: 'node-a', readyAtMs: NOW - 5000 },
      { nodeName: 'node-a', readyAtMs: NOW - 15_000, ...cost('-1') },
    ],
    [
      'lower deletion cost before higher',
      { nodeName: 'node-a', readyAtMs: START_MS, ...cost('-5') },
      { nodeName: 'node-a', readyAtMs: START_MS },
    ],
    [
      'an invalid cost counts as 0',
      { nodeName: 'node-a', readyAtMs: START_MS, ...cost('+100') },
      { nodeName: 'node-a', readyAtMs: START_MS, ...cost('1') },
    ],
    [
      'crowded node before empty one',
      { nodeName: 'node-a', readyAtMs: START_MS },
      { nodeName: 'node-b', readyAtMs: NOW - 11_000 },
    ],
    [
      'ready for a short time before ready for long',
      { nodeName: 'node-a', readyAtMs: NOW - 20_000 },
      { nodeName: 'node-a', readyAtMs: START_MS },
    ],
    [
      'many restarts before few',
      { nodeName: 'node-a', readyAtMs: START_MS, ...restarted(3) },
      { nodeName: 'node-a', readyAtMs: START_MS, ...restarted(1) },
    ],
    [
      'younger before older',
      { nodeName: 'node-a', phase: 'Running', creationTimestamp: at(3_590_000) },
      { nodeName: 'node-a', phase: 'Running' },
    ],
  ])('%s', (_title, first, second) => {
    const [a, b] = [aPod({ name: 'z-first', ...first }), aPod({ name: 'a-second', ...second })];
    const related = [a, b, aPod({ name: 'sibling', nodeName: 'node-a', phase: 'Running' })];
    expect(rankForDeletion([b, a], related, 10, NOW).map((pod) => pod.metadata.name)).toEqual(['z-first', 'a-second']);
    expect(rankForDeletion([a, b], related, 10, NOW).map((pod) => pod.metadata.name)).toEqual(['z-first', 'a-second']);
  });

  test('a surplus is deleted in that order', () => {
    const { actions } = plan([running('a'), running('b'), running('c'), aPod({ name: 'd', owner: set })]);
    expect(actions).toMatchObject([
      { type: 'delete', key: { name: 'd' }, reason: 'SuccessfulDelete', message: 'Deleted pod: d' },
    ]);
  });
});

describe('status', () => {
  test('minReadySeconds: available exactly when the time is over', () => {
    const slow = aReplicaSet({ replicas: 2, spec: { minReadySeconds: 30 } });
    const owned = [running('a', { readyAtMs: NOW - 10_000 }), running('b', { readyAtMs: NOW - 30_000 })];
    const { status, checkAgainAfterMs } = plan(owned, {}, slow);
    expect(status).toMatchObject({ readyReplicas: 2, availableReplicas: 1 });
    expect(checkAgainAfterMs).toBe(20_000);
  });

  test('fullyLabeledReplicas counts pods with all labels of the template', () => {
    const labelled = aReplicaSet({ replicas: 1, spec: { template: aTemplate({ labels: { app: 'web', tier: 'front' } }) } });
    expect(plan([running('a')], {}, labelled).status).toMatchObject({ replicas: 1, fullyLabeledReplicas: 0 });
  });

  test('a second pass over what is as it should be decides nothing', () => {
    const owned = ['a', 'b', 'c'].map((name) => running(name));
    const { actions, checkAgainAfterMs } = plan(owned);
    expect(actions).toEqual([]);
    expect(checkAgainAfterMs).toBeUndefined();
  });
});
