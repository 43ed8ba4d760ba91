// Ports of this machine that commands listen on, over node:net.
import { createServer, isIP, type Socket } from 'node:net';
import { type LocalConnection, type LocalListener } from '../cli/parts.ts';
import { UsageFault } from '../cli/usage-fault.ts';
import { startListening } from './listening.ts';

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
  const listening = await startListening(server, { host: address, port, ipv6Only: true });
  return {
    port: listening,
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
