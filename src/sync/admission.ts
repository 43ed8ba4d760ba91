// Admission of what a commit creates, before it is written: with the policies as the commit will have them, so that a LimitRange counts for
// the pods beside it. What admission gave to a pod belongs to the pod from then on: it is no difference from the manifest. Pure.

import type { ExistingPolicies } from '../manifests/checks/object-set.ts';
import { completePod, withAdmitted } from '../model/admission/admit-pod.ts';
import { LIMIT_RANGER_ANNOTATION } from '../model/admission/limits.ts';
import { isEnding } from '../model/deletion.ts';
import { hashOf } from '../model/hash.ts';
import { kindNaming } from '../model/kinds.generated.ts';
import {
  type Desired,
  type Kind,
  keyOf,
  keyString,
  type PodSpec,
  type ResourceKey,
  type Stored,
  type StoredOf,
} from '../model/resource.ts';
import { Admitter, podContext } from '../runtime/admission.ts';
import { type PolicyReader } from '../runtime/policy-reader.ts';
import type { StoreReader } from '../store/store.ts';
import { appliedOver } from './applied.ts';
import type { PlannedChange } from './planned.ts';

/** Annotation of a pod from a commit: the hash of its spec as it was written, before admission completed it. */
const ADMITTED_ANNOTATION = 'holdfast.dev/admitted';
const policyKinds: ReadonlySet<Kind> = new Set([
  'Namespace',
  'LimitRange',
  'ResourceQuota',
  'PriorityClass',
  'RuntimeClass',
  'ServiceAccount',
]);

/** The policies as they will be when the commit is applied; everything else as it is. */
export function policiesWith(desired: readonly Desired[], live: PolicyReader): PolicyReader {
  const wanted = desired.filter(({ kind }) => policyKinds.has(kind));
  if (wanted.length === 0) return live;
  const byKey = new Map(wanted.map((resource) => [keyString(keyOf(resource)), resource]));
  // Policies are read for what they say, which a manifest has too: it lacks only what the store adds.
  const asStored = <K extends Kind>(resource: Desired | undefined): StoredOf<K> | undefined =>
    resource as unknown as StoredOf<K> | undefined;
  return {
    get<K extends Kind>(kind: K, namespace: string, name: string): StoredOf<K> | undefined {
      const there = live.get(kind, namespace, name);
      const stored: Stored | undefined = there;
      if (stored !== undefined && isEnding(stored)) return there;
      return asStored<K>(byKey.get(keyString({ kind, namespace, name }))) ?? there;
    },
    list<K extends Kind>(kind: K, namespace?: string): readonly StoredOf<K>[] {
      const there: readonly StoredOf<K>[] = live.list(kind, namespace);
      if (!policyKinds.has(kind)) return there;
      const own = wanted.filter(
        (resource) => resource.kind === kind && (namespace === undefined || keyOf(resource).namespace === namespace),
      );
      const others = there.filter((resource: Stored) => !byKey.has(keyString(keyOf(resource))));
      return [...own.flatMap((resource) => asStored<K>(resource) ?? []), ...others];
    },
  };
}

/**
 * The changes with what they create admitted: completed as it will be stored, or waiting until its namespace lets it in. In the order in
 * which they are made, because each counts in the quotas for those after it.
 */
export function admitChanges(
  changes: readonly PlannedChange[],
  desired: readonly Desired[],
  policies: PolicyReader,
): readonly PlannedChange[] {
  let admitter: Admitter | undefined;
  const written = new Map(
    desired.flatMap((resource) => (resource.kind === 'Pod' ? [[keyString(keyOf(resource)), resource.spec] as const] : [])),
  );
  const writtenOf = (key: ResourceKey): PodSpec | undefined => written.get(keyString(key));
  return changes.map((change) => {
    const { next, action } = change;
    if (next === undefined || change.waitsFor !== undefined) return change;
    if (action === 'recreate' && next.kind === 'Pod')
      return { ...change, next: completed(next, writtenOf(change.key) ?? next.spec, policies) };
    if (action !== 'create') return change;
    admitter ??= new Admitter(policies, { areServicesComplete: true });
    const admission = admitter.admit(next);
    if (!admission.ok) return { ...change, waitsFor: admission.message };
    // Admission changes nothing of an object's identity.
    const admitted = admission.resource as Desired;
    return { ...change, next: next.kind === 'Pod' ? marked(admitted, writtenOf(change.key) ?? next.spec) : admitted };
  });
}

function marked<R extends Stored | Desired>(pod: R, written: PodSpec): R {
  const annotations = { ...pod.metadata.annotations, [ADMITTED_ANNOTATION]: hashOf(written) };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

/** The pod with what admission gives; as it is when that refuses it, which is told when it is created. */
function completed<R extends (Stored | Desired) & { kind: 'Pod' }>(pod: R, written: PodSpec, policies: PolicyReader): R {
  const result = completePod(pod, podContext(policies, pod.metadata.namespace ?? 'default', []));
  if (!result.ok) return pod;
  return marked({ ...pod, spec: result.pod.spec, metadata: { ...pod.metadata, ...result.pod.metadata } }, written);
}

/**
 * A pod's manifest over the pod that is there. While the manifest says what it said when the pod was made, what admission gave is kept;
 * when it says something else, it is given anew.
 */
export function podOver(desired: Desired & { kind: 'Pod' }, live: StoredOf<'Pod'>, policies: PolicyReader): Stored {
  const before = live.metadata.annotations?.[ADMITTED_ANNOTATION];
  if (before === undefined) return appliedOver(desired, live);
  if (before === hashOf(desired.spec)) return appliedOver({ ...desired, spec: withAdmitted(desired.spec, live.spec) }, live);
  const { [LIMIT_RANGER_ANNOTATION]: _old, ...annotations } = live.metadata.annotations ?? {};
  return appliedOver(completed(desired, desired.spec, policies), { ...live, metadata: { ...live.metadata, annotations } });
}

/** The policies of a namespace beside a commit, and the objects in it that are not the commit's. */
export function existingPolicies(
  store: StoreReader,
  namespace: string,
  isOthers: (resource: Stored) => boolean,
): ExistingPolicies {
  const others = <K extends Kind>(kind: K, where: string): readonly StoredOf<K>[] =>
    store.list(kind, where).filter((resource: Stored) => isOthers(resource));
  const counted = (Object.keys(kindNaming) as Kind[]).filter((kind) => kindNaming[kind].isNamespaced && kind !== 'Event');
  const quotas = others('ResourceQuota', namespace);
  return {
    namespace: store.get('Namespace', '', namespace),
    limitRanges: others('LimitRange', namespace),
    quotas,
    priorityClasses: others('PriorityClass', ''),
    runtimeClasses: others('RuntimeClass', ''),
    serviceAccounts: others('ServiceAccount', namespace),
    // Looked at only where there are quotas.
    others: { [Symbol.iterator]: () => counted.flatMap((kind): readonly Stored[] => others(kind, namespace))[Symbol.iterator]() },
  };
}
