// Carries out what a planner has decided: the whole plan in one transaction of the store. Makes no choices of its own.
import type { Action, CreateAction, DeleteAction } from '../model/action.ts';
import { endsBy } from '../model/deletion.ts';
import { type Kind, keyOf, type Stored } from '../model/resource.ts';
import { statusOf } from '../store/apply-write.ts';
import { isSameData } from '../store/frozen.ts';
import type { Store, StoreReader, Write, WriteRefusal } from '../store/store.ts';
import { addressWrites } from './address-records.ts';
import { Admitter } from './admission.ts';
import { deletionWrite } from './deletion.ts';
import { type Telling, tellingWrites } from './events.ts';
import { evictionTelling, evictWrites } from './evict.ts';
import { type Report } from './report.ts';

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

/**
 * Admission refused an object that the plan creates (Kubernetes, "Admission Control"): that creation and those of its kind after it did not
 * happen, everything else of the plan did. To be tried again later: the owner has been told by an event.
 */
export class CreateRefused extends Error {
  readonly code = 'CREATE_REFUSED';
  /** What was carried out all the same. */
  readonly performed: readonly Action[];
  constructor(message: string, performed: readonly Action[]) {
    super(message);
    this.name = 'CreateRefused';
    this.performed = performed;
  }
}

/** What performing takes from outside. */
export interface PerformContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Who acts: the component of the events. */
  readonly component: string;
  /** The status to write instead, when admission refuses an object, for the reason given. */
  readonly whenRefused?: ((message: string) => unknown) | undefined;
}

/** What of a plan is done, and what is told of it. */
interface Decided {
  readonly performed: Action[];
  readonly writes: Write[];
  readonly tellings: Telling[];
  /** Why admission refused the first object that it refused. */
  refusal: string | undefined;
}

/**
 * Carries out actions about an object, tells their events and, if it differs, writes the object's status: all in one transaction or
 * not at all. Every object that is created passes admission. Returns the actions that had something to do (the deletion of what is gone
 * or going already has not). Throws StalePlan when the store has moved on, CreateRefused when admission let an object not in. Doing it
 * twice does not do it double.
 */
export async function performActions(
  store: Store,
  about: Stored,
  actions: readonly Action[],
  status: unknown,
  context: PerformContext,
): Promise<readonly Action[]> {
  const { now } = context;
  const { performed, writes: changes, tellings, refusal } = decide(store, about, actions, context);
  const next = refusal === undefined ? status : (context.whenRefused?.(refusal) ?? status);
  const writes = [
    ...changes,
    ...addressWrites(changes, store),
    ...(next === undefined ? [] : statusWrites(about, next, changes)),
    ...tellingWrites(store, tellings, now),
  ];
  if (writes.length > 0) {
    const result = await store.write(writes);
    if (!result.ok) throw new StalePlan(result);
  }
  if (refusal !== undefined) throw new CreateRefused(refusal, performed);
  return performed;
}

function decide(store: StoreReader, about: Stored, actions: readonly Action[], { now, component }: PerformContext): Decided {
  const decided: Decided = { performed: [], writes: [], tellings: [], refusal: undefined };
  const tell = (report: Report): unknown => decided.tellings.push({ about, report });
  const refusedKinds = new Set<Kind>();
  const admitter = new Admitter(store);
  for (const action of actions) {
    if (action.type === 'create') {
      const { kind } = action.resource;
      // One that is refused speaks for all: the others would fail for the same reason.
      if (refusedKinds.has(kind)) continue;
      const admission = admitter.admit(action.resource);
      if (!admission.ok) {
        refusedKinds.add(kind);
        decided.refusal ??= admission.message;
        const message = `Error creating: ${admission.message}`;
        tell({ reason: 'FailedCreate', message, component, severity: 'Warning' });
        continue;
      }
      decided.writes.push({ op: 'create', resource: admission.resource });
      for (const message of admission.audit) tell({ reason: 'PodSecurityAudit', message, component, severity: 'Warning' });
    } else {
      const writes = writesOf(store, action, now);
      if (writes === undefined) continue;
      decided.writes.push(...writes);
    }
    decided.performed.push(action);
    if (action.type === 'evict') decided.tellings.push(...evictionTelling(store, action, component));
    else if (!isQuiet(action)) tell(reportOf(action, component));
  }
  return decided;
}

/** Whether an action is told to nobody. */
export function isQuiet(action: Action): boolean {
  return 'isQuiet' in action && action.isQuiet;
}

function reportOf(action: Action, component: string): Report {
  const { reason, message } = action;
  return { reason, message, component, severity: action.type === 'report' ? action.severity : 'Normal' };
}

/** The writes of one action other than a creation; undefined when there is nothing left to do. */
function writesOf(store: StoreReader, action: Exclude<Action, CreateAction>, now: number): readonly Write[] | undefined {
  switch (action.type) {
    case 'update':
      return [{ op: 'update', resource: action.resource }];
    case 'delete':
      return deleteWrites(store, action, now);
    case 'evict':
      return evictWrites(store, action, now);
    case 'report':
      break;
  }
  return [];
}

function deleteWrites(store: StoreReader, action: DeleteAction, now: number): readonly Write[] | undefined {
  const { key, uid, propagation } = action;
  const current: Stored | undefined = store.get(key.kind, key.namespace, key.name);
  if (current === undefined) return undefined;
  // Another object under this name: the store refuses, and with it the whole plan.
  if (current.metadata.uid !== uid) return [{ op: 'remove', key, uid }];
  const write = deletionWrite(current, now, propagation);
  return write === undefined ? undefined : [write];
}

function statusWrites(about: Stored, status: unknown, changes: readonly Write[]): readonly Write[] {
  const { uid, resourceVersion } = about.metadata;
  const isRemoved = changes.some(
    (write) =>
      (write.op === 'remove' && write.uid === uid) ||
      (write.op === 'update' && write.resource.metadata.uid === uid && endsBy(about, write.resource)),
  );
  if (isRemoved || isSameData(statusOf(about), status)) return [];
  return [{ op: 'updateStatus', key: keyOf(about), uid, resourceVersion, status }];
}
