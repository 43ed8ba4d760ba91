// Priorities (Kubernetes, "Pod Priority and Preemption"): from the class that a pod names, or the default one, to its number.
import type { PodSpec, PriorityClass } from '../generated.ts';

type PriorityValue = Pick<PriorityClass, 'value' | 'preemptionPolicy'>;

/** Classes that are there without being declared. */
export const systemPriorityClasses: Readonly<Record<string, PriorityValue>> = {
  'system-cluster-critical': { value: 2_000_000_000 },
  'system-node-critical': { value: 2_000_001_000 },
};

/** What of a spec follows from its class, or why it is refused in Kubernetes' words. */
export type Priority =
  | { readonly ok: true; readonly fields: Pick<PodSpec, 'priority' | 'preemptionPolicy' | 'priorityClassName'> }
  | { readonly ok: false; readonly message: string };

/** Judges a pod that is to be made. Of several default classes the least counts, as in Kubernetes. */
export function priorityOf(spec: PodSpec, classes: readonly PriorityClass[]): Priority {
  const name = spec.priorityClassName ?? '';
  const byDefault = name === '' ? defaultClass(classes) : undefined;
  const named = Object.hasOwn(systemPriorityClasses, name)
    ? systemPriorityClasses[name]
    : classes.find(({ metadata }) => metadata.name === name);
  if (name !== '' && named === undefined) return { ok: false, message: `no PriorityClass with name ${name} was found` };
  const { value, preemptionPolicy = 'PreemptLowerPriority' }: PriorityValue = named ?? byDefault ?? { value: 0 };
  const className = name === '' ? byDefault?.metadata.name : name;
  if (spec.priority !== undefined && spec.priority !== value) {
    const message = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
    return { ok: false, message };
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
    const message = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`;
    return { ok: false, message };
  }
  const fields = { priority: value, preemptionPolicy, ...(className === undefined ? {} : { priorityClassName: className }) };
  return { ok: true, fields };
}

function defaultClass(classes: readonly PriorityClass[]): PriorityClass | undefined {
  return classes.filter(({ globalDefault }) => globalDefault === true).toSorted((a, b) => a.value - b.value)[0];
}
