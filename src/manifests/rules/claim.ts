// Rules for PersistentVolumeClaims (Kubernetes, ValidatePersistentVolumeClaimSpec).
import type { ClaimSpec, PersistentVolumeClaim } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required } from '../report.ts';
import { holds, holdsIfGiven } from './fault.ts';
import { checkSelector } from './metadata.ts';
import { checkQuantity } from './quantity.ts';
import { checkDnsLabel, checkDnsSubdomain } from './syntax.ts';

/** Access modes, the size, and where the data come from. */
export function checkClaim({ spec }: PersistentVolumeClaim, report: Report): void {
  checkAccessModes(spec.accessModes, ['spec', 'accessModes'], report);
  const storage = spec.resources.requests?.storage;
  if (storage === undefined) report(['spec', 'resources', 'requests', 'storage'], 'Required', required());
  else checkQuantity(storage, ['spec', 'resources', 'requests', 'storage'], report, { isPositive: true });
  const limit = spec.resources.limits?.storage;
  if (limit !== undefined) checkQuantity(limit, ['spec', 'resources', 'limits', 'storage'], report);
  if (spec.selector !== undefined) checkSelector(spec.selector, ['spec', 'selector'], report);
  for (const field of ['storageClassName', 'volumeAttributesClassName'] as const)
    if (spec[field] !== '') holdsIfGiven(spec[field], checkDnsSubdomain, ['spec', field], report);
  checkSources(spec, report);
}

/** ReadWriteOncePod stands alone: of a claim, or of a volume. */
export function checkAccessModes(modes: ClaimSpec['accessModes'], path: Path, report: Report): void {
  if (modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod'))
    report(path, 'Invalid', forbidden('may not use ReadWriteOncePod with other access modes'));
}

function checkSources({ dataSource, dataSourceRef }: ClaimSpec, report: Report): void {
  for (const [field, source] of Object.entries({ dataSource, dataSourceRef })) {
    if (source === undefined) continue;
    const { apiGroup = '', kind } = source;
    if (apiGroup !== '') holds(checkDnsSubdomain(apiGroup), apiGroup, ['spec', field, 'apiGroup'], report);
    else if (kind !== 'PersistentVolumeClaim')
      report(['spec', field], 'Invalid', invalid(kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  }
  const namespace = dataSourceRef?.namespace;
  holdsIfGiven(namespace, checkDnsLabel, ['spec', 'dataSourceRef', 'namespace'], report);
  if (dataSource === undefined || dataSourceRef === undefined) return;
  const here = ['spec', 'dataSource'];
  const isSame = (['apiGroup', 'kind', 'name'] as const).every((part) => dataSource[part] === dataSourceRef[part]);
  if (namespace !== undefined)
    report(here, 'Invalid', 'Invalid value: may not be specified when dataSourceRef.namespace is specified');
  else if (!isSame) report(here, 'Invalid', 'Invalid value: must match dataSourceRef');
}
