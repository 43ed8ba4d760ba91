// What a pod needs of a node: requests and host ports (Kubernetes, "Resource Management for Pods and Containers", "Sidecar Containers").
import { byteCount, milliCpu } from '../model/quantity.ts';
import type { Container, PodSpec, Quantity, ResourceRequirements } from '../model/resource.ts';
import { isSidecar } from '../model/workload.ts';

/** The address that stands for every address of the host. */
const ANY_ADDRESS = '0.0.0.0';
/** Resources that may be requested for the pod as a whole (Kubernetes, "Pod-level resource specification"). */
const OF_WHOLE_POD = /^(cpu|memory|hugepages-.*)$/;

/** A port of the host that a pod publishes. */
export interface HostPort {
  readonly hostIP: string;
  readonly port: number;
  readonly protocol: string;
}

/** Amounts by resource: `cpu` in thousandths of a processor, everything else in whole units or bytes. */
export type Amounts = ReadonlyMap<string, number>;

/** What one pod takes of its node. */
export interface Demand {
  /** Only what is requested; a resource that is not there, or is 0, is not asked for. */
  readonly amounts: Amounts;
  readonly ports: readonly HostPort[];
}

/** A quantity in the unit in which amounts of its resource are compared. */
export function amountOf(resource: string, quantity: Quantity | undefined): number {
  return resource === 'cpu' ? milliCpu(quantity) : byteCount(quantity);
}

/** Requests; a limit counts as the request where there is none. */
function requestsOf(resources: ResourceRequirements | undefined): Map<string, number> {
  const written: Record<string, Quantity | undefined> = { ...resources?.limits, ...resources?.requests };
  return new Map(Object.entries(written).map(([resource, quantity]) => [resource, amountOf(resource, quantity)]));
}

function add(totals: Map<string, number>, amounts: Amounts): void {
  for (const [resource, amount] of amounts) totals.set(resource, (totals.get(resource) ?? 0) + amount);
}

function raise(totals: Map<string, number>, amounts: Amounts): void {
  for (const [resource, amount] of amounts) totals.set(resource, Math.max(totals.get(resource) ?? 0, amount));
}

/**
 * The most that a pod needs of each resource at any time of its life: an init container runs beside the sidecars that were started
 * before it, the main containers run together with every sidecar. What is requested for the whole pod goes before the sum; the
 * overhead of its runtime class comes on top.
 */
function podRequests({ containers, initContainers = [], resources, overhead }: PodSpec): Amounts {
  const sidecars = new Map<string, number>();
  const most = new Map<string, number>();
  for (const container of initContainers) {
    const requests = requestsOf(container.resources);
    if (isSidecar(container)) add(sidecars, requests);
    else add(requests, sidecars);
    raise(most, isSidecar(container) ? sidecars : requests);
  }
  const together = new Map(sidecars);
  for (const container of containers) add(together, requestsOf(container.resources));
  raise(most, together);
  for (const [resource, amount] of requestsOf(resources)) if (OF_WHOLE_POD.test(resource)) most.set(resource, amount);
  add(most, requestsOf(overhead === undefined ? undefined : { requests: overhead }));
  return new Map([...most].filter(([, amount]) => amount > 0));
}

function publishedPorts(container: Container, isHostNetwork: boolean): HostPort[] {
  return (container.ports ?? []).flatMap(({ hostPort, containerPort, hostIP, protocol }) => {
    const port = hostPort === undefined || hostPort === 0 ? (isHostNetwork ? containerPort : 0) : hostPort;
    if (port === 0) return [];
    return [{ hostIP: hostIP === undefined || hostIP === '' ? ANY_ADDRESS : hostIP, port, protocol: protocol ?? 'TCP' }];
  });
}

/** What a pod of this spec needs. Init containers that end publish nothing. */
export function demandOf(spec: PodSpec): Demand {
  const publishing = [...(spec.initContainers ?? []).filter(isSidecar), ...spec.containers];
  return {
    amounts: podRequests(spec),
    ports: publishing.flatMap((container) => publishedPorts(container, spec.hostNetwork === true)),
  };
}

/** Whether two published ports cannot be on one host. */
export function isSamePort(a: HostPort, b: HostPort): boolean {
  const isSameAddress = a.hostIP === b.hostIP || a.hostIP === ANY_ADDRESS || b.hostIP === ANY_ADDRESS;
  return a.port === b.port && a.protocol === b.protocol && isSameAddress;
}

/** How a person reads a published port: `80/TCP`, with its address when it is not every one. */
export function displayPort({ hostIP, port, protocol }: HostPort): string {
  return `${hostIP === ANY_ADDRESS ? '' : `${hostIP}:`}${port}/${protocol}`;
}
