// Ports of this machine that commands listen on, over node:net.
import { createServer, isIP, type Socket } from 'node:net';
import { type LocalConnection, type LocalListener, UsageFault } from './cli/parts.ts';

/** What the system says in a word, as people say it. */
const WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EAFNOSUPPORT: 'this machine does not have such addresses',
  EACCES: 'no permission; ports below 1024 need root',
};

/** Listens on an IP address for TCP; port 0 takes any that is free. Throws UsageFault. */
export async function listenLocally(
  address: string,
  port: number,
  onConnection: (connection: LocalConnection) => void,
): Promise<LocalListener> {
  if (isIP(address) === 0) throw new UsageFault(`"${address}" is neither an IP address nor localhost`);
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    onConnection(connectionOf(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = WORDS[error.code ?? ''] ?? error.message;
      reject(
        new UsageFault(`cannot listen on ${address.includes(':') ? `[${address}]` : address}:${port}: ${why}`, { cause: error }),
      );
    });
    server.listen({ host: address, port, ipv6Only: true }, resolve);
  });
  // A connection that could not be taken is the one's fault who made it.
  server.on('error', () => {});
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function connectionOf(socket: Socket): LocalConnection {
  const ended = new AbortController();
  socket.on('error', () => {});
  socket.once('close', () => ended.abort());
  async function* incoming(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
    } catch {
      // It broke: `ended` tells.
    }
  }
  return {
    incoming: incoming(),
    ended: ended.signal,
    send: (bytes) => new Promise((resolve) => (socket.writable ? socket.write(bytes, () => resolve()) : resolve())),
    close: () => void socket.end(() => socket.destroy()),
  };
}
