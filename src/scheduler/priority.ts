// The priority of a pod that is not there yet: from its PriorityClass (Kubernetes, "Pod Priority and Preemption"). Pods in the store have
// theirs in their spec.
import type { PodSpec, PriorityClass } from '../model/resource.ts';

/** Classes that are there in every cluster. */
const BUILT_IN: ReadonlyMap<string, number> = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
]);

/** The priority that a pod of this spec gets; 0 when no class says otherwise. */
export function priorityOf(spec: PodSpec, classes: readonly PriorityClass[]): number {
  if (spec.priority !== undefined) return spec.priority;
  const name = spec.priorityClassName ?? '';
  if (name !== '') return classes.find(({ metadata }) => metadata.name === name)?.value ?? BUILT_IN.get(name) ?? 0;
  const defaults = classes.filter(({ globalDefault }) => globalDefault === true).map(({ value }) => value);
  return defaults.length === 0 ? 0 : Math.min(...defaults);
}
