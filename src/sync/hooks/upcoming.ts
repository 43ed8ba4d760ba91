// The hooks that a commit would run, before it is applied: whether it runs any, and what stands in their way. Pure.
import type { Manifest } from '../../manifests/load.ts';
import { keyOf, type SyncHook } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import { liveOf } from '../order.ts';
import type { PlannedChange, SyncPlan } from '../planned.ts';
import { waveOfChange } from '../waves.ts';
import { startChange } from './hook-job.ts';
import { inRunOrder, isSameHooks } from './hook-list.ts';

/**
 * What starts the hooks of a commit, in their order. Empty when the commit changes nothing, neither objects nor hooks: then there is nothing
 * to prepare or to follow up. `before` are the hooks of the commit that is live; undefined when none is.
 */
export function upcomingHooks(
  hooks: readonly Manifest[],
  changes: readonly PlannedChange[],
  before: readonly Manifest[] | undefined,
  application: string,
  store: StoreReader,
): readonly PlannedChange[] {
  const isChanged = changes.some(({ action, hook }) => action !== 'unchanged' && hook === undefined);
  if (hooks.length === 0 || (!isChanged && before !== undefined && isSameHooks(hooks, before))) return [];
  return inRunOrder(hooks).map((manifest) =>
    startChange(manifest, liveOf(store, keyOf(manifest.resource)), { application, mark: '' }),
  );
}

/** Everything that a plan does, in the order in which it is done. Hooks that run only if the commit fails are not part of it. */
export function inOrderOfExecution({ changes, hooks = [] }: Pick<SyncPlan, 'changes' | 'hooks'>): readonly PlannedChange[] {
  if (hooks.length === 0) return changes;
  const of = (event: SyncHook['event']): readonly PlannedChange[] => hooks.filter(({ hook }) => hook === event);
  const written = changes.filter(({ action }) => action !== 'delete');
  const gone = changes.filter(({ action }) => action === 'delete');
  // Sorting is stable: in one wave objects come before the hooks that run beside them.
  const waves = [...written, ...of('sync')].toSorted((a, b) => waveOfChange(a) - waveOfChange(b));
  return [...of('pre-sync'), ...waves, ...of('post-sync'), ...gone];
}
