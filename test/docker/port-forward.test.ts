// `holdfast port-forward` on a real engine: from a port of this machine, through the sandbox, to a program in the pod.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/cli/program.ts';
import type { ContainerEngine } from '../../src/kubelet/engine/container-engine.ts';
import { CLUSTER_LABEL, POD_UID_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import { listenLocally } from '../../src/transport/local-listener.ts';
import { aPod } from '../support/builders.ts';
import { BUSYBOX, cleanUp, ensureBusybox, testEngine, uniqueCluster } from '../support/docker.ts';
import { fakeParts, put } from '../support/fake-parts.ts';
import { plainContainer } from '../support/plain-container.ts';
import { ensureSandboxImage } from '../support/sandbox-on-engine.ts';

const cluster = uniqueCluster('forward');
const never = new AbortController().signal;
const pod = aPod({ name: 'echo', readyAtMs: 0 });
let engine: ContainerEngine;
let sandbox: string;

beforeAll(async () => {
  engine = await testEngine(cluster);
  await ensureBusybox();
  const { reference } = await ensureSandboxImage(engine);
  await engine.ensureNetwork({ name: `${cluster}-net`, labels: { [CLUSTER_LABEL]: cluster } }, never);
  const labels = { [CLUSTER_LABEL]: cluster, [ROLE_LABEL]: 'sandbox', [POD_UID_LABEL]: pod.metadata.uid };
  const network = { type: 'network', name: `${cluster}-net` } as const;
  sandbox = await engine.create({ ...plainContainer, name: `${cluster}-sandbox`, image: reference, labels, network }, never);
  await engine.start(sandbox, never);
  const program = await engine.create(
    {
      ...plainContainer,
      name: `${cluster}-echo`,
      image: BUSYBOX,
      labels: { [CLUSTER_LABEL]: cluster, [ROLE_LABEL]: 'container' },
      command: ['nc', '-ll', '-p', '7000', '-e', 'cat'],
      network: { type: 'sandbox', containerId: sandbox },
    },
    never,
  );
  await engine.start(program, never);
});
afterAll(async () => {
  await cleanUp(cluster);
});

test('bytes go through whole, a port where nobody listens says so, and it ends with its pod', async () => {
  const target = { address: '127.0.0.1', port: 7000 };
  await expect.poll(() => engine.connect(sandbox, target, never).then((it) => it.close(), String)).toBe(undefined);
  const parts = fakeParts({ listen: listenLocally, openEngine: async () => engine });
  await put(parts.store, pod);
  const code = run(['port-forward', 'pod/echo', ':7000', ':7001', '--address', '127.0.0.1'], parts);
  const ports = (): number[] => [...parts.out().matchAll(/127\.0\.0\.1:(\d+) -> 700\d\n/g)].map(([, port]) => Number(port));
  await expect.poll(ports).toHaveLength(2);
  const [echo, nobody] = ports();

  const sent = Buffer.alloc(4 * 1024 * 1024, 'abcdefg');
  const socket = connect({ host: '127.0.0.1', port: echo ?? 0 });
  const received: Buffer[] = [];
  const hasAll = new Promise<void>((resolve) => {
    socket.on('data', (bytes) => {
      received.push(bytes);
      if (Buffer.concat(received).length === sent.length) resolve();
    });
  });
  socket.write(sent);
  await hasAll;
  expect(Buffer.concat(received).equals(sent)).toBe(true);

  await once(connect({ host: '127.0.0.1', port: nobody ?? 0 }).resume(), 'close');
  expect(parts.err()).toBe(
    `an error occurred forwarding ${nobody} -> 7001: connection refused: nothing listens on port 7001 in pod/echo\n`,
  );

  const isClosed = once(socket, 'close');
  await engine.kill(sandbox, 'kill', never);
  expect(await code).toBe(1);
  await isClosed;
  expect(parts.err()).toMatch(/error: lost connection to pod: pod\/echo does not run any more\n$/);
});
