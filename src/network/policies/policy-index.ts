// Policies, pods and who is meant by what, kept so that a change of one costs what it concerns: the policies that name a pod, or the pods that a policy
// names. The others are not looked at. Bookkeeping; it must not know what rules look like beyond the parts of policies.
import { isDeepStrictEqual } from 'node:util';
import { hashOf } from '../../model/hash.ts';
import type { StoredOf } from '../../model/resource.ts';
import { type PolicyGroup, type PolicyParts, type PolicySet, policyParts } from './policies.ts';
import { type Labels, labelsOf, type PolicyPod } from './policy-pod.ts';
import { DIRECTIONS, isSelected, restricts, subjectsOf } from './selection.ts';
import { type Selection, WordIndex, wordsOfPod, wordsOfSelection } from './words.ts';

type Policy = StoredOf<'NetworkPolicy'>;

/** Keys of groups begin with it. */
export const GROUP_PREFIX = 'policy-groups/';

/** Something by which a policy means pods: those that it is for, or those of one of its sets. */
interface Term {
  readonly policy: string;
  readonly selection: Selection;
  /** Absent for the pods that the policy is for. */
  readonly set?: PolicySet;
}

interface FiledPolicy extends PolicyParts {
  readonly policy: Policy;
  readonly terms: readonly Term[];
}

/** What policies mean a pod to be. */
interface Membership {
  /** By id, sorted. */
  readonly subjectOf: readonly string[];
  readonly groups: ReadonlyMap<string, PolicyGroup>;
  readonly terms: readonly Term[];
}

interface FiledPod {
  readonly pod: PolicyPod;
  membership: Membership;
}

const NOTHING: Membership = { subjectOf: [], groups: new Map(), terms: [] };

/** What may look different now: policies, groups and pods by their keys. */
export interface Concerned {
  readonly policies: Set<string>;
  readonly groups: Set<string>;
  readonly pods: Set<string>;
}

/** See above. Keys of policies and pods are the caller's. */
export class PolicyIndex {
  readonly #policies = new Map<string, FiledPolicy>();
  readonly #pods = new Map<string, FiledPod>();
  readonly #labels = new Map<string, Labels>();
  readonly #terms = new WordIndex<Term>();
  readonly #podWords = new WordIndex<string>();
  readonly #groups = new Map<string, PolicyGroup>();
  /** By policy or group, and node: how many of its pods are for it. */
  readonly #local = new Map<string, Map<string, number>>();
  /** By policy: the pods that it means in any way. */
  readonly #meant = new Map<string, Set<string>>();

  clear(): void {
    for (const each of [this.#policies, this.#pods, this.#labels, this.#groups, this.#local, this.#meant]) each.clear();
    this.#terms.clear();
    this.#podWords.clear();
  }

  get hasPolicies(): boolean {
    return this.#policies.size > 0;
  }

  podKeys(): Iterable<string> {
    return this.#pods.keys();
  }

  pod(key: string): PolicyPod | undefined {
    return this.#pods.get(key)?.pod;
  }

  /** A policy that is for pods of this node. */
  partsOn(key: string, node: string): PolicyParts | undefined {
    return this.#isOn(key, node) ? this.#policies.get(key) : undefined;
  }

  /** A group that has pods on this node. */
  groupOn(key: string, node: string): PolicyGroup | undefined {
    return this.#isOn(key, node) ? this.#groups.get(key) : undefined;
  }

  groupsOf(pod: string): readonly PolicyGroup[] {
    return [...(this.#pods.get(pod)?.membership.groups.values() ?? [])];
  }

  /** The sets that a pod is in, of policies that are for pods of this node. */
  setsOf(pod: string, node: string): readonly PolicySet[] {
    const terms = this.#pods.get(pod)?.membership.terms ?? [];
    return terms.flatMap(({ set, policy }) => (set !== undefined && this.#isOn(policy, node) ? [set] : []));
  }

  /** Puts a policy in the place of what was there; undefined when it is gone. */
  putPolicy(key: string, policy: Policy | undefined): Concerned {
    const concerned = nothingConcerned();
    const before = this.#policies.get(key);
    if (policy !== undefined && before !== undefined && isDeepStrictEqual(before.policy.spec, policy.spec)) return concerned;
    concerned.policies.add(key);
    const pods = new Set(this.#meant.get(key));
    for (const term of before?.terms ?? []) this.#terms.unfile(term);
    if (policy === undefined) this.#policies.delete(key);
    else {
      const filed = filedPolicy(key, policy);
      this.#policies.set(key, filed);
      for (const term of filed.terms) {
        const lists = wordsOfSelection(term.selection);
        this.#terms.file(term, this.#terms.rarest(lists));
        for (const pod of this.#podWords.of(this.#podWords.rarest(lists))) pods.add(pod);
      }
    }
    for (const pod of pods) this.#renew(pod, concerned);
    return concerned;
  }

  /** Puts a pod in the place of what was there; undefined when policies see none. */
  putPod(key: string, pod: PolicyPod | undefined): Concerned {
    const concerned = nothingConcerned();
    const before = this.#pods.get(key);
    if (isDeepStrictEqual(before?.pod, pod)) return concerned;
    concerned.pods.add(key);
    if (before !== undefined) this.#replace(key, before, NOTHING, concerned);
    this.#pods.delete(key);
    this.#podWords.unfile(key);
    if (pod === undefined) return concerned;
    this.#pods.set(key, { pod, membership: NOTHING });
    this.#fileWords(key, pod);
    this.#renew(key, concerned);
    return concerned;
  }

  /** The labels that a namespace was given; undefined when nobody declares it. */
  putNamespace(namespace: string, labels: Labels | undefined): Concerned {
    const concerned = nothingConcerned();
    if (isDeepStrictEqual(this.#labels.get(namespace) ?? {}, labels ?? {})) return concerned;
    if (labels === undefined) this.#labels.delete(namespace);
    else this.#labels.set(namespace, labels);
    for (const key of this.#podWords.of([`${namespace}/`])) {
      const pod = this.pod(key);
      if (pod === undefined) continue;
      this.#fileWords(key, pod);
      this.#renew(key, concerned);
    }
    return concerned;
  }

  #isOn(key: string, node: string): boolean {
    return this.#local.get(key)?.has(node) === true;
  }

  #fileWords(key: string, pod: PolicyPod): void {
    this.#podWords.file(key, wordsOfPod(pod, labelsOf(pod.namespace, this.#labels)));
  }

  #renew(key: string, concerned: Concerned): void {
    const filed = this.#pods.get(key);
    if (filed !== undefined) this.#replace(key, filed, this.#membershipOf(filed.pod), concerned);
  }

  #membershipOf(pod: PolicyPod): Membership {
    const labels = labelsOf(pod.namespace, this.#labels);
    const words = wordsOfPod(pod, labels);
    const terms = [...this.#terms.of(words)].filter(({ selection }) => isSelected(selection, pod, labels));
    const subjectOf = terms.flatMap(({ policy, set }) => (set === undefined ? [policy] : [])).toSorted();
    const groups = new Map<string, PolicyGroup>();
    for (const direction of DIRECTIONS) {
      const own = subjectOf.flatMap((id) => {
        const policy = this.#policies.get(id)?.policy;
        return policy !== undefined && restricts(policy, direction) ? [{ id, policy }] : [];
      });
      const ids = own.map(({ id }) => id);
      const policies = own.map(({ policy }) => policy);
      if (own.length > 0) groups.set(`${GROUP_PREFIX}${pod.namespace}/${direction}-${hashOf(ids)}`, { direction, policies });
    }
    return { subjectOf, groups, terms };
  }

  #replace(key: string, filed: FiledPod, after: Membership, concerned: Concerned): void {
    const { pod, membership: before } = filed;
    filed.membership = after;
    const [was, is] = [new Set(before.terms), new Set(after.terms)];
    if (before.terms.some((term) => !is.has(term)) || after.terms.some((term) => !was.has(term))) concerned.pods.add(key);
    for (const { policy } of before.terms) this.#means(policy, key, false);
    for (const { policy } of after.terms) this.#means(policy, key, true);
    this.#countGroups(pod.node, before, after, concerned);
    const [subjectBefore, subjectAfter] = [new Set(before.subjectOf), new Set(after.subjectOf)];
    for (const policy of subjectAfter) if (!subjectBefore.has(policy)) this.#countPolicy(policy, pod.node, 1, concerned);
    for (const policy of subjectBefore) if (!subjectAfter.has(policy)) this.#countPolicy(policy, pod.node, -1, concerned);
  }

  #means(policy: string, pod: string, does: boolean): void {
    const pods = this.#meant.get(policy) ?? new Set<string>();
    if (does) this.#meant.set(policy, pods.add(pod));
    else pods.delete(pod);
    if (pods.size === 0) this.#meant.delete(policy);
  }

  #countGroups(node: string, before: Membership, after: Membership, concerned: Concerned): void {
    for (const [id, group] of after.groups) {
      this.#groups.set(id, group);
      if (!before.groups.has(id) && this.#count(id, node, 1)) concerned.groups.add(id);
    }
    for (const id of before.groups.keys())
      if (!after.groups.has(id) && this.#count(id, node, -1)) {
        concerned.groups.add(id);
        if (!this.#local.has(id)) this.#groups.delete(id);
      }
  }

  /** The first pod of a node brings the rules of its policies there, which everybody that they mean has to fill. */
  #countPolicy(policy: string, node: string, change: 1 | -1, concerned: Concerned): void {
    if (!this.#count(policy, node, change)) return;
    concerned.policies.add(policy);
    for (const pod of this.#meant.get(policy) ?? []) concerned.pods.add(pod);
  }

  /** Whether it is the first or the last of the node. */
  #count(key: string, node: string, change: 1 | -1): boolean {
    const counts = this.#local.get(key) ?? new Map<string, number>();
    const count = (counts.get(node) ?? 0) + change;
    if (count === 0) counts.delete(node);
    else counts.set(node, count);
    if (counts.size === 0) this.#local.delete(key);
    else this.#local.set(key, counts);
    return count === (change === 1 ? 1 : 0);
  }
}

function nothingConcerned(): Concerned {
  return { policies: new Set(), groups: new Set(), pods: new Set() };
}

function filedPolicy(key: string, policy: Policy): FiledPolicy {
  const parts = policyParts(policy);
  const subjects: Term = { policy: key, selection: subjectsOf(policy, policy.metadata.namespace ?? 'default') };
  const sets = parts.sets.map((set): Term => ({ policy: key, selection: set.selection, set }));
  return { ...parts, policy, terms: [subjects, ...sets] };
}
