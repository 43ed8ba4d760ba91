// What a new run of the controller owes to rollouts that were under way: the time in which nobody looked does not count against them.
import { keyOf, type StoredOf } from '../../model/resource.ts';
import { toRfc3339 } from '../../model/time.ts';
import type { Store, Write } from '../../store/store.ts';
import { progressDeadlineAt } from './status.ts';

/**
 * Lets the progress deadline of Deployments run anew where it has passed unseen. To be called before the controllers run. Writes nothing
 * when there is none. `now` is epoch milliseconds.
 */
export async function resumeRollouts(store: Store, now: number): Promise<void> {
  const writes = store.list('Deployment').flatMap((deployment) => resumed(deployment, now));
  if (writes.length > 0) await store.write(writes);
}

function resumed(deployment: StoredOf<'Deployment'>, now: number): readonly Write[] {
  const { metadata, status } = deployment;
  const conditions = status?.conditions ?? [];
  const deadlineMs = progressDeadlineAt(deployment, conditions);
  if (deadlineMs === undefined || deadlineMs > now) return [];
  const next = conditions.map((condition) =>
    condition.type === 'Progressing' ? { ...condition, lastUpdateTime: toRfc3339(now) } : condition,
  );
  const { uid, resourceVersion } = metadata;
  return [{ op: 'updateStatus', key: keyOf(deployment), uid, resourceVersion, status: { ...status, conditions: next } }];
}
