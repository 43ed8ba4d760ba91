// The proxy's configuration apart from the backends: what holds for all requests, the two doors, and how a request finds its backend
// (HAProxy Configuration Manual, version 2.6). Every request pays for every line of a door: what can be known before is written as it is, and
// what few requests need comes after most have left.
import type { NodeNetwork } from '../node-network.ts';
import { ROUTING_ACLS, type Routing } from './routing.ts';

/** What the frame of a configuration depends on. */
export interface FrameParts {
  readonly node: Pick<NodeNetwork, 'dnsAddress' | 'ingress'>;
  /** Where the sockets are. */
  readonly directory: string;
  readonly routing: Routing;
  /** The backend for what no route takes; NOT_FOUND when there is none. */
  readonly defaultBackend: string;
  /** The longest that a pod may take to answer. */
  readonly longestTimeoutSeconds: number;
  /** Whether names of the DNS have to be resolved. */
  readonly resolvesNames: boolean;
}

/** The backend that answers 404. */
export const NOT_FOUND = 'not-found';
export const DEFAULT_PORTS = { httpPort: 80, httpsPort: 443 } as const;
/** Set in the proxy's environment where the host has IPv6. */
export const IPV6_VARIABLE = 'HOLDFAST_IPV6';
const CLIENT_TIMEOUT_S = 60;

/** The text of haproxy.cfg. */
export function frameText(parts: FrameParts): string {
  const { directory, node, resolvesNames } = parts;
  const { httpPort, httpsPort } = node.ingress ?? DEFAULT_PORTS;
  return [
    '# Written by Holdfast: changes are lost.',
    section('global', globalLines(directory)),
    section('defaults', defaultsLines(Math.max(CLIENT_TIMEOUT_S, parts.longestTimeoutSeconds))),
    ...(resolvesNames ? [section('resolvers cluster', resolverLines(node.dnsAddress))] : []),
    section('frontend http', [...bindLines(httpPort, ''), ...frontendLines(parts, httpPort, 'http')]),
    section('frontend https', [
      ...bindLines(httpsPort, ' ssl crt-list certificates.list alpn h2,http/1.1'),
      ...frontendLines(parts, httpsPort, 'https'),
    ]),
    section(`backend ${NOT_FOUND}`, [
      'http-request return status 404 content-type "text/plain; charset=utf-8" string "No Ingress has a rule for this host and path.\\n"',
    ]),
  ].join('\n');
}

/** The other family where the host has it, as a socket of its own: clients of IPv4 keep their addresses as they are written. */
function bindLines(port: number, options: string): readonly string[] {
  return [`bind *:${port}${options}`, `.if defined(${IPV6_VARIABLE})`, `bind :::${port} v6only${options}`, '.endif'];
}

function section(name: string, lines: readonly string[]): string {
  return `${name}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function globalLines(directory: string): readonly string[] {
  return [
    // Maps and certificates lie beside the configuration, so that it is the same text wherever it lies.
    'default-path config',
    `stats socket ${directory}/admin.sock mode 600 level admin expose-fd listeners`,
    'stats timeout 30s',
    // Old processes end with their last connection; WebSockets get this long after a reload.
    'hard-stop-after 1h',
    'mworker-max-reloads 10',
    // Engines that set no limit of open files would have room made for millions.
    'fd-hard-limit 65536',
    'ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets',
    'ssl-default-bind-ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305',
  ];
}

function defaultsLines(clientSeconds: number): readonly string[] {
  return [
    'mode http',
    // A pod that just went costs a request nothing: it goes to another one.
    'retries 3',
    'option redispatch 1',
    'retry-on conn-failure empty-response',
    // A client that has a connection open during a reload is told to close it with its next answer, not in the middle of a request.
    'option idle-close-on-response',
    'http-reuse safe',
    'default-server pool-purge-delay 2s',
    'timeout connect 5s',
    `timeout client ${clientSeconds}s`,
    'timeout client-fin 30s',
    'timeout http-request 30s',
    'timeout http-keep-alive 75s',
    'timeout server 60s',
    'timeout tunnel 1h',
    'http-error status 503 content-type "text/plain; charset=utf-8" string "No pod is ready to answer.\\n"',
  ];
}

function resolverLines(address: string): readonly string[] {
  return [
    `nameserver dns ${address}:53`,
    'accepted_payload_size 4096',
    'hold valid 5s',
    'hold nx 5s',
    'hold other 30s',
    'timeout retry 1s',
  ];
}

function frontendLines({ routing, defaultBackend }: FrameParts, port: number, scheme: 'http' | 'https'): readonly string[] {
  return [
    ...ROUTING_ACLS,
    // An address is put into words once for a connection.
    "tcp-request session set-var(sess.ip) 'src,lower'",
    // Only what may be done twice is tried again once it was sent (RFC 9110, section 9.2.2).
    'http-request disable-l7-retry unless { method GET HEAD OPTIONS PUT DELETE TRACE }',
    // The same one that `base` begins with.
    'http-request set-var(txn.host) req.fhdr(host,1)',
    'http-request del-header Proxy',
    'http-request set-header X-Forwarded-For %[var(sess.ip)]',
    'http-request set-header X-Real-IP %[var(sess.ip)]',
    'http-request set-header X-Forwarded-Host %[var(txn.host)]',
    `http-request set-header X-Forwarded-Port ${port}`,
    `http-request set-header X-Forwarded-Proto ${scheme}`,
    `http-request set-header X-Forwarded-Scheme ${scheme}`,
    ...routing.ordinary,
    // Answers that prove to an ACME server that the hosts are ours (RFC 8555, section 8.3).
    'http-request return status 200 content-type text/plain lf-string %[path,map_str(maps/acme.map)] if { path -m beg /.well-known/acme-challenge/ } { path,map_str(maps/acme.map) -m found }',
    // What is compared is what a program makes of the path, so that no other spelling gets round a rule. Expressions are slow, and few need them.
    "http-request set-var(txn.path) 'path,url_dec'",
    "http-request set-var(txn.path) 'var(txn.path),regsub(/+,/,g)' if { var(txn.path) -m sub // }",
    "http-request deny deny_status 400 if { var(txn.path) -m sub /. } { var(txn.path) -m reg '/[.][.]?(/|$)' }",
    "http-request set-var(txn.host) 'var(txn.host),field(1,:),lower,rtrim(.)'",
    ...routing.others,
    // Words that are no backends lead to the default one.
    'use_backend %[var(txn.route)]',
    `default_backend ${defaultBackend}`,
  ];
}
