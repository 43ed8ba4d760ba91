// What the order of a commit makes impossible: an object that cannot be, or cannot become healthy, before something of a later wave is there.
// Found before anything is touched: otherwise the commit would wait for itself until its time is over. Pure.
import { type Facts, factsOf } from '../manifests/checks/facts.ts';
import type { Manifest } from '../manifests/load.ts';
import { formatPath } from '../manifests/place.ts';
import type { Problem } from '../manifests/problem.ts';
import { displayKey, type Kind, parseKey } from '../model/resource.ts';
import { hookOf, WAVE_ANNOTATION, waveOf } from '../model/sync-order.ts';
import type { StoreReader } from '../store/store.ts';
import { liveOf } from './order.ts';
import { type Parted, wavesOf } from './waves.ts';

/** Without these nothing can be created, or no pod starts, or nothing is served. */
const needed: ReadonlySet<Kind> = new Set<Kind>([
  'Namespace',
  'ServiceAccount',
  'PriorityClass',
  'RuntimeClass',
  'ConfigMap',
  'Secret',
  'PersistentVolumeClaim',
  'Service',
]);

/** When a manifest is written: before all waves, in one of them, or after them. */
function placeOf({ resource }: Manifest): number {
  const event = hookOf(resource)?.event;
  if (event === 'pre-sync') return Number.NEGATIVE_INFINITY;
  return event === 'post-sync' || event === 'sync-fail' ? Number.POSITIVE_INFINITY : waveOf(resource);
}

/** Objects that come later than who needs them, and are not there already. */
export function waveProblems(parted: Parted, store: StoreReader): readonly Problem[] {
  const { objects, hooks } = parted;
  if (hooks.length === 0 && wavesOf(parted).length < 2) return [];
  const members = new Map(objects.map((manifest) => [factsOf(manifest).id, manifest]));
  return [...objects, ...hooks].flatMap((manifest) => problemsOf(factsOf(manifest), members, store));
}

function problemsOf(
  { manifest, references }: Facts,
  members: ReadonlyMap<string, Manifest>,
  store: StoreReader,
): readonly Problem[] {
  const place = placeOf(manifest);
  const told = new Set<string>();
  return references.flatMap(({ id, kind, path, consequence }): Problem[] => {
    const target = members.get(id);
    if (target === undefined || consequence !== undefined || !needed.has(kind) || told.has(id)) return [];
    const wave = placeOf(target);
    if (wave <= place || liveOf(store, parseKey(id)) !== undefined) return [];
    told.add(id);
    const name = displayKey(parseKey(id));
    const message =
      place === Number.NEGATIVE_INFINITY
        ? `${name} comes with this very commit, after its pre-sync hooks: make this a hook of sync, in a wave before what waits for it, or commit ${name} first`
        : `${name} comes in wave ${wave}, and this needs it in wave ${place}: give ${name} the ${WAVE_ANNOTATION} ${place} or a lower one`;
    const { file, line, column } = manifest.locate?.(path) ?? { ...manifest, column: 1 };
    return [{ severity: 'error', reason: 'Conflict', file, line, column, field: formatPath(path), message }];
  });
}
