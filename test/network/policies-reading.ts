// What Kubernetes says of NetworkPolicies ("Network Policies", and the descriptions of the API's fields), written down as plainly as possible and
// without the planner's parts, so that the two can be compared.
import type { NetworkPolicyPeer, NetworkPolicyPort, StoredOf } from '../../src/model/resource.ts';
import type { Packet } from './policies-interpreter.ts';

type Policy = StoredOf<'NetworkPolicy'>;
type Selector = { matchLabels?: Record<string, string> };

/** A pod as the reader sees it. */
export interface ReadPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly address: string;
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[];
}

export interface ReadCluster {
  readonly policies: readonly Policy[];
  readonly pods: readonly ReadPod[];
  readonly namespaces: Readonly<Record<string, Record<string, string>>>;
}

/** May the connection be made? Only the sides that are in `enforced`, addresses of pods, have a say. */
export function isAllowed(cluster: ReadCluster, packet: Packet, enforced: readonly string[]): boolean {
  if (packet.from === packet.to) return true;
  const source = cluster.pods.find(({ address }) => address === packet.from);
  const target = cluster.pods.find(({ address }) => address === packet.to);
  const mayLeave =
    source === undefined || !enforced.includes(source.address) || isAllowedFor(cluster, packet, source, 'Egress', packet.to);
  const mayEnter =
    target === undefined || !enforced.includes(target.address) || isAllowedFor(cluster, packet, target, 'Ingress', packet.from);
  return mayLeave && mayEnter;
}

function isAllowedFor(cluster: ReadCluster, packet: Packet, pod: ReadPod, type: 'Ingress' | 'Egress', other: string): boolean {
  const applying = cluster.policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace &&
      fits(spec?.podSelector as Selector, pod.labels) &&
      (spec?.policyTypes ?? []).includes(type),
  );
  if (applying.length === 0) return true;
  return applying.some(({ metadata, spec }) => {
    const rules = type === 'Ingress' ? (spec?.ingress ?? []) : (spec?.egress ?? []);
    return rules.some((rule) => {
      const peers = ('from' in rule ? rule.from : 'to' in rule ? rule.to : undefined) ?? [];
      const ports = rule.ports ?? [];
      const isPeer = peers.length === 0 || peers.some((peer) => fitsPeer(cluster, peer, metadata.namespace ?? '', other));
      return isPeer && (ports.length === 0 || ports.some((port) => fitsPort(cluster, port, packet)));
    });
  });
}

function fitsPeer(cluster: ReadCluster, peer: NetworkPolicyPeer, namespace: string, address: string): boolean {
  if (peer.ipBlock !== undefined)
    return inNetwork(address, peer.ipBlock.cidr) && !(peer.ipBlock.except ?? []).some((network) => inNetwork(address, network));
  const pod = cluster.pods.find((each) => each.address === address);
  if (pod === undefined) return false;
  const { namespaceSelector, podSelector } = peer;
  if (namespaceSelector === undefined) return pod.namespace === namespace && fits(podSelector as Selector, pod.labels);
  const inNamespace = fits(namespaceSelector, cluster.namespaces[pod.namespace] ?? {});
  return inNamespace && (podSelector === undefined || fits(podSelector, pod.labels));
}

function fitsPort(cluster: ReadCluster, { protocol = 'TCP', port, endPort }: NetworkPolicyPort, packet: Packet): boolean {
  if (protocol.toLowerCase() !== packet.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === 'number') return port <= packet.port && packet.port <= (endPort ?? port);
  const target = cluster.pods.find(({ address }) => address === packet.to);
  return (target?.ports ?? []).some((each) => each.name === port && each.protocol === protocol && each.port === packet.port);
}

function fits(selector: Selector, labels: Record<string, string>): boolean {
  return Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
}

function inNetwork(address: string, network: string): boolean {
  const [base = '', prefix = '0'] = network.split('/');
  return bits(address).slice(0, Number(prefix)) === bits(base).slice(0, Number(prefix));
}

const bits = (address: string): string =>
  address
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
