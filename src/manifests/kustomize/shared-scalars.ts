// Labels and annotations that kustomize sets in several fields of one object are one and the same value to it from then on: what changes it in
// one of these fields later, be it a patch for `metadata.labels`, changes it in the selector and in the template as well. Whether that was meant
// or not, a build has to come out as kustomize's does.
import type { Origins } from '../origins.ts';
import { put } from '../reading/plain.ts';
import type { SourcePlace } from '../source.ts';

/** An entry of a map. */
export interface Slot {
  readonly owner: Record<string, unknown>;
  readonly key: string;
}

/** Which entries of the objects of a build are one value. Entries are known by their maps, so that a copy shares nothing. */
export class SharedScalars {
  readonly #shared = new WeakMap<object, Map<string, ReadonlySet<Slot>>>();

  /** These entries were made as one. */
  join(slots: readonly Slot[]): void {
    if (slots.length < 2) return;
    const group = new Set(slots);
    for (const { owner, key } of slots) {
      const keys = this.#shared.get(owner) ?? new Map<string, ReadonlySet<Slot>>();
      this.#shared.set(owner, keys.set(key, group));
    }
  }

  /** An entry that is taken away takes no part any more. */
  leave(owner: object, key: string): void {
    this.#shared.get(owner)?.delete(key);
  }

  /** The other entries that are the same value. */
  othersOf(owner: object, key: string): readonly Slot[] {
    const group = this.#shared.get(owner)?.get(key);
    if (group === undefined) return [];
    return [...group].filter((slot) => slot.owner !== owner && this.#shared.get(slot.owner)?.get(slot.key) === group);
  }
}

/** Changes a scalar that is there, and with it every entry that is the same value. */
export function changeScalar(
  owner: Record<string, unknown>,
  key: string,
  value: unknown,
  build: { readonly shared: SharedScalars; readonly origins: Origins },
  place?: SourcePlace,
  written?: string,
): void {
  for (const slot of [{ owner, key }, ...build.shared.othersOf(owner, key)]) {
    put(slot.owner, slot.key, value);
    if (place !== undefined) build.origins.mark(slot.owner, slot.key, place, written);
  }
}
