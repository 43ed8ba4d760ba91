// Git's framing (gitprotocol-common): four hexadecimal digits of length, then the bytes. Lengths below four are marks without content.
import { SourceError } from '../sync/commit-source.ts';

const LENGTH_DIGITS = 4;
const FLUSH = '0000';

/** One line of the protocol with its length in front. */
export function pktLine(text: string): string {
  return (Buffer.byteLength(text) + LENGTH_DIGITS).toString(16).padStart(LENGTH_DIGITS, '0') + text;
}

/** The mark between parts of a request. */
export const flush = (): string => FLUSH;

/** The lines of an answer; marks are left out. Throws SourceError Corrupt where an answer ends in the middle of a line. */
export function* packetsOf(bytes: Buffer, where: string): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const digits = bytes.toString('latin1', at, at + LENGTH_DIGITS);
    const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
    if (length < LENGTH_DIGITS) {
      at += LENGTH_DIGITS;
      continue;
    }
    // Also for NaN.
    if (!(at + length <= bytes.length)) throw cutShort(where);
    yield bytes.subarray(at + LENGTH_DIGITS, at + length);
    at += length;
  }
}

/** The library trusts an answer to be whole; here one that is not becomes an error before it gets there. */
export function assertWholePackets(bytes: Buffer, where: string): void {
  for (const packet of packetsOf(bytes, where)) {
    if (packet.subarray(0, 4).toString('latin1') === 'ERR ') throw refused(where, packet.subarray(4));
  }
  // A listing that ends between two lines would look like a branch that was deleted.
  if (bytes.toString('latin1', bytes.length - LENGTH_DIGITS) !== FLUSH) throw cutShort(where);
}

/** The error for an answer that ended too early. */
export const cutShort = (where: string): SourceError =>
  new SourceError('Unreachable', `the answer of ${where} was cut short. Nothing of it was kept`);

/** The error for a server that says in the protocol that it will not. */
export function refused(where: string, text: Uint8Array): SourceError {
  const message = Buffer.from(text).toString('utf8').trim();
  const isMissing = /not our ref|unadvertised object|not a valid object/i.test(message);
  return new SourceError(isMissing ? 'RevisionNotFound' : 'Unreachable', `${where}: the server says: ${message}`);
}
