// A connection from inside a pod of the fake engine.
import { EngineError, type PodStream } from '../../src/kubelet/engine/container-engine.ts';

/** A connection to what answers each piece that it is sent, or hangs up. */
export function fakeStream(serve: (bytes: Uint8Array) => Uint8Array | 'end', signal: AbortSignal): PodStream {
  const pieces: Uint8Array[] = [];
  let isOver = false;
  let wake: () => void = () => {};
  const change = (): void => wake();
  signal.addEventListener('abort', change);
  async function* incoming(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (signal.aborted) throw new EngineError('Unreachable', 'given up', { cause: signal.reason });
      const piece = pieces.shift();
      if (piece !== undefined) yield piece;
      else if (isOver) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    incoming: incoming(),
    send: (bytes) => {
      const answer = isOver ? 'end' : serve(bytes);
      if (answer === 'end') isOver = true;
      else pieces.push(answer);
      change();
      return Promise.resolve();
    },
    close: () => {
      isOver = true;
      change();
    },
  };
}
