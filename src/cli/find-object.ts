// From what somebody typed to the object that is meant, or to a message that says which one they may have meant.
import { isNamespaced, type Kind, type ResourceKey, type StoredOf } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { nearest, parseKind } from './kinds.ts';
import { objectPhrase } from './phrases.ts';
import { UsageFault } from './usage-fault.ts';

const MAX_SUGGESTIONS = 3;

/** `deploy/web` → kind and name. Throws UsageFault. */
export function parseTarget(text: string, usage: string): { readonly kind: Kind; readonly name: string } {
  const [kind = '', name = '', ...rest] = text.split('/');
  if (kind === '' || name === '' || rest.length > 0) throw new UsageFault(`"${text}" is not KIND/NAME, for example ${usage}`);
  return { kind: parseKind(kind), name };
}

/** The key in this namespace, or without one for a cluster-wide kind. */
export function keyIn(kind: Kind, namespace: string, name: string): ResourceKey {
  return { kind, namespace: isNamespaced(kind) ? namespace : '', name };
}

/** The object, or a UsageFault that names the nearest ones and other namespaces that have the name. */
export function findObject<K extends Kind>(reader: StoreReader, kind: K, namespace: string, name: string): StoredOf<K> {
  const key = keyIn(kind, namespace, name);
  const found = reader.get(kind, key.namespace, name);
  if (found !== undefined) return found;
  throw new UsageFault(notFoundMessage(reader, key));
}

function notFoundMessage(reader: StoreReader, key: ResourceKey): string {
  const place = key.namespace === '' ? '' : ` in namespace ${key.namespace}`;
  const what = `there is no ${key.kind.toLowerCase()} "${key.name}"${place}`;
  const all = reader.list(key.kind);
  const elsewhere = all.filter((object) => object.metadata.name === key.name).map((object) => object.metadata.namespace ?? '');
  if (elsewhere.length > 0) return `${what}, but there is one in ${elsewhere.join(', ')}: add -n ${elsewhere[0] ?? ''}`;
  const here = all
    .filter((object) => key.namespace === '' || object.metadata.namespace === key.namespace)
    .map((object) => object.metadata.name);
  const near = nearest(key.name, here, MAX_SUGGESTIONS).map((name) => objectPhrase({ kind: key.kind, namespace: '', name }));
  return near.length === 0 ? what : `${what}. Did you mean ${near.join(' or ')}?`;
}
