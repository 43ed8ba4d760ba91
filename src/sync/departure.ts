// How an application goes that is no longer declared: its objects first, as a commit that has none of them would take them away, then itself. One
// that does not prune leaves them where they are. Pure; asked again whenever something of it has changed.
import { displayKey, type InventoryEntry, keyOf, type StoredOf } from '../model/resource.ts';
import type { Report } from '../runtime/report.ts';
import type { StoreReader, Write } from '../store/store.ts';
import { PRUNE_FINALIZER } from './declared.ts';
import { recordsOf } from './deleted/records.ts';
import { type PlannedChange } from './planned.ts';
import { lingering, planPrune } from './prune.ts';
import { COMPONENT, changeEvents, changeWrites, isDue } from './writes.ts';

/** The next step of a departure. */
export interface Departure {
  /** One transaction; empty when there is only to wait. */
  readonly writes: readonly Write[];
  /** What is deleted with it. */
  readonly changes: readonly PlannedChange[];
  /** What is on its way out. */
  readonly waitingFor: readonly string[];
  /** What stays. */
  readonly left: readonly string[];
}

/** Plans it. `now` is epoch milliseconds. */
export function planDeparture(application: StoredOf<'Application'>, store: StoreReader, now: number): Departure {
  const { name } = application.metadata;
  const inventory = application.status?.inventory ?? [];
  if (application.spec.prune === false) return left(application, inventory, store, now);
  const plan = planPrune({ desired: new Set(), live: store, inventory, application: name, mode: 'apply', withRecovered: true });
  const due = plan.changes.filter(isDue);
  const kept = plan.kept.map(({ message }) => message);
  const waits = plan.changes.flatMap(({ key, waitsFor }) => (waitsFor === undefined ? [] : [`${displayKey(key)}: ${waitsFor}`]));
  const waitingFor = [...waits, ...lingering(store, name).map((key) => `${displayKey(key)}: on its way out`)];
  if (due.length > 0) {
    const deletions = due.flatMap((change) => changeWrites(change, now));
    const events = changeEvents(store, application, due, [], now);
    return { writes: [...deletions, ...events], changes: due, waitingFor, left: [] };
  }
  if (waitingFor.length > 0) return { writes: [], changes: [], waitingFor, left: [] };
  return { writes: farewell(application, store, now, []), changes: [], waitingFor: [], left: kept };
}

function left(
  application: StoredOf<'Application'>,
  inventory: readonly InventoryEntry[],
  store: StoreReader,
  now: number,
): Departure {
  const names = inventory.map(({ kind, namespace, name }) => displayKey({ kind: kind as 'Pod', namespace, name }));
  const message = `${names.length} objects stay, because it does not prune: ${shortened(names)}`;
  const report: Report = { reason: 'ObjectsLeft', message, severity: 'Normal', component: COMPONENT };
  const turns = names.length === 0 ? [] : [report];
  return { writes: farewell(application, store, now, turns), changes: [], waitingFor: [], left: names };
}

const SHOWN = 10;

function shortened(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** The application goes, with its revisions and what it remembers. */
export function farewell(
  application: StoredOf<'Application'>,
  store: StoreReader,
  now: number,
  turns: readonly Report[],
): readonly Write[] {
  const { name, finalizers = [], uid } = application.metadata;
  const revisions = store
    .listApplied(name)
    .filter(({ kind }) => kind === 'ApplicationRevision')
    .map((revision): Write => ({ op: 'remove', key: keyOf(revision), uid: revision.metadata.uid }));
  const records = recordsOf(store, name).map((record): Write => ({ op: 'remove', key: keyOf(record), uid: record.metadata.uid }));
  const others = finalizers.filter((each) => each !== PRUNE_FINALIZER);
  const own: Write =
    others.length === 0
      ? { op: 'remove', key: keyOf(application), uid }
      : { op: 'update', resource: { ...application, metadata: { ...application.metadata, finalizers: others } } };
  return [...revisions, ...records, ...changeEvents(store, application, [], turns, now), own];
}
