// Rules for PersistentVolumes (Kubernetes, ValidatePersistentVolumeSpec): one source, a size, and the nodes that reach it.
import type {
  CSIPersistentVolumeSource,
  PersistentVolume,
  PersistentVolumeSpec,
  SecretReference,
  Volume,
} from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required, tooLong, unsupported } from '../report.ts';
import { checkNodeSelector } from './affinity.ts';
import { checkAccessModes } from './claim.ts';
import { holds, holdsIfGiven } from './fault.ts';
import { checkQuantity } from './quantity.ts';
import { checkDnsLabel, checkDnsSubdomain, type Fault } from './syntax.ts';
import { checkDriverSource } from './volume-driver.ts';

const MAX_DRIVER_NAME = 63;

/** What a volume can be; every other field is about the volume. */
const sources = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const satisfies readonly (keyof PersistentVolumeSpec)[];

/** Sources that a pod can have in the same form. */
const podSources = [
  'nfs',
  'fc',
  'flocker',
  'azureDisk',
  'quobyte',
  'awsElasticBlockStore',
  'gcePersistentDisk',
  'iscsi',
] as const;

/** A volume after its defaults are set. */
export function checkPersistentVolume({ metadata, spec }: PersistentVolume, report: Report): void {
  checkAccessModes(spec.accessModes, ['spec', 'accessModes'], report);
  checkCapacity(spec.capacity, report);
  const given = sources.filter((source) => spec[source] !== undefined);
  if (given.length === 0) report(['spec'], 'Required', required('must specify a volume type'));
  for (const extra of given.slice(1)) report(['spec', extra], 'Invalid', forbidden('may not specify more than 1 volume type'));
  checkNodes(spec, report);
  checkSource(spec, metadata.name ?? '', report);
  holdsIfGiven(spec.storageClassName, checkDnsSubdomain, ['spec', 'storageClassName'], report);
  const { volumeAttributesClassName: attributes } = spec;
  if (attributes === undefined) return;
  const here = ['spec', 'volumeAttributesClassName'];
  if (attributes === '') report(here, 'Required', required('an empty string is disallowed'));
  else holds(checkDnsSubdomain(attributes), attributes, here, report);
  if (spec.csi === undefined)
    report(['spec', 'csi'], 'Required', required('has to be specified when using volumeAttributesClassName'));
}

function checkCapacity(capacity: PersistentVolumeSpec['capacity'], report: Report): void {
  const here = ['spec', 'capacity'];
  if (capacity['storage'] === undefined || Object.keys(capacity).length > 1)
    report(here, 'Invalid', unsupported(Object.keys(capacity).join(','), ['storage']));
  for (const [resource, quantity] of Object.entries(capacity))
    checkQuantity(quantity, [...here, resource], report, { isPositive: true });
}

function checkNodes({ nodeAffinity, local }: PersistentVolumeSpec, report: Report): void {
  const here = ['spec', 'nodeAffinity'];
  if (nodeAffinity?.required !== undefined) checkNodeSelector(nodeAffinity.required, [...here, 'required'], report);
  else if (nodeAffinity !== undefined)
    report([...here, 'required'], 'Required', required('must specify required node constraints'));
  else if (local !== undefined) report(here, 'Required', required('Local volume requires node affinity'));
}

function withoutBacksteps(path: string): Fault {
  return path.split('/').includes('..') ? "must not contain '..'" : undefined;
}

function isRoot(path: string): boolean {
  return path.split('/').every((step) => step === '' || step === '.');
}

function checkSource(spec: PersistentVolumeSpec, name: string, report: Report): void {
  const { hostPath, local, csi, storageos, persistentVolumeReclaimPolicy } = spec;
  if (hostPath !== undefined) {
    holds(withoutBacksteps(hostPath.path), hostPath.path, ['spec', 'hostPath', 'path'], report);
    if (persistentVolumeReclaimPolicy === 'Recycle' && isRoot(hostPath.path))
      report(['spec', 'persistentVolumeReclaimPolicy'], 'Invalid', forbidden("may not be 'recycle' for a hostPath mount of '/'"));
  }
  if (local !== undefined) holds(withoutBacksteps(local.path), local.path, ['spec', 'local', 'path'], report);
  if (csi !== undefined) checkCsi(csi, report);
  for (const source of ['cephfs', 'cinder', 'flexVolume', 'rbd', 'scaleIO'] as const)
    checkSecret(spec[source]?.secretRef, ['spec', source, 'secretRef'], report);
  holdsIfGiven(storageos?.volumeName, checkDnsLabel, ['spec', 'storageos', 'volumeName'], report);
  const volume: Volume = { name };
  for (const source of podSources) if (spec[source] !== undefined) Object.assign(volume, { [source]: spec[source] });
  checkDriverSource(volume, ['spec'], report);
}

const secretFields = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodeStageSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

function checkCsi(csi: CSIPersistentVolumeSource, report: Report): void {
  const here: Path = ['spec', 'csi'];
  checkDriverName(csi.driver, [...here, 'driver'], report);
  for (const field of secretFields) {
    const reference = csi[field];
    if (reference === undefined) continue;
    checkSecret(reference, [...here, field], report);
    if (reference.namespace === undefined) report([...here, field, 'namespace'], 'Required', required());
  }
}

function checkSecret(reference: SecretReference | undefined, path: Path, report: Report): void {
  if (reference === undefined) return;
  if (reference.name === undefined) report([...path, 'name'], 'Required', required());
  else holds(checkDnsSubdomain(reference.name), reference.name, [...path, 'name'], report);
  holdsIfGiven(reference.namespace, checkDnsLabel, [...path, 'namespace'], report);
}

/** The name of a storage driver. */
export function checkDriverName(name: string, path: Path, report: Report): void {
  if (name.length > MAX_DRIVER_NAME) report(path, 'Invalid', tooLong(MAX_DRIVER_NAME));
  else if (checkDnsSubdomain(name.toLowerCase()) !== undefined)
    report(path, 'Invalid', invalid(name, checkDnsSubdomain(name.toLowerCase()) ?? ''));
}
