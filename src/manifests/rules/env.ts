// Rules for environment variables and for the fields of a pod that they and volumes can show (Kubernetes, validateEnv).
import { parseQuantity } from '../../model/quantity.ts';
import type { EnvFromSource, EnvVar, FieldSelector, FileKeySelector, ResourceFieldSelector } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { invalid, notFound, type Report, required, unsupported } from '../report.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import type { PodScope } from './pod-scope.ts';
import { checkDataKey, checkDnsSubdomain, checkEnvName, checkQualifiedName, checkUnreservedPath } from './syntax.ts';

/** The variables of one container. */
export function checkEnv(variables: readonly EnvVar[] | undefined, path: Path, scope: PodScope, report: Report): void {
  for (const [variable, here] of eachOf(variables, path)) checkEnvVar(variable, here, scope, report);
}

/** The sources of many variables at once. */
export function checkEnvFrom(sources: readonly EnvFromSource[] | undefined, path: Path, report: Report): void {
  for (const [{ prefix, configMapRef, secretRef }, here] of eachOf(sources, path)) {
    holdsIfGiven(prefix, checkEnvName, [...here, 'prefix'], report);
    if (configMapRef === undefined && secretRef === undefined)
      report(here, 'Invalid', 'Invalid value: must specify one of: `configMapRef` or `secretRef`');
    if (configMapRef !== undefined && secretRef !== undefined)
      report(here, 'Invalid', 'Invalid value: may not have more than one field specified at a time');
    if (configMapRef !== undefined) checkReferenceName(configMapRef.name, [...here, 'configMapRef', 'name'], report);
    if (secretRef !== undefined) checkReferenceName(secretRef.name, [...here, 'secretRef', 'name'], report);
  }
}

/** The name of an object that is referred to. */
export function checkReferenceName(name: string, path: Path, report: Report): void {
  holds(checkDnsSubdomain(name), name, path, report);
}

function checkEnvVar({ name, value, valueFrom }: EnvVar, path: Path, scope: PodScope, report: Report): void {
  holds(checkEnvName(name), name, [...path, 'name'], report);
  if (valueFrom === undefined) return;
  const here = [...path, 'valueFrom'];
  const sources = Object.keys(valueFrom);
  if (sources.length === 0)
    report(
      here,
      'Invalid',
      'Invalid value: must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
    );
  else if (value !== undefined) report(here, 'Invalid', 'Invalid value: may not be specified when `value` is not empty');
  else if (sources.length > 1) report(here, 'Invalid', 'Invalid value: may not have more than one field specified at a time');
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef, fileKeyRef } = valueFrom;
  for (const [field, reference] of Object.entries({ configMapKeyRef, secretKeyRef })) {
    if (reference === undefined) continue;
    checkReferenceName(reference.name, [...here, field, 'name'], report);
    holds(checkDataKey(reference.key), reference.key, [...here, field, 'key'], report);
  }
  if (fieldRef !== undefined) checkFieldSelector(fieldRef, variableFields, [...here, 'fieldRef'], report);
  if (resourceFieldRef !== undefined)
    checkResourceFieldSelector(resourceFieldRef, [...here, 'resourceFieldRef'], scope, false, report);
  if (fileKeyRef !== undefined) checkFileKey(fileKeyRef, [...here, 'fileKeyRef'], scope, report);
}

function checkFileKey({ volumeName, path: file, key }: FileKeySelector, path: Path, scope: PodScope, report: Report): void {
  if (!scope.volumes.has(volumeName)) report([...path, 'volumeName'], 'NotFound', notFound(volumeName));
  holds(checkUnreservedPath(file), file, [...path, 'path'], report);
  holds(checkEnvName(key), key, [...path, 'key'], report);
}

const oneOfMany = ["metadata.labels['KEY']", "metadata.annotations['KEY']"];
const identity = ['metadata.name', 'metadata.namespace', 'metadata.uid'];

/** Fields of a pod that a variable can show. */
const variableFields = [
  ...identity,
  ...oneOfMany,
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** Fields of a pod that a file can show. */
export const fileFields: readonly string[] = [...identity, 'metadata.labels', 'metadata.annotations', ...oneOfMany];

/** A field of a pod, out of those that are known where it is used. */
export function checkFieldSelector({ fieldPath }: FieldSelector, known: readonly string[], path: Path, report: Report): void {
  const [, map = '', key] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(fieldPath) ?? [];
  const here = [...path, 'fieldPath'];
  if (key === undefined) {
    if (!known.includes(fieldPath) || oneOfMany.includes(fieldPath)) report(here, 'Invalid', unsupported(fieldPath, known));
    // Kubernetes compares annotation keys without regard to case.
  } else holds(checkQualifiedName(map === 'annotations' ? key.toLowerCase() : key), key, here, report);
}

const amounts = ['cpu', 'memory', 'ephemeral-storage'];
const resourceFields = ['limits', 'requests'].flatMap((list) => amounts.map((amount) => `${list}.${amount}`));
const byteUnits = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** An amount of a container: of the one that asks, or in a volume of the one that is named. */
export function checkResourceFieldSelector(
  { containerName, resource, divisor }: ResourceFieldSelector,
  path: Path,
  scope: PodScope,
  isVolume: boolean,
  report: Report,
): void {
  if (isVolume && containerName === undefined) report([...path, 'containerName'], 'Required', required());
  if (containerName !== undefined && !scope.containers.has(containerName))
    report([...path, 'containerName'], 'NotFound', notFound(containerName));
  const kind = /^(?:limits|requests)\.(hugepages)-./.exec(resource)?.[1] ?? resource.slice(resource.indexOf('.') + 1);
  if (kind !== 'hugepages' && !resourceFields.includes(resource)) {
    report([...path, 'resource'], 'Invalid', unsupported(resource, resourceFields));
    return;
  }
  if (divisor === undefined) return;
  const units = kind === 'cpu' ? ['1m', '1'] : byteUnits;
  const value = parseQuantity(divisor);
  if (units.some((unit) => parseQuantity(unit) === value)) return;
  const list = kind === 'cpu' ? '1m and 1' : units.join(', ');
  const name = kind === 'ephemeral-storage' ? 'local ephemeral storage' : kind;
  report(
    [...path, 'divisor'],
    'Invalid',
    invalid(divisor, `only divisor's values ${list} are supported with the ${name} resource`),
  );
}
