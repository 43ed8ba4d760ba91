// What a step means for the store: one list of writes and one new status, to be written in one transaction. Pure; makes no choices.
import { type ApplicationStatus, keyOf } from '../model/resource.ts';
import { addressWrites } from '../runtime/address-records.ts';
import type { StoreReader, Write } from '../store/store.ts';
import type { Step } from './decide.ts';
import { dueChanges, type View } from './observe.ts';
import { type PlannedChange, planSync } from './plan.ts';
import { inventoryWith, newRevision, revisionKey, targetOf, withLeaving } from './revision.ts';
import {
  appliedStatus,
  attemptStatus,
  commitInfo,
  failedStatus,
  heldStatus,
  liveStatus,
  preparingStatus,
  rollingBackStatus,
  settledStatus,
} from './status.ts';
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
  const { status, candidate, now, timeoutMs } = view;
  const nothing: Performance = { status, changes: [], writes: [] };
  switch (step.do) {
    case 'hold': {
      if (candidate === undefined) return nothing;
      const told = { outcome: step.outcome, message: step.message, startedAtMs: candidate.startedAtMs };
      return { ...nothing, status: heldStatus(status, commitInfo(candidate.loaded.commit), told, now) };
    }
    case 'prepare': {
      if (candidate === undefined) return nothing;
      const told = { waitingFor: step.waitingFor, startedAtMs: candidate.startedAtMs, timeoutMs };
      return { ...nothing, status: preparingStatus(status, commitInfo(candidate.loaded.commit), told) };
    }
    case 'apply':
      return apply(view, store);
    case 'converge':
      return converge(view, 'wanted');
    case 'prune': {
      const pruned = converge(view, 'unwanted');
      return { ...pruned, status: attemptStatus(pruned.status, { phase: 'pruning' }) };
    }
    case 'enter':
      return { ...nothing, status: attemptStatus(status, { phase: step.phase }) };
    case 'roll-back':
      return rollBack(view, step.cause, store);
    case 'finish':
      return finish(view, step.message, store);
    case 'rolled-back':
      return end(view, 'rolled-back', step.cause, store);
    case 'give-up':
      return end(view, 'failed', step.cause, store);
    case 'settle':
      return { ...nothing, status: settledStatus(status) };
    case 'wait':
      break;
  }
  return nothing;
}

/** The transaction of a performance: objects, revisions, events and status together, so that a kill at any moment leaves a whole. */
export function performanceWrites(performance: Performance, view: View, store: StoreReader): readonly Write[] {
  const { application, now } = view;
  const { uid, resourceVersion } = application.metadata;
  const changes = performance.changes.flatMap((change) => changeWrites(change, now));
  return [
    ...changes,
    ...addressWrites(changes, store),
    ...performance.writes,
    ...changeEvents(store, application, performance.changes, turningPoints(view.status, performance.status), now),
    { op: 'updateStatus', key: keyOf(application), uid, resourceVersion, status: performance.status },
  ];
}

function apply(view: View, store: StoreReader): Performance {
  const { status, candidate, now, timeoutMs, application } = view;
  if (candidate === undefined) return { status, changes: [], writes: [] };
  const { loaded, preflight, startedAtMs } = candidate;
  const commit = commitInfo(loaded.commit);
  const wanted = preflight.plan.changes.filter((change) => change.action !== 'delete');
  const changes = wanted.filter(isDue);
  const inventory = inventoryWith(loaded.manifests, preflight.plan, status.inventory ?? [], commit);
  const isComplete = wanted.every((change) => change.waitsFor === undefined && !isTwoStep(change));
  const told = { inventory, actions: changes.length, startedAtMs, timeoutMs, isComplete };
  const revision = newRevision(application.metadata.name, commit, loaded.manifests, inventory);
  const known = store.get('ApplicationRevision', '', revision.metadata.name ?? '');
  const keep: Write =
    known === undefined
      ? { op: 'create', resource: revision }
      : { op: 'update', resource: { ...revision, metadata: known.metadata } };
  const stale = otherRevisions(view, store, [commit.id, status.lastGood?.id]);
  return { status: appliedStatus(status, commit, told, now), changes, writes: [keep, ...stale] };
}

function converge(view: View, which: 'wanted' | 'unwanted'): Performance {
  const changes = dueChanges(view, which);
  const { status } = view;
  const counted = attemptStatus(status, { actions: (status.attempt?.actions ?? 0) + changes.length });
  return { status: counted, changes, writes: [] };
}

function rollBack(view: View, cause: string, store: StoreReader): Performance {
  const { status, now, timeoutMs, application } = view;
  const { name } = application.metadata;
  const backwards = rollingBackStatus(status, { cause, inventory: status.inventory ?? [], actions: 0, timeoutMs }, now);
  const target = targetOf(name, backwards, store);
  if (target === undefined)
    return end(view, 'failed', `${cause}; the last good commit is not kept, so there is nothing to go back to`, store);
  const inventory = status.inventory ?? [];
  const plan = planSync({ desired: target.manifests, live: store, inventory, application: name, mode: 'rollback' });
  const changes = plan.changes.filter(isDue);
  const told = { cause, inventory: withLeaving(target.inventory, inventory, plan), actions: changes.length, timeoutMs };
  return { status: rollingBackStatus(status, told, now), changes, writes: [] };
}

function finish(view: View, message: string, store: StoreReader): Performance {
  const { status, now, target } = view;
  if (target === undefined) return { status, changes: [], writes: [] };
  const { commit } = target.wanted;
  const notes = target.plan.kept.map((kept) => kept.message);
  const told = [message, ...notes].join('; ');
  return {
    status: liveStatus(status, commit, told, remaining(view), now),
    changes: [],
    writes: otherRevisions(view, store, [commit.id]),
  };
}

function end(view: View, outcome: 'rolled-back' | 'failed', cause: string, store: StoreReader): Performance {
  const { status, now } = view;
  // Without a last good commit, what was just applied is all there is: it is kept and held.
  const kept = status.lastGood?.id ?? status.attempt?.commit.id;
  return {
    status: failedStatus(status, outcome, cause, remaining(view), now),
    changes: [],
    writes: otherRevisions(view, store, [kept]),
  };
}

/** The inventory without what is gone. */
function remaining(view: View): ReturnType<typeof withLeaving> {
  return view.target === undefined
    ? (view.status.inventory ?? [])
    : withLeaving([], view.status.inventory ?? [], view.target.plan);
}

/** Removes the revisions of this application but those of these commits. */
function otherRevisions({ application }: View, store: StoreReader, keep: readonly (string | undefined)[]): readonly Write[] {
  const { name } = application.metadata;
  const kept = new Set(keep.flatMap((id) => (id === undefined ? [] : [revisionKey(name, id).name])));
  return store
    .list('ApplicationRevision')
    .filter((revision) => revision.spec.application === name && !kept.has(revision.metadata.name))
    .map((revision) => ({ op: 'remove', key: keyOf(revision), uid: revision.metadata.uid }));
}
