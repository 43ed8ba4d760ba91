// The port through which notifications go out.

/** The mail server that the command line names, instead of an address of one. */
export const OWN_MAIL_SERVER = 'smtp:';

/** A message without its address. A mail has `from` (empty: it does not matter), `to` (joined by commas) and `subject` as headers. */
export interface Post {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** It was not delivered. The message is for people, and never holds the address beyond its host, nor what was answered. */
export class NotDelivered extends Error {
  readonly code = 'NOT_DELIVERED';
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'NotDelivered';
  }
}

/** Sends by POST, or as a mail what goes to `smtp:` or `smtps:`. A naked call: no retries, no deadline of its own, ends with its signal. */
export interface Courier {
  /** Resolves when the receiver has taken it (a status of 2xx, a mail server that has queued it for all). Throws NotDelivered. */
  deliver(url: string, post: Post, signal: AbortSignal): Promise<void>;
}

/** Why a delivery failed, for people and the status. Only what was made to be told: what a library says may hold an address or a token. */
export function deliveryFault(error: unknown, timeoutMs: number): string {
  if (error instanceof NotDelivered) return error.message;
  return error instanceof Error && 'code' in error && error.code === 'DEADLINE_EXCEEDED'
    ? `no answer within ${timeoutMs / 1000} s`
    : 'it could not be sent';
}
