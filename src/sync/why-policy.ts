// What NetworkPolicies let through, as lines for a person: of a pod, whom they let in and where it may go; of a policy, whom it is for. Pure.
import type { LabelSelector, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, StoredOf } from '../model/resource.ts';
import { matchesSelector } from '../model/selector.ts';
import type { StoreReader } from '../store/store.ts';

const DIRECTIONS = ['Ingress', 'Egress'] as const;
type Direction = (typeof DIRECTIONS)[number];
/** Names that are shown. */
const SHOWN = 10;

/** The policies that restrict a pod, each with what it lets through; none when nothing does. */
export function podPolicyLines(pod: StoredOf<'Pod'>, reader: StoreReader): readonly string[] {
  if (pod.spec.hostNetwork === true) return [];
  const policies = policiesFor(pod, reader);
  return DIRECTIONS.flatMap((direction) => {
    const own = policies.filter((policy) => restricts(policy, direction));
    if (own.length === 0) return [];
    const head =
      direction === 'Ingress'
        ? 'connections to it from other pods and from outside are dropped unless a NetworkPolicy lets them in'
        : 'connections that it makes are dropped unless a NetworkPolicy lets them out';
    return [`${head}:`, ...own.flatMap((policy) => ruleLines(policy, direction).map((line) => `  ${line}`))];
  });
}

/** Whom a policy is for, and what it lets through. */
export function policyLines(policy: StoredOf<'NetworkPolicy'>, reader: StoreReader): readonly string[] {
  const namespace = policy.metadata.namespace ?? 'default';
  const pods = reader.list('Pod', namespace).filter((pod) => isFor(policy, pod));
  const names = pods.slice(0, SHOWN).map(({ metadata }) => metadata.name);
  const rest = pods.length > SHOWN ? ` and ${pods.length - SHOWN} more` : '';
  const selector = policy.spec?.podSelector;
  const nobody = isAll(selector)
    ? `there is no pod in namespace "${namespace}"`
    : `no pod in namespace "${namespace}" has the labels ${selectorText(selector)}`;
  const whom =
    pods.length === 0
      ? `it restricts nobody: ${nobody}`
      : `it restricts ${pods.length === 1 ? 'one pod' : `${pods.length} pods`}: ${names.join(', ')}${rest}`;
  return [whom, ...DIRECTIONS.flatMap((direction) => (restricts(policy, direction) ? ruleLines(policy, direction) : []))];
}

/** The policies that restrict what comes to any of these pods, by name. */
export function policiesInto(pods: readonly StoredOf<'Pod'>[], reader: StoreReader): readonly string[] {
  const all = pods.flatMap((pod) => policiesFor(pod, reader).filter((policy) => restricts(policy, 'Ingress')));
  return [...new Set(all.map(({ metadata }) => metadata.name))].toSorted();
}

function policiesFor(pod: StoredOf<'Pod'>, reader: StoreReader): readonly StoredOf<'NetworkPolicy'>[] {
  return reader.list('NetworkPolicy', pod.metadata.namespace ?? 'default').filter((policy) => isFor(policy, pod));
}

function isFor({ spec }: NetworkPolicy, { metadata, spec: { hostNetwork } }: StoredOf<'Pod'>): boolean {
  return hostNetwork !== true && matchesSelector(spec?.podSelector ?? {}, metadata.labels);
}

function restricts({ spec }: NetworkPolicy, direction: Direction): boolean {
  const types = spec?.policyTypes ?? (spec?.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']);
  return types.includes(direction);
}

function ruleLines({ metadata, spec }: NetworkPolicy, direction: Direction): readonly string[] {
  const rules =
    direction === 'Ingress'
      ? (spec?.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
      : (spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
  const says = `networkpolicy/${metadata.name} lets ${direction === 'Ingress' ? 'in' : 'it reach'}`;
  if (rules.length === 0) return [`${says} nobody`];
  return rules.map(({ peers = [], ports = [] }) => {
    const whom = peers.length === 0 ? 'everybody' : peers.map(peerText).join('; ');
    return `${says} ${whom}${ports.length === 0 ? '' : `, on ${ports.map(portText).join(', ')}`}`;
  });
}

function peerText({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer): string {
  if (ipBlock !== undefined) {
    const { cidr, except = [] } = ipBlock;
    return `addresses of ${cidr}${except.length === 0 ? '' : ` except ${except.join(', ')}`}`;
  }
  const pods = isAll(podSelector) ? 'all pods' : `pods ${selectorText(podSelector)}`;
  if (namespaceSelector === undefined) return `${pods} of its namespace`;
  return `${pods} of ${isAll(namespaceSelector) ? 'all namespaces' : `namespaces ${selectorText(namespaceSelector)}`}`;
}

function portText({ port, protocol = 'TCP', endPort }: NetworkPolicyPort): string {
  if (port === undefined) return `all ${protocol} ports`;
  return `${port}${endPort === undefined ? '' : `-${endPort}`}/${protocol}`;
}

function isAll({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length === 0;
}

function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) =>
    operator === 'Exists' ? key : operator === 'DoesNotExist' ? `without ${key}` : `${key} ${operator} (${values.join(', ')})`,
  );
  return [...labels, ...expressions].join(', ');
}
