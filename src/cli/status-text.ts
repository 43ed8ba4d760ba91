// What runs and what is on its way, for `holdfast status`.
import {
  type Application,
  type ApplicationStatus,
  type CommitStatusReport,
  type InventoryEntry,
  type Kind,
  keyString,
  type NotificationStatus,
  type Stored,
} from '../model/resource.ts';
import { toRfc3339 } from '../model/time.ts';
import type { StoreReader } from '../store/store.ts';
import { applicationOf } from '../sync/applied.ts';
import { type DeletedRecord, keyOfRecord, recordsOf } from '../sync/deleted/records.ts';
import { retryText } from '../sync/gates/retry.ts';
import { driftLines, revertPhrase, suspensionLines, unfollowedLines } from '../sync/phrases.ts';
import { wishWaitText } from '../sync/why-deleted.ts';
import { hookLine, phasePhrase, waitPhrase } from '../sync/why-hooks.ts';
import { applicationTree, treeLines } from './application-tree.ts';
import type { Colors } from './colour.ts';
import { columns } from './columns.ts';
import { kindNames } from './kinds.ts';
import { commitPhrase, objectPhrase, printable, shortCommit } from './phrases.ts';
import { nodeStatus } from './tables/cluster.ts';
import { age, type TimeOfDay } from './times.ts';
import { readiness } from './workloads.ts';

/** An object of an application, and how many of it are ready. */
export interface ObjectStatus {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** Absent for what does not run. */
  readonly ready?: number;
  readonly wanted?: number;
  /** Of an application that is declared. */
  readonly health?: string;
  /** The store does not have it (yet, or any more). */
  readonly isMissing: boolean;
}

/** Objects that the application applied, in its order. */
export function objectsOf(application: Stored<Application>, reader: StoreReader): ObjectStatus[] {
  return (application.status?.inventory ?? []).map((entry) => {
    const object = findEntry(entry, reader);
    const counts = object === undefined ? undefined : readiness(object);
    const { kind, namespace, name, file, line } = entry;
    const health = object?.kind === 'Application' ? { health: object.status?.health ?? 'Unknown' } : {};
    return { kind, namespace, name, file, line, isMissing: object === undefined, ...counts, ...health };
  });
}

function findEntry(entry: InventoryEntry, reader: StoreReader): Stored | undefined {
  const kind: Kind | undefined = kindNames.find((known) => known.kind === entry.kind)?.kind;
  return kind === undefined ? undefined : reader.get(kind, entry.namespace, entry.name);
}

/** The whole page. */
export function statusText(
  reader: StoreReader,
  only: string | undefined,
  colors: Colors,
  timeOfDay: TimeOfDay,
  nowMs: number,
): string[] {
  const tree = applicationTree(reader.list('Application'));
  const applications = tree
    .map(({ application }) => application)
    .filter(({ metadata }) => only === undefined || metadata.name === only);
  const blocks = applications.map((application) => applicationText(application, reader, colors, timeOfDay, nowMs));
  if (only === undefined && tree.some(({ parent }) => parent !== undefined)) blocks.unshift(treeLines(tree));
  const nodes = reader
    .list('Node')
    .map((node) => [node.metadata.name, nodeStatus(node), node.status?.nodeInfo?.containerRuntimeVersion ?? '<none>']);
  if (applications.length === 0) blocks.push(['No application yet. "holdfast reconcile --repo …" starts one.']);
  if (nodes.length > 0) blocks.push(columns(['NODE', 'STATUS', 'VERSION'], nodes));
  return blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block]));
}

function applicationText(
  application: Stored<Application>,
  reader: StoreReader,
  colors: Colors,
  timeOfDay: TimeOfDay,
  nowMs: number,
): string[] {
  const { spec, status = {} } = application;
  const health = status.health ?? 'Unknown';
  const paint = health === 'Healthy' ? colors.green : health === 'Degraded' ? colors.red : colors.yellow;
  const since = status.history?.find(
    (record) => record.outcome === 'live' && record.commit.id === status.lastGood?.id,
  )?.finishedAt;
  const live =
    status.lastGood === undefined
      ? 'none yet'
      : `${commitPhrase(status.lastGood)}${since === undefined ? '' : `, live for ${age(since, nowMs)}`}`;
  return [
    `${colors.bold(`application/${application.metadata.name}`)}  ${paint(health)}`,
    row('source', `${printable(spec.repo)}, ${printable(spec.revision)}, path ${printable(spec.path)}`),
    ...declarationRows(application),
    ...unfollowedLines(application).map((line) => row('abandoned', colors.yellow(printable(line)))),
    ...(status.source === undefined || status.source.ready
      ? []
      : [
          row(
            '',
            colors.red(
              `cannot be read for ${age(status.source.since, nowMs)}: ${printable(status.source.message)} (${status.source.reason})`,
            ),
          ),
        ]),
    row('commit', live),
    ...suspensionLines(application, nowMs).map((line, index) =>
      row(index === 0 ? 'suspended' : '', colors.yellow(printable(line.trim()))),
    ),
    ...driftLines(application).map((line) => row('drift', colors.yellow(printable(line)))),
    ...attemptRows(application, timeOfDay),
    ...heldRows(application, colors.red, timeOfDay, nowMs),
    ...revertRows(status, colors.yellow),
    ...removedRows(application, reader, timeOfDay),
    ...receiverRows(status.notifications, colors.yellow, nowMs),
    ...forgeRows(status.commitStatuses, colors.yellow, nowMs),
    ...objectRows(objectsOf(application, reader)),
  ];
}

/** Who declares it, and what it waits for before each commit. */
function declarationRows(application: Stored<Application>): string[] {
  const parent = applicationOf(application);
  const awaited = (application.spec.dependsOn ?? []).map(({ name }) => name).join(', ');
  if (parent === undefined) return [];
  return [row('declared', `by ${parent}${awaited === '' ? '' : `, depends on ${awaited}`}`)];
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(10)} ${text}`;
}

function attemptRows(application: Stored<Application>, timeOfDay: TimeOfDay): string[] {
  const attempt = application.status?.attempt;
  if (attempt === undefined) return [];
  const cause = attempt.cause === undefined ? '' : ` because ${printable(attempt.cause)}`;
  return [
    row('now', `${phasePhrase(attempt)} ${commitPhrase(attempt.commit)}${untilText(attempt.deadline, timeOfDay)}${cause}`),
    ...(attempt.waitingFor ?? []).map((what) =>
      row('', `${waitPhrase(attempt).replace(/^waits/, 'waiting')} ${printable(what)}`),
    ),
    ...(attempt.hooks ?? []).map((hook) => row('', printable(hookLine(hook)))),
  ];
}

function untilText(deadline: string | undefined, timeOfDay: TimeOfDay): string {
  return deadline === undefined ? '' : `, until ${timeOfDay(deadline)}`;
}

function heldRows(
  { spec, status = {} }: Stored<Application>,
  paint: (text: string) => string,
  timeOfDay: TimeOfDay,
  nowMs: number,
): string[] {
  const { quarantined, held } = status;
  const rows: string[] = [];
  if (held !== undefined && held.outcome !== 'live' && held.commit.id !== quarantined?.commit.id) {
    rows.push(row('held', paint(`${commitPhrase(held.commit)}: ${held.outcome}: ${printable(held.message)}`)));
  }
  if (quarantined !== undefined) {
    const reason = `${quarantined.outcome}: ${printable(quarantined.message)}`;
    rows.push(
      row('quarantine', paint(`${commitPhrase(quarantined.commit)}: ${reason}`)),
      row('', paint(retryText(spec, status, nowMs, (ms) => timeOfDay(toRfc3339(ms))))),
    );
  }
  return rows;
}

const SHOWN_REMOVED = 3;

/** What can be brought back of that which commits have removed. */
function removedRows({ metadata, status }: Stored<Application>, reader: StoreReader, timeOfDay: TimeOfDay): string[] {
  const wishOf = (record: DeletedRecord) =>
    (status?.undelete ?? []).find(({ objects }) => objects.includes(keyString(keyOfRecord(record))));
  const records = recordsOf(reader, metadata.name)
    .filter(({ spec }) => spec.undeleted === undefined)
    .toSorted((a, b) => b.spec.deletedAt.localeCompare(a.spec.deletedAt))
    .toSorted((a, b) => Number(wishOf(b) !== undefined) - Number(wishOf(a) !== undefined));
  const rows = records.slice(0, SHOWN_REMOVED).map((record) => {
    const { entry, removedBy, until } = record.spec;
    const removed = `${objectPhrase(entry)}, removed by ${shortCommit(removedBy.id)}`;
    const wish = wishOf(record);
    if (wish === undefined) return `${removed}, until ${timeOfDay(until)}`;
    const waits = wishWaitText(wish, status?.attempt?.commit.id);
    return `${removed}; ${printable(wish.who)} wants it back: it waits ${printable(waits)}`;
  });
  const rest = records.length - rows.length;
  const all = [...rows, ...(rest > 0 ? [`and ${rest} more: holdfast get deleted`] : [])];
  return all.map((text, index) => row(index === 0 ? 'undelete' : '', text));
}

/** Receivers of notifications that cannot be told. */
function receiverRows(told: NotificationStatus | undefined, paint: (text: string) => string, nowMs: number): string[] {
  return (told?.targets ?? []).flatMap(({ type, to, failing }) =>
    failing === undefined
      ? []
      : [
          row(
            'receiver',
            paint(`${type} ${printable(to)} cannot be told for ${age(failing.since, nowMs)}: ${printable(failing.message)}`),
          ),
        ],
  );
}

/** A forge that does not take statuses of commits. */
function forgeRows(told: CommitStatusReport | undefined, paint: (text: string) => string, nowMs: number): string[] {
  const failing = told?.failing;
  if (failing === undefined) return [];
  const text = `statuses of commits cannot be told for ${age(failing.since, nowMs)}: ${printable(failing.message)}`;
  return [row('forge', paint(text))];
}

/** What the repository was told after a rollback. */
function revertRows(status: ApplicationStatus, paint: (text: string) => string): string[] {
  const phrase = revertPhrase(status);
  if (phrase === undefined) return [];
  const isDone = status.revert?.state === 'pushed' || status.revert?.state === 'proposed';
  return [row('revert', isDone ? printable(phrase) : paint(printable(phrase)))];
}

function objectRows(objects: readonly ObjectStatus[]): string[] {
  if (objects.length === 0) return [];
  const rows = objects.map((object) => [objectPhrase(object), readyText(object), `${printable(object.file)}:${object.line}`]);
  return ['', ...columns(['OBJECT', 'READY', 'FROM'], rows).map((line) => `  ${line}`)];
}

function readyText(object: ObjectStatus): string {
  if (object.isMissing) return 'missing';
  if (object.health !== undefined) return object.health;
  return object.ready === undefined ? '-' : `${object.ready}/${object.wanted ?? 0}`;
}
