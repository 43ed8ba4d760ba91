// Calls, streams and hijacked connections of an engine over a real ssh, and every way in which there is no connection.
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Connection } from '../../src/docker/connection.ts';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { type DockerOverSsh, dockerOverSsh, type SshSetup } from '../support/docker-over-ssh.ts';
import { temporaryFolder } from '../support/git-repo.ts';

const signal = new AbortController().signal;
const VERSION = { Version: '28.0.0', ApiVersion: '1.48', MinAPIVersion: '1.24' };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let engine: Server;
let ssh: DockerOverSsh;
let searchPath: string | undefined;

beforeAll(async () => {
  folder = await temporaryFolder('holdfast-ssh-');
  const socket = join(folder.dir, 'engine.sock');
  engine = createServer((request, response) => {
    if (request.url?.endsWith('/events') === true) response.writeHead(200).write('{"first":1}\n');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(VERSION));
  });
  engine.on('upgrade', (request, stream: Socket) => {
    stream.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    if (request.url?.includes('/exec/2/') === true) stream.end('bye');
    else {
      // What comes goes back, and its end is answered: a half-open connection, as `exec` with an input needs it.
      stream.on('data', (chunk) => stream.write(chunk));
      stream.on('end', () => stream.end('over'));
    }
    stream.on('error', () => {});
  });
  await new Promise<void>((resolve) => void engine.listen(socket, resolve));
  ssh = await dockerOverSsh(socket);
});
afterAll(async () => {
  await ssh.close();
  engine.closeAllConnections();
  engine.close();
  await folder.remove();
});
beforeEach(() => {
  searchPath = process.env['PATH'];
});
afterEach(() => {
  process.env['PATH'] = searchPath;
});

function connect(setup: SshSetup): Connection {
  process.env['PATH'] = ssh.searchPath(setup);
  return new Connection(ssh.host);
}

async function faultOf(setup: SshSetup): Promise<string> {
  const error: unknown = await connect(setup)
    .version(signal)
    .catch((caught: unknown) => caught);
  if (!(error instanceof EngineError)) throw new Error(`no EngineError: ${String(error)}`);
  expect(error.fault).toBe('Unreachable');
  return error.message;
}

const info = { what: 'ask', method: 'GET', path: '/info', expect: [200], signal } as const;

describe('an engine over ssh', () => {
  test('is asked over one connection, one call after the other', async () => {
    const connection = connect('right');
    expect(await connection.version(signal)).toEqual(VERSION);
    // Whoever looked whether the server listens is counted by now, too.
    const before = await ssh.connections();
    for (let call = 0; call < 5; call++) expect(await connection.json(info)).toEqual(VERSION);
    expect(await ssh.connections()).toBe(before);
  });

  test('takes many calls at once, and no more logins than a server accepts', async () => {
    const connection = connect('right');
    const all = await Promise.all(Array.from({ length: 12 }, () => connection.json(info)));
    expect(all).toEqual(Array.from({ length: 12 }, () => VERSION));
  });

  test('streams, until nobody listens any more', async () => {
    const connection = connect('right');
    const aborter = new AbortController();
    const events = await connection.open({ ...info, path: '/events', signal: aborter.signal });
    const chunks = events[Symbol.asyncIterator]();
    expect(String((await chunks.next()).value)).toBe('{"first":1}\n');
    expect(await connection.json(info)).toEqual(VERSION);
    aborter.abort(new Error('enough'));
    await expect(chunks.next()).rejects.toThrow(/abort/i);
  });

  test('hands through what is hijacked, and its end, both ways', async () => {
    const stream = await connect('right').hijack({ what: 'exec', method: 'POST', path: '/exec/1/start', signal });
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
    const ended = new Promise<void>((resolve) => void stream.once('end', resolve));
    stream.write('hello ');
    stream.end('there ');
    await ended;
    expect(Buffer.concat(chunks).toString()).toBe('hello there over');
  });
});

test('a stream that the engine ends is over at once, whatever the other way does', async () => {
  const stream = await connect('right').hijack({ what: 'exec', method: 'POST', path: '/exec/2/start', signal });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
  await new Promise<void>((resolve) => void stream.once('end', resolve));
  expect(Buffer.concat(chunks).toString()).toBe('bye');
  stream.destroy();
});

describe('no connection', () => {
  test('because the key is refused', async () => {
    expect(await faultOf('wrong-key')).toMatch(/^no Docker Engine answers at ssh:.*Permission denied.*the key is not accepted/);
  });

  test('because the host is unknown: nobody is asked, and nothing is written down', async () => {
    expect(await faultOf('unknown-host')).toContain('Host key verification failed. (its host key is not the known one');
  });

  test('because there is no ssh', async () => {
    const connection = connect('right');
    process.env['PATH'] = '/nowhere';
    await expect(connection.version(signal)).rejects.toThrow('there is no ssh program on this machine');
  });

  test('because there is no docker on the other side', async () => {
    await ssh.loseDocker();
    expect(await faultOf('right')).toContain('there is no docker command on the other side');
  });
});
