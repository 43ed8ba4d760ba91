// The certificate of hosts that have none: signed by itself, so that no browser trusts it, and TLS is there all the same (RFC 5280).
import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';

const YEARS = 10;
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');
const SERIAL_BYTES = 16;
const SEQUENCE = 0x30;
const LONGEST_NAME = 64;

/** A certificate for some names and its new key, as one PEM text. The first name is its common name. `nowMs`: epoch milliseconds. */
export function selfSignedCertificate(names: readonly [string, ...string[]], nowMs: number): string {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(ECDSA_WITH_SHA256);
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(names[0].slice(0, LONGEST_NAME))))));
  const alternatives = sequence(...names.map((each) => der(0x82, Buffer.from(each))));
  const publicDer = publicKey.export({ type: 'spki', format: 'der' });
  // Unique as the key is; the first bit keeps it positive.
  const serial = Buffer.from(publicDer.subarray(-SERIAL_BYTES));
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    name,
    sequence(time(nowMs - 3_600_000), time(nowMs + YEARS * 365 * 86_400_000)),
    name,
    publicDer,
    der(0xa3, sequence(sequence(SUBJECT_ALT_NAME, der(0x04, alternatives)))),
  );
  const signature = sign('sha256', body, privateKey);
  const certificate = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return new X509Certificate(certificate).toString() + String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(SEQUENCE, Buffer.concat(parts));
}

/** GeneralizedTime; UTCTime for years before 2050, as RFC 5280 wants. */
function time(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  const isShort = digits < '2050';
  return der(isShort ? 0x17 : 0x18, Buffer.from(`${isShort ? digits.slice(2) : digits}Z`));
}
