// What a new run of the controller takes back of what earlier runs said: what it does not know itself would be told as if it were so.
import { keyOf } from '../model/resource.ts';
import type { Store, Write } from '../store/store.ts';
import { isApplied } from './decide.ts';

/**
 * Forgets that sources could not be read: this run has not asked yet, and does not ask those of other applications at all. So with commits
 * that waited to be applied: whoever reads them anew says it anew. Applications other than `name` of which no commit was ever read (a
 * mistyped repository or path) are forgotten as a whole. Writes nothing when there is nothing to forget.
 */
export async function startAfresh(store: Store, name: string): Promise<void> {
  const writes = store.list('Application').flatMap((application): Write[] => {
    const { metadata, status } = application;
    const { uid, resourceVersion } = metadata;
    const key = keyOf(application);
    const { source, attempt, ...lasting } = status ?? {};
    const rest = isApplied(attempt) ? { ...lasting, attempt } : lasting;
    const isEmpty = [rest.lastGood, attempt, rest.held, rest.quarantined, rest.history?.[0], rest.inventory?.[0]].every(
      (entry) => entry === undefined,
    );
    if (isEmpty && metadata.name !== name) return [{ op: 'remove', key, uid, resourceVersion }];
    const isUnreadable = source !== undefined && !source.ready;
    if (!isUnreadable && (attempt === undefined || isApplied(attempt))) return [];
    const next = isUnreadable || source === undefined ? rest : { ...rest, source };
    return [{ op: 'updateStatus', key, uid, resourceVersion, status: next }];
  });
  if (writes.length > 0) await store.write(writes);
}
