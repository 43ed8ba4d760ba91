// Orders to sync and their answers on a real file system, between a command and a controller that may both die.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askSync, followSyncOrders } from '../../src/installation/sync-desk.ts';
import type { Outcome } from '../../src/sync/outcome.ts';
import type { Wait } from '../../src/sync/waiters.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/git-repo.ts';

const outcome: Outcome = { application: 'shop', commit: undefined, outcome: 'live', actions: [], problems: [], message: 'm' };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let clock: FakeClock;
let errors: unknown[];
let asked: { application: string | undefined; wait: Wait; end: (outcome: Outcome) => void }[];
let look: () => void;
const ending: (() => void)[] = [];

/** A controller of the folder. */
function controller(): () => void {
  const end = followSyncOrders({
    dataDir: folder.dir,
    desk: {
      onChange: (callback) => {
        look = callback;
        return () => {};
      },
    },
    plane: {
      conclude: (application, wait) => new Promise((resolve) => void asked.push({ application, wait, end: resolve })),
    },
    clock,
    logger: { error: (fields: unknown) => void errors.push(fields) },
  });
  ending.push(end);
  return end;
}

const files = (): readonly string[] => readdirSync(join(folder.dir, 'orders')).toSorted();
const until = (): string => new Date(clock.now() + 600_000).toISOString();
const turn = (): Promise<void> => clock.settle();

beforeEach(async () => {
  folder = await temporaryFolder('holdfast-syncs-');
  clock = new FakeClock();
  errors = [];
  asked = [];
});
afterEach(async () => {
  for (const end of ending.splice(0)) end();
  await folder.remove();
});

describe('an order to sync', () => {
  test('is followed, answered, and leaves nothing behind', async () => {
    controller();
    const order = askSync(folder.dir, { id: 'a', application: 'shop', commit: 'abcdef0', until: until() });
    look();
    expect(asked).toMatchObject([
      { application: 'shop', wait: { pinned: { commit: 'abcdef0' }, untilMs: clock.now() + 600_000 } },
    ]);
    expect(order.answer()).toBeUndefined();
    asked[0]?.end(outcome);
    await turn();
    expect(order.answer()).toEqual({ outcome });
    expect(files()).toEqual(['a.synced.json']);
    order.withdraw();
    expect(files()).toEqual([]);
  });

  test('of which nobody waits for the end is answered at once', () => {
    controller();
    const order = askSync(folder.dir, { id: 'a' });
    look();
    expect(order.answer()).toEqual({});
    expect(asked).toHaveLength(1);
  });

  test('is followed once, however often somebody looks, and by the next controller when one dies', async () => {
    const end = controller();
    const order = askSync(folder.dir, { id: 'a', until: until() });
    look();
    look();
    expect(asked).toHaveLength(1);
    end();
    asked[0]?.end(outcome);
    await turn();
    expect(order.answer()).toBeUndefined();
    controller();
    asked[1]?.end(outcome);
    await turn();
    expect(order.answer()).toEqual({ outcome });
  });

  test('that is taken back is no longer waited for', async () => {
    controller();
    const order = askSync(folder.dir, { id: 'a', until: until() });
    look();
    order.withdraw();
    look();
    expect(asked[0]?.wait.signal?.aborted).toBe(true);
    asked[0]?.end(outcome);
    await turn();
    expect(files()).toEqual([]);
  });

  test('of somebody who died long ago is forgotten, and so is its answer', async () => {
    askSync(folder.dir, { id: 'a', until: new Date(clock.now() - 61_000).toISOString() });
    writeFileSync(join(folder.dir, 'orders', 'b.synced.json'), '{}');
    await clock.advance(2 * 3_600_000 + Math.max(0, Date.now() - clock.now()));
    controller();
    await turn();
    expect(asked).toEqual([]);
    expect(files()).toEqual([]);
  });

  test('never tells values of Secrets', async () => {
    controller();
    const order = askSync(folder.dir, { id: 'a', until: until() });
    look();
    const fields = [{ path: 'data.password', old: 'b2xk', new: 'bmV3' }];
    const action = {
      kind: 'Secret',
      namespace: 'default',
      name: 's',
      action: 'update',
      effect: '',
      reason: '',
      message: '',
      fields,
    } as const;
    asked[0]?.end({ ...outcome, actions: [action], applications: [{ ...outcome, actions: [action] }] });
    await turn();
    expect(JSON.stringify(order.answer())).not.toMatch(/b2xk|bmV3/);
  });

  test.each(['', '{', '[]x', 'null', '{"until":"soon"}'])('%j is told and not followed', (text) => {
    mkdirSync(join(folder.dir, 'orders'));
    writeFileSync(join(folder.dir, 'orders', 'x.sync.json'), text);
    controller();
    expect(asked).toEqual([]);
    expect(errors).toHaveLength(1);
  });
});
