// The fragments of NetworkPolicies: small ones, so that a change of a policy, a pod or a namespace costs what it concerns. A boot reads them in the
// order of their ids: policies with their sets, then the groups that jump to them, then the pods, which lead to groups and fill sets.
import { hashOf } from '../../model/hash.ts';
import type { StoredOf } from '../../model/resource.ts';
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import type { FragmentSource } from '../agent/fragment-source.ts';
import { type Fragment, NO_RECORDS, type Rules } from '../fragment.ts';
import type { NodeNetwork } from '../node-network.ts';
import { groupRules, guardRules, podRules } from './policies.ts';
import { type Concerned, GROUP_PREFIX, PolicyIndex } from './policy-index.ts';
import { policyPod } from './policy-pod.ts';

/** The fragment that closes the node for addresses which nobody knows. */
const GUARD_ID = 'policies';
const POLICY_PREFIX = 'policies/';
const POD_PREFIX = 'policy-pods/';
/** Longer names are cut: an id is a file's name too. */
const MAX_NAME = 63;

/** The source of the fragments `policies`, `policies/NAMESPACE/NAME`, `policy-groups/…` and `policy-pods/NAMESPACE/ADDRESS`. */
export class PolicyFragments implements FragmentSource {
  readonly #addressOf: (pod: StoredOf<'Pod'>) => string | undefined;
  readonly #index = new PolicyIndex();
  /** By fragment: the pods that have, or had a moment ago, its address. */
  readonly #byFragment = new Map<string, Set<string>>();

  /** `addressOf` tells the address that a pod has or will have; without it, what its status tells. */
  constructor(addressOf: (pod: StoredOf<'Pod'>) => string | undefined = (pod) => pod.status?.podIP) {
    this.#addressOf = addressOf;
  }

  reset(store: StoreReader): readonly string[] {
    this.#index.clear();
    this.#byFragment.clear();
    const ids: string[] = [];
    for (const { metadata } of store.list('Namespace')) this.#index.putNamespace(metadata.name, metadata.labels ?? {});
    for (const policy of store.list('NetworkPolicy')) {
      const { policies, groups } = this.#index.putPolicy(idOf(policy), policy);
      ids.push(...policies, ...groups);
    }
    for (const pod of store.list('Pod')) ids.push(...this.#putPod(pod, false));
    return this.#index.hasPolicies ? [...new Set([GUARD_ID, ...ids])] : [];
  }

  take({ type, resource }: WatchEvent): readonly string[] {
    const isGone = type === 'removed';
    if (resource.kind === 'Pod')
      return this.#index.hasPolicies ? this.#putPod(resource, isGone) : this.#silently(resource, isGone);
    if (resource.kind === 'NetworkPolicy') return this.#putPolicy(resource, isGone);
    if (resource.kind !== 'Namespace') return [];
    const { name, labels = {} } = resource.metadata;
    return this.#idsOf(this.#index.putNamespace(name, isGone ? undefined : labels));
  }

  plan(id: string, _store: StoreReader, node: NodeNetwork): Fragment | undefined {
    const rules = this.#rulesOf(id, node);
    return rules === undefined || isEmpty(rules) ? undefined : { rules, records: NO_RECORDS };
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

  /** The first policy closes the node for addresses that nobody knows, the last one opens it. */
  #putPolicy(policy: StoredOf<'NetworkPolicy'>, isGone: boolean): readonly string[] {
    const had = this.#index.hasPolicies;
    const ids = this.#idsOf(this.#index.putPolicy(idOf(policy), isGone ? undefined : policy));
    return had === this.#index.hasPolicies ? ids : [...new Set([GUARD_ID, ...ids, ...this.#byFragment.keys()])];
  }

  #silently(pod: StoredOf<'Pod'>, isGone: boolean): readonly string[] {
    this.#putPod(pod, isGone);
    return [];
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

  #idsOf({ policies, groups, pods }: Concerned): readonly string[] {
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

function isEmpty({ chains, sets, elements }: Rules): boolean {
  return chains.size + sets.size + elements.size === 0;
}
