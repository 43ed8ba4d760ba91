// Rules for probes.
import type { Container, IntOrString, Probe } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, notFound, type Report, required } from '../report.ts';
import { checkPortName, checkPortNumber } from './syntax.ts';

const handlers = ['exec', 'httpGet', 'tcpSocket'] as const;
const numbers = ['initialDelaySeconds', 'periodSeconds', 'timeoutSeconds', 'successThreshold', 'failureThreshold'] as const;

/** The three probes of a container. */
export function checkProbes(container: Container, path: Path, report: Report): void {
  for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    const probe = container[kind];
    if (probe === undefined) continue;
    const here = [...path, kind];
    checkProbe(probe, here, report);
    for (const handler of ['httpGet', 'tcpSocket'] as const) {
      const port = probe[handler]?.port;
      if (port !== undefined) checkProbePort(port, container, [...here, handler, 'port'], report);
    }
    const { successThreshold } = probe;
    if (kind !== 'readinessProbe' && successThreshold !== undefined && successThreshold > 1)
      report([...here, 'successThreshold'], 'Invalid', invalid(successThreshold, 'must be 1'));
  }
}

function checkProbe(probe: Probe, path: Path, report: Report): void {
  const given = handlers.filter((handler) => probe[handler] !== undefined);
  if (given.length === 0) report(path, 'Required', required('must specify a handler type'));
  for (const extra of given.slice(1)) report([...path, extra], 'Invalid', forbidden('may not specify more than 1 handler type'));
  for (const field of numbers) {
    const value = probe[field];
    if (value !== undefined && value < 0)
      report([...path, field], 'Invalid', invalid(value, 'must be greater than or equal to 0'));
  }
  for (const [index, { name }] of (probe.httpGet?.httpHeaders ?? []).entries())
    if (!/^[-A-Za-z0-9]+$/.test(name))
      report(
        [...path, 'httpGet', 'httpHeaders', index, 'name'],
        'Invalid',
        invalid(
          name,
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        ),
      );
}

/** A name must be that of a port of the container: a probe that names no port could never succeed. */
function checkProbePort(port: IntOrString, { ports }: Container, path: Path, report: Report): void {
  const fault = typeof port === 'number' ? checkPortNumber(port) : checkPortName(port);
  if (fault !== undefined) report(path, 'Invalid', invalid(port, fault));
  else if (typeof port === 'string' && !(ports ?? []).some(({ name }) => name === port)) report(path, 'NotFound', notFound(port));
}
