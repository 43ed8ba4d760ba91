// What objects refer to: ConfigMaps, Secrets, claims, accounts, their keys, and namespaces. Whether they are there is asked of the
// set and of whoever knows what runs already.
import type { PodSpec, Resource } from '../../model/resource.ts';
import { isNamespaced } from '../../model/resource.ts';
import type { Manifest } from '../load.ts';
import { formatPath, type Path } from '../place.ts';
import type { Problem } from '../problem.ts';
import { didYouMean } from '../suggest.ts';
import { podReferences } from './pod-references.ts';

/** Kinds that manifests refer to by name. */
export type ReferredKind = 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ServiceAccount' | 'Namespace';

/** One reference that must be there. References that may be missing are not listed. */
export interface Reference {
  readonly kind: ReferredKind;
  /** Empty for namespaces. */
  readonly namespace: string;
  readonly name: string;
  /** The key that the object must have. */
  readonly key?: string;
  readonly field: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A reference before its place is known. */
export type UnplacedReference = Omit<Reference, 'field' | 'file' | 'line' | 'column'> & { readonly path: Path };

/** What is known of an object outside the set. Without `keys` every key is taken to be there. */
export type ExistingObject = { readonly keys?: readonly string[] };

/** All references of an object that must be there. */
export function referencesOf(resource: Resource): UnplacedReference[] {
  const references: UnplacedReference[] = [];
  const namespace = resource.metadata.namespace ?? 'default';
  if (isNamespaced(resource.kind) && namespace !== 'default')
    references.push({ kind: 'Namespace', namespace: '', name: namespace, path: ['metadata', 'namespace'] });
  const pod = podOf(resource);
  return pod === undefined ? references : [...references, ...podReferences(pod.spec, pod.path, namespace)];
}

function podOf(resource: Resource): { spec: PodSpec; path: Path } | undefined {
  if (resource.kind === 'Pod') return { spec: resource.spec, path: ['spec'] };
  if (resource.kind !== 'Deployment' && resource.kind !== 'ReplicaSet') return undefined;
  const spec = resource.spec.template?.spec;
  return spec === undefined ? undefined : { spec, path: ['spec', 'template', 'spec'] };
}

/**
 * References of a set that lead nowhere. `exists` tells what is there beside the set: what runs already, or nothing for a set
 * that has to stand alone. An object of the set hides an existing one of the same name. One problem per missing object and field.
 */
export function checkReferences(
  manifests: readonly Manifest[],
  exists: (kind: ReferredKind, namespace: string, name: string) => ExistingObject | undefined = () => undefined,
): Problem[] {
  const declared = new Map<string, ExistingObject>();
  for (const { resource } of manifests) {
    const namespace = resource.kind === 'Namespace' ? '' : (resource.metadata.namespace ?? 'default');
    declared.set(`${resource.kind}/${namespace}/${resource.metadata.name}`, { keys: dataKeysOf(resource) });
  }
  const problems: Problem[] = [];
  for (const manifest of manifests) {
    const missing = new Set<string>();
    for (const reference of referencesIn(manifest)) {
      const id = `${reference.kind}/${reference.namespace}/${reference.name}`;
      const target = declared.get(id) ?? exists(reference.kind, reference.namespace, reference.name);
      const hasKey = reference.key === undefined || target?.keys === undefined || target.keys.includes(reference.key);
      if (target !== undefined && hasKey) continue;
      // The keys of an object that is missing are not missed as well.
      if (target === undefined && missing.has(id) && reference.key !== undefined) continue;
      if (target === undefined) missing.add(id);
      const { field, file, line, column } = reference;
      const message = target === undefined ? explainMissing(reference, declared) : explainMissingKey(reference, target);
      problems.push({ severity: 'error', reason: 'NotFound', file, line, column, field, message });
    }
  }
  return problems;
}

/** References with their places; of a manifest that was not read from a file, all at its first line. */
function referencesIn(manifest: Manifest): readonly Reference[] {
  return (
    manifest.references ??
    referencesOf(manifest.resource).map(({ path, ...rest }) => ({
      ...rest,
      field: formatPath(path),
      file: manifest.file,
      line: manifest.line,
      column: 1,
    }))
  );
}

function dataKeysOf(resource: Resource): readonly string[] {
  if (resource.kind === 'ConfigMap') return [...Object.keys(resource.data ?? {}), ...Object.keys(resource.binaryData ?? {})];
  if (resource.kind === 'Secret') return [...Object.keys(resource.data ?? {}), ...Object.keys(resource.stringData ?? {})];
  return [];
}

function explainMissing({ kind, namespace, name }: Reference, declared: ReadonlyMap<string, ExistingObject>): string {
  const prefix = `${kind}/${namespace}/`;
  const names = [...declared.keys()].filter((id) => id.startsWith(prefix)).map((id) => id.slice(prefix.length));
  const where = kind === 'Namespace' ? '' : ` in namespace "${namespace}"`;
  return `${kind} "${name}" is not declared${where}.${didYouMean(name, names)}`;
}

function explainMissingKey({ kind, name, key = '' }: Reference, { keys = [] }: ExistingObject): string {
  return `${kind} "${name}" has no key "${key}".${didYouMean(key, keys)}`;
}
