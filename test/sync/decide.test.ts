import { expect, test } from 'vitest';
import type { ApplicationStatus, CommitInfo, SyncAttempt, SyncRecord } from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import { decide, type Observed, type Step, type TargetState } from '../../src/sync/decide.ts';
import type { ObjectHealth } from '../../src/sync/health/health.ts';

const startMs = Date.UTC(2026, 0, 1);
const lateMs = startMs + 300_000;
const commit = (id: string): CommitInfo => ({ id, subject: id, author: 'Ada', time: toRfc3339(startMs) });
const [A, B, C] = ['a', 'b', 'c'];
const attempt = (id: string, phase: SyncAttempt['phase'], more: Partial<SyncAttempt> = {}): SyncAttempt => ({
  commit: commit(id),
  phase,
  startedAt: toRfc3339(startMs),
  appliedAt: toRfc3339(startMs),
  deadline: toRfc3339(lateMs),
  actions: 1,
  ...more,
});
const record = (id: string, outcome: SyncRecord['outcome'], message = 'why'): SyncRecord => ({
  commit: commit(id),
  outcome,
  message,
  startedAt: toRfc3339(startMs),
  finishedAt: toRfc3339(startMs),
  actions: 0,
});
const good = { lastGood: commit(A) };
const still: TargetState = { changes: 0, waitsFor: [], unhealthy: [], deletions: 0, lingering: [] };
const observed = (head: string | undefined, more: Partial<Observed> = {}): Observed => ({
  head,
  candidate: { state: 'loading' },
  target: still,
  isObserved: true,
  ...more,
});
const ill = (state: 'progressing' | 'stuck', more: Partial<ObjectHealth> = {}): ObjectHealth => ({
  key: { kind: 'Deployment', namespace: 'default', name: 'web' },
  state,
  message: 'ill',
  ...(state === 'stuck' ? { sinceMs: startMs } : {}),
  ...more,
});
const sick = (...unhealthy: readonly ObjectHealth[]): Partial<Observed> => ({ target: { ...still, unhealthy } });

test.each<[string, ApplicationStatus, Observed, number, Partial<Step>]>([
  // At rest.
  ['nothing known', {}, observed(undefined, { target: undefined }), startMs, { do: 'wait' }],
  ['the first commit is read', {}, observed(A, { target: undefined }), startMs, { do: 'wait' }],
  [
    'the first commit may be applied',
    {},
    observed(A, { target: undefined, candidate: { state: 'ready' } }),
    startMs,
    { do: 'apply' },
  ],
  ['HEAD is live', good, observed(A), startMs, { do: 'wait', waitingFor: [] }],
  ['HEAD is live and was edited by hand', good, observed(A, { target: { ...still, changes: 1 } }), startMs, { do: 'converge' }],
  [
    'the source is silent, and there is drift',
    good,
    observed(undefined, { target: { ...still, changes: 1 } }),
    startMs,
    { do: 'converge' },
  ],
  [
    'HEAD is live, its revision is lost',
    good,
    observed(A, { target: undefined, candidate: { state: 'ready' } }),
    startMs,
    { do: 'apply' },
  ],
  ['HEAD went back from a refused commit', { ...good, held: record(B, 'invalid') }, observed(A), startMs, { do: 'settle' }],
  [
    'HEAD went back from a bad commit',
    { ...good, quarantined: record(B, 'rolled-back') },
    observed(A),
    startMs,
    { do: 'settle' },
  ],
  [
    'HEAD is quarantined',
    { ...good, quarantined: record(B, 'rolled-back') },
    observed(B, { candidate: { state: 'ready' } }),
    startMs,
    { do: 'wait' },
  ],
  [
    'HEAD moved on from quarantine',
    { ...good, quarantined: record(B, 'rolled-back') },
    observed(C, { candidate: { state: 'ready' } }),
    startMs,
    { do: 'apply' },
  ],
  ['a first commit that failed recovers', { quarantined: record(A, 'failed') }, observed(A), startMs, { do: 'finish' }],
  [
    'a first commit that failed does not',
    { quarantined: record(A, 'failed') },
    observed(A, sick(ill('progressing'))),
    startMs,
    { do: 'wait' },
  ],
  ['leftovers of the host', good, observed(A, { target: { ...still, deletions: 1 } }), startMs, { do: 'prune' }],
  [
    'leftovers of the host, not looked at yet',
    good,
    observed(A, { target: { ...still, deletions: 1 }, isObserved: false }),
    startMs,
    { do: 'wait' },
  ],
  // The newest commit.
  [
    'it is wrong',
    good,
    observed(B, { candidate: { state: 'invalid', message: 'bad' } }),
    startMs,
    { do: 'hold', outcome: 'invalid', message: 'bad' },
  ],
  [
    'it is wrong, as was said',
    { ...good, held: record(B, 'invalid', 'bad') },
    observed(B, { candidate: { state: 'invalid', message: 'bad' } }),
    startMs,
    { do: 'wait' },
  ],
  [
    'it fails preflight',
    good,
    observed(B, { candidate: { state: 'refused', message: 'no' } }),
    startMs,
    { do: 'hold', outcome: 'preflight-failed' },
  ],
  [
    'it fails preflight otherwise',
    { ...good, held: record(B, 'preflight-failed', 'so') },
    observed(B, { candidate: { state: 'refused', message: 'no' } }),
    startMs,
    { do: 'hold' },
  ],
  [
    'it waits',
    good,
    observed(B, { candidate: { state: 'waiting', waitingFor: ['x'] } }),
    startMs,
    { do: 'prepare', waitingFor: ['x'] },
  ],
  [
    'it waits, as was said',
    { ...good, attempt: attempt(B, 'preflighting', { waitingFor: ['x'] }) },
    observed(B, { candidate: { state: 'waiting', waitingFor: ['x'] } }),
    startMs,
    { do: 'wait' },
  ],
  [
    'it failed preflight, and its images are asked for once more',
    { ...good, held: record(B, 'preflight-failed', 'no such image') },
    observed(B, { candidate: { state: 'waiting', waitingFor: ['image web:2 to be pulled'] } }),
    startMs,
    { do: 'wait' },
  ],
  [
    'it waits, and there is drift',
    { ...good, attempt: attempt(B, 'preflighting', { waitingFor: ['x'] }) },
    observed(B, { candidate: { state: 'waiting', waitingFor: ['x'] }, target: { ...still, changes: 1 } }),
    startMs,
    { do: 'converge' },
  ],
  // The attempt.
  [
    'not all could be written',
    { ...good, attempt: attempt(B, 'applying') },
    observed(B, { target: { ...still, changes: 1 } }),
    startMs,
    { do: 'converge' },
  ],
  [
    'a pod has to end first',
    { ...good, attempt: attempt(B, 'applying') },
    observed(B, { target: { ...still, waitsFor: ['x'] } }),
    startMs,
    { do: 'wait', untilMs: lateMs },
  ],
  [
    'everything is written',
    { ...good, attempt: attempt(B, 'applying') },
    observed(B, sick(ill('progressing'))),
    startMs,
    { do: 'enter', phase: 'verifying' },
  ],
  [
    'on its way',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(B, sick(ill('progressing'))),
    startMs,
    { do: 'wait', waitingFor: ['deployment/web: ill'], untilMs: lateMs },
  ],
  [
    'too late',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(B, sick(ill('progressing'))),
    lateMs,
    { do: 'roll-back', cause: 'not healthy in time: deployment/web: ill' },
  ],
  [
    'too late, nothing to go back to',
    { attempt: attempt(B, 'verifying') },
    observed(B, sick(ill('progressing'))),
    lateMs,
    { do: 'give-up' },
  ],
  [
    'too late, and it was the last good one',
    { ...good, attempt: attempt(A, 'verifying') },
    observed(A, sick(ill('progressing'))),
    lateMs,
    { do: 'give-up' },
  ],
  [
    'all stuck',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(B, sick(ill('stuck'))),
    startMs,
    { do: 'roll-back', cause: 'it cannot become healthy: deployment/web: ill' },
  ],
  [
    'stuck since before the commit',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(B, sick(ill('stuck', { sinceMs: startMs - 1 }))),
    startMs,
    { do: 'wait' },
  ],
  [
    'one stuck, one on its way',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(B, sick(ill('stuck'), ill('progressing'))),
    startMs,
    { do: 'wait' },
  ],
  [
    'one given up, one on its way',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(B, sick(ill('stuck', { isFinal: true }), ill('progressing'))),
    startMs,
    { do: 'roll-back' },
  ],
  [
    'one given up before the commit',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(B, sick(ill('stuck', { isFinal: true, sinceMs: 0 }))),
    startMs,
    { do: 'wait' },
  ],
  [
    'stuck, but not looked at yet',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(B, { ...sick(ill('stuck')), isObserved: false }),
    startMs,
    { do: 'wait' },
  ],
  [
    'healthy, but not looked at yet',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(B, { isObserved: false }),
    startMs,
    { do: 'wait' },
  ],
  [
    'healthy, and something is to go',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(B, { target: { ...still, deletions: 1 } }),
    startMs,
    { do: 'prune' },
  ],
  [
    'healthy, and something is going',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(B, { target: { ...still, lingering: ['x'] } }),
    startMs,
    { do: 'enter', phase: 'pruning' },
  ],
  [
    'still going',
    { ...good, attempt: attempt(B, 'pruning') },
    observed(B, { target: { ...still, lingering: ['x'] } }),
    startMs,
    { do: 'wait', waitingFor: ['x'] },
  ],
  [
    'will not go',
    { ...good, attempt: attempt(B, 'pruning') },
    observed(B, { target: { ...still, lingering: ['x'] } }),
    lateMs,
    { do: 'finish', message: 'everything is healthy; still there: x' },
  ],
  [
    'ill again while it goes',
    { ...good, attempt: attempt(B, 'pruning') },
    observed(B, sick(ill('stuck'))),
    startMs,
    { do: 'finish' },
  ],
  [
    'healthy',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(B),
    startMs,
    { do: 'finish', message: 'everything is healthy' },
  ],
  ['healthy, at the last moment', { ...good, attempt: attempt(B, 'verifying') }, observed(B), lateMs, { do: 'finish' }],
  // Going back.
  [
    'back, on its way',
    { ...good, attempt: attempt(B, 'rolling-back', { cause: 'x' }) },
    observed(B, sick(ill('progressing'))),
    startMs,
    { do: 'wait' },
  ],
  [
    'back, and healthy',
    { ...good, attempt: attempt(B, 'rolling-back', { cause: 'x' }) },
    observed(B),
    startMs,
    { do: 'rolled-back', cause: 'x' },
  ],
  [
    'back, and ill',
    { ...good, attempt: attempt(B, 'rolling-back', { cause: 'x' }) },
    observed(B, sick(ill('progressing'))),
    lateMs,
    { do: 'give-up' },
  ],
  // A newer commit.
  [
    'newer, while verifying',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(C, { candidate: { state: 'ready' } }),
    startMs,
    { do: 'apply' },
  ],
  [
    'newer, while going back',
    { ...good, attempt: attempt(B, 'rolling-back') },
    observed(C, { candidate: { state: 'ready' } }),
    startMs,
    { do: 'apply' },
  ],
  [
    'newer, but it waits',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(C, { candidate: { state: 'waiting', waitingFor: ['x'] } }),
    startMs,
    { do: 'finish' },
  ],
  [
    'newer, but it is wrong',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(C, { candidate: { state: 'invalid', message: 'bad' } }),
    startMs,
    { do: 'hold' },
  ],
  [
    'HEAD back at the last good one while verifying',
    { ...good, attempt: attempt(B, 'verifying') },
    observed(A, { candidate: { state: 'ready' } }),
    startMs,
    { do: 'apply' },
  ],
])('%s', (_what, status, seen, now, step) => {
  expect(decide(status, seen, now)).toMatchObject(step);
});
