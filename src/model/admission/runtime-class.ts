// What a pod is given by the RuntimeClass that it names (Kubernetes, "Runtime Class": Scheduling, Pod Overhead). Pure.

import type { PodSpec, ResourceList, RuntimeClass, Toleration } from '../generated.ts';
import { canonicalJson } from '../hash.ts';

export type RuntimeClassResult =
  | { readonly ok: true; readonly spec: PodSpec }
  /** Kubernetes' words. */
  | { readonly ok: false; readonly message: string };

/** The pod with the overhead, node labels and tolerations of its class; as it is when it names none. */
export function withRuntimeClass(spec: PodSpec, classOf: (name: string) => RuntimeClass | undefined): RuntimeClassResult {
  const { runtimeClassName = '' } = spec;
  if (runtimeClassName === '') return { ok: true, spec };
  const found = classOf(runtimeClassName);
  if (found === undefined) return { ok: false, message: `pod rejected: RuntimeClass "${runtimeClassName}" not found` };
  const { nodeSelector = {}, tolerations = [] } = found.scheduling ?? {};
  const conflict = Object.entries(nodeSelector).find(([key, value]) => (spec.nodeSelector?.[key] ?? value) !== value);
  if (conflict !== undefined) {
    const [key, value] = conflict;
    const both = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${spec.nodeSelector?.[key] ?? ''}`;
    return { ok: false, message: `failed to merge pod and RuntimeClass nodeSelectors: conflict: ${both}` };
  }
  // Amounts of a class may name any resource, as those of a container may.
  const overhead = found.overhead?.podFixed as ResourceList | undefined;
  return {
    ok: true,
    spec: {
      ...spec,
      ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector: { ...spec.nodeSelector, ...nodeSelector } }),
      ...(tolerations.length === 0 ? {} : { tolerations: merged(spec.tolerations ?? [], tolerations) }),
      ...(overhead === undefined ? {} : { overhead }),
    },
  };
}

function merged(own: readonly Toleration[], others: readonly Toleration[]): Toleration[] {
  const known = new Set(own.map(canonicalJson));
  return [...own, ...others.filter((toleration) => !known.has(canonicalJson(toleration)))];
}
