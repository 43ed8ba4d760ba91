// Health as people ask for it: beside what the kind demands, never instead of it.
import { describe, expect, test } from 'vitest';
import type { HealthCheckExpr, Stored } from '../../../src/model/resource.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import { healthOf } from '../../../src/sync/health/health.ts';
import { checkedHealth } from '../../../src/sync/health/health-checks.ts';
import { aCondition, aConfigMap, aDeployment, aPod, aReplicaSet, aSecret, START_MS } from '../../support/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededIds } from '../../support/seeded-ids.ts';

const empty = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
const later = START_MS + 60_000;

const pod = (reason = 'Fine'): Stored =>
  aPod({ status: { phase: 'Running', reason, conditions: [aCondition('Ready', 'True', 'a', later)] } });
const onPod = (check: Partial<HealthCheckExpr>): HealthCheckExpr => ({
  apiVersion: 'v1',
  kind: 'Pod',
  current: 'true',
  ...check,
});
const state = (object: Stored, ...checks: readonly HealthCheckExpr[]): string => {
  const { state: word, message, isFinal, sinceMs } = healthOf(object, empty, checks);
  const since = sinceMs === undefined ? '' : ` since ${sinceMs - START_MS}`;
  return `${word}${isFinal === true ? ' for good' : ''}${since}: ${message}`;
};

describe('one check', () => {
  test.each<readonly [string, Stored, HealthCheckExpr, string]>([
    ['holds', pod(), onPod({ current: "status.reason == 'Fine'" }), 'healthy: '],
    [
      'does not hold',
      pod(),
      onPod({ current: "status.reason == 'Best'" }),
      "progressing: its health check says not current: status.reason == 'Best'",
    ],
    [
      'is under way, which wins',
      pod(),
      onPod({ inProgress: 'true', failed: 'true' }),
      'progressing: its health check says in progress: true',
    ],
    [
      'has failed, since the status moved last',
      pod(),
      onPod({ inProgress: 'false', failed: "status.phase == 'Running'" }),
      "stuck for good since 60000: its health check says failed: status.phase == 'Running'",
    ],
    [
      'with its own words',
      pod('Broken'),
      onPod({ current: 'false', message: 'the shards are not there' }),
      'progressing: the shards are not there (its health check says not current: false)',
    ],
    [
      'with words that are made',
      pod('Broken'),
      onPod({ failed: 'true', message: 'unused', messageExpression: "'it is ' + status.reason + '\\n  indeed'" }),
      'stuck for good since 60000: it is Broken indeed (its health check says failed: true)',
    ],
    [
      'with words that cannot be made',
      pod(),
      onPod({ current: 'false', message: 'not yet', messageExpression: 'status.nothing' }),
      'progressing: not yet (its health check says not current: false)',
    ],
    [
      'asks for a field that is not there',
      pod(),
      onPod({ current: 'status.shards > 3' }),
      'progressing: its health check cannot be evaluated: current: field not found: shards',
    ],
    [
      'may look whether it is',
      pod(),
      onPod({ current: 'has(status.shards) || object.status.?shards.orValue(3) == 3' }),
      'healthy: ',
    ],
    [
      'is no answer',
      pod(),
      onPod({ current: 'status.phase' }),
      'progressing: its health check cannot be evaluated: current: it is neither true nor false',
    ],
    [
      'costs too much',
      pod(),
      onPod({
        current:
          '[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c, [0,1,2,3,4,5,6,7,8,9].all(d, [0,1,2,3,4,5,6,7,8,9].all(e, a >= 0)))))',
      }),
      'progressing: its health check cannot be evaluated: current: it costs more than 10000 units to evaluate',
    ],
    ['of a status that is not there yet', aPod({ readyAtMs: START_MS }), onPod({ current: 'has(status.phase)' }), 'healthy: '],
    [
      'of a failure that no status tells',
      aConfigMap({ data: { mode: 'bad' } }),
      { apiVersion: 'v1', kind: 'ConfigMap', current: 'true', failed: "data.mode == 'bad'" },
      "stuck for good since Infinity: its health check says failed: data.mode == 'bad'",
    ],
    [
      'of a Secret, of which nothing is told',
      aSecret({ data: { key: 'c2VjcmV0' } }),
      { apiVersion: 'v1', kind: 'Secret', current: 'data.other == "a"', messageExpression: 'data.key' },
      'progressing: its health check cannot be evaluated: current: it does not fit this Secret',
    ],
    [
      'of a Secret, with words that would tell it',
      aSecret({ data: { key: 'c2VjcmV0' } }),
      { apiVersion: 'v1', kind: 'Secret', current: 'data.key == ""', message: 'empty it', messageExpression: 'data.key' },
      'progressing: empty it (its health check says not current: data.key == "")',
    ],
  ])('%s', (_what, object, check, expected) => {
    expect(state(object, check)).toBe(expected);
  });
});

describe('which objects', () => {
  test.each<readonly [string, Partial<HealthCheckExpr>, 'healthy' | 'progressing']>([
    ['all of the kind', {}, 'progressing'],
    ['another kind', { kind: 'Service' }, 'healthy'],
    ['by name', { name: 'web' }, 'progressing'],
    ['another name', { name: 'db' }, 'healthy'],
    ['by namespace', { namespace: 'default' }, 'progressing'],
    ['another namespace', { namespace: 'prod' }, 'healthy'],
  ])('%s', (_what, check, expected) => {
    const object = aPod({ name: 'web', readyAtMs: START_MS });
    expect(checkedHealth(object, [onPod({ current: 'false', ...check })]).state).toBe(expected);
  });
});

describe('beside what the kind demands', () => {
  const starting = aPod({ status: { phase: 'Pending' } });
  const lost = aPod({ owner: aReplicaSet(), status: { phase: 'Failed', reason: 'Evicted' } });

  test('a check makes nothing healthy', () => {
    expect(state(starting, onPod({ current: 'true' }))).toMatch(/^progressing: /);
    expect(state(lost, onPod({ current: 'true' }))).toMatch(/^stuck since .*Evicted/);
  });

  test('the kind speaks first; a check that has failed ends the wait all the same', () => {
    expect(state(starting, onPod({ current: 'false' }))).toBe(state(starting));
    expect(state(starting, onPod({ failed: 'true' }))).toContain('its health check says failed: true');
    expect(state(lost, onPod({ failed: 'true' }))).toMatch(/^stuck for good/);
  });

  test('all checks of an object must hold', () => {
    const [first, second] = [onPod({ current: 'false', message: 'first' }), onPod({ failed: 'true', message: 'second' })];
    expect(state(pod(), onPod({}), first)).toContain('first');
    expect(state(pod(), first, second)).toContain('second');
  });

  test('what the status says of an older spec does not count', () => {
    const check: HealthCheckExpr = { apiVersion: 'apps/v1', kind: 'Deployment', current: 'true', failed: 'true' };
    const old = aDeployment({ spec: {}, status: { observedGeneration: 0 } });
    expect(checkedHealth(old, [check])).toEqual({ state: 'progressing', message: 'its controller has not seen the change yet' });
    const seen = aDeployment({ status: { observedGeneration: old.metadata.generation } });
    expect(checkedHealth(seen, [check]).state).toBe('stuck');
  });
});
