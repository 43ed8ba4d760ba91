// Rules for PodDisruptionBudgets (Kubernetes, pkg/apis/policy/validation).
import type { PodDisruptionBudget } from '../../model/resource.ts';
import { invalid, type Report } from '../report.ts';
import { checkShare } from './amount.ts';
import { checkSelector } from './metadata.ts';

/** A budget. One without either number allows everything, as in Kubernetes. */
export function checkDisruptionBudget({ spec }: PodDisruptionBudget, report: Report): void {
  if (spec === undefined) return;
  const { minAvailable, maxUnavailable, selector } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    report(['spec'], 'Invalid', invalid({ minAvailable, maxUnavailable }, 'minAvailable and maxUnavailable cannot be both set'));
  if (minAvailable !== undefined) checkShare(minAvailable, ['spec', 'minAvailable'], report);
  if (maxUnavailable !== undefined) checkShare(maxUnavailable, ['spec', 'maxUnavailable'], report);
  if (selector !== undefined) checkSelector(selector, ['spec', 'selector'], report);
}
