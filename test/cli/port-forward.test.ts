// port-forward: what its arguments mean, and bytes that go through a real port of this machine to a pod of the fake engine.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { POD_UID_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import { listenLocally } from '../../src/transport/local-listener.ts';
import { aService } from '../controllers/endpointslice/services.ts';
import { aDeployment, aPod, aReplicaSetOf } from '../support/builders.ts';
import { type FakeParts, fakeParts, put } from '../support/fake-parts.ts';
import { plainContainer } from '../support/plain-container.ts';

const never = new AbortController().signal;
let parts: FakeParts;
let sandbox: string;

beforeEach(async () => {
  parts = fakeParts({ listen: listenLocally });
  const deployment = aDeployment({ name: 'web' });
  const set = aReplicaSetOf(deployment);
  const container = { ports: [{ name: 'web', containerPort: 8080 }] };
  const old = aPod({ name: 'web-1', owner: set, phase: 'Running', container });
  const pod = aPod({ name: 'web-2', owner: set, readyAtMs: 0, container });
  const ports = [
    { name: 'http', port: 80, targetPort: 'web' },
    { name: 'dns', port: 53, protocol: 'UDP' as const },
    { name: 'odd', port: 81, targetPort: 'none' },
  ];
  const bare = aService({ name: 'bare', spec: { selector: {} } });
  const empty = aService({ name: 'empty', spec: { selector: { app: 'nobody' } } });
  const pending = aPod({ name: 'pending', phase: 'Pending', labels: {} });
  await put(parts.store, deployment, set, old, pod, pending, aService({ spec: { ports } }), bare, empty);
  await parts.engine.ensureNetwork({ name: 'hf', labels: {} }, never);
  const labels = { [ROLE_LABEL]: 'sandbox', [POD_UID_LABEL]: pod.metadata.uid };
  sandbox = await parts.engine.create(
    {
      name: 'hf_web-2',
      image: 'busybox:1.36',
      ...plainContainer,
      network: { type: 'network', name: 'hf' },
      labels,
    },
    never,
  );
  await parts.engine.start(sandbox, never);
});

/** Starts the command and waits until it listens; yields the local ports in their order. */
async function forward(...argv: readonly string[]): Promise<{ readonly code: Promise<number>; readonly ports: number[] }> {
  const code = run(['port-forward', '--address', '127.0.0.1', ...argv], parts);
  const lines = (): RegExpMatchArray[] => [...parts.out().matchAll(/Forwarding from 127\.0\.0\.1:(\d+) -> \d+\n/g)];
  await expect.poll(lines).toHaveLength(argv.filter((word) => word.includes(':')).length);
  return { code, ports: lines().map(([, port]) => Number(port)) };
}

async function dial(port: number | undefined): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: port ?? 0 });
  await once(socket, 'connect');
  return socket;
}

describe('bytes', () => {
  const shout = (bytes: Uint8Array): Uint8Array => Buffer.from(Buffer.from(bytes).toString().toUpperCase());

  test('go to the pod and back, and it says so, until Ctrl-C', async () => {
    parts.engine.listeners.set('127.0.0.1:8080', shout);
    const { code, ports } = await forward('svc/web', ':80');
    const socket = await dial(ports[0]);
    socket.write('hello');
    expect(String(await once(socket, 'data'))).toBe('HELLO');
    const closed = once(socket, 'close');
    parts.interrupt();
    expect(await code).toBe(130);
    await closed;
    expect(parts.out()).toBe(`Forwarding from 127.0.0.1:${ports[0]} -> 8080\nHandling connection for ${ports[0]}\n`);
    expect(parts.err()).toBe('');
  });

  test('of what listens on IPv6 alone', async () => {
    parts.engine.listeners.set('::1:9000', shout);
    const { code, ports } = await forward('web-2', ':9000');
    const socket = await dial(ports[0]);
    socket.end('last words');
    expect(String(await once(socket, 'data'))).toBe('LAST WORDS');
    parts.interrupt();
    expect(await code).toBe(130);
  });

  test('end when the pod ends them', async () => {
    parts.engine.listeners.set('127.0.0.1:9000', () => 'end');
    const { code, ports } = await forward('pod/web-2', ':9000');
    const socket = await dial(ports[0]);
    socket.resume().write('x');
    await once(socket, 'end');
    parts.interrupt();
    expect(await code).toBe(130);
  });

  test('go nowhere when nobody listens in the pod, and other connections go on', async () => {
    parts.engine.listeners.set('127.0.0.1:8080', shout);
    const { code, ports } = await forward('deploy/web', ':9000', ':web');
    const refused = await dial(ports[0]);
    await once(refused.resume(), 'close');
    const socket = await dial(ports[1]);
    socket.write('hello');
    expect(String(await once(socket, 'data'))).toBe('HELLO');
    parts.interrupt();
    expect(await code).toBe(130);
    expect(parts.err()).toBe(
      `found 2 pods, using pod/web-2\nan error occurred forwarding ${ports[0]} -> 9000: connection refused: nothing listens on port 9000 in pod/web-2\n`,
    );
  });
});

const LOST = 'error: lost connection to pod: pod/web-2 does not run any more\n';

test('a pod that ends, ends it', async () => {
  const { code } = await forward('svc/web', ':80');
  await parts.clock.settle();
  parts.engine.crash(sandbox, 137);
  expect([await code, parts.err()]).toEqual([1, LOST]);
});

test('a pod that is found gone by a connection ends it, also when the engine tells nothing', async () => {
  parts.engine.faults = (name) =>
    name === 'events' ? 'hang' : name === 'connect' ? new EngineError('NotFound', 'gone') : undefined;
  const { code, ports } = await forward('svc/web', ':80');
  await once((await dial(ports[0])).resume(), 'close');
  expect([await code, parts.err()]).toEqual([1, LOST]);
});

test('an engine that does not answer for a while ends nothing', async () => {
  let isDown = true;
  parts.engine.faults = (name) =>
    isDown && (name === 'events' || name === 'inspect') ? new EngineError('Unreachable', 'down') : undefined;
  parts.engine.listeners.set('127.0.0.1:8080', (bytes) => bytes);
  const { code, ports } = await forward('svc/web', ':80');
  await parts.clock.advance(10_000);
  isDown = false;
  await parts.clock.advance(10_000);
  const socket = await dial(ports[0]);
  socket.write('x');
  expect(String(await once(socket, 'data'))).toBe('x');
  parts.engine.crash(sandbox, 137);
  expect([await code, parts.err()]).toEqual([1, LOST]);
});

describe('what cannot be forwarded', () => {
  test.each<readonly [readonly string[], string]>([
    [['svc/web', '8080'], 'service/web does not have a service port 8080; it has 80 (http), 53 (dns), 81 (odd)'],
    [['svc/web', '53'], 'port 53 of service/web is UDP, and only TCP can be forwarded'],
    [['svc/web', 'odd'], 'pod/web-2 has no port named "none", to which service/web leads'],
    [['svc/bare', '80'], 'service/bare is without a selector: name a pod instead'],
    [['svc/empty', '80'], 'service/empty has no running pods; "holdfast why service/empty" says why'],
    [['web-2', 'grpc'], 'pod/web-2 has no TCP port named "grpc"'],
    [['web-2', '80:'], '"80:" is not [LOCAL:]REMOTE, for example 8080:80, 80, :80 or 8080:http'],
    [['web-2', '70000'], '"70000" is not [LOCAL:]REMOTE, for example 8080:80, 80, :80 or 8080:http'],
    [['web-2', '0'], '"0" is not [LOCAL:]REMOTE, for example 8080:80, 80, :80 or 8080:http'],
    [['pending', '80'], 'pod/pending is not running: it is Pending'],
    [['web-2', '80', '--address', 'example.com'], '"example.com" is neither an IP address nor localhost'],
    [['web-2', '80', '--address', '192.0.2.77'], 'cannot listen on 192.0.2.77:80: this machine does not have the address'],
  ])('%j', async (argv, message) => {
    expect([await run(['port-forward', ...argv], parts), parts.err()]).toEqual([1, `holdfast: ${message}\n`]);
  });

  test('a port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    expect([await run(['port-forward', 'web-2', `${port}:80`], parts), parts.err()]).toEqual([
      1,
      `holdfast: cannot listen on 127.0.0.1:${port}: the port is in use\n`,
    ]);
    server.close();
  });
});
