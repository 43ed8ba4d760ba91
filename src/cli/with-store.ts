// Commands that only read open the store for a moment.
import type { Store, StoreReader } from '../store/store.ts';
import type { Parts, PlaceOptions } from './parts.ts';

/** Opens the store, reads, closes it whatever happens. Throws UsageFault when there is none. */
export async function withStore<T>(
  parts: Pick<Parts, 'openStore'>,
  place: PlaceOptions,
  read: (reader: StoreReader) => T | Promise<T>,
): Promise<T> {
  const store: Store = await parts.openStore(place);
  try {
    return await read(store);
  } finally {
    await store.close();
  }
}
