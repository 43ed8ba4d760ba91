// What people say to a running controller beside Git: that an application is to be left alone for a while, that a commit is to be tried
// again, and that what was removed is to come back. They come in as plain data; what they mean for the status is decided here. Pure.
import type { ApplicationSpec, ApplicationStatus, ManualRetry, Suspension } from '../../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';
import type { Report } from '../../runtime/report.ts';
import type { Outcome } from '../outcome.ts';

/** Break-glass: an application is left alone. */
export interface SuspendOrder {
  readonly who: string;
  readonly reason: string;
  /** RFC 3339. */
  readonly since: string;
  /** RFC 3339; absent: until somebody ends it. */
  readonly until?: string;
}

/** A commit is to be tried again at once. */
export interface RetryOrder {
  readonly who: string;
  /** RFC 3339, to the millisecond: what tells one from the next. */
  readonly at: string;
}

/** A controller is to look at Git now, and perhaps to tell how the commit ends that it finds. */
export interface SyncOrder {
  /** What tells one from the next; part of the name of a file. */
  readonly id: string;
  /** Absent: the one that the command line of the controller names. */
  readonly application?: string;
  /** The commit that is meant, or how it begins; absent: the one that the source is at. */
  readonly commit?: string;
  /** Until when somebody waits for the end, RFC 3339; absent: nobody does. */
  readonly until?: string;
}

/** What a controller answers; without an outcome, that it has heard. */
export interface SyncAnswer {
  readonly outcome?: Outcome;
}

/** What commits have removed is to be brought back at once. */
export interface UndeleteOrder {
  readonly who: string;
  /** RFC 3339, to the millisecond: with the objects, what tells one from the next. */
  readonly at: string;
  /** `Kind/namespace/name` of each. */
  readonly objects: readonly string[];
}

/** What people have said of one application. */
export interface AppOrders {
  readonly suspend?: SuspendOrder;
  /** Who ended the last suspension. */
  readonly resumedBy?: string;
  readonly retry?: RetryOrder;
  /** In the order in which it was said. */
  readonly undelete?: readonly UndeleteOrder[];
}

/** Where orders come from. Implemented where main.ts says. */
export interface OrderDesk {
  /** What is said of an application now. Cheap: asked with every pass. */
  of(application: string): AppOrders;
  /** The order to try again, or to bring something back, was heard and is kept elsewhere; it is not told again. Must not throw. */
  heard(application: string, order: RetryOrder | UndeleteOrder): void;
  /** Calls back whenever anything was said; returns what ends that. */
  onChange(callback: () => void): () => void;
}

/** What was known when the orders were heard. */
export interface Hearing {
  readonly spec: ApplicationSpec;
  readonly orders: AppOrders;
  /** Where the source points; undefined until that is known. */
  readonly head: string | undefined;
  /** The author of the commit whose settings are followed, where that is known. */
  readonly author: string | undefined;
}

const COMPONENT = 'sync';
const KEPT_SUSPENSIONS = 10;

/** The status once the orders are heeded, and what is to be told of that. The same status when there is nothing new. */
export function heed(
  status: ApplicationStatus,
  hearing: Hearing,
  now: number,
): { readonly status: ApplicationStatus; readonly reports: readonly Report[] } {
  const suspended = withSuspension(status, hearing, now);
  return { ...suspended, status: withUndelete(withRetry(suspended.status, hearing), hearing) };
}

/** Whether an order to suspend still holds. */
function holds({ until }: SuspendOrder, now: number): boolean {
  return until === undefined || now < fromRfc3339(until);
}

function wantedSuspension(
  { spec, orders, author }: Hearing,
  before: Suspension | undefined,
  now: number,
): Suspension | undefined {
  const { suspend } = orders;
  if (suspend !== undefined && holds(suspend, now)) return { by: 'command', ...suspend };
  if (spec.suspend !== true) return undefined;
  if (before?.by === 'git') return before;
  const reason = `commit ${(spec.settingsFrom ?? '').slice(0, 7)} says spec.suspend: true`;
  return { by: 'git', who: author ?? 'its author', reason, since: toRfc3339(now) };
}

function withSuspension(status: ApplicationStatus, hearing: Hearing, now: number): ReturnType<typeof heed> {
  const { suspension: before, ...rest } = status;
  const wanted = wantedSuspension(hearing, before, now);
  if (before === undefined && wanted === undefined) return { status, reports: [] };
  if (before !== undefined && wanted !== undefined && isSame(before, wanted)) return { status, reports: [] };
  const reports: Report[] = [];
  let next: ApplicationStatus = rest;
  if (before !== undefined && (wanted === undefined || wanted.since !== before.since)) {
    const endedBy = before.by === 'command' ? hearing.orders.resumedBy : undefined;
    const isOver = before.until !== undefined && now >= fromRfc3339(before.until);
    const ended = { ...before, endedAt: toRfc3339(now), ...(endedBy === undefined || isOver ? {} : { endedBy }) };
    next = { ...next, suspensions: [ended, ...(rest.suspensions ?? [])].slice(0, KEPT_SUSPENSIONS) };
    if (before.by === 'command') next = withTimeBack(next, now - fromRfc3339(before.since), now);
    const by = ended.endedBy === undefined ? '' : ` by ${ended.endedBy}`;
    reports.push({
      reason: 'Resumed',
      message: `syncing goes on${by}; it was suspended by ${before.who}: ${before.reason}`,
      ...normal,
    });
  }
  if (wanted === undefined) return { status: next, reports };
  const until = wanted.until === undefined ? '' : ` until ${wanted.until}`;
  reports.push({ reason: 'Suspended', message: `by ${wanted.who}${until}: ${wanted.reason}`, ...normal, severity: 'Warning' });
  return { status: { ...next, suspension: wanted }, reports };
}

const normal = { severity: 'Normal', component: COMPONENT, isSpared: true } as const;

function isSame(a: Suspension, b: Suspension): boolean {
  return a.by === b.by && a.who === b.who && a.reason === b.reason && a.since === b.since && a.until === b.until;
}

/** What was under way has the time back in which nobody worked on it, and nothing that came about in that time speaks against it. */
function withTimeBack(status: ApplicationStatus, lostMs: number, now: number): ApplicationStatus {
  const { attempt } = status;
  if (attempt?.deadline === undefined || lostMs <= 0) return status;
  const applied = attempt.appliedAt === undefined ? {} : { appliedAt: toRfc3339(now) };
  return { ...status, attempt: { ...attempt, ...applied, deadline: toRfc3339(fromRfc3339(attempt.deadline) + lostMs) } };
}

/** A wish to try again is for the commit that HEAD is at when it is heard, and is over when HEAD moves. */
function withRetry(status: ApplicationStatus, { orders, head }: Hearing): ApplicationStatus {
  if (head === undefined) return status;
  const { manual: before, ...rest } = status;
  const { retry } = orders;
  const isNew = retry !== undefined && retry.at !== before?.at;
  const manual: ManualRetry | undefined = isNew
    ? { commit: head, ...retry }
    : before?.commit === head && status.lastGood?.id !== head
      ? before
      : undefined;
  if (manual === before) return status;
  return manual === undefined ? rest : { ...rest, manual };
}

function withUndelete(status: ApplicationStatus, { orders: { undelete: said = [] } }: Hearing): ApplicationStatus {
  const { undelete: before = [] } = status;
  const isKnown = (order: UndeleteOrder): boolean =>
    before.some(({ at, objects }) => at === order.at && String(objects) === String(order.objects));
  const news = said.filter((order) => !isKnown(order)).map((order) => ({ ...order, objects: [...order.objects] }));
  return news.length === 0 ? status : { ...status, undelete: [...before, ...news] };
}
