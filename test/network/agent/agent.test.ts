// The agent of a node, through everything that its container and engine do to it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NetworkAgent, type NetworkState, NetworkUnavailable } from '../../../src/network/agent/agent.ts';
import type { Lane } from '../../../src/network/agent/lane.ts';
import { NodeContainerError } from '../../../src/network/node-container.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { silentLogger } from '../../../src/system/logger.ts';
import { aConfigMap, asDesired } from '../../support/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeNodeContainer } from '../../support/fake-node-container.ts';
import { seededIds } from '../../support/seeded-ids.ts';
import { FRAME_NODE as NODE } from '../services/frame-node.ts';

/** Sends the names of all ConfigMaps, when they are other than what the container is known to hold. */
class NamesLane implements Lane {
  readonly name: string;
  readonly isEssential: boolean;
  forgotten = 0;
  #held: string | undefined;

  constructor(name: string, isEssential = true) {
    this.name = name;
    this.isEssential = isEssential;
  }

  reset(): void {}
  take: Lane['take'] = ({ resource }) => resource.kind === 'ConfigMap';
  forget(): void {
    this.forgotten += 1;
    this.#held = undefined;
  }
  apply: Lane['apply'] = async ({ store: reader, run }) => {
    const names = reader.list('ConfigMap').map(({ metadata }) => metadata.name);
    const script = `echo ${this.name} ${names.join(' ')}`.trim();
    if (script === this.#held) return;
    this.#held = undefined;
    await run(`send ${this.name}`, script);
    this.#held = script;
  };
}

let clock: FakeClock;
let store: Store;
let container: FakeNodeContainer;
let image: () => Promise<string>;
let states: NetworkState[];
let first: NamesLane;
let second: NamesLane;
let agent: NetworkAgent;

const begin = (): void => {
  agent = new NetworkAgent({
    store,
    clock,
    logger: silentLogger,
    random: () => 0.5,
    container,
    node: () => NODE,
    image: () => image(),
    containerSpec: (_, reference) => ({ image: reference, files: [], command: ['/boot'] }),
    lanes: [first, second],
    onState: (state) => states.push(state),
  });
  agent.start();
};
const phases = (): readonly string[] => states.map(({ phase }) => phase);
const add = async (name: string): Promise<void> => {
  await store.write([{ op: 'create', resource: asDesired(aConfigMap({ name })) }]);
  await clock.settle();
};
/** Starts it, and lets what follows at once be done. */
const prepared = async (): Promise<NetworkState> => {
  const state = agent.prepare();
  await clock.settle();
  return await state;
};

beforeEach(() => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1) });
  container = new FakeNodeContainer();
  image = () => Promise.resolve('network:1');
  states = [];
  first = new NamesLane('one');
  second = new NamesLane('two', false);
  begin();
});
afterEach(async () => {
  await agent.stop();
});

describe('the start', () => {
  test('waits until somebody asks', async () => {
    await add('a');
    await clock.advance(60_000);
    expect({ starts: container.starts, scripts: container.scripts, phase: agent.state.phase }).toEqual({
      starts: 0,
      scripts: [],
      phase: 'starting',
    });
  });

  test('sends what there is, and is ready then', async () => {
    await add('a');
    expect(await prepared()).toEqual({ phase: 'ready' });
    await clock.settle();
    expect(container.spec?.image).toBe('network:1');
    expect(container.scripts).toEqual(['echo one a', 'echo two a']);
    expect(phases()).toEqual(['ready']);
  });

  test('happens once, whoever asks', async () => {
    const all = Promise.all([agent.prepare(), agent.prepare()]);
    await clock.settle();
    expect(await all).toEqual([{ phase: 'ready' }, { phase: 'ready' }]);
    expect(await agent.prepare()).toEqual({ phase: 'ready' });
    expect(container.starts).toBe(1);
  });

  test('sends what changed while the first scripts ran', async () => {
    let answer: () => void = () => {};
    container.answer = () => new Promise((resolve) => (answer = () => resolve({ exitCode: 0, output: '' })));
    void agent.prepare();
    await clock.settle();
    await add('a');
    expect(container.scripts).toEqual(['echo one']);
    container.answer = () => ({ exitCode: 0, output: '' });
    answer();
    await clock.settle();
    expect(container.scripts.toSorted()).toEqual(['echo one', 'echo one a', 'echo two a']);
  });

  test('is not held up by what pods can do without', async () => {
    container.answer = (script) => ({ exitCode: script.startsWith('echo two') ? 1 : 0, output: 'no\n' });
    expect((await prepared()).phase).not.toBe('unavailable');
    await clock.settle();
    expect(agent.state).toEqual({ phase: 'stale', message: 'could not send two (exit code 1): no' });
  });

  test('ends in a reason when there is no image, and goes on when there is one', async () => {
    image = () => Promise.reject(new NetworkUnavailable('no image is to be had'));
    expect(await prepared()).toEqual({ phase: 'unavailable', message: 'no image is to be had' });
    image = () => Promise.resolve('network:1');
    await clock.advance(30_000);
    expect(agent.state).toEqual({ phase: 'ready' });
  });

  test('ends in a reason where the engine cannot run such a container', async () => {
    container.fault = new NodeContainerError('Impossible', 'the engine is rootless');
    expect(await prepared()).toEqual({ phase: 'unavailable', message: 'the engine is rootless' });
  });

  test('ends in a reason where a script is refused', async () => {
    container.answer = () => ({ exitCode: 1, output: 'no such table\n' });
    expect(await prepared()).toEqual({ phase: 'unavailable', message: 'could not send one (exit code 1): no such table' });
  });

  test('waits for an engine that does not answer', async () => {
    container.fault = new NodeContainerError('Unreachable', 'no answer');
    const state = agent.prepare();
    await clock.advance(60_000);
    expect(states).toEqual([]);
    container.fault = undefined;
    await clock.advance(20_000);
    expect(await state).toEqual({ phase: 'ready' });
  });
});

describe('changes', () => {
  beforeEach(async () => {
    await prepared();
    await clock.settle();
    container.scripts.length = 0;
  });

  test('are sent at once', async () => {
    await add('a');
    expect(container.scripts).toEqual(['echo one a', 'echo two a']);
  });

  test('that come during a script go together into the next', async () => {
    let answer: () => void = () => {};
    container.answer = () => new Promise((resolve) => (answer = () => resolve({ exitCode: 0, output: '' })));
    await add('a');
    await add('b');
    await add('c');
    expect(container.scripts).toEqual(['echo one a']);
    container.answer = () => ({ exitCode: 0, output: '' });
    answer();
    await clock.settle();
    expect(container.scripts.filter((script) => script.startsWith('echo one'))).toEqual(['echo one a', 'echo one a b c']);
    expect(agent.isIdle()).toBe(true);
  });

  test('that are refused leave what there is, and are tried again', async () => {
    container.answer = () => ({ exitCode: 3, output: 'the disk is full\n' });
    await add('a');
    expect(agent.state.phase).toBe('stale');
    container.answer = () => ({ exitCode: 0, output: '' });
    await clock.advance(30_000);
    expect(agent.state).toEqual({ phase: 'ready' });
    expect(container.scripts.at(-1)).toBe('echo two a');
    expect(container.starts).toBe(1);
  });

  test('go to a container that was killed when it runs again, with everything else', async () => {
    container.kill();
    await add('a');
    await clock.advance(10_000);
    expect(container.starts).toBe(2);
    expect(agent.state).toEqual({ phase: 'ready' });
    expect(container.scripts).toEqual(['echo one a', 'echo two a']);
  });

  test('go to an engine that was away when it is back, and nothing is known of it then', async () => {
    const before = first.forgotten;
    container.fault = new NodeContainerError('Unreachable', 'no answer');
    await add('a');
    expect(agent.state).toEqual({ phase: 'stale', message: 'no answer' });
    await clock.advance(60_000);
    expect(container.scripts).toEqual([]);
    container.fault = undefined;
    await clock.advance(20_000);
    expect(agent.state).toEqual({ phase: 'ready' });
    expect(container.scripts).toEqual(expect.arrayContaining(['echo one a', 'echo two a']));
    expect(first.forgotten).toBeGreaterThan(before);
  });

  test('are not held up for ever by a script that hangs', async () => {
    container.answer = () => new Promise(() => {});
    await add('a');
    await clock.advance(30_000);
    expect(agent.state.phase).toBe('stale');
  });
});

test('a container that was lost while nothing happens is missed in half a minute', async () => {
  await prepared();
  await clock.settle();
  container.kill();
  await clock.advance(31_000);
  expect(container.starts).toBe(2);
  expect(container.scripts).toEqual(['echo one', 'echo two', 'echo one', 'echo two']);
});

test('whoever waits for an agent that ends waits no longer, and nothing is sent after', async () => {
  container.fault = new NodeContainerError('Unreachable', 'no answer');
  const state = agent.prepare();
  await clock.settle();
  await agent.stop();
  expect(await state).toEqual({ phase: 'starting' });
  container.fault = undefined;
  await add('a');
  await clock.advance(60_000);
  expect({ starts: container.starts, scripts: container.scripts, states }).toEqual({ starts: 0, scripts: [], states: [] });
});
