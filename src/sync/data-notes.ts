// What a plan means for data: claims and volumes that it leaves behind, unmounts, or empties. Pure; nothing here removes anything.
import { displayKey, keyString, type PodSpec, type ResourceKey, type Stored } from '../model/resource.ts';
import { podSpecOf } from '../model/workload.ts';
import type { StoreReader } from '../store/store.ts';
import type { PlannedChange } from './planned.ts';

/** One thing that happens to data. */
export interface DataNote {
  /** The object that holds the data, or whose pods do. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `left`: it stays, and nobody declares it any more. `unmounted`: it stays, and nothing mounts it. `emptied`: its content goes. */
  readonly what: 'left' | 'unmounted' | 'emptied';
  readonly message: string;
}

/** Everything that the changes mean for data, in their order. */
export function dataNotes(changes: readonly PlannedChange[], store: StoreReader): readonly DataNote[] {
  const deleted = changes.filter(({ action }) => action === 'delete').map(({ key }) => keyString(key));
  // Of a claim that goes is told that it goes.
  const mounted = new Set([...mountedAfter(changes), ...deleted]);
  return changes.flatMap((change) => [...leftBy(change, store), ...unmountedBy(change, mounted), ...emptiedBy(change)]);
}

function note(key: ResourceKey, what: DataNote['what'], message: string): DataNote {
  return { ...key, what, message };
}

function leftBy({ action, key, live, next }: PlannedChange, store: StoreReader): readonly DataNote[] {
  if (live === undefined) return [];
  if (action === 'delete' && live.kind === 'PersistentVolumeClaim') {
    const { volumeName = '' } = live.spec;
    return [
      note(
        key,
        'left',
        `${displayKey(key)} goes; ${volumeName === '' ? 'its volume' : `its volume ${volumeName}`} stays with its data`,
      ),
    ];
  }
  if (action === 'delete' && live.kind === 'PersistentVolume')
    return [note(key, 'left', `${displayKey(key)} goes; the data that it names stays`)];
  if (live.kind !== 'StatefulSet') return [];
  const wanted = action === 'delete' || next?.kind !== 'StatefulSet' ? 0 : (next.spec.replicas ?? 1);
  const isKept =
    live.spec.persistentVolumeClaimRetentionPolicy?.[action === 'delete' ? 'whenDeleted' : 'whenScaled'] !== 'Delete';
  return claimsOfSet(live, wanted, store).map((claim) =>
    note(
      claim,
      isKept ? 'unmounted' : 'left',
      `${displayKey(claim)} of ${displayKey(key)} ${isKept ? 'stays and nothing mounts it' : 'goes; its volume stays with its data'}`,
    ),
  );
}

/** The claims of a StatefulSet's pods from this ordinal on that are there. */
function claimsOfSet(set: Stored & { kind: 'StatefulSet' }, from: number, store: StoreReader): readonly ResourceKey[] {
  const { name, namespace = 'default' } = set.metadata;
  const first = (set.spec.ordinals?.start ?? 0) + from;
  const replicas = (set.spec.replicas ?? 1) - from;
  const ordinals = Array.from({ length: Math.max(0, replicas) }, (_none, index) => first + index);
  return (set.spec.volumeClaimTemplates ?? []).flatMap(({ metadata }) =>
    ordinals
      .map(
        (ordinal) => ({ kind: 'PersistentVolumeClaim', namespace, name: `${metadata?.name ?? ''}-${name}-${ordinal}` }) as const,
      )
      .filter((claim) => store.get(claim.kind, claim.namespace, claim.name) !== undefined),
  );
}

/** What a pod spec mounts that outlives pods: claims by name, folders of the host by path. */
function mountsOf(spec: PodSpec | undefined, namespace: string): readonly { readonly id: string; readonly told: string }[] {
  return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim, hostPath }) => {
    if (claim !== undefined) {
      const key: ResourceKey = { kind: 'PersistentVolumeClaim', namespace, name: claim.claimName };
      return [{ id: keyString(key), told: displayKey(key) }];
    }
    return hostPath === undefined ? [] : [{ id: `host ${hostPath.path}`, told: `the folder ${hostPath.path} of the host` }];
  });
}

function mountedAfter(changes: readonly PlannedChange[]): readonly string[] {
  return changes.flatMap(({ action, next, live, key }) => {
    const object = action === 'delete' ? undefined : (next ?? live);
    return object === undefined ? [] : mountsOf(podSpecOf(object), key.namespace).map(({ id }) => id);
  });
}

function unmountedBy({ action, key, live }: PlannedChange, mounted: ReadonlySet<string>): readonly DataNote[] {
  if (live === undefined || action === 'unchanged' || action === 'create') return [];
  const told = new Set(
    mountsOf(podSpecOf(live), key.namespace)
      .filter(({ id }) => !mounted.has(id))
      .map((mount) => mount.told),
  );
  return [...told].map((mount) =>
    note(key, 'unmounted', `${mount} stays; ${displayKey(key)} no longer mounts it, and nothing else of the commit does`),
  );
}

function emptiedBy({ action, effect, key, live }: PlannedChange): readonly DataNote[] {
  const isReplacing = action === 'delete' || action === 'recreate' || effect === 'rolling update' || effect === 'restart';
  // What runs to an end and comes again by its clock begins with empty volumes anyway.
  if (live === undefined || !isReplacing || live.kind === 'CronJob' || live.kind === 'Job') return [];
  const names = (podSpecOf(live)?.volumes ?? [])
    .filter(({ emptyDir }) => emptyDir !== undefined && emptyDir.medium !== 'Memory')
    .map(({ name }) => name);
  if (names.length === 0) return [];
  const which = names.length === 1 ? `emptyDir ${names[0]}` : `emptyDirs ${names.join(', ')}`;
  return [note(key, 'emptied', `what the pods of ${displayKey(key)} keep in ${which} goes with them`)];
}
