// When the proxy gets a configuration, and when it is only told of pods.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Stored } from '../../../src/model/resource.ts';
import { IngressLane } from '../../../src/network/agent/ingress-lane.ts';
import { ScriptFailed } from '../../../src/network/agent/lane.ts';
import { EXIT_STALE } from '../../../src/network/ingress/scripts.ts';
import type { StoreReader } from '../../../src/store/store.ts';
import { aPod, START_MS } from '../../support/builders.ts';
import { aClass, anIngress, aService, aSlice, rule } from '../ingress/objects.ts';
import { FRAME_NODE as NODE } from '../services/frame-node.ts';

const LOOK = 'look at what the proxy holds';
const CONFIGURE = 'configure the proxy';
const TELL = 'tell the proxy of pods';
const END = 'end the proxy';

let objects: Stored[];
let asked: string[];
let faults: Map<string, Error>;
let left: string[];
let lane: IngressLane;

const store = {
  list: (kind: string) => objects.filter((each) => each.kind === kind),
  get: (kind: string, namespace: string, name: string) =>
    objects.find(({ kind: its, metadata }) => its === kind && (metadata.namespace ?? '') === namespace && metadata.name === name),
} as unknown as StoreReader;
const ingress = anIngress({ rules: [rule('a.example', ['/', 'Prefix', 'web'])] }, { name: 'shop' });
const slice = (...addresses: readonly string[]): Stored => aSlice('web', addresses);
/** Replaces objects of its kind, as a change. */
const change = (resource: Stored, type: 'modified' | 'removed' = 'modified'): boolean => {
  objects = [...objects.filter(({ kind }) => kind !== resource.kind), ...(type === 'removed' ? [] : [resource])];
  return lane.take({ type, revision: 1, resource }, store);
};
const apply = (): Promise<void> =>
  lane.apply({
    store,
    node: NODE,
    run: async (what) => {
      asked.push(what);
      const fault = faults.get(what);
      if (fault !== undefined) throw fault;
      return '';
    },
  });

beforeEach(() => {
  objects = [aClass('holdfast', 'holdfast.dev/ingress', true) as Stored, aService('web') as Stored, slice('10.244.1.3'), ingress];
  asked = [];
  faults = new Map();
  left = [];
  lane = new IngressLane({ now: () => START_MS, onLeft: (uids) => left.push(...uids) });
  lane.reset(store);
});

test('a proxy without anything to do is not there', async () => {
  objects = [aService('web') as Stored];
  await apply();
  await apply();
  expect(asked).toEqual([LOOK]);
});

test('an Ingress configures it, once', async () => {
  await apply();
  await apply();
  expect(asked).toEqual([LOOK, CONFIGURE]);
});

test('pods are told to the running one', async () => {
  await apply();
  expect(change(slice('10.244.1.3', '10.244.1.4'))).toBe(true);
  await apply();
  expect(asked).toEqual([LOOK, CONFIGURE, TELL]);
});

test('one that does not take what it is told is configured', async () => {
  await apply();
  change(slice('10.244.1.4'));
  faults.set(TELL, new ScriptFailed(TELL, EXIT_STALE, ''));
  await apply();
  expect(asked).toEqual([LOOK, CONFIGURE, TELL, CONFIGURE]);
});

test('what broke off is looked at again', async () => {
  await apply();
  change(slice('10.244.1.4'));
  faults.set(TELL, new ScriptFailed(TELL, 1, ''));
  await expect(apply()).rejects.toThrow(TELL);
  faults.clear();
  await apply();
  expect(asked).toEqual([LOOK, CONFIGURE, TELL, LOOK, CONFIGURE]);
});

test('the last Ingress ends it', async () => {
  await apply();
  expect(change(ingress, 'removed')).toBe(true);
  await apply();
  await apply();
  expect(asked).toEqual([LOOK, CONFIGURE, END]);
});

describe('routes that somebody wants kept', () => {
  const of = (name: string, ...addresses: readonly string[]): string =>
    [`backend ${name}`, ...addresses.map((address, index) => `  server s${index} ${address}:8080`)].join('\n');
  const found = [
    'revision 0123.1',
    of('shop:shop:web:80', '10.244.1.3', '0.0.0.0', '0.0.0.0', '0.0.0.0'),
    of('shop:blog:blog:80', '10.244.1.9'),
  ].join('\n');
  let isKept: boolean;
  let scripts: string[];
  const begin = (): void => {
    scripts = [];
    isKept = true;
    const keepsRoutes = (addresses: ReadonlySet<string>): boolean => isKept && addresses.has('10.244.1.9');
    lane = new IngressLane({ now: () => START_MS, keepsRoutes, onLeft: (uids) => left.push(...uids) });
    lane.reset(store);
  };
  const pass = (): Promise<void> =>
    lane.apply({
      store,
      node: NODE,
      run: async (what, script) => {
        asked.push(what);
        scripts.push(script);
        const fault = faults.get(what);
        if (fault !== undefined) throw fault;
        return what === LOOK ? found : '';
      },
    });

  test('stay, while pods come and go, and go when nobody wants them', async () => {
    begin();
    change(slice('10.244.1.4'));
    await pass();
    expect(asked).toEqual([LOOK, TELL]);
    expect(scripts[1]).toContain('set server shop:shop:web:80/s2 addr 10.244.1.4 port');
    expect(scripts[1]).not.toContain('blog');
    await pass();
    expect(asked).toEqual([LOOK, TELL]);
    isKept = false;
    await pass();
    expect(asked).toEqual([LOOK, TELL, CONFIGURE]);
    expect(left).toEqual([]);
  });

  test('stay when the store knows of no Ingress', async () => {
    begin();
    objects = [];
    await pass();
    expect(asked).toEqual([LOOK]);
    isKept = false;
    await pass();
    expect(asked).toEqual([LOOK, END]);
  });

  test('are not made again by a proxy that does not answer', async () => {
    begin();
    change(slice('10.244.1.4'));
    faults.set(TELL, new ScriptFailed(TELL, EXIT_STALE, ''));
    await expect(pass()).rejects.toThrow('its routes cannot be made again');
    faults.clear();
    await pass();
    expect(asked).toEqual([LOOK, TELL, LOOK, TELL]);
  });
});

test('only what Ingresses are made of wakes it, and only when there are any', () => {
  expect(lane.take({ type: 'modified', revision: 1, resource: aPod() }, store)).toBe(false);
  expect(change(slice('10.244.1.4'))).toBe(true);
  objects = objects.filter(({ kind }) => kind !== 'Ingress');
  expect(change(slice('10.244.1.5'))).toBe(false);
});
