// Label selectors (Kubernetes, "Labels and Selectors").
import type { LabelSelector } from './generated.ts';

type LabelMap = Readonly<Record<string, string>> | undefined;

/** Whether labels satisfy a selector. An empty selector matches everything; an absent one matches nothing. */
export function matchesSelector(selector: LabelSelector | undefined, labels: LabelMap): boolean {
  if (selector === undefined) return false;
  const has = labels ?? {};
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (has[key] !== value) return false;
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const value = has[key];
    const isListed = value !== undefined && (values ?? []).includes(value);
    if (operator === 'In' && !isListed) return false;
    if (operator === 'NotIn' && isListed) return false;
    if (operator === 'Exists' && value === undefined) return false;
    if (operator === 'DoesNotExist' && value !== undefined) return false;
  }
  return true;
}
