// Whoever stops a pod hears of the data planes of all nodes.
import { beforeEach, expect, test } from 'vitest';
import type { Traffic } from '../../src/kubelet/traffic.ts';
import { ClusterTraffic } from '../../src/node/cluster-traffic.ts';

/** What one node leads clients to. */
class Plane implements Traffic {
  readonly served = new Set<string>();
  readonly #callbacks: ((uids: readonly string[]) => void)[] = [];
  isServed(uid: string): boolean {
    return this.served.has(uid);
  }
  onLeft(callback: (uids: readonly string[]) => void): void {
    this.#callbacks.push(callback);
  }
  leave(uid: string): void {
    this.served.delete(uid);
    for (const tell of this.#callbacks) tell([uid]);
  }
}

let cluster: ClusterTraffic;
let planes: readonly [Plane, Plane];
let heard: string[];
beforeEach(() => {
  cluster = new ClusterTraffic();
  planes = [new Plane(), new Plane()];
  heard = [];
});

test('a pod is served as long as one node leads to it, and every kubelet hears who does no more', () => {
  const [one, two] = planes.map((plane) => cluster.join(plane));
  one?.traffic.onLeft((uids) => heard.push(`one: ${uids.join()}`));
  two?.traffic.onLeft((uids) => heard.push(`two: ${uids.join()}`));
  for (const plane of planes) plane.served.add('web');
  expect(one?.traffic.isServed('other')).toBe(false);
  planes[0].leave('web');
  expect(one?.traffic.isServed('web')).toBe(true);
  planes[1].leave('web');
  expect([one, two].map((each) => each?.traffic.isServed('web'))).toEqual([false, false]);
  expect(heard).toEqual(['one: web', 'two: web', 'one: web', 'two: web']);
});

test('a name is one node’s until it leaves', () => {
  const [one, two] = planes.map((plane) => cluster.join(plane));
  expect(one?.claim('host')).toBe(true);
  expect(one?.claim('host')).toBe(true);
  expect(two?.claim('host')).toBe(false);
  expect(two?.claim('other')).toBe(true);
  one?.leave();
  expect(two?.claim('host')).toBe(true);
});

test('a node that leaves counts no more, and its kubelet hears no more', () => {
  const [one, two] = planes.map((plane) => cluster.join(plane));
  one?.traffic.onLeft(() => heard.push('one'));
  two?.traffic.onLeft(() => heard.push('two'));
  planes[1].served.add('web');
  two?.leave();
  expect(one?.traffic.isServed('web')).toBe(false);
  planes[1].leave('web');
  expect(heard).toEqual([]);
  planes[0].leave('web');
  expect(heard).toEqual(['one']);
});
