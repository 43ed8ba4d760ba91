// Encryption of single values at rest: AES-256-GCM (NIST SP 800-38D). A value is bound to the name it was sealed under, so that
// values cannot be swapped inside the file.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Length of a key. */
export const KEY_BYTES = 32;

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of every sealed value: how to read the rest. */
const FORMAT = 1;

/** Seals `text` under `name`, with a fresh nonce. */
export function seal(key: Uint8Array, name: string, text: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(name, 'utf8'));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.getAuthTag(), body]);
}

/** The text that was sealed under `name`; undefined for another key, another name or a changed value. */
export function unseal(key: Uint8Array, name: string, sealed: Uint8Array): string | undefined {
  const header = 1 + NONCE_BYTES + TAG_BYTES;
  if (sealed.length < header || sealed[0] !== FORMAT) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(1, 1 + NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(name, 'utf8'));
  decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, header));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(header)), decipher.final()]).toString('utf8');
  } catch {
    // GCM says only that the tag does not match, which is all there is to know.
    return undefined;
  }
}
