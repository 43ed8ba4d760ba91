// When the ways to pods and nodes are made, and when pods are connected.
import { beforeEach, expect, test } from 'vitest';
import { FabricLane } from '../../../src/network/agent/fabric-lane.ts';
import { ScriptFailed } from '../../../src/network/agent/lane.ts';
import type { NodeNetwork } from '../../../src/network/node-network.ts';
import type { StoreReader } from '../../../src/store/store.ts';
import { aNode, aPod } from '../../support/builders.ts';
import { FRAME_NODE as NODE } from '../services/frame-node.ts';

const MAKE = 'make the ways to pods and nodes';
const CONNECT = 'connect pods';
const store = {} as StoreReader;
let asked: string[];
let fault: Error | undefined;
let lane: FabricLane;

const apply = (node: NodeNetwork = NODE): Promise<void> =>
  lane.apply({
    store,
    node,
    run: async (what) => {
      asked.push(what);
      if (fault !== undefined) throw fault;
      return '';
    },
  });
const pod = (podIP?: string): ReturnType<typeof aPod> => {
  const made = aPod({ name: 'a', uid: 'uid-a' });
  return { ...made, status: { ...made.status, ...(podIP === undefined ? {} : { podIP }) } };
};
const take = (resource: ReturnType<typeof aPod> | ReturnType<typeof aNode>, type: 'modified' | 'removed' = 'modified'): boolean =>
  lane.take({ type, revision: 1, resource });

beforeEach(() => {
  asked = [];
  fault = undefined;
  lane = new FabricLane();
});

test('they are made once, and again for another node, container or try', async () => {
  await apply();
  await apply();
  expect(asked).toEqual([MAKE, CONNECT]);
  await apply({ ...NODE, peers: [{ name: 'b', podRange: '10.244.2.0/24', address: '192.0.2.2' }] });
  expect(asked).toEqual([MAKE, CONNECT, MAKE, CONNECT]);
  lane.forget();
  fault = new ScriptFailed(MAKE, 1, '');
  await expect(apply()).rejects.toThrow(MAKE);
  fault = undefined;
  await apply();
  expect(asked.slice(4)).toEqual([MAKE, MAKE, CONNECT]);
});

test('a pod is connected when it has an address, once', async () => {
  await apply();
  expect(take(pod())).toBe(false);
  expect(take(pod('10.244.1.7'))).toBe(true);
  expect(take(pod('10.244.1.7'))).toBe(false);
  await apply();
  await apply();
  expect(asked).toEqual([MAKE, CONNECT, CONNECT]);
  expect(take(pod('10.244.1.7'), 'removed')).toBe(false);
  expect(take(pod('10.244.1.7'))).toBe(true);
});

test('a pod that could not be connected is connected by the next try', async () => {
  await apply();
  take(pod('10.244.1.7'));
  fault = new ScriptFailed(CONNECT, 1, '');
  await expect(apply()).rejects.toThrow(CONNECT);
  fault = undefined;
  await apply();
  expect(asked).toEqual([MAKE, CONNECT, CONNECT, CONNECT]);
});

test('pods of a store that is listed anew are connected anew', async () => {
  take(pod('10.244.1.7'));
  lane.reset();
  expect(take(pod('10.244.1.7'))).toBe(true);
});

test('nodes may change the ways', () => {
  expect(take(aNode({ name: 'b' }))).toBe(true);
});
