// Rules for PersistentVolumeClaims.
import type { PersistentVolumeClaim } from '../../model/resource.ts';
import { forbidden, type Report, required } from '../report.ts';
import { checkQuantity } from './quantity.ts';

/** Access modes and the size. */
export function checkClaim({ spec }: PersistentVolumeClaim, report: Report): void {
  if (spec.accessModes.includes('ReadWriteOncePod') && spec.accessModes.length > 1)
    report(['spec', 'accessModes'], 'Invalid', forbidden('may not use ReadWriteOncePod with other access modes'));
  const storage = spec.resources.requests?.storage;
  if (storage === undefined) report(['spec', 'resources', 'requests', 'storage'], 'Required', required());
  else checkQuantity(storage, ['spec', 'resources', 'requests', 'storage'], report, { isPositive: true });
  const limit = spec.resources.limits?.storage;
  if (limit !== undefined) checkQuantity(limit, ['spec', 'resources', 'limits', 'storage'], report);
}
