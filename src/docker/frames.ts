// Docker's multiplexed output: an 8-byte header (stream, length) before each piece. Pure.
import type { LogChunk } from '../kubelet/engine/container-engine.ts';

const HEADER_BYTES = 8;
const LENGTH_AT = 4;
const STDERR = 2;

/** Splits multiplexed output into its streams. A piece that is cut off by the end of the source is handed on as far as it came. */
export async function* demultiplex(source: AsyncIterable<Buffer>): AsyncGenerator<LogChunk> {
  let pending: Buffer = Buffer.alloc(0);
  let remaining = 0;
  let stream: LogChunk['stream'] = 'stdout';
  for await (const chunk of source) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length > 0) {
      if (remaining === 0) {
        if (pending.length < HEADER_BYTES) break;
        stream = pending[0] === STDERR ? 'stderr' : 'stdout';
        remaining = pending.readUInt32BE(LENGTH_AT);
        pending = pending.subarray(HEADER_BYTES);
        continue;
      }
      // Handed on as it comes, so that a huge piece is never held whole.
      const bytes = pending.subarray(0, remaining);
      remaining -= bytes.length;
      pending = pending.subarray(bytes.length);
      yield { stream, bytes };
    }
  }
}
