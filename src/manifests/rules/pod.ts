// Rules for the specification of a pod, alone or in a template, and for its volumes.
import type { KeyToPath, PodSpec, Volume } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, forbidden, invalid, type Report } from '../report.ts';
import { checkContainer, checkReferenceName, type PodScope } from './container.ts';
import { checkQuantity } from './quantity.ts';
import { checkDataKey, checkDnsLabel, checkDnsSubdomain, checkLocalPath } from './syntax.ts';

const MAX_FILE_MODE = 0o777;

/** A pod specification after its defaults are set. */
export function checkPodSpec(spec: PodSpec, path: Path, report: Report): void {
  const volumes = new Set<string>();
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    const here = [...path, 'volumes', index];
    const fault = checkDnsLabel(volume.name);
    if (fault !== undefined) report([...here, 'name'], 'Invalid', invalid(volume.name, fault));
    else if (volumes.has(volume.name)) report([...here, 'name'], 'Duplicate', duplicate(volume.name));
    volumes.add(volume.name);
    checkVolume(volume, here, report);
  }
  const scope: PodScope = { volumes, containers: new Set(), hostPorts: new Set() };
  for (const [index, container] of spec.containers.entries())
    checkContainer(container, [...path, 'containers', index], scope, report);
  const grace = spec.terminationGracePeriodSeconds ?? 0;
  if (grace < 0)
    report([...path, 'terminationGracePeriodSeconds'], 'Invalid', invalid(grace, 'must be greater than or equal to 0'));
  const nodeFault = spec.nodeName === undefined ? undefined : checkDnsSubdomain(spec.nodeName);
  if (nodeFault !== undefined) report([...path, 'nodeName'], 'Invalid', invalid(spec.nodeName, nodeFault));
}

function checkVolume(volume: Volume, path: Path, report: Report): void {
  const { configMap, secret, persistentVolumeClaim, hostPath, emptyDir } = volume;
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  for (const extra of sources.slice(1)) report([...path, extra], 'Invalid', forbidden('may not specify more than 1 volume type'));
  if (configMap !== undefined) {
    checkReferenceName(configMap.name, [...path, 'configMap', 'name'], report);
    checkFiles(configMap, [...path, 'configMap'], report);
  }
  if (secret !== undefined) {
    checkReferenceName(secret.secretName, [...path, 'secret', 'secretName'], report);
    checkFiles(secret, [...path, 'secret'], report);
  }
  if (persistentVolumeClaim !== undefined)
    checkReferenceName(persistentVolumeClaim.claimName, [...path, 'persistentVolumeClaim', 'claimName'], report);
  if (emptyDir?.sizeLimit !== undefined) checkQuantity(emptyDir.sizeLimit, [...path, 'emptyDir', 'sizeLimit'], report);
  if (hostPath !== undefined) {
    const where = [...path, 'hostPath', 'path'];
    if (!hostPath.path.startsWith('/')) report(where, 'Invalid', invalid(hostPath.path, 'must be an absolute path'));
    else if (hostPath.path.split('/').includes('..')) report(where, 'Invalid', invalid(hostPath.path, "must not contain '..'"));
  }
}

function checkFiles({ items, defaultMode }: { items?: KeyToPath[]; defaultMode?: number }, path: Path, report: Report): void {
  checkMode(defaultMode, [...path, 'defaultMode'], report);
  for (const [index, item] of (items ?? []).entries()) {
    const here = [...path, 'items', index];
    const keyFault = checkDataKey(item.key);
    const pathFault = checkLocalPath(item.path);
    if (keyFault !== undefined) report([...here, 'key'], 'Invalid', invalid(item.key, keyFault));
    if (pathFault !== undefined) report([...here, 'path'], 'Invalid', invalid(item.path, pathFault));
    checkMode(item.mode, [...here, 'mode'], report);
  }
}

function checkMode(mode: number | undefined, path: Path, report: Report): void {
  if (mode !== undefined && (mode < 0 || mode > MAX_FILE_MODE))
    report(path, 'Invalid', invalid(mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
}
