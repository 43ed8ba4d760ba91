// What a step means for the store: one list of writes and one new status, to be written in one transaction. Pure; makes no choices.
import type { Manifest } from '../manifests/load.ts';
import { hashOf } from '../model/hash.ts';
import { type ApplicationStatus, type InventoryEntry, keyOf, keyString, type SyncAttempt } from '../model/resource.ts';
import { addressWrites } from '../runtime/address-records.ts';
import type { StoreReader, Write } from '../store/store.ts';
import { isBegun, type Step } from './decide.ts';
import { forget, keepRemoved, undelete } from './deleted/deleted.ts';
import { withWishesLater } from './deleted/undelete.ts';
import { heldCommits, replacedBy, staysOf } from './gates/rollback.ts';
import { failureLine, hasOpenHooks, pendingHooks } from './hooks/hook-list.ts';
import { inventoryOfHooks, STOPPED, stopHooks } from './hooks/plan-hooks.ts';
import { dueChanges, type View } from './observe.ts';
import { withPhaseTimes } from './phase-times.ts';
import { planSync } from './plan.ts';
import { type PlannedChange } from './planned.ts';
import type { Notary } from './receipts/receipt.ts';
import { receiptWrites } from './receipts/receipt-writes.ts';
import { podsToReplace } from './replaced-by-hand.ts';
import { inventoryWith, newRevision, otherRevisions, partsOf, targetOf, withLeaving } from './revision.ts';
import {
  appliedStatus,
  attemptStatus,
  begunStatus,
  closedStatus,
  commitInfo,
  enteredStatus,
  failedStatus,
  heldStatus,
  liveStatus,
  nextWaveStatus,
  preparingStatus,
  preSyncStatus,
  rollingBackStatus,
  settledStatus,
  syncFailStatus,
} from './status.ts';
import { isInWave, openWave, type Parted, partManifests, waveFields, wavesOf } from './waves.ts';
import { changeEvents, changeWrites, isDue, isTwoStep, turningPoints } from './writes.ts';

/** Everything that a step does. */
export interface Performance {
  readonly status: ApplicationStatus;
  /** What is changed, as it is told. */
  readonly changes: readonly PlannedChange[];
  /** Writes beside those of the changes. */
  readonly writes: readonly Write[];
}

/** What the step does to the store. A step that only waits does nothing. */
export function planPerformance(step: Step, view: View, store: StoreReader): Performance {
  const performance = performanceOf(step, view, store);
  return { ...performance, status: withPhaseTimes(view.status, performance.status, view.now) };
}

function performanceOf(step: Step, view: View, store: StoreReader): Performance {
  const { status, candidate, now, patience } = view;
  const nothing: Performance = { status, changes: [], writes: [] };
  switch (step.do) {
    case 'hold': {
      if (candidate === undefined) return nothing;
      const told = { outcome: step.outcome, message: step.message, startedAtMs: candidate.startedAtMs };
      return { ...nothing, status: heldStatus(status, commitInfo(candidate.loaded.commit), told, now) };
    }
    case 'prepare': {
      if (candidate === undefined) return nothing;
      const gate = step.gate === undefined ? {} : { gate: step.gate };
      const told = { waitingFor: step.waitingFor, startedAtMs: candidate.startedAtMs, patience, ...gate };
      return { ...nothing, status: preparingStatus(status, commitInfo(candidate.loaded.commit), told) };
    }
    case 'apply':
      return apply({ ...view, status: withWishesLater(status) }, store);
    case 'converge':
      return converge(view, 'wanted');
    case 'prune': {
      const pruned = converge(view, 'unwanted');
      const writes = keepRemoved(view, pruned.changes, store);
      return { ...pruned, status: enteredStatus(pruned.status, 'pruning', patience, now), writes };
    }
    case 'undelete':
      return undelete(view, store);
    case 'forget':
      return forget(view, store);
    case 'enter':
      return { ...nothing, status: enteredStatus(status, step.phase, patience, now) };
    case 'run-hooks':
      return runHooks(view);
    case 'begin':
      return begin(view, store);
    case 'next-wave':
      return nextWave(view, store);
    case 'roll-back':
      return rollBack(view, step.cause, store);
    case 'finish':
      return finish(view, step.message, store);
    case 'rolled-back':
      return end(view, 'rolled-back', step.cause, store);
    case 'give-up':
      return end(view, 'failed', step.cause, store);
    case 'close':
      return close(view, step.cause, store);
    case 'settle':
      return { ...nothing, status: settledStatus(status) };
    case 'wait':
      break;
  }
  return nothing;
}

/** The transaction of a performance: objects, revisions, events and status together, so that a kill at any moment leaves a whole. */
export function performanceWrites(performance: Performance, view: View, store: StoreReader, notary?: Notary): readonly Write[] {
  const { application, now } = view;
  const { uid, resourceVersion } = application.metadata;
  const changes = performance.changes.flatMap((change) => changeWrites(change, now));
  return [
    ...changes,
    ...addressWrites(changes, store),
    ...performance.writes,
    ...receiptWrites(application, performance.status, store, notary),
    ...changeEvents(store, application, performance.changes, turningPoints(view.status, performance.status), now),
    { op: 'updateStatus', key: keyOf(application), uid, resourceVersion, status: performance.status },
  ];
}

function apply(view: View, store: StoreReader): Performance {
  const { status, candidate, now, patience, application } = view;
  if (candidate === undefined) return { status, changes: [], writes: [] };
  const { loaded, preflight, startedAtMs } = candidate;
  const commit = commitInfo(loaded.commit);
  const parted = partManifests(loaded.manifests);
  const order = orderOf(view, parted);
  const wave = openWave({ phase: 'applying', ...order });
  const wanted = preflight.plan.changes.filter((change) => change.action !== 'delete' && isInWave(change, wave));
  const entries = (manifests: readonly Manifest[]): InventoryEntry[] =>
    inventoryWith(manifests, preflight.plan, status.inventory ?? [], commit);
  const inventory = entries(parted.objects);
  const isComplete =
    order.nextWave === undefined && wanted.every((change) => change.waitsFor === undefined && !isTwoStep(change));
  const revision = newRevision(application, commit, loaded.manifests, entries(loaded.manifests));
  const known = store.get('ApplicationRevision', '', revision.metadata.name ?? '');
  const keep: Write =
    known === undefined
      ? { op: 'create', resource: revision }
      : { op: 'update', resource: { ...revision, metadata: known.metadata } };
  const writes = [keep, ...otherRevisions(view, store, [commit.id, status.lastGood?.id, replacedBy(view)])];
  // Hooks of a commit that this one takes the place of: nobody waits for them any more.
  const taken = new Set(parted.objects.map(({ resource }) => keyString(keyOf(resource))));
  const stopped = isBegun(status.attempt) ? stopHooks({ attempt: status.attempt, store }, taken).changes : [];
  const timing = { startedAtMs, patience, order };
  if (hasOpenHooks(order, 'pre-sync')) return { status: preSyncStatus(status, commit, timing, now), changes: stopped, writes };
  const changes = [...stopped, ...wanted.filter(isDue)];
  const told = { ...timing, inventory, actions: changes.length, isComplete };
  return { status: appliedStatus(status, commit, told, now), changes, writes };
}

/** The first wave of a commit that has several, and its hooks, when it runs any. Its run is like no other. */
function orderOf(
  { candidate, application, now }: View,
  parted: Parted,
): Pick<SyncAttempt, 'wave' | 'nextWave' | 'run' | 'hooks'> {
  const waves = wavesOf(parted);
  const fields = waveFields(waves, waves[0]);
  if ((candidate?.preflight.plan.hooks ?? []).length === 0) return fields;
  const { uid, resourceVersion } = application.metadata;
  return { ...fields, run: hashOf([uid, resourceVersion, now]), hooks: pendingHooks(parted.hooks) };
}

/** The first wave, after the hooks that come before everything. */
function begin(view: View, store: StoreReader): Performance {
  const { status, now, patience } = view;
  const all = wavesOfAttempt(view, store);
  const waves = waveFields(all, all[0]);
  const old = status.inventory ?? [];
  const opened = openedBy(begunStatus(status, { inventory: old, actions: 0, waves, patience }, now), view, store);
  if (opened === undefined) return { status, changes: [], writes: [] };
  const { changes, target, plan } = opened;
  const told = { inventory: withLeaving(target.inventory, old, plan), actions: changes.length, waves, patience };
  return { status: begunStatus(status, told, now), changes, writes: [] };
}

/** The next wave as a whole, with the word that it is under way. */
function nextWave(view: View, store: StoreReader): Performance {
  const { status } = view;
  const onward = nextWaveStatus(status, waveFields(wavesOfAttempt(view, store), status.attempt?.nextWave));
  const changes = openedBy(onward, view, store)?.changes ?? [];
  const actions = (status.attempt?.actions ?? 0) + changes.length;
  return { status: attemptStatus(onward, { actions }), changes, writes: [] };
}

function wavesOfAttempt({ status, application }: View, store: StoreReader): readonly number[] {
  const { attempt } = status;
  const parted = attempt === undefined ? undefined : partsOf(application.metadata.name, attempt.commit.id, store);
  return parted === undefined ? [] : wavesOf(parted);
}

/** What can be written at once when the status is this one. */
function openedBy(onward: ApplicationStatus, { application, status }: View, store: StoreReader) {
  const { name } = application.metadata;
  const target = targetOf(name, onward, store);
  if (target === undefined) return undefined;
  const { manifests: desired, hooks } = target;
  const plan = planSync({ desired, hooks, live: store, inventory: status.inventory ?? [], application: name, mode: 'apply' });
  const wave = openWave(onward.attempt);
  const changes = plan.changes.filter((change) => change.action !== 'delete' && isDue(change) && isInWave(change, wave));
  return { target, plan, changes };
}

/** What hooks need, and what is noted of them, at once: a Job that is not there although it was noted was taken away by somebody. */
function runHooks({ status, hooks: seen }: View): Performance {
  if (seen === undefined || status.attempt === undefined) return { status, changes: [], writes: [] };
  const { attempt } = status;
  const { hooks, changes } = seen.plan;
  const inventory = inventoryOfHooks(status.inventory ?? [], changes, seen.manifests, attempt);
  const actions = attempt.actions + changes.filter((change) => change.reason === 'HookStarted' && isDue(change)).length;
  return { status: { ...attemptStatus(status, { hooks, actions }), inventory }, changes: changes.filter(isDue), writes: [] };
}

function converge(view: View, which: 'wanted' | 'unwanted'): Performance {
  const changes = dueChanges(view, which);
  const { status } = view;
  const counted = attemptStatus(status, { actions: (status.attempt?.actions ?? 0) + changes.length });
  return { status: counted, changes, writes: [] };
}

function rollBack(view: View, cause: string, store: StoreReader): Performance {
  const { status, now, patience, application } = view;
  const { name } = application.metadata;
  const backwards = rollingBackStatus(status, { cause, inventory: status.inventory ?? [], actions: 0, patience }, now);
  const target = targetOf(name, backwards, store);
  if (target === undefined)
    return end(view, 'failed', `${cause}; the last good commit is not kept, so there is nothing to go back to`, store);
  const inventory = status.inventory ?? [];
  const { manifests: desired, hooks } = target;
  const { prune } = application.spec;
  const plan = planSync({ desired, hooks, live: store, inventory, application: name, mode: 'rollback', prune });
  const wanted = new Set(desired.map(({ resource }) => keyString(keyOf(resource))));
  const stopped = status.attempt === undefined ? undefined : stopHooks({ attempt: status.attempt, store }, wanted);
  const due = plan.changes.filter(isDue);
  const byHand = status.attempt === undefined ? [] : podsToReplace(due, status.attempt, store);
  const changes = [...(stopped?.changes ?? []), ...due, ...byHand];
  const kept = withLeaving(target.inventory, inventory, plan);
  const told = { cause, inventory: kept, actions: changes.length, patience, hooks: stopped?.hooks ?? [] };
  return { status: rollingBackStatus(status, told, now), changes, writes: [] };
}

function finish(view: View, message: string, store: StoreReader): Performance {
  const { status, now, target } = view;
  if (target === undefined) return { status, changes: [], writes: [] };
  const { commit } = target.wanted;
  const notes = target.plan.kept.map((kept) => kept.message);
  const told = notes.length > 5 ? `${message}; ${notes.length} objects stay` : [message, ...notes].join('; ');
  return {
    status: liveStatus(status, commit, told, remaining(view), now),
    changes: [],
    writes: otherRevisions(view, store, [commit.id]),
  };
}

function end(view: View, outcome: 'rolled-back' | 'failed', cause: string, store: StoreReader): Performance {
  const { now, patience, application } = view;
  const { status, changes } = withoutRunning(view, store);
  const { attempt } = status;
  const told = { inventory: remaining(view), stays: outcome === 'failed' ? staysOf(view) : undefined };
  const failed = failedStatus(status, outcome, cause, told, now);
  const isKept = attempt !== undefined && partsOf(application.metadata.name, attempt.commit.id, store) !== undefined;
  if (isKept && hasOpenHooks(attempt, 'sync-fail')) {
    const writes = otherRevisions(view, store, [...heldCommits(failed), attempt.commit.id]);
    return { status: syncFailStatus(failed, attempt, patience, now), changes, writes };
  }
  return { status: failed, changes, writes: otherRevisions(view, store, heldCommits(failed)) };
}

/** The last hooks of a commit that had failed are over. */
function close(view: View, cause: string, store: StoreReader): Performance {
  const { status, changes } = withoutRunning(view, store);
  const failures = (status.attempt?.hooks ?? []).filter(
    ({ event, state, message }) => event === 'sync-fail' && state === 'failed' && message !== STOPPED,
  );
  const told = [...failures.map(failureLine), ...(cause === '' ? [] : [cause])].join('; ');
  const closed = closedStatus(status, told);
  return { status: closed, changes, writes: otherRevisions(view, store, heldCommits(closed)) };
}

/** Nobody waits for hooks any more. */
function withoutRunning({ status }: View, store: StoreReader): Pick<Performance, 'status' | 'changes'> {
  if (status.attempt?.hooks === undefined) return { status, changes: [] };
  const { hooks, changes } = stopHooks({ attempt: status.attempt, store });
  return { status: attemptStatus(status, { hooks }), changes };
}

/** The inventory without what is gone. */
function remaining(view: View): ReturnType<typeof withLeaving> {
  return view.target === undefined
    ? (view.status.inventory ?? [])
    : withLeaving([], view.status.inventory ?? [], view.target.plan);
}
