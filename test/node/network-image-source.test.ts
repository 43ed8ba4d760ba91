// The image of the network container, asked for until it is to be had.
import { beforeEach, describe, expect, test } from 'vitest';
import { NetworkUnavailable } from '../../src/network/agent/agent.ts';
import type { NetworkImage } from '../../src/node/network-image.ts';
import { NetworkImageSource } from '../../src/node/network-image-source.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';

const AWAY = 'the registry is away; it is tried again by itself, every two minutes at the latest';
const never = new AbortController().signal;

let clock: FakeClock;
let looks: number[];
let answer: () => Promise<NetworkImage>;
let used: string | undefined;
let source: NetworkImageSource;

const ask = (): Promise<string> => source.reference(never);

beforeEach(() => {
  clock = new FakeClock(0);
  looks = [];
  answer = () => Promise.reject(new NetworkUnavailable('the registry is away'));
  used = undefined;
  source = new NetworkImageSource({
    ensure: () => {
      looks.push(clock.now() / 1000);
      return answer();
    },
    inUse: () => Promise.resolve(used),
    now: () => clock.now(),
    logger: silentLogger,
  });
});

test('one that is there is looked for once', async () => {
  answer = () => Promise.resolve({ reference: 'image:1', how: '' });
  expect(await ask()).toBe('image:1');
  expect(await ask()).toBe('image:1');
  expect(looks).toEqual([0]);
});

describe('one that is away', () => {
  test('is looked for less and less often, and told as missing meanwhile', async () => {
    for (let second = 0; second <= 600; second += 5) {
      await expect(ask()).rejects.toThrow(new NetworkUnavailable(AWAY));
      await clock.advance(5_000);
    }
    expect(looks).toEqual([0, 5, 15, 35, 75, 155, 275, 395, 515]);
  });

  test('is taken when it is there', async () => {
    await expect(ask()).rejects.toThrow(AWAY);
    answer = () => Promise.resolve({ reference: 'image:1', how: '' });
    await expect(ask()).rejects.toThrow(AWAY);
    await clock.advance(5_000);
    expect(await ask()).toBe('image:1');
  });

  test('does not matter as long as the container has one, which nobody waits for', async () => {
    used = 'image:0';
    expect(await ask()).toBe('image:0');
    await clock.advance(5_000);
    let come: (image: NetworkImage) => void = () => {};
    answer = () => new Promise((resolve) => (come = resolve));
    expect(await ask()).toBe('image:0');
    expect(await ask()).toBe('image:0');
    expect(looks).toEqual([0, 5]);
    come({ reference: 'image:1', how: '' });
    await expect.poll(ask).toBe('image:1');
  });

  test('stays told when the engine does not answer', async () => {
    await expect(ask()).rejects.toThrow(AWAY);
    await clock.advance(5_000);
    answer = () => Promise.reject(new Error('the engine is away'));
    await expect(ask()).rejects.toThrow('the engine is away');
    answer = () => Promise.resolve({ reference: 'image:1', how: '' });
    expect(await ask()).toBe('image:1');
  });
});
