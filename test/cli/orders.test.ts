// `holdfast suspend`, `resume` and `retry`: what they say, to whom, and what they answer.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Order } from '../../src/cli/parts.ts';
import { run } from '../../src/cli/program.ts';
import type { ApplicationStatus } from '../../src/model/resource.ts';
import { START_MS } from '../support/builders.ts';
import { type FakeParts, fakeParts } from '../support/fake-parts.ts';

const at = (ms: number): string => `${new Date(START_MS + ms).toISOString().slice(0, 19)}Z`;
const commit = { id: 'b'.repeat(40), subject: 'Two', author: 'Ada', time: at(0) };
const failed = { commit, outcome: 'rolled-back', message: 'x', startedAt: at(0), finishedAt: at(0), actions: 1 } as const;

let parts: FakeParts;
let given: [string, Order][];
let hasController: boolean;

beforeEach(() => {
  given = [];
  hasController = false;
  parts = fakeParts({
    env: { HOME: '/home/ann', USER: 'ann', TZ: 'UTC' },
    giveOrder: (_place, application, order) => void given.push([application, order]),
    controllerOf: async () => (hasController ? 'holdfast reconcile (process 7)' : undefined),
  });
});

async function application(name: string, status: ApplicationStatus): Promise<void> {
  const spec = { repo: 'r', revision: 'branch main', path: '', timeoutSeconds: 300 };
  await parts.store.write([
    { op: 'create', resource: { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name }, spec } },
  ]);
  const uid = parts.store.get('Application', '', name)?.metadata.uid ?? '';
  await parts.store.write([{ op: 'updateStatus', key: { kind: 'Application', namespace: '', name }, uid, status }]);
}

describe('suspend', () => {
  test('says who, why and until when, and that nobody hears it yet', async () => {
    await application('shop', {});
    expect(await run(['suspend', 'shop', '--for', '2h', '--reason', 'disk'], parts)).toBe(0);
    const suspend = { who: 'ann', reason: 'disk', since: at(0), until: at(7_200_000) };
    expect(given).toEqual([['shop', { say: 'suspend', suspend }]]);
    expect(parts.out()).toBe(
      `application/shop is suspended until ${at(7_200_000)}: disk. Nothing of it is changed or put right; "holdfast resume shop" ends it. No controller is running: the next one will follow it.\n`,
    );
  });

  test('all of them, for an hour when nothing is said', async () => {
    await application('a', {});
    await application('b', {});
    expect(await run(['suspend', '--reason', 'disk'], parts)).toBe(0);
    expect(given.map(([name, order]) => [name, order.say === 'suspend' ? order.suspend.until : ''])).toEqual([
      ['a', at(3_600_000)],
      ['b', at(3_600_000)],
    ]);
  });

  test('does not wait for ever for a controller that does not answer', async () => {
    hasController = true;
    await application('shop', {});
    const ended = run(['suspend', '--reason', 'disk'], parts);
    await parts.clock.advance(6_000);
    expect(await ended).toBe(0);
    expect(parts.out()).toContain('The controller has not said yet that it heard of it');
  });

  test.each([
    [['--for', 'soon', '--reason', 'x'], '--for is "soon", but it must be a duration'],
    [['--reason', ' '], '--reason is empty'],
    [[], "required option '--reason <text>' not specified"],
    [['none', '--reason', 'x'], 'there is no application "none"'],
  ])('%j is refused', async (args, message) => {
    await application('shop', {});
    expect(await run(['suspend', ...args], parts)).toBe(1);
    expect(parts.err()).toContain(message);
    expect(given).toEqual([]);
  });
});

test('resume is for those that are suspended', async () => {
  await application('a', {});
  await application('b', { suspension: { by: 'command', who: 'ada', reason: 'x', since: at(0) } });
  expect(await run(['resume'], parts)).toBe(0);
  expect(given).toEqual([['b', { say: 'resume', who: 'ann' }]]);
  expect(parts.out()).toContain('application/b is followed again.');
});

describe('retry', () => {
  test('is for what is not live', async () => {
    await application('a', {});
    await application('b', { quarantined: failed, held: failed });
    expect(await run(['retry'], parts)).toBe(0);
    expect(given).toEqual([['b', { say: 'retry', retry: { who: 'ann', at: new Date(START_MS).toISOString() } }]]);
  });

  test('has nothing to do', async () => {
    await application('a', {});
    expect(await run(['retry'], parts)).toBe(1);
    expect(parts.err()).toBe('Every application is live or on its way: there is nothing to try again.\n');
  });

  test('does not go through a suspension', async () => {
    await application('b', { held: failed, suspension: { by: 'command', who: 'ada', reason: 'disk', since: at(0) } });
    expect(await run(['retry'], parts)).toBe(1);
    expect(parts.err()).toContain('application/b is suspended: disk');
    expect(given).toEqual([]);
  });
});
