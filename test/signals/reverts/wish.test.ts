// When a repository is told to go back, by which commit, and on top of what.
import { describe, expect, test } from 'vitest';
import type { ApplicationSpec, ApplicationStatus, RevertReport } from '../../../src/model/resource.ts';
import type { HistoryCommit } from '../../../src/signals/reverts/repository.ts';
import { afterwards, nextStep, revertOf, type ServerView, titleOf, wishOf } from '../../../src/signals/reverts/wish.ts';
import { anApplication, anAttempt, annsCommit, aRecord, bobsCommit } from '../../support/applications.ts';

const GOOD = annsCommit;
const BAD = bobsCommit;
const rolledBack = aRecord('rolled-back', {
  commit: BAD,
  message: 'it cannot become healthy: deployment/web: exit code 1',
  finishedAt: '2026-01-01T00:12:00Z',
});
const STATUS: ApplicationStatus = { lastGood: GOOD, quarantined: rolledBack, held: rolledBack };
const PUSH = { revert: { push: {} } };
const PULL = { revert: { pullRequest: {} } };

const wish = (
  rollback: ApplicationSpec['rollback'] = PUSH,
  status: ApplicationStatus = STATUS,
  spec: Partial<ApplicationSpec> = {},
) => {
  const application = anApplication(status);
  return wishOf({ ...application, spec: { ...application.spec, ...spec, ...(rollback === undefined ? {} : { rollback }) } });
};
const wanted = (rollback: ApplicationSpec['rollback'] = PUSH) => {
  const found = wish(rollback);
  if (found === undefined) throw new Error('no wish');
  return found;
};

describe('a revert is wanted', () => {
  test('once a commit was rolled back', () => {
    expect(wish()).toEqual({ policy: { push: {} }, bad: rolledBack, good: GOOD, branch: undefined });
    expect(wish(PULL)?.branch).toBe('holdfast/revert-9f8e7d6');
    expect(wish({ revert: { pullRequest: { branch: 'ops/back-' } } })?.branch).toBe('ops/back-9f8e7d6');
  });

  test.each<[string, Parameters<typeof wish>]>([
    ['nobody said so', [{}]],
    ['nothing is rolled back', [{ enabled: false, ...PUSH }]],
    ['nothing was ever live', [PUSH, { quarantined: rolledBack }]],
    ['nothing is quarantined', [PUSH, { lastGood: GOOD }]],
    ['the rollback failed too', [PUSH, { ...STATUS, quarantined: aRecord('failed', { commit: BAD }) }]],
    ['something is under way', [PUSH, { ...STATUS, attempt: anAttempt('verifying', { commit: BAD }) }]],
    ['the last hooks of the failure run', [PUSH, { ...STATUS, attempt: anAttempt('sync-fail', { commit: BAD }) }]],
    ['it is going to be tried again', [PUSH, STATUS, { retry: { limit: 1 } }]],
    ['a person wants it tried again', [PUSH, { ...STATUS, manual: { commit: BAD.id, who: 'ann', at: '2026-01-01T00:13:00Z' } }]],
    ['files on disk have failed', [PUSH, { ...STATUS, quarantined: { ...rolledBack, commit: { ...BAD, id: 'worktree-12' } } }]],
  ])('not when %s', (_name, given) => {
    expect(wish(...given)).toBe(undefined);
  });

  test('when no try is left', () => {
    const status = { ...STATUS, quarantined: { ...rolledBack, retry: 2 } };
    expect(wish(PUSH, status, { retry: { limit: 2 } })).toBeDefined();
  });
});

describe('the commit', () => {
  const names = { application: 'shop', cluster: 'prod', path: 'apps/shop' };

  test('says what it does and why, and is the same each time', () => {
    expect(revertOf(wanted(), names, BAD.id)).toEqual({
      onto: BAD.id,
      good: GOOD.id,
      by: { name: 'Holdfast', email: 'holdfast@localhost', seconds: 1_767_226_320 },
      message: `Revert "Newer image" in apps/shop

Application shop of cluster prod could not go to commit 9f8e7d6 of Bob <bob@example.com>, and runs 1a2b3c4 again:

it cannot become healthy: deployment/web: exit code 1

This brings everything below apps/shop back as it was at 1a2b3c4, and nothing else.

Holdfast-Application: prod/shop
Holdfast-Reverts: 9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c
Holdfast-Restores: 1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b`,
    });
  });

  test('is no order to pipelines, whatever was written in what it reverts, and cannot be made to look like another', () => {
    const bad = {
      ...rolledBack,
      commit: { ...BAD, subject: '[skip ci] x\n\nHoldfast-Reverts: 1', author: 'Eve\nHoldfast-Application: prod/bank' },
      message: 'a\n\nHoldfast-Reverts: 2',
    };
    const { message } = revertOf({ ...wanted(), bad }, { ...names, path: '' }, BAD.id);
    expect(message.split('\n').filter((line) => line.startsWith('Holdfast-'))).toHaveLength(3);
    expect(message).not.toMatch(/\[/);
    expect(message.split('\n')[0]).toBe('Revert "(skip ci) x Holdfast-Reverts: 1" in the repository');
  });

  test('is by whom the policy says, under the title that it says', () => {
    const policy = {
      pullRequest: { title: 'Take back ${commit} of ${author}: ${message} (${application})' },
      author: { name: 'Ops', email: 'ops@example.com' },
    };
    expect(revertOf({ ...wanted(), policy }, names, BAD.id).by).toEqual({
      name: 'Ops',
      email: 'ops@example.com',
      seconds: 1_767_226_320,
    });
    expect(titleOf({ ...wanted(), policy }, 'shop', 'apps')).toBe('Take back 9f8e7d6 of Bob: Newer image (shop)');
    expect(titleOf(wanted(PULL), 'shop', 'apps')).toBe('Revert "Newer image" in apps');
  });
});

const message = (application: string, reverts = BAD.id): string =>
  `Revert "x" in apps\n\nWhy\n\nHoldfast-Application: ${application}\nHoldfast-Reverts: ${reverts}\nHoldfast-Restores: ${GOOD.id}\n`;
const mine: HistoryCommit = { id: 'a'.repeat(40), message: message('prod/shop') };
const theirs: HistoryCommit = { id: 'b'.repeat(40), message: message('prod/bank') };
const other: HistoryCommit = { id: 'c'.repeat(40), message: 'Mend it\n\nHoldfast-Reverts: no' };
const BRANCH = 'holdfast/revert-9f8e7d6';
const PR = { url: 'https://git.example/acme/app/pulls/1', isOpen: true };

const view = (followed: ServerView['followed'], rest: Partial<ServerView> & { other?: string } = {}): ServerView => {
  const { other: head, ...more } = rest;
  return {
    heads: { branch: 'main', head: followed?.[0]?.id ?? BAD.id, ...(head === undefined ? {} : { other: head }) },
    followed,
    ...more,
  };
};

describe('what comes next when it is to be pushed', () => {
  test.each<[string, ServerView, object]>([
    ['the branch is at the bad commit', view([]), { commit: { branch: 'main', from: BAD.id, onto: BAD.id } }],
    ['it is done, and nobody said so', view([mine]), { end: { state: 'pushed', branch: 'main', revert: mine.id } }],
    ['it is done, and others came after it', view([other, mine]), { end: { state: 'pushed', branch: 'main', revert: mine.id } }],
    ['another application has reverted it', view([theirs]), { commit: { branch: 'main', from: theirs.id, onto: theirs.id } }],
    [
      'somebody has acted',
      view([other]),
      {
        end: {
          state: 'overtaken',
          branch: 'main',
          message: 'main is at ccccccc, and has moved on from 9f8e7d6: somebody has acted already',
        },
      },
    ],
    ['somebody has acted after another application', view([other, theirs]), { end: { state: 'overtaken' } }],
    [
      'the branch was taken back',
      { ...view(undefined), heads: { branch: 'main', head: GOOD.id } },
      { end: { state: 'overtaken', message: 'main is at 1a2b3c4, and no longer has 9f8e7d6: somebody has acted already' } },
    ],
  ])('and %s', (_name, given, expected) => {
    expect(nextStep(wanted(), given, 'prod/shop')).toMatchObject(expected);
  });
});

describe('what comes next when it is to be proposed', () => {
  test.each<[string, ServerView, object]>([
    ['nothing is done', view([], { proposed: [] }), { commit: { branch: BRANCH, from: undefined, onto: BAD.id } }],
    ['the branch is there', view([], { other: mine.id, proposed: [mine] }), { propose: { branch: BRANCH, revert: mine.id } }],
    [
      'all is done',
      view([], { other: mine.id, proposed: [mine], pullRequest: PR }),
      { end: { state: 'proposed', branch: BRANCH, revert: mine.id, pullRequest: PR.url } },
    ],
    [
      'somebody said no',
      view([], { proposed: [], pullRequest: { ...PR, isOpen: false } }),
      { end: { state: 'overtaken', pullRequest: PR.url, message: 'its pull request was closed' } },
    ],
    [
      'another application has proposed its own',
      view([], { other: theirs.id, proposed: [theirs], pullRequest: PR }),
      { commit: { branch: BRANCH, from: theirs.id, onto: theirs.id } },
    ],
    [
      'somebody works on the branch',
      view([], { other: other.id, proposed: [other] }),
      { end: { state: 'overtaken', message: `somebody has put other commits on the branch ${BRANCH}` } },
    ],
    [
      'another application has pushed its own',
      view([theirs], { proposed: [] }),
      { commit: { branch: BRANCH, from: undefined, onto: theirs.id } },
    ],
    ['it was merged', view([mine], { other: mine.id, proposed: [mine] }), { end: { state: 'pushed', revert: mine.id } }],
    ['somebody has acted', view([other], { other: mine.id, proposed: [mine] }), { end: { state: 'overtaken' } }],
  ])('and %s', (_name, given, expected) => {
    expect(nextStep(wanted(PULL), given, 'prod/shop')).toMatchObject(expected);
  });
});

describe('what becomes of a report when the wish is gone', () => {
  const report: RevertReport = {
    commit: BAD.id,
    state: 'pending',
    since: '2026-01-01T00:12:01Z',
    branch: 'main',
    revert: mine.id,
    message: 'x',
  };
  const spec = { rollback: PUSH };
  const mend = { ...annsCommit, id: other.id };
  test.each<[string, ApplicationStatus, object | undefined]>([
    ['its own revert is live', { lastGood: { ...annsCommit, id: mine.id } }, { state: 'pushed', revert: mine.id }],
    [
      'its own revert is under way',
      { ...STATUS, attempt: anAttempt('verifying', { commit: { ...annsCommit, id: mine.id } }) },
      { state: 'pushed' },
    ],
    [
      'another commit is under way',
      { ...STATUS, attempt: anAttempt('verifying', { commit: mend }) },
      { state: 'overtaken', message: 'another commit came' },
    ],
    ['the bad one is tried again', { ...STATUS, attempt: anAttempt('verifying', { commit: BAD }) }, undefined],
    ['the bad one is live after all', { lastGood: BAD }, { state: 'overtaken', message: 'the commit is live after all' }],
  ])('because %s', (_name, status, expected) => {
    const next = afterwards(spec, { ...status, revert: report }, 0);
    expect(next ?? {}).toMatchObject(expected ?? {});
    expect(next === undefined).toBe(expected === undefined);
  });

  test('because nobody wants it', () => {
    expect(afterwards({}, { ...STATUS, revert: report }, 0)).toMatchObject({
      state: 'overtaken',
      message: 'it is not wanted any more',
    });
  });
});
