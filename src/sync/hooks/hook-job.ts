// A hook's Job in the store: how it is made for an attempt, whether it is that attempt's, and when it goes. Pure.
import type { Manifest } from '../../manifests/load.ts';
import {
  controllerOf,
  type Desired,
  displayKey,
  type Job,
  keyOf,
  RECOVERED_ANNOTATION,
  type Stored,
  type StoredOf,
  type SyncHook,
} from '../../model/resource.ts';
import { HOOK_RUN_ANNOTATION, hookOf } from '../../model/sync-order.ts';
import { applicationOf, isRecovered, withOwner } from '../applied.ts';
import type { PlannedChange } from '../planned.ts';

/** Which attempt of which application a Job is made for. */
export interface HookRun {
  readonly application: string;
  /** See `runMark`. */
  readonly mark: string;
  /** The commit, when nothing else is known to have been live: then what an earlier life of the store ran for it still counts. */
  readonly adopts?: string;
}

/** Whether a live object is the Job that was made for a run, and is to stay. */
export function isOfRun(live: Stored | undefined, mark: string): live is StoredOf<'Job'> {
  const isMarked = live?.kind === 'Job' && live.metadata.annotations?.[HOOK_RUN_ANNOTATION] === mark;
  return isMarked && live.metadata.deletionTimestamp === undefined;
}

/** The manifest's Job for a run. Its time to live counts from when its end was seen: before that, nobody may take it away. */
export function jobOfRun({ resource }: Manifest, { application, mark }: HookRun): Desired {
  const owned = withOwner(resource, application);
  if (owned.kind !== 'Job') return owned;
  const { ttlSecondsAfterFinished: _ttl, ...spec } = owned.spec;
  const annotations = { ...owned.metadata.annotations, [HOOK_RUN_ANNOTATION]: mark };
  return { ...owned, metadata: { ...owned.metadata, annotations }, spec };
}

/** Why a hook cannot have the name that it asks for. */
export function foreignHolder(live: Stored | undefined, application: string): string | undefined {
  if (live === undefined) return undefined;
  const controller = controllerOf(live);
  if (controller !== undefined) return `${displayKey(keyOf(live))} exists and belongs to ${controller.kind} ${controller.name}`;
  const owner = applicationOf(live);
  const isOthers = owner !== undefined && owner !== application;
  return isOthers ? `${displayKey(keyOf(live))} belongs to the application "${owner}"` : undefined;
}

/** What starts a hook: its Job is made, in place of one of another run. */
export function startChange(manifest: Manifest, live: Stored | undefined, run: HookRun): PlannedChange {
  const { resource, file, line } = manifest;
  const event = hookOf(resource)?.event ?? 'sync';
  const base = { key: keyOf(resource), effect: 'new', fields: [], reason: 'HookStarted', file, line, hook: event } as const;
  const next = jobOfRun(manifest, run);
  if (live === undefined) return { ...base, action: 'create', message: `it is a ${event} hook of the commit`, next };
  if (isAdoptable(live, run)) {
    const { [RECOVERED_ANNOTATION]: _recovered, ...annotations } = live.metadata.annotations ?? {};
    const metadata = { ...live.metadata, annotations: { ...annotations, [HOOK_RUN_ANNOTATION]: run.mark } };
    const message = `it was found on the host, where it ran as ${event} hook of this very commit`;
    return { ...base, action: 'update', message, live, next: { ...live, metadata } };
  }
  const isEnding = live.metadata.deletionTimestamp !== undefined;
  return {
    ...base,
    action: 'recreate',
    message: `it is a ${event} hook of the commit; the Job of an earlier run goes`,
    live,
    next,
    ...(isEnding ? { waitsFor: `${displayKey(keyOf(live))} to end` } : {}),
  };
}

/** A Job that was rebuilt from Docker, and ran for the same commit before the store was lost. */
function isAdoptable(live: Stored, { adopts }: HookRun): live is StoredOf<'Job'> {
  if (adopts === undefined || live.kind !== 'Job' || !isRecovered(live)) return false;
  return live.metadata.annotations?.[HOOK_RUN_ANNOTATION]?.startsWith(`${adopts}.`) === true;
}

/** The deletion of a hook's Job. */
export function stopChange(live: Stored, hook: SyncHook, place: Pick<Manifest, 'file' | 'line'>, message: string): PlannedChange {
  const base = { key: keyOf(live), action: 'delete', effect: 'removed', fields: [], reason: 'HookDeleted' } as const;
  return { ...base, message, file: place.file, line: place.line, live, hook: hook.event };
}

/** What becomes of the Job of a hook that has ended: its policy takes it away, or it gets its time to live. */
export function endChange(manifest: Manifest, live: StoredOf<'Job'>, hook: SyncHook): PlannedChange | undefined {
  const policies = hookOf(manifest.resource)?.policies ?? [];
  const policy = hook.state === 'succeeded' ? 'hook-succeeded' : 'hook-failed';
  if (policies.includes(policy)) return stopChange(live, hook, manifest, `its delete policy is ${policy}`);
  const ttl = manifest.resource.kind === 'Job' ? manifest.resource.spec.ttlSecondsAfterFinished : undefined;
  if (ttl === undefined || live.spec.ttlSecondsAfterFinished === ttl) return undefined;
  const next: Stored<Job> = { ...live, spec: { ...live.spec, ttlSecondsAfterFinished: ttl } };
  return {
    key: keyOf(live),
    action: 'update',
    effect: 'in-place',
    fields: [],
    reason: 'HookEnded',
    message: `its time to live begins: ${ttl} s`,
    file: manifest.file,
    line: manifest.line,
    live,
    next: next as Stored,
    hook: hook.event,
  };
}
