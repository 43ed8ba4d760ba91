// Statuses of commits as a whole, on virtual time: told once, also over restarts; retried; a forge is left alone when it asks for that.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApplicationStatus, SyncAttempt, SyncRecord } from '../../../src/model/resource.ts';
import { StoreFeed } from '../../../src/runtime/store-feed.ts';
import { placeOf } from '../../../src/signals/statuses/place.ts';
import { type FindStatusTarget, StatusReporter } from '../../../src/signals/statuses/reporter.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import { silentLogger } from '../../../src/system/logger.ts';
import { anAttempt, annsCommit, aRecord } from '../../support/applications.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordedMetrics } from '../../support/recorded-metrics.ts';
import { ScriptedForge } from '../../support/scripted-forge.ts';
import { seededIds } from '../../support/seeded-ids.ts';
import { changeStoredStatus, storedApplication } from '../../support/stored-application.ts';

const MINUTE_MS = 60_000;
const idOf = (number: number): string => `${number}`.repeat(40);

let clock: FakeClock;
let feed: StoreFeed | undefined;
let store: ReturnType<typeof openMemoryStore>;
let forge: ScriptedForge;
let other: ScriptedForge;
let metrics: RecordedMetrics;
let reporter: StatusReporter;
let token: string;

/** The application `shop` is on one forge, all others on the other. */
const targetOf: FindStatusTarget = ({ metadata, spec }) => {
  const isShop = metadata.name === 'shop';
  const place = placeOf(spec.repo, { forge: 'github', api: `https://${isShop ? 'one' : 'other'}.example/api/v3` });
  return 'fault' in place ? place : { place, token };
};

beforeEach(async () => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1) });
  forge = new ScriptedForge('github');
  other = new ScriptedForge('github');
  metrics = new RecordedMetrics();
  token = forge.token;
  await add('shop');
  await start();
});
afterEach(async () => {
  await reporter.stop();
  await feed?.stop();
  feed = undefined;
});

async function start(): Promise<void> {
  await feed?.stop();
  feed = new StoreFeed({ store, clock, logger: silentLogger });
  reporter = new StatusReporter({
    cluster: 'prod',
    client: { send: (request, signal) => (request.url.includes('//one.') ? forge : other).send(request, signal) },
    targetOf,
    store,
    feed,
    clock,
    ids: seededIds(2),
    logger: silentLogger,
    metrics,
  });
  reporter.start();
  feed.start();
  await clock.settle();
}

async function add(name: string): Promise<void> {
  const spec = { repo: 'git@git.example:acme/shop', revision: 'branch main', path: 'apps', timeoutSeconds: 300 };
  await store.write([
    { op: 'create', resource: { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name }, spec } },
  ]);
}

const application = (name = 'shop') => storedApplication(store, name);

async function status(change: (status: ApplicationStatus) => ApplicationStatus, name = 'shop'): Promise<void> {
  await changeStoredStatus(store, name, change);
  await clock.settle();
}

const under = (number: number, phase: SyncAttempt['phase'] = 'applying', name = 'shop'): Promise<void> =>
  status((before) => ({ ...before, attempt: anAttempt(phase, { commit: { ...annsCommit, id: idOf(number) } }) }), name);

/** A commit ends so. */
const end = (number: number, outcome: SyncRecord['outcome'] = 'live', message = ''): Promise<void> =>
  status(({ attempt: _attempt, ...before }) => {
    const commit = { ...annsCommit, id: idOf(number) };
    const record = aRecord(outcome, { commit, message, finishedAt: new Date(clock.now()).toISOString() });
    return { ...before, history: [record, ...(before.history ?? [])].slice(0, 20) };
  });

const states = (number: number): readonly string[] => forge.statesOf(idOf(number), 'holdfast/prod/shop');
const failing = () => application().status?.commitStatuses?.failing?.message;

describe('a commit', () => {
  test('is pending, then live', async () => {
    await under(1);
    expect(states(1)).toEqual(['pending']);
    await under(1, 'verifying');
    await end(1);
    await clock.advance(10 * MINUTE_MS);
    expect(states(1)).toEqual(['pending', 'success']);
    expect(forge.calls).toBe(2);
    const sent = 'count holdfast_commit_statuses_total application=shop,forge=github,result=sent 1';
    expect(metrics.lines()).toEqual([sent, sent]);
  });

  test('is told with the reason when it was rolled back', async () => {
    await under(1);
    await end(1, 'rolled-back', 'deployment/web crashes');
    expect(forge.shown.at(-1)).toEqual({
      repository: 'acme/shop',
      commit: idOf(1),
      state: 'failure',
      context: 'holdfast/prod/shop',
      description: 'rolled back: deployment/web crashes',
    });
  });

  test('is told once, also by a controller that was started again', async () => {
    await under(1);
    await reporter.stop();
    await start();
    await end(1);
    await reporter.stop();
    await start();
    await status((before) => ({ ...before, health: 'Healthy' }));
    await clock.advance(10 * MINUTE_MS);
    expect(states(1)).toEqual(['pending', 'success']);
  });

  test('that ended while nobody was running is told by the next', async () => {
    await under(1);
    await reporter.stop();
    await end(1, 'failed');
    await under(2);
    await start();
    expect([states(1), states(2)]).toEqual([['pending', 'failure'], ['pending']]);
  });

  test('that another one pre-empts is over', async () => {
    await under(1);
    await under(2);
    await end(2);
    expect([states(1), states(2)]).toEqual([
      ['pending', 'error'],
      ['pending', 'success'],
    ]);
  });

  test('nothing is written when there is nothing to tell', async () => {
    await under(1);
    await end(1);
    const revision = store.revision();
    await clock.advance(60 * MINUTE_MS);
    expect(store.revision()).toBe(revision);
  });
});

describe('a forge in trouble', () => {
  test.each<[string, (forge: ScriptedForge) => void]>([
    ['is away', (it) => (it.trouble = () => 'cut')],
    ['fails', (it) => (it.trouble = () => ({ status: 502, headers: {}, body: '' }))],
    ['hangs', (it) => (it.trouble = () => 'hangs')],
  ])('that %s is tried again with growing pauses, and told the present state alone', async (_what, happens) => {
    happens(forge);
    await under(1);
    await clock.advance(30 * MINUTE_MS);
    expect(failing()).toMatch(/connection was cut|answered 502|no answer within 10 s/);
    expect(forge.calls).toBeGreaterThan(5);
    expect(forge.calls).toBeLessThan(16);
    await end(1);
    forge.trouble = () => undefined;
    await clock.advance(10 * MINUTE_MS);
    expect(states(1)).toEqual(['success']);
    expect(failing()).toBeUndefined();
  });

  test('that asks to be left alone is, and nobody else waits', async () => {
    await add('api');
    const reset = String(Math.floor(clock.now() / 1000) + 600);
    forge.trouble = () => ({ status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, body: '' });
    await under(1);
    expect(forge.calls).toBe(1);
    forge.trouble = () => undefined;
    // What happens meanwhile does not wake it.
    await end(1);
    await under(2);
    await under(2, 'applying', 'api');
    await clock.advance(9 * MINUTE_MS);
    expect(forge.calls).toBe(1);
    expect(other.statesOf(idOf(2))).toEqual(['pending']);
    await clock.advance(2 * MINUTE_MS);
    expect([states(1), states(2)]).toEqual([['success'], ['pending']]);
  });

  test('that has no calls left after this one is left alone too', async () => {
    forge.headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(clock.now() / 1000) + 300) };
    await under(1);
    await end(1);
    await clock.advance(4 * MINUTE_MS);
    expect(states(1)).toEqual(['pending']);
    forge.headers = {};
    await clock.advance(2 * MINUTE_MS);
    expect(states(1)).toEqual(['pending', 'success']);
  });

  test('that asks to be left alone is not for longer when the clock is set back', async () => {
    forge.trouble = () => ({ status: 429, headers: { 'retry-after': '60' }, body: '' });
    await under(1);
    forge.trouble = () => undefined;
    clock.set(-3_600_000);
    await clock.advance(2 * MINUTE_MS);
    expect(states(1)).toEqual(['pending']);
  });

  test('that does not take the token is asked seldom, and the token is nowhere', async () => {
    token = 'WR0NG';
    await under(1);
    await clock.advance(25 * MINUTE_MS);
    expect(failing()).toBe('the token is not accepted');
    expect(forge.calls).toBe(3);
    expect(JSON.stringify(store.list('Application'))).not.toContain('WR0NG');
    token = forge.token;
    await clock.advance(10 * MINUTE_MS);
    expect(states(1)).toEqual(['pending']);
  });

  test('that does not know one commit is told of the others', async () => {
    forge.trouble = (path) => (path.endsWith(idOf(1)) ? { status: 422, headers: {}, body: 'no commit' } : undefined);
    await under(1);
    await end(1);
    await under(2);
    await end(2);
    expect([states(1), states(2)]).toEqual([[], ['pending', 'success']]);
  });
});

describe('a single run', () => {
  const settled = async (): Promise<number> => {
    const before = clock.elapsed();
    let isOver = false;
    const telling = reporter.settled(10_000).then(() => {
      isOver = true;
    });
    await clock.runUntil(() => isOver, MINUTE_MS);
    await telling;
    return clock.elapsed() - before;
  };

  test('waits until the forge knows', async () => {
    forge.trouble = () => 'cut';
    await end(1);
    clock.after(2_000, () => {
      forge.trouble = () => undefined;
    });
    expect(await settled()).toBeLessThan(5_000);
    expect(states(1)).toEqual(['success']);
  });

  test('waits no longer than so for one that hangs', async () => {
    forge.trouble = () => 'hangs';
    await end(1);
    expect(await settled()).toBe(10_000);
  });

  test('does not wait for one that does not want it, nor when there is nothing', async () => {
    expect(await settled()).toBe(0);
    token = 'WR0NG';
    await end(1);
    expect(await settled()).toBe(0);
  });
});
