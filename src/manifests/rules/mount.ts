// Rules for where volumes appear in a container (Kubernetes, ValidateVolumeMounts and ValidateVolumeDevices).
import type { Container, VolumeDevice, VolumeMount } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, notFound, type Report } from '../report.ts';
import { eachOf, holdsIfGiven } from './fault.ts';
import type { PodScope } from './pod-scope.ts';
import { checkLocalPath } from './syntax.ts';

/** The mounts and the devices of one container. */
export function checkMounts(container: Container, path: Path, scope: PodScope, report: Report): void {
  const paths = new Set<string>();
  const devices = container.volumeDevices ?? [];
  const deviceNames = new Set(devices.map(({ name }) => name));
  const devicePaths = new Set(devices.map(({ devicePath }) => devicePath));
  for (const [mount, here] of eachOf(container.volumeMounts, [...path, 'volumeMounts'])) {
    const { name, mountPath } = mount;
    const tell = (field: string, value: unknown, fault: string): void =>
      report([...here, field], 'Invalid', invalid(value, fault));
    if (!scope.volumes.has(name)) report([...here, 'name'], 'NotFound', notFound(name));
    if (deviceNames.has(name)) tell('name', name, 'must not already exist in volumeDevices');
    if (!mountPath.startsWith('/')) tell('mountPath', mountPath, 'must be an absolute path');
    else if (mountPath.includes(':')) tell('mountPath', mountPath, "must not contain ':'");
    else if (paths.has(mountPath)) tell('mountPath', mountPath, 'must be unique');
    else if (devicePaths.has(mountPath)) tell('mountPath', mountPath, 'must not already exist as a path in volumeDevices');
    paths.add(mountPath);
    checkPart(mount, here, scope, report);
    checkPropagation(mount, container, here, report);
  }
  checkDevices(devices, container.volumeMounts ?? [], [...path, 'volumeDevices'], scope, report);
}

function checkPart({ name, subPath, subPathExpr }: VolumeMount, path: Path, scope: PodScope, report: Report): void {
  for (const [field, value] of Object.entries({ subPath, subPathExpr })) {
    if (value === undefined) continue;
    if (scope.volumes.get(name)?.image !== undefined)
      report([...path, field], 'Invalid', invalid(value, 'not allowed in image volume sources'));
    holdsIfGiven(value, checkLocalPath, [...path, field], report);
  }
  if (subPath !== undefined && subPathExpr !== undefined)
    report([...path, 'subPathExpr'], 'Invalid', invalid(subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
}

function checkPropagation(mount: VolumeMount, { securityContext }: Container, path: Path, report: Report): void {
  const { mountPropagation, recursiveReadOnly, readOnly } = mount;
  if (mountPropagation === 'Bidirectional' && securityContext?.privileged !== true)
    report(
      [...path, 'mountPropagation'],
      'Invalid',
      forbidden('Bidirectional mount propagation is available only to privileged containers'),
    );
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return;
  const here = [...path, 'recursiveReadOnly'];
  if (readOnly !== true) report(here, 'Invalid', forbidden('may only be specified when readOnly is true'));
  if (mountPropagation !== undefined && mountPropagation !== 'None')
    report(here, 'Invalid', forbidden('may only be specified when mountPropagation is None or not specified'));
}

function checkDevices(
  devices: readonly VolumeDevice[],
  mounts: readonly VolumeMount[],
  path: Path,
  scope: PodScope,
  report: Report,
): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  const mountNames = new Set(mounts.map(({ name }) => name));
  const mountPaths = new Set(mounts.map(({ mountPath }) => mountPath));
  for (const [{ name, devicePath }, here] of eachOf(devices, path)) {
    const tell = (field: string, value: string, fault: string): void =>
      report([...here, field], 'Invalid', invalid(value, fault));
    const volume = scope.volumes.get(name);
    if (names.has(name)) tell('name', name, 'must be unique');
    if (volume === undefined) report([...here, 'name'], 'NotFound', notFound(name));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined)
      tell('name', name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode');
    if (paths.has(devicePath)) tell('devicePath', devicePath, 'must be unique');
    if (devicePath.split('/').includes('..')) tell('devicePath', devicePath, "can not contain backsteps ('..')");
    if (mountNames.has(name)) tell('name', name, 'must not already exist in volumeMounts');
    if (mountPaths.has(devicePath)) tell('devicePath', devicePath, 'must not already exist as a path in volumeMounts');
    names.add(name);
    paths.add(devicePath);
  }
}
