// What a pod refers to, alone or in a template: every reference that must be there for it to start.
import type { Container, EphemeralContainer, KeyToPath, PodSpec, Volume } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import type { UnplacedReference } from './references.ts';

/** Every namespace has this account without anybody declaring it. */
const ALWAYS_THERE = 'default';

type Add = (kind: UnplacedReference['kind'], name: string | undefined, path: Path, key?: string) => void;

/** The references of a pod specification at `path`. Those that may be missing are not listed. */
export function podReferences(spec: PodSpec, path: Path, namespace: string): UnplacedReference[] {
  const references: UnplacedReference[] = [];
  const add: Add = (kind, name, place, key) => {
    if (name !== undefined) references.push({ kind, namespace, name, path: place, ...(key === undefined ? {} : { key }) });
  };
  const { serviceAccountName: account } = spec;
  if (account !== ALWAYS_THERE) add('ServiceAccount', account, [...path, 'serviceAccountName']);
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries())
    add('Secret', name, [...path, 'imagePullSecrets', index, 'name']);
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const)
    for (const [index, container] of (spec[list] ?? []).entries()) addFromContainer(container, [...path, list, index], add);
  for (const [index, volume] of (spec.volumes ?? []).entries()) addFromVolume(volume, [...path, 'volumes', index], add);
  return references;
}

function addFromContainer(container: Container | EphemeralContainer, path: Path, add: Add): void {
  for (const [index, { configMapRef, secretRef }] of (container.envFrom ?? []).entries()) {
    const here = [...path, 'envFrom', index];
    if (configMapRef?.optional !== true) add('ConfigMap', configMapRef?.name, [...here, 'configMapRef', 'name']);
    if (secretRef?.optional !== true) add('Secret', secretRef?.name, [...here, 'secretRef', 'name']);
  }
  for (const [index, { valueFrom }] of (container.env ?? []).entries()) {
    const here = [...path, 'env', index, 'valueFrom'];
    const { configMapKeyRef, secretKeyRef } = valueFrom ?? {};
    if (configMapKeyRef?.optional !== true)
      add('ConfigMap', configMapKeyRef?.name, [...here, 'configMapKeyRef'], configMapKeyRef?.key);
    if (secretKeyRef?.optional !== true) add('Secret', secretKeyRef?.name, [...here, 'secretKeyRef'], secretKeyRef?.key);
  }
}

interface KeyFiles {
  readonly optional?: boolean;
  readonly items?: readonly KeyToPath[];
}

function addFromVolume(volume: Volume, path: Path, add: Add): void {
  const { configMap, secret, persistentVolumeClaim: claim, projected } = volume;
  addKeyFiles('ConfigMap', configMap?.name, 'name', configMap, [...path, 'configMap'], add);
  addKeyFiles('Secret', secret?.secretName, 'secretName', secret, [...path, 'secret'], add);
  add('PersistentVolumeClaim', claim?.claimName, [...path, 'persistentVolumeClaim', 'claimName']);
  for (const [index, source] of (projected?.sources ?? []).entries()) {
    const here = [...path, 'projected', 'sources', index];
    addKeyFiles('ConfigMap', source.configMap?.name, 'name', source.configMap, [...here, 'configMap'], add);
    addKeyFiles('Secret', source.secret?.name, 'name', source.secret, [...here, 'secret'], add);
  }
  for (const [source, field, reference] of secretsOfDrivers(volume))
    add('Secret', reference?.name, [...path, source, field, 'name']);
  add('Secret', volume.azureFile?.secretName, [...path, 'azureFile', 'secretName']);
}

function addKeyFiles(
  kind: UnplacedReference['kind'],
  name: string | undefined,
  field: string,
  source: KeyFiles | undefined,
  path: Path,
  add: Add,
): void {
  if (source === undefined || source.optional === true) return;
  add(kind, name, [...path, field]);
  for (const [index, { key }] of (source.items ?? []).entries()) add(kind, name, [...path, 'items', index, 'key'], key);
}

/** Secrets that a driver of a volume reads. */
function secretsOfDrivers(volume: Volume): [string, string, { readonly name?: string } | undefined][] {
  const { csi, iscsi, rbd, cephfs, flexVolume, cinder, scaleIO, storageos } = volume;
  const drivers = Object.entries({ iscsi, rbd, cephfs, flexVolume, cinder, scaleIO, storageos });
  return [
    ['csi', 'nodePublishSecretRef', csi?.nodePublishSecretRef],
    ...drivers.map(([source, driver]): [string, string, { readonly name?: string } | undefined] => [
      source,
      'secretRef',
      driver?.secretRef,
    ]),
  ];
}
