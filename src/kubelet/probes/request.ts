// Where a probe or a hook sends its request. Pure.
import type { Container, HttpGetAction } from '../../model/resource.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import { SANDBOX_LABEL } from '../labels.ts';
import type { AskedPod } from './prober.ts';

/** The pod of a container. */
export function askedPod({ labels }: ContainerSeen, isOnHostNetwork: boolean): AskedPod {
  return { sandboxId: labels[SANDBOX_LABEL] ?? '', isOnHostNetwork };
}

/** Whom to ask: the pod, unless another host is named. */
export interface Addressee {
  readonly host: string;
  /**
   * Absent when the host is not the pod's own. On the network of its host every pod sees what its node sees, so that the names and addresses
   * that its manifest gives are asked from there, too.
   */
  readonly pod?: AskedPod;
}

/** Where a request of a manifest goes. */
export function addresseeOf(named: string | undefined, podIP: string, pod: AskedPod): Addressee {
  const host = named === undefined || named === '' ? podIP : named;
  return { host, ...(pod.sandboxId !== '' && (host === podIP || pod.isOnHostNetwork) ? { pod } : {}) };
}

/** A port by number, or by its name in the container; undefined when the container has none of that name. */
export function portNumber(container: Container, port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  return container.ports?.find((each) => each.name === port)?.containerPort ?? (/^\d+$/.test(port) ? Number(port) : undefined);
}

/** The URL of a GET. */
export function urlOf({ scheme = 'HTTP', path = '/' }: HttpGetAction, host: string, port: number): string {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return `${scheme.toLowerCase()}://${authority}${path.startsWith('/') ? path : `/${path}`}`;
}
