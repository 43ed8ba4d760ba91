// The store's objects in memory, in the orders in which they are asked for. Lists are shared, never copied for a reader: a list that
// has been handed out is left alone, and the next change starts a new one.
import {
  APPLICATION_ANNOTATION,
  controllerOf,
  type Kind,
  keyOf,
  keyString,
  type Stored,
  type StoredOf,
} from '../model/resource.ts';
import { matchesSelector } from '../model/selector.ts';
import type { Change } from './apply-write.ts';
import { SelectorIndex } from './selector-index.ts';

const NOTHING: readonly never[] = Object.freeze([]);

/** Objects ordered by kind, namespace and name. */
class SortedObjects {
  #items: Stored[] = [];
  #isHandedOut = false;

  get size(): number {
    return this.#items.length;
  }

  list(): readonly Stored[] {
    this.#isHandedOut = true;
    return this.#items;
  }

  put(resource: Stored): void {
    const items = this.#writable();
    const position = this.#position(resource);
    const isThere = position < items.length && compare(items[position], resource) === 0;
    items.splice(position, isThere ? 1 : 0, resource);
  }

  remove(resource: Stored): void {
    const items = this.#writable();
    const position = this.#position(resource);
    if (position < items.length && compare(items[position], resource) === 0) items.splice(position, 1);
  }

  #writable(): Stored[] {
    if (this.#isHandedOut) this.#items = this.#items.slice();
    this.#isHandedOut = false;
    return this.#items;
  }

  #position(resource: Stored): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.#items[middle], resource) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function compare(a: Stored | undefined, b: Stored): number {
  return (
    compareText(a?.kind ?? '', b.kind) ||
    compareText(a?.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
    compareText(a?.metadata.name ?? '', b.metadata.name)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Lists by kind, by kind and namespace, by kind and managing owner, by owner of any sort, and by application; pods by label, and Services by selector. */
export class ObjectIndex {
  readonly #byKey = new Map<string, Stored>();
  readonly #lists = new Map<string, SortedObjects>();
  readonly #selectors = new SelectorIndex();

  get<K extends Kind>(kind: K, namespace: string, name: string): StoredOf<K> | undefined {
    // Whatever is filed under a kind is of that kind: `apply` files by the object's own key.
    return this.#byKey.get(keyString({ kind, namespace, name })) as StoredOf<K> | undefined;
  }

  list<K extends Kind>(kind: K, namespace?: string): readonly StoredOf<K>[] {
    return this.#read<K>(namespace === undefined ? ofKind(kind) : ofNamespace(kind, namespace));
  }

  listOwned<K extends Kind>(kind: K, ownerUid: string): readonly StoredOf<K>[] {
    return this.#read<K>(ofOwner(kind, ownerUid));
  }

  listDependents(ownerUid: string): readonly Stored[] {
    return this.#lists.get(ofAnyOwner(ownerUid))?.list() ?? NOTHING;
  }

  listApplied(application: string): readonly Stored[] {
    return this.#lists.get(ofApplication(application))?.list() ?? NOTHING;
  }

  podsWith(namespace: string, labels: Readonly<Record<string, string>>): readonly StoredOf<'Pod'>[] {
    const wanted = Object.entries(labels);
    let fewest: SortedObjects | undefined;
    for (const [name, value] of wanted) {
      const list = this.#lists.get(ofLabel(namespace, name, value));
      if (list === undefined) return NOTHING;
      if (fewest === undefined || list.size < fewest.size) fewest = list;
    }
    // Whatever is filed under a label is a pod.
    const pods = (fewest?.list() ?? NOTHING) as readonly StoredOf<'Pod'>[];
    return wanted.length < 2 ? pods : pods.filter(({ metadata }) => matchesSelector({ matchLabels: labels }, metadata.labels));
  }

  servicesSelecting(namespace: string, labels: Readonly<Record<string, string>>): readonly StoredOf<'Service'>[] {
    return this.#selectors.selecting(namespace, labels);
  }

  /** Takes a change over. */
  apply({ key, before, after }: Change): void {
    if (key.kind === 'Service') this.#selectors.apply(key, after?.kind === 'Service' ? after : undefined);
    if (after === undefined) this.#byKey.delete(keyString(key));
    else this.#byKey.set(keyString(key), after);
    const names = new Set([...(before === undefined ? [] : listsOf(before)), ...(after === undefined ? [] : listsOf(after))]);
    const current = after === undefined ? [] : listsOf(after);
    for (const name of names) {
      if (after !== undefined && current.includes(name)) this.#open(name).put(after);
      else if (before !== undefined) this.#drop(name, before);
    }
  }

  #read<K extends Kind>(name: string): readonly StoredOf<K>[] {
    return (this.#lists.get(name)?.list() ?? NOTHING) as readonly StoredOf<K>[];
  }

  #open(name: string): SortedObjects {
    let list = this.#lists.get(name);
    if (list === undefined) {
      list = new SortedObjects();
      this.#lists.set(name, list);
    }
    return list;
  }

  #drop(name: string, resource: Stored): void {
    const list = this.#lists.get(name);
    list?.remove(resource);
    if (list?.size === 0) this.#lists.delete(name);
  }
}

const ofKind = (kind: Kind): string => kind;
const ofNamespace = (kind: Kind, namespace: string): string => `${kind}/${namespace}`;
const ofOwner = (kind: Kind, ownerUid: string): string => `${kind}//${ownerUid}`;

const ofAnyOwner = (ownerUid: string): string => `//${ownerUid}`;

const ofApplication = (application: string): string => `/${application}`;

const ofLabel = (namespace: string, name: string, value: string): string => `Pod/${namespace}/${name}=${value}`;

/** The lists that an object is on. */
function listsOf(resource: Stored): string[] {
  const { kind, namespace } = keyOf(resource);
  const owner = controllerOf(resource);
  const owners = resource.metadata.ownerReferences ?? [];
  const labels = kind === 'Pod' ? Object.entries(resource.metadata.labels ?? {}) : [];
  const lists = [
    ofKind(kind),
    ofNamespace(kind, namespace),
    ...owners.map(({ uid }) => ofAnyOwner(uid)),
    ...applicationsOf(resource).map(ofApplication),
    ...labels.map(([name, value]) => ofLabel(namespace, name, value)),
  ];
  return owner === undefined ? lists : [...lists, ofOwner(kind, owner.uid)];
}

/** The application that an object says it came from, or is a record of. */
function applicationsOf(resource: Stored): readonly string[] {
  if (resource.kind === 'ApplicationRevision' || resource.kind === 'DeletedObject') return [resource.spec.application];
  const name = resource.metadata.annotations?.[APPLICATION_ANNOTATION];
  return name === undefined ? [] : [name];
}
