// Reverts as a whole, on virtual time: once for each bad commit, also over restarts; nothing is overwritten; a server in trouble is tried again, and
// told of.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApplicationSpec, ApplicationStatus } from '../../../src/model/resource.ts';
import { StoreFeed } from '../../../src/runtime/store-feed.ts';
import type { RevertTarget } from '../../../src/signals/reverts/carry-out.ts';
import { Reverter } from '../../../src/signals/reverts/reverter.ts';
import { FORGES, placeOf } from '../../../src/signals/statuses/place.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import { silentLogger } from '../../../src/system/logger.ts';
import { anAttempt, annsCommit, aRecord } from '../../support/applications.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ScriptedForge } from '../../support/scripted-forge.ts';
import { ScriptedRepository } from '../../support/scripted-repository.ts';
import { seededIds } from '../../support/seeded-ids.ts';
import { changeStoredStatus, storedApplication } from '../../support/stored-application.ts';

const MINUTE_MS = 60_000;
const PUSH: ApplicationSpec['rollback'] = { revert: { push: {} } };
const PULL: ApplicationSpec['rollback'] = { revert: { pullRequest: {} } };

let clock: FakeClock;
let feed: StoreFeed | undefined;
let store: ReturnType<typeof openMemoryStore>;
let forge: ScriptedForge;
let repository: ScriptedRepository;
let reverter: Reverter;
let good: string;
let bad: string;
let difference: string | undefined;
let noToken: string | undefined;

beforeEach(() => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1) });
  forge = new ScriptedForge('github');
  repository = new ScriptedRepository();
  good = repository.commit({ shop: '1', bank: '1', docs: '1' }, 'Good');
  bad = repository.commit({ shop: '2', bank: '2', docs: '2' }, 'Bad');
  difference = undefined;
  noToken = undefined;
});
afterEach(async () => {
  await reverter.stop();
  await feed?.stop();
  feed = undefined;
});

function targetOf(name: string): RevertTarget {
  const api = { github: '/api/v3', gitlab: '/api/v4', gitea: '/api/v1', forgejo: '/api/v1', bitbucket: '/2.0' }[forge.forge];
  const place = placeOf('git@git.example:acme/app', { forge: forge.forge, api: `https://git.example${api}` });
  if ('fault' in place) throw new Error(place.fault);
  const { token } = forge;
  return {
    repository: repository.of(name),
    path: name,
    forge: noToken === undefined ? { place, token } : { fault: noToken },
    difference: async () => difference,
  };
}

async function start(): Promise<void> {
  const targets = ({ metadata }: { metadata: { name?: string } }): RevertTarget => targetOf(metadata.name ?? '');
  const ids = seededIds(2);
  await feed?.stop();
  feed = new StoreFeed({ store, clock, logger: silentLogger });
  reverter = new Reverter({ cluster: 'prod', client: forge, targetOf: targets, store, feed, clock, ids, logger: silentLogger });
  reverter.start();
  feed.start();
  await clock.settle();
}

/** An application whose newest commit was rolled back. */
async function rolledBack(
  name: string,
  rollback: ApplicationSpec['rollback'],
  rest: Partial<ApplicationSpec> = {},
): Promise<void> {
  const spec = { repo: 'git@git.example:acme/app', revision: 'branch main', path: name, timeoutSeconds: 300, rollback, ...rest };
  await store.write([
    {
      op: 'create',
      resource: { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name }, spec: spec as ApplicationSpec },
    },
  ]);
  const commit = { ...annsCommit, id: bad, subject: 'Bad' };
  const quarantined = aRecord('rolled-back', { commit, message: 'deployment/web crashes', finishedAt: '2026-01-01T00:00:00Z' });
  await status(() => ({ lastGood: { ...annsCommit, id: good }, quarantined }), name);
}

const application = (name = 'shop') => storedApplication(store, name);

async function status(change: (status: ApplicationStatus) => ApplicationStatus, name = 'shop'): Promise<void> {
  await changeStoredStatus(store, name, change);
  await clock.settle();
}

const report = (name = 'shop') => application(name).status?.revert;
const restart = async (): Promise<void> => {
  await reverter.stop();
  await start();
};

describe('a push', () => {
  test('brings the folder back and nothing else, once', async () => {
    await rolledBack('shop', PUSH);
    await start();
    expect(repository.at('main')).toEqual({ shop: '1', bank: '2', docs: '2' });
    expect(report()).toMatchObject({ commit: bad, state: 'pushed', branch: 'main', revert: repository.branches.get('main') });
    const { resourceVersion } = application().metadata;
    await restart();
    await clock.advance(60 * MINUTE_MS);
    expect(repository.log('main')).toEqual(['Revert "Bad" in shop', 'Bad', 'Good']);
    expect([repository.pushes, application().metadata.resourceVersion]).toEqual([1, resourceVersion]);
  });

  test('waits for the tries that are left, and is not made when one of them succeeds', async () => {
    await rolledBack('shop', PUSH, { retry: { limit: 1 } });
    await start();
    expect([repository.pushes, report()]).toEqual([0, undefined]);
    const commit = { ...annsCommit, id: bad };
    await status(({ quarantined: _quarantined, ...before }) => ({
      ...before,
      attempt: anAttempt('verifying', { commit, retry: 1 }),
    }));
    await status(({ attempt: _attempt, ...before }) => ({ ...before, lastGood: commit }));
    await clock.advance(60 * MINUTE_MS);
    expect([repository.pushes, report()]).toEqual([0, undefined]);
  });

  test('that is done and was not told of is not made again', async () => {
    repository.trouble = (call) => (call === 'push' ? 'answer lost' : undefined);
    await rolledBack('shop', PUSH);
    await start();
    expect(report()).toMatchObject({ state: 'pending', message: 'https://git.example: the server closed the connection' });
    await clock.advance(MINUTE_MS);
    expect(report()).toMatchObject({ state: 'pushed', revert: repository.branches.get('main') });
    expect(repository.pushes).toBe(1);
  });

  test('whose answer nobody waited for is told of when its commit is seen', async () => {
    repository.trouble = (call) => (call === 'push' ? 'answer lost' : undefined);
    await rolledBack('shop', PUSH);
    await start();
    await reverter.stop();
    const revert = repository.branches.get('main') ?? '';
    await status(({ quarantined: _quarantined, ...before }) => ({ ...before, lastGood: { ...annsCommit, id: revert } }));
    await start();
    expect(report()).toMatchObject({ commit: bad, state: 'pushed', revert });
  });

  test('is not made when somebody has acted', async () => {
    const mended = repository.commit({ shop: '3' }, 'Mended');
    await rolledBack('shop', PUSH);
    await start();
    expect([repository.branches.get('main'), repository.pushes]).toEqual([mended, 0]);
    expect(report()?.state).toBe('overtaken');
    expect(report()?.message).toMatch(/^main is at .{7}, and has moved on from .{7}: somebody has acted already$/);
  });

  test('that somebody is quicker than overwrites nothing', async () => {
    let mended = '';
    repository.trouble = (call) => {
      if (call === 'push' && mended === '') mended = repository.commit({ shop: '3' }, 'Mended');
      return undefined;
    };
    await rolledBack('shop', PUSH);
    await start();
    await clock.advance(MINUTE_MS);
    expect([repository.branches.get('main'), report()?.state]).toEqual([mended, 'overtaken']);
  });

  test('of several applications that rolled back one commit: one on top of the other', async () => {
    await rolledBack('shop', PUSH);
    await rolledBack('bank', PUSH);
    await start();
    await clock.advance(MINUTE_MS);
    expect(repository.at('main')).toEqual({ shop: '1', bank: '1', docs: '2' });
    expect(repository.log('main')).toHaveLength(4);
    expect([report('shop')?.state, report('bank')?.state]).toEqual(['pushed', 'pushed']);
  });

  test('that a server refuses is tried again, less and less often, and told of once', async () => {
    repository.trouble = (call) => (call === 'push' ? 'refused' : undefined);
    await rolledBack('shop', PUSH);
    await start();
    const message = 'the server does not take it on main: [remote rejected] (protected branch hook declined)';
    expect(report()).toMatchObject({ state: 'pending', message });
    await clock.advance(60 * MINUTE_MS);
    expect(report()).toMatchObject({ state: 'pending', message });
    expect(repository.pushes).toBeLessThan(25);
    repository.trouble = () => undefined;
    await clock.advance(20 * MINUTE_MS);
    expect(report()).toMatchObject({ state: 'pushed' });
    expect(repository.at('main')).toEqual({ shop: '1', bank: '2', docs: '2' });
  });

  test.each(['gone', 'hangs'] as const)('to a server that %s ends when that is back', async (trouble) => {
    repository.trouble = () => trouble;
    await rolledBack('shop', PUSH);
    await start();
    await clock.advance(20 * MINUTE_MS);
    expect(report()?.message).toMatch(/connection refused|did not finish within 900 s/);
    repository.trouble = () => undefined;
    await clock.advance(40 * MINUTE_MS);
    expect(report()?.state).toBe('pushed');
  });

  test('that would not bring back what ran is not made, and is told', async () => {
    difference = 'Deployment web (base/web.yaml:1) would be another than before';
    await rolledBack('shop', PUSH);
    await start();
    await clock.advance(60 * MINUTE_MS);
    expect(report()).toMatchObject({ state: 'pending', message: `to bring shop back would not do: ${difference}` });
    expect(repository.pushes).toBe(0);
  });

  test('of a folder that the bad commit has not touched is not made, and is told', async () => {
    await rolledBack('other', PUSH);
    await start();
    expect(report('other')?.message).toMatch(/^nothing below other differs from commit .{7}: what broke it lies elsewhere$/);
    expect(repository.pushes).toBe(0);
  });

  test('ends when another commit comes', async () => {
    repository.trouble = () => 'gone';
    await rolledBack('shop', PUSH);
    await start();
    const commit = { ...annsCommit, id: repository.commit({ shop: '3' }, 'Mended') };
    await status(({ quarantined: _quarantined, ...before }) => ({ ...before, attempt: anAttempt('verifying', { commit }) }));
    expect(report()).toMatchObject({ state: 'overtaken', message: 'another commit came' });
  });
});

describe.each(FORGES)('a pull request at %s', (name) => {
  beforeEach(() => {
    forge = new ScriptedForge(name);
  });
  const branch = (): string => `holdfast/revert-${bad.slice(0, 7)}`;

  test('is opened once, and the branch that is followed stays as it is', async () => {
    await rolledBack('shop', PULL);
    await start();
    expect(report()).toMatchObject({ state: 'proposed', branch: branch(), pullRequest: 'https://git.example/acme/app/pulls/1' });
    expect(repository.branches.get('main')).toBe(bad);
    expect(repository.at(branch())).toEqual({ shop: '1', bank: '2', docs: '2' });
    expect(forge.pulls.all).toMatchObject([{ branch: branch(), into: 'main', title: 'Revert "Bad" in shop' }]);
    expect(forge.pulls.all[0]?.text).toMatch(/deployment\/web crashes/);
    // All that is known here is lost, and looked at again.
    await status(({ revert: _revert, ...before }) => before);
    await clock.advance(60 * MINUTE_MS);
    expect(report()?.state).toBe('proposed');
    expect([forge.pulls.all.length, repository.pushes]).toEqual([1, 1]);
  });

  test('of a forge that hangs is told in moments, holds up no other repository, and is opened when it answers', async () => {
    forge.trouble = () => 'hangs';
    for (const each of ['shop', 'bank']) await rolledBack(each, PULL);
    await rolledBack('docs', PUSH);
    await start();
    await clock.advance(15_000);
    expect(report()).toMatchObject({
      state: 'pending',
      message: expect.stringContaining('asking the forge did not finish within 10 s'),
    });
    expect(report('docs')?.state).toBe('pushed');
    forge.trouble = () => undefined;
    await clock.advance(20 * MINUTE_MS);
    expect([report()?.state, report('bank')?.state]).toEqual(['proposed', 'proposed']);
  });

  test('that was closed is not opened again', async () => {
    forge.pulls.all.push({ number: 7, branch: branch(), into: 'main', title: 'x', text: '', state: 'closed' });
    await rolledBack('shop', PULL);
    await start();
    await clock.advance(60 * MINUTE_MS);
    expect(report()).toMatchObject({ state: 'overtaken', message: 'its pull request was closed' });
    expect([forge.pulls.all.length, repository.pushes]).toEqual([1, 0]);
  });

  test('of several applications is one', async () => {
    await rolledBack('shop', PULL);
    await rolledBack('bank', PULL);
    await start();
    await clock.advance(MINUTE_MS);
    expect(repository.at(branch())).toEqual({ shop: '1', bank: '1', docs: '2' });
    expect(forge.pulls.all).toHaveLength(1);
    expect([report('shop')?.state, report('bank')?.state]).toEqual(['proposed', 'proposed']);
  });

  test('that the forge cannot take now is opened later, by the commit that is there', async () => {
    let isDown = true;
    forge.trouble = () => (isDown ? { status: 502, headers: {}, body: 'T0K3N' } : undefined);
    await rolledBack('shop', PULL);
    await start();
    expect(report()).toMatchObject({ state: 'pending', message: 'the forge answered 502' });
    isDown = false;
    await clock.advance(MINUTE_MS);
    expect(report()?.state).toBe('proposed');
  });
});

describe('killed at any outside call, and started again', () => {
  const CALLS = [0, 1, 2, 3, 4, 5];
  const cases = CALLS.flatMap((call) => (['hangs', 'answer lost'] as const).map((how) => [call, how] as const));

  /** The n-th call does not come back, and whoever waits for it is killed. */
  async function killedAt(call: number, how: 'hangs' | 'answer lost'): Promise<void> {
    let left = call;
    const isIt = (): boolean => {
      left -= 1;
      return left === -1;
    };
    repository.trouble = (name) => (isIt() ? (name === 'push' ? how : 'hangs') : undefined);
    forge.trouble = () => (isIt() ? 'hangs' : undefined);
    await start();
    await reverter.stop();
    repository.trouble = () => undefined;
    forge.trouble = () => undefined;
    await start();
    await clock.advance(MINUTE_MS);
  }

  test.each(cases)('a push is made once: call %i %s', async (call, how) => {
    await rolledBack('shop', PUSH);
    await rolledBack('bank', PUSH);
    await killedAt(call, how);
    expect(repository.at('main')).toEqual({ shop: '1', bank: '1', docs: '2' });
    expect(repository.log('main')).toHaveLength(4);
    expect([report('shop')?.state, report('bank')?.state]).toEqual(['pushed', 'pushed']);
  });

  test.each(cases)('a pull request is opened once: call %i %s', async (call, how) => {
    await rolledBack('shop', PULL);
    await rolledBack('bank', PULL);
    await killedAt(call, how);
    const branch = `holdfast/revert-${bad.slice(0, 7)}`;
    expect(repository.log(branch)).toHaveLength(4);
    expect([forge.pulls.all.length, repository.branches.get('main')]).toEqual([1, bad]);
    expect([report('shop')?.state, report('bank')?.state]).toEqual(['proposed', 'proposed']);
  });
});

describe('a forge', () => {
  test.each<[string, number, string]>([
    ['that does not know the token', 401, 'the token is not accepted'],
    ['that does not allow it', 403, 'the token may not read and open pull requests'],
    ['without the repository', 404, 'there is no such repository, or the token may not see it'],
  ])('%s is told of before anything is pushed, and asked seldom', async (_name, code, message) => {
    forge.trouble = () => ({ status: code, headers: {}, body: '' });
    await rolledBack('shop', PULL);
    await start();
    await clock.advance(61 * MINUTE_MS);
    expect(report()).toMatchObject({ state: 'pending', message });
    expect([repository.pushes, forge.calls]).toEqual([0, 7]);
  });

  test('that asks to be left alone is left alone', async () => {
    forge.trouble = () => ({ status: 429, headers: { 'retry-after': '1800' }, body: '' });
    await rolledBack('shop', PULL);
    await start();
    await clock.advance(29 * MINUTE_MS);
    expect(forge.calls).toBe(1);
  });

  test('that nobody has a token for is told of before anything is pushed', async () => {
    noToken = 'there is no token for the forge';
    await rolledBack('shop', PULL);
    await start();
    expect([report()?.message, repository.pushes]).toEqual([noToken, 0]);
  });

  test('whose answer was lost has one pull request', async () => {
    const real = forge.pulls;
    let isLost = true;
    forge.trouble = (path) => {
      if (!isLost || real.all.length > 0 || !repository.branches.has(`holdfast/revert-${bad.slice(0, 7)}`)) return undefined;
      isLost = false;
      real.answer(
        new URL(`https://x${path}`),
        'POST',
        JSON.stringify({ head: `holdfast/revert-${bad.slice(0, 7)}`, base: 'main', title: 'x' }),
      );
      return 'cut';
    };
    await rolledBack('shop', PULL);
    await start();
    expect(report()).toMatchObject({ state: 'pending', message: 'the connection was cut' });
    await clock.advance(MINUTE_MS);
    expect([report()?.state, real.all.length]).toEqual(['proposed', 1]);
  });
});
