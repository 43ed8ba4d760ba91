// Load of outside programs: wrk for HTTP, and a loop of our own for DNS.
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DNS_IN_FLIGHT = 32;
const DNS_PORT = 53;

/** What one run of a load showed. */
export interface Load {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

export interface WrkOptions {
  readonly seconds: number;
  /** Kept ones, each with one request on its way at any time. */
  readonly connections: number;
  /** What is asked for; without it the host of the URL. */
  readonly host?: string;
}

/** Asks one URL for some seconds. Throws when answers were not good, and when wrk is not installed. */
export async function wrk(url: string, { seconds, connections, host }: WrkOptions): Promise<Load> {
  const headers = host === undefined ? [] : ['-H', `Host: ${host}`];
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...headers, url];
  const { stdout } = await run('wrk', args);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk ${args.join(' ')}:\n${stdout}`);
  return {
    perSecond: Number(/^Requests\/sec:\s+([\d.]+)/m.exec(stdout)?.[1]),
    medianMs: milliseconds(/^\s+50%\s+(\S+)/m.exec(stdout)?.[1]),
    p99Ms: milliseconds(/^\s+99%\s+(\S+)/m.exec(stdout)?.[1]),
  };
}

function milliseconds(text = ''): number {
  const [, number, unit] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  return Number(number) * ({ us: 0.001, ms: 1, s: 1_000 }[unit ?? ''] ?? Number.NaN);
}

/** Asks a name server for the address of a name for some seconds. Throws when an answer has no address. */
export async function askNames(server: string, name: string, seconds: number): Promise<Load> {
  const socket = createSocket('udp4');
  const sentMs = new Map<number, number>();
  const took: number[] = [];
  let next = 0;
  let failure: Error | undefined;
  const ask = (): void => {
    next = (next + 1) % 0x10000;
    sentMs.set(next, performance.now());
    socket.send(question(next, name), DNS_PORT, server);
  };
  socket.on('error', (error) => {
    failure = error;
  });
  const endMs = performance.now() + seconds * 1_000;
  socket.on('message', (answer) => {
    const id = answer.readUInt16BE(0);
    took.push(performance.now() - (sentMs.get(id) ?? Number.NaN));
    sentMs.delete(id);
    if ((answer.readUInt16BE(2) & 0xf) !== 0 || answer.readUInt16BE(6) === 0) failure = new Error(`no address for ${name}`);
    if (performance.now() < endMs) ask();
  });
  for (let index = 0; index < DNS_IN_FLIGHT; index += 1) ask();
  await new Promise<void>((resolve) => {
    setTimeout(resolve, seconds * 1_000);
  });
  socket.close();
  if (failure !== undefined) throw failure;
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { perSecond: took.length / seconds, medianMs: at(0.5), p99Ms: at(0.99) };
}

/** A question for an A record (RFC 1035, section 4.1). */
function question(id: number, name: string): Buffer {
  const head = Buffer.from([id >> 8, id & 0xff, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, 1, 0, 1])]);
}
