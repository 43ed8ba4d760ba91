// Waiting for what a store will say.
import type { Store } from '../../src/store/store.ts';

/** Waits for a state by following the store; the test's own deadline ends it when it never comes. */
export async function untilStored(store: Store, isReached: () => boolean): Promise<void> {
  if (isReached()) return;
  const aborter = new AbortController();
  const changes = store.watch(store.revision(), aborter.signal)[Symbol.asyncIterator]();
  while (!isReached()) if ((await changes.next()).done === true) break;
  aborter.abort();
}
