// Endpoints of pods that have changed since the slices were written.
import { describe, expect, test } from 'vitest';
import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL, SLICE_MANAGER } from '../../../src/model/endpoint-slice.ts';
import type { Endpoint, Stored, StoredOf } from '../../../src/model/resource.ts';
import { CurrentSlices } from '../../../src/network/agent/current-slices.ts';
import { FragmentLane } from '../../../src/network/agent/fragment-lane.ts';
import { ServiceFragments } from '../../../src/network/agent/service-fragments.ts';
import type { StoreReader } from '../../../src/store/store.ts';
import { aPod } from '../../support/builders.ts';
import { FRAME_NODE as NODE } from '../services/frame-node.ts';
import { anEndpoint, aService, aSlice } from '../services/service-objects.ts';

type Conditions = NonNullable<Endpoint['conditions']>;
const READY: Conditions = { ready: true, serving: true, terminating: false };
const NOT_READY: Conditions = { ready: false, serving: false, terminating: false };

const pod = (more: { name?: string; isReady?: boolean; isDeleted?: boolean; uid?: string } = {}): StoredOf<'Pod'> => {
  const { name = 'a', isReady = true, isDeleted = false, uid = 'uid-a' } = more;
  const made = aPod({ name, namespace: 'shop', uid });
  return {
    ...made,
    metadata: { ...made.metadata, ...(isDeleted ? { deletionTimestamp: '2026-01-01T00:00:30Z' } : {}) },
    status: { ...made.status, conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  };
};
const endpoint = (conditions: Conditions): Endpoint =>
  anEndpoint(3, { conditions, targetRef: { kind: 'Pod', namespace: 'shop', name: 'a', uid: 'uid-a' } });
const slice = (conditions: Conditions, manager = SLICE_MANAGER, ...more: readonly Endpoint[]): StoredOf<'EndpointSlice'> => {
  const made = aSlice([endpoint(conditions), ...more]);
  return { ...made, metadata: { ...made.metadata, labels: { [SERVICE_NAME_LABEL]: 'web', [MANAGED_BY_LABEL]: manager } } };
};
const reader = (...objects: readonly Stored[]): StoreReader =>
  ({
    get: (kind: string, namespace: string, name: string) =>
      objects.find((one) => one.kind === kind && one.metadata.namespace === namespace && one.metadata.name === name),
    list: (kind: string) => objects.filter((one) => one.kind === kind),
  }) as unknown as StoreReader;
const service = aService({ selector: { app: 'web' } });
const published = aService({ selector: { app: 'web' }, publishNotReadyAddresses: true });

describe('an endpoint', () => {
  test.each<[string, Conditions, StoredOf<'Pod'> | undefined, StoredOf<'Service'>, Conditions | undefined]>([
    ['that is as its slice says', READY, pod(), service, READY],
    [
      'whose pod was deleted is about to end',
      READY,
      pod({ isDeleted: true }),
      service,
      { ready: false, serving: true, terminating: true },
    ],
    ['whose pod is not ready', READY, pod({ isReady: false }), service, NOT_READY],
    ['whose pod is gone', READY, undefined, service, undefined],
    ['whose name another pod has', READY, pod({ uid: 'uid-b' }), service, undefined],
    ['that became ready waits for its slice', NOT_READY, pod(), service, NOT_READY],
    ['that is published stays so', READY, pod({ isDeleted: true }), published, { ready: true, serving: true, terminating: true }],
  ])('%s', (_, written, its, of, expected) => {
    const seen = new CurrentSlices().of('x', [slice(written)], of, reader(...(its === undefined ? [] : [its])));
    expect(seen[0]?.endpoints?.map(({ conditions }) => conditions)).toEqual(expected === undefined ? [] : [expected]);
  });

  test('of a slice that somebody else writes means what it says', () => {
    const foreign = slice(READY, 'me');
    expect(new CurrentSlices().of('x', [foreign], service, reader())).toEqual([foreign]);
  });

  test('that has not changed leaves its slice the same object', () => {
    const same = slice(READY);
    expect(new CurrentSlices().of('x', [same], service, reader(pod()))[0]).toBe(same);
  });
});

test('a pod that is ready again, of which its slice never says otherwise, is told to whoever saw that it was not', () => {
  const current = new CurrentSlices();
  current.of('one', [slice(READY)], service, reader(pod({ isReady: false })));
  current.of('two', [slice(READY)], service, reader(pod()));
  expect([current.take(pod()), current.take(pod())]).toEqual([['one'], []]);
});

test('a pod that was deleted before the data plane knew that it is ready is never led to: its kubelet does not wait for that', async () => {
  const sent: string[] = [];
  const lane = new FragmentLane({ sources: [new ServiceFragments()], frame: () => [{ ip: ['chain x {', '}'] }] });
  const run = (_: string, script: string): Promise<string> => {
    sent.push(script);
    return Promise.resolve('');
  };
  const other = anEndpoint(4, { targetRef: { kind: 'Pod', namespace: 'shop', name: 'b', uid: 'uid-b' } });
  const stays = pod({ name: 'b', uid: 'uid-b' });
  const before = reader(service, slice(NOT_READY, SLICE_MANAGER, other), pod({ isReady: false }), stays);
  lane.reset(before);
  await lane.apply({ store: before, node: NODE, run });
  // Its slice says that it is ready. Then it is deleted, and asked to stop, since nothing leads to it yet.
  const written = slice(READY, SLICE_MANAGER, other);
  const after = reader(service, written, pod({ isDeleted: true }), stays);
  lane.take({ type: 'modified', revision: 2, resource: written }, after);
  expect(lane.isServed('uid-a')).toBe(false);
  await lane.apply({ store: after, node: NODE, run });
  expect([lane.isServed('uid-a'), lane.isServed('uid-b')]).toEqual([false, true]);
  expect(sent.join('')).toContain('10.244.1.4');
  expect(sent.join('')).not.toContain('10.244.1.3');
});
