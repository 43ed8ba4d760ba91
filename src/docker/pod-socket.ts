// A connection from inside a pod as a stream of Node, which HTTP, TLS and gRPC can be spoken over.
import { Duplex } from 'node:stream';
import type { PodStream } from '../kubelet/engine/container-engine.ts';

/** The stream; it owns the connection. Ending only its writing half is not told to the other side. */
export function podSocket(stream: PodStream): Duplex {
  const incoming = stream.incoming[Symbol.asyncIterator]();
  const socket = new Duplex({
    read() {
      incoming.next().then(
        ({ done, value }) => socket.push(done === true ? null : value),
        (error: unknown) => socket.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    write(chunk: Uint8Array, _encoding, callback) {
      const send = async (): Promise<void> => {
        await stream.send(chunk);
        callback();
      };
      void send();
    },
    destroy(error, callback) {
      stream.close();
      callback(error);
    },
  });
  // As with a socket of the machine: one that breaks when nobody uses it any more is no fault.
  socket.on('error', () => {});
  return socket;
}
