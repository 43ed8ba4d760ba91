// What was changed behind Git's back is told with what it is, which field, from what to what, since when and how often.
import { describe, expect, test } from 'vitest';
import { APPLICATION_ANNOTATION, type Desired, keyOf, type Stored } from '../../src/model/resource.ts';
import { allEventWrites } from '../../src/runtime/events.ts';
import { containersByHand, driftRecordLines, handText } from '../../src/sync/drift-text.ts';
import { explain } from '../../src/sync/why.ts';
import { aConfigMap, aPod, asDesired, START_MS } from '../support/builders.ts';
import { benchForEach, deploymentOf, type SyncBench, settings } from './sync-bench.ts';

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

const config = asDesired(aConfigMap({ data: { key: 'a' } }));
const secret = asDesired({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', namespace: 'default' },
  data: { password: 'b2xk' },
} as never);
const at = (ms: number): string => `${new Date(START_MS + ms).toISOString().slice(0, 19)}Z`;
const APPLICATION = { kind: 'Application', namespace: '', name: 'shop' } as const;

async function live(...resources: Parameters<SyncBench['push']>[0]): Promise<void> {
  bench.push(resources);
  bench.start();
  await bench.settle();
}

async function edit(
  kind: 'ConfigMap' | 'Secret' | 'Deployment',
  name: string,
  change: (object: Stored) => Stored,
): Promise<void> {
  const object = bench.store.get(kind, 'default', name);
  if (object === undefined) throw new Error(`there is no ${name}`);
  await bench.store.write([{ op: 'update', resource: change(object) }]);
  await bench.settle();
}

const say = (value: string) => (object: Stored) => ({ ...object, data: { key: value } }) as Stored;
const events = (): readonly string[] =>
  bench.store
    .list('Event')
    .filter(({ reason }) => reason === 'Drifted')
    .map(({ message }) => message);

describe('what is put right', () => {
  test('is told by field with both values: in the event, the status and why', async () => {
    await live(config);
    await edit('ConfigMap', 'config', say('hacked'));
    expect(events()).toEqual(['differs in data.key: "a" → "hacked"']);
    const record = { kind: 'ConfigMap', namespace: 'default', name: 'config', message: 'data.key: "a" → "hacked"', count: 1 };
    expect(bench.status.drift).toEqual([{ ...record, since: at(0), last: at(0) }]);
    const line = `  configmap/config data.key: "a" → "hacked", put right at ${at(0)}`;
    expect(explain(APPLICATION, bench.store, bench.clock.now())).toContain(line);
    const object = { kind: 'ConfigMap', namespace: 'default', name: 'config' } as const;
    expect(explain(object, bench.store, bench.clock.now())).toContain(line);
  });

  test('again and again is one record, and the field that flaps is named', async () => {
    await live(config);
    for (let round = 0; round < 6; round++) {
      await edit('ConfigMap', 'config', say(`hacked-${round}`));
      await bench.advance(1_000);
    }
    await bench.advance(10_000);
    expect(bench.status.drift).toMatchObject([{ message: 'data.key: "a" → "hacked-5"', count: 6, since: at(0) }]);
    expect(bench.status.conditions?.find(({ type }) => type === 'Drifted')?.message).toBe(
      'something else keeps changing configmap/config (data.key: "a" → "hacked-5"); it is put right again, but less often',
    );
  });

  test('no value of a Secret is told, only that it differs', async () => {
    await live(secret);
    await edit('Secret', 's', (object) => ({ ...object, data: { password: 'bmV3' } }) as Stored);
    expect(events()).toEqual(['differs in data.password: another secret value']);
    await edit('Secret', 's', (object) => ({ ...object, data: { password: 'b2xk', more: 'bmV3' } }) as Stored);
    expect(bench.status.drift?.map(({ message }) => message)).toEqual(['data.more: added']);
    expect(JSON.stringify([bench.status, events()])).not.toMatch(/bmV3|b2xk/);
  });

  test('an object that was removed', async () => {
    await live(config);
    await bench.store.write([{ op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'config' } }]);
    await bench.settle();
    expect(bench.status.drift).toMatchObject([{ name: 'config', message: 'it was removed', count: 1 }]);
  });

  test('is shown for an hour, and kept for the history', async () => {
    await live(config);
    await edit('ConfigMap', 'config', say('hacked'));
    await bench.advance(3_600_000);
    const application = bench.store.get('Application', '', 'shop');
    if (application === undefined) throw new Error('no application');
    expect(driftRecordLines(application, bench.store, bench.clock.now())).toEqual([]);
    expect(application.status?.drift).toHaveLength(1);
  });

  test('no more records are kept than a person reads', async () => {
    const many = Array.from({ length: 30 }, (_, index) => asDesired(aConfigMap({ name: `c${index}`, data: { key: 'a' } })));
    await live(...many);
    const removed = many.map((resource) => ({ op: 'remove', key: keyOf(resource) }) as const);
    await bench.store.write(removed);
    await bench.settle();
    expect(bench.status.drift).toHaveLength(20);
  });
});

test('what somebody did to containers is told with the application, as far as events go back', async () => {
  const mark = { [APPLICATION_ANNOTATION]: 'shop' };
  await live(config);
  const pod = {
    ...asDesired(aPod({ name: 'web-1' })),
    metadata: { name: 'web-1', namespace: 'default', annotations: mark },
  } as Desired;
  await bench.store.write([{ op: 'create', resource: pod }]);
  const [stored] = bench.store.list('Pod');
  if (stored === undefined) throw new Error('no pod');
  const killing = { reason: 'Killing', severity: 'Normal', component: 'kubelet' } as const;
  const message = 'Container main was edited by hand (memory 0 → 67108864), will be replaced';
  const other = { ...killing, message: 'Stopping container main' };
  const edited = { ...killing, message };
  await bench.store.write(allEventWrites(bench.store, stored, [edited, other], bench.clock.now()));
  expect(containersByHand(bench.store, 'shop').map(handText)).toEqual([`pod/web-1: ${message}, at ${at(0)}`]);
  expect(containersByHand(bench.store, 'other')).toEqual([]);
  expect(explain(APPLICATION, bench.store, bench.clock.now())).toContain(`  pod/web-1: ${message}, at ${at(0)}`);
});

describe('what is only reported', () => {
  const report = settings({ drift: 'report' });
  const scale = (replicas: number) => (object: Stored) =>
    object.kind === 'Deployment' ? { ...object, spec: { ...object.spec, replicas } } : object;

  test('is there from when it was noticed until it is over, and costs no further write', async () => {
    await live(deploymentOf('web', 'web:1'), report);
    await bench.advance(60_000);
    await edit('Deployment', 'web', scale(5));
    const record = {
      kind: 'Deployment',
      namespace: 'default',
      name: 'web',
      message: 'spec.replicas: 1 → 5',
      since: at(60_000),
      count: 0,
    };
    expect(bench.status.drift).toEqual([record]);
    const revision = bench.store.revision();
    await bench.advance(3_600_000);
    expect(bench.store.revision()).toBe(revision);
    expect(explain(APPLICATION, bench.store, bench.clock.now())).toContain(
      `  deployment/web spec.replicas: 1 → 5, left as it is since ${at(60_000)}`,
    );
    await edit('Deployment', 'web', scale(7));
    expect(bench.status.drift).toEqual([{ ...record, message: 'spec.replicas: 1 → 7' }]);
    await edit('Deployment', 'web', scale(1));
    expect(bench.status.drift).toEqual([{ ...record, message: 'spec.replicas: 1 → 7', endedAt: at(3_660_000) }]);
  });

  test('and a restart goes on with the same record', async () => {
    await live(deploymentOf('web', 'web:1'), report);
    await edit('Deployment', 'web', scale(5));
    const before = bench.status.drift;
    await bench.advance(60_000);
    await bench.restart();
    await bench.settle();
    expect(bench.status.drift).toEqual(before);
  });
});
