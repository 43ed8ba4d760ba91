import { describe, expect, test } from 'vitest';
import type { Desired } from '../../src/model/resource.ts';
import { APPLICATION_ANNOTATION, RECOVERED_ANNOTATION } from '../../src/model/resource.ts';
import { SourceError } from '../../src/sync/commit-source.ts';
import { aClaim, aConfigMap, aDeployment, aPod, asDesired, aTemplate } from '../support/builders.ts';
import { loadText } from '../support/manifest-text.ts';
import { benchForEach, deploymentOf, fileOf, type SyncBench } from './sync-bench.ts';

const web = (image: string, replicas = 1): Desired =>
  asDesired(aDeployment({ name: 'web', replicas, spec: { template: aTemplate({ container: { image } }) } }));
const api = (image: string): Desired => deploymentOf('api', image);
const config = (value: string, name = 'config'): Desired => asDesired(aConfigMap({ name, data: { key: value } }));

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

function push(...resources: readonly Desired[]): string {
  return bench.push(resources);
}

async function live(...resources: readonly Desired[]): Promise<string> {
  const id = push(...resources);
  bench.start();
  await bench.settle();
  expect(bench.status.lastGood?.id).toBe(id);
  return id;
}

describe('a commit that is good', () => {
  test('is applied as a whole, owned, and live once healthy', async () => {
    const id = await live(config('a'), web('web:1'));
    expect(bench.names()).toEqual(['ConfigMap/config', 'Deployment/web']);
    expect(bench.store.get('Deployment', 'default', 'web')?.metadata.annotations?.[APPLICATION_ANNOTATION]).toBe('shop');
    expect(bench.status).toMatchObject({ health: 'Healthy', history: [{ outcome: 'live', commit: { id } }] });
    expect(bench.status.attempt).toBeUndefined();
    expect(bench.status.inventory).toMatchObject([
      { kind: 'ConfigMap', name: 'config', file: 'app.yaml', line: 1, commit: id, author: 'Ada <ada@example.org>' },
      { kind: 'Deployment', name: 'web', file: 'app.yaml', line: 3, commit: id },
    ]);
    expect(bench.store.list('ApplicationRevision').map((revision) => revision.spec.commit.id)).toEqual([id]);
  });

  test('is a matter of one transaction: between two revisions of the store there is no half', async () => {
    push(config('a'), web('web:1'));
    const seen: number[] = [];
    const write = bench.store.write.bind(bench.store);
    bench.store.write = async (writes) => {
      const result = await write(writes);
      seen.push(bench.names().length);
      return result;
    };
    bench.start();
    await bench.settle();
    expect(seen.filter((count) => count === 1)).toEqual([]);
  });

  test('writes nothing on a second pass, nor in a new process', async () => {
    await live(config('a'), web('web:1'));
    const revision = bench.store.revision();
    await bench.advance(120_000);
    expect(bench.store.revision()).toBe(revision);
    const snapshots = bench.source.snapshots;
    await bench.restart();
    await bench.settle();
    expect(bench.store.revision()).toBe(revision);
    expect(bench.source.snapshots).toBe(snapshots);
  });

  test('prunes what it no longer says, after it is healthy, and keeps who last changed the rest', async () => {
    const first = await live(config('a'), config('b', 'other'), web('web:1'));
    const second = push(config('a'), web('web:2'));
    await bench.settleSyncer();
    expect(bench.names()).toContain('ConfigMap/other');
    expect(bench.status.attempt?.phase).toBe('verifying');
    await bench.settle();
    expect(bench.names()).toEqual(['ConfigMap/config', 'Deployment/web']);
    expect(bench.status.inventory?.map((entry) => [entry.name, entry.commit])).toEqual([
      ['config', first],
      ['web', second],
    ]);
    expect(bench.store.list('ApplicationRevision').map((revision) => revision.spec.commit.id)).toEqual([second]);
  });

  test('replaces a pod that cannot be changed in place, once the old one has ended', async () => {
    await live(asDesired(aPod({ name: 'tool', container: { image: 'tool:1' } })));
    const uid = bench.store.get('Pod', 'default', 'tool')?.metadata.uid;
    push(asDesired(aPod({ name: 'tool', container: { image: 'tool:2' } })));
    await bench.settleSyncer();
    expect(bench.status.attempt).toMatchObject({
      phase: 'applying',
      waitingFor: ['pod/tool: pod/tool to end', 'pod/tool: it is being deleted'],
    });
    await bench.settle();
    const pod = bench.store.get('Pod', 'default', 'tool');
    expect(pod?.spec.containers[0].image).toBe('tool:2');
    expect(pod?.metadata.uid).not.toBe(uid);
    expect(bench.status.history?.[0]?.outcome).toBe('live');
  });

  test('may be the revert of another: what was, is again', async () => {
    await live(config('a'), web('web:1'));
    push(config('b'), web('web:2'), api('api:1'));
    await bench.settle();
    push(config('a'), web('web:1'));
    await bench.settle();
    expect([bench.image('web'), bench.data('config'), bench.image('api')]).toEqual(['web:1', { key: 'a' }, undefined]);
    expect(bench.status.history?.map((record) => record.outcome)).toEqual(['live', 'live', 'live']);
  });
});

function content(): unknown {
  return bench.names().map((name) => [name, bench.store.get('Deployment', 'default', 'web'), bench.data('config')]);
}

describe('a commit that is refused', () => {
  test('because it is wrong: nothing that runs is touched, and it is not loaded again until HEAD moves', async () => {
    await live(config('a'), web('web:1'));
    const before = JSON.stringify(content());
    const bad = bench.source.commit({
      files: { 'app.yaml': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"config"},"dta":{}}' },
    });
    await bench.settle();
    expect(JSON.stringify(content())).toBe(before);
    expect(bench.status.held).toMatchObject({
      outcome: 'invalid',
      commit: { id: bad },
      message: expect.stringContaining('app.yaml:1'),
    });
    const { snapshots } = bench.source;
    const revision = bench.store.revision();
    await bench.advance(300_000);
    expect([bench.source.snapshots, bench.store.revision()]).toEqual([snapshots, revision]);
    push(config('b'), web('web:1'));
    await bench.settle();
    expect(bench.status.held).toBeUndefined();
    expect(bench.data('config')).toEqual({ key: 'b' });
  });

  test('because HEAD is wrong, and then HEAD goes back: nothing is held any more', async () => {
    const good = await live(config('a'));
    bench.source.commit({ files: { 'app.yaml': 'kind: [' } });
    await bench.settle();
    expect(bench.status.held?.outcome).toBe('invalid');
    bench.source.move(good);
    await bench.settle();
    expect(bench.status.held).toBeUndefined();
    expect(bench.status.conditions?.find((condition) => condition.type === 'Ready')?.status).toBe('True');
  });

  test('because an image cannot be had: held, asked again later, applied when it appears', async () => {
    await live(config('a'), web('web:1'));
    const before = JSON.stringify(content());
    bench.images.states.set('web:2', {
      state: 'failed',
      message: 'no such tag',
      isFinal: true,
      retryAtMs: bench.clock.now() + 30_000,
    });
    const next = push(config('b'), web('web:2'));
    await bench.settle();
    expect(JSON.stringify(content())).toBe(before);
    expect(bench.status.held).toMatchObject({
      outcome: 'preflight-failed',
      message: 'app.yaml:3:263 spec.template.spec.containers[0].image: image web:2: no such tag',
    });
    bench.images.states.delete('web:2');
    await bench.advance(30_000);
    expect(bench.status.lastGood?.id).toBe(next);
    expect(bench.status.held).toBeUndefined();
  });

  test('while a registry does not answer: it is asked again when its time has come', async () => {
    await live(web('web:1'));
    const retryAtMs = bench.clock.now() + 10_000;
    bench.images.states.set('web:2', { state: 'failed', message: 'no route to host', isFinal: false, retryAtMs });
    push(web('web:2'));
    await bench.settle();
    expect(bench.status.attempt?.waitingFor).toEqual(['image web:2: no route to host']);
    bench.images.states.delete('web:2');
    await bench.advance(9_000);
    expect(bench.image('web')).toBe('web:1');
    await bench.advance(1_000);
    expect(bench.image('web')).toBe('web:2');
  });

  test('until its image is pulled: it says what it waits for', async () => {
    await live(web('web:1'));
    bench.images.states.set('web:2', { state: 'pulling' });
    push(web('web:2'));
    await bench.settle();
    expect(bench.status.attempt).toMatchObject({ phase: 'preflighting', waitingFor: ['image web:2 to be pulled'] });
    expect(bench.image('web')).toBe('web:1');
    bench.images.set('web:2', undefined);
    await bench.settle();
    expect(bench.image('web')).toBe('web:2');
  });

  test('when the image does not come in time: held, and still taken when it comes late', async () => {
    await live(web('web:1'));
    bench.images.states.set('web:2', { state: 'pulling' });
    const id = push(web('web:2'));
    await bench.settle();
    await bench.advance(300_000);
    expect(bench.status.held).toMatchObject({ outcome: 'preflight-failed' });
    bench.images.set('web:2', undefined);
    await bench.settle();
    expect(bench.status.lastGood?.id).toBe(id);
  });

  test('once held it stays one entry of the history, however often its image is asked for and whatever the registry answers', async () => {
    await live(web('web:1'));
    const failed = (message: string): void => {
      bench.images.set('web:2', { state: 'failed', message, isFinal: false, retryAtMs: bench.clock.now() + 10_000 });
    };
    failed('no route to host');
    const id = push(web('web:2'));
    await bench.settle();
    await bench.advance(300_000);
    const held = 'app.yaml:1:263 spec.template.spec.containers[0].image: image web:2: no route to host';
    expect(bench.status.held).toMatchObject({ outcome: 'preflight-failed', message: held });
    bench.images.set('web:2', { state: 'pulling' });
    await bench.settle();
    expect(bench.status.held).toMatchObject({ outcome: 'preflight-failed', message: held });
    failed('connection reset');
    await bench.settle();
    expect((bench.status.history ?? []).map(({ commit, outcome, message }) => [commit.id, outcome, message])).toEqual([
      [id, 'preflight-failed', 'app.yaml:1:263 spec.template.spec.containers[0].image: image web:2: connection reset'],
      [expect.any(String), 'live', expect.any(String)],
    ]);
    bench.images.set('web:2', undefined);
    await bench.settle();
    expect(bench.status.lastGood?.id).toBe(id);
  });

  test('because a pod has no place', async () => {
    await live(web('web:1'));
    bench.placement = () => [{ key: 'Deployment/default/web', message: '2 CPUs are not free on any node' }];
    push(web('web:2'));
    await bench.settle();
    expect(bench.status.attempt?.waitingFor).toEqual(['deployment/web: 2 CPUs are not free on any node']);
    expect(bench.image('web')).toBe('web:1');
  });

  test('because it takes too much away, until its message allows it', async () => {
    const many = ['a', 'b', 'c', 'd'].map((name) => config('1', name));
    await live(...many);
    push(...many.slice(0, 1));
    await bench.settle();
    expect(bench.status.held).toMatchObject({ outcome: 'preflight-failed', message: expect.stringContaining('3 of 4 objects') });
    expect(bench.names()).toHaveLength(4);
    bench.source.commit({
      files: { 'app.yaml': fileOf(...many.slice(0, 1)) },
      message: 'Clean up\n\nHoldfast-Allow-Prune: true',
    });
    await bench.settle();
    expect(bench.names()).toEqual(['ConfigMap/a']);
  });

  test('because it is empty; with the trailer everything goes', async () => {
    await live(config('a'));
    bench.source.commit({ files: {} });
    await bench.settle();
    expect(bench.status.held?.message).toContain('all 1 objects would be deleted');
    bench.source.commit({ files: { 'README.md': '' }, message: 'Close the shop\n\nHoldfast-Allow-Prune: true' });
    await bench.settle();
    expect(bench.names()).toEqual([]);
    expect(bench.status.history?.[0]?.outcome).toBe('live');
  });

  test('because an object belongs to another application', async () => {
    await bench.store.write([
      { op: 'create', resource: asDesired(aConfigMap({ annotations: { [APPLICATION_ANNOTATION]: 'blog' } })) },
    ]);
    push(config('a'));
    bench.start();
    await bench.settle();
    expect(bench.status.held).toMatchObject({
      outcome: 'preflight-failed',
      message: expect.stringContaining('the application "blog"'),
    });
    expect(bench.data('config')).toEqual({ key: 'value' });
  });
});

describe('a source that fails', () => {
  const faults = ['Unreachable', 'AuthenticationFailed', 'RevisionNotFound', 'TimedOut'] as const;
  test.each(faults)('%s: what runs goes on and is healed, and it is tried again', async (fault) => {
    await live(config('a'), web('web:1'));
    bench.source.failure = new SourceError(fault, 'the server says no');
    await bench.advance(60_000);
    expect(bench.status.source).toMatchObject({ ready: false, reason: fault, message: 'the server says no' });
    await bench.store.write([{ op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'config' } }]);
    await bench.settle();
    expect(bench.data('config')).toEqual({ key: 'a' });
    bench.source.failure = undefined;
    await bench.advance(60_000);
    expect(bench.status.source).toMatchObject({ ready: true });
  });

  test('a server that does not answer ends with its deadline and holds nothing up', async () => {
    await live(config('a'));
    bench.source.isHanging = true;
    await bench.advance(30_000);
    await bench.store.write([{ op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'config' } }]);
    await bench.settle();
    expect(bench.data('config')).toEqual({ key: 'a' });
    await bench.advance(60_000);
    expect(bench.status.source).toMatchObject({ ready: false, reason: 'TimedOut' });
  });

  test('half a fetch changes nothing', async () => {
    const good = await live(config('a'));
    bench.source.snapshotFailure = new SourceError('Corrupt', 'a pack is cut off');
    push(config('b'));
    await bench.settle();
    expect([bench.data('config'), bench.status.lastGood?.id]).toEqual([{ key: 'a' }, good]);
    expect(bench.status.source?.reason).toBe('Corrupt');
    bench.source.snapshotFailure = undefined;
    await bench.advance(60_000);
    expect(bench.data('config')).toEqual({ key: 'b' });
  });
});

describe('drift', () => {
  test('an object that was edited or removed is put right, with a reason', async () => {
    await live(config('a'), web('web:1'));
    const edited = bench.store.get('ConfigMap', 'default', 'config');
    if (edited !== undefined) await bench.store.write([{ op: 'update', resource: { ...edited, data: { key: 'hacked' } } }]);
    await bench.settle();
    expect(bench.data('config')).toEqual({ key: 'a' });
    expect(bench.store.list('Event').map((event) => event.reason)).toContain('Drifted');
  });

  test('the same repair again and again is named and made less often', async () => {
    await live(config('a'));
    const spoil = async (): Promise<void> => {
      await bench.store.write([{ op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'config' } }]);
      await bench.settle();
    };
    for (let times = 0; times < 5; times++) await spoil();
    expect(bench.data('config')).toEqual({ key: 'a' });
    await spoil();
    expect(bench.data('config')).toBeUndefined();
    await bench.advance(10_000);
    expect(bench.data('config')).toEqual({ key: 'a' });
    await bench.settle();
    expect(bench.status.conditions?.find((condition) => condition.type === 'Drifted')).toMatchObject({
      status: 'True',
      message: expect.stringContaining('configmap/config'),
    });
  });
});

describe('a store that was lost', () => {
  const mark = { [APPLICATION_ANNOTATION]: 'shop', [RECOVERED_ANNOTATION]: 'true' };
  /** A pod as it was stored, and as its label on the host kept it. */
  const found = (name: string): Desired => {
    const [loaded] = loadText(fileOf(asDesired(aPod({ name })))).manifests;
    if (loaded?.resource.kind !== 'Pod') throw new Error('not a pod');
    const { spec, metadata } = loaded.resource;
    return { ...loaded.resource, metadata: { ...metadata, annotations: mark }, spec: { ...spec, nodeName: 'node-a' } };
  };

  test('what was found on the host is claimed without a restart; what nobody claims goes, once everything is healthy', async () => {
    for (const name of ['tool', 'stray']) await bench.store.write([{ op: 'create', resource: found(name), uid: `uid-${name}` }]);
    push(asDesired(aPod({ name: 'tool' })), web('web:1'));
    bench.start();
    await bench.settleSyncer();
    expect(bench.names()).toEqual(['Pod/stray', 'Pod/tool', 'Deployment/web']);
    await bench.settle();
    expect(bench.names()).toEqual(['Pod/tool', 'Deployment/web']);
    expect(bench.store.get('Pod', 'default', 'tool')?.metadata).toMatchObject({
      uid: 'uid-tool',
      annotations: { [APPLICATION_ANNOTATION]: 'shop' },
    });
    expect(bench.store.get('Pod', 'default', 'tool')?.metadata.annotations?.[RECOVERED_ANNOTATION]).toBeUndefined();
    expect(bench.status.history?.[0]?.outcome).toBe('live');
  });

  test('a commit that does not become healthy takes nothing of it away', async () => {
    await bench.store.write([{ op: 'create', resource: found('stray') }]);
    push(web('web:slow'));
    bench.start();
    await bench.settle();
    await bench.advance(300_000);
    expect(bench.status.held?.outcome).toBe('failed');
    expect(bench.names()).toContain('Pod/stray');
  });
});

test('a claim that a commit leaves out goes, its volume is named and stays', async () => {
  await live(config('a'), asDesired(aClaim()));
  push(config('a'));
  await bench.settle();
  expect(bench.names()).toEqual(['ConfigMap/config']);
  const messages = bench.store.list('Event').map((event) => event.message);
  expect(messages).toContain('persistentvolumeclaim/data: it is no longer in the commit; its volume stays with its data');
});
