// Load on a Service and on an Ingress, all the time, while everything behind them changes: no request fails. The programs end at once when
// they are asked to and have no preStop hook, so that whatever is still led to them is lost.
import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureApplicationImage } from '../../scripts/images.mjs';
import { selfSignedCertificate } from '../../src/network/ingress/self-signed.ts';
import { clusterContainers } from '../support/e2e-engine.ts';
import { startLoad } from '../support/e2e-load.ts';
import { secret, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';
import type { Load } from '../support/load-process.ts';
import { freePort } from '../support/registry.ts';

const ROLLOUTS = 20;
const REPLICAS = 3;
const HOST = 'shop.example';
const NAME = 'web';
/** Requests per second that there have to be, so that a gap of some milliseconds would be seen. */
const FEWEST_PER_SECOND = 300;

/** What is behind the Service and the Ingress. */
interface Version {
  readonly version: number;
  readonly replicas: number;
  readonly certificate: string;
  readonly paths: readonly string[];
}

let at: Scene;
let image: string;
let ports: readonly [number, number];
beforeEach(async () => {
  image = await ensureApplicationImage('nginx');
  ports = [await freePort(), await freePort()];
  at = await scene('network-load', { env: { HOLDFAST_NETWORK: 'auto' } });
}, 300_000);
afterEach(async () => {
  await at.close();
}, 180_000);

/** nginx as a child of a shell: when that ends, the kernel ends nginx in the middle of whatever it does. */
const program = (version: number): string =>
  [
    `echo 'pid /tmp/pid; error_log /dev/stderr; events { worker_connections 4096; }
      http { access_log off; keepalive_timeout 60;
        client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi;
        uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
        server { listen 8080 backlog=1024; location / { return 200 ${version}; } } }' > /tmp/nginx.conf`,
    "trap 'exit 0' TERM QUIT",
    "nginx -c /tmp/nginx.conf -g 'daemon off;' & wait",
  ].join('\n');

function deployment({ version, replicas }: Version): object {
  const container = {
    name: 'main',
    image,
    command: ['sh', '-c', program(version)],
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1, timeoutSeconds: 5 },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME },
    spec: {
      replicas,
      progressDeadlineSeconds: 60,
      strategy: { rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } },
      selector: { matchLabels: { app: NAME } },
      template: { metadata: { labels: { app: NAME } }, spec: { terminationGracePeriodSeconds: 5, containers: [container] } },
    },
  };
}

function files(state: Version): Record<string, string> {
  const backend = { service: { name: NAME, port: { name: 'http' } } };
  const paths = state.paths.map((path) => ({ path, pathType: 'Prefix', backend }));
  const [crt = '', key = ''] = state.certificate.split(/(?=-----BEGIN PRIVATE KEY)/);
  return {
    'web.yaml': yaml(deployment(state), {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: NAME },
      spec: { selector: { app: NAME }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    }),
    'door.yaml': yaml(
      { ...secret('door-tls', { 'tls.crt': crt, 'tls.key': key }), type: 'kubernetes.io/tls' },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'door', annotations: { 'nginx.ingress.kubernetes.io/ssl-redirect': 'false' } },
        spec: { tls: [{ hosts: [HOST], secretName: 'door-tls' }], rules: [{ host: HOST, http: { paths } }] },
      },
    ),
  };
}

async function serviceAddress(): Promise<string> {
  const { stdout } = await at.holdfast(['get', 'service', NAME, '-o', 'json']);
  return (JSON.parse(stdout) as { spec: { clusterIP: string } }).spec.clusterIP;
}

/** Some connections that are used again and again, and some for one request each. */
function loads(address: string): readonly Load[] {
  const service = `http://${address}/`;
  const door = { url: `http://127.0.0.1:${ports[0]}/`, host: HOST };
  const secure = { url: `https://127.0.0.1:${ports[1]}/`, host: HOST };
  return [
    { name: 'Service, new connections', url: service, keepAlive: false, connections: 8, pauseMs: 30 },
    { name: 'Service, kept connections', url: service, keepAlive: true, connections: 16, pauseMs: 30 },
    { name: 'Service, POST', url: service, method: 'POST', keepAlive: false, connections: 2, pauseMs: 30 },
    { name: 'Ingress, new connections', ...door, keepAlive: false, connections: 4, pauseMs: 30 },
    { name: 'Ingress, kept connections', ...door, keepAlive: true, connections: 8, pauseMs: 30 },
    { name: 'Ingress, POST', ...door, method: 'POST', keepAlive: true, connections: 4, pauseMs: 30 },
    { name: 'Ingress, TLS, new connections', ...secure, keepAlive: false, connections: 1, pauseMs: 50 },
    { name: 'Ingress, TLS, kept connections', ...secure, keepAlive: true, connections: 4, pauseMs: 30 },
  ];
}

function isAnswered(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ host: '127.0.0.1', port, headers: { host: HOST } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    call.on('error', () => resolve(false));
    call.end();
  });
}

const certificate = (): string => selfSignedCertificate([HOST], Date.now());

test(`no request fails over ${ROLLOUTS} rollouts and all other changes`, { timeout: 400_000 }, async ({ onTestFinished }) => {
  let state: Version = { version: 0, replicas: REPLICAS, certificate: certificate(), paths: ['/'] };
  const args = ['--ingress-ports', ports.join(',')];
  let commit = await at.repo.commit(files(state), 'Version 0');
  let controller = at.controller(args);
  await at.untilLive(commit, 150_000);
  const change = async (change: Partial<Version>, message: string): Promise<void> => {
    state = { ...state, ...change };
    commit = await at.repo.commit(files(state), message);
  };
  const live = (): Promise<unknown> => controller.untilSays(`live ${commit.slice(0, 7)}`, 60_000);
  // That the door is open is not part of what a commit waits for.
  await until('the door is open', () => isAnswered(ports[0]), Boolean);
  const load = startLoad(loads(await serviceAddress()));
  onTestFinished(async () => void (await load.stop()));
  const begunMs = Date.now();

  for (let version = 1; version <= ROLLOUTS; version += 1) {
    // Configuration changes fall into some of the rollouts, and the proxy reloads in the middle of them.
    const more: Partial<Version> =
      version % 4 === 0 ? { paths: ['/', `/v${version}`] } : version % 4 === 2 ? { certificate: certificate() } : {};
    await change({ version, ...more }, `Version ${version}`);
    if (version === ROLLOUTS / 2) {
      await until(
        'the rollout is under way',
        () => clusterContainers(at.cluster),
        (all) => all.length > 2 * REPLICAS + 2,
      );
      await at.stop(controller);
      controller = at.controller(args);
    }
    await live();
  }
  for (const replicas of [2 * REPLICAS, 1, REPLICAS]) {
    await change({ replicas }, `${replicas} replicas`);
    await live();
  }
  for (const paths of [['/', '/a'], ['/a', '/b', '/'], ['/']]) {
    await change({ paths, certificate: certificate() }, `Paths ${paths.join(' ')}`);
    await live();
  }
  const seconds = (Date.now() - begunMs) / 1000;
  const seen = await load.stop();
  for (const { name, requests, repeated, failed, longestMs, certificates } of seen)
    process.stdout.write(
      `${name}: ${requests} requests, ${failed} failed, ${repeated} repeated after an idle connection was closed, ` +
        `the longest ${longestMs} ms${certificates.length === 0 ? '' : `, ${certificates.length} certificates`}\n`,
    );
  const total = seen.reduce((sum, { requests }) => sum + requests, 0);
  process.stdout.write(`${total} requests in ${seconds.toFixed(1)} s, ${Math.round(total / seconds)} a second\n`);
  const failures = seen.flatMap(({ name, failures: its }) => its.map((failure) => `${name}: ${failure}`));
  expect(failures).toEqual([]);
  expect(total / seconds).toBeGreaterThan(FEWEST_PER_SECOND);
  const versions = Array.from({ length: ROLLOUTS + 1 }, (_, version) => `${version}`);
  for (const { name, answers } of seen)
    expect([name, answers.toSorted((a, b) => Number(a) - Number(b))]).toEqual([name, versions]);
});
