// Notifications as a whole, on virtual time: told once, also over restarts; retried; never a flood; nobody waits for anybody.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  APPLICATION_ANNOTATION,
  type ApplicationSpec,
  type ApplicationStatus,
  keyOf,
  type SyncRecord,
} from '../../../src/model/resource.ts';
import { StoreFeed } from '../../../src/runtime/store-feed.ts';
import { Notifier } from '../../../src/signals/notify/notifier.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import { silentLogger } from '../../../src/system/logger.ts';
import { annsCommit, aRecord } from '../../support/applications.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeCourier } from '../../support/fake-courier.ts';
import { RecordedMetrics } from '../../support/recorded-metrics.ts';
import { seededIds } from '../../support/seeded-ids.ts';

type Receivers = NonNullable<ApplicationSpec['notifications']>;
const [ONE, OTHER] = ['https://one.example/token-1', 'https://other.example/token-2'];
const receiver = (url: string, options: Partial<Receivers[number]> = {}): Receivers[number] => ({
  type: 'webhook',
  url,
  template: '${event} ${commit}',
  ...options,
});
const idOf = (number: number): string => `${number}`.repeat(40);

let clock: FakeClock;
let store: ReturnType<typeof openMemoryStore>;
let courier: FakeCourier;
let metrics: RecordedMetrics;
let notifier: Notifier;
let feed: StoreFeed;

beforeEach(() => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1) });
  courier = new FakeCourier();
  metrics = new RecordedMetrics();
});
afterEach(async () => {
  await notifier.stop();
  await feed.stop();
});

async function start(): Promise<void> {
  feed = new StoreFeed({ store, clock, logger: silentLogger });
  notifier = new Notifier({ store, feed, courier, clock, ids: seededIds(2), logger: silentLogger, metrics, application: 'shop' });
  notifier.start();
  feed.start();
  await clock.settle();
}

function application() {
  const stored = store.get('Application', '', 'shop');
  if (stored === undefined) throw new Error('not stored');
  return stored;
}

async function declare(...notifications: Receivers): Promise<void> {
  const spec = { repo: '/srv/shop.git', revision: 'branch main', path: 'apps', timeoutSeconds: 300, notifications };
  const live = store.get('Application', '', 'shop');
  const result = await store.write([
    live === undefined
      ? { op: 'create', resource: { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name: 'shop' }, spec } }
      : { op: 'update', resource: { ...live, spec } },
  ]);
  expect(result.ok).toBe(true);
  await clock.settle();
}

async function status(change: ApplicationStatus): Promise<void> {
  const { metadata, status: before } = application();
  await store.write([{ op: 'updateStatus', key: keyOf(application()), uid: metadata.uid, status: { ...before, ...change } }]);
  await clock.settle();
}

/** A commit ends so. */
async function end(number: number, outcome: SyncRecord['outcome'] = 'live', message = ''): Promise<void> {
  const commit = { ...annsCommit, id: idOf(number) };
  const record = aRecord(outcome, { commit, message, finishedAt: new Date(clock.now()).toISOString() });
  await status({ history: [record, ...(application().status?.history ?? [])].slice(0, 20) });
}

const hashOfNumber = (number: number): string => number.toString(16).padStart(40, 'a');
const failure = (number: number, message: string): SyncRecord => {
  const finishedAt = new Date(clock.now()).toISOString();
  return aRecord('failed', { commit: { ...annsCommit, id: hashOfNumber(number) }, message, finishedAt });
};

const kept = () => application().status?.notifications;
const failing = (): readonly (string | undefined)[] => (kept()?.targets ?? []).map((target) => target.failing?.message);

describe('a commit that ends', () => {
  test('is told to whoever wants to hear of it', async () => {
    await start();
    await declare(receiver(ONE), receiver(OTHER, { events: ['rolled-back'] }));
    await end(1);
    await end(2, 'rolled-back', 'it crashed');
    expect(courier.texts(ONE)).toEqual(['live 1111111', 'rolled-back 2222222']);
    expect(courier.texts(OTHER)).toEqual(['rolled-back 2222222']);
    expect(metrics.lines()).toContain('count holdfast_notifications_total application=shop,type=webhook,result=sent 1');
  });

  test('is told by mail, by a server that a Secret names or by that of the command line', async () => {
    await start();
    const to = ['ops@example.com'];
    await declare({ type: 'email', to, template: '${event} ${commit}' }, { type: 'email', to, url: 'smtp://mail.example' });
    await end(1);
    expect(courier.texts('smtp:')).toEqual(['live 1111111\n']);
    expect(courier.texts('smtp://mail.example')).toHaveLength(1);
    expect(kept()?.targets.map((target) => target.to)).toEqual(['ops@example.com', 'ops@example.com']);
  });

  test('is told once, also by a controller that was started again', async () => {
    await start();
    await declare(receiver(ONE));
    await end(1);
    await notifier.stop();
    await start();
    await status({ health: 'Healthy' });
    await clock.advance(600_000);
    expect(courier.texts(ONE)).toEqual(['live 1111111']);
  });

  test('while nobody was running is told by the next', async () => {
    await start();
    await declare(receiver(ONE));
    await notifier.stop();
    await end(1);
    expect(courier.delivered).toEqual([]);
    await start();
    expect(courier.texts(ONE)).toEqual(['live 1111111']);
  });

  test('in the same breath as its receiver is declared is told, what ended before is not', async () => {
    await start();
    await declare();
    await end(1);
    const commit = { ...annsCommit, id: idOf(2) };
    const record = aRecord('invalid', { commit, finishedAt: new Date(clock.now()).toISOString() });
    const { metadata, spec, status: before, ...rest } = application();
    await store.write([{ op: 'update', resource: { ...rest, metadata, spec: { ...spec, notifications: [receiver(ONE)] } } }]);
    await store.write([
      {
        op: 'updateStatus',
        key: keyOf(application()),
        uid: metadata.uid,
        status: { ...before, history: [record, ...(before?.history ?? [])] },
      },
    ]);
    await clock.settle();
    expect(courier.texts(ONE)).toEqual(['held 2222222']);
  });
});

describe('a hundred failures', () => {
  test('of one cause are one message and one summary', async () => {
    await start();
    await declare(receiver(ONE));
    for (let number = 1; number <= 100; number++) {
      await status({
        history: [failure(number, `pod web-${number} crashes`), ...(application().status?.history ?? [])].slice(0, 20),
      });
      await clock.advance(500);
    }
    await clock.advance(3_600_000);
    const [first, summary, ...more] = courier.texts(ONE);
    expect(first).toBe(`failed ${hashOfNumber(1).slice(0, 7)}`);
    expect(summary?.split('\n')[0]).toBe(
      'shop: 20 notifications in one (20 failed, and 79 earlier ones that are no longer known)',
    );
    expect(more).toEqual([]);
  });

  test('within an hour are hardly more', async () => {
    await start();
    await declare(receiver(ONE));
    for (let number = 1; number <= 100; number++) {
      await status({ history: [failure(number, 'no image'), ...(application().status?.history ?? [])].slice(0, 20) });
      await clock.advance(36_000);
    }
    expect(courier.texts(ONE)).toHaveLength(3);
  });
});

describe('a suspension', () => {
  const suspension = {
    by: 'command',
    who: 'ada',
    reason: 'disk',
    since: '2026-01-01T00:00:00Z',
    until: '2026-01-01T02:00:00Z',
  } as const;

  test('is told, until when, and that it is over; once', async () => {
    await start();
    await declare(receiver(ONE, { template: '${event}: ${reason}' }));
    await status({ suspension });
    await notifier.stop();
    await start();
    await status({ health: 'Healthy' });
    expect(courier.texts(ONE)).toEqual(['suspended: by ada, until 2026-01-01T02:00:00Z: disk']);
    const { suspension: _over, ...rest } = application().status ?? {};
    const ended = { ...suspension, endedAt: '2026-01-01T01:00:00Z', endedBy: 'bob' };
    await store.write([
      {
        op: 'updateStatus',
        key: keyOf(application()),
        uid: application().metadata.uid,
        status: { ...rest, suspensions: [ended] },
      },
    ]);
    await clock.settle();
    expect(courier.texts(ONE).slice(1)).toEqual(['resumed: ended by bob; suspended by ada since 2026-01-01T00:00:00Z: disk']);
  });
});

describe('a receiver that fails', () => {
  test('is named in the status, tried again with growing pauses, and told when it can be', async () => {
    await start();
    await declare(receiver(ONE));
    courier.faults.set(ONE, 'the receiver answered 503');
    await end(1);
    expect(kept()?.targets[0]).toMatchObject({
      to: 'one.example',
      failing: { since: '2026-01-01T00:00:00Z', message: 'the receiver answered 503' },
    });
    await clock.advance(60_000);
    const early = courier.calls.get(ONE) ?? 0;
    await clock.advance(3_600_000);
    const late = (courier.calls.get(ONE) ?? 0) - early;
    expect([early >= 3 && early <= 7, late >= 6 && late <= 20]).toEqual([true, true]);
    courier.faults.clear();
    await clock.advance(600_000);
    expect(courier.texts(ONE)).toEqual(['live 1111111']);
    expect(failing()).toEqual([undefined]);
    expect(metrics.lines()).toContain('count holdfast_notifications_total application=shop,type=webhook,result=failed 1');
  });

  test('or never answers holds up nobody else', async () => {
    await start();
    await declare(receiver(ONE), receiver(OTHER));
    courier.hanging.add(ONE);
    await end(1);
    expect(courier.texts(OTHER)).toEqual(['live 1111111']);
    await clock.advance(10_000);
    expect(failing()).toEqual(['no answer within 10 s', undefined]);
    await end(2);
    expect(courier.texts(OTHER)).toEqual(['live 1111111', 'live 2222222']);
  });

  test('has all that it missed in one', async () => {
    await start();
    await declare(receiver(ONE));
    courier.faults.set(ONE, 'nobody listens there');
    for (let number = 1; number <= 8; number++) await end(number);
    courier.faults.clear();
    await clock.advance(600_000);
    expect(courier.texts(ONE)).toEqual([
      [
        'shop: 8 notifications in one (8 live)',
        ...[8, 7, 6, 5, 4, 3, 2, 1].map((number) => `- live ${idOf(number).slice(0, 7)}`),
      ].join('\n'),
    ]);
  });

  test('never has its address in the status', async () => {
    await start();
    await declare(receiver(ONE), receiver('https://user:token-3@[broken'));
    courier.faults.set(ONE, 'no');
    await end(1);
    expect(JSON.stringify(application().status)).not.toMatch(/token-/);
  });
});

test('a storm is five messages, and then one a minute with the rest of it', async () => {
  await start();
  await declare(receiver(ONE));
  for (let number = 0; number < 40; number++) {
    await end(number % 2 === 0 ? 1 : 2);
    await clock.advance(3_000);
  }
  await clock.advance(120_000);
  const texts = courier.texts(ONE);
  expect(texts.slice(0, 5)).toEqual(['live 1111111', 'live 2222222', 'live 1111111', 'live 2222222', 'live 1111111']);
  expect(texts.slice(5).map((text) => text.split('\n')[0])).toHaveLength(2);
  const counted = texts
    .map((text) => Number(/: (\d+) notifications/.exec(text)?.[1] ?? 1))
    .reduce((sum, count) => sum + count, 0);
  expect(counted).toBe(40);
});

describe('an address in a Secret', () => {
  const from = receiver('', { urlFrom: { secretKeyRef: { name: 'chat', key: 'address' } } });
  const { url: _url, ...byReference } = from;
  const secret = (application_: string | undefined, text: string) => ({
    apiVersion: 'v1' as const,
    kind: 'Secret' as const,
    metadata: {
      name: 'chat',
      namespace: 'default',
      ...(application_ === undefined ? {} : { annotations: { [APPLICATION_ANNOTATION]: application_ } }),
    },
    data: { address: Buffer.from(text).toString('base64') },
  });

  test('is waited for, and used as soon as it is there', async () => {
    await start();
    await declare(byReference);
    await end(1);
    expect(failing()).toEqual(['the Secret chat of namespace default is not among what this application has applied']);
    await store.write([{ op: 'create', resource: secret('shop', `${ONE}\n`) }]);
    await clock.settle();
    expect(courier.texts(ONE)).toEqual(['live 1111111']);
    expect(failing()).toEqual([undefined]);
    expect(JSON.stringify(application())).not.toContain('token-1');
  });

  test.each([undefined, 'other'])('of somebody else (%s) is not used', async (owner) => {
    await store.write([{ op: 'create', resource: secret(owner, ONE) }]);
    await start();
    await declare(byReference);
    await end(1);
    expect(courier.calls.size).toBe(0);
  });

  test('that is no address is told without it', async () => {
    await store.write([{ op: 'create', resource: secret('shop', 'token-1') }]);
    await start();
    await declare(byReference);
    await end(1);
    expect(failing()).toEqual(['the key address of Secret chat is no http:// or https:// address']);
  });
});

test('receivers that are taken out are forgotten, and all of them may be', async () => {
  await start();
  await declare(receiver(ONE), receiver(OTHER));
  await end(1);
  await declare(receiver(OTHER));
  await end(2);
  expect(courier.texts(ONE)).toEqual(['live 1111111']);
  expect(kept()?.targets.map(({ to }) => to)).toEqual(['other.example']);
  await declare();
  await end(3);
  expect(courier.texts(OTHER)).toEqual(['live 1111111', 'live 2222222']);
  expect(kept()?.targets).toEqual([]);
});
