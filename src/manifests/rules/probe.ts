// Rules for probes (Kubernetes, validateProbe).
import type { Container, Probe } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { invalid, type Report } from '../report.ts';
import { checkHandlers } from './handler.ts';
import type { PodScope } from './pod-scope.ts';

const numbers = ['initialDelaySeconds', 'periodSeconds', 'timeoutSeconds', 'successThreshold', 'failureThreshold'] as const;

/** The three probes of a container. */
export function checkProbes(container: Container, path: Path, scope: PodScope, report: Report): void {
  for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    const probe = container[kind];
    if (probe === undefined) continue;
    const here = [...path, kind];
    checkHandlers(probe, container, here, scope, report);
    checkNumbers(probe, here, report);
    checkGrace(probe, kind === 'readinessProbe', here, report);
    const { successThreshold } = probe;
    if (kind !== 'readinessProbe' && successThreshold !== undefined && successThreshold > 1)
      report([...here, 'successThreshold'], 'Invalid', invalid(successThreshold, 'must be 1'));
  }
}

function checkNumbers(probe: Probe, path: Path, report: Report): void {
  for (const field of numbers) {
    const value = probe[field];
    if (value !== undefined && value < 0)
      report([...path, field], 'Invalid', invalid(value, 'must be greater than or equal to 0'));
  }
}

function checkGrace({ terminationGracePeriodSeconds: grace }: Probe, isReadiness: boolean, path: Path, report: Report): void {
  const here = [...path, 'terminationGracePeriodSeconds'];
  if (grace === undefined) return;
  if (grace <= 0) report(here, 'Invalid', invalid(grace, 'must be greater than 0'));
  if (isReadiness) report(here, 'Invalid', invalid(grace, 'must not be set for readinessProbes'));
}
