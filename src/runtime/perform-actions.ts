// Carries out what a planner has decided: the whole plan in one transaction of the store. Makes no choices of its own.
import type { Action, DeleteAction } from '../model/action.ts';
import { keyOf, type Stored, type StoredOf } from '../model/resource.ts';
import { toRfc3339 } from '../model/time.ts';
import { statusOf } from '../store/apply-write.ts';
import { isSameData } from '../store/frozen.ts';
import type { Store, StoreReader, Write, WriteRefusal } from '../store/store.ts';
import { allEventWrites, type Report } from './events.ts';

/** Grace of a pod that does not say its own (Kubernetes, "Pod termination"). */
const DEFAULT_GRACE_SECONDS = 30;

/** The plan was made on what is no longer true. Nothing of it has happened; plan again. */
export class StalePlan extends Error {
  readonly code = 'STALE_PLAN';
  readonly refusal: WriteRefusal;
  constructor(refusal: WriteRefusal) {
    super(`planned on an old state: ${refusal.message}`);
    this.name = 'StalePlan';
    this.refusal = refusal;
  }
}

/** What performing takes from outside. */
export interface PerformContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Who acts: the component of the events. */
  readonly component: string;
}

/**
 * Carries out actions about an object, tells their events and, if it differs, writes the object's status: all in one transaction or
 * not at all. Returns the actions that had something to do (the deletion of what is gone or going already has not). Throws
 * StalePlan when the store has moved on. Doing it twice does not do it double.
 */
export async function performActions(
  store: Store,
  about: Stored,
  actions: readonly Action[],
  status: unknown,
  { now, component }: PerformContext,
): Promise<readonly Action[]> {
  const decided = actions.map((action) => ({ action, writes: writesOf(store, action, now) }));
  const effective = decided.filter(({ writes }) => writes !== undefined);
  const performed = effective.map(({ action }) => action);
  const reports = performed.map((action): Report => reportOf(action, component));
  const changes = effective.flatMap((entry) => entry.writes ?? []);
  const writes = [
    ...changes,
    ...(status === undefined ? [] : statusWrites(about, status, changes)),
    ...allEventWrites(store, about, reports, now),
  ];
  if (writes.length === 0) return performed;
  const result = await store.write(writes);
  if (!result.ok) throw new StalePlan(result);
  return performed;
}

function reportOf(action: Action, component: string): Report {
  const { reason, message } = action;
  return { reason, message, component, severity: action.type === 'report' ? action.severity : 'Normal' };
}

/** The writes of one action; undefined when there is nothing left to do. */
function writesOf(store: StoreReader, action: Action, now: number): readonly Write[] | undefined {
  switch (action.type) {
    case 'create':
      return [{ op: 'create', resource: action.resource }];
    case 'update':
      return [{ op: 'update', resource: action.resource }];
    case 'delete':
      return deleteWrites(store, action, now);
    case 'report':
      break;
  }
  return [];
}

function deleteWrites(store: StoreReader, { key, uid }: DeleteAction, now: number): readonly Write[] | undefined {
  const current: Stored | undefined = store.get(key.kind, key.namespace, key.name);
  if (current === undefined) return undefined;
  // Another object under this name: the store refuses, and with it the whole plan.
  if (current.metadata.uid !== uid || current.kind !== 'Pod' || !isBound(current)) return [{ op: 'remove', key, uid }];
  return current.metadata.deletionTimestamp === undefined ? [{ op: 'update', resource: terminating(current, now) }] : undefined;
}

/** A pod that has been given to a node has containers there, even when it has finished: its kubelet removes it. */
function isBound(pod: StoredOf<'Pod'>): boolean {
  return pod.spec.nodeName !== undefined && pod.spec.nodeName !== '';
}

function terminating(pod: StoredOf<'Pod'>, now: number): StoredOf<'Pod'> {
  const graceSeconds = pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  const deletionTimestamp = toRfc3339(now + graceSeconds * 1000);
  return { ...pod, metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds } };
}

function statusWrites(about: Stored, status: unknown, changes: readonly Write[]): readonly Write[] {
  const { uid, resourceVersion } = about.metadata;
  const isRemoved = changes.some((write) => write.op === 'remove' && write.uid === uid);
  if (isRemoved || isSameData(statusOf(about), status)) return [];
  return [{ op: 'updateStatus', key: keyOf(about), uid, resourceVersion, status }];
}
