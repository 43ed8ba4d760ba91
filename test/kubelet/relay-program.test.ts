// The relay of the sandbox's program, run for real on this machine.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { relayAddress } from '../../src/docker/relay.ts';
import { sandboxProgram } from '../../src/kubelet/images/elf.ts';

let folder: string;
const started: ChildProcessWithoutNullStreams[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-program-'));
  await writeFile(join(folder, 'program'), sandboxProgram(process.arch === 'arm64' ? 'arm64' : 'amd64'), { mode: 0o755 });
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

const relay = (argument: string): ChildProcessWithoutNullStreams => {
  const child = spawn(join(folder, 'program'), [argument]);
  child.stdin.on('error', () => {});
  started.push(child);
  return child;
};
/** What it wrote, and its exit code. */
const endOf = async (child: ChildProcessWithoutNullStreams): Promise<[string, number | null]> => {
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  await once(child, 'close');
  return [Buffer.concat(pieces).toString('hex'), child.exitCode];
};
const listen = async (onConnection: (socket: Socket) => void): Promise<{ address: string; close(): void }> => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { address: relayAddress('127.0.0.1', port), close: () => void server.close() };
};

test('carries millions of bytes both ways at once, and ends with its input', async () => {
  const server = await listen((socket) => void socket.pipe(socket));
  const child = relay(server.address);
  const sent = Buffer.alloc(4_000_000);
  for (let at = 0; at < sent.length; at++) sent[at] = (at * 7) % 251;
  const pieces: Buffer[] = [];
  let length = 0;
  const all = new Promise<void>((resolve) => {
    child.stdout.on('data', (piece: Buffer) => {
      pieces.push(piece);
      length += piece.length;
      if (length >= sent.length + 2) resolve();
    });
  });
  child.stdin.write(sent);
  await all;
  const got = Buffer.concat(pieces);
  expect(got.subarray(0, 2).toString('hex')).toBe('0200');
  expect(got.subarray(2).equals(sent)).toBe(true);
  child.stdin.end();
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);
  server.close();
});

test('what the other side sent before it hung up arrives whole', async () => {
  const server = await listen((socket) => void socket.end(Buffer.alloc(500_000, 1)));
  const [written, exitCode] = await endOf(relay(server.address));
  expect([written.length / 2, exitCode]).toEqual([500_002, 0]);
  server.close();
});

test('a connection that is cut ends it with the error', async () => {
  const server = await listen((socket) => void socket.resetAndDestroy());
  const [written, exitCode] = await endOf(relay(server.address));
  expect(['0200', '0268']).toContain(written);
  expect(exitCode).toBe(104);
  server.close();
});

test('ends with its input while the other side takes nothing, and while it floods', async () => {
  const server = await listen((socket) => {
    socket.pause();
    socket.write(Buffer.alloc(8_000_000, 1));
  });
  const child = relay(server.address);
  await once(child.stdout, 'readable');
  child.stdin.write(Buffer.alloc(8_000_000, 1));
  child.stdin.destroy();
  child.stdout.destroy();
  await once(child, 'exit');
  expect([child.exitCode, child.signalCode]).toEqual(child.exitCode === null ? [null, 'SIGPIPE'] : [0, null]);
  server.close();
});

test('says why nobody takes the connection', async () => {
  expect(await endOf(relay(relayAddress('127.0.0.1', 1)))).toEqual(['026f', 111]);
});

test.each(['', 'here', '0200zz', 'f'.repeat(70)])('%j is no address', async (argument) => {
  expect(await endOf(relay(argument))).toEqual(['', 1]);
});
