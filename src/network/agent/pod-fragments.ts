// The fragments of pods: their names. One holds those of a few neighbouring addresses of a namespace, so that a pod that comes or goes costs the same
// however many there are, and a node has not as many files as the cluster has pods.
import { parseAddress } from '../../model/ipv4.ts';
import type { StoredOf } from '../../model/resource.ts';
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import { type Fragment, NO_RULES } from '../fragment.ts';
import { podRecords } from '../names/pod-records.ts';
import type { FragmentSource } from './fragment-source.ts';

const PREFIX = 'pods/';
/** Addresses of one fragment, by their last octet. */
const NEIGHBOURS = 16;

/** The records of one pod by fragment. */
type Filed = ReadonlyMap<string, readonly string[]>;
const NOTHING: Filed = new Map();

/** The source of the fragments `pods/NAMESPACE/ADDRESS`, each named by the first address that it may hold. */
export class PodFragments implements FragmentSource {
  readonly #byPod = new Map<string, Filed>();
  /** By fragment and pod. */
  readonly #records = new Map<string, Map<string, readonly string[]>>();

  reset(store: StoreReader): readonly string[] {
    this.#byPod.clear();
    this.#records.clear();
    for (const pod of store.list('Pod')) this.#file(keyOfPod(pod), filedOf(pod));
    return [...this.#records.keys()];
  }

  /** A pod that keeps its address concerns no fragment, whatever else becomes of it. */
  take({ type, resource }: WatchEvent): readonly string[] {
    if (resource.kind !== 'Pod') return [];
    return this.#file(keyOfPod(resource), type === 'removed' ? NOTHING : filedOf(resource));
  }

  plan(id: string): Fragment | undefined {
    const records = this.#records.get(id);
    // The same pods, found in another order, make the same file.
    return records === undefined ? undefined : { rules: NO_RULES, records: new Set([...records.values()].flat().toSorted()) };
  }

  /** Yields the fragments that look different now. */
  #file(key: string, now: Filed): readonly string[] {
    const before = this.#byPod.get(key) ?? NOTHING;
    const ids = [...new Set([...before.keys(), ...now.keys()])].filter((id) => before.get(id)?.join() !== now.get(id)?.join());
    for (const id of ids) this.#fileIn(id, key, now.get(id));
    if (now.size === 0) this.#byPod.delete(key);
    else this.#byPod.set(key, now);
    return ids;
  }

  #fileIn(id: string, key: string, records: readonly string[] | undefined): void {
    const inFragment = this.#records.get(id) ?? new Map<string, readonly string[]>();
    if (records === undefined) inFragment.delete(key);
    else inFragment.set(key, records);
    if (inFragment.size === 0) this.#records.delete(id);
    else this.#records.set(id, inFragment);
  }
}

function filedOf(pod: StoredOf<'Pod'>): Filed {
  const filed = new Map<string, string[]>();
  for (const [address, record] of podRecords(pod)) {
    const id = `${PREFIX}${pod.metadata.namespace ?? 'default'}/${firstOfNeighbours(address)}`;
    filed.set(id, [...(filed.get(id) ?? []), record]);
  }
  return filed;
}

/** Addresses of another family stand alone; their colons cannot be part of an id. */
function firstOfNeighbours(address: string): string {
  if (parseAddress(address) === undefined) return address.toLowerCase().replaceAll(':', '-');
  const octets = address.split('.').map(Number);
  const last = octets.pop() ?? 0;
  return [...octets, last - (last % NEIGHBOURS)].join('.');
}

function keyOfPod({ metadata }: StoredOf<'Pod'>): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}
