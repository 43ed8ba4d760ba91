// The relay on a real engine: what it leaves behind, and what it says when it is not what it should be.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { relayAddress } from '../../src/docker/relay.ts';
import { type ContainerEngine, EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { CLUSTER_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import { BUSYBOX, byHand, cleanUp, ensureBusybox, testEngine, uniqueCluster } from '../support/docker.ts';
import { plainContainer } from '../support/plain-container.ts';
import { ensureSandboxImage } from '../support/sandbox-on-engine.ts';

const cluster = uniqueCluster('relay');
const never = new AbortController().signal;
let engine: ContainerEngine;
let sandbox: string;
let ip: string;

const start = async (image: string, command?: readonly string[]): Promise<string> => {
  const labels = { [CLUSTER_LABEL]: cluster, [ROLE_LABEL]: 'sandbox' };
  const network =
    command === undefined
      ? ({ type: 'network', name: `${cluster}-net` } as const)
      : ({ type: 'sandbox', containerId: sandbox } as const);
  const name = `${cluster}-${command === undefined ? 'sandbox' : command[0]}`;
  const id = await engine.create(
    { ...plainContainer, name, image, labels, network, ...(command === undefined ? {} : { command }) },
    never,
  );
  await engine.start(id, never);
  return id;
};
/** Command lines of what runs in the sandbox. */
const running = async (): Promise<readonly string[]> => {
  const { Processes } = (await byHand('GET', `/containers/${sandbox}/top?ps_args=-o%20pid,args`)) as { Processes: string[][] };
  return Processes.map((process) => process.slice(1).join(' '));
};

beforeAll(async () => {
  engine = await testEngine(cluster);
  await ensureBusybox();
  const { reference } = await ensureSandboxImage(engine);
  await engine.ensureNetwork({ name: `${cluster}-net`, labels: { [CLUSTER_LABEL]: cluster } }, never);
  sandbox = await start(reference);
  ip = (await engine.inspect(sandbox, never))?.ip ?? '';
  await start(BUSYBOX, ['nc', '-ll', '-p', '7000', '-e', 'cat']);
});
afterAll(async () => {
  await cleanUp(cluster);
});

test('nothing is left in the sandbox of connections that are closed, called off, or were never made', async () => {
  await expect
    .poll(() => engine.connect(sandbox, { address: ip, port: 7000 }, never).then((it) => it.close(), String))
    .toBe(undefined);
  const open = await engine.connect(sandbox, { address: ip, port: 7000 }, never);
  const aborter = new AbortController();
  await engine.connect(sandbox, { address: ip, port: 7000 }, aborter.signal);
  // Nobody has this address: the attempt hangs, or fails after seconds.
  const nowhere = ip.replace(/\d+$/, '250');
  let begun: () => void = () => {};
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const hanging = engine.connect(sandbox, { address: nowhere, port: 80, onBegin: begun }, aborter.signal);
  await hasBegun;
  expect((await running()).filter((each) => each.startsWith('/holdfast ')).length).toBeGreaterThanOrEqual(3);
  aborter.abort(new Error('enough'));
  await expect(hanging).rejects.toThrow(EngineError);
  open.close();
  await expect.poll(running, { timeout: 10_000 }).toEqual(['/holdfast']);
});

test('a program that does not know what it is asked is told from a container that has ended', async () => {
  const connect = (id: string): Promise<unknown> => engine.connect(id, { address: ip, port: 7000 }, never);
  // As with a sandbox of an earlier version, whose program ends with 1.
  const old = await engine.create(
    {
      name: `${cluster}-old`,
      image: BUSYBOX,
      command: ['sleep', '600'],
      labels: { [CLUSTER_LABEL]: cluster, [ROLE_LABEL]: 'sandbox' },
      ...plainContainer,
      network: { type: 'network', name: `${cluster}-net` },
    },
    never,
  );
  const content = Buffer.from('#!/bin/sh\nexit 1\n');
  await engine.putFiles(old, '/', [{ path: 'holdfast', type: 'file', mode: 0o755, content }], never);
  await engine.start(old, never);
  await expect(connect(old)).rejects.toMatchObject({ fault: 'Invalid' });
  await engine.kill(old, 'kill', never);
  await expect(connect(old)).rejects.toMatchObject({ fault: 'Conflict' });
});

test.each([
  ['10.1.2.3', 80, '020000500a0102030000000000000000'],
  ['::1', 443, `0a0001bb00000000${'0'.repeat(31)}100000000`],
  ['fe80::1:2', 8080, '0a001f9000000000fe80000000000000000000000001000200000000'],
  ['::ffff:10.0.0.1', 1, '0a0000010000000000000000000000000000ffff0a00000100000000'],
])('%s as an address of the system', (address, port, expected) => {
  expect(relayAddress(address, port)).toBe(expected);
});
