// NetworkPolicies and PodDisruptionBudgets that select nothing.
import type { Path } from '../place.ts';
import type { Facts } from './facts.ts';
import type { ObjectSet, Tell } from './object-set.ts';
import { tellNothingSelected } from './services.ts';

/** An empty selector means all pods, whichever there are. */
export function checkPodSelectors(set: ObjectSet, tell: Tell): void {
  for (const at of set.ofKind('NetworkPolicy')) check(at, ['spec', 'podSelector'], set, tell);
  for (const at of set.ofKind('PodDisruptionBudget')) check(at, ['spec', 'selector'], set, tell);
}

function check(at: Facts, path: Path, set: ObjectSet, tell: Tell): void {
  const { selector, key } = at;
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  if (selector === undefined || Object.keys(matchLabels).length + matchExpressions.length === 0) return;
  if (set.hasOtherPods(key.namespace) || set.pods.select(at)?.length !== 0) return;
  if (matchExpressions.length === 0) {
    tellNothingSelected(at, matchLabels, path, set, tell);
    return;
  }
  const message = `selects nothing: no pod that is declared in namespace "${key.namespace}" fits.`;
  tell({ at, path, severity: 'note', reason: 'NotFound', message });
}
