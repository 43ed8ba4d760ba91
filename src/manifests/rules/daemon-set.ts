// Rules for DaemonSets (Kubernetes, pkg/apis/apps/validation).
import type { DaemonSet, DaemonSetSpec } from '../../model/resource.ts';
import { invalid, type Report, required } from '../report.ts';
import { checkCount, checkShare } from './amount.ts';
import { checkSelectorAndTemplate } from './workload.ts';

/** A DaemonSet after its defaults are set. */
export function checkDaemonSet({ spec }: DaemonSet, report: Report): void {
  checkCount(spec.minReadySeconds, ['spec', 'minReadySeconds'], report);
  checkCount(spec.revisionHistoryLimit, ['spec', 'revisionHistoryLimit'], report);
  checkUpdates(spec, report);
  checkSelectorAndTemplate(spec, 'DaemonSet', report);
}

/** Either the old pod goes first or the new one comes first: exactly one of the two amounts is not zero. */
function checkUpdates({ updateStrategy }: DaemonSetSpec, report: Report): void {
  const path = ['spec', 'updateStrategy', 'rollingUpdate'];
  const { type, rollingUpdate } = updateStrategy ?? {};
  if (type !== 'RollingUpdate' || rollingUpdate === undefined) return;
  const { maxUnavailable = 1, maxSurge = 0 } = rollingUpdate;
  const unavailable = checkShare(maxUnavailable, [...path, 'maxUnavailable'], report);
  const surge = checkShare(maxSurge, [...path, 'maxSurge'], report);
  if (unavailable === undefined || surge === undefined) return;
  if (unavailable !== 0 && surge !== 0)
    report([...path, 'maxSurge'], 'Invalid', invalid(maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (unavailable === 0 && surge === 0)
    report([...path, 'maxUnavailable'], 'Required', required('cannot be 0 when maxSurge is 0'));
}
