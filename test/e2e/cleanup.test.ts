// What goes with what: a namespace with all that is in it, owners with their dependents; and what stays: data, and other namespaces.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clusterContainers, clusterVolumes, runningContainers } from '../support/e2e-engine.ts';
import { configMap, deployment, podSpec, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';

let at: Scene;
beforeEach(async () => {
  at = await scene('cleanup');
});
afterEach(async () => {
  await at.close();
});

async function live(files: Record<string, string | null>, message = 'Change'): Promise<void> {
  await at.repo.commit(files, message);
  const { exitCode, outcome, stderr } = await at.once();
  expect({ exitCode, outcome: outcome.outcome, stderr }).toMatchObject({ exitCode: 0, outcome: 'live' });
}
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
const inShop = (manifest: object): object => {
  const { metadata, ...rest } = manifest as { metadata: object };
  return { ...rest, metadata: { ...metadata, namespace: 'shop' } };
};
const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
};
const keeper = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'keeper' },
  spec: podSpec({
    script: 'echo kept > /data/file',
    container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    pod: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
  }),
};

test('a namespace leaves a commit: all in it ends, its volume stays, and it can come back', { timeout: 120_000 }, async () => {
  const content = [claim, keeper, deployment('web', { replicas: 2 }), configMap('config', { a: '1' })].map(inShop);
  await live({ 'shop.yaml': yaml(namespace, ...content), 'rest.yaml': yaml(deployment('rest')) });
  expect((await at.ask(['get', 'sa', '-n', 'shop'])).stdout).toMatch(/default/);
  const rest = await runningContainers(at.cluster, 'rest-');
  expect(await runningContainers(at.cluster, 'web-')).toHaveLength(2);

  await live({ 'shop.yaml': null }, 'Leave\n\nHoldfast-Allow-Prune: true');
  const left = await clusterContainers(at.cluster);
  expect(new Set(left.map(({ pod }) => pod.replace(/-.*/, '')))).toEqual(new Set(['rest']));
  expect(await runningContainers(at.cluster, 'rest-')).toEqual(rest);
  expect(await clusterVolumes(at.cluster)).toHaveLength(1);
  expect((await at.ask(['get', 'ns'])).stdout).not.toMatch(/shop/);
  for (const kind of ['pods', 'deploy', 'cm', 'sa', 'rs'])
    expect((await at.ask(['get', kind, '-n', 'shop'])).stdout).not.toMatch(/web|keeper|config|default/);
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live', actions: [] });

  await live({ 'shop.yaml': yaml(namespace, ...content) });
  expect(await runningContainers(at.cluster, 'keeper')).toHaveLength(1);
  expect(await runningContainers(at.cluster, 'rest-')).toEqual(rest);
});

test('owners take along what they made, whatever is in the middle of what', { timeout: 90_000 }, async () => {
  await live({
    'a.yaml': yaml(deployment('one', { replicas: 2 }), deployment('two', { replicas: 2 })),
    'b.yaml': yaml(configMap('config', { a: '1' })),
  });
  const two = await runningContainers(at.cluster, 'two-');
  await live({ 'a.yaml': yaml(deployment('two', { replicas: 2 })) });
  expect(await runningContainers(at.cluster, 'one-')).toEqual([]);
  expect(await runningContainers(at.cluster, 'two-')).toEqual(two);
  expect((await at.ask(['get', 'rs'])).stdout).not.toMatch(/one-/);
});
