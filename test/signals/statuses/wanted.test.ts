// Which statuses there are to tell, from what the application's status says.
import { describe, expect, test } from 'vitest';
import type { ApplicationStatus, CommitStatusReport, SyncAttempt } from '../../../src/model/resource.ts';
import { failingReport, reportFrom, toldReport, untoldStatuses } from '../../../src/signals/statuses/wanted.ts';
import { anAttempt, annsCommit, aRecord, bobsCommit } from '../../support/applications.ts';

const [ANN, BOB] = [annsCommit.id, bobsCommit.id];
const FROM = '2026-01-01T00:00:12Z';
const NOW = Date.parse('2026-01-01T01:00:00Z');
type State = CommitStatusReport['told'][number]['state'];

const report = (...told: [string, State][]): { commitStatuses: CommitStatusReport } => ({
  commitStatuses: { from: FROM, told: told.map(([commit, state]) => ({ commit, state, at: FROM })) },
});
const attempt = (phase: SyncAttempt['phase'], options: Partial<SyncAttempt> = {}) => ({ attempt: anAttempt(phase, options) });
const untold = (status: ApplicationStatus) =>
  untoldStatuses(status, FROM).map(({ commit, state, description }) => {
    return `${commit === ANN ? 'ann' : commit === BOB ? 'bob' : commit} ${state}: ${description}`;
  });

describe('to be told', () => {
  test.each<[string, ApplicationStatus, string[]]>([
    ['nothing of nothing', {}, []],
    ['a commit on its way', attempt('preflighting'), ['ann pending: under way']],
    [
      'one that waits',
      attempt('waiting', { waitingFor: ['a sync window: night'] }),
      ['ann pending: waits for a sync window: night'],
    ],
    ['one that is being taken back', { ...attempt('rolling-back'), ...report([ANN, 'pending']) }, []],
    ['only once', { ...attempt('verifying'), ...report([ANN, 'pending']) }, []],
    ['that it is live', { history: [aRecord('live')], ...report([ANN, 'pending']) }, ['ann success: live']],
    ['that once', { history: [aRecord('live')], ...report([ANN, 'success']) }, []],
    [
      'that it was rolled back',
      { history: [aRecord('rolled-back', { message: 'it crashed' })] },
      ['ann failure: rolled back: it crashed'],
    ],
    [
      'that it was refused',
      { history: [aRecord('preflight-failed', { message: 'no image' })] },
      ['ann failure: refused: no image'],
    ],
    ['that it cannot be read', { history: [aRecord('invalid', { message: 'a.yaml:1' })] }, ['ann failure: refused: a.yaml:1']],
    ['that it failed', { history: [aRecord('failed', { message: 'x' })], ...attempt('sync-fail') }, ['ann failure: failed: x']],
    [
      'nothing new of one that is refused for another reason',
      { history: [aRecord('preflight-failed', { message: 'other' })], ...report([ANN, 'failure']) },
      [],
    ],
    [
      'nothing of one that was refused and is looked at again',
      { history: [aRecord('preflight-failed')], ...attempt('preflighting'), ...report([ANN, 'failure']) },
      [],
    ],
    [
      'that one that failed is tried again',
      { history: [aRecord('failed')], ...attempt('applying'), ...report([ANN, 'failure']) },
      ['ann pending: under way'],
    ],
    [
      'not how it ended before while it is tried again',
      { history: [aRecord('failed')], ...attempt('applying'), ...report([ANN, 'pending']) },
      [],
    ],
    [
      'that another one took its place',
      { ...attempt('applying', { commit: bobsCommit }), ...report([ANN, 'pending']) },
      ['ann superseded: commit 9f8e7d6 took its place before it was live', 'bob pending: under way'],
    ],
    [
      'all ends that were missed, oldest first',
      { history: [aRecord('live', { commit: bobsCommit }), aRecord('invalid')] },
      ['ann failure: refused: ', 'bob success: live'],
    ],
    ['only the last end of a commit', { history: [aRecord('live'), aRecord('failed')] }, ['ann success: live']],
    ['nothing of what ended before', { history: [aRecord('live', { finishedAt: '2026-01-01T00:00:11Z' })] }, []],
    ['nothing of files without a commit', attempt('applying', { commit: { ...annsCommit, id: 'working-tree' } }), []],
  ])('%s', (_name, status, expected) => {
    expect(untold(status)).toEqual(expected);
  });
});

test('what ended last is where it begins', () => {
  expect(reportFrom({ history: [aRecord('live')] }, NOW)).toBe('2026-01-01T00:00:12Z');
  expect(reportFrom({}, NOW)).toBe('2026-01-01T01:00:00Z');
  expect(reportFrom({ history: [aRecord('live', { finishedAt: '2026-01-02T00:00:00Z' })], ...report() }, NOW)).toBe(FROM);
});

test('what is told is kept as long as something is known of the commit', () => {
  const status = {
    history: [aRecord('live')],
    ...report([ANN, 'pending'], ['c'.repeat(40), 'success'], ['d'.repeat(40), 'pending']),
  };
  expect(toldReport(status, FROM, { commit: ANN, state: 'success', description: 'live' }, NOW)).toEqual({
    from: FROM,
    told: [
      { commit: ANN, state: 'success', at: '2026-01-01T01:00:00Z' },
      { commit: 'd'.repeat(40), state: 'pending', at: FROM },
    ],
  });
});

test('a failure is told of since its beginning, and over with the next that is taken', () => {
  const failing = failingReport(report([ANN, 'pending']), FROM, 'no route', NOW);
  expect(failing.failing).toEqual({ since: '2026-01-01T01:00:00Z', message: 'no route' });
  expect(failingReport({ commitStatuses: failing }, FROM, 'other', NOW + 60_000).failing).toEqual({
    since: '2026-01-01T01:00:00Z',
    message: 'other',
  });
  const told = toldReport({ commitStatuses: failing }, FROM, { commit: BOB, state: 'pending', description: '' }, NOW);
  expect(told.failing).toBeUndefined();
});
