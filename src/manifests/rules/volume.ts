// Rules for the volumes of a pod: exactly one source each (Kubernetes, ValidateVolumes). Sources that need a driver are in
// volume-driver.ts, those that show keys or fields as files in volume-files.ts.
import type { PersistentVolumeClaim, PodSpec, Volume } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, forbidden, type Report } from '../report.ts';
import { checkClaim } from './claim.ts';
import { checkReferenceName } from './env.ts';
import { eachOf, holds } from './fault.ts';
import { checkLabelsAndAnnotations } from './metadata.ts';
import type { PodScope } from './pod-scope.ts';
import { checkQuantity } from './quantity.ts';
import { checkDnsLabel } from './syntax.ts';
import { checkDriverSource } from './volume-driver.ts';
import { checkDownwardFiles, checkKeyFiles, checkProjected } from './volume-files.ts';

/** All volumes of a pod. */
export function checkVolumes({ volumes }: PodSpec, path: Path, scope: PodScope, report: Report): void {
  const names = new Set<string>();
  for (const [volume, here] of eachOf(volumes, [...path, 'volumes'])) {
    if (holds(checkDnsLabel(volume.name), volume.name, [...here, 'name'], report) && names.has(volume.name))
      report([...here, 'name'], 'Duplicate', duplicate(volume.name));
    names.add(volume.name);
    const sources = Object.keys(volume).filter((key) => key !== 'name');
    for (const extra of sources.slice(1))
      report([...here, extra], 'Invalid', forbidden('may not specify more than 1 volume type'));
    checkSource(volume, here, scope, report);
    checkDriverSource(volume, here, report);
  }
}

function checkSource(volume: Volume, path: Path, scope: PodScope, report: Report): void {
  const { configMap, secret, persistentVolumeClaim, hostPath, emptyDir, projected, downwardAPI, ephemeral } = volume;
  if (configMap !== undefined) {
    checkReferenceName(configMap.name, [...path, 'configMap', 'name'], report);
    checkKeyFiles(configMap, [...path, 'configMap'], report);
  }
  if (secret !== undefined) {
    checkReferenceName(secret.secretName, [...path, 'secret', 'secretName'], report);
    checkKeyFiles(secret, [...path, 'secret'], report);
  }
  if (persistentVolumeClaim !== undefined)
    checkReferenceName(persistentVolumeClaim.claimName, [...path, 'persistentVolumeClaim', 'claimName'], report);
  if (emptyDir?.sizeLimit !== undefined) checkQuantity(emptyDir.sizeLimit, [...path, 'emptyDir', 'sizeLimit'], report);
  if (hostPath !== undefined) {
    const where = [...path, 'hostPath', 'path'];
    const fault = hostPath.path.startsWith('/') ? undefined : 'must be an absolute path';
    holds(fault ?? (hostPath.path.split('/').includes('..') ? "must not contain '..'" : undefined), hostPath.path, where, report);
  }
  if (projected !== undefined) checkProjected(projected, [...path, 'projected'], scope, report);
  if (downwardAPI !== undefined) checkDownwardFiles(downwardAPI, [...path, 'downwardAPI'], scope, report);
  if (ephemeral !== undefined) checkClaimTemplate(ephemeral, [...path, 'ephemeral', 'volumeClaimTemplate'], report);
}

function checkClaimTemplate({ volumeClaimTemplate }: NonNullable<Volume['ephemeral']>, path: Path, report: Report): void {
  const { metadata = {}, spec } = volumeClaimTemplate;
  for (const field of Object.keys(metadata))
    if (field !== 'labels' && field !== 'annotations')
      report([...path, 'metadata', field], 'Invalid', forbidden('cannot be set'));
  checkLabelsAndAnnotations(metadata, [...path, 'metadata'], report);
  const claim: PersistentVolumeClaim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec };
  checkClaim(claim, (field, ...rest) => report([...path, ...field], ...rest));
}
