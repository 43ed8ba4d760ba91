// The plan of a commit: what has to change in the store so that it says what the manifests say. Pure; the same plan is printed by `diff`
// and carried out by the syncer. Must not write, pull, or know what is healthy.
import type { Manifest } from '../manifests/load.ts';
import type { Problem, ProblemReason } from '../manifests/problem.ts';
import {
  controllerOf,
  type Desired,
  displayKey,
  type FinishedJob,
  keyOf,
  keyString,
  type StorageClass,
  type Stored,
} from '../model/resource.ts';
import type { PolicyReader } from '../runtime/policy-reader.ts';
import { admitChanges, podOver, policiesWith } from './admission.ts';
import { applicationOf, appliedOver, comparable, isRecovered, withOwner } from './applied.ts';
import { takenBy } from './declared.ts';
import { diffFields, type FieldChange, redactSecrets } from './diff.ts';
import { effectOf, recreateReason } from './effects.ts';
import { differsText } from './fields-text.ts';
import { finishedBefore, finishedMessage, isAway } from './finished-jobs.ts';
import { ignoredLines, leaveToOthers } from './gates/ignore.ts';
import { foreignHolder } from './hooks/hook-job.ts';
import { immutableFields } from './immutable.ts';
import { liveOf } from './order.ts';
import { type ChangeReason, type PlanInput, type PlanMode, type PlannedChange, type SyncPlan } from './planned.ts';
import { planPrune } from './prune.ts';
import { allocateServices } from './service-changes.ts';
import { byWave } from './waves.ts';

/** Plans the way from the store's state to the manifests. */
export function planSync(given: PlanInput): SyncPlan {
  const ignore = given.ignore ?? given.live.get('Application', '', given.application)?.spec.ignoreDifferences ?? [];
  const input = { ...given, ignore };
  const problems: Problem[] = [];
  const changes: PlannedChange[] = [];
  const desired = input.desired.map(({ resource }) => resource);
  const policies = policiesWith(desired, input.live);
  for (const hook of input.mode === 'commit' ? (input.hooks ?? []) : []) problems.push(...refuseHook(hook, input));
  for (const manifest of input.desired) {
    const live = liveOf(input.live, keyOf(manifest.resource));
    const refusals = live === undefined || input.mode !== 'commit' ? [] : refuse(manifest, live, input);
    problems.push(...refusals);
    if (refusals.length > 0) continue;
    const change = planObject(manifest, live, policies, input);
    changes.push(change);
    if (change.reason === 'Adopted') problems.push(problemAt(manifest, 'note', 'Conflict', '', change.message));
    if (input.mode === 'commit')
      problems.push(...ignoredLines(change).map((line) => problemAt(manifest, 'note', 'NoEffect', '', line)));
  }
  const same = changes.filter((change) => change.action === 'unchanged');
  const applied = changes.filter((change) => change.action !== 'unchanged').toSorted(byWave);
  const named = [...input.desired, ...(input.hooks ?? [])];
  const pruned = planPrune({ ...input, desired: new Set(named.map((manifest) => keyString(keyOf(manifest.resource)))) });
  const { changes: allocated, problems: refusals } = allocateServices(applied, pruned.changes, input);
  problems.push(...refusals);
  return { ...pruned, changes: [...same, ...admitChanges(allocated, desired, policies), ...pruned.changes], problems };
}

/** A problem with the manifest at its place. */
export function problemAt(
  manifest: Pick<Manifest, 'file' | 'line'>,
  severity: Problem['severity'],
  reason: ProblemReason,
  field: string,
  message: string,
): Problem {
  return { severity, reason, file: manifest.file, line: manifest.line, column: manifest.line === 0 ? 0 : 1, field, message };
}

/** The Job of a hook is made anew for each run: all that can be wrong is that its name is taken. */
function refuseHook(hook: Manifest, { live, application }: PlanInput): readonly Problem[] {
  const holder = foreignHolder(liveOf(live, keyOf(hook.resource)), application);
  return holder === undefined ? [] : [problemAt(hook, 'error', 'Conflict', 'metadata.name', `${holder}; choose another name`)];
}

function refuse(manifest: Manifest, live: Stored, { application, ...input }: PlanInput): readonly Problem[] {
  const name = displayKey(keyOf(live));
  const controller = controllerOf(live);
  const conflict = (message: string): readonly Problem[] => [problemAt(manifest, 'error', 'Conflict', 'metadata.name', message)];
  if (controller !== undefined)
    return conflict(`${name} exists and belongs to ${controller.kind} ${controller.name}; choose another name`);
  const taken = takenBy(live, application, input.live);
  if (taken !== undefined) return conflict(`${name} ${taken}`);
  return immutableFields(manifest.resource, live, storageClasses(input)).map(({ field, message }) =>
    problemAt(manifest, 'error', 'Immutable', field, message),
  );
}

/** The classes of storage as they will be: those of the commit, and those that are there besides. */
function storageClasses({ desired, live }: Pick<PlanInput, 'desired' | 'live'>): readonly StorageClass[] {
  const wanted = desired.flatMap(({ resource }) => (resource.kind === 'StorageClass' ? [resource] : []));
  return [...wanted, ...live.list('StorageClass')];
}

/**
 * Remembers which live object says exactly what a manifest says, and for which application: both are frozen, so a pass over an unchanged
 * store compares nothing. Of several manifests, because the last good commit and the newest one are planned by turns.
 */
const known = new WeakMap<Stored, WeakMap<Desired, string>>();

/** What besides the two objects decides whether one is as the other says. */
function conditionsOf({ application, ignore = [] }: PlanInput): string {
  return ignore.length === 0 ? application : JSON.stringify([application, ignore]);
}

function planObject(manifest: Manifest, live: Stored | undefined, policies: PolicyReader, input: PlanInput): PlannedChange {
  const key = keyOf(manifest.resource);
  const base = { key, file: manifest.file, line: manifest.line };
  const finished = finishedBefore(manifest.resource, input.inventory);
  if (finished !== undefined && isAway(manifest.resource, live)) return finishedChange(base, manifest, live, finished, input);
  if (live === undefined) {
    const next = withOwner(manifest.resource, input.application);
    return {
      ...base,
      action: 'create',
      effect: 'new',
      fields: [],
      reason: reasonFor(input.mode, 'Created'),
      message: createMessage(input.mode),
      next,
    };
  }
  const isKnown = known.get(live)?.get(manifest.resource) === conditionsOf(input);
  // In the way of a restoration stands an object that someone else took over: it is theirs now.
  const isForeign = input.mode !== 'commit' && ![input.application, undefined].includes(applicationOf(live));
  if (isKnown || isForeign)
    return { ...base, action: 'unchanged', effect: 'none', fields: [], reason: 'Unchanged', message: '', live, next: live };
  const desired = withOwner(manifest.resource, input.application);
  const isPod = desired.kind === 'Pod' && live.kind === 'Pod';
  const whole = isPod ? podOver(desired, live, policies) : appliedOver(desired, live);
  const { next, ignored } = leaveToOthers(whole, live, input.ignore ?? []);
  const isEnding = live.metadata.deletionTimestamp !== undefined;
  const fields = diffFields(comparable(live), comparable(next));
  const left = ignored.length === 0 ? {} : { ignored };
  if (fields.length === 0 && !isEnding) {
    // What is ignored is told each time.
    if (ignored.length === 0) remember(live, manifest.resource, conditionsOf(input));
    return {
      ...base,
      action: 'unchanged',
      effect: 'none',
      fields: [],
      reason: 'Unchanged',
      message: '',
      live,
      next: live,
      ...left,
    };
  }
  return { ...planChange(base, live, next, fields, input), ...left };
}

/** What is done is not done again: nothing takes its place, and what was to be done instead goes. */
function finishedChange(
  base: Pick<PlannedChange, 'key' | 'file' | 'line'>,
  manifest: Manifest,
  live: Stored | undefined,
  finished: FinishedJob,
  { mode, application }: PlanInput,
): PlannedChange {
  const message = finishedMessage(manifest.resource, finished);
  const isInTheWay = live?.metadata.deletionTimestamp === undefined && live !== undefined && applicationOf(live) === application;
  return isInTheWay
    ? { ...base, action: 'delete', effect: 'removed', fields: [], reason: reasonFor(mode, 'Deleted'), message, live }
    : { ...base, action: 'unchanged', effect: 'none', fields: [], reason: 'Unchanged', message };
}

function remember(live: Stored, resource: Desired, conditions: string): void {
  const manifests = known.get(live) ?? new WeakMap<Desired, string>();
  known.set(live, manifests.set(resource, conditions));
}

function planChange(
  base: Pick<PlannedChange, 'key' | 'file' | 'line'>,
  live: Stored,
  next: Stored,
  fields: readonly FieldChange[],
  input: PlanInput,
): PlannedChange {
  const isEnding = live.metadata.deletionTimestamp !== undefined;
  const shown = live.kind === 'Secret' ? redactSecrets(fields) : fields;
  const why = isEnding ? 'it is being deleted' : recreateReason(live, next, fields, input.mode);
  const message = `${why === undefined ? '' : `${why}; `}${differsText(shown, live.kind, input.mode === 'drift')}`.replace(
    /; $/,
    '',
  );
  if (why !== undefined) {
    const waitsFor = isEnding ? { waitsFor: `${displayKey(base.key)} to end` } : {};
    const reason = reasonFor(input.mode, 'Recreated');
    return { ...base, action: 'recreate', effect: 'restart', fields: shown, reason, message, live, next, ...waitsFor };
  }
  const isAdopted = applicationOf(live) === undefined && !isRecovered(live);
  const adopted = `${displayKey(base.key)} existed already and now belongs to this application`;
  return {
    ...base,
    action: 'update',
    effect: effectOf(live, next, fields),
    fields: shown,
    reason: isAdopted && input.mode === 'commit' ? 'Adopted' : reasonFor(input.mode, 'Updated'),
    message: isAdopted && input.mode === 'commit' ? `${adopted}; ${message}` : message,
    live,
    next,
  };
}

function reasonFor(mode: PlanMode, reason: ChangeReason): ChangeReason {
  return mode === 'drift' ? 'Drifted' : mode === 'rollback' ? 'RolledBack' : reason;
}

function createMessage(mode: PlanMode): string {
  return mode === 'drift' ? 'it was missing' : mode === 'rollback' ? 'it is part of the last good commit' : 'new in the commit';
}
