// An Application in the path may say how long its commit may take.
import { expect, test } from 'vitest';
import { aDeployment, asDesired, aTemplate } from '../support/builders.ts';
import { benchForEach, fileOf, type SyncBench } from './sync-bench.ts';

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

function push(image: string, timeoutSeconds?: number): string {
  const web = asDesired(aDeployment({ name: 'web', replicas: 1, spec: { template: aTemplate({ container: { image } }) } }));
  const settings = { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name: 'shop' }, spec: { timeoutSeconds } };
  const files = { 'web.yaml': fileOf(web) };
  return bench.source.commit({
    files: timeoutSeconds === undefined ? files : { ...files, 'settings.yaml': JSON.stringify(settings) },
  });
}

test('a commit is taken back after the time that it gives itself, and not before', async () => {
  const good = push('web:1');
  bench.start();
  await bench.settle();
  expect(bench.status.lastGood?.id).toBe(good);
  const slow = push('web:slow', 60);
  await bench.advance(30_000);
  expect(bench.status.attempt).toMatchObject({ commit: { id: slow }, phase: 'verifying' });
  await bench.advance(29_000);
  expect(bench.status.attempt?.phase).toBe('verifying');
  await bench.advance(32_000);
  expect(bench.status.quarantined?.commit.id).toBe(slow);
  expect(bench.image('web')).toBe('web:1');
});

test('the application itself is no object of the set', async () => {
  push('web:1', 60);
  bench.start();
  await bench.settle();
  expect(bench.names()).toEqual(['Deployment/web']);
  expect(bench.store.get('Application', '', 'shop')?.spec).toMatchObject({ timeoutSeconds: 300 });
});
