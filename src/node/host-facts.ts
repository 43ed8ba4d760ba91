// What this machine says of its network, for a kubelet whose engine runs on it.
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { DockerHost } from '../docker/docker-host.ts';
import type { HostFacts } from '../kubelet/addresses/pod-network.ts';
import { formatAddress } from '../model/ipv4.ts';

/** Somewhere outside: nothing is sent, the system only chooses an address of its own. */
const OUTSIDE = { address: '192.0.2.1', port: 9 };
const HEX_ADDRESS = /^[0-9A-F]{8}$/;

/** Reads a file of this machine. Throws when there is none. */
type ReadFile = (file: string) => string;

/** What is known of the host of an engine. Nothing of one that is elsewhere. Files that cannot be read say nothing. */
export async function hostFacts(host: DockerHost, read: ReadFile = (file) => readFileSync(file, 'utf8')): Promise<HostFacts> {
  if (host.type !== 'unix') return {};
  const address = await ownAddress();
  const resolver = ownResolver(linesOf('/etc/resolv.conf', read));
  return {
    ranges: [...addressRanges(), ...routeRanges(linesOf('/proc/net/route', read))],
    ...(resolver === undefined ? {} : { resolver }),
    ...(address === undefined ? {} : { address }),
  };
}

/** The address by which this machine reaches others; undefined when it has no way out. */
function ownAddress(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (address?: string): void => {
      socket.close();
      resolve(address);
    };
    socket.on('error', () => end());
    socket.connect(OUTSIDE.port, OUTSIDE.address, () => {
      const { address } = socket.address();
      end(address === '0.0.0.0' || address.startsWith('127.') ? undefined : address);
    });
  });
}

function addressRanges(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.flatMap(({ family, internal, cidr }) => (family === 'IPv4' && !internal && cidr !== null ? [cidr] : []));
}

/** /proc/net/route (proc_net(5)): destination and mask in the byte order of the machine. The way to everywhere else takes nobody's range. */
function routeRanges(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => {
    const fields = line.split(/\s+/);
    const [destination = '', mask = ''] = [fields[1], fields[7]];
    if (!HEX_ADDRESS.test(destination) || !HEX_ADDRESS.test(mask) || mask === '00000000') return [];
    const prefix = Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length;
    return [`${addressOf(destination)}/${prefix}`];
  });
}

function addressOf(hex: string): string {
  return formatAddress(Buffer.from(hex, 'hex').readUInt32LE());
}

/** resolv.conf(5); undefined when there is nothing in it. */
function ownResolver(file: readonly string[]): HostFacts['resolver'] {
  const lines = file.map((line) => line.trim().split(/\s+/));
  const valuesOf = (keyword: string): readonly string[] => lines.flatMap(([first, ...rest]) => (first === keyword ? rest : []));
  const servers = valuesOf('nameserver');
  const searches = lines.findLast(([first]) => first === 'search' || first === 'domain')?.slice(1) ?? [];
  const options = valuesOf('options');
  if (servers.length + searches.length + options.length === 0) return undefined;
  return { servers, searches, options };
}

function linesOf(file: string, read: ReadFile): readonly string[] {
  try {
    return read(file).split('\n');
  } catch {
    return [];
  }
}
