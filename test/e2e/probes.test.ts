// Probes on a real engine: what they ask reaches the pod, and what they find counts. All pods in one commit.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureApplicationImage } from '../../scripts/images.mjs';
import type { Pod, PodStatus } from '../../src/model/resource.ts';
import { BUSYBOX } from '../support/docker.ts';
import { STAY, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const often = { periodSeconds: 1, failureThreshold: 1 };
const pod = (name: string, script: string, container: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: BUSYBOX, command: ['sh', '-c', script], ...container }],
  },
});
/** An answer of the gRPC health protocol, as a file: prefix, then field 1 with the status (1 is SERVING, 2 NOT_SERVING). */
const health = (status: 1 | 2): string => `printf '\\000\\000\\000\\000\\002\\010\\00${status}' > /tmp/health`;
/** A server of that protocol: each question is answered by the file. */
const serveHealth = `${health(1)}
echo 'pid /tmp/pid; error_log /dev/stderr; events {} http { access_log off;
  client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi; uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
  server { listen 8080 http2; root /tmp; default_type application/grpc;
    location = /grpc.health.v1.Health/Check { error_page 404 =200 /health; }
    location = /health { add_trailer grpc-status 0 always; } } }' > /tmp/nginx.conf
exec nginx -c /tmp/nginx.conf -g 'daemon off;'`;
const serve = 'mkdir /www; echo ok > /www/up; httpd -f -p 8080 -h /www';

let at: Scene;
const statusOf = async (name: string): Promise<PodStatus> => {
  const { stdout } = await at.ask(['get', `pod/${name}`, '-o', 'json']);
  return (JSON.parse(stdout) as Pod).status ?? {};
};
const untilMain = (
  what: string,
  name: string,
  isReached: (main: NonNullable<PodStatus['containerStatuses']>[number]) => boolean,
) =>
  until(
    what,
    () => statusOf(name),
    (status) => status.containerStatuses?.some(isReached) === true,
  );
const inside = (name: string, command: string): Promise<unknown> => at.ask(['exec', name, '--', 'sh', '-c', command]);

describe('probes', { timeout: 90_000 }, () => {
  beforeAll(async () => {
    at = await scene('probes');
    const image = await ensureApplicationImage('nginx');
    const ports = [{ name: 'web', containerPort: 8080 }];
    const commit = await at.repo.commit(
      {
        'pods.yaml': yaml(
          pod('http', serve, { ports, readinessProbe: { httpGet: { path: '/up', port: 'web' }, ...often } }),
          pod('tcp', `sleep 2; ${serve}`, {
            startupProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1, failureThreshold: 30 },
          }),
          pod('exec', `touch /alive; ${STAY}`, { livenessProbe: { exec: { command: ['test', '-e', '/alive'] }, ...often } }),
          pod('grpc', serveHealth, { image, readinessProbe: { grpc: { port: 8080 }, ...often } }),
          pod('hang', STAY, {
            readinessProbe: { exec: { command: ['sh', '-c', 'test ! -e /hang || sleep 600'] }, ...often },
          }),
        ),
      },
      'Probed pods',
    );
    at.controller();
    await at.untilLive(commit, 60_000);
  }, 120_000);
  afterAll(async () => {
    await at.close();
  });

  test('http: what the pod answers decides whether it is ready', async () => {
    await inside('http', 'mv /www/up /www/down');
    const status = await untilMain('it is not ready', 'http', ({ ready }) => !ready);
    expect(status.conditions?.find(({ type }) => type === 'Ready')?.message).toBe('containers with unready status: [main]');
    await until(
      // On a machine that is busy, a probe may have been too slow before one was answered so.
      'the event tells what was answered',
      () => at.ask(['get', 'events']),
      ({ stdout }) => stdout.includes('Readiness probe failed: HTTP probe failed with statuscode: 404'),
    );
    await inside('http', 'mv /www/down /www/up');
    await untilMain('it is ready again', 'http', ({ ready }) => ready);
  });

  test('tcp: a container that takes its time has started when its port is open', async () => {
    expect(await statusOf('tcp')).toMatchObject({ containerStatuses: [{ started: true, ready: true, restartCount: 0 }] });
  });

  test('grpc: what the health service answers decides whether it is ready', async () => {
    await inside('grpc', health(2));
    await untilMain('it is not ready', 'grpc', ({ ready }) => !ready);
    await until(
      'the event tells what was answered',
      () => at.ask(['get', 'events']),
      ({ stdout }) => stdout.includes('Readiness probe failed: service unhealthy (responded with "NOT_SERVING")'),
    );
    await inside('grpc', health(1));
    await untilMain('it is ready again', 'grpc', ({ ready }) => ready);
  });

  test('exec: a container that is not alive any more is started again', async () => {
    await inside('exec', 'rm /alive');
    await untilMain('it runs again', 'exec', ({ restartCount, ready }) => restartCount === 1 && ready);
  });

  test('a command that hangs makes the pod unready, and no second one is started beside it', async () => {
    await inside('hang', 'touch /hang');
    await untilMain('it is not ready', 'hang', ({ ready }) => !ready);
    const count = async (): Promise<number> => {
      const { stdout } = await at.ask(['exec', 'hang', '--', 'sh', '-c', 'ps | grep -c "[s]leep 600"']);
      return Number(stdout.trim());
    };
    expect(await count()).toBeLessThanOrEqual(2);
    await inside('http', 'sleep 4');
    expect(await count()).toBeLessThanOrEqual(2);
  });
});
