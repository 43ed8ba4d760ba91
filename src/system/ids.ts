// Chance as an argument.
import { randomBytes, randomUUID } from 'node:crypto';

/** Where identities and chance come from. */
export interface Ids {
  /** A new UUID (RFC 9562). */
  uid(): string;
  /** Five characters for generated names, from the alphabet that Kubernetes uses. */
  suffix(): string;
  /** A number in [0, 1), for jitter. */
  random(): number;
}

/** Kubernetes leaves out vowels and look-alikes, so that no words and no mistakes arise. */
export const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Identities from the machine's random source. */
export function systemIds(): Ids {
  return {
    uid: () => randomUUID(),
    suffix: () => Array.from(randomBytes(5), (byte) => SUFFIX_ALPHABET[byte % SUFFIX_ALPHABET.length]).join(''),
    random: () => Math.random(),
  };
}
