// Services that select nothing, ports that no selected pod has, and numbers and addresses that two Services ask for.
import type { Labels, ServicePort } from '../../model/resource.ts';
import { selectsPods } from '../../model/service.ts';
import type { Path } from '../place.ts';
import type { Facts, FactsOf } from './facts.ts';
import type { ObjectSet, Tell } from './object-set.ts';
import { hasPort, type PodGroup } from './pod-index.ts';

/** The pods behind each Service. */
export function checkServiceTargets(set: ObjectSet, tell: Tell): void {
  for (const service of set.ofKind('Service')) {
    const { type, selector: labels = {}, ports = [] } = service.resource.spec;
    // Without a selector somebody else says where it leads; a name of the DNS leads away from the pods.
    if (type === 'ExternalName' || service.selector === undefined || Object.keys(labels).length === 0) continue;
    // Others may have what is looked for.
    if (set.hasOtherPods(service.key.namespace)) continue;
    const groups = set.pods.select(service);
    if (groups === undefined) continue;
    if (groups.length === 0) tellNothingSelected(service, labels, ['spec', 'selector'], set, tell);
    else for (const [index, port] of ports.entries()) checkTargetPort(service, port, ['spec', 'ports', index], groups, tell);
  }
}

/** A note about labels that no pod of the namespace has. */
export function tellNothingSelected(at: Facts, labels: Labels, path: Path, set: ObjectSet, tell: Tell): void {
  const { namespace } = at.key;
  const pairs = Object.entries(labels);
  const unknown = pairs.find(([key, value]) => !set.pods.hasLabel(namespace, key, value));
  const missing = unknown ?? (pairs.length === 1 ? pairs[0] : undefined);
  const show = ([key, value]: [string, string]): string => `${key}: ${value}`;
  const what = missing === undefined ? `all of the labels ${pairs.map(show).join(', ')}` : `the label ${show(missing)}`;
  const message = `selects nothing: no pod that is declared in namespace "${namespace}" has ${what}.`;
  const wrong =
    missing === undefined ? {} : { wrong: { word: missing[1], among: () => set.pods.valuesOf(namespace, missing[0]) } };
  tell({ at, path, severity: 'note', reason: 'NotFound', message, ...wrong });
}

/** Endpoints of a Service with a selector are written for it, again and again: those by hand would be written over. */
export function checkWrittenEndpoints(set: ObjectSet, tell: Tell): void {
  for (const at of set.ofKind('Endpoints')) {
    const other = set.byId(`Service/${at.key.namespace}/${at.key.name}`);
    if (other?.resource.kind !== 'Service' || !selectsPods(other.resource.spec)) continue;
    const message = (name: string): string =>
      `${name} has a selector, so that its Endpoints are those of the pods it selects; leave these out, or take its selector out`;
    const spot = { at: other, path: ['spec', 'selector'] };
    tell({ at, path: ['metadata', 'name'], severity: 'error', reason: 'Conflict', message, other: spot });
  }
}

/** A port by name is that of the pods' containers with the same protocol (Kubernetes, FindPort of pkg/api/v1/pod). */
function checkTargetPort(
  at: FactsOf<'Service'>,
  { targetPort, protocol = 'TCP' }: ServicePort,
  path: Path,
  groups: readonly PodGroup[],
  tell: Tell,
): void {
  if (typeof targetPort !== 'string' || hasPort(groups, protocol, targetPort)) return;
  const first = groups[0]?.members[0];
  if (first?.pods === undefined) return;
  const actual = ['TCP', 'UDP', 'SCTP'].find((other) => hasPort(groups, other, targetPort));
  const hint = actual === undefined ? '' : `, but a ${actual} port`;
  const wrong = { word: targetPort, among: () => portNames(groups, protocol) };
  tell({
    at,
    path: [...path, 'targetPort'],
    // The names of the pods lead to them without any port.
    severity: at.resource.spec.clusterIP === 'None' ? 'note' : 'error',
    reason: 'NotFound',
    message: (other) =>
      `no pod that the Service selects, such as those of ${other}, has a ${protocol} port "${targetPort}"${hint}.`,
    other: { at: first, path: first.pods.path },
    ...(hint === '' ? { wrong } : {}),
  });
}

function* portNames(groups: readonly PodGroup[], protocol: string): Generator<string> {
  for (const { members } of groups)
    for (const facts of members)
      for (const name of facts.pods?.portNames ?? []) if (name.startsWith(`${protocol} `)) yield name.slice(protocol.length + 1);
}

interface Holder {
  readonly at: FactsOf<'Service'>;
  readonly path: Path;
}

/**
 * What only one Service can have: a port of the nodes, whatever its protocol, and an address of the cluster (Kubernetes allocates both from
 * one pool). A load balancer may share an address and port, if it can.
 */
export function checkServiceNumbers(set: ObjectSet, tell: Tell): void {
  const nodePorts = new Map<number, Holder>();
  const addresses = new Map<string, Holder>();
  const balanced = new Map<string, Holder>();
  const takes = <Key>(taken: Map<Key, Holder>, key: Key, holder: Holder, what: string, isShareable = false): void => {
    const other = taken.get(key);
    if (other === undefined) taken.set(key, holder);
    if (other === undefined || other.at === holder.at) return;
    const message = (name: string): string =>
      isShareable ? `${what} is asked for by ${name} as well: the load balancer has to share it` : `${what} is taken by ${name}`;
    tell({ ...holder, severity: isShareable ? 'note' : 'error', reason: 'Conflict', message, other });
  };
  for (const at of set.ofKind('Service')) {
    const {
      ports = [],
      healthCheckNodePort: health = 0,
      clusterIP,
      clusterIPs = [],
      type,
      loadBalancerIP = '',
    } = at.resource.spec;
    for (const [index, { nodePort = 0, port, protocol = 'TCP' }] of ports.entries()) {
      const path = ['spec', 'ports', index];
      if (nodePort !== 0) takes(nodePorts, nodePort, { at, path: [...path, 'nodePort'] }, `node port ${nodePort}`);
      if (type !== 'LoadBalancer' || loadBalancerIP === '') continue;
      const what = `port ${port}/${protocol} of ${loadBalancerIP}`;
      takes(balanced, what, { at, path: ['spec', 'loadBalancerIP'] }, what, true);
    }
    if (health !== 0) takes(nodePorts, health, { at, path: ['spec', 'healthCheckNodePort'] }, `node port ${health}`);
    for (const [index, address] of clusterIPs.entries()) {
      if (address === '' || address === 'None') continue;
      const path = index === 0 && clusterIP !== undefined ? ['spec', 'clusterIP'] : ['spec', 'clusterIPs', index];
      takes(addresses, address.toLowerCase(), { at, path }, `address ${address}`);
    }
  }
}
