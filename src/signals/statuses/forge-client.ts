// The port through which forges are told.

/** What one request may take: whoever sends it ends it then. */
export const ANSWER_TIMEOUT_MS = 10_000;

/** A request. It holds the token: never to be logged. */
export interface ForgeRequest {
  /** A POST when absent. */
  readonly method?: 'GET';
  /** How much of the answer is looked at; its beginning when absent. */
  readonly maxAnswerBytes?: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ForgeAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Its beginning. */
  readonly body: string;
}

/** Sends, and follows no redirect. A naked call: no retries, no deadline of its own, ends with its signal. */
export interface ForgeClient {
  /** Throws NotDelivered when there is no answer; its message holds no token. */
  send(request: ForgeRequest, signal: AbortSignal): Promise<ForgeAnswer>;
}
