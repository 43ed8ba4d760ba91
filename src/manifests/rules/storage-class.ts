// Rules for classes of storage and for storage drivers (Kubernetes, pkg/apis/storage/validation).
import type { CSIDriver, StorageClass, VolumeAttributesClass } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, invalid, type Report, required, tooLong } from '../report.ts';
import { eachOf, holds } from './fault.ts';
import { checkDriverName } from './persistent-volume.ts';
import { checkLabelValue, checkQualifiedName } from './syntax.ts';

const MAX_PARAMETERS = 512;
const MAX_PARAMETERS_BYTES = 256 * 1024;
const SHORTEST_TOKEN_SECONDS = 600;
const LONGEST_TOKEN_SECONDS = 2 ** 32;
const SHORTEST_UPDATE_SECONDS = 10;

/** The driver, its settings and where it may make volumes. */
export function checkStorageClass({ provisioner, parameters, allowedTopologies }: StorageClass, report: Report): void {
  holds(checkQualifiedName(provisioner.toLowerCase()), provisioner, ['provisioner'], report);
  checkParameters(parameters, report);
  for (const [{ matchLabelExpressions }, here] of eachOf(allowedTopologies, ['allowedTopologies'])) {
    const keys = new Set<string>();
    for (const [{ key, values }, place] of eachOf(matchLabelExpressions, [...here, 'matchLabelExpressions'])) {
      holds(checkQualifiedName(key), key, [...place, 'key'], report);
      if (keys.has(key)) report([...place, 'key'], 'Duplicate', duplicate(key));
      keys.add(key);
      const seen = new Set<string>();
      for (const [value, at] of eachOf(values, [...place, 'values'])) {
        holds(checkLabelValue(value), value, at, report);
        if (seen.has(value)) report(at, 'Duplicate', duplicate(value));
        seen.add(value);
      }
    }
  }
}

function checkParameters(parameters: Readonly<Record<string, string>> | undefined, report: Report): void {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > MAX_PARAMETERS) report(['parameters'], 'Invalid', tooLong(MAX_PARAMETERS, 'entries'));
  if (entries.some(([key]) => key === '')) report(['parameters'], 'Invalid', invalid('', 'field can not be empty.'));
  const size = entries.reduce((total, [key, value]) => total + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (size > MAX_PARAMETERS_BYTES) report(['parameters'], 'Invalid', tooLong(MAX_PARAMETERS_BYTES));
}

/** The driver, and at least one attribute. */
export function checkAttributesClass({ driverName, parameters }: VolumeAttributesClass, report: Report): void {
  checkDriverName(driverName, ['driverName'], report);
  if (Object.keys(parameters ?? {}).length === 0)
    report(['parameters'], 'Required', required('must contain at least one key/value pair'));
  checkParameters(parameters, report);
}

/** The name of the driver, and the tokens that it wants. */
export function checkCsiDriver({ metadata, spec }: CSIDriver, report: Report): void {
  if (metadata.name !== undefined && metadata.name.length > 63) report(['metadata', 'name'], 'Invalid', tooLong(63));
  const audiences = new Set<string>();
  for (const [{ audience, expirationSeconds: seconds }, here] of eachOf(spec.tokenRequests, ['spec', 'tokenRequests'])) {
    if (audiences.has(audience)) report([...here, 'audience'], 'Duplicate', duplicate(audience));
    audiences.add(audience);
    const place: Path = [...here, 'expirationSeconds'];
    if (seconds !== undefined && seconds < SHORTEST_TOKEN_SECONDS)
      report(place, 'Invalid', invalid(seconds, 'may not specify a duration less than 10 minutes'));
    if (seconds !== undefined && seconds > LONGEST_TOKEN_SECONDS)
      report(place, 'Invalid', invalid(seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  const { nodeAllocatableUpdatePeriodSeconds: period } = spec;
  if (period !== undefined && period < SHORTEST_UPDATE_SECONDS)
    report(
      ['spec', 'nodeAllocatableUpdatePeriodSeconds'],
      'Invalid',
      invalid(period, `must be greater than or equal to ${SHORTEST_UPDATE_SECONDS} seconds`),
    );
}
