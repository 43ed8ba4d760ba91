// The waves of a commit: which there are, which comes next, and which changes belong to which. Pure.
import type { Manifest } from '../manifests/load.ts';
import type { InventoryEntry, SyncAttempt } from '../model/resource.ts';
import { hookOf, waveOf } from '../model/sync-order.ts';
import { byApplyOrder } from './order.ts';
import type { PlannedChange } from './planned.ts';

/** The manifests of a commit: its objects, and the Jobs that are its hooks. */
export interface Parted {
  readonly objects: readonly Manifest[];
  readonly hooks: readonly Manifest[];
}

/** Remembered, because a revision's manifests are parted in every pass. */
const parts = new WeakMap<readonly Manifest[], Parted>();

/** Parts objects from hooks. Without hooks the objects are the very list that was given. */
export function partManifests(manifests: readonly Manifest[]): Parted {
  const known = parts.get(manifests);
  if (known !== undefined) return known;
  const hooks = manifests.filter(({ resource }) => hookOf(resource) !== undefined);
  const parted = { objects: hooks.length === 0 ? manifests : manifests.filter((each) => !hooks.includes(each)), hooks };
  parts.set(manifests, parted);
  return parted;
}

/** The waves of a commit, from the first to the last: of its objects, and of the hooks that run between them. */
export function wavesOf({ objects, hooks }: Parted): readonly number[] {
  const between = hooks.filter(({ resource }) => hookOf(resource)?.event === 'sync');
  const waves = new Set([...objects, ...between].map(({ resource }) => waveOf(resource)));
  return [...waves].toSorted((a, b) => a - b);
}

/** What an attempt says of its waves when it begins with this one; nothing when the commit has one wave only. */
export function waveFields(waves: readonly number[], wave: number | undefined): Pick<SyncAttempt, 'wave' | 'nextWave'> {
  if (waves.length < 2 || wave === undefined) return {};
  const nextWave = waves.find((each) => each > wave);
  return nextWave === undefined ? { wave } : { wave, nextWave };
}

/** The highest wave that may be written now; infinite when all may. */
export function openWave(attempt: Pick<SyncAttempt, 'phase' | 'wave'> | undefined): number {
  return attempt?.phase === 'applying' ? (attempt.wave ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
}

/** The wave of a change: as the commit says it, or as it was applied when it goes. */
export function waveOfChange({ next, live }: Pick<PlannedChange, 'next' | 'live'>): number {
  const object = next ?? live;
  return object === undefined ? 0 : waveOf(object);
}

/** Whether a change may be made while the waves up to this one are open. Deletions have an order of their own. */
export function isInWave(change: PlannedChange, wave: number): boolean {
  return change.action === 'delete' || waveOfChange(change) <= wave;
}

/** Compares by wave, then by the order in which kinds are applied, then by name. */
export function byWave(a: PlannedChange, b: PlannedChange): number {
  return waveOfChange(a) - waveOfChange(b) || byApplyOrder(a.key, b.key);
}

/** What an inventory entry says of the wave of its object. */
export function waveEntry(resource: Manifest['resource']): Pick<InventoryEntry, 'wave'> {
  const wave = waveOf(resource);
  return wave === 0 ? {} : { wave };
}
