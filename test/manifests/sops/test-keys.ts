// Keys for tests. Everybody can read them here: they protect nothing.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../../../src/manifests/sops/encrypt.ts';
import type { DecryptionKeys } from '../../../src/manifests/sops/keys.ts';

/** Opens the fixtures, which SOPS' own code encrypted. */
export const ann = {
  identity: 'AGE-SECRET-KEY-1EH0Y7Y9ZCHRV772GYSN8MUUX36H9RKPA52NU84MCZ9DP645UKAUSVZSX0J',
  recipient: 'age1yftvd675yvxl88wx4pdqexa6vz3jeqgsftnwq4fw36t3s2pn5ewqakywv9',
};

/** Opens none of them. */
export const bob = {
  identity: 'AGE-SECRET-KEY-1ZY9UJSHR3EXWE29D3QF8QVJXTTEPLLFUMDKPEXL748MET0AZYGWQYDTP54',
  recipient: 'age1vkvf7x7j09re9amrq0nxurp5cjqh4u9mt25kf0lk7gcyn86wadesmdzva6',
};

export const annsKeys: DecryptionKeys = { identities: [ann.identity] };
export const bobsKeys: DecryptionKeys = { identities: [bob.identity] };
export const noKeys: DecryptionKeys = { identities: [] };

/** Stands for secrets: it must be in no message. */
export const MARKER = 'PLAINTEXT-marker';

/** A file that SOPS encrypted for Ann; see the folder `fixtures`. */
export function fixture(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, 'fixtures', `${name}.txt`));
}

/** Bytes that look random and are the same in every run. */
export function testWorld(seed = 0): World {
  let count = 0;
  return {
    random: (length) => {
      count += 1;
      return createHash('sha512').update(`${seed} ${count}`).digest().subarray(0, length);
    },
    nowMs: Date.UTC(2026, 0, 31, 12),
  };
}

export const bytesOf = (text: string): Uint8Array => Buffer.from(text);
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
