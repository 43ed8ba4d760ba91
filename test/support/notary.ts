// Who signs in tests: keys that are the same in every run.
import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { Notary } from '../../src/sync/receipts/receipt.ts';

/** A notary with a key of its own for each number. */
export function aNotary(number = 1): Notary {
  const seed = Buffer.alloc(32, number);
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: Buffer.from(x, 'base64url').toString('base64'),
    version: '1.2.3',
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
    seal: (text) => createHmac('sha256', seed).update(text).digest('hex'),
  };
}
