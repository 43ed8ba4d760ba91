// An event stream that tells nothing although things happen, and does not end either: noticed by the next listing, and opened anew.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aPod } from '../support/builders.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';

const RELIST_MS = 30_000;

let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
});
afterEach(async () => {
  await node.kubelet.stop();
});

const streams = (): number => node.engine.calls.filter(({ name }) => name === 'events').length;

/** The stream breaks, and the next `times` that are opened say nothing. */
async function deafen(times: number): Promise<void> {
  let left = times;
  node.engine.faults = (name) => {
    if (name !== 'events' || left === 0) return undefined;
    left -= 1;
    return 'hang';
  };
  node.engine.breakEvents();
  // The next listing comes late.
  await node.clock.advance(1_000);
}

describe('a stream that hangs', () => {
  beforeEach(async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    await deafen(1);
  });

  test('costs one change the time until the next listing, and the ones after it nothing', async () => {
    node.engine.crash(node.living().id, 1);
    await node.clock.advance(RELIST_MS);
    expect(node.containerStatus()).toMatchObject({ restartCount: 1, state: { running: {} } });
    // Its back-off is 10 s, which it has to wait for when it ends again.
    await node.clock.advance(5_000);
    node.engine.crash(node.living().id, 1);
    await node.clock.settle();
    expect(node.containerStatus()).toMatchObject({ state: { waiting: { reason: 'CrashLoopBackOff' } } });
  });

  test('a container that was edited by hand meanwhile is replaced within one listing and its grace', async () => {
    const { id } = node.living();
    node.engine.behave('busybox:1.36', { termTakesMs: 2_000 });
    node.engine.edit(id, { memoryBytes: 64 * 2 ** 20 });
    await node.clock.advance(RELIST_MS + 2_000);
    expect(node.living().id).not.toBe(id);
    expect(node.living().settings.memoryBytes).toBe(0);
    expect(node.isReady()).toBe(true);
  });

  test('what happens while the listing is under way is told by the new stream', async () => {
    await node.create(aPod({ nodeName: NODE_NAME, name: 'other', container: { name: 'second' } }));
    const second = node.living('second').id;
    node.engine.removeByHand(node.living().id);
    const list = node.engine.list.bind(node.engine);
    node.engine.list = async (signal) => {
      node.engine.list = list;
      const listed = await list(signal);
      node.engine.crash(second, 1);
      return listed;
    };
    await node.clock.advance(RELIST_MS);
    expect(node.isReady()).toBe(true);
    expect(node.containerStatus('second', 'other')).toMatchObject({ ready: true, restartCount: 1 });
  });
});

test('a stream that was open and says nothing more is noticed, too', async () => {
  await node.start();
  await node.create(aPod({ nodeName: NODE_NAME }));
  node.engine.deafenEvents();
  node.engine.crash(node.living().id, 1);
  await node.clock.advance(RELIST_MS);
  expect(node.containerStatus()).toMatchObject({ restartCount: 1, state: { running: {} } });
  expect(streams()).toBe(2);
  node.engine.crash(node.living().id, 1);
  await node.clock.settle();
  expect(node.containerStatus()).toMatchObject({ state: { waiting: { reason: 'CrashLoopBackOff' } } });
});

test('streams that hang again and again are opened once for each listing that shows something new', async () => {
  await node.start();
  await node.create(aPod({ nodeName: NODE_NAME }));
  const before = streams();
  await deafen(Number.POSITIVE_INFINITY);
  for (let time = 0; time < 3; time += 1) {
    node.engine.edit(node.living().id, { memoryBytes: 64 * 2 ** 20 });
    await node.clock.advance(4 * RELIST_MS);
    expect(node.isReady()).toBe(true);
  }
  expect(streams() - before).toBeLessThanOrEqual(1 + 3 * 4);
});

test('a stream that says what happens is left alone, whatever happens', async () => {
  await node.start();
  await node.create(aPod({ nodeName: NODE_NAME }));
  for (let time = 0; time < 10; time += 1) {
    node.engine.crash(node.living().id, 1);
    await node.clock.advance(100_000);
    node.engine.edit(node.living().id, { memoryBytes: 64 * 2 ** 20 });
    await node.clock.advance(400_000);
    node.engine.removeByHand(node.living().id);
    await node.clock.advance(100_000);
  }
  expect(node.isReady()).toBe(true);
  expect(streams()).toBe(1);
});
