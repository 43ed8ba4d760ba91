// Which pods the data plane leads to, counted over fragments.
import { describe, expect, test } from 'vitest';
import { podsServed, ServedPods } from '../../../src/network/agent/served-pods.ts';
import { anEnding, anEndpoint, anUnready, aSlice } from '../services/service-objects.ts';

describe('served pods', () => {
  test('are all there may be, until it is known', () => {
    const served = new ServedPods();
    expect([served.has('a'), served.isKnown]).toEqual([true, false]);
    served.expect('x', ['a']);
    served.settle(new Set(['x']));
    expect([served.has('a'), served.has('b'), served.isKnown]).toEqual([true, false, true]);
  });

  test('count as long as any fragment leads to them', () => {
    const served = new ServedPods();
    served.expect('x', ['a']);
    served.expect('y', ['a', 'b']);
    expect(served.settle(new Set(['x', 'y']))).toEqual([]);
    served.expect('x', []);
    expect(served.settle(new Set(['x', 'y']))).toEqual([]);
    expect(served.has('a')).toBe(true);
    served.expect('y', ['b']);
    expect(served.has('a')).toBe(true);
    expect(served.settle(new Set(['x', 'y']))).toEqual(['a']);
    expect([served.has('a'), served.has('b')]).toEqual([false, true]);
  });

  test('count when they are expected, before the container holds it', () => {
    const served = new ServedPods();
    served.settle(new Set());
    served.expect('x', ['a']);
    expect(served.has('a')).toBe(true);
    // Planned away again before anything was sent: it may have been sent, for all that is known.
    served.expect('x', ['b']);
    expect(served.has('a')).toBe(true);
    expect(served.settle(new Set(['x']))).toEqual(['a']);
  });

  test('are left by a fragment that is gone', () => {
    const served = new ServedPods();
    served.expect('x', ['a']);
    served.settle(new Set(['x']));
    served.expect('x', []);
    expect(served.settle(new Set())).toEqual(['a']);
  });
});

test('slices lead new clients to ready pods that are not about to end', () => {
  const to = (uid: string): { targetRef: { uid: string } } => ({ targetRef: { uid } });
  const slices = [
    aSlice([anEndpoint(1, to('ready')), anUnready(2, to('unready')), anEnding(3, to('ending')), anEndpoint(4)]),
    aSlice([anEndpoint(5, { ...to('untold'), conditions: {} })]),
  ];
  expect(podsServed(slices)).toEqual(['ready', 'untold']);
});
