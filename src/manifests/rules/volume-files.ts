// Rules for volumes that show keys of ConfigMaps and Secrets, and fields of the pod, as files (Kubernetes, validateProjectionSources).
import type {
  ClusterTrustBundleProjection,
  DownwardAPIVolumeFile,
  KeyToPath,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required } from '../report.ts';
import { checkFieldSelector, checkReferenceName, checkResourceFieldSelector, fileFields } from './env.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import { checkSelector } from './metadata.ts';
import type { PodScope } from './pod-scope.ts';
import { checkDataKey, checkMode, checkUnreservedPath } from './syntax.ts';

const SHORTEST_TOKEN_SECONDS = 600;
const LONGEST_TOKEN_SECONDS = 2 ** 32;

/** Keys of one ConfigMap or Secret. */
export function checkKeyFiles(
  { items, defaultMode }: { readonly items?: readonly KeyToPath[]; readonly defaultMode?: number },
  path: Path,
  report: Report,
): void {
  holdsIfGiven(defaultMode, checkMode, [...path, 'defaultMode'], report);
  for (const [item, here] of eachOf(items, [...path, 'items'])) {
    holds(checkDataKey(item.key), item.key, [...here, 'key'], report);
    holds(checkUnreservedPath(item.path), item.path, [...here, 'path'], report);
    holdsIfGiven(item.mode, checkMode, [...here, 'mode'], report);
  }
}

/** Fields of the pod. */
export function checkDownwardFiles(
  { items, defaultMode }: { readonly items?: readonly DownwardAPIVolumeFile[]; readonly defaultMode?: number },
  path: Path,
  scope: PodScope,
  report: Report,
): void {
  holdsIfGiven(defaultMode, checkMode, [...path, 'defaultMode'], report);
  for (const [item, here] of eachOf(items, [...path, 'items'])) {
    const { fieldRef, resourceFieldRef, mode } = item;
    holds(checkUnreservedPath(item.path), item.path, [...here, 'path'], report);
    holdsIfGiven(mode, checkMode, [...here, 'mode'], report);
    if (fieldRef !== undefined) checkFieldSelector(fieldRef, fileFields, [...here, 'fieldRef'], report);
    if (resourceFieldRef !== undefined)
      checkResourceFieldSelector(resourceFieldRef, [...here, 'resourceFieldRef'], scope, true, report);
    if (fieldRef === undefined && resourceFieldRef === undefined)
      report(here, 'Required', required('one of fieldRef and resourceFieldRef is required'));
    if (fieldRef !== undefined && resourceFieldRef !== undefined)
      report(here, 'Invalid', 'Invalid value: fieldRef and resourceFieldRef can not be specified simultaneously');
  }
}

/** Several sources in one directory: no two may make the same file. */
export function checkProjected(
  { sources, defaultMode }: ProjectedVolumeSource,
  path: Path,
  scope: PodScope,
  report: Report,
): void {
  holdsIfGiven(defaultMode, checkMode, [...path, 'defaultMode'], report);
  const files = new Set<string>();
  for (const [source, here] of eachOf(sources, [...path, 'sources'])) {
    if (Object.keys(source).length > 1) report(here, 'Invalid', forbidden('may not specify more than 1 volume type per source'));
    checkProjection(source, here, scope, report);
    for (const [file, place] of filesOf(source, here)) {
      if (files.has(file)) report(place, 'Invalid', invalid(file, 'conflicting duplicate paths'));
      files.add(file);
    }
  }
}

function checkProjection(source: VolumeProjection, path: Path, scope: PodScope, report: Report): void {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source;
  for (const [kind, keys] of Object.entries({ secret, configMap })) {
    if (keys === undefined) continue;
    checkReferenceName(keys.name, [...path, kind, 'name'], report);
    checkKeyFiles(keys, [...path, kind], report);
  }
  if (downwardAPI !== undefined) checkDownwardFiles(downwardAPI, [...path, 'downwardAPI'], scope, report);
  if (serviceAccountToken !== undefined) checkToken(serviceAccountToken, [...path, 'serviceAccountToken'], report);
  if (clusterTrustBundle !== undefined) checkBundle(clusterTrustBundle, [...path, 'clusterTrustBundle'], report);
  if (podCertificate !== undefined) checkCertificate(podCertificate, [...path, 'podCertificate'], report);
}

const certificateFiles = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const;

/** The files that a source is known to make. */
function filesOf(source: VolumeProjection, path: Path): [string, Path][] {
  const { serviceAccountToken, clusterTrustBundle, podCertificate } = source;
  const files: [string, Path][] = (['secret', 'configMap', 'downwardAPI'] as const).flatMap((kind) =>
    eachOf<{ readonly path: string }>(source[kind]?.items, [...path, kind, 'items']).map(([item, here]): [string, Path] => [
      item.path,
      [...here, 'path'],
    ]),
  );
  if (serviceAccountToken !== undefined) files.push([serviceAccountToken.path, [...path, 'serviceAccountToken', 'path']]);
  if (clusterTrustBundle !== undefined) files.push([clusterTrustBundle.path, [...path, 'clusterTrustBundle', 'path']]);
  for (const field of certificateFiles) {
    const file = podCertificate?.[field];
    if (file !== undefined) files.push([file, [...path, 'podCertificate', field]]);
  }
  return files;
}

function checkToken(token: ServiceAccountTokenProjection, path: Path, report: Report): void {
  const { expirationSeconds: seconds } = token;
  const here = [...path, 'expirationSeconds'];
  if (seconds !== undefined && seconds < SHORTEST_TOKEN_SECONDS)
    report(here, 'Invalid', invalid(seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds !== undefined && seconds > LONGEST_TOKEN_SECONDS)
    report(here, 'Invalid', invalid(seconds, 'may not specify a duration larger than 2^32 seconds'));
  holds(checkUnreservedPath(token.path), token.path, [...path, 'path'], report);
}

function checkBundle(bundle: ClusterTrustBundleProjection, path: Path, report: Report): void {
  const { name, signerName, labelSelector } = bundle;
  holds(checkUnreservedPath(bundle.path), bundle.path, [...path, 'path'], report);
  if (name !== undefined && signerName !== undefined)
    report(path, 'Invalid', 'Invalid value: only one of name and signerName may be used');
  else if (name === undefined && signerName === undefined)
    report(path, 'Required', required('either name or signerName must be specified'));
  else if (name === '') report([...path, 'name'], 'Required', required('must be a valid object name'));
  else if (signerName === '') report([...path, 'signerName'], 'Required', required('must be a valid signer name'));
  if (labelSelector === undefined) return;
  if (name !== undefined && signerName === undefined)
    report([...path, 'labelSelector'], 'Invalid', invalid(labelSelector, 'labelSelector must be unset if name is specified'));
  checkSelector(labelSelector, [...path, 'labelSelector'], report);
}

function checkCertificate(certificate: PodCertificateProjection, path: Path, report: Report): void {
  for (const field of certificateFiles) holdsIfGiven(certificate[field], checkUnreservedPath, [...path, field], report);
  if (certificateFiles.every((field) => certificate[field] === undefined))
    report(path, 'Required', required('specify at least one of credentialBundlePath, keyPath, and certificateChainPath'));
}
