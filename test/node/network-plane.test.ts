// The network of one node put together: what the store is told of it, what it remembers, and what a kubelet may count on.
import { beforeEach, describe, expect, test } from 'vitest';
import { findCondition } from '../../src/model/conditions.ts';
import type { ApplicationStatus } from '../../src/model/resource.ts';
import { NetworkUnavailable } from '../../src/network/agent/agent.ts';
import { NodeContainerError } from '../../src/network/node-container.ts';
import { type NetworkParts, NetworkPlane } from '../../src/node/network-plane.ts';
import { allQuiet } from '../../src/runtime/watch-store.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { anApplication, annsCommit } from '../support/applications.ts';
import { aCondition, aNode, aPod } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeNodeContainer } from '../support/fake-node-container.ts';
import { put } from '../support/fake-parts.ts';
import { seededIds } from '../support/seeded-ids.ts';

const NETWORK = {
  name: 'hf-test',
  bridge: 'hf-br',
  slice: '10.244.0.0/24',
  gateway: '10.244.0.1',
  podRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
  dnsAddress: '10.96.0.10',
};
const KUBELET = { nodeName: 'a', network: NETWORK };
const MEMORY = '{"address":"10.96.3.4","namespace":"default","name":"web","nodePorts":"TCP/80=30080"}\nno json\n';
const READY = ['False', 'NetworkReady', 'the network container holds what it should'];

let clock: FakeClock;
let store: Store;
let container: FakeNodeContainer;
let image: () => Promise<string>;
let plane: NetworkPlane;

const make = (parts: Partial<NetworkParts> = {}): void => {
  const whole = { mode: 'container', container, image: () => image(), choices: {}, ...parts } as NetworkParts;
  plane = new NetworkPlane({ cluster: 'test', store, clock, ids: seededIds(2), logger: silentLogger, parts: whole });
};
const told = (): readonly unknown[] => {
  const condition = findCondition(store.get('Node', '', 'a')?.status?.conditions, 'NetworkUnavailable');
  return [condition?.status, condition?.reason, condition?.message];
};
const prepare = (): Promise<void> => plane.choices?.prepare?.() ?? Promise.resolve();
const application = (name: string, status: ApplicationStatus): Promise<void> => put(store, anApplication(status, name));
const ofApplication = (name: string, of: string): ReturnType<typeof aPod> => ({
  ...aPod({ name, nodeName: 'a', annotations: { 'holdfast.dev/application': of } }),
  status: { podIP: '10.244.0.7', conditions: [aCondition('Ready', 'True')] },
});
/** Resolves when the node holds what the store says. */
const idle = (): Promise<void> => allQuiet(plane.quiet()).idle();

beforeEach(async () => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1) });
  container = new FakeNodeContainer();
  image = () => Promise.resolve('image:1');
  await put(store, aNode({ name: 'a' }));
  make();
});

describe('a node without a network', () => {
  test('says why, promises nothing, and keeps nobody waiting', async () => {
    make({ mode: 'none', reason: 'NetworkDisabled', message: 'started with --network none' });
    await plane.start({ nodeName: 'a', network: undefined });
    expect(told()).toEqual(['True', 'NetworkDisabled', 'started with --network none']);
    expect(plane.choices).toBeUndefined();
    expect(plane.traffic.isServed('pod')).toBe(false);
    await idle();
    expect(container.starts).toBe(0);
    await plane.stop();
  });
});

describe('a node with a network', () => {
  test('says that it starts, and that it is there when the first pod has asked for it', async () => {
    await plane.start(KUBELET);
    expect(told().slice(0, 2)).toEqual(['Unknown', 'NetworkStarting']);
    await prepare();
    await idle();
    expect(told()).toEqual(READY);
    expect(container.spec?.image).toBe('image:1');
    expect(plane.choices?.hasNames?.()).toBe(true);
    await plane.stop();
  });

  test('knows the addresses again that the container remembers, before anything else happens', async () => {
    container.answer = (script) => ({ exitCode: 0, output: script.includes('/memory/') ? MEMORY : '' });
    await plane.start(KUBELET);
    expect(store.get('ServiceCIDR', '', 'kubernetes')?.spec?.cidrs).toEqual(['10.96.0.0/16']);
    expect(store.list('IPAddress').map(({ metadata }) => [metadata.name, metadata.annotations])).toEqual([
      ['10.96.3.4', { 'holdfast.dev/node-ports': 'TCP/80=30080', 'holdfast.dev/recovered': 'true' }],
    ]);
    const asked = container.scripts.length;
    await plane.stop();
    make();
    await plane.start(KUBELET);
    expect(container.scripts.slice(asked).filter((script) => script.includes('/memory/'))).toEqual([]);
    await plane.stop();
  });

  test('asks for what is remembered again, and begins without it when it cannot be read', async () => {
    container.fault = new NodeContainerError('Failed', 'the container ends again and again');
    const started = plane.start(KUBELET);
    for (let pause = 0; pause < 5; pause += 1) await clock.advance(1_000);
    await started;
    expect(store.get('ServiceCIDR', '', 'kubernetes')).toBeDefined();
    await plane.stop();
  });

  test('says that what is programmed holds on while the container cannot be told', async () => {
    await plane.start(KUBELET);
    await prepare();
    container.fault = new NodeContainerError('Unreachable', 'the engine is away');
    await clock.advance(5_000);
    expect(told()).toEqual(['False', 'NetworkStale', 'the engine is away']);
    container.fault = undefined;
    await clock.advance(20_000);
    expect(told()).toEqual(READY);
    await plane.stop();
  });
});

describe('the plug of a node', () => {
  test('is there when the first pod has asked for the network, and comes back', async () => {
    const plug = new FakeNodeContainer();
    make({ plug: { container: plug } });
    const prepared = prepare();
    expect(plane.choices?.plug?.isReady()).toBe(false);
    await plane.start(KUBELET);
    await prepared;
    expect([plane.choices?.plug?.isReady(), plug.starts, told()]).toEqual([true, 1, READY]);
    plug.fault = new NodeContainerError('Failed', 'the plug ends again and again');
    await clock.advance(10_000);
    const message = `${READY[2]}; sandboxes have Docker's own network, which takes longer: the plug ends again and again`;
    expect([plane.choices?.plug?.isReady(), told()]).toEqual([false, ['False', 'NetworkReady', message]]);
    plug.fault = undefined;
    await clock.advance(120_000);
    expect([plane.choices?.plug?.isReady(), told()]).toEqual([true, READY]);
    await plane.stop();
  });

  test('that cannot be is told, and nothing is plugged in', async () => {
    make({ plug: { missing: 'the Docker Engine gives containers users of their own' } });
    await plane.start(KUBELET);
    await prepare();
    expect(plane.choices?.plug).toBeUndefined();
    expect(told()[2]).toContain('which takes longer: the Docker Engine gives containers users of their own');
    await plane.stop();
  });

  test('keeps no pod waiting when the network never begins', async () => {
    make({ plug: { container: new FakeNodeContainer() } });
    const prepared = prepare();
    await plane.stop();
    await prepared;
    expect(plane.choices?.plug?.isReady()).toBe(false);
  });
});

describe('a node whose image is away', () => {
  const away = 'the registry is away';
  beforeEach(() => {
    image = () => Promise.reject(new NetworkUnavailable(away));
    make({ missing: away });
  });

  test('says so at once, lets pods begin with the names of the engine, and nobody waits for its clients', async () => {
    await plane.start(KUBELET);
    expect(told()).toEqual(['True', 'NoNetworkContainer', away]);
    await prepare();
    expect(plane.choices?.hasNames?.()).toBe(false);
    expect(plane.traffic.isServed('pod')).toBe(false);
    expect(container.starts).toBe(0);
    await plane.stop();
  });

  test('has its network when the image comes, with the addresses that were remembered', async () => {
    container.answer = (script) => ({ exitCode: 0, output: script.includes('/memory/') ? MEMORY : '' });
    await plane.start(KUBELET);
    await prepare();
    expect(store.list('IPAddress')).toEqual([]);
    image = () => Promise.resolve('image:1');
    await clock.advance(10_000);
    await idle();
    expect(told()).toEqual(READY);
    expect(plane.choices?.hasNames?.()).toBe(true);
    expect(store.list('IPAddress').map(({ metadata }) => metadata.name)).toEqual(['10.96.3.4']);
    await plane.stop();
  });
});

test('an image that changes makes the container anew', async () => {
  await plane.start(KUBELET);
  await prepare();
  image = () => Promise.resolve('image:2');
  await clock.advance(5_000);
  expect(container.spec?.image).toBe('image:2');
  await plane.stop();
});

test('what is kept for applications that nobody has applied is said, and until when', async () => {
  await put(store, ofApplication('shop-1', 'shop'), ofApplication('blog-1', 'blog'));
  await application('shop', { lastGood: annsCommit });
  await plane.start(KUBELET);
  await prepare();
  await clock.advance(1_000);
  expect(told()).toEqual([
    'False',
    'NetworkKept',
    expect.stringMatching(/^application "blog" has pods here.*for at most 30 seconds/),
  ]);
  expect(container.scripts.filter((script) => script.includes('nft'))).toEqual([]);
  await clock.advance(30_000);
  expect(told()).toEqual([
    'False',
    'NetworkKept',
    expect.stringContaining('their NetworkPolicies and the Services that lead to these pods are kept'),
  ]);
  expect(container.scripts.filter((script) => script.includes('nft'))).not.toEqual([]);
  await application('blog', { lastGood: annsCommit });
  await clock.advance(2_000);
  expect(told()).toEqual(READY);
  await plane.stop();
});
