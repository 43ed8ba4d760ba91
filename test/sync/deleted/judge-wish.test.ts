// What is asked of objects before they come back: all that is asked of a commit, on the bench.
import { describe, expect, test } from 'vitest';
import type { Desired } from '../../../src/model/resource.ts';
import type { UndeleteOrder } from '../../../src/sync/gates/orders.ts';
import { explain } from '../../../src/sync/why.ts';
import { aConfigMap, aPod, asDesired } from '../../support/builders.ts';
import { benchForEach, deploymentOf, type SyncBench, settings } from '../sync-bench.ts';

const MINUTE_MS = 60_000;
const WEB = 'Deployment/default/web';
const web = deploymentOf('web', 'web:1');
const api = deploymentOf('api', 'api:1');
const keeping = settings({ softDelete: '30m', pruneGuard: { maxPercent: 100 } });
const gone = { state: 'failed', message: 'no such image', isFinal: true } as const;
const pulling = { state: 'pulling' } as const;

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

async function pushed(...resources: readonly Desired[]): Promise<string> {
  const id = bench.push([...resources, keeping]);
  await bench.settle();
  expect(bench.status.lastGood?.id).toBe(id);
  return id;
}

/** A shop that has lost `web`, and perhaps more. */
async function lost(removed: readonly Desired[] = [web], left: readonly Desired[] = [api]): Promise<string> {
  bench.start();
  await pushed(...left, ...removed);
  return await pushed(...left);
}

const wish = (...objects: string[]): UndeleteOrder => ({ who: 'ada', at: new Date(bench.clock.now()).toISOString(), objects });

async function undelete(...objects: string[]): Promise<void> {
  bench.order({ undelete: [wish(...objects)] });
  await bench.settle();
}

const refusals = (): string[] =>
  bench.store
    .list('Event')
    .filter(({ reason }) => reason === 'NotUndeleted')
    .map(({ message }) => message);

async function expectRest(): Promise<void> {
  const revision = bench.store.revision();
  await bench.advance(MINUTE_MS);
  expect(bench.store.revision()).toBe(revision);
}

function expectNothing(because: string): void {
  expect(bench.names().filter((name) => name.endsWith('/web'))).toEqual([]);
  expect(refusals()).toEqual([because]);
  expect(bench.status.undelete).toBeUndefined();
}

describe('images', () => {
  test('one that is nowhere refuses', async () => {
    await lost();
    bench.images.set('web:1', { ...gone, retryAtMs: bench.clock.now() + 10 * MINUTE_MS });
    await undelete(WEB);
    expectNothing('ada wanted deployment/web back: image web:1: no such image');
    await expectRest();
  });

  test('one that is being pulled is waited for, which is told, and the time of the record does not matter meanwhile', async () => {
    await lost();
    bench.images.set('web:1', pulling);
    await bench.advance(28 * MINUTE_MS);
    await undelete(WEB);
    expect(bench.names()).toEqual(['Deployment/api']);
    expect(bench.status.undelete).toMatchObject([{ who: 'ada', waitingFor: ['image web:1 to be pulled'] }]);
    const key = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
    expect(explain(key, bench.store, bench.clock.now()).join('\n')).toContain(
      'ada wants it back since 2026-01-01T00:28:00.000Z: it waits for image web:1 to be pulled',
    );
    await expectRest();
    await bench.advance(3 * MINUTE_MS);
    bench.images.set('web:1', undefined);
    await bench.settle();
    expect(bench.names()).toEqual(['Deployment/api', 'Deployment/web']);
    expect(bench.status.undelete).toBeUndefined();
    expect(refusals()).toEqual([]);
    await expectRest();
  });

  test('one that does not come in the time of a preflight refuses, whoever sets the clock', async () => {
    await lost();
    bench.images.set('web:1', pulling);
    await undelete(WEB);
    bench.clock.set(60 * MINUTE_MS);
    await bench.advance(4 * MINUTE_MS);
    expect(bench.status.undelete).toHaveLength(1);
    await bench.advance(2 * MINUTE_MS);
    expectNothing('ada wanted deployment/web back: image web:1 to be pulled');
  });

  test('a single run waits for them', async () => {
    await lost();
    await bench.syncer.stop();
    bench.images.set('web:1', pulling);
    bench.order({ undelete: [wish(WEB)] });
    await bench.restart({ once: true });
    await bench.settle();
    expect(bench.names()).toEqual(['Deployment/api']);
    bench.images.set('web:1', undefined);
    await bench.settle();
    expect(await bench.syncer.outcome()).toMatchObject({ outcome: 'live' });
    expect(bench.names()).toEqual(['Deployment/api', 'Deployment/web']);
  });
});

describe('places', () => {
  test('one that no node can have refuses', async () => {
    await lost();
    bench.placement = (wanted) =>
      wanted.some(({ metadata }) => metadata.name === 'web')
        ? [
            { key: 'Deployment/default/api', message: 'not asked about', isLasting: true },
            { key: WEB, message: 'Its pod has no place: 0/1 nodes are available.', isLasting: true },
          ]
        : [];
    await undelete(WEB);
    expectNothing('ada wanted deployment/web back: deployment/web: Its pod has no place: 0/1 nodes are available.');
  });

  test('one that may become free is waited for, and looked for with whatever changes', async () => {
    await lost();
    bench.placement = () =>
      bench.store.get('ConfigMap', 'default', 'room') === undefined ? [{ key: WEB, message: 'No room.' }] : [];
    await undelete(WEB);
    expect(bench.names()).toEqual(['Deployment/api']);
    expect(bench.status.undelete).toMatchObject([{ waitingFor: ['deployment/web: No room.'] }]);
    await bench.store.write([{ op: 'create', resource: aConfigMap({ name: 'room' }) }]);
    await bench.advance(1_000);
    expect(bench.names()).toContain('Deployment/web');
  });

  test('what comes back first is in the way of what comes back next', async () => {
    const worker = deploymentOf('worker', 'worker:1');
    await lost([web, worker]);
    const both = (wanted: readonly Desired[]): boolean =>
      ['web', 'worker'].every((name) => wanted.some(({ metadata }) => metadata.name === name));
    bench.placement = (wanted) =>
      both(wanted) ? [{ key: 'Deployment/default/worker', message: 'No room.', isLasting: true }] : [];
    bench.order({ undelete: [wish(WEB), { ...wish('Deployment/default/worker'), who: 'eve' }] });
    await bench.settle();
    expect(bench.names()).toEqual(['Deployment/api', 'Deployment/web']);
    expect(refusals()).toEqual(['eve wanted deployment/worker back: deployment/worker: No room.']);
  });
});

describe('what is there by now', () => {
  const withPort = (name: string): Desired =>
    asDesired(
      aPod({
        name,
        container: { ports: [{ containerPort: 80, hostPort: 8080, protocol: 'TCP' }] },
        spec: { nodeName: 'node-a' },
      }),
    );

  test('a host port that another pod of the application has refuses', async () => {
    await lost([withPort('web')]);
    await pushed(api, withPort('other'));
    await undelete('Pod/default/web');
    expect(bench.names()).not.toContain('Pod/web');
    expect(refusals()).toEqual([expect.stringMatching(/^ada wanted pod\/web back: .*8080/)]);
  });

  test('a quota that the live commit has refuses', async () => {
    const texts = asDesired(aConfigMap({ name: 'texts' }));
    await lost([asDesired(aPod({ name: 'web' }))], [texts]);
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'none', namespace: 'default' },
      spec: { hard: { pods: '0' } },
    };
    await pushed(texts, quota as Desired);
    await undelete('Pod/default/web');
    expectNothing('ada wanted pod/web back: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0');
  });

  test('a reference to what did not come along refuses, and what was wrong before does not', async () => {
    const reading = asDesired(aPod({ name: 'web', container: { envFrom: [{ configMapRef: { name: 'texts' } }] } }));
    const texts = asDesired(aConfigMap({ name: 'texts', data: { a: 'b' } }));
    await lost([reading, texts]);
    await undelete('Pod/default/web');
    expectNothing('ada wanted pod/web back: ConfigMap "texts" is not declared in namespace "default".');
    await undelete('Pod/default/web', 'ConfigMap/default/texts');
    expect(bench.names()).toEqual(['ConfigMap/texts', 'Pod/web', 'Deployment/api']);
  });
});

test('what waits begins anew after a commit that came in between', async () => {
  await lost();
  bench.images.set('web:1', pulling);
  await undelete(WEB);
  await bench.advance(4 * MINUTE_MS);
  bench.push([deploymentOf('api', 'api:slow'), keeping]);
  await bench.settle();
  expect(bench.status.undelete).toEqual([{ who: 'ada', at: expect.any(String), objects: [WEB] }]);
  await bench.advance(5 * MINUTE_MS);
  expect(bench.status.quarantined?.outcome).toBe('rolled-back');
  expect(bench.status.undelete).toMatchObject([{ waitingFor: ['image web:1 to be pulled'] }]);
  await bench.advance(4 * MINUTE_MS);
  bench.images.set('web:1', undefined);
  await bench.settle();
  expect(bench.names()).toEqual(['Deployment/api', 'Deployment/web']);
});

test('nothing is pulled while the application is left alone', async () => {
  await lost();
  bench.images.asked.length = 0;
  const since = new Date(bench.clock.now()).toISOString();
  const until = new Date(bench.clock.now() + 10 * MINUTE_MS).toISOString();
  bench.order({ suspend: { who: 'ada', reason: 'by hand', since, until }, undelete: [wish(WEB)] });
  await bench.settle();
  expect(bench.images.asked).toEqual([]);
  expect(bench.names()).toEqual(['Deployment/api']);
  await bench.advance(10 * MINUTE_MS);
  expect(bench.names()).toEqual(['Deployment/api', 'Deployment/web']);
});
