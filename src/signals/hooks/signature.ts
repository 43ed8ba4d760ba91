// Proofs that a request is from somebody who knows the secret. Every comparison takes as long for a wrong proof as for a right one.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Whether two texts are the same, in a time that tells nothing of either. */
export function isSameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Whether `hex` is the HMAC-SHA256 (RFC 2104) of these parts, one after the other, under the secret. In either case of letters. */
export function isSignedBy(secret: string, parts: readonly (string | Uint8Array)[], hex: string): boolean {
  const hmac = createHmac('sha256', secret);
  for (const part of parts) hmac.update(part);
  return isSameText(hmac.digest('hex'), hex.toLowerCase());
}
