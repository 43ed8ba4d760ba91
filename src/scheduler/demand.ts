// What a pod needs of a node: requests and host ports (Kubernetes, "Resource Management for Pods and Containers", "Sidecar Containers").
import { podAmounts } from '../model/admission/pod-resources.ts';
import type { Container, PodSpec } from '../model/resource.ts';
import { isSidecar } from '../model/workload.ts';

/** The address that stands for every address of the host. */
const ANY_ADDRESS = '0.0.0.0';
/** A port of the host that a pod publishes. */
export interface HostPort {
  readonly hostIP: string;
  readonly port: number;
  readonly protocol: string;
}

/** What one pod takes of its node. */
export interface Demand {
  /** Only what is requested, in thousandths of a processor, whole units or bytes. */
  readonly amounts: ReadonlyMap<string, number>;
  readonly ports: readonly HostPort[];
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
    amounts: new Map(Object.entries(podAmounts(spec, 'requests')).filter(([, amount]) => amount > 0)),
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
