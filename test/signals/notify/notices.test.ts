// What there is to tell, from the status and from what was told before.
import { describe, expect, test } from 'vitest';
import type { ApplicationStatus, NotificationStatus, StoredOf } from '../../../src/model/resource.ts';
import { firstState, notice, SOURCE_GRACE_MS } from '../../../src/signals/notify/notices.ts';
import { annsCommit, aRecord, bobsCommit } from '../../support/applications.ts';

const NOW_MS = Date.parse('2026-01-01T12:00:00Z');
const look = (state: NotificationStatus, status: ApplicationStatus, now = NOW_MS, drift: readonly StoredOf<'Event'>[] = []) =>
  notice(state, { status, drift, now });
const fresh = firstState(undefined, NOW_MS);
const told = (state: NotificationStatus): readonly string[] =>
  state.notices.map(({ number, event, reason }) => `${number} ${event}${reason === '' ? '' : `: ${reason}`}`);
const unready = (since: number) => ({
  source: { ready: false, reason: 'Unreachable', message: 'no route', since: new Date(since).toISOString() },
});
const ready = { source: { ready: true, reason: 'Read', message: '', since: '2026-01-01T12:00:00Z' } };

/** Looks at one status after the other, and tells everything that was found. */
function follow(...all: readonly ApplicationStatus[]): readonly string[] {
  let state = fresh;
  for (const [index, status] of all.entries()) {
    state = look(state, status, NOW_MS + index * 1_000).state;
    // Looking again finds nothing new.
    expect(look(state, status, NOW_MS + index * 1_000).state).toBe(state);
  }
  return told(state).toReversed();
}

const live = aRecord('live');
const bobsHeld = aRecord('invalid', { commit: bobsCommit, message: '1 problem', finishedAt: '2026-01-01T00:11:00Z' });
const bobsLive = aRecord('live', { commit: bobsCommit, finishedAt: '2026-01-01T00:12:00Z' });

describe('commits', () => {
  test.each<readonly [string, readonly ApplicationStatus[], readonly string[]]>([
    ['none', [{}, { health: 'Healthy' }], []],
    ['one that goes live', [{}, { history: [live], lastGood: annsCommit }], ['1 live']],
    [
      'one that is refused, whose reason changes',
      [
        { history: [bobsHeld, live], held: bobsHeld },
        { history: [{ ...bobsHeld, message: '2 problems', finishedAt: '2026-01-01T00:12:00Z' }, live], held: bobsHeld },
      ],
      ['1 live', '2 held: 1 problem'],
    ],
    [
      'one that is refused in two ways',
      [
        { history: [bobsHeld] },
        { history: [aRecord('preflight-failed', { commit: bobsCommit, finishedAt: '2026-01-01T00:13:00Z' }), bobsHeld] },
      ],
      ['1 held: 1 problem'],
    ],
    ['one that is taken back', [{ history: [aRecord('rolled-back', { message: 'it crashed' })] }], ['1 rolled-back: it crashed']],
    ['one that failed', [{ history: [aRecord('failed', { message: 'no way back' })] }], ['1 failed: no way back']],
    [
      'one that is live, another, and the first again',
      [
        { history: [live] },
        { history: [bobsLive, live] },
        { history: [{ ...live, finishedAt: '2026-01-01T00:20:00Z' }, bobsLive, live] },
      ],
      ['1 live', '2 live', '3 live'],
    ],
    [
      'one that is live again after the controller was restarted',
      [{ history: [live] }, { history: [{ ...live, message: 'again', finishedAt: '2026-01-01T00:20:00Z' }, live] }],
      ['1 live'],
    ],
    [
      'a bad one, and the branch goes back',
      [
        { history: [bobsHeld, live], held: bobsHeld, lastGood: annsCommit },
        { history: [bobsHeld, live], lastGood: annsCommit },
      ],
      ['1 live', '2 held: 1 problem', '3 recovered: the branch is back at the commit that is live'],
    ],
    [
      'a bad one, then a good one',
      [
        { history: [bobsHeld], held: bobsHeld },
        { history: [bobsLive, bobsHeld], lastGood: bobsCommit },
      ],
      ['1 held: 1 problem', '2 live'],
    ],
  ])('%s', (_name, statuses, expected) => {
    expect(follow(...statuses)).toEqual(expected);
  });

  test('that ended before anybody was to be told are not told', () => {
    expect(told(look(firstState(live, NOW_MS), { history: [live] }).state)).toEqual([]);
    expect(told(look(firstState(live, NOW_MS), { history: [bobsHeld, live] }).state)).toEqual(['1 held: 1 problem']);
  });
});

describe('the repository', () => {
  test('that is away for a moment is nothing to tell', () => {
    expect(look(fresh, unready(NOW_MS - 10_000))).toEqual({ state: fresh, checkAgainAfterMs: SOURCE_GRACE_MS - 10_000 });
    expect(told(look(fresh, ready).state)).toEqual([]);
  });

  test('that stays away is told once, and so is its return', () => {
    const away = look(fresh, unready(NOW_MS - SOURCE_GRACE_MS)).state;
    expect(told(away)).toEqual(['1 source-unready: the repository cannot be read: no route']);
    expect(look(away, unready(NOW_MS)).state).toBe(away);
    // A controller that has just started does not know yet.
    expect(look(away, {}).state).toBe(away);
    const back = look(away, ready).state;
    expect(told(back)[0]).toBe('2 recovered: the repository can be read again');
    expect(look(back, ready).state).toBe(back);
  });
});

describe('drift', () => {
  const event = (name: string, at: string, message = `${name} differs`): StoredOf<'Event'> => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `e-${name}`,
      namespace: 'default',
      uid: `u-${name}`,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: at,
    },
    involvedObject: { kind: 'Deployment', namespace: 'default', name },
    reason: 'Drifted',
    message,
    type: 'Warning',
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: { component: 'sync' },
  });

  test('of one second is told together, when the second is over', () => {
    const events = ['a', 'b', 'c', 'd'].map((name) => event(name, '2026-01-01T12:00:05Z'));
    const during = look(fresh, {}, NOW_MS + 5_500, events);
    expect(during).toEqual({ state: fresh, checkAgainAfterMs: 2_000 });
    const after = look(fresh, {}, NOW_MS + 7_500, events).state;
    expect(told(after)).toEqual([
      "1 drift: changed behind Git's back and put right: deployment/a, deployment/b, deployment/c, and 1 more; a differs",
    ]);
    expect(look(after, {}, NOW_MS + 60_000, events).state).toBe(after);
    const again = look(after, {}, NOW_MS + 60_000, [...events, event('a', '2026-01-01T12:00:30Z', 'spec.replicas')]).state;
    expect(told(again)[0]).toBe("2 drift: changed behind Git's back and put right: deployment/a; spec.replicas");
  });

  test('from before anybody was to be told is not told', () => {
    expect(look(fresh, {}, NOW_MS, [event('a', '2026-01-01T11:59:00Z')]).state).toBe(fresh);
  });

  test('that comes back is told with its complaint, and so is its end', () => {
    const condition = (status: 'True' | 'False') => ({
      conditions: [
        {
          type: 'Drifted',
          status,
          reason: 'RepeatedRepair',
          message: 'web is put right again and again',
          lastTransitionTime: '2026-01-01T12:00:00Z',
        },
      ],
    });
    expect(follow(condition('True'), condition('True'), condition('False'))).toEqual([
      '1 drift: web is put right again and again',
      '2 recovered: repairs last again',
    ]);
  });
});

test('the last twenty are kept', () => {
  const history = Array.from({ length: 20 }, (_, index) =>
    aRecord('live', {
      commit: { ...annsCommit, id: `${index}`.padStart(40, '0') },
      finishedAt: `2026-01-01T00:00:${59 - index}Z`,
    }),
  );
  const first = look(fresh, { history }).state;
  const second = look(first, { history: [{ ...bobsLive, finishedAt: '2026-01-01T01:00:00Z' }, ...history].slice(0, 20) }).state;
  expect(second.number).toBe(21);
  expect(second.notices.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => 21 - index));
});
