// The plug of a node, when it comes, does not come, breaks, and refuses.
import { beforeEach, expect, test } from 'vitest';
import { NodeContainerError } from '../../../src/network/node-container.ts';
import { PlugAgent, type PlugState } from '../../../src/network/plug/plug-agent.ts';
import type { PlugRequest } from '../../../src/network/plug/plug-script.ts';
import { silentLogger } from '../../../src/system/logger.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeNodeContainer } from '../../support/fake-node-container.ts';

const NETWORK = { bridge: 'hf0', gateway: '10.244.0.1', podRange: '10.244.0.0/24' };
const REQUEST: PlugRequest = { containerId: 'c0ffee', pid: 7, address: '10.244.0.2', directory: '/d', files: {} };
const never = new AbortController().signal;
let clock: FakeClock;
let container: FakeNodeContainer;
let image: (signal: AbortSignal) => Promise<string>;
let states: PlugState[];
let agent: PlugAgent;

const ok = { exitCode: 0, output: '' };
const plug = (): Promise<string> =>
  agent.plug(REQUEST, never).then(
    () => 'plugged',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );
/** How often scripts were run that plug a sandbox in. */
const plugs = (): number => container.scripts.filter((script) => script.includes('c0ffee')).length;

beforeEach(() => {
  clock = new FakeClock();
  container = new FakeNodeContainer();
  image = () => Promise.resolve('tools:1');
  states = [];
  agent = new PlugAgent({
    clock,
    logger: silentLogger,
    random: () => 0.5,
    container,
    network: () => NETWORK,
    image: (signal) => image(signal),
    onState: (state) => states.push(state),
  });
});

test('is started when it is asked for, tried, and looked at from then on', async () => {
  await clock.settle();
  expect(container.starts).toBe(0);
  await agent.prepare();
  expect([agent.state, container.spec?.image, container.scripts.length]).toEqual([{ phase: 'ready' }, 'tools:1', 2]);
  expect(await plug()).toBe('plugged');
  container.kill();
  await clock.advance(11_000);
  expect(container.starts).toBe(2);
  expect(states).toEqual([{ phase: 'ready' }]);
  await agent.stop();
});

test.each([
  ['no image', () => Promise.reject(new Error('there is no image')), 'there is no image'],
  ['an image that never comes', () => new Promise<string>(() => {}), 'it was not there within 10 s'],
])('keeps nobody waiting for %s, and is used when it comes after all', async (_what, fault, message) => {
  image = fault;
  const prepared = agent.prepare();
  await clock.advance(10_000);
  await prepared;
  expect(agent.state).toEqual({ phase: 'unavailable', message });
  await agent.stop();
});

test('comes back when what kept it away has passed', async () => {
  container.fault = new NodeContainerError('Impossible', 'operation not permitted');
  await agent.prepare();
  expect(agent.state).toEqual({ phase: 'unavailable', message: 'operation not permitted' });
  container.fault = undefined;
  await clock.advance(60_000);
  expect(agent.state).toEqual({ phase: 'ready' });
  await agent.stop();
});

test('that may not enter namespaces is none', async () => {
  container.answer = (script) =>
    script.includes('nsenter') ? { exitCode: 1, output: 'it may not enter network namespaces\n' } : ok;
  await agent.prepare();
  expect(agent.state).toEqual({
    phase: 'unavailable',
    message: 'could not try the plug (exit code 1): it may not enter network namespaces',
  });
  await agent.stop();
});

test('that breaks while it is used is looked at before it is used again', async () => {
  await agent.prepare();
  container.kill();
  expect(await plug()).toBe('the network container does not run');
  expect(agent.state.phase).toBe('unavailable');
  await clock.settle();
  expect(agent.state.phase).toBe('ready');
  expect(await plug()).toBe('plugged');
  await agent.stop();
});

test('that refuses one sandbox is used for others; one that refuses three in a row rests', async () => {
  await agent.prepare();
  container.answer = (script) => (script.includes('c0ffee') ? { exitCode: 1, output: 'no' } : ok);
  expect(await plug()).toBe('could not plug container c0ffee in (exit code 1): no');
  expect(agent.state.phase).toBe('ready');
  await plug();
  await plug();
  await clock.settle();
  expect(agent.state).toEqual({ phase: 'unavailable', message: 'could not plug container c0ffee in (exit code 1): no' });
  await clock.advance(599_000);
  expect(agent.state.phase).toBe('unavailable');
  expect(plugs()).toBe(3);
  await clock.advance(2_000);
  expect(agent.state.phase).toBe('ready');
  await agent.stop();
});

test('whose script never ends is given up', async () => {
  await agent.prepare();
  container.answer = (script) => (script.includes('c0ffee') ? new Promise(() => {}) : ok);
  const waiting = plug();
  await clock.advance(15_000);
  expect(await waiting).toContain('within 15 s');
  await agent.stop();
});
