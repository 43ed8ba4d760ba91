// The fragments of NetworkPolicies: small ones, so that a change of a policy, a pod or a namespace costs what it concerns. A boot reads them in the
// order of their ids: policies with their sets, then the groups that jump to them, then the pods, which lead to groups and fill sets.
import { isDeepStrictEqual } from 'node:util';
import { hashOf } from '../../model/hash.ts';
import type { StoredOf } from '../../model/resource.ts';
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import type { FragmentSource } from '../agent/fragment-source.ts';
import { type Fragment, type Fragments, NO_RECORDS, NO_RULES, type Rules } from '../fragment.ts';
import type { NodeNetwork } from '../node-network.ts';
import { groupRules, guardRules, podRules } from './policies.ts';
import { type Concerned, GROUP_PREFIX, PolicyIndex } from './policy-index.ts';
import { policyPod } from './policy-pod.ts';
import { memoryOfNamespace, memoryOfPolicy, type PolicyMemory, readMemory, recalledPolicy } from './recalled.ts';

/** The fragment that closes the node for addresses which nobody knows. */
const GUARD_ID = 'policies';
const POLICY_PREFIX = 'policies/';
const POD_PREFIX = 'policy-pods/';
/** Fragments without rules: the labels of namespaces, for a store that has lost them. */
const NAMESPACE_PREFIX = 'policy-namespaces/';
/** Longer names are cut: an id is a file's name too. */
const MAX_NAME = 63;

/** The source of the fragments `policies`, `policies/NAMESPACE/NAME`, `policy-groups/…` and `policy-pods/NAMESPACE/ADDRESS`. */
export class PolicyFragments implements FragmentSource {
  readonly #missing: (store: StoreReader) => readonly string[];
  readonly #addressOf: (pod: StoredOf<'Pod'>) => string | undefined;
  readonly #index = new PolicyIndex();
  /** By fragment: the pods that have, or had a moment ago, its address. */
  readonly #byFragment = new Map<string, Set<string>>();

  /** By fragment: what is to be remembered. */
  readonly #memories = new Map<string, PolicyMemory>();
  /** By fragment: what was remembered, of applications that the store does not know yet. */
  readonly #recalled = new Map<string, PolicyMemory>();

  /**
   * `missing` tells the applications that a lost store does not know yet; `addressOf` the address that a pod has or will have, without it what its
   * status tells.
   */
  constructor(
    missing: (store: StoreReader) => readonly string[] = () => [],
    addressOf: (pod: StoredOf<'Pod'>) => string | undefined = (pod) => pod.status?.podIP,
  ) {
    this.#missing = missing;
    this.#addressOf = addressOf;
  }

  reset(store: StoreReader): readonly string[] {
    this.#index.clear();
    this.#byFragment.clear();
    this.#memories.clear();
    const ids = [...this.#recalled].flatMap(([id, memory]) => this.#putMemory(id, memory));
    for (const namespace of store.list('Namespace')) ids.push(...this.#putNamespace(namespace, false));
    for (const policy of store.list('NetworkPolicy')) ids.push(...this.#putPolicy(policy, false));
    for (const pod of store.list('Pod')) ids.push(...this.#putPod(pod, false));
    return this.#index.hasPolicies ? [...new Set(ids)] : [];
  }

  take({ type, resource }: WatchEvent): readonly string[] {
    const isGone = type === 'removed';
    if (resource.kind === 'NetworkPolicy') return this.#putPolicy(resource, isGone);
    if (resource.kind === 'Pod') return this.#whenNeeded(this.#putPod(resource, isGone));
    return resource.kind === 'Namespace' ? this.#whenNeeded(this.#putNamespace(resource, isGone)) : [];
  }

  recall(found: Fragments, store: StoreReader): readonly string[] {
    if (found.size + this.#recalled.size === 0) return [];
    const missing = this.#missing(store);
    const ids: string[] = [];
    for (const [id, { memory: line }] of found) {
      const memory = id.startsWith(POLICY_PREFIX) || id.startsWith(NAMESPACE_PREFIX) ? readMemory(line) : undefined;
      if (memory === undefined || isKnown(memory, store) || !missing.includes(memory.application)) continue;
      this.#recalled.set(id, memory);
      ids.push(...this.#putMemory(id, memory));
    }
    for (const [id, memory] of this.#recalled) {
      const isBack = isKnown(memory, store);
      if (!isBack && missing.includes(memory.application)) continue;
      this.#recalled.delete(id);
      // What the store knows was taken in by its watch, or will be.
      if (!isBack) ids.push(...this.#putMemory(id, memory, true));
    }
    return ids;
  }

  plan(id: string, _store: StoreReader, node: NodeNetwork): Fragment | undefined {
    const rules = this.#rulesOf(id, node);
    const memory = this.#index.hasPolicies ? this.#memories.get(id) : undefined;
    if ((rules === undefined || isEmpty(rules)) && memory === undefined) return undefined;
    return { rules: rules ?? NO_RULES, records: NO_RECORDS, ...(memory && { memory: JSON.stringify(memory) }) };
  }

  #rulesOf(id: string, node: NodeNetwork): Rules | undefined {
    if (!this.#index.hasPolicies) return undefined;
    if (id === GUARD_ID) return guardRules(node);
    if (id.startsWith(POLICY_PREFIX)) return this.#index.partsOn(id, node.name)?.rules;
    if (id.startsWith(GROUP_PREFIX)) {
      const group = this.#index.groupOn(id, node.name);
      return group && groupRules(group);
    }
    const [key] = [...(this.#byFragment.get(id) ?? [])].slice(-1);
    const pod = key === undefined ? undefined : this.#index.pod(key);
    if (key === undefined || pod === undefined) return undefined;
    return podRules(pod, this.#index.groupsOf(key), this.#index.setsOf(key, node.name), node);
  }

  /** Without policies nothing is of interest. */
  #whenNeeded(ids: readonly string[]): readonly string[] {
    return this.#index.hasPolicies ? ids : [];
  }

  /** The first policy closes the node for addresses that nobody knows, the last one opens it. */
  #putPolicy(policy: StoredOf<'NetworkPolicy'>, isGone: boolean): readonly string[] {
    const id = idOf(policy);
    const isChanged = this.#remember(id, isGone ? undefined : memoryOfPolicy(policy));
    const had = this.#index.hasPolicies;
    const ids = this.#idsOf(this.#index.putPolicy(id, isGone ? undefined : policy));
    if (isChanged) ids.push(id);
    if (had !== this.#index.hasPolicies) ids.push(GUARD_ID, ...this.#byFragment.keys(), ...this.#memories.keys());
    return [...new Set(ids)];
  }

  #putNamespace(namespace: StoredOf<'Namespace'>, isGone: boolean): readonly string[] {
    const { name, labels = {} } = namespace.metadata;
    const id = `${NAMESPACE_PREFIX}${name}`;
    const isChanged = this.#remember(id, isGone ? undefined : memoryOfNamespace(namespace));
    const ids = this.#idsOf(this.#index.putNamespace(name, isGone ? undefined : labels));
    return isChanged ? [...ids, id] : ids;
  }

  #putMemory(id: string, memory: PolicyMemory, isGone = false): readonly string[] {
    if ('policy' in memory) return this.#putPolicy(recalledPolicy(memory), isGone);
    const isChanged = this.#remember(id, isGone ? undefined : memory);
    const ids = this.#idsOf(this.#index.putNamespace(memory.labelsOf, isGone ? undefined : memory.labels));
    return isChanged ? [...ids, id] : ids;
  }

  /** Whether that is something new. */
  #remember(id: string, memory: PolicyMemory | undefined): boolean {
    if (isDeepStrictEqual(this.#memories.get(id), memory)) return false;
    if (memory === undefined) this.#memories.delete(id);
    else this.#memories.set(id, memory);
    return true;
  }

  #putPod(pod: StoredOf<'Pod'>, isGone: boolean): readonly string[] {
    const key = podKey(pod);
    const seen = isGone ? undefined : policyPod(pod, this.#addressOf(pod));
    const before = fragmentOf(this.#index.pod(key));
    const concerned = this.#index.putPod(key, seen);
    const after = fragmentOf(seen);
    if (before !== after) {
      this.#file(before, key, false);
      this.#file(after, key, true);
    }
    const ids = this.#idsOf(concerned);
    return before === undefined || before === after ? ids : [...new Set([before, ...ids])];
  }

  #file(id: string | undefined, key: string, isThere: boolean): void {
    if (id === undefined) return;
    const keys = this.#byFragment.get(id) ?? new Set<string>();
    if (isThere) this.#byFragment.set(id, keys.add(key));
    else keys.delete(key);
    if (keys.size === 0) this.#byFragment.delete(id);
  }

  #idsOf({ policies, groups, pods }: Concerned): string[] {
    const ofPods = [...pods].flatMap((key) => fragmentOf(this.#index.pod(key)) ?? []);
    return [...new Set([...policies, ...groups, ...ofPods])];
  }
}

const podKey = ({ metadata }: StoredOf<'Pod'>): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;

function fragmentOf(pod: { readonly namespace: string; readonly address: string } | undefined): string | undefined {
  return pod && `${POD_PREFIX}${pod.namespace}/${pod.address}`;
}

function idOf({ metadata: { namespace = 'default', name } }: StoredOf<'NetworkPolicy'>): string {
  const short = name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME)}-${hashOf(name)}`;
  return `${POLICY_PREFIX}${namespace}/${short}`;
}

function isKnown(memory: PolicyMemory, store: StoreReader): boolean {
  return 'policy' in memory
    ? store.get('NetworkPolicy', memory.namespace, memory.policy) !== undefined
    : store.get('Namespace', '', memory.labelsOf) !== undefined;
}

function isEmpty({ chains, sets, elements }: Rules): boolean {
  return chains.size + sets.size + elements.size === 0;
}
