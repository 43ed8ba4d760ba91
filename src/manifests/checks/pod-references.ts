// What a pod refers to, alone or in a template: every reference that must be there for it to start, and credentials for its images.
import type { Container, EphemeralContainer, KeyToPath, PodSpec, Volume } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { claimReferences, type Reference } from './reference.ts';

/** Every namespace has this account without anybody declaring it. */
const ALWAYS_THERE = 'default';
/** Kubernetes refuses all other names that begin like these. */
const systemPriorities: ReadonlySet<string> = new Set(['system-cluster-critical', 'system-node-critical']);

type Add = (kind: Reference['kind'], name: string | undefined, path: Path, more?: Partial<Reference>) => void;

/**
 * The references of a pod specification at `path`. Those that may be missing are not listed, and neither are those of volumes in whose
 * place the pod gets another one.
 */
export function podReferences(
  spec: PodSpec,
  path: Path,
  namespace: string,
  replacedVolumes: ReadonlySet<string> = new Set(),
): readonly Reference[] {
  const references: Reference[] = [];
  const add: Add = (kind, name, place, more = {}) => {
    if (name !== undefined && name !== '') references.push({ kind, namespace, name, path: place, ...more });
  };
  const { serviceAccountName: account, priorityClassName: priority, runtimeClassName: runtime } = spec;
  if (account !== ALWAYS_THERE) add('ServiceAccount', account, [...path, 'serviceAccountName']);
  if (!systemPriorities.has(priority ?? '')) add('PriorityClass', priority, [...path, 'priorityClassName'], { namespace: '' });
  add('RuntimeClass', runtime, [...path, 'runtimeClassName'], { namespace: '' });
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries())
    add('Secret', name, [...path, 'imagePullSecrets', index, 'name'], { consequence: 'images are pulled without it' });
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const)
    for (const [index, container] of (spec[list] ?? []).entries()) addFromContainer(container, [...path, list, index], add);
  for (const [index, volume] of (spec.volumes ?? []).entries())
    if (!replacedVolumes.has(volume.name)) addFromVolume(volume, [...path, 'volumes', index], add, references, namespace);
  return references;
}

function addFromContainer(container: Container | EphemeralContainer, path: Path, add: Add): void {
  for (const [index, { configMapRef, secretRef }] of (container.envFrom ?? []).entries()) {
    const here = [...path, 'envFrom', index];
    if (configMapRef?.optional !== true) add('ConfigMap', configMapRef?.name, [...here, 'configMapRef', 'name']);
    if (secretRef?.optional !== true) add('Secret', secretRef?.name, [...here, 'secretRef', 'name']);
  }
  for (const [index, { valueFrom }] of (container.env ?? []).entries()) {
    for (const [kind, field] of [
      ['ConfigMap', 'configMapKeyRef'],
      ['Secret', 'secretKeyRef'],
    ] as const) {
      const source = valueFrom?.[field];
      const here = [...path, 'env', index, 'valueFrom', field];
      if (source !== undefined && source.optional !== true)
        add(kind, source.name, [...here, 'name'], { key: source.key, keyPath: [...here, 'key'] });
    }
  }
}

interface KeyFiles {
  readonly optional?: boolean;
  readonly items?: readonly KeyToPath[];
}

function addFromVolume(volume: Volume, path: Path, add: Add, into: Reference[], namespace: string): void {
  const { configMap, secret, persistentVolumeClaim: claim, projected, ephemeral } = volume;
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
  const template = ephemeral?.volumeClaimTemplate;
  if (template !== undefined)
    into.push(...claimReferences(template.spec, [...path, 'ephemeral', 'volumeClaimTemplate', 'spec'], namespace));
}

function addKeyFiles(
  kind: Reference['kind'],
  name: string | undefined,
  field: string,
  source: KeyFiles | undefined,
  path: Path,
  add: Add,
): void {
  if (source === undefined || source.optional === true) return;
  add(kind, name, [...path, field]);
  for (const [index, { key }] of (source.items ?? []).entries())
    add(kind, name, [...path, field], { key, keyPath: [...path, 'items', index, 'key'] });
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
