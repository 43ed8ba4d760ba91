// What the ports have in common that this process listens on: when one cannot be had, the reason is told in words.
import type { Server } from 'node:net';
import { isIP } from 'node:net';
import { UsageFault } from '../cli/usage-fault.ts';

/** What the system says in a word, as people say it. */
const WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EAFNOSUPPORT: 'this machine does not have such addresses',
  EACCES: 'no permission; ports below 1024 need root',
};

/** `[::1]:8080`: a host, or an address of either family, with a port. */
export function hostAndPort(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/**
 * Has a server listen, and tells the port: another one than was asked for when that is 0. Throws UsageFault when it cannot be had; `ways` out of
 * that are told behind the reason, by the system's word for it.
 */
export async function startListening(
  server: Server,
  options: { readonly host: string; readonly port: number; readonly ipv6Only?: boolean },
  ways: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { host, port } = options;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const { code = '', message } = error;
      const why = [WORDS[code] ?? message, ...(ways[code] === undefined ? [] : [ways[code]])].join('; ');
      reject(new UsageFault(`cannot listen on ${hostAndPort(host, port)}: ${why}`, { cause: error }));
    });
    server.listen(options, resolve);
  });
  // A connection that could not be taken is the one's fault who made it.
  server.on('error', () => {});
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : port;
}
