// The chains that lead to the endpoints of one Service port: one for all of them, or, where clients stay with theirs, one and a set of clients
// for each.
import type { Backend } from './backends.ts';
import { targetOf } from './backends.ts';

/** Clients that one endpoint may remember: what a set takes when nothing is said. */
const MAX_CLIENTS = 65536;

/** Whether clients stay with their endpoint, and for how long after their last connection. */
export interface Affinity {
  readonly timeoutSeconds: number;
}

/** One port of a Service, as its rules are written. */
export interface PortRules {
  /** `shop/web/tcp/80`, unique in the cluster. */
  readonly base: string;
  readonly protocol: string;
  readonly affinity?: Affinity;
}

/**
 * Rules of a chain that sends new connections to one of the endpoints; they are not empty. The last one looks nothing up: a packet that is on its
 * way through the chain in the moment in which the kernel replaces it finds the map of the old rule empty, and would lead nowhere.
 */
export function balanceRules(port: PortRules, backends: readonly Backend[]): readonly string[] {
  const { protocol, affinity } = port;
  if (affinity !== undefined) return stickyRules(port, backends);
  const plain = backends.slice(0, 1).map((backend) => translateRule(protocol, backend));
  if (backends.length === 1) return plain;
  const slots = backends.map(({ address, port: number }, slot) => `${slot} : ${address} . ${number}`);
  return [
    `meta l4proto ${protocol} dnat ip addr . port to numgen random mod ${backends.length} map { ${slots.join(', ')} }`,
    ...plain,
  ];
}

/** The chains of the single endpoints, which remember the client. */
export function endpointChains(port: PortRules, backends: readonly Backend[]): readonly (readonly [string, readonly string[]])[] {
  if (port.affinity === undefined) return [];
  return backends.map((backend) => [
    endpointChain(port, backend),
    [`update @${clientSet(port, backend)} { ip saddr }`, translateRule(port.protocol, backend)],
  ]);
}

/** The sets of clients. They end with their endpoint, so that a client is never sent to one that is gone. */
export function clientSets(port: PortRules, backends: readonly Backend[]): readonly (readonly [string, string])[] {
  const { affinity } = port;
  if (affinity === undefined) return [];
  const body = `type ipv4_addr; size ${MAX_CLIENTS}; flags dynamic,timeout; timeout ${affinity.timeoutSeconds}s;`;
  return backends.map((backend) => [clientSet(port, backend), body]);
}

function stickyRules(port: PortRules, backends: readonly Backend[]): readonly string[] {
  const chains = backends.map((backend) => endpointChain(port, backend));
  const known = backends.map((backend, slot) => `ip saddr @${clientSet(port, backend)} goto ${chains[slot]}`);
  const plain = `goto ${chains[0]}`;
  if (chains.length === 1) return [plain];
  const slots = chains.map((chain, slot) => `${slot} : goto ${chain}`);
  return [...known, `numgen random mod ${chains.length} vmap { ${slots.join(', ')} }`, plain];
}

function translateRule(protocol: string, { address, port }: Backend): string {
  return `meta l4proto ${protocol} dnat to ${address}:${port}`;
}

function endpointChain({ base }: PortRules, backend: Backend): string {
  return `endpoint/${base}/${targetOf(backend)}`;
}

function clientSet({ base }: PortRules, backend: Backend): string {
  return `affinity/${base}/${targetOf(backend)}`;
}
