// One backend of the proxy as text: what is done with the requests of one Ingress to one port of a Service, and the pods that they go to.
import type { Cors, IngressSettings } from '../../model/ingress/settings.ts';
import type { Slot } from './slots.ts';
import { escapedRegex, plainFormat, quoted } from './words.ts';

/** What makes one backend other than another; backends that have the same are one. */
export interface BackendRules {
  readonly settings: IngressSettings;
  /** Whether requests without TLS are sent to TLS. */
  readonly redirectsToTls: boolean;
  /** What replaces the path, and the expression that takes it apart. */
  readonly rewrite?: { readonly pattern: string; readonly target: string };
  /** Requests to it are sent to the path of app-root. */
  readonly isAppRoot?: true;
  /** Nobody is let through: what the Ingress asks for cannot be done. */
  readonly isBroken?: true;
  /** Users and their hashes; absent when everybody may come in. */
  readonly users?: readonly (readonly [string, string])[];
  /** HTTP/2 without TLS, as the Service says. */
  readonly speaksH2?: true;
  /** The name of the DNS that an ExternalName Service stands for. */
  readonly external?: { readonly name: string; readonly port: number };
}

const LONGEST_TUNNEL_S = 3600;
const LIMIT_WINDOW_S = 5;

/** Everything but the servers. `httpsPort`: where requests are sent that need TLS. */
export function backendHead(name: string, rules: BackendRules, httpsPort: number): string {
  const { settings, users } = rules;
  const list =
    users === undefined
      ? []
      : [`userlist ${name}`, ...users.map(([user, hash]) => `  user ${quoted(user)} password ${quoted(hash)}`)];
  const lines = [
    ...timeouts(settings),
    ...redirects(rules, httpsPort),
    ...guards(name, rules),
    ...corsRules(settings.cors),
    ...bodyLimit(settings),
    ...rewriting(rules),
    ...cookie(name, settings),
  ];
  return [...list, `backend ${name}`, ...lines.map((line) => `  ${line}`), ''].join('\n');
}

function timeouts({
  readTimeoutSeconds: read,
  sendTimeoutSeconds: send,
  connectTimeoutSeconds: connect,
}: IngressSettings): string[] {
  const server = Math.max(read ?? 0, send ?? 0);
  return [
    ...(connect === undefined ? [] : [`timeout connect ${connect}s`]),
    ...(server === 0 ? [] : [`timeout server ${server}s`]),
    ...(server > LONGEST_TUNNEL_S ? [`timeout tunnel ${server}s`] : []),
  ];
}

function redirects({ settings, redirectsToTls, isAppRoot, isBroken }: BackendRules, httpsPort: number): string[] {
  const door = httpsPort === 443 ? '' : `:${httpsPort}`;
  const { redirect, appRoot = '/' } = settings;
  const to = (location: string): string => quoted(plainFormat(location).replaceAll('$request_uri', '%[pathq]'));
  return [
    ...(isBroken === true ? ['http-request return status 503 default-errorfiles'] : []),
    ...(redirectsToTls
      ? [`http-request redirect prefix https://%[var(txn.host),field(1,:),lower,rtrim(.)]${door} code 308 if !{ ssl_fc }`]
      : []),
    ...(isAppRoot === true ? [`http-request redirect location ${to(appRoot)} code 302`] : []),
    ...(redirect === undefined ? [] : [`http-request redirect location ${to(redirect.location)} code ${redirect.code}`]),
  ];
}

function guards(name: string, { settings, users }: BackendRules): string[] {
  const { sources, deniedSources, requestsPerSecond: perSecond, realm } = settings;
  const isPreflight = settings.cors === undefined ? '' : ' !METH_OPTIONS';
  return [
    ...(sources === undefined ? [] : [`http-request deny deny_status 403 unless { src ${sources.join(' ')} }`]),
    ...(deniedSources === undefined ? [] : [`http-request deny deny_status 403 if { src ${deniedSources.join(' ')} }`]),
    ...(perSecond === undefined
      ? []
      : [
          `stick-table type ipv6 size 100k expire ${2 * LIMIT_WINDOW_S}s store http_req_rate(${LIMIT_WINDOW_S}s)`,
          'http-request track-sc0 src',
          `http-request deny deny_status 503 if { sc0_http_req_rate gt ${perSecond * LIMIT_WINDOW_S} }`,
        ]),
    ...(users === undefined ? [] : [`http-request auth realm ${quoted(realm)} if !{ http_auth(${name}) }${isPreflight}`]),
  ];
}

function corsRules(cors: Cors | undefined): string[] {
  if (cors === undefined) return [];
  const isAny = cors.origins.includes('*');
  const pattern = cors.origins.map((origin) => escapedRegex(origin).replaceAll('\\*', '[^./]+')).join('|');
  const known = '{ var(txn.origin) -m found }';
  const always: [string, string][] = [
    ['Access-Control-Allow-Origin', '%[var(txn.origin)]'],
    ...(cors.hasCredentials ? [['Access-Control-Allow-Credentials', 'true'] as [string, string]] : []),
    ...(cors.exposed === undefined ? [] : [['Access-Control-Expose-Headers', plainFormat(cors.exposed)] as [string, string]]),
  ];
  const preflight: [string, string][] = [
    ...always,
    ['Access-Control-Allow-Methods', cors.methods],
    ['Access-Control-Allow-Headers', plainFormat(cors.headers)],
    ['Access-Control-Max-Age', String(cors.maxAgeSeconds)],
  ];
  return [
    isAny
      ? 'http-request set-var(txn.origin) str(*)'
      : `http-request set-var(txn.origin) req.hdr(Origin) if { req.hdr(Origin) -m reg ${quoted(`^(?:${pattern})$`)} }`,
    `http-request return status 204 ${preflight.map(([header, value]) => `hdr ${header} ${quoted(value)}`).join(' ')} if METH_OPTIONS ${known}`,
    ...always.map(([header, value]) => `http-response set-header ${header} ${quoted(value)} if ${known}`),
  ];
}

/** The length is known from its header; what comes in chunks is let through. */
function bodyLimit({ maxBodyBytes }: IngressSettings): string[] {
  return maxBodyBytes === undefined ? [] : [`http-request deny deny_status 413 if { req.body_size gt ${maxBodyBytes} }`];
}

/** A path that is written otherwise than the rule, and means the same, is written as it is meant before. */
function rewriting({ rewrite }: BackendRules): string[] {
  if (rewrite === undefined) return [];
  const target = plainFormat(rewrite.target).replace(/\$(\d)/g, '\\$1');
  return [
    `http-request set-path ${quoted('%[var(txn.path),url_enc,regsub(%2F,/,g)]')} if { var(txn.path) -m found } !{ path -m reg ${quoted(rewrite.pattern)} }`,
    `http-request replace-path ${quoted(rewrite.pattern)} ${quoted(target)}`,
  ];
}

function cookie(name: string, { affinity }: IngressSettings): string[] {
  if (affinity === undefined) return [];
  const { name: cookieName, maxAgeSeconds, path, isSecure, sameSite } = affinity;
  const attributes = [
    ...(maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
    ...(sameSite === undefined ? [] : [`SameSite=${sameSite}`]),
    ...(path === undefined ? [] : [`Path=${path}`]),
  ];
  const words = attributes.map((attribute) => ` attr ${quoted(attribute)}`).join('');
  return [
    `cookie ${cookieName} insert indirect nocache dynamic httponly${isSecure ? ' secure' : ''}${words}`,
    `dynamic-cookie-key ${name}`,
  ];
}

/** What each server line ends with: how the pods are spoken to. */
export function serverOptions({ settings: { protocol }, speaksH2 }: BackendRules): string {
  if (protocol === 'GRPC') return ' proto h2';
  if (protocol === 'GRPCS') return ' ssl verify none alpn h2 proto h2';
  if (protocol === 'HTTPS') return ' ssl verify none';
  return speaksH2 === true ? ' proto h2' : '';
}

/** The lines of the servers, with their addresses as they are now, so that a start needs nobody to tell them. */
export function serverLines(slots: readonly Slot[], rules: BackendRules): string {
  const { external } = rules;
  const options = serverOptions(rules);
  if (external !== undefined)
    return `  server s1 ${external.name}:${external.port} resolvers cluster resolve-prefer ipv4 init-addr none${options}\n`;
  return slots.map((slot, index) => `  server ${serverName(index)} ${place(slot)}${options}${word(slot)}\n`).join('');
}

/** The name of the server in a place. */
export function serverName(index: number): string {
  return `s${index + 1}`;
}

function place({ address, port }: Slot): string {
  return address === '' ? '0.0.0.0:80' : `${address}:${port}`;
}

function word({ state }: Slot): string {
  if (state === 'ready') return '';
  return state === 'drain' ? ' weight 0' : ' disabled';
}
