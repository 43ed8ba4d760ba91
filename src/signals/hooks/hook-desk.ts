// Webhooks: who may call, whether we heard it before, whom it concerns. The content is read only after its signature was checked, and used for
// nothing but to find whom to wake.
import { jsonAnswer, type SignalAnswer, type SignalRequest, type SignalRoute, type WantsBody } from '../desk.ts';
import { Deliveries } from './deliveries.ts';
import { type Followed, isFollowed } from './followed.ts';
import { type Forge, forges, type Headers } from './forges.ts';

/** GitHub sends up to 25 MB; a push that is larger than this has thousands of commits, and the next interval finds it. */
export const MAX_BODY_BYTES = 5 * 1024 * 1024;
/** Far more than come within the time in which a generic webhook could be played again. */
const REMEMBERED_KEYS = 10_000;

/** The secret that all who call must know. */
export type HookSecret = { readonly ok: true; readonly secret: string } | { readonly ok: false; readonly reason: string };

/** An application that can be woken. */
export interface HookListener extends Followed {
  wake(): void;
}

export interface HookDeskParts {
  /** Asked for each request, so that a new secret counts at once. */
  readonly secret: () => HookSecret;
  /** Undefined while the controller is still starting. */
  readonly listeners: () => readonly HookListener[] | undefined;
  readonly now: () => number;
  /** Hears how each delivery ended. */
  readonly onDelivery: (forge: string, result: HookResult, reason: string) => void;
}

/** How a delivery ended. */
export type HookResult =
  | 'woken'
  | 'not-followed'
  | 'ignored'
  | 'seen'
  | 'no-secret'
  | 'refused'
  | 'too-long'
  | 'unreadable'
  | 'not-ready';

const STATUS: Readonly<Record<HookResult, number>> = {
  woken: 200,
  'not-followed': 202,
  ignored: 200,
  seen: 200,
  'no-secret': 403,
  refused: 401,
  'too-long': 413,
  unreadable: 400,
  'not-ready': 503,
};

/** The route of all webhooks. */
export function hookRoute(parts: HookDeskParts): SignalRoute {
  const deliveries = new Deliveries(REMEMBERED_KEYS);
  return {
    path: '/hooks/',
    methods: ['POST'],
    open: (request) => {
      const forge = forges.find(({ name }) => request.path === `/hooks/${name}`);
      if (forge !== undefined) return openHook(forge, request, parts, deliveries);
      const known = forges.map(({ name }) => `/hooks/${name}`).join(', ');
      return jsonAnswer(404, { result: 'unknown-path', message: `there is no such webhook; there are ${known}` });
    },
  };
}

function openHook(
  forge: Forge,
  { headers }: SignalRequest,
  parts: HookDeskParts,
  deliveries: Deliveries,
): SignalAnswer | WantsBody {
  const end = (result: HookResult, message: string): SignalAnswer => {
    parts.onDelivery(forge.name, result, message);
    return jsonAnswer(STATUS[result], { result, message });
  };
  const secret = parts.secret();
  if (!secret.ok) return end('no-secret', secret.reason);
  return {
    maxBytes: MAX_BODY_BYTES,
    tooLong: () => end('too-long', `the body is longer than ${MAX_BODY_BYTES} bytes; the next interval finds what was pushed`),
    answer: (body) => {
      const { result, message } = judge({ forge, headers, body, secret: secret.secret }, parts, deliveries);
      return end(result, message);
    },
  };
}

interface Delivery {
  readonly forge: Forge;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly secret: string;
}

function judge(
  { forge, headers, body, secret }: Delivery,
  parts: HookDeskParts,
  deliveries: Deliveries,
): { readonly result: HookResult; readonly message: string } {
  const verdict = forge.verify(headers, body, secret, parts.now());
  if (!verdict.ok) return { result: 'refused', message: verdict.reason };
  // The forge's number is not signed: whoever replays a request can change it, but not what is signed.
  const keys = [forge.delivery(headers), verdict.proof].flatMap((key) => (key === undefined ? [] : [`${forge.name} ${key}`]));
  if (deliveries.hasAny(keys)) return { result: 'seen', message: 'seen already' };
  const payload = payloadOf(forge, headers, body);
  if (!payload.ok) return { result: 'unreadable', message: payload.reason };
  const listeners = parts.listeners();
  if (listeners === undefined)
    return { result: 'not-ready', message: 'the controller is starting; it looks at the repository then' };
  deliveries.remember(keys);
  const push = forge.read(headers, payload.value);
  if (push === undefined) return { result: 'ignored', message: 'this is no push: there is nothing to do' };
  const woken = listeners.filter((listener) => isFollowed(push, listener));
  for (const listener of woken) listener.wake();
  if (woken.length > 0)
    return { result: 'woken', message: `on its way: ${woken.map(({ application }) => application).join(', ')}` };
  const followed = listeners.map(({ repository, revision }) => `${revision} of ${repository}`).join(', ');
  return { result: 'not-followed', message: `not followed; followed is ${followed}` };
}

type Payload = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

function payloadOf({ takesForms, takesNothing }: Forge, headers: Headers, body: Uint8Array): Payload {
  if (body.length === 0 && takesNothing === true) return { ok: true, value: {} };
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
  if (isForm && takesForms !== true)
    return { ok: false, reason: 'the body is a form: choose application/json as content type at the forge' };
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  try {
    const json = isForm ? (new URLSearchParams(text).get('payload') ?? '') : text;
    return { ok: true, value: JSON.parse(json) as unknown };
  } catch {
    return { ok: false, reason: isForm ? 'the form has no field "payload" with JSON in it' : 'the body is not JSON' };
  }
}
