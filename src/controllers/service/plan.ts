// Which addresses a Service of type LoadBalancer has: those of the nodes, or one of a declared pool, unless another one serves the same
// port there (Kubernetes, "Service": type LoadBalancer). Pure.
import type { Action } from '../../model/action.ts';
import { type DeclaredPools, freeAddress, isInPools, POOLS_CONFIG_MAP } from '../../model/address-pools.ts';
import type { Announcer } from '../../model/announcement.ts';
import { findCondition, withCondition } from '../../model/conditions.ts';
import { type Door, isOlder } from '../../model/ingress/doors.ts';
import { parseAddress } from '../../model/ipv4.ts';
import {
  displayKey,
  keyOf,
  keyString,
  type LoadBalancerIngress,
  type ServiceStatus,
  type StoredOf,
} from '../../model/resource.ts';
import { isBalanced } from '../../model/service.ts';
import type { Plan } from '../../runtime/controller.ts';
import { isSameData } from '../../store/frozen.ts';
import { planAnnounced, withoutAnnounced } from './announced.ts';

type Service = StoredOf<'Service'>;

/** False, with the reason, while a load balancer has no address. */
const BALANCED = 'LoadBalancerReady';
/** Addresses that are asked for, with commas: MetalLB's older and newer word. */
const ADDRESS_ANNOTATIONS = ['metallb.universe.tf/loadBalancerIPs', 'metallb.io/loadBalancerIPs'] as const;
/** The pool that is asked for. */
const POOL_ANNOTATIONS = ['metallb.universe.tf/address-pool', 'metallb.io/address-pool'] as const;

/** What is known around a load balancer. */
export interface BalancerObserved {
  /** Addresses of the nodes that lead to it. */
  readonly nodeAddresses: readonly string[];
  readonly declared: DeclaredPools;
  /** All other Services that get their addresses here. */
  readonly others: readonly Service[];
  /** What it had before the store was lost. */
  readonly before: readonly string[];
  /** What others had then, and may not have again yet. */
  readonly reserved: readonly string[];
  /** The ports of the nodes that Ingresses have, and the one that has had them the longest; undefined when they are free. */
  readonly doors: readonly Door[];
  readonly firstIngress: StoredOf<'Ingress'> | undefined;
  /** Who answers for those of its addresses that a node shall answer for. */
  readonly announcers: ReadonlyMap<string, Announcer>;
}

/** What comes of a wish for addresses. */
type Outcome =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly reason: 'AllocationFailed' | 'PortConflict' | 'NoNodes'; readonly message: string };

/** The status that a Service is to have, and what is told of it. A load balancer of another class is left alone. */
export function planBalancer(service: Service, observed: BalancerObserved, now: number): Plan<'Service'> {
  if (service.metadata.deletionTimestamp !== undefined) return { actions: [] };
  if (!isBalanced(service)) return service.spec.type === 'LoadBalancer' ? { actions: [] } : withoutBalancer(service);
  const outcome = outcomeFor(service, observed);
  const had = service.status?.loadBalancer?.ingress ?? [];
  const old = findCondition(service.status?.conditions, BALANCED);
  if (!outcome.ok) {
    const { reason, message } = outcome;
    const next = { type: BALANCED, status: 'False', reason, message, observedGeneration: service.metadata.generation } as const;
    const conditions = withCondition(withoutAnnounced(service.status?.conditions), next, now);
    const isNews = old?.message !== message && reason !== 'NoNodes';
    const told = `Error syncing load balancer: failed to ensure load balancer: ${message}`;
    return {
      actions: isNews ? [report('Warning', 'SyncLoadBalancerFailed', told)] : [],
      status: { ...service.status, loadBalancer: {}, conditions },
    };
  }
  const ingress = outcome.addresses.map(ingressOf);
  const status = { ...withoutCondition(service.status), loadBalancer: { ingress } };
  if (isSameData(had, ingress)) return planAnnounced(status, observed.announcers, now);
  const actions = [
    report('Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer'),
    report('Normal', 'EnsuredLoadBalancer', 'Ensured load balancer'),
  ];
  // Who answers for it is for the next pass, which sees that it has the address.
  return { actions, status };
}

function report(severity: 'Normal' | 'Warning', reason: string, message: string): Action {
  return { type: 'report', severity, reason, message };
}

/** Packets arrive with the balancer's own address; a node that is known by a name only is reached by that. */
function ingressOf(address: string): LoadBalancerIngress {
  const isName = parseAddress(address) === undefined && !address.includes(':');
  return isName ? { hostname: address } : { ip: address, ipMode: 'VIP' };
}

function withoutCondition(status: ServiceStatus | undefined): ServiceStatus {
  const { conditions, ...others } = status ?? {};
  const kept = (conditions ?? []).filter(({ type }) => type !== BALANCED);
  return kept.length === 0 ? others : { ...others, conditions: kept };
}

/** It was a load balancer once. */
function withoutBalancer({ status }: Service): Plan<'Service'> {
  const isClean = status?.loadBalancer?.ingress === undefined && findCondition(status?.conditions, BALANCED) === undefined;
  if (isClean) return { actions: [] };
  const { conditions, ...others } = withoutCondition(status);
  const kept = withoutAnnounced(conditions);
  return { actions: [], status: { ...others, ...(kept.length === 0 ? {} : { conditions: kept }), loadBalancer: {} } };
}

function outcomeFor(service: Service, observed: BalancerObserved): Outcome {
  const requested = requestedAddresses(service);
  if (requested.length > 0) return grantRequested(service, requested, observed);
  const pool = annotationOf(service, POOL_ANNOTATIONS);
  if (pool !== undefined || observed.declared.pools.length > 0) return allocate(service, pool, observed);
  const { nodeAddresses } = observed;
  if (nodeAddresses.length === 0) return { ok: false, reason: 'NoNodes', message: 'no node has an address yet' };
  const conflicts = nodeAddresses.map(
    (address) => conflictAt(service, address, observed.others) ?? conflictAtDoor(service, address, observed),
  );
  const free = nodeAddresses.filter((_address, index) => conflicts[index] === undefined);
  const [first] = conflicts;
  return free.length > 0 || first === undefined ? { ok: true, addresses: free } : first;
}

function grantRequested(service: Service, requested: readonly string[], observed: BalancerObserved): Outcome {
  const { nodeAddresses, declared, others } = observed;
  const unknown = requested.find((address) => !nodeAddresses.includes(address) && !isInPools(declared.pools, address));
  if (unknown !== undefined) {
    const message = `${unknown} is neither the address of a node nor in a pool of ${poolsName()}${problemsOf(declared)}`;
    return { ok: false, reason: 'AllocationFailed', message };
  }
  for (const address of requested) {
    const conflict = conflictAt(service, address, others) ?? conflictAtDoor(service, address, observed);
    if (conflict !== undefined) return conflict;
  }
  return { ok: true, addresses: requested };
}

/** One address of the pools, for this Service alone; the one that it has, as long as a pool has it. */
function allocate(service: Service, poolName: string | undefined, observed: BalancerObserved): Outcome {
  const { declared, others, before, reserved } = observed;
  const pools = poolName === undefined ? declared.pools : declared.pools.filter(({ name }) => name === poolName);
  const had = addressesOf(service).find((address) => isInPools(pools, address));
  if (had !== undefined && conflictAt(service, had, others) === undefined) return { ok: true, addresses: [had] };
  const taken = new Set(others.flatMap(addressesOf));
  const known = before.find((address) => isInPools(pools, address) && !taken.has(address));
  if (known !== undefined) return { ok: true, addresses: [known] };
  const address = freeAddress(pools, new Set([...taken, ...reserved]));
  if (address !== undefined) return { ok: true, addresses: [address] };
  const where = poolName === undefined ? 'no pool' : `no pool "${poolName}"`;
  const why = poolName !== undefined && pools.length === 0 ? `there is ${where} in` : 'no address is free in the pools of';
  return { ok: false, reason: 'AllocationFailed', message: `${why} ${poolsName()}${problemsOf(declared)}` };
}

function poolsName(): string {
  return `configmap/${POOLS_CONFIG_MAP.name} in ${POOLS_CONFIG_MAP.namespace}`;
}

function problemsOf({ problems }: DeclaredPools): string {
  return problems.map((problem) => `; ${problem}`).join('');
}

function requestedAddresses(service: Service): readonly string[] {
  const text = annotationOf(service, ADDRESS_ANNOTATIONS) ?? service.spec.loadBalancerIP ?? '';
  return [...new Set(text.split(',').map((each) => each.trim()))].filter((each) => each !== '');
}

function annotationOf({ metadata }: Service, names: readonly string[]): string | undefined {
  return names.map((name) => metadata.annotations?.[name]).find((value) => value !== undefined && value !== '');
}

/** The addresses that a load balancer has now. */
function addressesOf({ status }: Service): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname = '' }) => ip ?? hostname);
}

/** Who serves one of the Service's ports at an address and was there before. */
function conflictAt(service: Service, address: string, others: readonly Service[]): (Outcome & { ok: false }) | undefined {
  const isThere = addressesOf(service).includes(address);
  const ports = new Set(portsOf(service));
  for (const other of others) {
    if (!addressesOf(other).includes(address) || (isThere && isBefore(service, other))) continue;
    const port = portsOf(other).find((each) => ports.has(each));
    if (port === undefined) continue;
    return { ok: false, reason: 'PortConflict', message: `port ${port} of ${address} is served by ${displayKey(keyOf(other))}` };
  }
  return undefined;
}

/** Ingresses have one of the Service's ports at an address, unless the Service was there before the first of them. */
function conflictAtDoor(service: Service, address: string, observed: BalancerObserved): (Outcome & { ok: false }) | undefined {
  const { doors, firstIngress: first } = observed;
  if (first === undefined || (addressesOf(service).includes(address) && isOlder(service, first))) return undefined;
  const ports = new Set(portsOf(service));
  const port = doors.flatMap((door) => (door.address === address ? door.ports : [])).find((each) => ports.has(each));
  if (port === undefined) return undefined;
  const message = `port ${port} of ${address} serves Ingresses, such as ${displayKey(keyOf(first))}`;
  return { ok: false, reason: 'PortConflict', message };
}

function portsOf({ spec }: Service): readonly string[] {
  return (spec.ports ?? []).map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`);
}

function isBefore(one: Service, other: Service): boolean {
  const a = one.metadata.creationTimestamp;
  const b = other.metadata.creationTimestamp;
  return a === b ? keyString(keyOf(one)) < keyString(keyOf(other)) : a < b;
}
