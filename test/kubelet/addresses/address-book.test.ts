import { type Arbitrary, array, assert, constant, integer, oneof, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressBook, FOREIGN_MS, REST_MS } from '../../../src/kubelet/addresses/address-book.ts';

const SLICE = '10.244.0.0/28';
/** Fourteen, less the gateway and the eight that the engine gives. */
const SIZE = 6;
const book = (): AddressBook => new AddressBook(SLICE);

describe('addresses of pods', () => {
  test('a pod keeps its address for as long as it has it', () => {
    const addresses = book();
    expect(addresses.size).toBe(SIZE);
    expect([addresses.take('a', 0), addresses.take('b', 0), addresses.take('a', 9)]).toEqual([
      '10.244.0.2',
      '10.244.0.3',
      '10.244.0.2',
    ]);
    expect(addresses.addressOf('a')).toBe('10.244.0.2');
  });

  test('what was given up comes last, and not before it has rested', () => {
    const addresses = book();
    addresses.take('a', 0);
    addresses.release('a', 0);
    const others = Array.from({ length: SIZE - 1 }, (_, index) => addresses.take(`p${index}`, 0));
    expect(others).toEqual(['10.244.0.3', '10.244.0.4', '10.244.0.5', '10.244.0.6', '10.244.0.7']);
    addresses.release('p3', REST_MS / 2);
    expect(addresses.take('x', REST_MS)).toBe('10.244.0.2');
    expect(addresses.take('y', REST_MS)).toBe('10.244.0.6');
    expect(addresses.take('z', REST_MS)).toBeUndefined();
  });

  test('when all others are in use, the one that rested longest is given early', () => {
    const addresses = book();
    for (let index = 0; index < SIZE; index += 1) addresses.take(`p${index}`, 0);
    addresses.release('p4', 1_000);
    addresses.release('p1', 2_000);
    expect([addresses.take('x', 3_000), addresses.take('y', 3_000)]).toEqual(['10.244.0.6', '10.244.0.3']);
  });

  test('an address that is somebody else’s is passed over for a while', () => {
    const addresses = book();
    addresses.take('a', 0);
    addresses.passOver('a', 0);
    expect(addresses.take('a', 0)).toBe('10.244.0.3');
    for (let index = 0; index < SIZE - 2; index += 1) addresses.take(`p${index}`, 0);
    expect(addresses.take('x', 0)).toBeUndefined();
    expect(addresses.take('x', FOREIGN_MS)).toBe('10.244.0.2');
  });

  test.each([
    ['of another slice', '10.244.1.2', false],
    ['the gateway', '10.244.0.1', false],
    ['of those that the engine gives', '10.244.0.9', false],
    ['none at all', '', false],
    ['another pod’s', '10.244.0.2', false],
    ['free', '10.244.0.5', true],
  ])('holding one that is %s', (_what, address, isHeld) => {
    const addresses = book();
    addresses.take('a', 0);
    expect(addresses.hold('b', address)).toBe(isHeld);
    expect(addresses.addressOf('b')).toBe(isHeld ? address : undefined);
  });
});

/** What can happen to the pods of a node, and to the kubelet that looks after them. */
type Happening =
  | { readonly what: 'take' | 'release' | 'foreign'; readonly pod: number }
  | { readonly what: 'wait'; readonly ms: number }
  | { readonly what: 'crash' };
const pod = integer({ min: 0, max: 12 });
const happening: Arbitrary<Happening> = oneof(
  { weight: 6, arbitrary: record({ what: constant('take' as const), pod }) },
  { weight: 4, arbitrary: record({ what: constant('release' as const), pod }) },
  { weight: 1, arbitrary: record({ what: constant('foreign' as const), pod }) },
  { weight: 2, arbitrary: record({ what: constant('wait' as const), ms: integer({ min: 0, max: 20_000 }) }) },
  { weight: 1, arbitrary: constant({ what: 'crash' as const }) },
);

/** What pods have, as somebody would note it who watches; the first thing that must not be, if there is one. */
function watch(happenings: readonly Happening[]): string | undefined {
  let addresses = book();
  let now = 0;
  const have = new Map<string, string>();
  const act = (each: Happening): string | undefined => {
    if (each.what === 'wait') now += each.ms;
    if (each.what === 'wait') return undefined;
    if (each.what === 'crash') {
      addresses = book();
      return [...have].every(([uid, address]) => addresses.hold(uid, address)) ? undefined : 'an address could not be held';
    }
    const uid = `pod-${each.pod}`;
    if (each.what !== 'take') {
      if (each.what === 'release') addresses.release(uid, now);
      else addresses.passOver(uid, now);
      have.delete(uid);
      return undefined;
    }
    const before = have.get(uid);
    const address = addresses.take(uid, now);
    if (before !== undefined) return address === before ? undefined : `${uid} had ${before} and has ${address}`;
    if (address === undefined) return undefined;
    if ([...have.values()].includes(address)) return `two pods have ${address}`;
    have.set(uid, address);
    return undefined;
  };
  for (const each of happenings) {
    const wrong = act(each) ?? [...have].find(([uid, address]) => addresses.addressOf(uid) !== address)?.join(' lost ');
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

test('no two pods ever have one address, and a pod has one address until it gives it up', () => {
  assert(
    property(array(happening, { maxLength: 200 }), (happenings) => {
      expect(watch(happenings)).toBeUndefined();
    }),
  );
});
