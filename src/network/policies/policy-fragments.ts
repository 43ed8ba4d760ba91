// The fragments of NetworkPolicies, kept by namespace: which of them a change of a policy, a pod or a namespace concerns, and what each looks like now.
import { isDeepStrictEqual } from 'node:util';
import type { NetworkPolicy, StoredOf } from '../../model/resource.ts';
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import type { FragmentSource } from '../agent/fragment-source.ts';
import { type Fragment, NO_RECORDS } from '../fragment.ts';
import type { NodeNetwork } from '../node-network.ts';
import { knownRules, policyRules } from './policies.ts';
import { namespaceLabels, type PolicyPod, policyPod } from './policy-pod.ts';
import { rulesOf } from './selection.ts';

/** The fragment of the addresses that are known. */
const KNOWN_ID = 'policies';
const PREFIX = 'policies/';

/** The source of the fragments `policies` and `policies/NAMESPACE`. */
export class PolicyFragments implements FragmentSource {
  readonly #addressOf: (pod: StoredOf<'Pod'>) => string | undefined;
  readonly #pods = new Map<string, PolicyPod>();

  /** `addressOf` tells the address that a pod has or will have; without it, what its status tells. */
  constructor(addressOf: (pod: StoredOf<'Pod'>) => string | undefined = (pod) => pod.status?.podIP) {
    this.#addressOf = addressOf;
  }

  reset(store: StoreReader): readonly string[] {
    this.#pods.clear();
    for (const pod of store.list('Pod')) this.#file(pod);
    const policies = store.list('NetworkPolicy');
    return policies.length === 0 ? [] : [KNOWN_ID, ...new Set(policies.map(idOf))];
  }

  take({ type, resource }: WatchEvent, store: StoreReader): readonly string[] {
    // The first policy closes the node for addresses that nobody knows, the last one opens it.
    if (resource.kind === 'NetworkPolicy') return [KNOWN_ID, idOf(resource)];
    if (resource.kind === 'Namespace') return idsOf(store.list('NetworkPolicy').filter(looksAround));
    if (resource.kind !== 'Pod') return [];
    const key = podKey(resource);
    const before = this.#pods.get(key);
    if (type === 'removed') this.#pods.delete(key);
    else this.#file(resource);
    if (isDeepStrictEqual(before, this.#pods.get(key))) return [];
    const namespace = resource.metadata.namespace ?? 'default';
    const concerned = store
      .list('NetworkPolicy')
      .filter((policy) => (policy.metadata.namespace ?? 'default') === namespace || looksAround(policy));
    return [KNOWN_ID, ...idsOf(concerned)];
  }

  plan(id: string, store: StoreReader, node: NodeNetwork): Fragment | undefined {
    const pods = [...this.#pods.values()];
    if (id === KNOWN_ID) {
      const isNeeded = store.list('NetworkPolicy').length > 0;
      return isNeeded ? { rules: knownRules(pods, node), records: NO_RECORDS } : undefined;
    }
    if (!id.startsWith(PREFIX)) return undefined;
    const namespace = id.slice(PREFIX.length);
    const policies = store.list('NetworkPolicy', namespace);
    if (policies.length === 0) return undefined;
    const scene = { policies, pods, namespaces: namespaceLabels(store.list('Namespace')), node };
    return { rules: policyRules(namespace, scene), records: NO_RECORDS };
  }

  #file(pod: StoredOf<'Pod'>): void {
    const seen = policyPod(pod, this.#addressOf(pod));
    if (seen === undefined) this.#pods.delete(podKey(pod));
    else this.#pods.set(podKey(pod), seen);
  }
}

const podKey = ({ metadata }: StoredOf<'Pod'>): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;
const idOf = ({ metadata }: StoredOf<'NetworkPolicy'>): string => `${PREFIX}${metadata.namespace ?? 'default'}`;
const idsOf = (policies: readonly StoredOf<'NetworkPolicy'>[]): readonly string[] => [...new Set(policies.map(idOf))];

/** Whether pods of other namespaces count: as peers, or by the names of ports that may be anywhere. */
function looksAround(policy: NetworkPolicy): boolean {
  const all = [...rulesOf(policy, 'ingress'), ...rulesOf(policy, 'egress')];
  return all.some(
    ({ peers, ports }) =>
      peers.some(({ namespaceSelector }) => namespaceSelector !== undefined) ||
      ports.some(({ port }) => typeof port === 'string'),
  );
}
