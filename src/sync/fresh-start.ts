// What a new run of the controller takes back of what earlier runs said: what it does not know itself would be told as if it were so.
import { isDeepStrictEqual } from 'node:util';
import { findCondition, withCondition } from '../model/conditions.ts';
import { type ApplicationStatus, keyOf, type Stored, type StoredOf, type SyncAttempt } from '../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../model/time.ts';
import type { Store, StoreReader, Write } from '../store/store.ts';
import { applicationOf } from './applied.ts';
import { isBegun } from './decide.ts';
import { farewell } from './departure.ts';
import { keyOfEntry, liveOf } from './order.ts';
import { FOLLOWED } from './phrases.ts';

/**
 * Forgets that sources could not be read: this run has not asked yet, and does not ask those of other applications at all. So with commits
 * that waited to be applied: whoever reads them anew says it anew. Applications other than `name` of which no commit was ever read (a
 * mistyped repository or path) are forgotten as a whole. A commit of `name` that was applied has its whole time again: what became of it
 * while nobody looked is not known yet. Writes nothing when there is nothing to forget. `now` is epoch milliseconds.
 *
 * A controller that stays says of other applications that nobody declares that it does not follow them, as after another name was given: what runs
 * of them goes on. Once nothing of one is there any more, it is forgotten. A single run may be one of several, each with its own.
 */
export async function startAfresh(store: Store, name: string, now: number, isOnce = false): Promise<void> {
  const writes = store.list('Application').flatMap((stored): Write[] => {
    const isUnfollowed = !isOnce && stored.metadata.name !== name && applicationOf(stored) === undefined;
    if (isUnfollowed && isGone(stored, store)) return [...farewell(stored, store, now, [])];
    const application = isUnfollowed ? unfollowed(stored, name, now) : stored.metadata.name === name ? followed(stored) : stored;
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
    if (!isUnreadable && goingOn === attempt && application === stored) return [];
    const next = isUnreadable || source === undefined ? rest : { ...rest, source };
    return [{ op: 'updateStatus', key, uid, resourceVersion, status: next }];
  });
  if (writes.length > 0) await store.write(writes);
}

/** Whether nothing that it has applied is there any more and its own. */
function isGone({ metadata, status }: StoredOf<'Application'>, store: StoreReader): boolean {
  const { inventory = [], lastGood } = status ?? {};
  const isOwn = (live: Stored | undefined): boolean => live !== undefined && applicationOf(live) === metadata.name;
  return lastGood !== undefined && !inventory.some((entry) => isOwn(liveOf(store, keyOfEntry(entry))));
}

function unfollowed(application: StoredOf<'Application'>, name: string, now: number): StoredOf<'Application'> {
  const { metadata, status } = application;
  const message =
    `the controller follows application/${name}: nothing of this one is changed or put right, and what runs of it goes on. ` +
    `"holdfast reconcile --application ${metadata.name}", with its repository and path, goes on with it`;
  const said = { type: FOLLOWED, status: 'False', reason: 'AnotherApplication', message } as const;
  const conditions = withCondition(status?.conditions, said, now);
  return isDeepStrictEqual(conditions, status?.conditions) ? application : { ...application, status: { ...status, conditions } };
}

function followed(application: StoredOf<'Application'>): StoredOf<'Application'> {
  const { status } = application;
  if (findCondition(status?.conditions, FOLLOWED) === undefined) return application;
  const conditions = (status?.conditions ?? []).filter(({ type }) => type !== FOLLOWED);
  return { ...application, status: { ...status, conditions } };
}

function withTimeUntil(attempt: SyncAttempt, untilMs: number): SyncAttempt {
  return fromRfc3339(attempt.deadline ?? '') >= untilMs ? attempt : { ...attempt, deadline: toRfc3339(untilMs) };
}
