import { expect, test } from 'vitest';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import { keyOf } from '../../src/model/resource.ts';
import { dryRun } from '../../src/sync/dry-run.ts';
import { explain } from '../../src/sync/why.ts';
import { aConfigMap, aDeployment, asDesired, aTemplate } from '../support/builders.ts';
import { benchForEach, fileOf, type SyncBench, settings } from './sync-bench.ts';

const web = (image: string) =>
  asDesired(aDeployment({ name: 'web', replicas: 1, spec: { template: aTemplate({ container: { image } }) } }));

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

const why = (kind: 'Deployment' | 'Application' | 'ConfigMap', name: string): string =>
  explain({ kind, namespace: kind === 'Application' ? '' : 'default', name }, bench.store, bench.clock.now()).join('\n');

test('why says who wants an object, who is to blame, and what the commit waits for', async () => {
  const id = bench.source.commit({
    files: { 'app.yaml': fileOf(asDesired(aConfigMap()), web('web:slow')) },
    message: 'Slow down',
  });
  bench.start();
  await bench.settle();
  const text = why('Deployment', 'web');
  expect(text).toContain('deployment/web is progressing: pod web-webslow');
  expect(text).toContain(
    `application shop wants it: app.yaml:3, last changed by commit ${id.slice(0, 7)} of Ada <ada@example.org>`,
  );
  expect(text).toContain('container main: running but not ready');
  expect(text).toContain(`commit ${id.slice(0, 7)} "Slow down" of Ada <ada@example.org> is verifying, until`);
  expect(why('Application', 'shop')).toContain('application shop has no live commit yet');
});

test('why tells once what a commit waits for, and what is not healthy beside it', async () => {
  bench.source.commit({ files: { 'app.yaml': fileOf(asDesired(aConfigMap({ name: 'settings' })), web('web:slow')) } });
  bench.start();
  await bench.settle();
  const words = 'deployment/web: pod web-webslow';
  expect(why('Application', 'shop').split('\n')).toEqual(
    expect.arrayContaining([expect.stringMatching(new RegExp(`^  waits for ${words}`, 'u'))]),
  );
  expect(why('Application', 'shop').split(words)).toHaveLength(2);
  await bench.store.write([{ op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'settings' } }]);
  expect(why('Application', 'shop')).toContain('\nnot healthy:\n  configmap/settings: it is missing\nlast events:\n');
});

test('why follows owners up to the manifest', async () => {
  bench.source.commit({ files: { 'app.yaml': fileOf(web('web:1')) } });
  bench.start();
  await bench.settle();
  const [pod] = bench.store.list('Pod');
  const lines = pod === undefined ? [] : explain(keyOf(pod), bench.store, bench.clock.now());
  expect(lines[1]).toMatch(/^made by replicaset\/web-/);
  expect(lines[2]).toBe('made by deployment/web');
  expect(lines[3]).toMatch(/^application shop wants it: app.yaml:1/);
});

test('why tells of a quarantined commit, a dead source and a missing object', async () => {
  bench.source.commit({ files: { 'app.yaml': fileOf(web('web:1')) } });
  bench.start();
  await bench.settle();
  bench.source.commit({ files: { 'app.yaml': fileOf(web('web:crash')) }, message: 'Break it' });
  await bench.settle();
  const text = why('Application', 'shop');
  expect(text).toContain('"Break it" of Ada <ada@example.org> is not live (rolled-back at');
  expect(text).toContain('it is not tried again until HEAD moves');
  expect(why('ConfigMap', 'nothing')).toBe('configmap/nothing does not exist, and no application wants it');
});

test('a dry run plans and touches nothing', async () => {
  bench.source.commit({ files: { 'app.yaml': fileOf(asDesired(aConfigMap()), web('web:1')) } });
  bench.start();
  await bench.settle();
  bench.source.commit({ files: { 'app.yaml': fileOf(asDesired(aConfigMap()), web('web:2')) } });
  await bench.syncer.stop();
  const revision = bench.store.revision();
  const asked = bench.images.asked.length;
  const loader = createManifestLoader();
  const result = await dryRun({
    application: 'shop',
    store: bench.store,
    source: bench.source,
    load: loader.load,
    clock: bench.clock,
  });
  expect(result.unchanged).toBe(1);
  expect(result.problems).toEqual([]);
  expect(result.actions).toMatchObject([
    {
      kind: 'Deployment',
      name: 'web',
      action: 'update',
      effect: 'rolling update',
      file: 'app.yaml',
      line: 3,
      fields: [{ path: 'spec.template.spec.containers[main].image', old: 'web:1', new: 'web:2' }],
    },
  ]);
  expect([bench.store.revision(), bench.images.asked.length]).toEqual([revision, asked]);
});

test.each([
  ['10m', {}, '; for 10m it can be brought back'],
  ['10m', { softDelete: '1h' }, '; for 60m it can be brought back'],
  [undefined, {}, ''],
])(
  'a dry run with --soft-delete %s of an application that says %j tells what can be brought back',
  async (softDelete, said, told) => {
    const own = settings({ ...said, pruneGuard: { maxPercent: 100 } });
    bench.push([asDesired(aConfigMap()), web('web:1'), own]);
    bench.start();
    await bench.settle();
    await bench.syncer.stop();
    bench.push([asDesired(aConfigMap()), own]);
    const { load } = createManifestLoader();
    const { store, source, clock } = bench;
    const { actions } = await dryRun({ application: 'shop', store, source, load, clock, softDelete });
    expect(actions).toMatchObject([{ action: 'delete', name: 'web', message: `it is no longer in the commit${told}` }]);
  },
);
