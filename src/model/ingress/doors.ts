// The ports of the hosts on which Ingresses are served, and load balancers that have one of them: packets go to only one of the two. Pure.
import type { Node } from '../generated.ts';
import { internalAddressOf } from '../node.ts';
import { displayKey, type IngressClass, keyOf, type StoredOf } from '../resource.ts';
import { servingOf } from './class.ts';

/** Annotation of a node: the ports of its host on which Ingresses are served, `80,443`. */
export const DOORS_ANNOTATION = 'holdfast.dev/ingress-ports';

/** The ports of one host. */
export interface Door {
  readonly address: string;
  /** As `80/TCP`. */
  readonly ports: readonly string[];
}

/** The doors of all nodes that have told theirs. */
export function doorsOf(nodes: readonly Pick<Node, 'metadata' | 'status'>[]): readonly Door[] {
  return nodes.flatMap((node) => {
    const address = internalAddressOf(node) ?? '';
    const ports = (node.metadata.annotations?.[DOORS_ANNOTATION] ?? '').split(',').filter((port) => port !== '');
    return address === '' || ports.length === 0 ? [] : [{ address, ports: ports.map((port) => `${port}/TCP`) }];
  });
}

/** The Ingress that has been served the longest; undefined when none is, and the ports are free. */
export function firstServed(
  ingresses: readonly StoredOf<'Ingress'>[],
  classes: readonly IngressClass[],
): StoredOf<'Ingress'> | undefined {
  return ingresses
    .filter((ingress) => servingOf(ingress, classes).isServed)
    .reduce<StoredOf<'Ingress'> | undefined>(
      (first, each) => (first === undefined || isOlder(each, first) ? each : first),
      undefined,
    );
}

/** Whether one object was there before another; times are whole seconds. */
export function isOlder(one: StoredOf<'Ingress' | 'Service'>, other: StoredOf<'Ingress' | 'Service'>): boolean {
  return one.metadata.creationTimestamp < other.metadata.creationTimestamp;
}

/** Where requests for Ingresses go to a load balancer instead: a sentence for each port. */
export function takenDoors(doors: readonly Door[], services: readonly StoredOf<'Service'>[]): readonly string[] {
  return services
    .filter(({ spec, status }) => spec.type === 'LoadBalancer' && status?.loadBalancer?.ingress !== undefined)
    .flatMap((service) => {
      const { ports = [] } = service.spec;
      const served = new Set(ports.map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`));
      const addresses = new Set((service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip));
      return doors
        .filter(({ address }) => addresses.has(address))
        .flatMap(({ address, ports: all }) =>
          all
            .filter((port) => served.has(port))
            .map(
              (port) =>
                `port ${port} of ${address} leads to ${displayKey(keyOf(service))}, a load balancer: give that one another port`,
            ),
        );
    });
}
