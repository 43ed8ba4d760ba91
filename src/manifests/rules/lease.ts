// Rules for Leases (Kubernetes, pkg/apis/coordination/validation).
import type { Lease } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, type Report, unsupported } from '../report.ts';
import { holds, holdsIfGiven } from './fault.ts';
import { checkQualifiedName, type Fault } from './syntax.ts';

// RFC 3339; Go reads fractions of any length.
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

function checkTime(text: string): Fault {
  return timestamp.test(text) ? undefined : 'must be a time as in RFC 3339 (e.g. 2006-01-02T15:04:05.000000Z)';
}

/** Times, durations and the strategy. */
export function checkLease({ spec }: Lease, report: Report): void {
  if (spec === undefined) return;
  const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = spec;
  const at = (field: string): Path => ['spec', field];
  holdsIfGiven(
    leaseDurationSeconds,
    (value) => (value > 0 ? undefined : 'must be greater than 0'),
    at('leaseDurationSeconds'),
    report,
  );
  holdsIfGiven(
    leaseTransitions,
    (value) => (value >= 0 ? undefined : 'must be greater than or equal to 0'),
    at('leaseTransitions'),
    report,
  );
  for (const field of ['acquireTime', 'renewTime'] as const) holdsIfGiven(spec[field], checkTime, at(field), report);
  if (strategy?.includes('/') === true) holds(checkQualifiedName(strategy), strategy, at('strategy'), report);
  else if (strategy !== undefined && strategy !== 'OldestEmulationVersion')
    report(at('strategy'), 'Invalid', unsupported(strategy, ['OldestEmulationVersion']));
  if (preferredHolder !== undefined && preferredHolder !== '' && (strategy ?? '') === '')
    report(at('preferredHolder'), 'Invalid', forbidden('may only be specified if `strategy` is defined'));
}
