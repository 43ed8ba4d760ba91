// What forges are sent, and what their answers mean.
import { describe, expect, test } from 'vitest';
import { FORGES, type Forge, placeOf, type StatusPlace } from '../../../src/signals/statuses/place.ts';
import { type CommitStatus, requestOf, type StatusState, verdictOf } from '../../../src/signals/statuses/requests.ts';
import { ScriptedForge } from '../../support/scripted-forge.ts';

const commit = 'a'.repeat(40);
const NOW = Date.parse('2026-01-01T00:00:00Z');
const LONG = 'holdfast/production-cluster/an-application-with-a-long-name';

function place(forge: Forge): StatusPlace {
  const found = placeOf('https://forge.example/acme/shop.git', { forge });
  if ('fault' in found) throw new Error(found.fault);
  return found;
}

const status = (state: StatusState, description = 'live'): CommitStatus => ({ commit, state, description });
const told = (forge: Forge, state: StatusState) => requestOf(place(forge), 'T0K3N', 'holdfast/prod/shop', status(state));

test('each forge in its own words', () => {
  const shown = FORGES.map((forge) => {
    const { url, headers, body } = told(forge, 'failure');
    return { url, authorization: headers['authorization'], body: JSON.parse(body) as object };
  });
  const context = 'holdfast/prod/shop';
  const description = 'live';
  const host = 'https://forge.example';
  expect(shown).toEqual([
    {
      url: `${host}/api/v3/repos/acme/shop/statuses/${commit}`,
      authorization: 'Bearer T0K3N',
      body: { state: 'failure', context, description },
    },
    {
      url: `${host}/api/v4/projects/acme%2Fshop/statuses/${commit}`,
      authorization: 'Bearer T0K3N',
      body: { state: 'failed', name: context, description },
    },
    {
      url: `${host}/api/v1/repos/acme/shop/statuses/${commit}`,
      authorization: 'token T0K3N',
      body: { state: 'failure', context, description },
    },
    {
      url: `${host}/api/v1/repos/acme/shop/statuses/${commit}`,
      authorization: 'token T0K3N',
      body: { state: 'failure', context, description },
    },
    {
      url: `https://api.bitbucket.org/2.0/repositories/acme/shop/commit/${commit}/statuses/build`,
      authorization: 'Bearer T0K3N',
      body: {
        key: context,
        name: context,
        state: 'FAILED',
        description,
        url: `https://bitbucket.org/acme/shop/commits/${commit}`,
      },
    },
  ]);
});

describe.each(FORGES)('%s', (forge) => {
  test.each<StatusState>(['pending', 'success', 'failure', 'superseded'])('takes %s', async (state) => {
    const server = new ScriptedForge(forge);
    const long = status(state, `rolled back: ${'it crashed\n'.repeat(100)}`);
    const answer = await server.send(requestOf(place(forge), 'T0K3N', LONG, long), new AbortController().signal);
    expect(verdictOf(forge, answer, NOW)).toEqual({ result: 'taken' });
    expect(server.shown).toHaveLength(1);
    expect(server.shown[0]?.description).toMatch(/^rolled back: it crashed it crashed .*…$/);
    expect(server.shown[0]?.repository).toBe('acme/shop');
  });

  test('does not take another token, and says nothing of it', async () => {
    const server = new ScriptedForge(forge, 'OTHER');
    const answer = await server.send(told(forge, 'pending'), new AbortController().signal);
    expect(verdictOf(forge, answer, NOW)).toEqual({ result: 'refused', message: 'the token is not accepted' });
  });
});

test('GitLab has a state already', async () => {
  const server = new ScriptedForge('gitlab');
  const { signal } = new AbortController();
  await server.send(told('gitlab', 'pending'), signal);
  expect(verdictOf('gitlab', await server.send(told('gitlab', 'pending'), signal), NOW)).toEqual({ result: 'taken' });
});

test('Bitbucket takes an app password with its user', () => {
  const { headers } = requestOf(place('bitbucket'), 'ann:secret', 'x', status('success'));
  expect(headers['authorization']).toBe(`Basic ${Buffer.from('ann:secret').toString('base64')}`);
});

describe('an answer', () => {
  const inSeconds = (seconds: number): string => String(NOW / 1000 + seconds);
  test.each<[number, Record<string, string>, string, object]>([
    [200, {}, '', { result: 'taken' }],
    [201, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(90) }, '', { result: 'taken', pauseMs: 90_000 }],
    [201, { 'x-ratelimit-remaining': '17', 'x-ratelimit-reset': inSeconds(90) }, '', { result: 'taken' }],
    [429, { 'retry-after': '7' }, '', { result: 'busy', pauseMs: 7_000 }],
    [429, { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, '', { result: 'busy', pauseMs: 30_000 }],
    [429, { 'ratelimit-remaining': '0', 'ratelimit-reset': inSeconds(20) }, '', { result: 'busy', pauseMs: 20_000 }],
    [429, { 'retry-after': 'soon' }, '', { result: 'busy', pauseMs: 60_000 }],
    [429, { 'retry-after': '999999' }, '', { result: 'busy', pauseMs: 3_600_000 }],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(-5) }, '', { result: 'busy', pauseMs: 1_000 }],
    [403, {}, 'You have exceeded a secondary rate limit.', { result: 'busy', pauseMs: 60_000 }],
    [403, {}, '', { result: 'refused', message: 'the token may not write statuses of commits' }],
    [404, {}, '', { result: 'refused', message: 'there is no such repository or commit, or the token may not see it' }],
    [422, {}, 'T0K3N', { result: 'refused', message: 'the forge refused it (422)' }],
    [301, {}, '', { result: 'refused', message: 'the repository has moved: give its new address' }],
    [500, {}, 'T0K3N', { result: 'failed', message: 'the forge answered 500' }],
    [503, {}, '', { result: 'failed', message: 'the forge answered 503' }],
    [503, { 'retry-after': '5' }, '', { result: 'busy', pauseMs: 5_000 }],
  ])('%i %j %s', (code, headers, body, expected) => {
    expect(verdictOf('github', { status: code, headers, body }, NOW)).toEqual(expected);
  });
});
