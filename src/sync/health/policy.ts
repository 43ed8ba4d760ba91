// Whether a namespace is there to stay, and whether budgets have been counted. Pure.
import { findCondition } from '../../model/conditions.ts';
import { isEnding } from '../../model/deletion.ts';
import type { StoredOf } from '../../model/resource.ts';
import { type Health, healthy, progressing } from './verdict.ts';

/** A namespace that is asked to go, and what it still waits for. */
export function namespaceHealth(namespace: StoredOf<'Namespace'>): Health {
  if (!isEnding(namespace)) return healthy;
  const conditions = namespace.status?.conditions;
  const waits = ['NamespaceFinalizersRemaining', 'NamespaceContentRemaining'].map((type) => findCondition(conditions, type));
  const wait = waits.find((condition) => condition?.status === 'True');
  return progressing(`it is being deleted${wait?.message === undefined ? '' : `. ${wait.message}`}`);
}

/** As kstatus judges: once its controller has counted. */
export function budgetHealth(budget: StoredOf<'PodDisruptionBudget'>): Health {
  return (budget.status?.observedGeneration ?? 0) < budget.metadata.generation
    ? progressing('its controller has not seen the change yet')
    : healthy;
}
