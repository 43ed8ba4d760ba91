// What a rollback does where the set of the last good commit leaves the replacing of pods to people: pods of the bad template that do not become
// ready would stay for ever. Pure; it must not touch pods that were there before the bad commit, nor any that serves.

import { isConditionTrue } from '../model/conditions.ts';
import { keyOf, type StoredOf, type SyncAttempt } from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';
import type { StoreReader } from '../store/store.ts';
import type { PlannedChange } from './planned.ts';

const MESSAGE =
  'it was made from the template of the commit that is taken back, and its set replaces pods only when somebody deletes them';

/**
 * The pods that have to go so that sets with OnDelete or a partition become healthy again: those that are not ready and were made since the bad
 * commit was applied, of sets whose template the rollback changes. `changes` are those of the rollback.
 */
export function podsToReplace(
  changes: readonly PlannedChange[],
  attempt: Pick<SyncAttempt, 'startedAt' | 'appliedAt'>,
  store: StoreReader,
): readonly PlannedChange[] {
  const sinceMs = fromRfc3339(attempt.appliedAt ?? attempt.startedAt);
  return changes.filter(isReplacedByHand).flatMap(({ live, file, line }) => {
    const pods = live === undefined ? [] : store.listOwned('Pod', live.metadata.uid);
    return pods
      .filter((pod) => isMadeSince(pod, sinceMs) && !isConditionTrue(pod.status?.conditions, 'Ready'))
      .map((pod): PlannedChange => {
        const base = { key: keyOf(pod), action: 'delete', effect: 'removed', fields: [], reason: 'RolledBack' } as const;
        return { ...base, message: MESSAGE, file, line, live: pod };
      });
  });
}

function isReplacedByHand({ action, next, fields }: PlannedChange): boolean {
  if (action !== 'update' || !fields.some(({ path }) => path.startsWith('spec.template'))) return false;
  if (next?.kind !== 'StatefulSet' && next?.kind !== 'DaemonSet') return false;
  const { type, rollingUpdate = {} } = next.spec.updateStrategy ?? {};
  return type === 'OnDelete' || ('partition' in rollingUpdate && rollingUpdate.partition > 0);
}

function isMadeSince({ metadata }: StoredOf<'Pod'>, sinceMs: number): boolean {
  return metadata.deletionTimestamp === undefined && fromRfc3339(metadata.creationTimestamp ?? '') >= sinceMs;
}
