// How each forge signs its webhooks and what it calls things. All follow the forge's own documentation of webhooks.
import { bitbucketPush, bitbucketServerPush, genericPush, githubPush, gitlabPush, type Push } from './push.ts';
import { isSameText, isSignedBy } from './signature.ts';

/** How far a timestamp of a generic webhook may be from our clock, either way. */
export const MAX_AGE_MS = 300_000;

export type Headers = Readonly<Record<string, string | undefined>>;

/** Whether a request is from somebody who knows the secret. */
export type Verdict =
  /** `proof` is different for every body that was signed: who sends it again sends the same thing again. */
  { readonly ok: true; readonly proof?: string } | { readonly ok: false; readonly reason: string };

/** One way in. */
export interface Forge {
  /** The last part of its path: `/hooks/<name>`. */
  readonly name: string;
  verify(headers: Headers, body: Uint8Array, secret: string, nowMs: number): Verdict;
  /** The forge's own number of this delivery. */
  delivery(headers: Headers): string | undefined;
  /** What was pushed; undefined when it is about something else. */
  read(headers: Headers, payload: unknown): Push | undefined;
  /** Whether the JSON may come as the field `payload` of a form. */
  readonly takesForms?: true;
  /** Whether a body may be empty. */
  readonly takesNothing?: true;
}

/** `header` holds the HMAC-SHA256 of the body, after `prefix`. */
function signedBody(header: string, prefix: string): Forge['verify'] {
  return (headers, body, secret) => {
    const value = headers[header];
    if (value === undefined || value === '')
      return { ok: false, reason: `there is no ${header}: set the secret at the forge too` };
    const isRight = value.startsWith(prefix) && isSignedBy(secret, [body], value.slice(prefix.length));
    return isRight ? { ok: true, proof: value.toLowerCase() } : { ok: false, reason: `${header} does not fit body and secret` };
  };
}

const github: Forge = {
  name: 'github',
  verify: signedBody('x-hub-signature-256', 'sha256='),
  delivery: (headers) => headers['x-github-delivery'],
  read: (headers, payload) => (headers['x-github-event'] === 'push' ? githubPush(payload) : undefined),
  takesForms: true,
};

const gitlab: Forge = {
  name: 'gitlab',
  verify: (headers, _body, secret) => {
    const token = headers['x-gitlab-token'];
    if (token === undefined || token === '')
      return { ok: false, reason: 'there is no x-gitlab-token: set the secret token at the forge too' };
    return isSameText(token, secret) ? { ok: true } : { ok: false, reason: 'x-gitlab-token is not the secret' };
  },
  // The key stays the same when the forge tries again; older versions have only the event's number.
  delivery: (headers) => headers['idempotency-key'] ?? headers['x-gitlab-event-uuid'],
  read: (headers, payload) => {
    const event = headers['x-gitlab-event'];
    if (event === 'Push Hook' || event === 'Tag Push Hook') return gitlabPush(payload);
    const kind = event === 'System Hook' ? (payload as { event_name?: unknown } | null)?.event_name : undefined;
    return kind === 'push' || kind === 'tag_push' ? gitlabPush(payload) : undefined;
  },
};

function giteaLike(name: string): Forge {
  return {
    name,
    verify: signedBody('x-gitea-signature', ''),
    delivery: (headers) => headers['x-gitea-delivery'],
    read: (headers, payload) => (headers['x-gitea-event'] === 'push' ? githubPush(payload) : undefined),
  };
}

const bitbucket: Forge = {
  name: 'bitbucket',
  verify: signedBody('x-hub-signature', 'sha256='),
  delivery: (headers) => headers['x-request-uuid'] ?? headers['x-request-id'],
  read: (headers, payload) => {
    const event = headers['x-event-key'];
    if (event === 'repo:push') return bitbucketPush(payload);
    return event === 'repo:refs_changed' ? bitbucketServerPush(payload) : undefined;
  },
};

const generic: Forge = {
  name: 'generic',
  verify: (headers, body, secret, nowMs) => {
    const { authorization, 'x-holdfast-signature': signature, 'x-holdfast-timestamp': timestamp } = headers;
    if (signature === undefined) return bearer(authorization, secret);
    if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp))
      return { ok: false, reason: 'x-holdfast-timestamp must be there, in seconds since 1970: it is signed with the body' };
    const isRight = signature.startsWith('sha256=') && isSignedBy(secret, [`${timestamp}.`, body], signature.slice(7));
    if (!isRight) return { ok: false, reason: 'x-holdfast-signature does not fit timestamp, body and secret' };
    const isFresh = Math.abs(nowMs - Number(timestamp) * 1000) <= MAX_AGE_MS;
    return isFresh
      ? { ok: true, proof: signature.toLowerCase() }
      : { ok: false, reason: 'x-holdfast-timestamp is more than 5 minutes from the time here' };
  },
  delivery: (headers) => headers['x-holdfast-delivery'],
  read: (_headers, payload) => genericPush(payload),
  takesNothing: true,
};

function bearer(authorization: string | undefined, secret: string): Verdict {
  const token = /^bearer +(\S+)\s*$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return { ok: false, reason: 'neither x-holdfast-signature nor a bearer token is there' };
  return isSameText(token, secret) ? { ok: true } : { ok: false, reason: 'the bearer token is not the secret' };
}

/** All ways in. */
export const forges: readonly Forge[] = [github, gitlab, giteaLike('gitea'), giteaLike('forgejo'), bitbucket, generic];
