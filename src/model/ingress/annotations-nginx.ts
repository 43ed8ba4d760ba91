// The annotations of ingress-nginx (kubernetes.github.io/ingress-nginx, "Annotations").
import type { AnnotationFinding, Reader, SettingsDraft } from './annotation-reader.ts';
import type { AffinityCookie, BackendProtocol } from './settings.ts';
import { count, later, location, mustBe, networks, noEffect, oneOf, refused, seconds, size, yesOrNo } from './values.ts';

const PREFIX = 'nginx.ingress.kubernetes.io/';
/** Names the Secret with the users of basic authentication. */
export const AUTH_SECRET = `${PREFIX}auth-secret`;
const SNIPPET =
  'is a piece of an nginx configuration, and there is no nginx here; say it with other annotations, or in the program';
const BEHIND = 'is not done by Holdfast; let a proxy of your own in a pod do it';
const CANARY =
  'splits the requests of another Ingress, which Holdfast does not do; take the Ingress out, or let a proxy in a pod do it';
const HASHING = 'is not done by Holdfast; use affinity: cookie to keep a client with its pod';
const AUTH_URL =
  'asks another server about every request, which Holdfast does not do; let a proxy in a pod do it, or use auth-type: basic';
/** What a header can hold, as one quoted word. */
const HEADER = /^[\w\-*,. :/?&=+~#%@!()[\]{}|^$;<>]+$/;
const SECRET = /^([a-z0-9-]+\/)?[a-z0-9.-]+$/;

const protocols: Readonly<Record<string, BackendProtocol>> = { HTTP: 'HTTP', HTTPS: 'HTTPS', GRPC: 'GRPC', GRPCS: 'GRPCS' };

const protocol: Reader = (value, draft) => {
  const known = protocols[value.toUpperCase()];
  if (known === undefined) return { refused: `must be HTTP, HTTPS, GRPC or GRPCS, and is "${value}"` };
  draft.protocol = known;
  return undefined;
};

const rewrite: Reader = (value, draft) => {
  if (!/^([/$][\w\-./$~%:@!&=+,;()]*)?$/.test(value)) return { refused: `must be a path, and is "${value}"` };
  if (/\$(?!\d)/.test(value)) return { refused: 'may have $1 to $9 in it, the groups of the path, and no other variables' };
  draft.rewriteTarget = value;
  return undefined;
};

const own: readonly (readonly [string, Reader])[] = [
  ['ssl-redirect', yesOrNo((draft, value) => (draft.redirectsToTls = value))],
  ['force-ssl-redirect', yesOrNo((draft, value) => (draft.forcesTls = value))],
  ['rewrite-target', rewrite],
  ['use-regex', yesOrNo((draft, value) => (draft.usesRegex = value))],
  ['app-root', location((draft, value) => (draft.appRoot = value))],
  [
    'proxy-body-size',
    size((draft, value) => {
      if (value > 0) draft.maxBodyBytes = value;
    }),
  ],
  ['client-body-buffer-size', noEffect('bodies are passed on as they come')],
  ['proxy-read-timeout', seconds((draft, value) => (draft.readTimeoutSeconds = value))],
  ['proxy-send-timeout', seconds((draft, value) => (draft.sendTimeoutSeconds = value))],
  ['proxy-connect-timeout', seconds((draft, value) => (draft.connectTimeoutSeconds = value))],
  ['proxy-buffering', noEffect('answers are passed on as they come')],
  ['proxy-request-buffering', noEffect('requests are passed on as they come')],
  ['proxy-buffer-size', noEffect('headers may have 15 KiB')],
  ['proxy-buffers-number', noEffect('answers are passed on as they come')],
  ['proxy-buffers-size', noEffect('answers are passed on as they come')],
  ['proxy-max-temp-file-size', noEffect('nothing is put into files')],
  ['proxy-http-version', mustBe('1.1', 'HTTP/1.1 is spoken to the pods; use backend-protocol: GRPC for HTTP/2')],
  ['proxy-next-upstream', noEffect('a request goes to another pod when the connection to the first fails')],
  ['proxy-next-upstream-tries', noEffect('a request is tried on up to four pods when connections fail')],
  ['proxy-next-upstream-timeout', noEffect('a request is tried on up to four pods when connections fail')],
  ['auth-type', oneOf(['basic'], (draft) => draft.raw.set('auth-type', 'basic'), '; no other is done here')],
  ['auth-secret', later('auth-secret', SECRET, 'the name of a Secret')],
  ['auth-secret-type', later('auth-secret-type', /^auth-(file|map)$/, 'auth-file or auth-map')],
  ['auth-realm', later('auth-realm', /^[\w\-.,:;()!?@/ ]+$/, 'letters, digits and blanks')],
  ['whitelist-source-range', networks((draft, value) => (draft.sources = value))],
  ['allowlist-source-range', networks((draft, value) => (draft.sources = value))],
  ['denylist-source-range', networks((draft, value) => (draft.deniedSources = value))],
  ['backend-protocol', protocol],
  ['enable-cors', later('enable-cors', /^(true|false)$/, '"true" or "false"')],
  ['cors-allow-origin', later('cors-allow-origin', /^[\w\-*,. :/[\]]+$/, 'origins with commas between')],
  ['cors-allow-methods', later('cors-allow-methods', /^[A-Za-z, *]+$/, 'methods with commas between')],
  ['cors-allow-headers', later('cors-allow-headers', HEADER, 'names of headers')],
  ['cors-expose-headers', later('cors-expose-headers', HEADER, 'names of headers')],
  ['cors-allow-credentials', later('cors-allow-credentials', /^(true|false)$/, '"true" or "false"')],
  ['cors-max-age', later('cors-max-age', /^\d{1,8}$/, 'a number of seconds')],
  ['permanent-redirect', location((draft, value) => draft.raw.set('permanent-redirect', value))],
  ['permanent-redirect-code', later('permanent-redirect-code', /^30[12378]$/, '301, 302, 303, 307 or 308')],
  ['temporal-redirect', location((draft, value) => draft.raw.set('temporal-redirect', value))],
  ['temporal-redirect-code', later('temporal-redirect-code', /^30[12378]$/, '301, 302, 303, 307 or 308')],
  ['affinity', oneOf(['cookie'], (draft) => draft.raw.set('affinity', 'cookie'))],
  ['affinity-mode', noEffect('a client stays with its pod as long as the pod is ready')],
  ['session-cookie-name', later('session-cookie-name', /^[\w-]+$/, 'letters, digits, - and _')],
  ['session-cookie-max-age', later('session-cookie-max-age', /^\d{1,9}$/, 'a number of seconds')],
  ['session-cookie-expires', later('session-cookie-max-age', /^\d{1,9}$/, 'a number of seconds')],
  ['session-cookie-path', later('session-cookie-path', /^\/[\w\-./~]*$/, 'a path')],
  ['session-cookie-samesite', later('session-cookie-samesite', /^(None|Lax|Strict)$/, 'None, Lax or Strict')],
  ['session-cookie-secure', later('session-cookie-secure', /^(true|false)$/, '"true" or "false"')],
  ['session-cookie-change-on-failure', noEffect('a client whose pod went gets another, and its cookie')],
  ['limit-rps', count((draft, value) => (draft.requestsPerSecond = value))],
  ['load-balance', mustBe('round_robin', HASHING)],
  ['service-upstream', mustBe('false', 'requests go to the pods directly, so that none is lost when one goes; take it out')],
  [
    'ssl-passthrough',
    mustBe('false', 'certificates are held by the Ingress; let the program have a Service of type LoadBalancer instead'),
  ],
  ['preserve-trailing-slash', noEffect('it keeps the path as it is')],
  ['enable-access-log', mustBe('false', 'there is no log of requests; let the program write one')],
  ...['configuration-snippet', 'server-snippet', 'auth-snippet', 'stream-snippet', 'modsecurity-snippet'].map(
    (name): [string, Reader] => [name, refused(SNIPPET)],
  ),
  ...['upstream-hash-by', 'upstream-hash-by-subset', 'upstream-hash-by-subset-size'].map((name): [string, Reader] => [
    name,
    refused(HASHING),
  ]),
  ...['canary', 'canary-weight', 'canary-weight-total', 'canary-by-header', 'canary-by-header-value', 'canary-by-cookie'].map(
    (name): [string, Reader] => [name, refused(CANARY)],
  ),
  ...['auth-url', 'auth-signin', 'auth-response-headers', 'auth-method', 'auth-proxy-set-headers', 'auth-cache-key'].map(
    (name): [string, Reader] => [name, refused(AUTH_URL)],
  ),
  ...['auth-tls-secret', 'auth-tls-verify-client', 'auth-tls-verify-depth', 'auth-tls-pass-certificate-to-upstream'].map(
    (name): [string, Reader] => [name, refused(`asks clients for certificates, which ${BEHIND}`)],
  ),
];

/** Readers by the full name of the annotation. */
export const nginxAnnotations: ReadonlyMap<string, Reader> = new Map(own.map(([name, reader]) => [PREFIX + name, reader]));

/** Turns values that make sense only together into settings, and tells what lacks its other half. */
export function joinedSettings(draft: SettingsDraft): readonly AnnotationFinding[] {
  const { raw } = draft;
  joinRedirect(draft);
  joinCors(draft);
  if (raw.get('affinity') === 'cookie') draft.affinity = affinityOf(raw);
  const realm = raw.get('auth-realm');
  if (realm !== undefined) draft.realm = realm;
  const secret = raw.get('auth-secret');
  if (raw.get('auth-type') === 'basic') {
    if (secret === undefined) return [missing('auth-type', 'needs auth-secret, the Secret with the users')];
    const [first = '', second] = secret.split('/');
    const reference = second === undefined ? { namespace: undefined, name: first } : { namespace: first, name: second };
    draft.auth = { secret: reference, isMap: raw.get('auth-secret-type') === 'auth-map' };
  } else if (secret !== undefined) return [missing('auth-secret', 'needs auth-type: basic')];
  return [];
}

function missing(name: string, message: string): AnnotationFinding {
  return { annotation: PREFIX + name, severity: 'error', message };
}

function joinRedirect(draft: SettingsDraft): void {
  for (const [name, code] of [
    ['permanent-redirect', 301],
    ['temporal-redirect', 302],
  ] as const) {
    const target = draft.raw.get(name);
    if (target !== undefined) draft.redirect = { location: target, code: Number(draft.raw.get(`${name}-code`) ?? code) };
  }
}

function joinCors(draft: SettingsDraft): void {
  const { raw } = draft;
  if (raw.get('enable-cors') !== 'true') return;
  draft.cors = {
    origins: (raw.get('cors-allow-origin') ?? '*').split(',').map((origin) => origin.trim()),
    methods: raw.get('cors-allow-methods') ?? 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
    headers:
      raw.get('cors-allow-headers') ??
      'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
    exposed: raw.get('cors-expose-headers'),
    hasCredentials: (raw.get('cors-allow-credentials') ?? 'true') === 'true',
    maxAgeSeconds: Number(raw.get('cors-max-age') ?? 1_728_000),
  };
}

function affinityOf(raw: ReadonlyMap<string, string>): AffinityCookie {
  const age = raw.get('session-cookie-max-age');
  const sameSite = raw.get('session-cookie-samesite');
  return {
    name: raw.get('session-cookie-name') ?? 'INGRESSCOOKIE',
    maxAgeSeconds: age === undefined ? undefined : Number(age),
    path: raw.get('session-cookie-path'),
    isSecure: raw.get('session-cookie-secure') === 'true',
    sameSite: sameSite === 'None' || sameSite === 'Lax' || sameSite === 'Strict' ? sameSite : undefined,
  };
}
