// Services with their endpoint slices, by Service, so that a change of one costs nothing for the others. Fed by a watch of the store.
import { serviceNameOf } from '../../model/endpoint-slice.ts';
import type { Stored, StoredOf } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';

type Slice = StoredOf<'EndpointSlice'>;

/** Slices by Service. */
export class SliceIndex {
  readonly #byService = new Map<string, Map<string, Slice>>();
  /** A label may change: where each slice is filed. */
  readonly #filed = new Map<string, string>();

  /** Forgets everything and reads the store. */
  reset(store: StoreReader): void {
    this.#byService.clear();
    this.#filed.clear();
    for (const slice of store.list('EndpointSlice')) this.#file(slice);
  }

  /** Takes one change in, and tells the Services that it concerns. */
  take(type: 'added' | 'modified' | 'removed', resource: Stored): readonly string[] {
    if (resource.kind !== 'EndpointSlice') return [];
    const before = this.#unfile(resource);
    const after = type === 'removed' ? undefined : this.#file(resource);
    return [...new Set([before, after])].filter((service) => service !== undefined);
  }

  /** The slices of a Service, by name. */
  of(service: string): readonly Slice[] {
    return [...(this.#byService.get(service)?.values() ?? [])].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  #file(slice: Slice): string | undefined {
    const service = serviceOf(slice);
    if (service === undefined) return undefined;
    const key = keyOfSlice(slice);
    const slices = this.#byService.get(service) ?? new Map<string, Slice>();
    this.#byService.set(service, slices.set(key, slice));
    this.#filed.set(key, service);
    return service;
  }

  #unfile(slice: Slice): string | undefined {
    const key = keyOfSlice(slice);
    const service = this.#filed.get(key);
    if (service === undefined) return undefined;
    this.#filed.delete(key);
    const slices = this.#byService.get(service);
    slices?.delete(key);
    if (slices?.size === 0) this.#byService.delete(service);
    return service;
  }
}

/** `namespace/name` of the Service that a slice belongs to; undefined when it names none. */
function serviceOf(slice: Slice): string | undefined {
  const name = serviceNameOf(slice);
  return name === undefined ? undefined : `${slice.metadata.namespace ?? 'default'}/${name}`;
}

function keyOfSlice({ metadata }: Slice): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}
