// A Holdfast that has no route to the pods: it runs in a network of its own, and reaches the engine by its socket alone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pod, PodStatus } from '../../src/model/resource.ts';
import { BUSYBOX, byHand } from '../support/docker.ts';
import { clusterContainers } from '../support/e2e-engine.ts';
import { yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const unshare = process.getuid?.() === 0 ? ['unshare', '--net'] : ['unshare', '--map-current-user', '--net'];
const often = { periodSeconds: 1, failureThreshold: 1 };
/** Where the pod on the network of its host listens; others may listen on that host, too. */
const hostPort = 20_000 + (process.pid % 10_000);
const www = [{ name: 'www', configMap: { name: 'www', defaultMode: 0o755 } }];
const pod = (name: string, port: number, container: object, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: {
    terminationGracePeriodSeconds: 1,
    volumes: www,
    ...spec,
    containers: [
      {
        name: 'main',
        image: BUSYBOX,
        command: ['sh', '-c', `mkdir -p /www/cgi-bin; cp /from/up /www; cp /from/hook /www/cgi-bin; httpd -f -p ${port} -h /www`],
        volumeMounts: [{ name: 'www', mountPath: '/from' }],
        ...container,
      },
    ],
  },
});
const files = {
  up: 'ok',
  hook: '#!/bin/sh\necho called >> /called\nprintf "Content-Type: text/plain\\r\\n\\r\\nok"\n',
};

let at: Scene;
const statusOf = async (name: string): Promise<PodStatus> => {
  const { stdout } = await at.holdfast(['get', `pod/${name}`, '-o', 'json']);
  return (JSON.parse(stdout) as Pod).status ?? {};
};
const inside = async (name: string, command: string): Promise<string> =>
  (await at.holdfast(['exec', name, '--', 'sh', '-c', command])).stdout.trim();

describe('without a route to the pods', { timeout: 90_000 }, () => {
  let said: () => string;
  beforeAll(async () => {
    at = await scene('no-route', { under: unshare, env: { HOLDFAST_LOG: 'info' } });
    const commit = await at.repo.commit(
      {
        'pods.yaml': yaml(
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'www' }, data: files },
          pod('http', 8080, { readinessProbe: { httpGet: { path: '/up', port: 8080 }, ...often } }),
          pod('tcp', 8080, { startupProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1, failureThreshold: 30 } }),
          pod('hook', 8080, {
            readinessProbe: { tcpSocket: { port: 8080 }, ...often },
            livenessProbe: { httpGet: { path: '/up', port: 8080 }, initialDelaySeconds: 5, periodSeconds: 1 },
            lifecycle: { preStop: { httpGet: { path: '/cgi-bin/hook', port: 8080 } } },
          }),
          pod(
            'host',
            hostPort,
            { readinessProbe: { httpGet: { path: '/up', port: hostPort, host: '127.0.0.1' }, ...often } },
            { hostNetwork: true },
          ),
        ),
      },
      'Probed pods',
    );
    const controller = at.controller();
    said = () => controller.stderr;
    await at.untilLive(commit, 60_000);
  }, 120_000);
  afterAll(async () => {
    await at.close();
  });

  test('pods become ready by their probes, which go through their sandboxes, and the log says so once', async () => {
    for (const name of ['http', 'tcp', 'hook', 'host'])
      expect(await statusOf(name)).toMatchObject({ containerStatuses: [{ started: true, ready: true, restartCount: 0 }] });
    expect(said().split('no route from here to pods:')).toHaveLength(2);
  });

  test('what the pod answers decides, in the usual words', async () => {
    const untilReady = (isReady: boolean) =>
      until(
        `ready is ${isReady}`,
        () => statusOf('http'),
        ({ containerStatuses }) => containerStatuses?.some(({ ready }) => ready === isReady) === true,
      );
    await inside('http', 'mv /www/up /www/down');
    await untilReady(false);
    expect((await at.holdfast(['get', 'events'])).stdout).toContain(
      'Readiness probe failed: HTTP probe failed with statuscode: 404',
    );
    await inside('http', 'mv /www/down /www/up');
    await untilReady(true);
  });

  test('a container that does not answer any more is started again; its hook is called first', async () => {
    const hooked = async () => (await clusterContainers(at.cluster)).filter((it) => it.pod === 'hook' && it.role === 'container');
    const [before] = await hooked();
    await inside('hook', 'rm /www/up');
    const after = await until('it runs again', hooked, (runs) => runs.some((it) => it.attempt === 1 && it.state === 'running'));
    expect(after.find(({ attempt }) => attempt === 0)?.id).toBe(before?.id);
    const changes = (await byHand('GET', `/containers/${before?.id}/changes`)) as { Path: string }[];
    expect(changes.map(({ Path }) => Path)).toContain('/called');
  });

  test('nothing of it stays in the sandboxes', async () => {
    for (const { id, role, state } of await clusterContainers(at.cluster)) {
      if (role !== 'sandbox' || state !== 'running') continue;
      const { Processes } = (await byHand('GET', `/containers/${id}/top?ps_args=-o%20pid,args`)) as { Processes: string[][] };
      const mine = Processes.map((process) => process.slice(1).join(' ')).filter((args) => args.startsWith('/holdfast'));
      // At most the one of a probe that is under way.
      expect(mine.length).toBeLessThanOrEqual(3);
    }
  });
});
