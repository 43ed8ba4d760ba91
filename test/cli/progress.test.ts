// What is going on, derived from the store alone.
import { describe, expect, test } from 'vitest';
import { progressLines } from '../../src/cli/progress.ts';
import { timeOfDayIn } from '../../src/cli/times.ts';
import type { ApplicationStatus, Condition, JobSpec, Stored } from '../../src/model/resource.ts';
import { APPLICATION_ANNOTATION } from '../../src/model/resource.ts';
import { anApplication, anAttempt, annsCommit, aRecord, bobsCommit } from '../support/applications.ts';
import { aCondition, aDeployment, aPod } from '../support/builders.ts';
import { fakeParts, put } from '../support/fake-parts.ts';

const annotations = { [APPLICATION_ANNOTATION]: 'shop' };

async function linesOf(status: ApplicationStatus, objects: readonly Stored[] = []): Promise<string[]> {
  const { store } = fakeParts();
  await put(store, anApplication(status), ...objects);
  return progressLines('shop', store, timeOfDayIn('UTC')).map((line) => `${line.mark}: ${line.text}`);
}

const fetched = 'done: fetched 1a2b3c4 "Three replicas" by Ann Lee';

describe('a commit on its way', () => {
  test.each<readonly [string, ApplicationStatus, readonly string[]]>([
    ['nothing known yet', {}, []],
    ['fetched', { attempt: anAttempt('fetched') }, [fetched, 'busy: reading the manifests']],
    ['validated', { attempt: anAttempt('validated') }, [fetched, 'done: manifests are valid', 'busy: planning']],
    [
      'preflighting',
      { attempt: anAttempt('preflighting') },
      [fetched, 'done: manifests are valid', 'busy: pulling images and checking references, until 12:00:05'],
    ],
    [
      'pulling',
      { attempt: anAttempt('preflighting', { waitingFor: ['image busybox:1.36: pulling', 'image redis:7: pulling'] }) },
      [
        fetched,
        'done: manifests are valid',
        'busy: waiting for image busybox:1.36: pulling, until 12:00:05',
        'busy: waiting for image redis:7: pulling, until 12:00:05',
      ],
    ],
    [
      'applying',
      { attempt: anAttempt('applying', { actions: 2 }) },
      [fetched, 'done: manifests are valid', 'done: images and references are there', 'busy: applying, 2 changes so far'],
    ],
    [
      'verifying',
      { attempt: anAttempt('verifying', { actions: 1, waitingFor: ['deployment/web: 1 of 3 ready'] }) },
      [
        fetched,
        'done: manifests are valid',
        'done: images and references are there',
        'done: applied 1 change',
        'busy: waiting for deployment/web: 1 of 3 ready, until 12:00:05',
      ],
    ],
    [
      'pruning',
      { attempt: anAttempt('pruning', { actions: 4 }) },
      [
        fetched,
        'done: manifests are valid',
        'done: images and references are there',
        'done: applied 4 changes',
        'busy: deleting what the commit no longer has',
      ],
    ],
    [
      'rolling back',
      {
        attempt: anAttempt('rolling-back', {
          cause: 'deployment/web: ImagePullBackOff',
          waitingFor: ['deployment/web: 2 of 3 ready'],
        }),
      },
      [
        fetched,
        'trouble: rolling back 1a2b3c4 because deployment/web: ImagePullBackOff',
        'busy: waiting for deployment/web: 2 of 3 ready, until 12:00:05',
      ],
    ],
    [
      'uncommitted files',
      { attempt: anAttempt('fetched', { commit: { ...annsCommit, id: 'worktree-1234' } }) },
      ['done: fetched uncommitted files', 'busy: reading the manifests'],
    ],
    [
      'a subject that would steer the terminal',
      { attempt: anAttempt('fetched', { commit: { ...annsCommit, subject: 'a\u001b[2Jb\r\n' } }) },
      ['done: fetched 1a2b3c4 "a [2Jb" by Ann Lee', 'busy: reading the manifests'],
    ],
  ])('%s', async (_name, status, expected) => {
    expect(await linesOf(status)).toEqual(expected);
  });
});

describe('at rest', () => {
  test.each<readonly [string, ApplicationStatus, readonly string[]]>([
    [
      'live',
      { lastGood: annsCommit, health: 'Healthy', history: [aRecord('live')] },
      [
        'good-news: live 1a2b3c4 "Three replicas" by Ann Lee: 3 changes in 12s',
        'done: 1a2b3c4 "Three replicas" by Ann Lee is live, healthy',
      ],
    ],
    [
      'rolled back',
      {
        lastGood: annsCommit,
        health: 'Healthy',
        history: [aRecord('rolled-back', { commit: bobsCommit, message: 'deployment/web was not healthy in 5m' })],
        quarantined: aRecord('rolled-back', { commit: bobsCommit }),
      },
      [
        'bad-news: rolled back 9f8e7d6 "Newer image" by Bob because deployment/web was not healthy in 5m',
        'done: 1a2b3c4 "Three replicas" by Ann Lee is live, healthy',
        'trouble: 9f8e7d6 is not tried again until the branch moves (rolled back)',
      ],
    ],
    [
      'refused, and nothing was ever live',
      { held: aRecord('invalid', { message: '2 problems' }), history: [aRecord('invalid', { message: '2 problems' })] },
      ['bad-news: refused 1a2b3c4 "Three replicas" by Ann Lee: 2 problems', 'trouble: 1a2b3c4 is not live (refused)'],
    ],
    [
      'the source is down',
      {
        lastGood: annsCommit,
        health: 'Healthy',
        source: { ready: false, reason: 'Unreachable', message: 'connection refused', since: '2026-01-01T11:00:00Z' },
      },
      [
        'trouble: cannot read the repository since 11:00:00: connection refused (Unreachable); what runs goes on, it is tried again',
        'done: 1a2b3c4 "Three replicas" by Ann Lee is live, healthy',
      ],
    ],
    [
      'the forge does not take statuses',
      {
        lastGood: annsCommit,
        health: 'Healthy',
        commitStatuses: { from: '', told: [], failing: { since: '2026-01-01T11:00:00Z', message: 'the token is not accepted' } },
      },
      [
        'trouble: cannot tell the forge of commits since 11:00:00: the token is not accepted',
        'done: 1a2b3c4 "Three replicas" by Ann Lee is live, healthy',
      ],
    ],
  ])('%s', async (_name, status, expected) => {
    expect(await linesOf(status)).toEqual(expected);
  });

  test('history is told oldest first', async () => {
    const history = [
      aRecord('live', { commit: bobsCommit, startedAt: '2026-01-01T00:10:00Z', finishedAt: '2026-01-01T00:10:03Z' }),
      aRecord('live'),
    ];
    expect((await linesOf({ history })).map((line) => line.slice(0, 23))).toEqual([
      'good-news: live 1a2b3c4',
      'good-news: live 9f8e7d6',
    ]);
  });

  test('what is not ready is listed, of this application only', async () => {
    const web = aDeployment({ name: 'web', namespace: 'shop', annotations, replicas: 3, status: { readyReplicas: 2 } });
    const api = aDeployment({ name: 'api', namespace: 'shop', annotations, replicas: 1, status: { readyReplicas: 1 } });
    const still = aDeployment({ name: 'still', namespace: 'shop', annotations, spec: { paused: true }, replicas: 1 });
    const other = aDeployment({ name: 'other', annotations: {}, replicas: 1 });
    expect(await linesOf({ lastGood: annsCommit, health: 'Progressing' }, [web, api, still, other])).toEqual([
      'busy: 1a2b3c4 "Three replicas" by Ann Lee is live, progressing',
      'busy: deployment/still in shop: paused, 0 of 1 ready',
      'busy: deployment/web in shop: 2 of 3 ready',
    ]);
  });

  test('a Job is listed until it has ended well, by what has succeeded', async () => {
    const { template } = aDeployment().spec;
    const job = (name: string, spec: Partial<JobSpec>, ended?: Condition): Stored => ({
      ...aDeployment({ name, namespace: 'shop', annotations }),
      apiVersion: 'batch/v1',
      kind: 'Job',
      spec: { template, completions: 5, ...spec },
      status: { succeeded: 1, ...(ended === undefined ? {} : { conditions: [ended] }) },
    });
    const jobs = [
      job('early', {}, aCondition('Complete', 'True', 'SuccessPolicy')),
      job('later', { suspend: true }),
      job('lost', {}, aCondition('Failed', 'True', 'BackoffLimitExceeded')),
    ];
    expect(await linesOf({ lastGood: annsCommit, health: 'Degraded' }, jobs)).toEqual([
      'trouble: 1a2b3c4 "Three replicas" by Ann Lee is live, degraded',
      'busy: job/later in shop: suspended, 1 of 5 succeeded',
      'busy: job/lost in shop: 1 of 5 succeeded',
    ]);
  });
});

describe('pods in trouble', () => {
  const crashing = (name: string, restartCount: number): Stored =>
    aPod({
      name,
      annotations,
      status: {
        containerStatuses: [
          {
            name: 'main',
            ready: false,
            restartCount,
            image: 'busybox:1.36',
            state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 20s' } },
          },
        ],
      },
    });

  test('are named with their container and reason while pods are being started', async () => {
    const lines = await linesOf({ attempt: anAttempt('verifying') }, [crashing('web-1', 2)]);
    expect(lines.at(-1)).toBe('trouble: pod/web-1, container main: CrashLoopBackOff (2 restarts): back-off 20s');
  });

  test('are told once: not beside a wait that names them', async () => {
    const waitingFor = ['deployment/web: pod web-1, container main: CrashLoopBackOff'];
    const lines = await linesOf({ attempt: anAttempt('verifying', { waitingFor }) }, [crashing('web-1', 2)]);
    expect(lines.filter((line) => line.includes('web-1'))).toEqual([
      'busy: waiting for deployment/web: pod web-1, container main: CrashLoopBackOff, until 12:00:05',
    ]);
  });

  test('beyond five are counted', async () => {
    const lines = await linesOf(
      { attempt: anAttempt('verifying') },
      Array.from({ length: 8 }, (_value, index) => crashing(`web-${index}`, 0)),
    );
    expect(lines.at(-1)).toBe('trouble: and 3 more pods');
    expect(lines.filter((line) => line.includes('CrashLoopBackOff'))).toHaveLength(5);
  });

  test('a container that is merely being made is no trouble', async () => {
    const pod = aPod({
      name: 'web-1',
      annotations,
      status: {
        containerStatuses: [
          {
            name: 'main',
            ready: false,
            restartCount: 0,
            image: 'busybox:1.36',
            state: { waiting: { reason: 'ContainerCreating' } },
          },
        ],
      },
    });
    expect((await linesOf({ attempt: anAttempt('verifying') }, [pod])).at(-1)).toBe(
      'busy: waiting until everything is healthy, until 12:00:05',
    );
  });
});
