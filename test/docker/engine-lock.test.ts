// The lock of a cluster on a real engine: what is asked of Docker does what the lock is built on.
import { afterEach, expect, test } from 'vitest';
import { Connection } from '../../src/docker/connection.ts';
import { parseDockerHost } from '../../src/docker/docker-host.ts';
import { EngineLock } from '../../src/docker/engine-lock.ts';

const parsed = parseDockerHost({ DOCKER_HOST: process.env['DOCKER_HOST'] });
if (!parsed.ok) throw new Error(parsed.message);
const cluster = `lock-${process.pid}`;
const lock = new EngineLock(new Connection(parsed.host), cluster);
const other = new EngineLock(new Connection(parsed.host), cluster);
const signal = AbortSignal.timeout(60_000);

afterEach(async () => {
  const { seen } = await lock.look(signal);
  if (seen !== undefined) await lock.remove(seen.id, signal);
});

test('a lock is taken once, renewed, seen by others, and given back', async () => {
  const { seen: before, engineNow } = await lock.look(signal);
  expect(before).toBeUndefined();
  const id = await lock.take('one', 'here', engineNow, signal);
  expect(await other.take('two', 'there', engineNow, signal)).toBeUndefined();
  expect(await other.look(signal)).toMatchObject({ seen: { id, holder: 'one', place: 'here', renewedAt: engineNow } });
  expect(await lock.renew(id ?? '', engineNow + 15, signal)).toBe(true);
  expect((await other.look(signal)).seen?.renewedAt).toBe(engineNow + 15);
  await lock.remove(id ?? '', signal);
  await lock.remove(id ?? '', signal);
  expect(await lock.renew(id ?? '', engineNow + 30, signal)).toBe(false);
  expect((await other.look(signal)).seen).toBeUndefined();
});

test('of many who try at once, one has it', async () => {
  const { engineNow } = await lock.look(signal);
  const tries = Array.from({ length: 8 }, (_, index) => lock.take(`number ${index}`, '', engineNow, signal));
  expect((await Promise.all(tries)).filter((id) => id !== undefined)).toHaveLength(1);
});
