import { expect, test } from 'vitest';
import type { ApplicationStatus } from '../../src/model/resource.ts';
import type { Observed, TargetState } from '../../src/sync/observed.ts';
import { restStatus } from '../../src/sync/rest-status.ts';

const NOW = Date.UTC(2026, 0, 1);
const commit = { id: 'a'.repeat(40), subject: 'First', author: 'Ada', time: '2026-01-01T00:00:00Z' };
const well: TargetState = { changes: 0, waitsFor: [], unhealthy: [], deletions: 0, lingering: [] };
const ill: TargetState = {
  ...well,
  unhealthy: [{ key: { kind: 'Deployment', namespace: 'default', name: 'web' }, state: 'progressing', message: '0 of 1 ready' }],
};
const at = (target: TargetState | undefined, isObserved: boolean): Observed => ({
  head: commit.id,
  candidate: { state: 'loading' },
  target,
  isObserved,
});
const rest = (status: ApplicationStatus, observed: Observed): ApplicationStatus =>
  restStatus({ status, observed, waitingFor: [], trouble: undefined, drift: undefined }, NOW);

test.each([
  ['nothing was ever applied', undefined, true, undefined, 'Unknown'],
  ['all is well', well, true, undefined, 'Healthy'],
  ['something is on its way', ill, true, 'Healthy', 'Progressing'],
  ['nobody has looked yet, and the last run said so', well, false, 'Healthy', 'Healthy'],
  ['nobody has ever looked', well, false, undefined, 'Unknown'],
  ['nobody has looked yet, and the store knows of trouble', ill, false, 'Healthy', 'Unknown'],
] as const)('health when %s', (_when, target, isObserved, before, expected) => {
  const status = before === undefined ? {} : { health: before };
  expect(rest(status, at(target, isObserved)).health).toBe(expected);
});

test('a new run over what was live writes nothing, neither before nor after its first look', () => {
  const settled = rest({ lastGood: commit, inventory: [] }, at(well, true));
  expect(rest(settled, at(well, false))).toEqual(settled);
  expect(rest(settled, at(well, true))).toEqual(settled);
});
