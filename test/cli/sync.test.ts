// `holdfast sync`: what it asks for, how long it waits, and what it says of every way in which the wait ends.
import { beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/program.ts';
import type { SyncAnswer, SyncOrder } from '../../src/sync/gates/orders.ts';
import type { Outcome } from '../../src/sync/outcome.ts';
import { START_MS } from '../support/builders.ts';
import { type FakeParts, fakeParts } from '../support/fake-parts.ts';

const at = (ms: number): string => `${new Date(START_MS + ms).toISOString().slice(0, 19)}Z`;
const commit = { id: 'b'.repeat(40), subject: 'Two', author: 'Ada' };
const live: Outcome = {
  application: 'shop',
  commit,
  outcome: 'live',
  actions: [],
  problems: [],
  message: 'everything is healthy',
};

let parts: FakeParts;
let given: SyncOrder[];
let withdrawn: number;
let answer: SyncAnswer | undefined;
let hasController: boolean;

beforeEach(async () => {
  given = [];
  withdrawn = 0;
  answer = undefined;
  hasController = true;
  parts = fakeParts({
    askSync: (_place, order) => {
      given.push(order);
      return { answer: () => answer, withdraw: () => void withdrawn++ };
    },
    controllerOf: async () => (hasController ? 'holdfast reconcile (process 7)' : undefined),
  });
  const spec = { repo: 'r', revision: 'branch main', path: '', timeoutSeconds: 300 };
  await parts.store.write([
    { op: 'create', resource: { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name: 'shop' }, spec } },
  ]);
});

/** Runs it while time passes. */
async function runFor(ms: number, ...args: string[]): Promise<number | undefined> {
  let code: number | undefined;
  void run(['sync', ...args], parts).then((ended) => {
    code = ended;
  });
  await parts.clock.advance(ms);
  return code;
}

describe('without a wait', () => {
  test('asks, and says that it was heard', async () => {
    answer = {};
    expect(await runFor(1_000, 'shop')).toBe(0);
    expect(given).toMatchObject([{ application: 'shop' }]);
    expect(given[0]?.until).toBeUndefined();
    expect(parts.out()).toBe('The controller looks at Git now for application/shop; "holdfast status" shows what comes of it.\n');
    expect(withdrawn).toBe(1);
  });

  test('a controller that hangs is told', async () => {
    expect(await runFor(6_000)).toBe(1);
    expect(parts.err()).toContain('the controller does not answer');
    expect(withdrawn).toBe(1);
  });
});

describe('with a wait', () => {
  test('asks for a commit until a time, and ends as it ends', async () => {
    const code = runFor(2_000, 'shop', '--wait', '--timeout', '10m', '--commit', 'BBBBBBB');
    answer = { outcome: live };
    expect(await code).toBe(0);
    expect(given).toMatchObject([{ application: 'shop', commit: 'bbbbbbb', until: at(600_000) }]);
    expect(parts.out()).toContain('shop: live');
    expect(withdrawn).toBe(1);
  });

  test.each(['invalid', 'preflight-failed', 'rolled-back', 'failed', 'held', 'superseded', 'pending'] as const)(
    '%s is exit code 1, and the object says which',
    async (outcome) => {
      answer = { outcome: { ...live, outcome } };
      expect(await runFor(2_000, '--wait', '-o', 'json')).toBe(1);
      expect(JSON.parse(parts.out())).toEqual({ ...live, outcome });
    },
  );

  test('one below it that is not live is exit code 1', async () => {
    answer = { outcome: { ...live, applications: [{ ...live, application: 'db', outcome: 'failed' }] } };
    expect(await runFor(2_000, '--wait')).toBe(1);
    expect(parts.out()).toContain('db: failed');
  });

  test('a controller that dies is waited for a while, then told', async () => {
    const ended = run(['sync', '--wait', '-o', 'json'], parts);
    await parts.clock.advance(1_000);
    hasController = false;
    await parts.clock.advance(16_000);
    expect(await ended).toBe(1);
    const told: unknown = JSON.parse(parts.out());
    expect(told).toMatchObject({
      outcome: 'pending',
      message: expect.stringContaining('the controller ended and none has taken its place'),
    });
    expect(withdrawn).toBe(1);
  });

  test('a controller that was started anew goes on with it', async () => {
    const ended = run(['sync', '--wait'], parts);
    await parts.clock.advance(1_000);
    hasController = false;
    await parts.clock.advance(5_000);
    hasController = true;
    await parts.clock.advance(60_000);
    answer = { outcome: live };
    await parts.clock.advance(1_000);
    expect(await ended).toBe(0);
  });

  test('Ctrl-C ends the wait and nothing else', async () => {
    const ended = run(['sync', '--wait'], parts);
    await parts.clock.advance(1_000);
    parts.interrupt();
    await parts.clock.advance(1_000);
    expect(await ended).toBe(1);
    expect(parts.out()).toContain('not live yet: nobody waits any more; the controller goes on');
    expect(withdrawn).toBe(1);
  });

  test('is over when its time is, also when the controller hangs', async () => {
    expect(await runFor(62_000, '--wait', '--timeout', '1m')).toBeUndefined();
    await parts.clock.advance(2_000);
    expect(parts.out()).toContain('the time to wait is over, and the controller has not said how far it is');
  });

  test('shows how far the application is', async () => {
    const { uid } = parts.store.get('Application', '', 'shop')?.metadata ?? { uid: '' };
    const attempt = {
      commit: { ...commit, time: at(0) },
      phase: 'preflighting',
      startedAt: at(0),
      deadline: at(300_000),
      actions: 0,
    };
    const key = { kind: 'Application', namespace: '', name: 'shop' } as const;
    await parts.store.write([{ op: 'updateStatus', key, uid, status: { attempt } }]);
    const ended = run(['sync', '--wait'], parts);
    await parts.clock.advance(1_000);
    answer = { outcome: live };
    await parts.clock.advance(1_000);
    expect(await ended).toBe(0);
    expect(parts.err()).toContain('fetched bbbbbbb');
  });
});

describe('refused at once', () => {
  test.each([
    [['--wait'], 'no controller is running with the data folder /home/ann/.local/state/holdfast: start "holdfast reconcile"'],
    [[], 'no controller is running'],
  ])('%j without a controller', async (args, message) => {
    hasController = false;
    expect(await run(['sync', ...args], parts)).toBe(1);
    expect(parts.err()).toContain(message);
    expect(given).toEqual([]);
  });

  test('without a controller, as an object', async () => {
    hasController = false;
    expect(await run(['sync', '--wait', '-o', 'json'], parts)).toBe(1);
    expect(JSON.parse(parts.out())).toMatchObject({ outcome: 'failed', commit: null });
  });

  test.each([
    [['shpo', '--wait'], 'there is no application "shpo". Did you mean application/shop?'],
    [['--timeout', '5m'], 'are about the wait: add --wait'],
    [['-o', 'json'], 'are about the wait: add --wait'],
    [['--wait', '--commit', 'main'], 'Give the hash of a commit'],
    [['--wait', '--timeout', 'soon'], 'Write a time such as'],
  ])('%j', async (args, message) => {
    expect(await run(['sync', ...args], parts)).toBe(1);
    expect(parts.err()).toContain(message);
    expect(given).toEqual([]);
  });
});
