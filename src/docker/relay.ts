// Connections from inside a pod, for those who have no route to its network: the sandbox's own program connects (see the relay of
// src/kubelet/images/elf.ts), run as a command in the sandbox, and its input and output are the stream. Whose sandbox it is has been checked.
import { isIP, isIPv4 } from 'node:net';
import type { Duplex } from 'node:stream';
import { ConnectFailure, type ConnectTarget, EngineError, type PodStream } from '../kubelet/engine/container-engine.ts';
import { SANDBOX_PROGRAM } from '../kubelet/images/sandbox-image.ts';
import type { ExecBody, IdBody } from './bodies.ts';
import type { Connection } from './connection.ts';
import { toEngineError } from './failures.ts';
import { demultiplex } from './frames.ts';

const SHORT_ID = 12;
/** Linux's numbers of address families. */
const AF_INET = 2;
const AF_INET6 = 10;
/** Exit code of a sandbox's program that does not know what is asked of it. */
const UNKNOWN_USE = 1;
/** Linux's error numbers, which may not be those of the machine that this runs on. */
const ERRORS: { readonly [number: number]: string | undefined } = {
  1: 'EPERM',
  13: 'EACCES',
  22: 'EINVAL',
  97: 'EAFNOSUPPORT',
  99: 'EADDRNOTAVAIL',
  101: 'ENETUNREACH',
  104: 'ECONNRESET',
  110: 'ETIMEDOUT',
  111: 'ECONNREFUSED',
  113: 'EHOSTUNREACH',
};

/** See ContainerEngine.connect. */
export async function connectFrom(
  connection: Connection,
  id: string,
  { address, port, onBegin }: ConnectTarget,
  signal: AbortSignal,
): Promise<PodStream> {
  const what = `connect to port ${port} of ${address} from container ${id.slice(0, SHORT_ID)}`;
  const body = { Cmd: [SANDBOX_PROGRAM, relayAddress(address, port)], AttachStdin: true, AttachStdout: true };
  const path = `/containers/${encodeURIComponent(id)}/exec`;
  const created = await connection.json<IdBody>({ what, method: 'POST', path, body, expect: [201], signal });
  const exec = `/exec/${created.Id ?? ''}`;
  const start = { Detach: false, Tty: false };
  const socket = await connection.hijack({ what, method: 'POST', path: `${exec}/start`, body: start, signal });
  const exitCode = async (): Promise<number | undefined> => {
    const request = { what, method: 'GET', path: `${exec}/json`, expect: [200], signal } as const;
    return (await connection.json<ExecBody>(request)).ExitCode ?? undefined;
  };
  try {
    const output = outputOf(connection, socket, what);
    const begun = await output.next();
    if (begun.done === true) throw await whyNotBegun(what, exitCode);
    onBegin?.();
    const opened = begun.value.length > 1 ? { done: false, value: begun.value.subarray(1) } : await output.next();
    if (opened.done === true) throw new EngineError('Conflict', `${what}: the container has ended`);
    const [error = 0] = opened.value;
    if (error !== 0) {
      const code = ERRORS[error] ?? `error ${error}`;
      throw new ConnectFailure(code, `connect ${code} ${address}:${port}`);
    }
    return streamOf(socket, opened.value.subarray(1), output, exitCode);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** A sockaddr of Linux in hexadecimal. Both architectures are little-endian; the port is in the order of the network. */
export function relayAddress(address: string, port: number): string {
  if (isIP(address) === 0) throw new EngineError('Invalid', `${JSON.stringify(address)} is no IP address`);
  const isShort = isIPv4(address);
  const bytes = Buffer.alloc(isShort ? 16 : 28);
  bytes.writeUInt16LE(isShort ? AF_INET : AF_INET6, 0);
  bytes.writeUInt16BE(port, 2);
  if (isShort) bytes.set(address.split('.').map(Number), 4);
  else bytes.set(longAddress(address), 8);
  return bytes.toString('hex');
}

/** The 16 bytes of an IPv6 address. */
function longAddress(address: string): Buffer {
  // The normal form of a URL has no dotted part.
  const normal = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = normal.split('::');
  const words = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [before, after] = [words(head), words(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return Buffer.from([...before, ...zeros, ...after].map((word) => word.padStart(4, '0')).join(''), 'hex');
}

/** What the program writes; ends when it does. Closing the source is whoever's opened it. */
async function* outputOf(connection: Connection, socket: Duplex, what: string): AsyncGenerator<Uint8Array, undefined> {
  try {
    const chunks = socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const { stream, bytes } of demultiplex(chunks)) if (stream === 'stdout' && bytes.length > 0) yield bytes;
  } catch (error) {
    throw toEngineError(error, what, connection.address);
  }
}

/** An older program ends with a code of its own. Else the container is ending: Docker tells that only in what it writes. */
async function whyNotBegun(what: string, exitCode: () => Promise<number | undefined>): Promise<EngineError> {
  return (await exitCode()) === UNKNOWN_USE
    ? new EngineError('Invalid', `${what}: its program cannot do that`)
    : new EngineError('Conflict', `${what}: the container does not run commands now`);
}

function streamOf(
  socket: Duplex,
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
  exitCode: () => Promise<number | undefined>,
): PodStream {
  async function* incoming(): AsyncGenerator<Uint8Array> {
    if (first.length > 0) yield first;
    yield* rest;
    // An engine that went away ends the stream too, and that is not the other side's doing.
    await exitCode();
  }
  return {
    incoming: incoming(),
    send: (bytes) => new Promise((resolve) => void socket.write(bytes, () => resolve())),
    close: () => void socket.destroy(),
  };
}
