import { describe, expect, test } from 'vitest';
import type { ApplicationStatus, SyncRecord } from '../../src/model/resource.ts';
import { turningPoints } from '../../src/sync/writes.ts';

const commit = { id: 'abcdef0123456789', subject: 'Faster', author: 'Ada <ada@example.com>', time: '2026-01-01T00:00:00Z' };
const record = (outcome: SyncRecord['outcome'], finishedAt = '2026-01-01T00:01:00Z'): SyncRecord => ({
  commit,
  outcome,
  message: 'because',
  startedAt: '2026-01-01T00:00:00Z',
  finishedAt,
  actions: 1,
});
const rollingBack: ApplicationStatus = {
  attempt: { commit, phase: 'rolling-back', startedAt: '', deadline: '', actions: 1, cause: 'it is ill' },
};

describe('what is told of an application as a whole', () => {
  test.each<[string, ApplicationStatus, ApplicationStatus, { reason: string; severity: string; message: string }[]]>([
    ['nothing new', { history: [record('live')] }, { history: [record('live')] }, []],
    ['live', {}, { history: [record('live')] }, [{ reason: 'Live', severity: 'Normal', message: 'abcdef0 "Faster": because' }]],
    [
      'invalid',
      {},
      { history: [record('invalid')] },
      [{ reason: 'Invalid', severity: 'Warning', message: 'abcdef0 "Faster": because' }],
    ],
    [
      'the same commit once more',
      { history: [record('failed')] },
      { history: [record('rolled-back', '2026-01-01T00:02:00Z'), record('failed')] },
      [{ reason: 'RolledBack', severity: 'Warning', message: 'abcdef0 "Faster": because' }],
    ],
    [
      'a rollback begins',
      {},
      rollingBack,
      [{ reason: 'RollingBack', severity: 'Warning', message: 'abcdef0 is taken back: it is ill' }],
    ],
    ['a rollback goes on', rollingBack, rollingBack, []],
  ])('%s', (_name, before, after, expected) => {
    expect(turningPoints(before, after)).toEqual(expected.map((report) => ({ ...report, component: 'sync' })));
  });
});
