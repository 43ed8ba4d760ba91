// Notifications over http(s), by the platform's own fetch. Redirects are not followed: the address is where the message goes, or nowhere.
import { type Courier, NotDelivered } from '../signals/notify/courier.ts';

/** What the system says in a word, as people say it. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name server does not answer',
  ECONNRESET: 'the connection was cut',
  ETIMEDOUT: 'the host does not answer',
  EHOSTUNREACH: 'the host cannot be reached',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody who is known',
};

/** A courier. */
export function httpCourier(): Courier {
  return {
    deliver: async (url, { headers, body }, signal) => {
      const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' }).catch((error: unknown) => {
        if (signal.aborted) throw error;
        throw new NotDelivered(whyOf(error));
      });
      // What it says is not looked at: it may repeat the address.
      await response.body?.cancel();
      if (!response.ok) throw new NotDelivered(`the receiver answered ${response.status}`);
    },
  };
}

/** Why there was no answer, in words that hold nothing of the address. */
export function whyOf(error: unknown): string {
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : undefined);
  return code === undefined ? 'the connection failed' : (WORDS[code] ?? `the connection failed (${code})`);
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
