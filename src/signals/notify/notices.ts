// What there is to tell, found in the status of an application and in the events of drift. Pure, and by level: what a notice is made of is stored,
// and so is up to where it was looked at, so that nothing is told twice and nothing is lost when the controller is killed.
import { findCondition } from '../../model/conditions.ts';
import type {
  ApplicationStatus,
  Notice,
  NotificationEvent,
  NotificationStatus,
  StoredOf,
  SyncRecord,
} from '../../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';

/** Notices that are kept; a receiver that is away for longer hears how many it has missed. */
const KEPT_NOTICES = 20;
/** A server that is away for a moment is nothing to tell. */
export const SOURCE_GRACE_MS = 60_000;
/** Times of events are whole seconds: one is looked at when it is over. */
const SECOND_MS = 1_000;
/** Objects that a notice of drift names. */
const NAMED_OBJECTS = 3;

export interface NoticeInput {
  readonly status: ApplicationStatus;
  /** Of the application's objects, with the reason `Drifted`. */
  readonly drift: readonly StoredOf<'Event'>[];
  readonly now: number;
}

/** What was found, and when to look again if nothing changes. */
export interface Noticed {
  readonly state: NotificationStatus;
  readonly checkAgainAfterMs?: number;
}

/** How it begins: what has ended before is not told. */
export function firstState(baseline: SyncRecord | undefined, now: number): NotificationStatus {
  return {
    number: 0,
    notices: [],
    ...(baseline === undefined ? {} : { lastRecord: markOf(baseline) }),
    driftUpTo: toRfc3339(now - SECOND_MS),
    troubles: [],
    targets: [],
  };
}

function markOf({ commit, outcome, finishedAt }: SyncRecord): NonNullable<NotificationStatus['lastRecord']> {
  return { commit: commit.id, outcome, finishedAt };
}

type Trouble = NotificationStatus['troubles'][number];
type Draft = Omit<Notice, 'number'>;

/** Looks at everything that may have happened. The state is the same object when nothing has. */
export function notice(state: NotificationStatus, input: NoticeInput): Noticed {
  const found: Draft[] = [];
  const troubles = new Set(state.troubles);
  const lastRecord = recordsOf(state, input, troubles, found);
  const source = sourceOf(input, troubles, found);
  const drifted = driftedOf(state, input, found);
  repeatedDriftOf(input, troubles, found);
  suspensionOf(input, troubles, found);
  const driftUpTo = drifted.upTo ?? state.driftUpTo;
  const isSame =
    found.length === 0 &&
    driftUpTo === state.driftUpTo &&
    String([...troubles]) === String(state.troubles) &&
    lastRecord === state.lastRecord;
  const checks = [source, drifted].flatMap((wait) => (wait.checkAgainAfterMs === undefined ? [] : [wait.checkAgainAfterMs]));
  const again = checks.length === 0 ? {} : { checkAgainAfterMs: Math.min(...checks) };
  if (isSame) return { state, ...again };
  const numbered = found.map((draft, index): Notice => ({ number: state.number + index + 1, ...draft }));
  const next: NotificationStatus = {
    ...state,
    number: state.number + found.length,
    notices: [...numbered.toReversed(), ...state.notices].slice(0, KEPT_NOTICES),
    ...(lastRecord === undefined ? {} : { lastRecord }),
    driftUpTo,
    troubles: [...troubles],
  };
  return { state: next, ...again };
}

const EVENTS: Readonly<Record<SyncRecord['outcome'], NotificationEvent>> = {
  live: 'live',
  invalid: 'held',
  'preflight-failed': 'held',
  'rolled-back': 'rolled-back',
  failed: 'failed',
};

/** Commits that ended. The same end of the same commit is told once, until another commit has ended. */
function recordsOf(
  { lastRecord }: NotificationStatus,
  { status, now }: NoticeInput,
  troubles: Set<Trouble>,
  found: Draft[],
): NotificationStatus['lastRecord'] {
  let last = lastRecord;
  for (const record of newRecords(status.history ?? [], lastRecord)) {
    const event = EVENTS[record.outcome];
    const isRepeat =
      last !== undefined && last.commit === record.commit.id && EVENTS[last.outcome as SyncRecord['outcome']] === event;
    last = markOf(record);
    if (isRepeat) continue;
    const { commit, outcome, message: reason, finishedAt: at } = record;
    found.push({ event, at, commit, outcome, reason });
    if (event === 'live') troubles.delete('commit');
    else troubles.add('commit');
  }
  const isOver = status.held === undefined && status.quarantined === undefined && status.attempt === undefined;
  if (troubles.has('commit') && isOver && status.lastGood !== undefined) {
    troubles.delete('commit');
    const reason = 'the branch is back at the commit that is live';
    found.push({ event: 'recovered', at: toRfc3339(now), commit: status.lastGood, outcome: 'live', reason });
  }
  return last;
}

/** Oldest first. */
function newRecords(history: readonly SyncRecord[], last: NotificationStatus['lastRecord']): readonly SyncRecord[] {
  if (last === undefined) return history.toReversed();
  const isLast = ({ commit, outcome, finishedAt }: SyncRecord): boolean =>
    commit.id === last.commit && outcome === last.outcome && finishedAt === last.finishedAt;
  const index = history.findIndex(isLast);
  if (index >= 0) return history.slice(0, index).reverse();
  // Replaced by a newer telling of the same refusal, or fallen out at the end.
  return history.filter(({ finishedAt }) => fromRfc3339(finishedAt) >= fromRfc3339(last.finishedAt)).reverse();
}

interface Wait {
  readonly checkAgainAfterMs?: number;
  readonly upTo?: string;
}

function sourceOf({ status: { source }, now }: NoticeInput, troubles: Set<Trouble>, found: Draft[]): Wait {
  if (source === undefined) return {};
  if (source.ready) {
    if (troubles.delete('source'))
      found.push({ event: 'recovered', at: toRfc3339(now), reason: 'the repository can be read again' });
    return {};
  }
  if (troubles.has('source')) return {};
  const waitMs = fromRfc3339(source.since) + SOURCE_GRACE_MS - now;
  if (waitMs > 0) return { checkAgainAfterMs: waitMs };
  troubles.add('source');
  found.push({ event: 'source-unready', at: source.since, reason: `the repository cannot be read: ${source.message}` });
  return {};
}

/** What somebody changed behind Git's back and was put right: all of it that is new, as one. */
function driftedOf({ driftUpTo }: NotificationStatus, { drift, now }: NoticeInput, found: Draft[]): Wait {
  const over = Math.floor(now / SECOND_MS) * SECOND_MS - SECOND_MS;
  const timeOf = ({ lastTimestamp }: StoredOf<'Event'>): number => fromRfc3339(lastTimestamp);
  const fresh = drift.filter((event) => timeOf(event) > fromRfc3339(driftUpTo));
  const due = fresh.filter((event) => timeOf(event) <= over);
  const again = fresh.length > due.length ? { checkAgainAfterMs: 2 * SECOND_MS } : {};
  const last = due.toSorted((one, other) => timeOf(other) - timeOf(one))[0];
  if (last === undefined) return again;
  const names = [...new Set(due.map(({ involvedObject: { kind, name } }) => `${kind.toLowerCase()}/${name}`))];
  const rest = names.length > NAMED_OBJECTS ? `, and ${names.length - NAMED_OBJECTS} more` : '';
  const reason = `changed behind Git's back and put right: ${names.slice(0, NAMED_OBJECTS).join(', ')}${rest}; ${last.message}`;
  found.push({ event: 'drift', at: last.lastTimestamp, reason });
  return { upTo: last.lastTimestamp, ...again };
}

/** A repair that does not last. */
function repeatedDriftOf({ status, now }: NoticeInput, troubles: Set<Trouble>, found: Draft[]): void {
  const condition = findCondition(status.conditions, 'Drifted');
  const isThere = condition?.status === 'True';
  if (isThere === troubles.has('drift')) return;
  if (isThere) {
    troubles.add('drift');
    found.push({ event: 'drift', at: condition.lastTransitionTime ?? toRfc3339(now), reason: condition.message ?? '' });
  } else {
    troubles.delete('drift');
    found.push({ event: 'recovered', at: toRfc3339(now), reason: 'repairs last again' });
  }
}

/** That nothing is synced for a while, until when; and that it is over. */
function suspensionOf({ status, now }: NoticeInput, troubles: Set<Trouble>, found: Draft[]): void {
  const { suspension, suspensions = [] } = status;
  if ((suspension !== undefined) === troubles.has('suspension')) return;
  if (suspension !== undefined) {
    troubles.add('suspension');
    const { by, who, reason, since, until } = suspension;
    const end = until !== undefined ? `until ${until}` : by === 'git' ? 'until a commit says otherwise' : 'until it is resumed';
    found.push({ event: 'suspended', at: since, reason: `by ${who}, ${end}: ${reason}` });
    return;
  }
  troubles.delete('suspension');
  const [last] = suspensions;
  const ended = last?.endedBy === undefined ? 'its time is over' : `ended by ${last.endedBy}`;
  const told =
    last === undefined ? 'the suspension is over' : `${ended}; suspended by ${last.who} since ${last.since}: ${last.reason}`;
  found.push({ event: 'resumed', at: last?.endedAt ?? toRfc3339(now), reason: told });
}
