// What is going on, as lines, derived purely from what the store holds. Whoever looks again derives the same lines; nothing is
// remembered here and nothing is printed here.
import { isSuspended, jobEnd } from '../model/job.ts';
import type { ApplicationStatus, SyncAttempt, SyncRecord } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';
import { commitPhrase, count, objectPhrase, printable, shortCommit } from './phrases.ts';
import { podTrouble } from './pod-status.ts';
import { span, type TimeOfDay } from './times.ts';
import { podsOf, readiness, type Workload, workloadsOf } from './workloads.ts';

/** One line of progress. */
export interface ProgressLine {
  /** What it is about: a line with a known id and other text replaces the earlier one. */
  readonly id: string;
  /** `news` happened once and stays; the others hold as long as they are listed. */
  readonly mark: 'done' | 'busy' | 'trouble' | 'good-news' | 'bad-news';
  readonly text: string;
}

type Phase = SyncAttempt['phase'];

/** Phases in their order; going back stands outside of it. */
const order: readonly Phase[] = [
  'fetched',
  'validated',
  'waiting',
  'preflighting',
  'pre-sync',
  'applying',
  'verifying',
  'post-sync',
  'pruning',
];

/** Troubled pods that are listed; the rest is counted. */
const MAX_TROUBLES = 5;

/** All lines about one application, the most general first. Empty before the application is in the store. */
export function progressLines(name: string, reader: StoreReader, timeOfDay: TimeOfDay): ProgressLine[] {
  const application = reader.get('Application', '', name);
  if (application === undefined) return [];
  const status = application.status ?? {};
  return [
    ...newsLines(status.history ?? []),
    ...sourceLines(status, timeOfDay),
    ...forgeLines(status, timeOfDay),
    ...(status.attempt === undefined ? restLines(status, name, reader) : attemptLines(status.attempt, timeOfDay)),
    ...(status.attempt === undefined || isRunning(status.attempt.phase)
      ? troubleLines(name, reader, status.attempt?.waitingFor ?? [])
      : []),
  ];
}

const outcomeWords: Record<SyncRecord['outcome'], string> = {
  live: 'live',
  invalid: 'refused',
  'preflight-failed': 'not applied',
  'rolled-back': 'rolled back',
  failed: 'failed',
};

/** How commits ended, oldest first. */
function newsLines(history: readonly SyncRecord[]): ProgressLine[] {
  return history.toReversed().map((record) => ({
    id: `ended ${record.commit.id} ${record.startedAt}`,
    mark: record.outcome === 'live' ? 'good-news' : 'bad-news',
    text: endText(record),
  }));
}

function endText(record: SyncRecord): string {
  const headline = `${outcomeWords[record.outcome]} ${commitPhrase(record.commit)}`;
  if (record.outcome === 'live')
    return `${headline}: ${count(record.actions, 'change')} in ${span(Date.parse(record.finishedAt) - Date.parse(record.startedAt))}`;
  return `${headline}${record.outcome === 'rolled-back' ? ' because ' : ': '}${printable(record.message)}`;
}

function sourceLines(status: ApplicationStatus, timeOfDay: TimeOfDay): ProgressLine[] {
  const { source } = status;
  if (source === undefined || source.ready) return [];
  const text = `cannot read the repository since ${timeOfDay(source.since)}: ${printable(source.message)} (${source.reason}); what runs goes on, it is tried again`;
  return [{ id: 'source', mark: 'trouble', text }];
}

function forgeLines({ commitStatuses }: ApplicationStatus, timeOfDay: TimeOfDay): ProgressLine[] {
  const failing = commitStatuses?.failing;
  if (failing === undefined) return [];
  const text = `cannot tell the forge of commits since ${timeOfDay(failing.since)}: ${printable(failing.message)}`;
  return [{ id: 'forge', mark: 'trouble', text }];
}

/** A commit on its way: a line for what is behind, one or more for what it is at. */
function attemptLines(attempt: SyncAttempt, timeOfDay: TimeOfDay): ProgressLine[] {
  const fetched: ProgressLine = {
    id: `fetched ${attempt.commit.id}`,
    mark: 'done',
    text: `fetched ${commitPhrase(attempt.commit)}`,
  };
  const until = attempt.deadline === undefined ? 'nobody knows until when' : `until ${timeOfDay(attempt.deadline)}`;
  if (attempt.phase === 'rolling-back') {
    const cause = attempt.cause === undefined ? '' : ` because ${printable(attempt.cause)}`;
    return [
      fetched,
      { id: 'phase', mark: 'trouble', text: `rolling back ${shortCommit(attempt.commit.id)}${cause}` },
      ...waitLines(attempt, until),
    ];
  }
  if (attempt.phase === 'sync-fail')
    return [
      fetched,
      { id: 'phase', mark: 'trouble', text: `${shortCommit(attempt.commit.id)} has failed, its sync-fail hooks run` },
      ...waitLines(attempt, until),
    ];
  const reached = order.indexOf(attempt.phase);
  const behind = (phase: Phase, text: string): ProgressLine[] =>
    reached > order.indexOf(phase) ? [{ id: `past ${phase} ${attempt.commit.id}`, mark: 'done', text }] : [];
  return [
    fetched,
    ...behind('fetched', 'manifests are valid'),
    ...behind('preflighting', 'images and references are there'),
    ...behind('applying', `applied ${count(attempt.actions, 'change')}`),
    ...nowLines(attempt, until),
  ];
}

/** What each phase does, for when nothing in particular is waited for. */
function phaseText(attempt: SyncAttempt, until: string): string {
  const texts: Record<Phase, string> = {
    fetched: 'reading the manifests',
    validated: 'planning',
    waiting: `waiting for its time, ${until}`,
    preflighting: `pulling images and checking references, ${until}`,
    'pre-sync': `running its pre-sync hooks, nothing of it is applied yet, ${until}`,
    applying: `applying${attempt.wave === undefined ? '' : ` wave ${attempt.wave}`}, ${count(attempt.actions, 'change')} so far`,
    verifying: `waiting until everything is healthy, ${until}`,
    'post-sync': `running its post-sync hooks, ${until}`,
    pruning: 'deleting what the commit no longer has',
    'rolling-back': '',
    'sync-fail': '',
  };
  return texts[attempt.phase];
}

/** Waits say it all where waiting is what the phase does; elsewhere they come below. */
function nowLines(attempt: SyncAttempt, until: string): ProgressLine[] {
  const waits = waitLines(attempt, until);
  const isWaitingOnly = ['preflighting', 'verifying', 'pre-sync', 'post-sync'].includes(attempt.phase);
  if (isWaitingOnly && waits.length > 0) return waits;
  return [{ id: 'phase', mark: 'busy', text: phaseText(attempt, until) }, ...waits];
}

function waitLines(attempt: SyncAttempt, until: string): ProgressLine[] {
  return (attempt.waitingFor ?? []).map((what) => ({
    id: `wait ${subject(what)}`,
    mark: 'busy',
    text: `${attempt.phase === 'applying' && attempt.nextWave !== undefined ? `wave ${attempt.nextWave} waits` : 'waiting'} for ${printable(what)}, ${until}`,
  }));
}

/** What a wait is about: the words before the colon name the object, what follows changes. */
function subject(what: string): string {
  return what.split(': ')[0] ?? what;
}

/** Nothing on its way: what is live, what of it is not ready, and the newest commit when that is another one. */
function restLines(status: ApplicationStatus, name: string, reader: StoreReader): ProgressLine[] {
  const held = heldLines(status);
  if (status.lastGood === undefined) return held;
  const waiting = workloadsOf(name, reader).flatMap((workload): ProgressLine[] => {
    const counts = readiness(workload);
    if (counts === undefined || counts.ready >= counts.wanted || isComplete(workload)) return [];
    const phrase = objectPhrase({
      kind: workload.kind,
      namespace: workload.metadata.namespace ?? '',
      name: workload.metadata.name,
    });
    const text = `${phrase}: ${pauseOf(workload)}${counts.ready} of ${counts.wanted} ${workload.kind === 'Job' ? 'succeeded' : 'ready'}`;
    return [{ id: `ready ${phrase}`, mark: 'busy', text }];
  });
  const health =
    status.health === undefined || status.health === 'Unknown' ? 'looking at what runs' : status.health.toLowerCase();
  const mark = status.health === 'Healthy' ? 'done' : status.health === 'Degraded' ? 'trouble' : 'busy';
  return [{ id: 'live', mark, text: `${commitPhrase(status.lastGood)} is live, ${health}` }, ...held, ...waiting];
}

/** Whether it is a Job that has ended well, which a success policy can say of one that did not do all. */
function isComplete(workload: Workload): boolean {
  return workload.kind === 'Job' && jobEnd(workload)?.type === 'Complete';
}

/** That it stands still because its manifest says so, as the beginning of a phrase. */
function pauseOf(workload: Workload): string {
  if (workload.kind === 'Deployment' && workload.spec.paused === true) return 'paused, ';
  return workload.kind === 'Job' && isSuspended(workload) ? 'suspended, ' : '';
}

function heldLines(status: ApplicationStatus): ProgressLine[] {
  const record = status.quarantined ?? status.held;
  if (record === undefined || record.outcome === 'live') return [];
  const next = record === status.quarantined ? 'is not tried again until the branch moves' : 'is not live';
  return [{ id: 'held', mark: 'trouble', text: `${shortCommit(record.commit.id)} ${next} (${outcomeWords[record.outcome]})` }];
}

function isRunning(phase: Phase): boolean {
  return phase === 'applying' || phase === 'verifying' || phase === 'rolling-back';
}

/** Pods in trouble, unless a wait already names them as its culprit. */
function troubleLines(name: string, reader: StoreReader, waits: readonly string[]): ProgressLine[] {
  const troubles = podsOf(name, reader).flatMap((pod): ProgressLine[] => {
    const trouble = podTrouble(pod);
    if (trouble === undefined || pod.metadata.deletionTimestamp !== undefined) return [];
    if (waits.some((wait) => wait.includes(pod.metadata.name))) return [];
    const phrase = objectPhrase({ kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name });
    const restarts = trouble.restarts === 0 ? '' : ` (${count(trouble.restarts, 'restart')})`;
    const message = printable(trouble.message);
    return [
      {
        id: `trouble ${phrase}`,
        mark: 'trouble',
        text: `${phrase}, container ${trouble.container}: ${trouble.reason}${restarts}${message === '' ? '' : `: ${message}`}`,
      },
    ];
  });
  if (troubles.length <= MAX_TROUBLES) return troubles;
  return [
    ...troubles.slice(0, MAX_TROUBLES),
    { id: 'more troubles', mark: 'trouble', text: `and ${count(troubles.length - MAX_TROUBLES, 'more pod')}` },
  ];
}
