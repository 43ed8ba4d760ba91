// What is heard of a container while it is being looked at: only what the look does not show asks for another one.
import { afterEach, describe, expect, test } from 'vitest';
import { type ContainerSeen, EngineError, type EngineEvent } from '../../src/kubelet/engine/container-engine.ts';
import { lookAt } from '../../src/kubelet/look-at.ts';
import { PodTable } from '../../src/kubelet/pod-table.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { aPod } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';
import { aRun, ended } from './planning.ts';

const pod = aPod();
const created: Partial<ContainerSeen> = { state: 'created', startedAtMs: 0 };

/** A container that is remembered as `before` is looked at and seen as `after`, while these events arrive. */
async function look(
  before: Partial<ContainerSeen>,
  after: Partial<ContainerSeen> | undefined | Error,
  actions: readonly string[],
): Promise<{ readonly isDirty: boolean; readonly state: string | undefined }> {
  const table = new PodTable(openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) }));
  const memory = table.adopt(pod.metadata.uid, 'default', pod.metadata.name);
  const known = aRun(pod, before);
  const { id, labels } = known;
  memory.saw(known);
  memory.dirty.add(id);
  const hear = (action: string): readonly string[] => table.heard({ containerId: id, labels, action } satisfies EngineEvent);
  const inspect = async (): Promise<ContainerSeen | undefined> => {
    // Whoever hears of it works on the pod once more, whatever the look shows.
    for (const action of actions) expect(hear(action)).toEqual([pod.metadata.uid]);
    if (after instanceof Error) throw after;
    return after === undefined ? undefined : aRun(pod, after);
  };
  const failed = await lookAt(id, memory, { inspect }).catch((error: unknown) => error);
  expect(memory.looks.size).toBe(0);
  expect(failed).toBe(after instanceof Error ? after : undefined);
  return { isDirty: memory.dirty.has(id), state: memory.seen.get(id)?.state };
}

describe('a container that is being looked at', () => {
  test.each<[string, Partial<ContainerSeen>, Partial<ContainerSeen> | undefined | Error, string[], boolean]>([
    ['is not looked at again when nothing is heard', created, {}, [], false],
    ['its own start is no news', created, {}, ['connect', 'start'], false],
    ['nor is an end that is seen', {}, ended(1), ['kill', 'die'], false],
    ['an end that is not seen yet is', created, {}, ['start', 'die'], true],
    ['a start that is not seen yet is', created, created, ['start'], true],
    ['so is one after an end that is seen', {}, ended(1), ['die', 'start'], true],
    ['an edit is news, whether it was seen or not', {}, {}, ['update'], true],
    ['one that is gone stays gone', {}, undefined, ['die', 'destroy'], false],
    ['one whose engine does not answer is looked at again', {}, new EngineError('Unreachable', 'no answer'), [], true],
  ])('%s', async (_name, before, after, actions, isDirty) => {
    // What is remembered of one whose engine does not answer stays.
    const seen = after instanceof Error ? before : after;
    const state = seen === undefined ? undefined : aRun(pod, seen).state;
    expect(await look(before, after, actions)).toEqual({ isDirty, state });
  });
});

describe('a pod that starts', () => {
  let node: SmallNode | undefined;
  afterEach(async () => {
    await node?.kubelet.stop();
  });

  test('costs one look at each of its containers, also when the engine tells of the start before it answers', async () => {
    node = new SmallNode();
    const { engine, clock } = node;
    const inspect = engine.inspect.bind(engine);
    const events = engine.events.bind(engine);
    const pause = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        clock.after(ms, () => resolve());
      });
    // What is told arrives a moment after it happened, and before an answer that is asked for then.
    engine.events = async function* (...args) {
      for await (const event of events(...args)) {
        await pause(1);
        yield event;
      }
    };
    engine.inspect = async (id, signal) => {
      await pause(10);
      return await inspect(id, signal);
    };
    await node.start();
    engine.calls.length = 0;
    await node.create(aPod({ nodeName: NODE_NAME }));
    await clock.advance(1_000);
    expect(node.isReady()).toBe(true);
    expect(engine.calls.filter(({ name }) => name === 'inspect')).toHaveLength(2);
  });
});
