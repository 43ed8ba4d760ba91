// When the host is looked at, and when it gets addresses or loses them.
import { spawnSync } from 'node:child_process';
import { beforeEach, expect, test } from 'vitest';
import type { Stored, StoredOf } from '../../../src/model/resource.ts';
import { AnnounceLane } from '../../../src/network/agent/announce-lane.ts';
import { ScriptFailed } from '../../../src/network/agent/lane.ts';
import { announceCheck, announceRemoval, announceScript, subnetsScript } from '../../../src/network/announce/announce-script.ts';
import type { StoreReader } from '../../../src/store/store.ts';
import { aService } from '../../controllers/endpointslice/services.ts';
import { aConfigMap, aNode, START_MS } from '../../support/builders.ts';
import { aSlice } from '../ingress/objects.ts';
import { FRAME_NODE as NODE } from '../services/frame-node.ts';

const LOOK = 'look at the subnets of the host';
const ANSWER = 'answer for addresses of pools';
const A = '192.168.1.240';
const B = '192.168.1.241';
const LOOK_MS = 60_000;

let objects: Stored[];
let asked: string[];
let scripts: string[];
let told: (readonly string[])[];
let faults: Map<string, Error>;
let nowMs: number;
let subnets: string;
let lane: AnnounceLane;

const store = {
  list: (kind: string) => objects.filter((each) => each.kind === kind),
  get: (kind: string, namespace: string, name: string) =>
    objects.find(({ kind: its, metadata }) => its === kind && (metadata.namespace ?? '') === namespace && metadata.name === name),
} as unknown as StoreReader;
const pools = aConfigMap({ namespace: 'holdfast-system', name: 'holdfast-address-pools', data: { default: `${A}-${B}` } });
const balancer = (name: string, ip: string, externalTrafficPolicy: 'Local' | 'Cluster' = 'Cluster'): StoredOf<'Service'> => ({
  ...aService({ name, spec: { type: 'LoadBalancer', externalTrafficPolicy } }),
  status: { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } },
});
const node = (name: string, ranges?: string): StoredOf<'Node'> =>
  aNode({ name, ...(ranges === undefined ? {} : { annotations: { 'holdfast.dev/subnets': ranges } }) });
const same = (one: Stored, other: Stored): boolean =>
  one.kind === other.kind && one.metadata.name === other.metadata.name && one.metadata.namespace === other.metadata.namespace;
const change = (resource: Stored, type: 'modified' | 'removed' = 'modified'): boolean => {
  objects = [...objects.filter((each) => !same(each, resource)), ...(type === 'removed' ? [] : [resource])];
  return lane.take({ type, revision: 1, resource }, store);
};
const apply = (): ReturnType<AnnounceLane['apply']> =>
  lane.apply({
    store,
    node: NODE,
    run: async (what, script) => {
      asked.push(what);
      scripts.push(script);
      const fault = faults.get(what);
      if (fault !== undefined) throw fault;
      return what === LOOK ? subnets : '';
    },
  });
/** What the last script has the host answer for, and what it tells of anew. */
const answered = (): readonly (string | undefined)[] => {
  const script = scripts.at(-1) ?? '';
  return [/^wanted=' (.*?) ?'/m.exec(script.replaceAll("'\\''", "'"))?.[1], /again='(.*?)'/.exec(script)?.[1]];
};

beforeEach(() => {
  objects = [pools, balancer('web', A), node('a', '192.168.1.0/24')];
  asked = [];
  scripts = [];
  told = [];
  faults = new Map();
  nowMs = START_MS;
  subnets = '192.168.1.0/24 eth0\n';
  lane = new AnnounceLane({
    now: () => nowMs,
    onSubnets: async (ranges) => {
      const isNews = JSON.stringify(told.at(-1) ?? ['192.168.1.0/24']) !== JSON.stringify(ranges);
      told.push(ranges);
      return isNews;
    },
  });
  lane.reset(store);
});

test('without pools nothing is looked at, and what was left is taken away once', async () => {
  objects = [balancer('web', A), node('a', '192.168.1.0/24')];
  expect(await apply()).toBeUndefined();
  await apply();
  expect(asked).toEqual([ANSWER]);
  expect(change(balancer('web', B))).toBe(false);
  expect(change(node('b'))).toBe(false);
  expect(change(pools)).toBe(true);
});

test('the host gets what falls to it, once, and tells of all that it had before', async () => {
  expect(await apply()).toEqual({ checkAgainAfterMs: LOOK_MS });
  await apply();
  expect([asked, told]).toEqual([[LOOK, ANSWER], [['192.168.1.0/24']]]);
  expect(answered()).toEqual([A, A]);
  expect(change(balancer('db', B))).toBe(true);
  await apply();
  // What is new is told by the script itself.
  expect([asked.slice(2), answered()]).toEqual([[ANSWER], [`${A} ${B}`, '']]);
});

test('what falls to another node, or to nobody, is taken away', async () => {
  await apply();
  expect(change(node('a'))).toBe(true);
  expect(change(node('b', '192.168.1.0/24'))).toBe(true);
  await apply();
  expect(asked).toEqual([LOOK, ANSWER, ANSWER]);
  expect(scripts.at(-1)).toContain('rm -f');
  change(node('a', '192.168.1.0/24'));
  change(node('b'), 'removed');
  await apply();
  expect(answered()).toEqual([A, '']);
  expect(change(pools, 'removed')).toBe(true);
  await apply();
  expect(scripts.at(-1)).toContain('rm -f');
});

test('slices concern it where the endpoints matter', async () => {
  const slice = { ...aSlice('web', ['10.244.1.3']), metadata: { ...aSlice('web', []).metadata, namespace: 'default' } } as Stored;
  expect(change(slice)).toBe(false);
  change(balancer('web', A, 'Local'));
  expect(change(slice)).toBe(true);
});

test('subnets that are news to the store are news to the others: they are waited for', async () => {
  subnets = '192.168.1.0/24 eth0\n10.0.0.0/8 eth1\n';
  expect(await apply()).toEqual({ checkAgainAfterMs: 1_000 });
  expect([asked, told]).toEqual([[LOOK], [['10.0.0.0/8', '192.168.1.0/24']]]);
  nowMs += 1_000;
  await apply();
  expect(asked).toEqual([LOOK, ANSWER]);
});

test('the host is looked at again now and then, and when it may be another', async () => {
  await apply();
  nowMs += LOOK_MS;
  await apply();
  expect(asked).toEqual([LOOK, ANSWER, LOOK]);
  subnets = '192.168.1.0/24 eth1\n';
  nowMs += LOOK_MS;
  await apply();
  expect([asked.slice(3), answered()]).toEqual([
    [LOOK, ANSWER],
    [A, ''],
  ]);
  lane.forget();
  await apply();
  expect([asked.slice(5), answered()]).toEqual([
    [LOOK, ANSWER],
    [A, A],
  ]);
});

test('what did not succeed is tried again, after a look', async () => {
  faults.set(ANSWER, new ScriptFailed(ANSWER, 1, `announce: ${A} is in no subnet of this host`));
  await expect(apply()).rejects.toThrow('in no subnet');
  faults.clear();
  await apply();
  expect(asked).toEqual([LOOK, ANSWER, LOOK, ANSWER]);
});

test('every script is one that the shell can read', () => {
  for (const input of [
    subnetsScript(NODE),
    announceScript(NODE, [A, B]),
    announceScript(NODE, []),
    announceCheck(NODE, [A]),
    announceRemoval(NODE),
  ]) {
    const { status, stderr } = spawnSync('busybox', ['sh', '-n'], { input, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }
});
