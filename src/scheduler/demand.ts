// What a pod needs of a node: requests and host ports (Kubernetes, "Resource Management for Pods and Containers").
import { byteCount, milliCpu } from '../model/quantity.ts';
import type { PodSpec } from '../model/resource.ts';

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
  readonly milliCpu: number;
  readonly memoryBytes: number;
  readonly ports: readonly HostPort[];
}

/** The sum over the containers. A limit counts as the request where there is none. */
export function demandOf(spec: PodSpec): Demand {
  let cpu = 0;
  let memoryBytes = 0;
  const ports: HostPort[] = [];
  for (const { resources, ports: published } of spec.containers) {
    cpu += milliCpu(resources?.requests?.cpu ?? resources?.limits?.cpu);
    memoryBytes += byteCount(resources?.requests?.memory ?? resources?.limits?.memory);
    for (const { hostPort, hostIP, protocol } of published ?? []) {
      if (hostPort === undefined || hostPort === 0) continue;
      ports.push({
        hostIP: hostIP === undefined || hostIP === '' ? ANY_ADDRESS : hostIP,
        port: hostPort,
        protocol: protocol ?? 'TCP',
      });
    }
  }
  return { milliCpu: cpu, memoryBytes, ports };
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
