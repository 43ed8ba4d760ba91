// Rules for containers: names, images, environment, ports, resources and mounts (Kubernetes, pkg/apis/core/validation).
import { parseQuantity } from '../../model/quantity.ts';
import type { Container, ContainerPort, EnvFromSource, EnvVar, ResourceRequirements, VolumeMount } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, invalid, notFound, type Report, unsupported } from '../report.ts';
import { checkProbes } from './probe.ts';
import { checkQuantity } from './quantity.ts';
import {
  checkDataKey,
  checkDnsLabel,
  checkDnsSubdomain,
  checkEnvName,
  checkIp,
  checkPortName,
  checkPortNumber,
  checkQualifiedName,
} from './syntax.ts';

/** What the containers of one pod share while they are looked at. */
export interface PodScope {
  readonly volumes: ReadonlySet<string>;
  readonly containers: Set<string>;
  readonly hostPorts: Set<string>;
}

/** One container. */
export function checkContainer(container: Container, path: Path, scope: PodScope, report: Report): void {
  const fault = checkDnsLabel(container.name);
  if (fault !== undefined) report([...path, 'name'], 'Invalid', invalid(container.name, fault));
  else if (scope.containers.has(container.name)) report([...path, 'name'], 'Duplicate', duplicate(container.name));
  scope.containers.add(container.name);
  if (container.image !== container.image.trim())
    report([...path, 'image'], 'Invalid', invalid(container.image, 'must not have leading or trailing whitespace'));
  for (const [index, variable] of (container.env ?? []).entries()) checkEnvVar(variable, [...path, 'env', index], report);
  for (const [index, source] of (container.envFrom ?? []).entries()) checkEnvFrom(source, [...path, 'envFrom', index], report);
  checkPorts(container.ports ?? [], [...path, 'ports'], scope, report);
  if (container.resources !== undefined) checkResources(container.resources, [...path, 'resources'], report);
  checkMounts(container.volumeMounts ?? [], [...path, 'volumeMounts'], scope, report);
  checkProbes(container, path, report);
}

function checkEnvVar({ name, value, valueFrom }: EnvVar, path: Path, report: Report): void {
  const fault = checkEnvName(name);
  if (fault !== undefined) report([...path, 'name'], 'Invalid', invalid(name, fault));
  if (valueFrom === undefined) return;
  const here = [...path, 'valueFrom'];
  const sources = Object.keys(valueFrom);
  if (value !== undefined) report(here, 'Invalid', 'Invalid value: may not be specified when `value` is not empty');
  if (sources.length === 0)
    report(here, 'Invalid', 'Invalid value: must specify one of: `fieldRef`, `configMapKeyRef` or `secretKeyRef`');
  if (sources.length > 1) report(here, 'Invalid', 'Invalid value: may not have more than one field specified at a time');
  const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom;
  for (const [field, reference] of Object.entries({ configMapKeyRef, secretKeyRef })) {
    if (reference === undefined) continue;
    checkReferenceName(reference.name, [...here, field, 'name'], report);
    const keyFault = checkDataKey(reference.key);
    if (keyFault !== undefined) report([...here, field, 'key'], 'Invalid', invalid(reference.key, keyFault));
  }
  if (fieldRef !== undefined && !isKnownField(fieldRef.fieldPath))
    report([...here, 'fieldRef', 'fieldPath'], 'Invalid', unsupported(fieldRef.fieldPath, fieldPaths));
}

const fieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  "metadata.labels['KEY']",
  "metadata.annotations['KEY']",
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

function isKnownField(fieldPath: string): boolean {
  const subscript = /^metadata\.(?:labels|annotations)\['([^']+)'\]$/.exec(fieldPath)?.[1];
  return subscript === undefined ? fieldPaths.includes(fieldPath) : checkQualifiedName(subscript.toLowerCase()) === undefined;
}

/** The name of an object that is referred to. */
export function checkReferenceName(name: string, path: Path, report: Report): void {
  const fault = checkDnsSubdomain(name);
  if (fault !== undefined) report(path, 'Invalid', invalid(name, fault));
}

function checkEnvFrom({ prefix, configMapRef, secretRef }: EnvFromSource, path: Path, report: Report): void {
  const fault = prefix === undefined ? undefined : checkEnvName(prefix);
  if (fault !== undefined) report([...path, 'prefix'], 'Invalid', invalid(prefix, fault));
  if (configMapRef === undefined && secretRef === undefined)
    report(path, 'Invalid', 'Invalid value: must specify one of: `configMapRef` or `secretRef`');
  if (configMapRef !== undefined && secretRef !== undefined)
    report(path, 'Invalid', 'Invalid value: may not have more than one field specified at a time');
  if (configMapRef !== undefined) checkReferenceName(configMapRef.name, [...path, 'configMapRef', 'name'], report);
  if (secretRef !== undefined) checkReferenceName(secretRef.name, [...path, 'secretRef', 'name'], report);
}

function checkPorts(ports: readonly ContainerPort[], path: Path, scope: PodScope, report: Report): void {
  const names = new Set<string>();
  for (const [index, { name, containerPort, hostPort, hostIP, protocol }] of ports.entries()) {
    const here = [...path, index];
    if (name !== undefined) {
      const fault = checkPortName(name);
      if (fault !== undefined) report([...here, 'name'], 'Invalid', invalid(name, fault));
      else if (names.has(name)) report([...here, 'name'], 'Duplicate', duplicate(name));
      names.add(name);
    }
    const portFault = checkPortNumber(containerPort);
    if (portFault !== undefined) report([...here, 'containerPort'], 'Invalid', invalid(containerPort, portFault));
    const ipFault = hostIP === undefined ? undefined : checkIp(hostIP);
    if (ipFault !== undefined) report([...here, 'hostIP'], 'Invalid', invalid(hostIP, ipFault));
    if (hostPort === undefined) continue;
    const hostFault = checkPortNumber(hostPort);
    const key = `${protocol ?? 'TCP'}/${hostIP ?? ''}/${hostPort}`;
    if (hostFault !== undefined) report([...here, 'hostPort'], 'Invalid', invalid(hostPort, hostFault));
    else if (scope.hostPorts.has(key)) report([...here, 'hostPort'], 'Duplicate', duplicate(key));
    scope.hostPorts.add(key);
  }
}

function checkResources({ limits, requests }: ResourceRequirements, path: Path, report: Report): void {
  for (const resource of ['cpu', 'memory'] as const) {
    const limit = limits?.[resource];
    const request = requests?.[resource];
    const isLimitValid = limit === undefined || checkQuantity(limit, [...path, 'limits', resource], report);
    // A request that was taken from its limit has been judged with it.
    if (!isLimitValid && request === limit) continue;
    const isRequestValid = request === undefined || checkQuantity(request, [...path, 'requests', resource], report);
    if (!isLimitValid || !isRequestValid || limit === undefined || request === undefined) continue;
    if ((parseQuantity(request) ?? 0) > (parseQuantity(limit) ?? 0))
      report(
        [...path, 'requests', resource],
        'Invalid',
        invalid(request, `must be less than or equal to ${resource} limit of ${limit}`),
      );
  }
}

function checkMounts(mounts: readonly VolumeMount[], path: Path, scope: PodScope, report: Report): void {
  const paths = new Set<string>();
  for (const [index, { name, mountPath }] of mounts.entries()) {
    const here = [...path, index];
    if (!scope.volumes.has(name)) report([...here, 'name'], 'NotFound', notFound(name));
    if (!mountPath.startsWith('/')) report([...here, 'mountPath'], 'Invalid', invalid(mountPath, 'must be an absolute path'));
    else if (mountPath.includes(':')) report([...here, 'mountPath'], 'Invalid', invalid(mountPath, "must not contain ':'"));
    else if (paths.has(mountPath)) report([...here, 'mountPath'], 'Invalid', invalid(mountPath, 'must be unique'));
    paths.add(mountPath);
  }
}
