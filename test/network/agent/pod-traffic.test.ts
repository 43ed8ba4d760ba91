import { describe, expect, test } from 'vitest';
import { ScriptFailed } from '../../../src/network/agent/lane.ts';
import { GIVE_UP_MS, type LeadsToPods, LINGER_MS, PodTraffic } from '../../../src/network/agent/pod-traffic.ts';
import { ServedPods } from '../../../src/network/agent/served-pods.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededIds } from '../../support/seeded-ids.ts';

/** A lane that leads where it is told, and whose passes fail while it is broken. */
class SomeLane implements LeadsToPods {
  readonly name = 'some';
  readonly isEssential = true;
  readonly pods = new Set<string>();
  isBroken = false;
  fault: Error | undefined;
  isServed = (uid: string): boolean => this.pods.has(uid);
  reset(): void {}
  take(): boolean {
    return false;
  }
  forget(): void {}
  async apply(): Promise<void> {
    if (this.fault !== undefined) throw this.fault;
    if (this.isBroken) throw new Error('the container does not answer');
  }
}

function scene(): {
  clock: FakeClock;
  lanes: readonly [SomeLane, SomeLane];
  traffic: PodTraffic;
  left: string[];
  /** A pass of the first lane, as the agent has it. */
  pass: () => Promise<unknown>;
} {
  const clock = new FakeClock();
  const lanes = [new SomeLane(), new SomeLane()] as const;
  const traffic = new PodTraffic(clock, lanes);
  const left: string[] = [];
  traffic.onLeft((uids) => left.push(...uids));
  const store = openMemoryStore({ clock, ids: seededIds(1) });
  const parts = { store, node: {} as never, run: () => Promise.resolve('') };
  const [first] = traffic.lanes();
  const pass = async (): Promise<unknown> => await first?.apply(parts);
  return { clock, lanes, traffic, left, pass };
}

describe('traffic to pods', () => {
  test('a pod is served as long as one lane leads to it, and a moment longer', async () => {
    const { clock, lanes, traffic, left } = scene();
    for (const lane of lanes) lane.pods.add('a');
    expect(traffic.isServed('a')).toBe(true);
    lanes[0].pods.delete('a');
    traffic.left(['a']);
    await clock.advance(LINGER_MS);
    expect([traffic.isServed('a'), left]).toEqual([true, []]);
    lanes[1].pods.delete('a');
    traffic.left(['a']);
    await clock.advance(LINGER_MS - 1);
    expect([traffic.isServed('a'), left]).toEqual([true, []]);
    await clock.advance(1);
    expect([traffic.isServed('a'), left]).toEqual([false, ['a']]);
  });

  test('a pod that is left again lingers from then on', async () => {
    const { clock, traffic, left } = scene();
    traffic.left(['a']);
    await clock.advance(LINGER_MS - 1);
    traffic.left(['a', 'b']);
    await clock.advance(LINGER_MS - 1);
    expect([traffic.isServed('a'), left]).toEqual([true, []]);
    await clock.advance(1);
    expect([traffic.isServed('a'), left]).toEqual([false, ['a', 'b']]);
  });

  test('a lane whose container says no still leads to its pods, however long', async () => {
    const { clock, lanes, traffic, left, pass } = scene();
    lanes[0].pods.add('a');
    lanes[0].fault = new ScriptFailed('change the network', 1, 'no');
    expect(traffic.isServed('a')).toBe(true);
    await expect(pass()).rejects.toThrow('could not change the network');
    await clock.advance(6 * GIVE_UP_MS);
    await expect(pass()).rejects.toThrow('could not change the network');
    expect([traffic.isServed('a'), left]).toEqual([true, []]);
  });

  test('a lane that said no between two silences is waited for anew', async () => {
    const { clock, lanes, traffic, pass } = scene();
    lanes[0].pods.add('a');
    lanes[0].isBroken = true;
    await expect(pass()).rejects.toThrow('does not answer');
    await clock.advance(GIVE_UP_MS - 1);
    lanes[0].fault = new ScriptFailed('change the network', 1, 'no');
    await expect(pass()).rejects.toThrow('could not change the network');
    await clock.advance(GIVE_UP_MS);
    expect(traffic.isServed('a')).toBe(true);
  });

  test('nobody waits for a lane whose container keeps silent, and its pods are told so', async () => {
    const { clock, lanes, traffic, left, pass } = scene();
    lanes[0].pods.add('a');
    lanes[0].isBroken = true;
    expect(traffic.isServed('a')).toBe(true);
    await expect(pass()).rejects.toThrow('does not answer');
    await clock.advance(GIVE_UP_MS);
    expect([traffic.isServed('a'), left]).toEqual([false, ['a']]);
    lanes[0].isBroken = false;
    await pass();
    expect(traffic.isServed('a')).toBe(true);
  });

  test('a lane that fails once and then works is waited for', async () => {
    const { clock, lanes, traffic, pass } = scene();
    lanes[0].pods.add('a');
    lanes[0].isBroken = true;
    await expect(pass()).rejects.toThrow('does not answer');
    lanes[0].isBroken = false;
    await pass();
    await clock.advance(2 * GIVE_UP_MS);
    expect(traffic.isServed('a')).toBe(true);
  });
});

describe('pods that are served', () => {
  test('all may be before it is known', () => {
    const served = new ServedPods();
    expect(served.has('a')).toBe(true);
    served.expect('service/default/web', ['b']);
    expect(served.settle(new Set(['service/default/web']))).toEqual([]);
    expect([served.has('a'), served.has('b')]).toEqual([false, true]);
  });

  test('what was led to counts until the container holds the next', () => {
    const served = new ServedPods();
    served.expect('one', ['a', 'b']);
    served.expect('two', ['b']);
    served.settle(new Set(['one', 'two']));
    served.expect('one', []);
    expect([served.has('a'), served.has('b')]).toEqual([true, true]);
    expect(served.settle(new Set(['one', 'two']))).toEqual(['a']);
    expect([served.has('a'), served.has('b')]).toEqual([false, true]);
    served.expect('two', []);
    expect(served.settle(new Set())).toEqual(['b']);
  });
});
