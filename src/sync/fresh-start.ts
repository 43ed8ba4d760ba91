// What a new run of the controller takes back of what earlier runs said: what it does not know itself would be told as if it were so.
import { type ApplicationStatus, keyOf, type SyncAttempt } from '../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../model/time.ts';
import type { Store, Write } from '../store/store.ts';
import { applicationOf } from './applied.ts';
import { isBegun } from './decide.ts';

/**
 * Forgets that sources could not be read: this run has not asked yet, and does not ask those of other applications at all. So with commits
 * that waited to be applied: whoever reads them anew says it anew. Applications other than `name` of which no commit was ever read (a
 * mistyped repository or path) are forgotten as a whole. A commit of `name` that was applied has its whole time again: what became of it
 * while nobody looked is not known yet. Writes nothing when there is nothing to forget. `now` is epoch milliseconds.
 */
export async function startAfresh(store: Store, name: string, now: number): Promise<void> {
  const writes = store.list('Application').flatMap((application): Write[] => {
    const { metadata, status } = application;
    const { uid, resourceVersion } = metadata;
    const key = keyOf(application);
    const { source, attempt, ...lasting } = status ?? {};
    const isOurs = metadata.name === name || applicationOf(application) !== undefined;
    const untilMs = isOurs ? now + application.spec.timeoutSeconds * 1000 : 0;
    const goingOn = isBegun(attempt) ? withTimeUntil(attempt, untilMs) : undefined;
    const rest: ApplicationStatus = goingOn === undefined ? lasting : { ...lasting, attempt: goingOn };
    const isEmpty = [rest.lastGood, attempt, rest.held, rest.quarantined, rest.history?.[0], rest.inventory?.[0]].every(
      (entry) => entry === undefined,
    );
    if (isEmpty && !isOurs) return [{ op: 'remove', key, uid, resourceVersion }];
    const isUnreadable = source !== undefined && !source.ready;
    if (!isUnreadable && goingOn === attempt) return [];
    const next = isUnreadable || source === undefined ? rest : { ...rest, source };
    return [{ op: 'updateStatus', key, uid, resourceVersion, status: next }];
  });
  if (writes.length > 0) await store.write(writes);
}

function withTimeUntil(attempt: SyncAttempt, untilMs: number): SyncAttempt {
  return fromRfc3339(attempt.deadline ?? '') >= untilMs ? attempt : { ...attempt, deadline: toRfc3339(untilMs) };
}
