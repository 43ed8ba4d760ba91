// Load balancers at the addresses of the nodes that would take a port of the host from pods which have it: what comes from outside goes to only
// one of the two.
import { POOLS_CONFIG_MAP } from '../../model/address-pools.ts';
import { isBalanced } from '../../model/service.ts';
import type { Facts, FactsOf } from './facts.ts';
import type { ObjectSet, Tell } from './object-set.ts';
import type { HostPort } from './pod-facts.ts';

/** Annotations by which an address is asked for, wherever that is (MetalLB). */
const ASKS = /^(metallb\.universe\.tf|metallb\.io)\/(loadBalancerIPs|address-pool)$/;

/** An error where a load balancer and pods that it does not lead to want one port of the hosts. */
export function checkBalancerPorts(set: ObjectSet, tell: Tell): void {
  const balancers = set.ofKind('Service').filter(isAtNodes);
  if (balancers.length === 0 || hasPools(set)) return;
  const claims = new Map<string, { readonly at: Facts; readonly port: HostPort }[]>();
  for (const at of set.members)
    if (at.pods !== undefined && at.pods.count > 0)
      for (const port of at.pods.hostPorts) {
        if (port.address !== '') continue;
        const key = `${port.port}/${port.protocol}`;
        claims.set(key, [...(claims.get(key) ?? []), { at, port }]);
      }
  if (claims.size === 0) return;
  for (const service of balancers) {
    const own = new Set((set.pods.select(service) ?? []).flatMap(({ members }) => members));
    for (const [index, { port, protocol = 'TCP' }] of (service.resource.spec.ports ?? []).entries()) {
      const claim = (claims.get(`${port}/${protocol}`) ?? []).find(({ at }) => !own.has(at));
      if (claim === undefined) continue;
      const message = (name: string): string =>
        `port ${port}/${protocol} of the nodes would lead here and no more to the pods of ${name}: give one of them another port, or load balancers addresses of their own (configmap/${POOLS_CONFIG_MAP.name} in ${POOLS_CONFIG_MAP.namespace})`;
      const other = { at: claim.at, path: claim.port.path };
      tell({ at: service, path: ['spec', 'ports', index, 'port'], severity: 'error', reason: 'Conflict', message, other });
    }
  }
}

/** Whether it has the addresses of the nodes, as far as it says so itself. */
function isAtNodes({ resource: { metadata, spec } }: FactsOf<'Service'>): boolean {
  if (!isBalanced({ spec })) return false;
  return (spec.loadBalancerIP ?? '') === '' && !Object.keys(metadata.annotations ?? {}).some((name) => ASKS.test(name));
}

/** With pools load balancers have addresses of their own. */
function hasPools(set: ObjectSet): boolean {
  const { namespace, name } = POOLS_CONFIG_MAP;
  const isDeclared = set.ofKind('ConfigMap').some(({ key }) => key.namespace === namespace && key.name === name);
  return isDeclared || set.surroundings.exists('ConfigMap', namespace, name) !== undefined;
}
