// The key of an installation that signs receipts: made at the first use, kept in the data folder, or brought along in a file.
import { createHmac, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageFault } from '../cli/usage-fault.ts';
import { StoreCorrupt, StoreUnavailable } from '../store/failures.ts';
import { loadKey, loadOrCreateKey } from '../store/sqlite/key-file.ts';
import type { Notary } from '../sync/receipts/receipt.ts';

const receiptKeyPath = (dataDir: string): string => join(dataDir, 'receipt.key');
/** What stands before the 32 bytes of a private key in PKCS #8 (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Who signs here. `keyFile` holds an Ed25519 key: PEM as `openssl genpkey -algorithm ed25519` writes it, or 32 bytes in Base64; without
 * it the data folder's own key is used, and made when there is none. Throws UsageFault.
 */
export function openNotary(dataDir: string, keyFile: string | undefined, version: string): Notary {
  const key = keyFile === undefined ? ofSeed(ownSeed(() => loadOrCreateKey(receiptKeyPath(dataDir)))) : readKey(keyFile);
  const bytes = key.export({ format: 'der', type: 'pkcs8' });
  const sealing = Buffer.from(hkdfSync('sha256', bytes, '', 'holdfast receipt marks', 32));
  return {
    publicKey: publicKeyOf(key),
    version,
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
    seal: (text) => createHmac('sha256', sealing).update(text).digest('hex'),
  };
}

/** The public key of the data folder; undefined when nothing was signed with it yet. Throws UsageFault. */
export function ownPublicKey(dataDir: string): string | undefined {
  const seed = ownSeed(() => loadKey(receiptKeyPath(dataDir)));
  return seed === undefined ? undefined : publicKeyOf(ofSeed(seed));
}

function ownSeed<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof StoreCorrupt) throw new UsageFault(error.message, { cause: error });
    throw error;
  }
}

function readKey(file: string): KeyObject {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageFault(`the receipt key ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const seed = Buffer.from(text.trim(), 'base64');
  try {
    const key = text.includes('-----BEGIN') ? createPrivateKey(text) : ofSeed(seed);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Told below, without what is in the file.
  }
  throw new UsageFault(`the receipt key ${file} is no Ed25519 key: "openssl genpkey -algorithm ed25519 -out ${file}" makes one`);
}

function ofSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
}

function publicKeyOf(key: KeyObject): string {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.from(x, 'base64url').toString('base64');
}
