// Looks owners up (Kubernetes, "Owners and Dependents"). Facts only; who is deleted for the want of an owner is decided by the collector.
import { kindNaming } from '../model/kinds.generated.ts';
import { isNamespaced, type Kind, type OwnerReference, type Stored } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';

/**
 * The owner that a reference of an object in `namespace` means; `gone` when no object of that kind and name has that uid; `unknown` for a
 * kind that is not known here, which nobody may take for gone.
 */
export function ownerOf(store: StoreReader, namespace: string, owner: OwnerReference): Stored | 'gone' | 'unknown' {
  const kind = knownKind(owner);
  if (kind === undefined) return 'unknown';
  const found: Stored | undefined = store.get<Kind>(kind, isNamespaced(kind) ? namespace : '', owner.name);
  return found?.metadata.uid === owner.uid ? found : 'gone';
}

/** The kind that a reference names: the same word in another API group is another kind. The version makes no difference. */
function knownKind({ kind, apiVersion }: OwnerReference): Kind | undefined {
  if (!Object.hasOwn(kindNaming, kind)) return undefined;
  const known = kind as Kind;
  return groupOf(kindNaming[known].apiVersion) === groupOf(apiVersion) ? known : undefined;
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : '';
}
