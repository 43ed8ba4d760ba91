// NetworkPolicies (networking.k8s.io/v1) as rules of a node: what its pods may receive and send. Whoever forwards a packet decides, after
// destinations were translated and before sources are, so that policies see the pods behind Services and the true addresses of clients. Replies
// pass, also those of connections that were there before a policy. What a node sends to its own pods and receives from them is not forwarded and
// passes, as Kubernetes wants it. Must not know how rules reach the node.
//
//   pod's address ──map──▶ chain of the set of its policies ──jump──▶ chain of each policy: accept, or drop at the end
//
// Pods with the same policies share a chain and peers are sets, so that a pod which comes or goes changes elements only, and a packet costs the
// same however many policies there are.
import { podAddresses } from '../../model/cluster-ranges.ts';
import { hashOf } from '../../model/hash.ts';
import { formatAddress } from '../../model/ipv4.ts';
import type { NetworkPolicyPeer, StoredOf } from '../../model/resource.ts';
import type { Rules, TableBodies } from '../fragment.ts';
import type { NodeNetwork } from '../node-network.ts';
import { allowRules, type SetNames } from './match.ts';
import type { NamespaceLabels, PolicyPod } from './policy-pod.ts';
import { DIRECTIONS, type Direction, isFor, isPeer, restricts, rulesOf } from './selection.ts';

type Policy = StoredOf<'NetworkPolicy'>;

/** What policies are planned from. */
export interface PolicyScene {
  readonly policies: readonly Policy[];
  /** Those of all nodes. */
  readonly pods: readonly PolicyPod[];
  readonly namespaces: NamespaceLabels;
  readonly node: NodeNetwork;
}

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

const namespaceOf = ({ metadata }: Policy): string => metadata.namespace ?? 'default';

/** The addresses that the node knows, which closes it for the others that pods can have: needed while there is any policy. */
export function knownRules(pods: readonly PolicyPod[], node: NodeNetwork): Rules {
  const local = pods.filter((pod) => pod.node === node.name);
  const range = podAddresses(node.podRange);
  const guarded = range === undefined ? [] : [`${formatAddress(range.first)}-${formatAddress(range.last)}`];
  return {
    chains: new Map(),
    sets: new Map(),
    elements: new Map([
      [KNOWN, new Map(local.map(({ address }) => [address, '']))],
      [GUARDED, new Map(guarded.map((element) => [element, '']))],
    ]),
  };
}

/** The rules of one namespace's policies on a node. Policies without a pod on it have none. */
export function policyRules(namespace: string, scene: PolicyScene): Rules {
  const policies = scene.policies.filter((policy) => namespaceOf(policy) === namespace).toSorted(byName);
  const local = scene.pods.filter((pod) => pod.namespace === namespace && pod.node === scene.node.name);
  const draft = new Draft(namespace, scene);
  for (const direction of DIRECTIONS)
    for (const pod of local) {
      const own = policies.filter((policy) => restricts(policy, direction) && isFor(policy, pod));
      if (own.length > 0) draft.isolate(pod, direction, own);
    }
  return { chains: draft.chains, sets: draft.sets, elements: draft.elements };
}

function byName(a: Policy, b: Policy): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** Rules of a namespace in the making. Sets and chains are there as soon as something refers to them. */
class Draft implements SetNames {
  readonly chains = new Map<string, readonly string[]>();
  readonly sets = new Map<string, string>();
  readonly elements = new Map<string, Map<string, string>>();
  readonly #namespace: string;
  readonly #scene: PolicyScene;

  constructor(namespace: string, scene: PolicyScene) {
    this.#namespace = namespace;
    this.#scene = scene;
  }

  isolate({ address }: PolicyPod, direction: Direction, policies: readonly Policy[]): void {
    this.#add(mapOf(direction), address, `goto ${this.#groupChain(direction, policies)}`);
    this.#add(SELF, `${address} . ${address}`);
  }

  readonly peers = ({ podSelector, namespaceSelector }: NetworkPolicyPeer): string => {
    const peer = { ...(podSelector && { podSelector }), ...(namespaceSelector && { namespaceSelector }) };
    const name = this.#name('policy-peers', peer, 'peers');
    if (this.#declare(name, 'type ipv4_addr;'))
      for (const pod of this.#scene.pods)
        if (isPeer(peer, this.#namespace, pod, this.#scene.namespaces)) this.#add(name, pod.address);
    return name;
  };

  readonly namedPort = (direction: Direction, protocol: string, portName: string): string => {
    const name = this.#name('policy-ports', [direction, protocol, portName], `${direction}/${protocol}/${portName}`);
    if (!this.#declare(name, 'type ipv4_addr . inet_proto . inet_service;')) return name;
    // What comes in goes to pods of this namespace; what goes out may go to any.
    const destinations = this.#scene.pods.filter(
      (pod) => direction === 'egress' || (pod.namespace === this.#namespace && pod.node === this.#scene.node.name),
    );
    for (const { address, ports } of destinations)
      for (const port of ports)
        if (port.name === portName && port.protocol.toLowerCase() === protocol)
          this.#add(name, `${address} . ${protocol} . ${port.port}`);
    return name;
  };

  /** The chain of pods that have exactly these policies. */
  #groupChain(direction: Direction, policies: readonly Policy[]): string {
    const names = policies.map(({ metadata }) => metadata.name);
    const chain = this.#name(`policy-${direction}-of`, names, names.join('+'));
    if (this.chains.has(chain)) return chain;
    const jumps = policies.flatMap((policy) => this.#policyChain(direction, policy)).map((target) => `jump ${target}`);
    this.chains.set(chain, [...jumps, 'counter drop']);
    return chain;
  }

  /** The chain of what a policy allows; none when that is nothing. */
  #policyChain(direction: Direction, policy: Policy): readonly string[] {
    const { name } = policy.metadata;
    const chain = this.#name(`policy-${direction}`, name, name);
    if (this.chains.has(chain)) return [chain];
    const lines = [...new Set(rulesOf(policy, direction).flatMap((rule) => allowRules(rule, direction, this)))];
    if (lines.length === 0) return [];
    // What allows everything makes the rest needless.
    this.chains.set(chain, lines.includes('accept') ? ['accept'] : lines);
    return [chain];
  }

  #name(prefix: string, what: unknown, readable: string): string {
    const hash = hashOf([prefix, this.#namespace, what]);
    return `${prefix}-${hash}-${this.#namespace}/${readable}`.replaceAll(/[^A-Za-z0-9./_-]/g, '_').slice(0, MAX_NAME);
  }

  #declare(name: string, type: string): boolean {
    if (this.sets.has(name)) return false;
    this.sets.set(name, type);
    return true;
  }

  #add(set: string, key: string, value = ''): void {
    const elements = this.elements.get(set) ?? new Map<string, string>();
    this.elements.set(set, elements.set(key, value));
  }
}
