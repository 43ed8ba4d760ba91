// NetworkPolicies (networking.k8s.io/v1) as rules of a node: what its pods may receive and send. Whoever forwards a packet decides, after
// destinations were translated and before sources are, so that policies see the pods behind Services and the true addresses of clients. Replies
// pass, also those of connections that were there before a policy. What a node sends to its own pods and receives from them is not forwarded and
// passes, as Kubernetes wants it. Must not know how rules reach the node.
//
//   pod's address ──map──▶ chain of the set of its policies ──jump──▶ chain of each policy: accept, or drop at the end
//
// Pods with the same policies share a chain and peers are sets, so that a pod which comes or goes changes elements only, and a packet costs the
// same however many policies there are. What refers to something else of a policy, a chain or a set, is in a fragment with a higher id.
import { podAddresses } from '../../model/cluster-ranges.ts';
import { hashOf } from '../../model/hash.ts';
import { formatAddress } from '../../model/ipv4.ts';
import type { NetworkPolicyPeer, StoredOf } from '../../model/resource.ts';
import { NO_RULES, type Rules, type TableBodies } from '../fragment.ts';
import type { NodeNetwork } from '../node-network.ts';
import { allowRules, type SetNames } from './match.ts';
import type { PolicyPod } from './policy-pod.ts';
import { DIRECTIONS, type Direction, peersOf, restricts, rulesOf } from './selection.ts';
import type { Selection } from './words.ts';

type Policy = StoredOf<'NetworkPolicy'>;

/** Map of a direction: address of a pod of this node → chain of its policies. */
const mapOf = (direction: Direction): string => `policy-${direction}`;
const KNOWN = 'policy-known';
const GUARDED = 'policy-guarded';
const SELF = 'policy-self';
/** nft takes 128 characters; the hash makes names unique, the rest is for people. */
const MAX_NAME = 100;
/** Before Docker's, which decides at 0. Whatever accepts here is asked there too. */
const EGRESS_PRIORITY = -6;
const INGRESS_PRIORITY = -5;

/**
 * What the frame of a node has for policies: lines of the body of its table. Two chains, since an accept ends the one that it is in and both ends
 * have a say. While there are policies, an address that pods of the node can have and that nobody has told of may neither receive nor send (`policy-guarded`
 * without `policy-known`): a pod is never open before its policies are known (Kubernetes, "Pod lifecycle and NetworkPolicy").
 */
export function policyFrame(): TableBodies {
  const chain = (direction: Direction, side: string, priority: number): readonly string[] => [
    `map ${mapOf(direction)} { type ipv4_addr : verdict; }`,
    `chain ${mapOf(direction)}-check {`,
    `  type filter hook forward priority ${priority}; policy accept;`,
    '  ct state established,related accept',
    `  ip saddr . ip daddr @${SELF} accept`,
    `  ${side} vmap @${mapOf(direction)}`,
    `  ${side} @${GUARDED} ${side} != @${KNOWN} counter drop`,
    '}',
  ];
  const ip = [
    `set ${KNOWN} { type ipv4_addr; }`,
    `set ${GUARDED} { type ipv4_addr; flags interval; }`,
    `set ${SELF} { type ipv4_addr . ipv4_addr; }`,
    ...chain('egress', 'ip saddr', EGRESS_PRIORITY),
    ...chain('ingress', 'ip daddr', INGRESS_PRIORITY),
  ];
  return { ip };
}

/** The addresses that pods of the node can have: with it those that nobody has told of are closed. Needed while there is any policy. */
export function guardRules(node: NodeNetwork): Rules {
  const range = podAddresses(node.podRange);
  if (range === undefined) return NO_RULES;
  const guarded = `${formatAddress(range.first)}-${formatAddress(range.last)}`;
  return { ...NO_RULES, elements: new Map([[GUARDED, new Map([[guarded, '']])]]) };
}

/** A set that the rules of a policy look into, and whose elements are told by pods. */
export interface PolicySet {
  readonly name: string;
  readonly selection: Selection;
  /** Whether pods of other nodes do not matter. */
  readonly isLocal: boolean;
}

/** What a policy is, whichever pods there are. */
export interface PolicyParts {
  readonly rules: Rules;
  readonly sets: readonly PolicySet[];
}

/** A chain for each direction that the policy restricts; one that allows nothing has an empty one. */
export function policyParts(policy: Policy): PolicyParts {
  const chains = new Map<string, readonly string[]>();
  const sets = new Map<string, PolicySet>();
  for (const direction of DIRECTIONS.filter((each) => restricts(policy, each))) {
    const { lines, named } = allowedBy(policy, direction);
    chains.set(policyChain(direction, policy), lines);
    for (const set of named) sets.set(set.name, set);
  }
  const types = [...sets.values()].map(({ name, selection }): [string, string] => [
    name,
    selection.port === undefined ? 'type ipv4_addr;' : 'type ipv4_addr . inet_proto . inet_service;',
  ]);
  return { rules: { ...NO_RULES, chains, sets: new Map(types) }, sets: [...sets.values()] };
}

function allowedBy(policy: Policy, direction: Direction): { lines: readonly string[]; named: readonly PolicySet[] } {
  const named: PolicySet[] = [];
  const keep = (set: PolicySet): string => {
    named.push(set);
    return set.name;
  };
  const names: SetNames = {
    peers: (peer) => keep(peerSet(policy, peer)),
    namedPort: (_direction, protocol, port) => keep(portSet(policy, direction, protocol, port)),
  };
  const lines = [...new Set(rulesOf(policy, direction).flatMap((rule) => allowRules(rule, direction, names)))];
  // What allows everything makes the rest needless.
  return lines.includes('accept') ? { lines: ['accept'], named: [] } : { lines, named };
}

function peerSet(policy: Policy, { podSelector, namespaceSelector }: NetworkPolicyPeer): PolicySet {
  const peer = { ...(podSelector && { podSelector }), ...(namespaceSelector && { namespaceSelector }) };
  const name = nameOf('policy-peers', namespaceOf(policy), [policy.metadata.name, peer], policy.metadata.name);
  return { name, selection: peersOf(peer, namespaceOf(policy)), isLocal: false };
}

/** What comes in goes to pods of this namespace; what goes out may go to any. */
function portSet(policy: Policy, direction: Direction, protocol: string, port: string): PolicySet {
  const { name: policyName } = policy.metadata;
  const what = [policyName, direction, protocol, port];
  const name = nameOf('policy-ports', namespaceOf(policy), what, `${policyName}/${protocol}/${port}`);
  const selection = { podSelector: {}, port: { protocol, name: port } };
  return direction === 'ingress'
    ? { name, selection: { ...selection, namespace: namespaceOf(policy) }, isLocal: true }
    : { name, selection, isLocal: false };
}

/** What a pod is in a set, as a key of it: several when several of its ports have the name. */
export function elementsOf({ selection: { port } }: PolicySet, { address, ports }: PolicyPod): readonly string[] {
  if (port === undefined) return [address];
  const named = ports.filter(({ name, protocol }) => name === port.name && protocol.toLowerCase() === port.protocol);
  return named.map((each) => `${address} . ${port.protocol} . ${each.port}`);
}

/** Pods that are restricted in a direction by exactly these policies, which are of one namespace and sorted by name. */
export interface PolicyGroup {
  readonly direction: Direction;
  readonly policies: readonly Policy[];
}

/** The chain of these pods. */
export function groupRules(group: PolicyGroup): Rules {
  const jumps = group.policies.map((policy) => `jump ${policyChain(group.direction, policy)}`);
  return { ...NO_RULES, chains: new Map([[groupChain(group), [...jumps, 'counter drop']]]) };
}

/** What a pod says of itself: that it is known, when it is of this node the chains that decide about it, and the sets that it is in. */
export function podRules(
  pod: PolicyPod,
  groups: readonly PolicyGroup[],
  sets: readonly PolicySet[],
  node: Pick<NodeNetwork, 'name'>,
): Rules {
  const elements = new Map<string, Map<string, string>>();
  const add = (set: string, key: string, value = ''): void => {
    elements.set(set, (elements.get(set) ?? new Map<string, string>()).set(key, value));
  };
  if (pod.node === node.name) {
    add(KNOWN, pod.address);
    for (const group of groups) add(mapOf(group.direction), pod.address, `goto ${groupChain(group)}`);
    if (groups.length > 0) add(SELF, `${pod.address} . ${pod.address}`);
  }
  for (const set of sets)
    if (!set.isLocal || pod.node === node.name) for (const element of elementsOf(set, pod)) add(set.name, element);
  return { ...NO_RULES, elements };
}

const namespaceOf = ({ metadata }: Policy): string => metadata.namespace ?? 'default';

function policyChain(direction: Direction, policy: Policy): string {
  const { name } = policy.metadata;
  return nameOf(`policy-${direction}`, namespaceOf(policy), name, name);
}

function groupChain({ direction, policies }: PolicyGroup): string {
  const names = policies.map(({ metadata }) => metadata.name);
  const [first] = policies;
  return nameOf(`policy-${direction}-of`, first === undefined ? '' : namespaceOf(first), names, names.join('+'));
}

function nameOf(prefix: string, namespace: string, what: unknown, readable: string): string {
  const hash = hashOf([prefix, namespace, what]);
  return `${prefix}-${hash}-${namespace}/${readable}`.replaceAll(/[^A-Za-z0-9./_-]/g, '_').slice(0, MAX_NAME);
}
