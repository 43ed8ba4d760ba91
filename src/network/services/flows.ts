// Where flows of UDP and SCTP may lead. They have no beginning that would make a client look for another endpoint, so that the kernel is told to
// forget those that lead to an endpoint which no longer serves. Established TCP connections stay, as Kubernetes has it.
import type { Backend } from './backends.ts';

/** An address and port that a Service is reached at, as `udp 10.96.0.7 53`. The address `*` means every address of the node. */
export function frontOf(protocol: string, address: string, port: number): string {
  return `${protocol} ${address} ${port}`;
}

/** Whether flows of a protocol are moved. */
export function isMoved(protocol: string): boolean {
  return protocol !== 'tcp';
}

/**
 * The endpoints that keep the flows that they have: those that serve, on whichever node, also when they are about to end or new flows would be
 * sent elsewhere, as kube-proxy has it.
 */
export function keepsFlows({ isReady, isServing }: Backend): boolean {
  return isReady || isServing;
}

/** Where a flow may lead, as `10.244.1.3 5353`. */
export function leadOf({ address, port }: Backend): string {
  return `${address} ${port}`;
}
