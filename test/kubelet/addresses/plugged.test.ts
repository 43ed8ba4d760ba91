// Pods whose sandboxes are plugged in, on a whole kubelet: also when the plug, the kubelet or the store is lost in between. Whatever happens, no
// container is ever started in a sandbox that has nothing in its network namespace.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BRIDGE_ROLE, PLUG_ADDRESS_LABEL, ROLE_LABEL } from '../../../src/kubelet/labels.ts';
import { aContainer, aPod } from '../../support/builders.ts';
import { FakePlug } from '../../support/fake-plug.ts';
import { NODE_NAME, SmallNode } from '../../support/small-node.ts';

let node: SmallNode;
let plug: FakePlug;

/** `web plugged 10.244.0.2 ready` for each pod that has a running sandbox. */
const told = (...names: readonly string[]): readonly string[] =>
  (names.length === 0 ? ['web'] : names).map((name) => {
    const sandbox = node.sandboxes().find(({ labels, state }) => labels['holdfast.dev/pod'] === name && state === 'running');
    const way = sandbox === undefined ? 'none' : sandbox.labels[PLUG_ADDRESS_LABEL] === undefined ? 'docker' : 'plugged';
    return [name, way, node.status(name).podIP, node.isReady(name) ? 'ready' : 'waits'].join(' ');
  });
const create = (name: string): Promise<void> => node.create(aPod({ name, nodeName: NODE_NAME }));
const holders = () => node.engine.containers().filter(({ labels }) => labels[ROLE_LABEL] === BRIDGE_ROLE);

beforeEach(async () => {
  plug = new FakePlug();
  node = new SmallNode({ network: { plug } });
  plug.engine = node.engine;
  await node.start();
});
afterEach(() => {
  expect(node.engine.cutOff).toEqual([]);
});

describe('pods', () => {
  test('are plugged in with their addresses and files, and Docker keeps the network for one container', async () => {
    await create('web');
    await create('db');
    expect(told('web', 'db')).toEqual(['web plugged 10.244.0.2 ready', 'db plugged 10.244.0.3 ready']);
    expect(plug.requests.map(({ address }) => address)).toEqual(['10.244.0.2', '10.244.0.3']);
    expect(holders()).toMatchObject([
      { state: 'running', settings: { name: 'hf.test._bridge', networks: ['hf-test'] }, labels: { [ROLE_LABEL]: 'bridge' } },
    ]);
    const signal = new AbortController().signal;
    const file = await node.engine.readFile(node.runs()[1]?.id ?? '', '/etc/hostname', 100, signal);
    expect(Buffer.from(file ?? []).toString()).toBe('db\n');
  });

  test('with a port of the host are on the network of Docker', async () => {
    const container = aContainer({ ports: [{ containerPort: 80, hostPort: 8080, protocol: 'TCP' }] });
    await node.create(aPod({ name: 'web', nodeName: NODE_NAME, container }));
    expect(told()).toEqual(['web docker 10.244.0.2 ready']);
    expect(plug.requests).toEqual([]);
  });

  test.each(['restart', 'loseStore'] as const)('keep their way over %s, and nothing is written', async (end) => {
    await create('web');
    plug.isThere = false;
    await create('db');
    const before = node.engine.containers().map(({ id }) => id);
    plug.isThere = true;
    await node[end]();
    await node.clock.advance(60_000);
    expect(told('web', 'db')).toEqual(['web plugged 10.244.0.2 ready', 'db docker 10.244.0.3 ready']);
    expect(node.engine.containers().map(({ id }) => id)).toEqual(before);
    plug.isThere = false;
    const version = node.pod().metadata.resourceVersion;
    await node[end]();
    await node.clock.advance(60_000);
    expect(node.engine.containers().map(({ id }) => id)).toEqual(before);
    expect(node.pod().metadata.resourceVersion).toBe(version);
  });

  test('whose container ends get another one in the same sandbox, with or without a plug', async () => {
    await create('web');
    plug.isThere = false;
    node.engine.crash(node.living().id, 1);
    await node.clock.advance(60_000);
    expect(told()).toEqual(['web plugged 10.244.0.2 ready']);
    expect(node.sandboxes()).toHaveLength(1);
  });

  test('that lose their sandbox without a plug get one on the network of Docker', async () => {
    await create('web');
    plug.isThere = false;
    for (const { id } of node.sandboxes()) node.engine.crash(id, 137);
    await node.clock.advance(60_000);
    expect(told()).toEqual(['web docker 10.244.0.2 ready']);
  });

  test('get another address than a container that Docker connected by name', async () => {
    node.engine.occupyAddress('10.244.0.2');
    await create('web');
    expect(told()).toEqual(['web plugged 10.244.0.3 ready']);
    expect(node.events()[0]).toContain('the address 10.244.0.2 is used by a container that is not a pod of this cluster');
  });
});

describe('a plug', () => {
  test.each(['refused', 'late', 'hang'] as const)(
    'that fails (%s) keeps no pod waiting: it has the network of Docker',
    async (fault) => {
      plug.fault = fault;
      await create('web');
      await node.clock.advance(60_000);
      expect(told()).toEqual(['web docker 10.244.0.2 ready']);
      expect(node.events().filter((event) => event.includes('could not plug the sandbox in'))).toHaveLength(1);
      plug.fault = undefined;
      await create('db');
      expect(told('web', 'db')).toEqual(['web docker 10.244.0.2 ready', 'db plugged 10.244.0.3 ready']);
    },
  );

  test('that comes later is used for pods that begin then', async () => {
    plug.isThere = false;
    await create('web');
    plug.isThere = true;
    await create('db');
    expect(told('web', 'db')).toEqual(['web docker 10.244.0.2 ready', 'db plugged 10.244.0.3 ready']);
  });

  test.each([true, false])(
    'is asked again by a kubelet that finds a sandbox without anything made in it (there: %s)',
    async (isThere) => {
      // The process is killed between the start of the sandbox and what comes next.
      plug.fault = 'hang';
      await create('web');
      expect(node.sandboxes()).toHaveLength(1);
      plug.isThere = isThere;
      plug.fault = undefined;
      await node.restart();
      await node.clock.advance(60_000);
      expect(told()).toEqual([`web ${isThere ? 'plugged' : 'docker'} 10.244.0.2 ready`]);
    },
  );

  test('plugs a sandbox in again that was started again before it had containers', async () => {
    node.engine.faults = (call, [spec]) => (call === 'create' && isContainer(spec) ? 'hang' : undefined);
    await create('web');
    const [sandbox] = node.sandboxes();
    await node.clock.advance(1_000);
    node.engine.crash(sandbox?.id ?? '', 137);
    await node.engine.start(sandbox?.id ?? '', new AbortController().signal);
    node.engine.faults = () => undefined;
    await node.clock.advance(120_000);
    expect(told()[0]).toContain('ready');
  });
});

test('the container for which Docker keeps the network is started again when somebody ends it, or removes it', async () => {
  await create('web');
  const [first] = holders();
  node.engine.crash(first?.id ?? '', 137);
  await node.clock.advance(31_000);
  expect(holders()).toMatchObject([{ id: first?.id, state: 'running' }]);
  await node.engine.remove(first?.id ?? '', new AbortController().signal);
  await node.clock.advance(31_000);
  expect(holders()).toMatchObject([{ state: 'running' }]);
  expect(told()).toEqual(['web plugged 10.244.0.2 ready']);
});

function isContainer(spec: unknown): boolean {
  return JSON.stringify(spec).includes('"holdfast.dev/container"');
}
