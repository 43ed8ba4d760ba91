// Gives Services their virtual addresses and their ports of the nodes (Kubernetes, "IP address ranges for Services" and "Avoiding
// collisions in assigning ports"; pkg/registry/core/service/storage/alloc.go). The choice follows from the name of the Service and from what is
// taken, so that a dry run says what will be, and a Service that comes back tends to get what it had. Pure.
import type { IPAddress, Service, ServicePort, ServiceSpec } from '../generated.ts';
import { hashOf } from '../hash.ts';
import { contains, formatAddress, formatRange, parseAddress, type Range, sizeOf } from '../ipv4.ts';
import { RECOVERED_ANNOTATION } from '../resource.ts';
import { clusterAddressOf, NODE_PORTS, needsClusterAddress, needsNodePorts, nodePortsOf } from '../service.ts';
import { holderNameOf, holderOf, keptAddressesOf, portKeyOf, recordedNodePorts, usableAddressesOf } from '../service-address.ts';

/** What is there: the range, the Services that are, and the records of addresses. */
export interface AllocationFacts {
  readonly range: Range;
  readonly services: Iterable<Service>;
  readonly records: Iterable<IPAddress>;
}

/** Why a Service cannot have what it asks for. */
export interface AllocationFault {
  /** The field that asks. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** `namespace/name` of the Service that has it. */
  readonly holder?: string;
}

export type AllocationResult<S> =
  | { readonly ok: true; readonly service: S }
  | { readonly ok: false; readonly fault: AllocationFault };

/** Numbers from `first` to `last`, of which those below `dynamicFirst` are given only when the others are taken. */
interface Pool {
  readonly first: number;
  readonly dynamicFirst: number;
  readonly last: number;
}

/** Who has a number. */
interface Holding {
  readonly holder: string;
  /** Nobody has it yet: it is kept for the Service that had it before the store was lost. */
  readonly isKept?: true;
}

const NODE_PORT_POOL: Pool = poolOf(NODE_PORTS, NODE_PORTS.last - NODE_PORTS.first + 1, { step: 32, most: 128 });

/** Knows what is taken and gives what is free. Who asks for something certain is to be heard before those who take what is left. */
export class ServiceAllocator {
  readonly #range: Range;
  readonly #addresses = new Map<number, Holding>();
  readonly #nodePorts = new Map<number, Holding>();
  /** What is recorded of a holder: its address and its node ports by `protocol/port`. */
  readonly #recorded = new Map<string, { readonly address: number; readonly nodePorts: ReadonlyMap<string, number> }>();

  constructor({ range, services, records }: AllocationFacts) {
    this.#range = range;
    const holders = new Set<string>();
    for (const service of services) {
      holders.add(holderNameOf(service));
      this.#take(service);
    }
    for (const record of records) this.#recall(record, holders);
  }

  /** Lets go of all that a Service has, because it goes or is about to ask anew. */
  release(service: Service): void {
    const holder = holderNameOf(service);
    for (const taken of [this.#addresses, this.#nodePorts])
      for (const [number, holding] of taken) if (holding.holder === holder) taken.delete(number);
  }

  /** Takes what a Service asks for by number; takes nothing when something of it cannot be had. */
  claim(service: Service): AllocationFault | undefined {
    const fault = this.#addressFault(service) ?? this.#nodePortFault(service);
    if (fault === undefined) this.#take(service);
    return fault;
  }

  /** The Service with everything that it leaves open filled in; what it asks for by number must have been claimed. */
  complete<S extends Service>(service: S): AllocationResult<S> {
    const { spec } = service;
    const isOpen = needsClusterAddress(spec) && clusterAddressOf(service) === undefined;
    const address = isOpen ? this.#chooseAddress(service) : undefined;
    if (isOpen && address === undefined)
      return failed(['spec', 'clusterIP'], `no address is left in the range ${formatRange(this.#range)} of the cluster`);
    const addressed = address === undefined ? {} : { clusterIP: address, clusterIPs: [address] };
    if (!needsNodePorts(spec) || (spec.ports ?? []).every(({ nodePort = 0 }) => nodePort !== 0))
      return { ok: true, service: address === undefined ? service : { ...service, spec: { ...spec, ...addressed } } };
    const ports = this.#chooseNodePorts(service);
    if (ports === undefined)
      return failed(['spec', 'ports'], `no port is left in the range ${NODE_PORTS.first}-${NODE_PORTS.last} of the node ports`);
    return { ok: true, service: { ...service, spec: { ...spec, ...addressed, ports } } };
  }

  #take(service: Service): void {
    const holder = holderNameOf(service);
    const address = parseAddress(clusterAddressOf(service) ?? '');
    if (address !== undefined) this.#addresses.set(address, { holder });
    for (const port of nodePortsOf(service)) this.#nodePorts.set(port, { holder });
  }

  /** A record of a Service that is there says nothing new; another one is what that Service had, and kept when it is to come back. */
  #recall(record: IPAddress, holders: ReadonlySet<string>): void {
    const [holder, address] = [holderOf(record), parseAddress(record.metadata.name ?? '')];
    if (holder === undefined || address === undefined || holders.has(holder)) return;
    const nodePorts = recordedNodePorts(record);
    if (!this.#recorded.has(holder)) this.#recorded.set(holder, { address, nodePorts });
    if (record.metadata.annotations?.[RECOVERED_ANNOTATION] === undefined) return;
    const kept: Holding = { holder, isKept: true };
    if (!this.#addresses.has(address)) this.#addresses.set(address, kept);
    for (const port of nodePorts.values()) if (!this.#nodePorts.has(port)) this.#nodePorts.set(port, kept);
  }

  #isFree(taken: ReadonlyMap<number, Holding>, number: number, holder: string): boolean {
    const holding = taken.get(number);
    return holding === undefined || (holding.holder === holder && holding.isKept === true);
  }

  #addressFault(service: Service): AllocationFault | undefined {
    const text = clusterAddressOf(service);
    if (text === undefined) return undefined;
    const address = parseAddress(text);
    const { first, last } = usableAddressesOf(this.#range);
    const fail = (why: string): AllocationFault => ({
      path: ['spec', 'clusterIP'],
      message: `address ${text} cannot be had: ${why}; leave clusterIP out to be given a free one`,
    });
    if (address === undefined || !contains(this.#range, address) || address < first || address > last)
      return fail(`it is not in the valid range ${formatRange(this.#range)}`);
    const kept = keptAddressesOf(this.#range).get(address);
    if (kept !== undefined) return fail(kept);
    const holding = this.#addresses.get(address);
    if (holding === undefined || holding.holder === holderNameOf(service)) return undefined;
    return { ...fail(takenBy(holding)), holder: holding.holder };
  }

  #nodePortFault(service: Service): AllocationFault | undefined {
    const holder = holderNameOf(service);
    for (const [index, { nodePort = 0 }] of (service.spec.ports ?? []).entries()) {
      const holding = nodePort === 0 ? undefined : this.#nodePorts.get(nodePort);
      if (holding === undefined || holding.holder === holder) continue;
      const message = `node port ${nodePort} cannot be had: ${takenBy(holding)}; leave nodePort out to be given a free one`;
      return { path: ['spec', 'ports', index, 'nodePort'], message, holder: holding.holder };
    }
    return undefined;
  }

  #chooseAddress(service: Service): string | undefined {
    const holder = holderNameOf(service);
    const kept = keptAddressesOf(this.#range);
    const usable = usableAddressesOf(this.#range);
    const pool = poolOf(usable, sizeOf(this.#range), { step: 16, most: 256 });
    const isFree = (address: number): boolean => !kept.has(address) && this.#isFree(this.#addresses, address, holder);
    const before = this.#recorded.get(holder)?.address;
    const isUsable = before !== undefined && before >= usable.first && before <= usable.last && isFree(before);
    const address = isUsable ? before : firstFree(pool, holder, isFree);
    if (address === undefined) return undefined;
    this.#addresses.set(address, { holder });
    return formatAddress(address);
  }

  /** One number of the Service with two protocols gets one port of the nodes, as DNS has it (Kubernetes, initNodePorts). */
  #chooseNodePorts(service: Service): ServicePort[] | undefined {
    const { ports = [] } = service.spec;
    const holder = holderNameOf(service);
    const isFree = (port: number): boolean => this.#isFree(this.#nodePorts, port, holder);
    const byNumber = new Map<number, Map<number, string>>();
    const has = (port: ServicePort, nodePort: number): void => {
      const protocols = byNumber.get(port.port) ?? new Map<number, string>();
      byNumber.set(port.port, protocols.set(nodePort, port.protocol ?? 'TCP'));
    };
    for (const port of ports) if ((port.nodePort ?? 0) !== 0) has(port, port.nodePort ?? 0);
    const chosen: ServicePort[] = [];
    for (const port of ports) {
      if ((port.nodePort ?? 0) !== 0) {
        chosen.push(port);
        continue;
      }
      const key = portKeyOf(port);
      const [shared] = [...(byNumber.get(port.port) ?? [])].find(([, protocol]) => protocol !== (port.protocol ?? 'TCP')) ?? [];
      const before = this.#recorded.get(holder)?.nodePorts.get(key);
      const again = before !== undefined && isFree(before) ? before : undefined;
      const nodePort = shared ?? again ?? firstFree(NODE_PORT_POOL, `${holder} ${key}`, isFree);
      if (nodePort === undefined) return undefined;
      this.#nodePorts.set(nodePort, { holder });
      has(port, nodePort);
      chosen.push({ ...port, nodePort });
    }
    return chosen;
  }
}

/**
 * The spec of a manifest with what the Service was given before, as far as it still needs it and asks for nothing else (Kubernetes,
 * patchAllocatedValues). A Service that had no virtual address keeps none.
 */
export function withAllocated(next: ServiceSpec, live: ServiceSpec): ServiceSpec {
  const isAddressed = needsClusterAddress(next) && needsClusterAddress(live) && (live.clusterIP ?? '') !== '';
  const address =
    isAddressed && (next.clusterIP ?? '') === ''
      ? { clusterIP: live.clusterIP ?? '', clusterIPs: [...(live.clusterIPs ?? [live.clusterIP ?? ''])] }
      : {};
  if (!needsNodePorts(next) || !needsNodePorts(live)) return { ...next, ...address };
  const before = new Map((live.ports ?? []).map(({ name = '', nodePort = 0 }) => [name, nodePort]));
  const had = new Set(before.values());
  const used = new Set((next.ports ?? []).flatMap(({ nodePort = 0 }) => (had.has(nodePort) ? [nodePort] : [])));
  const ports = (next.ports ?? []).map((port) => {
    const nodePort = before.get(port.name ?? '') ?? 0;
    if ((port.nodePort ?? 0) !== 0 || nodePort === 0 || used.has(nodePort)) return port;
    used.add(nodePort);
    return { ...port, nodePort };
  });
  return { ...next, ...address, ...(ports.length === 0 ? {} : { ports }) };
}

/** A sixteenth of the addresses, a thirty-second of the ports, and at least sixteen, are given last: they are for those who ask. */
function poolOf(
  { first, last }: { readonly first: number; readonly last: number },
  size: number,
  { step, most }: { readonly step: number; readonly most: number },
): Pool {
  const least = 16;
  const band = size < least ? 0 : Math.min(Math.max(Math.floor(size / step), least), most);
  return { first, dynamicFirst: Math.min(first + band, last + 1), last };
}

/** The first free number from where the name points to, round the upper part, then through the lower one. */
function firstFree({ first, dynamicFirst, last }: Pool, name: string, isFree: (number: number) => boolean): number | undefined {
  const seed = Number.parseInt(hashOf(name, 8), 16);
  for (const [from, to] of [
    [dynamicFirst, last],
    [first, dynamicFirst - 1],
  ] as const) {
    const count = to - from + 1;
    for (let step = 0; step < count; step++) {
      const number = from + ((seed + step) % count);
      if (isFree(number)) return number;
    }
  }
  return undefined;
}

function takenBy({ holder, isKept }: Holding): string {
  const [namespace = '', name = ''] = holder.split('/');
  const service = `service/${name}${namespace === 'default' ? '' : ` in ${namespace}`}`;
  return isKept === true ? `it is kept for ${service}, which had it before` : `it is in use by ${service}`;
}

function failed(path: readonly (string | number)[], message: string): { ok: false; fault: AllocationFault } {
  return { ok: false, fault: { path, message } };
}
