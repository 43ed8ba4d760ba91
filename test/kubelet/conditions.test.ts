// Since when a pod is ready: a container that was started anew in the meantime has broken it, whoever looked.
import { expect, test } from 'vitest';
import { conditionsOf } from '../../src/kubelet/status/conditions.ts';
import { findCondition } from '../../src/model/conditions.ts';
import type { ContainerStatus, StoredOf } from '../../src/model/resource.ts';
import { aPod } from '../support/builders.ts';

const SECOND = 1_000;
const container = (containerID: string, ready = true): ContainerStatus => ({
  name: 'app',
  ready,
  restartCount: 0,
  image: 'app:1',
  imageID: 'app',
  containerID,
  started: true,
  state: { running: {} },
});

/** The pod, looked at `seconds` after the epoch, with this container. */
function lookedAt(pod: StoredOf<'Pod'>, status: ContainerStatus, seconds: number): StoredOf<'Pod'> {
  const containerStatuses = [status];
  const conditions = conditionsOf({
    pod,
    phase: 'Running',
    initStatuses: [],
    statuses: containerStatuses,
    hasSandbox: true,
    now: seconds * SECOND,
  });
  return { ...pod, status: { ...pod.status, conditions, containerStatuses } };
}
const since = (pod: StoredOf<'Pod'>) =>
  ['Ready', 'ContainersReady'].map((type) => findCondition(pod.status?.conditions, type)?.lastTransitionTime);
const at = (seconds: number) => new Date(seconds * SECOND).toISOString().replace('.000Z', 'Z');

test('a container that was ended and started between two looks has been unready', () => {
  const first = lookedAt(aPod(), container('a'), 10);
  expect(since(first)).toEqual([at(10), at(10)]);
  expect(since(lookedAt(first, container('a'), 20))).toEqual([at(10), at(10)]);
  const again = lookedAt(first, container('b'), 30);
  expect(since(again)).toEqual([at(30), at(30)]);
  expect(lookedAt(again, container('b'), 40).status).toEqual(again.status);
});

test('one that is not ready yet has its own time, and so has it when it is', () => {
  const first = lookedAt(aPod(), container('a'), 10);
  const down = lookedAt(first, container('b', false), 30);
  expect(since(down)).toEqual([at(30), at(30)]);
  expect(since(lookedAt(down, container('c', false), 40))).toEqual([at(30), at(30)]);
  expect(since(lookedAt(down, container('b'), 50))).toEqual([at(50), at(50)]);
});
