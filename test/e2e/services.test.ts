// Services on one host: addresses and names from inside pods and from the host, while pods come and go, and without the controller.
import { execFile } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NETWORK_IMAGE } from '../../src/node/network-image.ts';
import { byHand } from '../support/docker.ts';
import { type RunningCommand, startCommand } from '../support/e2e-command.ts';
import { clusterContainers } from '../support/e2e-engine.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { server, service } from '../support/e2e-network.ts';
import { NETWORK_SCENE_MS, networkScene } from '../support/e2e-network-scene.ts';
import type { Scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const run = promisify(execFile);

/** The address of this machine that others would use. */
function hostAddress(): string {
  const all = Object.entries(networkInterfaces()).flatMap(([name, each]) => (/^(eth|en|wl|veth)/.test(name) ? (each ?? []) : []));
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

interface ServiceSeen {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly nodePort?: number; readonly port: number }[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

describe('Services', () => {
  let at: Scene;
  let controller: RunningCommand;

  /** What a command in the client pod prints; its error output when it fails. */
  const inside = async (command: string, pod = 'deploy/client'): Promise<string> => {
    const { stdout, stderr, exitCode } = await at.ask(['exec', pod, '--', 'sh', '-c', command]);
    return exitCode === 0 ? stdout.trim() : `failed: ${stdout}${stderr}`.trim();
  };
  const get = async (name: string): Promise<ServiceSeen> =>
    JSON.parse((await at.ask(['get', 'service', name, '-o', 'json'])).stdout) as ServiceSeen;
  const podAddresses = async (app: string): Promise<readonly string[]> => {
    const { stdout } = await at.ask(['get', 'pods', '-o', 'json']);
    const { items } = JSON.parse(stdout) as { items: { metadata: { labels: { app?: string } }; status: { podIP: string } }[] };
    return items.flatMap(({ metadata, status }) => (metadata.labels.app === app ? [status.podIP] : [])).toSorted();
  };
  /** Who answered, over a number of requests: host names. */
  const answers = async (url: string, count: number, pod?: string): Promise<ReadonlySet<string>> => {
    const said = await inside(`for i in $(seq ${count}); do timeout 2 wget -qO- ${url} || echo failed; done`, pod);
    return new Set(said.split('\n').map((line) => line.split(' ')[0] ?? ''));
  };
  const fromHost = async (url: string): Promise<string> => (await run('wget', ['-qO-', '-T', '3', '-t', '1', url])).stdout.trim();

  const base = {
    'client.yaml': yaml(deployment('client', { image: NETWORK_IMAGE, container: { env: [{ name: 'WHO', value: 'client' }] } })),
    'web.yaml': yaml(
      service('web', {
        ports: [
          { name: 'http', port: 80, targetPort: 'http' },
          { name: 'more', port: 81, targetPort: 8080 },
        ],
      }),
      server('web', { replicas: 2 }),
    ),
    'db.yaml': yaml(service('db', { clusterIP: 'None' }), server('db', { kind: 'StatefulSet', replicas: 2 })),
    'outside.yaml': yaml(
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'outside' },
        spec: { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' },
      },
      service('front', { selector: { app: 'web' }, type: 'NodePort', ports: [{ port: 80, targetPort: 'http' }] }),
      service('sticky', { selector: { app: 'web' }, sessionAffinity: 'ClientIP' }),
      service('nobody', {}),
    ),
    'echo.yaml': yaml(
      service('echo', { ports: [{ name: 'udp', protocol: 'UDP', port: 7, targetPort: 7007 }] }),
      deployment('echo', { image: NETWORK_IMAGE, script: '(socat UDP-LISTEN:7007,fork EXEC:cat &)' }),
    ),
  };

  beforeAll(async () => {
    ({ at, controller } = await networkScene('services', base));
  }, NETWORK_SCENE_MS);
  afterAll(async () => {
    await at.close();
  }, NETWORK_SCENE_MS);

  test('a name leads to a permanent address, and that to the pods in turn, which see who asks', async () => {
    const { spec } = await get('web');
    expect(await inside('nslookup -type=a web.default.svc.cluster.local | grep -A1 Name: | tail -1')).toBe(
      `Address: ${spec.clusterIP}`,
    );
    expect(await answers('http://web/cgi-bin/who', 20)).toEqual(
      new Set(
        (await clusterContainers(at.cluster)).flatMap(({ pod, name }) =>
          pod.startsWith('web-') && name.includes('.main.') ? [pod] : [],
        ),
      ),
    );
    const [client] = await podAddresses('client');
    expect((await inside('wget -qO- http://web:81/cgi-bin/who')).split(' ')[1]).toContain(client);
  });

  test('a pod reaches itself through its Service', async () => {
    const names = await answers('http://web/cgi-bin/who', 12, 'deploy/web');
    expect(names.size).toBe(2);
  });

  test('a headless Service names its pods, a StatefulSet each of them', async () => {
    const addresses = await podAddresses('db');
    const found = await inside("nslookup -type=a db.default.svc.cluster.local | awk '/^Address/ { print $2 }' | grep ^10 | sort");
    expect(found.split('\n').filter((line) => !line.includes(':53'))).toEqual(addresses);
    expect(await inside('wget -qO- http://db-1.db:8080/cgi-bin/who')).toMatch(/^db-1 /);
    expect(await inside('wget -qO- http://outside:81/cgi-bin/who')).toMatch(/^web-/);
  });

  test('the host reaches Services, and everybody the node port', async () => {
    const { spec } = await get('web');
    expect(await fromHost(`http://${spec.clusterIP}/cgi-bin/who`)).toMatch(/^web-/);
    const front = await get('front');
    const port = front.spec.ports?.[0]?.nodePort ?? 0;
    expect(port).toBeGreaterThanOrEqual(30_000);
    expect(await fromHost(`http://${hostAddress()}:${port}/cgi-bin/who`)).toMatch(/^web-/);
    expect(await inside(`wget -qO- http://${hostAddress()}:${port}/cgi-bin/who`)).toMatch(/^web-/);
  });

  test('a port of this machine leads into a pod of a Service until it is interrupted', async () => {
    const forwarding = startCommand(['port-forward', 'svc/web', ':http', '--address', '127.0.0.1'], at.place());
    const seen = (): string | undefined => /^Forwarding from 127\.0\.0\.1:(\d+) -> 8080$/m.exec(forwarding.stdout)?.[1];
    const port = await until('it listens', seen, (found) => found !== undefined, { explain: () => forwarding.stderr });
    expect(await fromHost(`http://127.0.0.1:${port}/cgi-bin/who`)).toMatch(/^web-/);
    forwarding.signal('SIGINT');
    expect(await forwarding.ended).toMatchObject({ exitCode: 130, stderr: '' });
  });

  test('one client stays with one pod when it is asked for', async () => {
    expect((await answers('http://sticky/cgi-bin/who', 20)).size).toBe(1);
  });

  test('UDP is balanced like TCP', async () => {
    expect(await inside('echo hello | socat -t2 - UDP:echo:7')).toBe('hello');
  });

  test('a Service without pods refuses at once, and says why', async () => {
    expect(await inside('timeout 5 wget -qO- http://nobody/')).toMatch(/refused|unreachable/i);
    const { stdout } = await at.ask(['why', 'service/nobody']);
    expect(stdout).toContain('it leads nowhere: no pod in namespace "default" has the labels app=nobody');
  });

  test('new containers are told of Services by their environment', async () => {
    const { spec } = await get('web');
    const commit = await at.repo.commit(
      {
        'client.yaml': yaml(
          deployment('client', { image: NETWORK_IMAGE, container: { env: [{ name: 'WHO', value: 'again' }] } }),
        ),
      },
      'A new client',
    );
    await at.untilLive(commit);
    expect(await inside('echo $WEB_SERVICE_HOST $WEB_SERVICE_PORT_MORE')).toBe(`${spec.clusterIP} 81`);
  });

  test('a second pass writes nothing', async () => {
    const before = await at.engine();
    expect((await at.holdfast(['diff', '--repo', at.repo.dir])).stdout).toMatch(/no changes/i);
    expect(await at.engine()).toEqual(before);
  });

  test('without the controller, and with the network container killed, all goes on', async () => {
    const names = await answers('http://web/cgi-bin/who', 8);
    expect(names.size).toBe(2);
    await at.stop(controller);
    expect(await answers('http://web/cgi-bin/who', 8)).toEqual(names);
    // As the kernel does when memory is short; Docker starts it again.
    const { State } = (await byHand('GET', `/containers/hf.${at.cluster}._network/json`)) as { State: { Pid: number } };
    process.kill(State.Pid, 'SIGKILL');
    await until(
      'names are answered again',
      () => inside('timeout 2 wget -qO- http://web/cgi-bin/who'),
      (line) => line.startsWith('web-'),
    );
    expect(await inside('wget -qO- http://db-0.db:8080/cgi-bin/who')).toMatch(/^db-0 /);
  });
});
