// The relay of a pod without a pod: a stream as the engine offers it, over a connection of this machine.
import { connect } from 'node:net';
import { ConnectFailure, type ContainerEngine, EngineError, type PodStream } from '../../src/kubelet/engine/container-engine.ts';

/** `connect` of an engine whose pods share the network of this machine; the sandbox `old` is from before it could relay. */
export function relayOfThisMachine(onConnect: (id: string) => void = () => {}): Pick<ContainerEngine, 'connect'> {
  return {
    connect: (id, { address, port, onBegin }, signal) =>
      new Promise<PodStream>((resolve, reject) => {
        onConnect(id);
        if (id === 'old') return reject(new EngineError('Invalid', 'its program cannot do that'));
        onBegin?.();
        const socket = connect({ host: address, port, signal });
        socket.on('error', (error: NodeJS.ErrnoException) => reject(new ConnectFailure(error.code ?? '', error.message)));
        socket.once('connect', () =>
          resolve({
            incoming: socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>,
            send: (bytes) => new Promise((sent) => void socket.write(bytes, () => sent())),
            close: () => void socket.destroy(),
          }),
        );
      }),
  };
}
