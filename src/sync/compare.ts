// What going from one commit to another would change, told by the two commits alone: no engine, no store, no guess about what runs.
import type { Manifest } from '../manifests/load.ts';
import type { Problem } from '../manifests/problem.ts';
import { type InventoryEntry, keyOf } from '../model/resource.ts';
import type { Store } from '../store/store.ts';
import { inOrderOfExecution, upcomingHooks } from './hooks/upcoming.ts';
import type { OutcomeAction } from './outcome.ts';
import { planSync } from './plan.ts';
import { partManifests } from './waves.ts';
import { changeWrites, outcomeAction } from './writes.ts';

/** The difference of two commits, in the form of a plan. */
export interface Comparison {
  /** Without the unchanged ones, in the order in which they would be made. */
  readonly actions: readonly OutcomeAction[];
  readonly unchanged: number;
  /** What would keep the second commit from being applied over the first, such as a change of an immutable field. */
  readonly problems: readonly Problem[];
}

/** Compares validated sets. `scratch` is an empty store that nobody else uses: the first commit is put into it. */
export async function compareCommits(
  application: string,
  from: readonly Manifest[],
  to: readonly Manifest[],
  scratch: Store,
): Promise<Comparison> {
  const [before, after] = [partManifests(from), partManifests(to)];
  const paper = { live: scratch, application, mode: 'commit', isOnPaper: true } as const;
  const first = planSync({ ...paper, desired: before.objects, inventory: [] });
  await scratch.write(first.changes.flatMap((change) => changeWrites(change, 0)));
  const inventory = before.objects.map(inventoryEntry);
  const { changes, problems } = planSync({ ...paper, desired: after.objects, hooks: after.hooks, inventory });
  const hooks = upcomingHooks(after.hooks, changes, before.hooks, application, scratch);
  return {
    actions: inOrderOfExecution({ changes, hooks }).flatMap(outcomeAction),
    unchanged: changes.filter(({ action }) => action === 'unchanged').length,
    problems,
  };
}

function inventoryEntry({ resource, file, line }: Manifest): InventoryEntry {
  const { kind, namespace, name } = keyOf(resource);
  return { kind, namespace, name, file, line, commit: '', author: '' };
}
