// A second run over the same commit does nothing, also when the store was deleted in between.
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStoreForReading } from '../../src/installation/data-folder.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemIds } from '../../src/system/ids.ts';
import { testDockerHost } from '../support/docker.ts';
import { claim, configMap, deployment, secret, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { type EngineProxy, openEngineProxy } from '../support/engine-proxy.ts';

const web = deployment('web', {
  replicas: 2,
  script: 'httpd -p 8080 -h /www',
  container: {
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/index.html', port: 'http' }, periodSeconds: 1 },
    env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'door', key: 'password' } } }],
    volumeMounts: [
      { name: 'page', mountPath: '/www' },
      { name: 'data', mountPath: '/data' },
    ],
  },
  pod: {
    volumes: [
      { name: 'page', configMap: { name: 'page' } },
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
    ],
  },
});
const files = {
  'web.yaml': yaml(web),
  'rest.yaml': yaml(configMap('page', { 'index.html': 'hello' }), secret('door', { password: 'open sesame' }), claim('data')),
  'spare.yaml': yaml(configMap('spare', { key: 'value' }), deployment('worker')),
};

describe('over the same commit', () => {
  let at: Scene;
  let proxy: EngineProxy;
  const throughProxy = (): { env: Record<string, string> } => ({ env: { DOCKER_HOST: proxy.address } });
  const storeRevision = async (): Promise<number> => {
    const store = openStoreForReading(at.dataDir, systemClock(), systemIds());
    if (store === undefined) throw new Error('there is no store');
    const revision = store.revision();
    await store.close();
    return revision;
  };

  beforeEach(async () => {
    at = await scene('same');
    proxy = await openEngineProxy(testDockerHost());
  });
  afterEach(async () => {
    await proxy.close();
    await at.close();
  });

  test('a second run takes no action, writes nothing to Docker and nothing to the store', async () => {
    const commit = await at.repo.commit(files, 'First');
    const first = await at.once([], throughProxy());
    expect(first).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', commit: { id: commit } } });
    expect(first.outcome.actions).toHaveLength(6);
    expect(proxy.writes()).not.toEqual([]);
    const before = await at.engine();
    const revision = await storeRevision();

    proxy.forget();
    const second = await at.once([], throughProxy());
    expect(second).toMatchObject({
      exitCode: 0,
      outcome: { outcome: 'live', commit: { id: commit }, actions: [], problems: [] },
    });
    expect(proxy.requests).not.toEqual([]);
    expect(proxy.writes()).toEqual([]);
    expect(await storeRevision()).toBe(revision);
    expect(await at.engine()).toEqual(before);
  });

  test('a deleted store is rebuilt without a write to Docker, and the inventory is whole again', async () => {
    await at.repo.commit(files, 'First');
    expect((await at.once()).exitCode).toBe(0);
    const before = await at.engine();

    await rm(at.dataDir, { recursive: true });
    const second = await at.once([], throughProxy());
    expect(second).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
    expect(proxy.writes()).toEqual([]);
    expect(await at.engine()).toEqual(before);

    await at.repo.commit({ 'spare.yaml': null }, 'Without the worker');
    const third = await at.once();
    expect(third).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
    expect(third.outcome.actions.map(({ kind, name, action }) => `${action} ${kind}/${name}`).toSorted()).toEqual([
      'delete ConfigMap/spare',
      'delete Deployment/worker',
    ]);
    const after = await at.engine();
    expect(after.containers).toEqual(before.containers.filter(({ pod }) => !pod.startsWith('worker')));
  });

  test('what was deleted from the repository while there was no store is pruned by the next run', async () => {
    await at.repo.commit(files, 'First');
    expect((await at.once()).exitCode).toBe(0);
    const before = await at.engine();
    await rm(at.dataDir, { recursive: true });
    await at.repo.commit({ 'spare.yaml': null }, 'Without the worker');
    expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
    expect((await at.engine()).containers).toEqual(before.containers.filter(({ pod }) => !pod.startsWith('worker')));
  });
});
