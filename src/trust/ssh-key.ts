// Public keys of SSH (RFC 4253, 5656, 8709, OpenSSH's PROTOCOL.u2f), and what each of them says of a signature.
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { WireFault, WireReader } from './ssh-wire.ts';

/** Shorter RSA keys can be broken. */
const MIN_RSA_BITS = 2048;
/** A finger was on the token when it signed. */
const USER_PRESENT = 1;

interface Curve {
  readonly name: string;
  readonly crv: string;
  readonly hash: string;
  readonly bytes: number;
}

const curves: Readonly<Record<string, Curve>> = {
  'ecdsa-sha2-nistp256': { name: 'nistp256', crv: 'P-256', hash: 'sha256', bytes: 32 },
  'ecdsa-sha2-nistp384': { name: 'nistp384', crv: 'P-384', hash: 'sha384', bytes: 48 },
  'ecdsa-sha2-nistp521': { name: 'nistp521', crv: 'P-521', hash: 'sha512', bytes: 66 },
};
const SK_ED25519 = 'sk-ssh-ed25519@openssh.com';
const SK_ECDSA = 'sk-ecdsa-sha2-nistp256@openssh.com';

/** A public key that can judge signatures. */
export interface SshKey {
  readonly type: string;
  /** As `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
  /** Whether a signature blob (algorithm and bytes) is this key's over `data`. Throws WireFault for one that cannot be read. */
  verifies(data: Uint8Array, signature: Uint8Array): boolean;
}

/** Reads a key from its wire form. Throws WireFault for one that is damaged, weak or of a type that is not known. */
export function readSshKey(blob: Uint8Array): SshKey {
  const reader = new WireReader(blob);
  const type = reader.text();
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
  const judge = judgeOf(type, reader);
  reader.end();
  return { type, fingerprint, verifies: judge };
}

function judgeOf(type: string, reader: WireReader): SshKey['verifies'] {
  if (type === 'ssh-rsa') return rsaJudge(reader);
  if (type === 'ssh-ed25519') {
    const key = ed25519(reader.string());
    return (data, signature) => verify(null, data, key, only(signature, type));
  }
  if (type === SK_ED25519) {
    const key = ed25519(reader.string());
    const application = reader.string();
    return (data, signature) => {
      const { told, bytes } = withToken(signature, type, application, data);
      return verify(null, told, key, bytes);
    };
  }
  if (type === SK_ECDSA) {
    const { key, curve } = ecdsa('ecdsa-sha2-nistp256', reader);
    const application = reader.string();
    return (data, signature) => {
      const { told, bytes } = withToken(signature, type, application, data);
      return verify(curve.hash, told, { key, dsaEncoding: 'ieee-p1363' }, fixedPair(bytes, curve));
    };
  }
  if (curves[type] !== undefined) {
    const { key, curve } = ecdsa(type, reader);
    return (data, signature) =>
      verify(curve.hash, data, { key, dsaEncoding: 'ieee-p1363' }, fixedPair(only(signature, type), curve));
  }
  if (type.includes('-cert-v01@')) throw new WireFault('certificates of SSH are not supported: list the keys themselves');
  throw new WireFault(`keys of type ${JSON.stringify(type)} are not supported: use ed25519, ecdsa or rsa`);
}

function rsaJudge(reader: WireReader): SshKey['verifies'] {
  const exponent = reader.positive();
  const modulus = reader.positive();
  const key = jwk({ kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') });
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < MIN_RSA_BITS) throw new WireFault(`an RSA key of ${bits} bits is too short: at least ${MIN_RSA_BITS}`);
  return (data, signature) => {
    const parts = new WireReader(signature);
    const algorithm = parts.text();
    const bytes = parts.string();
    parts.end();
    const hash = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[algorithm];
    if (hash === undefined) throw new WireFault(`signatures of type ${JSON.stringify(algorithm)} are not accepted`);
    return verify(hash, data, key, bytes);
  };
}

function ed25519(bytes: Buffer): KeyObject {
  return jwk({ kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') });
}

function ecdsa(type: string, reader: WireReader): { readonly key: KeyObject; readonly curve: Curve } {
  const curve = curves[type];
  if (curve === undefined || reader.text() !== curve.name) throw new WireFault('the curve is not the one of its type');
  const point = reader.string();
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) throw new WireFault('the point is not in its full form');
  const half = (from: number): string => point.subarray(from, from + curve.bytes).toString('base64url');
  return { key: jwk({ kty: 'EC', crv: curve.crv, x: half(1), y: half(1 + curve.bytes) }), curve };
}

function jwk(key: Record<string, string>): KeyObject {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch (error) {
    throw new WireFault(`the key is damaged: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The bytes of a signature of this algorithm. */
function only(signature: Uint8Array, algorithm: string): Buffer {
  const reader = new WireReader(signature);
  if (reader.text() !== algorithm) throw new WireFault('the signature is not of the type of its key');
  const bytes = reader.string();
  reader.end();
  return bytes;
}

/** What a token signs: hashes of where the key belongs and of the data, and that somebody touched it. */
function withToken(
  signature: Uint8Array,
  algorithm: string,
  application: Buffer,
  data: Uint8Array,
): { told: Buffer; bytes: Buffer } {
  const reader = new WireReader(signature);
  if (reader.text() !== algorithm) throw new WireFault('the signature is not of the type of its key');
  const bytes = reader.string();
  const rest = reader.bytes(5);
  reader.end();
  if (((rest[0] ?? 0) & USER_PRESENT) === 0) throw new WireFault('nobody touched the security key');
  const hash = (part: Uint8Array): Buffer => createHash('sha256').update(part).digest();
  return { told: Buffer.concat([hash(application), rest, hash(data)]), bytes };
}

/** Two numbers of fixed length, as the platform wants them. */
function fixedPair(blob: Buffer, { bytes }: Curve): Buffer {
  const reader = new WireReader(blob);
  const pair = [reader.positive(), reader.positive()];
  reader.end();
  if (pair.some((part) => part.length > bytes)) throw new WireFault('a number is too large for the curve');
  return Buffer.concat(pair.map((part) => Buffer.concat([Buffer.alloc(bytes - part.length), part])));
}
