// The configuration of a node's name server (BIND 9.18, named.conf(5)). Pure.
import type { NodeNetwork } from '../node-network.ts';
import { zonesOf } from './zones.ts';

/** The key for updates and for rndc; its secret is made in the container and lies in the file `key`. */
export const KEY_NAME = 'holdfast';
export const CONTROL_PORT = 953;

/** Answers from outside are kept no longer, as with CoreDNS' `cache 30`; that there is no such name, for less: it may just come to be. */
const MAX_CACHE_TTL_S = 30;
const MAX_NEGATIVE_TTL_S = 5;
const MAX_CACHE_SIZE = '16m';
/** Questions on their way to the resolvers of the host; answers about the cluster need none of them. The oldest give way. */
const MAX_RECURSIVE_CLIENTS = 1000;
const MAX_TCP_CLIENTS = 1000;
const TCP_BACKLOG = 128;
/** In tenths of a second: a client that sends nothing does not keep its connection for long. */
const TCP_INITIAL_TIMEOUT = 50;
const TCP_IDLE_TIMEOUT = 100;
const MAX_JOURNAL_SIZE = '1m';
/** A headless Service may have more endpoints than the hundred records that BIND has for a name by itself. */
const ZONE_OPTIONS = `max-records-per-type 0; update-policy { grant "${KEY_NAME}" zonesub any; };`;

/**
 * named.conf for a node: answers at the DNS address alone, and only pods and the host itself. What depends on the host's resolvers is in the
 * file `forwarders` (see forwardersConf), the secret in `key`, the zones in `ZONE.zone`, all in the directory.
 */
export function namedConf(node: NodeNetwork, directory: string): string {
  const { dnsAddress, serviceRange, clusterRange } = node;
  const zones = zonesOf(node).map((zone) => `zone "${zone}" { type primary; file "${zone}.zone"; ${ZONE_OPTIONS} };`);
  return `include "${directory}/key";
acl clients { localhost; ${clusterRange}; ${serviceRange}; };
controls { inet ${dnsAddress} port ${CONTROL_PORT} allow { ${dnsAddress}; } keys { "${KEY_NAME}"; }; };
options {
  directory "${directory}";
  pid-file none; lock-file none; session-keyfile none;
  listen-on { ${dnsAddress}; }; listen-on-v6 { none; };
  allow-query { clients; }; allow-query-cache { clients; }; allow-recursion { clients; };
  allow-transfer { none; }; notify no;
  include "${directory}/forwarders";
  dnssec-validation no; trust-anchor-telemetry no; qname-minimization off;
  empty-zones-enable no; minimal-responses yes;
  max-cache-ttl ${MAX_CACHE_TTL_S}; max-ncache-ttl ${MAX_NEGATIVE_TTL_S}; max-cache-size ${MAX_CACHE_SIZE};
  recursive-clients ${MAX_RECURSIVE_CLIENTS};
  tcp-clients ${MAX_TCP_CLIENTS}; tcp-listen-queue ${TCP_BACKLOG};
  tcp-initial-timeout ${TCP_INITIAL_TIMEOUT}; tcp-idle-timeout ${TCP_IDLE_TIMEOUT};
  max-journal-size ${MAX_JOURNAL_SIZE};
  check-names primary ignore; check-integrity no;
  version none; hostname none; server-id none;
};
logging {
  channel words { stderr; severity warning; print-category yes; };
  category default { words; };
  category lame-servers { null; }; category query-errors { null; }; category resolver { null; };
};
${zones.join('\n')}
`;
}

/**
 * The options that depend on the host's resolvers: everything else is asked from them. Without any, names outside of the cluster are refused,
 * which a client hears at once; to ask the root servers would tell the names of a closed network to the world.
 */
export function forwardersConf(upstreams: readonly string[]): string {
  if (upstreams.length === 0) return 'recursion no;\n';
  return `recursion yes; forward only; forwarders { ${upstreams.join('; ')}; };\n`;
}

/** The configuration of rndc(8). */
export function rndcConf({ dnsAddress }: NodeNetwork, directory: string): string {
  return `include "${directory}/key";
options { default-server ${dnsAddress}; default-port ${CONTROL_PORT}; default-key "${KEY_NAME}"; };
`;
}
