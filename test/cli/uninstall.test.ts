// `holdfast uninstall`: what goes, what stays, and what is refused.
import { beforeEach, describe, expect, test } from 'vitest';
import { type Parts } from '../../src/cli/parts.ts';
import { run } from '../../src/cli/program.ts';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import type { ContainerSpec } from '../../src/kubelet/engine/container-engine.ts';
import { TAKE_AWAY_SCRIPT } from '../../src/network/boot/take-away.ts';
import { NodeContainerError } from '../../src/network/node-container.ts';
import { FakeNodeContainer } from '../support/fake-node-container.ts';
import { type FakeParts, fakeParts } from '../support/fake-parts.ts';
import { plainContainer } from '../support/plain-container.ts';

const signal = new AbortController().signal;
const CLUSTER = { 'holdfast.dev/cluster': 'default' };
let network: FakeNodeContainer;
let locks: number;
let parts: FakeParts;

function theParts(overrides: Partial<Parts> = {}): FakeParts {
  return fakeParts({
    openNodeContainer: async () => network,
    lockCluster: async () => {
      locks += 1;
      return async () => void (locks -= 1);
    },
    ...overrides,
  });
}

const networkOf = (role: string | undefined): ContainerSpec['network'] =>
  role === 'network' ? { type: 'host' } : { type: 'network', name: 'hf-default' };

async function aContainer(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  const id = await parts.engine.create(
    {
      ...plainContainer,
      name,
      image: 'busybox:1.36',
      labels: { ...CLUSTER, ...labels },
      network: networkOf(labels['holdfast.dev/role']),
    },
    signal,
  );
  await parts.engine.start(id, signal);
}

async function aVolume(name: string, role: string): Promise<void> {
  await parts.engine.ensureVolume(
    { name, labels: { ...CLUSTER, 'holdfast.dev/role': role }, inMemory: false, sizeBytes: 0 },
    signal,
  );
}

async function fill(): Promise<void> {
  const ofPod = { 'holdfast.dev/pod-uid': 'uid-1', 'holdfast.dev/namespace': 'shop', 'holdfast.dev/pod': 'web' };
  await parts.engine.ensureNetwork({ name: 'hf-default', labels: CLUSTER }, signal);
  await aContainer('hf.default._network', { 'holdfast.dev/role': 'network' });
  await aContainer('sandbox', { ...ofPod, 'holdfast.dev/role': 'sandbox' });
  await aContainer('web', { ...ofPod, 'holdfast.dev/role': 'container' });
  await aVolume('hf-default._network', 'network');
  await aVolume('scratch', 'pod');
  await aVolume('data', 'claim');
}

const containers = async (): Promise<readonly string[]> => (await parts.engine.list(signal)).map(({ settings }) => settings.name);
const volumes = (): readonly string[] => parts.engine.volumes().map(({ name }) => name);
const networks = async (): Promise<readonly string[]> => (await parts.engine.networks(signal)).map(({ name }) => name);

beforeEach(async () => {
  network = new FakeNodeContainer();
  await network.ensure({ image: 'network', files: [], command: [] }, signal);
  locks = 0;
  parts = theParts();
  await fill();
});

test('takes the network away, and leaves the pods', async () => {
  expect(await run(['uninstall', '--yes'], parts)).toBe(0);
  expect(network.scripts).toEqual([TAKE_AWAY_SCRIPT]);
  expect({ isThere: network.spec !== undefined, locks }).toEqual({ isThere: false, locks: 0 });
  expect(parts.out()).toBe(
    [
      'This takes away of cluster default:',
      '  container hf.default._network, and what it programmed on this host: rules, addresses, routes',
      '  volume hf-default._network',
      '1 pod goes on without Services and names; --pods removes them',
      'volumes of claims stay: data; "holdfast volumes" removes them',
      'the network of cluster default is gone from this host',
      '',
    ].join('\n'),
  );
  expect(await containers()).toContain('web');
  expect(await networks()).toContain('hf-default');
});

test('with --pods everything goes but the volumes of claims', async () => {
  expect(await run(['uninstall', '--pods', '--yes'], parts)).toBe(0);
  expect(parts.out()).toContain('  2 containers of 1 pod\n  1 volume of these pods alone\n  network hf-default\n');
  // The network container itself is the other port's, which is a fake here.
  expect(await containers()).toEqual(['hf.default._network']);
  expect(volumes()).toEqual(['hf-default._network', 'data']);
  expect(await networks()).not.toContain('hf-default');
  expect(parts.out()).toContain('and so are its pods');
});

test.each([
  [[], ['  container hf.default._plug'], ['hf.default._bridge']],
  [['--pods'], ['  container hf.default._plug', '  container hf.default._bridge'], []],
])('takes the plug away, and with the pods what keeps their network (%j)', async (args, told, left) => {
  await aContainer('hf.default._plug', { 'holdfast.dev/role': 'plug' });
  await aContainer('hf.default._bridge', { 'holdfast.dev/role': 'bridge' });
  expect(await run(['uninstall', ...args, '--yes'], parts)).toBe(0);
  expect(
    parts
      .out()
      .split('\n')
      .filter((line) => /_plug|_bridge/.test(line)),
  ).toEqual(told);
  expect((await containers()).filter((name) => /_plug|_bridge/.test(name))).toEqual(left);
});

test('says so when there is nothing', async () => {
  parts = theParts();
  expect(await run(['uninstall', '--cluster', 'other', '--yes'], parts)).toBe(0);
  expect(parts.out()).toContain('there is nothing to take away of cluster other\n');
  expect(parts.out()).toContain('that begin with hf-other');
  expect(network.scripts).toEqual([]);
});

describe('is refused', () => {
  test('while a controller runs', async () => {
    parts = theParts({ lockCluster: () => Promise.reject(new UsageFault('cluster "default" is held by holdfast reconcile')) });
    await fill();
    expect(await run(['uninstall', '--yes'], parts)).toBe(1);
    expect(parts.err()).toContain('is held by holdfast reconcile');
  });

  test('unasked, without a terminal', async () => {
    expect(await run(['uninstall'], parts)).toBe(1);
    expect(parts.err()).toContain('--yes');
  });

  test('when another name is typed', async () => {
    parts = theParts({ stdin: { isTTY: true }, answer: async () => 'yes' });
    await fill();
    expect(await run(['uninstall'], parts)).toBe(1);
    expect(parts.err()).toContain('nothing was taken away');
  });

  // Nothing of any of these touches a thing.
  test.each([['uninstall'], ['uninstall', '--pods']])('%s %s: nothing is touched', async (...argv) => {
    expect(await run(argv, parts)).toBe(1);
    expect({ scripts: network.scripts, locks, isRunning: network.isRunning }).toEqual({ scripts: [], locks: 0, isRunning: true });
    expect(await containers()).toHaveLength(3);
  });
});

test('goes on after the name was typed', async () => {
  parts = theParts({ stdin: { isTTY: true }, answer: async () => ' default ' });
  await fill();
  expect(await run(['uninstall'], parts)).toBe(0);
  expect(network.isRunning).toBe(false);
});

test('what cannot be taken away keeps its container, for another try', async () => {
  network.answer = () => ({ exitCode: 1, output: '10-fabric: ended with exit code 2\n' });
  expect(await run(['uninstall', '--yes'], parts)).toBe(1);
  expect(parts.err()).toContain('10-fabric: ended with exit code 2');
  expect({ isRunning: network.isRunning, locks }).toEqual({ isRunning: true, locks: 0 });
});

test('an engine that does not answer is one line', async () => {
  network.fault = new NodeContainerError('Unreachable', 'no Docker Engine answers');
  expect(await run(['uninstall', '--yes'], parts)).toBe(1);
  expect(parts.err()).toBe('holdfast: no Docker Engine answers\n');
});
