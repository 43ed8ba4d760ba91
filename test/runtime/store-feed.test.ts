// One watch for many: who is told what, from when on, and that a gap is told to all.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { APPLICATION_ANNOTATION, type ConfigMap } from '../../src/model/resource.ts';
import type { Concern } from '../../src/runtime/routes.ts';
import { type Following, StoreFeed } from '../../src/runtime/store-feed.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const BACKLOG = 8;

let clock: FakeClock;
let store: ReturnType<typeof openMemoryStore>;
let feed: StoreFeed;
let told: string[];

beforeEach(() => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1), watchBacklogEvents: BACKLOG });
  feed = new StoreFeed({ store, clock, logger: silentLogger });
  told = [];
});
afterEach(async () => {
  await feed.stop();
});

const configMap = (name: string, application: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', annotations: { [APPLICATION_ANNOTATION]: application } },
});

async function create(name: string, application: string): Promise<void> {
  expect((await store.write([{ op: 'create', resource: configMap(name, application) }])).ok).toBe(true);
}

function join(who: string, concern: Concern): Following {
  const onRelist = (): unknown => told.push(`${who}: all`);
  return feed.join(
    { onRelist, onEvent: ({ type, resource }) => told.push(`${who}: ${type} ${resource.metadata.name}`) },
    concern,
  );
}

describe('a feed of the store', () => {
  test('tells each what concerns it, in order', async () => {
    join('shop', { applications: ['shop'] });
    join('blog', { applications: ['blog'] });
    feed.start();
    await create('a', 'shop');
    await create('b', 'blog');
    await create('c', 'shop');
    await feed.idle();
    expect(told).toEqual(['shop: all', 'blog: all', 'shop: added a', 'blog: added b', 'shop: added c']);
  });

  test('who joins later looks at everything at once, and hears nothing that was there before', async () => {
    feed.start();
    await clock.settle();
    // The watch has not told of it when somebody joins in the same turn.
    const written = create('a', 'shop');
    join('shop', { applications: ['shop'] });
    expect(told).toEqual(['shop: all']);
    await written;
    await create('b', 'shop');
    await feed.idle();
    expect(told).toEqual(['shop: all', 'shop: added b']);
  });

  test('what is followed can change, and ends', async () => {
    feed.start();
    const one = join('one', { applications: ['shop'] });
    one.follow({ applications: ['blog'] });
    await create('a', 'shop');
    await create('b', 'blog');
    await feed.idle();
    one.end();
    one.follow({ everything: true });
    await create('c', 'blog');
    await feed.idle();
    expect(told).toEqual(['one: all', 'one: added b']);
  });

  test('after a gap everybody looks at everything', async () => {
    join('shop', { applications: ['shop'] });
    join('blog', { applications: ['blog'] });
    feed.start();
    await clock.settle();
    told.length = 0;
    const names = Array.from({ length: BACKLOG + 1 }, (_, index) => `object-${index}`);
    await Promise.all(names.map((name) => create(name, 'shop')));
    await feed.idle();
    await clock.settle();
    expect(told.filter((line) => line.endsWith('all'))).toEqual(['shop: all', 'blog: all']);
    await create('last', 'blog');
    await feed.idle();
    expect(told.at(-1)).toBe('blog: added last');
  });

  test('is idle when all is told, and after its end', async () => {
    expect(feed.isIdle()).toBe(true);
    join('shop', { applications: ['shop'] });
    feed.start();
    await clock.settle();
    expect(feed.isIdle()).toBe(true);
    const written = create('a', 'shop');
    expect(feed.isIdle()).toBe(false);
    await written;
    await feed.idle();
    expect(told).toEqual(['shop: all', 'shop: added a']);
    await feed.stop();
    await create('b', 'shop');
    expect(feed.isIdle()).toBe(true);
    expect(told).toEqual(['shop: all', 'shop: added a']);
  });
});
