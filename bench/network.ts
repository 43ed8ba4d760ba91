// What the network costs: requests through a Service against the pod's own address, through the Ingress against a proxy that does nothing else,
// answers of the name server; and how soon the kernel knows of a change. The real program, with real pods.
import { execFile } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dockerRequest } from '../scripts/engine-api.mjs';
import { ensureApplicationImage } from '../scripts/images.mjs';
import { ensureNetworkImage } from '../scripts/network-image.mjs';
import { CLUSTER_LABEL } from '../src/kubelet/labels.ts';
import { measureDataPlane } from './data-plane.ts';
import { type Figure, medianOf } from './figures.ts';
import { removeCluster } from './floor.ts';
import { askNames, type Load, wrk } from './load.ts';
import { processesIn, processorSeconds } from './processor-time.ts';
import { Reconciler } from './reconciler.ts';
import { byTurns, latenciesOf, latencyRatios, rateOf, rateRatio } from './turns.ts';
import { makeRepo } from './workspace.ts';

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, '..', 'dist', 'main.js');
const HOST = 'bench.example';
const NAME = 'web';
const ANSWER_TIMEOUT_MS = 30_000;
/** Connections that keep the processors busy, for what goes through in a second. A request waits for the others then, so that its time says little. */
const MANY = 16;
/** As few as leave them idle at times, for what a request takes. */
const FEW = 2;

export interface NetworkOptions {
  readonly folder: string;
  readonly dockerHost: string;
  /** Ours alone, as a prefix of names and labels. */
  readonly cluster: string;
  readonly isQuick: boolean;
  readonly say: (text: string) => void;
}

/** Where the pod is reached. */
interface Places {
  readonly pod: string;
  readonly service: string;
  /** Ports of the host: our Ingress, and a proxy that does nothing else. */
  readonly ingress: number;
  readonly proxy: number;
}

export async function measureNetwork(options: NetworkOptions): Promise<Figure[]> {
  const { dockerHost, cluster, isQuick, say } = options;
  const traffic = await measureTraffic(options);
  return [...traffic, ...(await measureDataPlane({ dockerHost, cluster, changes: isQuick ? 30 : 200, say }))];
}

async function measureTraffic(options: NetworkOptions): Promise<Figure[]> {
  const { folder, dockerHost, cluster, isQuick, say } = options;
  const image = await ensureApplicationImage('nginx', dockerHost);
  const repo = makeRepo(join(folder, 'network'));
  const dataDir = join(folder, 'network-data');
  const [ingress, secure, proxy] = [await freePort(), await freePort(), await freePort()];
  const commit = repo.commit({ 'web.yaml': manifests(image) }, 'A web server');
  const args = ['--network', 'auto', '--ingress-ports', `${ingress},${secure}`];
  const reconciler = new Reconciler({ repo: repo.dir, dataDir, cluster, dockerHost, args });
  const holdfast = async (...command: string[]): Promise<string> => {
    const env = { ...process.env, DOCKER_HOST: dockerHost, HOLDFAST_LOG: '' };
    const { stdout } = await run(process.execPath, [MAIN, ...command, '--cluster', cluster, '--data-dir', dataDir], { env });
    return stdout;
  };
  try {
    await reconciler.live(commit.id);
    const [{ status }] = (JSON.parse(await holdfast('get', 'pods', '-o', 'json')) as { items: [{ status: { podIP: string } }] })
      .items;
    const { spec } = JSON.parse(await holdfast('get', 'service', NAME, '-o', 'json')) as { spec: { clusterIP: string } };
    const places: Places = { pod: status.podIP, service: spec.clusterIP, ingress, proxy };
    const direct = (seconds: number, connections: number): (() => Promise<Load>)[] =>
      [`http://${places.pod}:8080/`, `http://${places.service}/`].map((url) => () => wrk(url, { seconds, connections }));
    say('requests to a pod, and through its Service');
    const busy = await byTurns(isQuick ? 9 : 15, direct(isQuick ? 1 : 2, MANY));
    say('the same, a few at a time');
    const calm = await byTurns(isQuick ? 9 : 31, direct(1, FEW));
    say('requests through a proxy, and through the Ingress');
    // Short ones, and many: the two are a small part apart, and other work comes and goes.
    const proxied = await throughProxies(options, places, isQuick ? 9 : 21, isQuick ? 1 : 2);
    say('names');
    const server = spec.clusterIP.replace(/\d+\.\d+$/, '0.10');
    const asked = [() => askNames(server, `${NAME}.default.svc.cluster.local`, isQuick ? 2 : 5)];
    const [names = []] = await byTurns(isQuick ? 3 : 7, asked);
    return [...directFigures(busy, calm), ...proxyFigures(proxied), ...bothOf('names', 'to the name server', names)];
  } finally {
    await reconciler.stop();
  }
}

function directFigures(busy: readonly Load[][], calm: readonly Load[][]): Figure[] {
  const what = 'Service against the pod';
  return [
    rateOf('pod', 'to the pod', busy[0] ?? []),
    rateOf('service', 'through the Service', busy[1] ?? []),
    rateRatio('service', what, busy, 1.05),
    ...latenciesOf('pod', 'of the pod', calm[0] ?? []),
    ...latenciesOf('service', 'through the Service', calm[1] ?? []),
    ...latencyRatios('service', what, calm, 1.1),
  ];
}

function proxyFigures(proxied: readonly ProxiedLoad[][]): Figure[] {
  const what = 'Ingress against HAProxy alone';
  return [
    ...bothOf('proxy', 'through HAProxy alone', proxied[0] ?? []),
    ...bothOf('ingress', 'through the Ingress', proxied[1] ?? []),
    rateRatio('ingress', what, proxied, 1.11),
    ...latencyRatios('ingress', what, proxied),
    processorRatio(proxied),
  ];
}

const bothOf = (id: string, what: string, loads: readonly Load[]): Figure[] => [
  rateOf(id, what, loads),
  ...latenciesOf(id, what, loads),
];

/** A load, and the time that the proxy ran for each of its requests. */
interface ProxiedLoad extends Load {
  readonly microseconds: number;
}

/**
 * Our Ingress, and a HAProxy with the configuration that one would write by hand for this pod. Both run in containers of one image and on the
 * host's network: how the engine confines a container has a price of its own.
 */
async function throughProxies(
  { dockerHost, cluster }: NetworkOptions,
  { pod, ingress, proxy }: Places,
  rounds: number,
  seconds: number,
): Promise<ProxiedLoad[][]> {
  const alone = `${cluster}-proxy`;
  await dockerRequest(dockerHost, 'POST', `/containers/create?name=${alone}`, {
    Image: await ensureNetworkImage(dockerHost),
    Entrypoint: ['sh', '-c', `printf '%s' "$CONFIGURATION" > /tmp/haproxy.cfg; exec haproxy -W -db -f /tmp/haproxy.cfg`],
    Env: [`CONFIGURATION=${configurationFor(pod, proxy)}`],
    Labels: { [CLUSTER_LABEL]: alone },
    HostConfig: { NetworkMode: 'host' },
  });
  try {
    await dockerRequest(dockerHost, 'POST', `/containers/${alone}/start`);
    await untilAnswered(proxy);
    await untilAnswered(ingress);
    const works = [
      { port: proxy, pids: await processesIn(dockerHost, alone, 'haproxy') },
      { port: ingress, pids: await processesIn(dockerHost, `hf.${cluster}._network`, 'haproxy') },
    ];
    return await byTurns(
      rounds,
      works.map(({ port, pids }) => async () => {
        const before = processorSeconds(pids);
        const load = await wrk(`http://127.0.0.1:${port}/`, { seconds, connections: MANY, host: HOST });
        return { ...load, microseconds: ((processorSeconds(pids) - before) * 1e6) / (load.perSecond * seconds) };
      }),
    );
  } finally {
    await removeCluster(dockerHost, alone, false);
  }
}

function configurationFor(pod: string, port: number): string {
  return `global
  fd-hard-limit 65536
defaults
  mode http
  option forwardfor
  http-reuse safe
  timeout http-request 30s
  timeout http-keep-alive 75s
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend door
  bind *:${port}
  default_backend pod
backend pod
  server s1 ${pod}:8080
`;
}

function processorRatio([alone = [], ours = []]: readonly (readonly ProxiedLoad[])[]): Figure {
  const pairs = ours.map((load, index) => load.microseconds / (alone[index]?.microseconds ?? Number.NaN));
  return medianOf({ id: 'network-ingress-processor-ratio', title: '  processor time of the proxy', unit: 'ratio' }, pairs);
}

async function untilAnswered(port: number): Promise<void> {
  const deadline = Date.now() + ANSWER_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { host: HOST } }).catch(() => undefined);
    // Node's client does not let the host be named, so that the Ingress may say that it has no rule: it answers.
    if (answer !== undefined) return;
    if (Date.now() > deadline) throw new Error(`nothing answers on port ${port}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function manifests(image: string): string {
  const program = [
    `echo 'pid /tmp/pid; error_log /dev/stderr; events { worker_connections 4096; } http { access_log off; keepalive_requests 10000000;
      client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi; uwsgi_temp_path /tmp/uwsgi;
      scgi_temp_path /tmp/scgi; server { listen 8080 backlog=1024; location / { return 200 ok; } } }' > /tmp/nginx.conf`,
    "exec nginx -c /tmp/nginx.conf -g 'daemon off;'",
  ].join('\n');
  const labels = { app: NAME };
  const container = {
    name: 'main',
    image,
    command: ['sh', '-c', program],
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 5 },
  };
  const backend = { service: { name: NAME, port: { number: 80 } } };
  const objects = [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: NAME },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: NAME },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 'http' }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: NAME },
      spec: { rules: [{ host: HOST, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
    },
  ];
  return objects.map((each) => JSON.stringify(each)).join('\n---\n');
}
