// The faults that the fake adds to what its contract asks for.
import { expect, test } from 'vitest';
import { type ContainerSpec, EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeEngine } from './fake-engine.ts';
import { faultOf } from './fault-of.ts';
import { plainContainer } from './plain-container.ts';

const never = (): AbortSignal => new AbortController().signal;
const spec: ContainerSpec = {
  name: 'web',
  image: 'app',
  labels: {},
  ...plainContainer,
  network: { type: 'network', name: 'pods' },
};
const aFake = async (startMs = 0): Promise<{ clock: FakeClock; engine: FakeEngine; id: string }> => {
  const clock = new FakeClock();
  const engine = new FakeEngine({ clock, images: ['app'], startMs });
  await engine.ensureNetwork({ name: 'pods', labels: {} }, never());
  return { clock, engine, id: await engine.create(spec, never()) };
};

test.each([
  ['an error instead of the effect', new EngineError('Failed', 'disk full'), 'Failed', 'created'],
  ['the effect, and the answer lost', 'late-success', 'Unreachable', 'running'],
] as const)('%s', async (_name, fault, expected, state) => {
  const { engine, id } = await aFake();
  engine.faults = (call) => (call === 'start' ? fault : undefined);
  expect(await faultOf(engine.start(id, never()))).toBe(expected);
  expect((await engine.inspect(id, never()))?.state).toBe(state);
});

test('no answer ever ends with the signal, without effect', async () => {
  const { engine, id } = await aFake();
  engine.faults = () => 'hang';
  const stop = new AbortController();
  const fault = faultOf(engine.remove(id, stop.signal));
  stop.abort(new Error('deadline'));
  expect(await fault).toBe('Unreachable');
  expect(engine.containers()).toHaveLength(1);
});

test('a start takes its time, and happens even when nobody waits for it any more', async () => {
  const { clock, engine, id } = await aFake(500);
  const stop = new AbortController();
  const fault = faultOf(engine.start(id, stop.signal));
  await clock.advance(499);
  expect(engine.containers()[0]?.state).toBe('created');
  stop.abort(new Error('deadline'));
  expect(await fault).toBe('Unreachable');
  await clock.advance(1);
  expect(engine.containers()[0]).toMatchObject({ state: 'running', ip: '10.244.0.2' });
});

test('what changes nothing is no write', async () => {
  const { engine, id } = await aFake();
  const before = engine.writes;
  await engine.ensureNetwork({ name: 'pods', labels: {} }, never());
  await engine.list(never());
  await engine.inspect(id, never());
  expect(engine.writes).toBe(before);
  expect(engine.deletedNothing).toBe(true);
});

test('broken event streams fail, all of them', async () => {
  const { engine } = await aFake();
  const follow = async (): Promise<void> => {
    for await (const event of engine.events(0, never())) expect(event.action).toBe('create');
  };
  const readers = [faultOf(follow()), faultOf(follow())];
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  engine.breakEvents();
  expect(await Promise.all(readers)).toEqual(['Unreachable', 'Unreachable']);
});
