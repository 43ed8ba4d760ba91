// When a CronJob starts a Job, and what becomes of its Jobs.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CronJobObserved, planCronJob } from '../../../src/controllers/cronjob/plan.ts';
import type { CronJobSpec, CronJobStatus, StoredOf } from '../../../src/model/resource.ts';
import { controllerReference, RECOVERED_ANNOTATION } from '../../../src/model/resource.ts';
import { timetableOf } from '../../../src/model/schedule/cron-job.ts';
import { nextTime } from '../../../src/model/schedule/next.ts';
import { fromRfc3339, toRfc3339 } from '../../../src/model/time.ts';
import { aScheduleText } from '../../model/schedule/schedule-text.ts';
import { aCondition, aTemplate, START_MS } from '../../support/builders.ts';
import { aJob, deeds } from '../job/jobs.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const template = aTemplate({ labels: { app: 'backup' }, spec: { restartPolicy: 'Never' } });

/** A CronJob `backup` at every full hour, made at START_MS. */
function aCronJob(spec: Partial<CronJobSpec> = {}, status?: CronJobStatus): StoredOf<'CronJob'> {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: {
      name: 'backup',
      namespace: 'default',
      uid: 'uid-cron',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: toRfc3339(START_MS),
      annotations: { 'holdfast.dev/application': 'shop' },
    },
    spec: {
      schedule: '0 * * * *',
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: { template } },
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

const nameAt = (atMs: number): string => `backup-${atMs / MINUTE}`;
const end = { good: 'Complete', bad: 'Failed' } as const;

/** A Job of the CronJob for a time, perhaps ended a minute later. */
function jobOf(cronJob: StoredOf<'CronJob'>, atMs: number, ended?: 'good' | 'bad'): StoredOf<'Job'> {
  const finishedAt = toRfc3339(atMs + MINUTE);
  const conditions = ended === undefined ? [] : [aCondition(end[ended], 'True', 'Test', atMs + MINUTE)];
  const job = aJob(
    {},
    {
      meta: {
        name: nameAt(atMs),
        uid: `uid-${atMs}`,
        annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': toRfc3339(atMs) },
      },
      status: { startTime: toRfc3339(atMs), conditions, ...(ended === 'good' ? { completionTime: finishedAt } : {}) },
    },
  );
  return { ...job, metadata: { ...job.metadata, ownerReferences: [controllerReference(cronJob)] } };
}

function plan(
  cronJob: StoredOf<'CronJob'>,
  now: number,
  owned: readonly StoredOf<'Job'>[] = [],
  options: Partial<CronJobObserved> = {},
) {
  const takenNames = new Set(owned.map(({ metadata }) => metadata.name));
  return planCronJob(cronJob, { owned, recovered: [], takenNames, told: new Set(), ...options }, now);
}
const whole = (made: ReturnType<typeof plan>): string[] =>
  made.actions.map((action) =>
    action.type === 'create' ? `create ${action.resource.metadata.name}` : (deeds({ actions: [action] })[0] ?? ''),
  );

describe('a start', () => {
  test('waits for its time', () => {
    expect(plan(aCronJob(), START_MS + 20 * MINUTE)).toEqual({ actions: [], status: {}, checkAgainAfterMs: 40 * MINUTE });
  });

  test('makes the Job of that time, and says so in the same breath', () => {
    const at = START_MS + HOUR;
    const cronJob = aCronJob({ jobTemplate: { metadata: { labels: { own: 'label' } }, spec: { template } } });
    const made = plan(cronJob, at + 250);
    expect(made.actions).toEqual([
      {
        type: 'create',
        reason: 'SuccessfulCreate',
        message: `Created job ${nameAt(at)}`,
        resource: {
          apiVersion: 'batch/v1',
          kind: 'Job',
          metadata: {
            name: nameAt(at),
            namespace: 'default',
            labels: { own: 'label' },
            annotations: {
              'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T01:00:00Z',
              'holdfast.dev/application': 'shop',
            },
            ownerReferences: [controllerReference(cronJob)],
          },
          spec: {
            template,
            completions: 1,
            parallelism: 1,
            backoffLimit: 6,
            completionMode: 'NonIndexed',
            suspend: false,
            podReplacementPolicy: 'TerminatingOrFailed',
          },
        },
      },
    ]);
    expect(made).toMatchObject({ status: { lastScheduleTime: toRfc3339(at) }, checkAgainAfterMs: HOUR - 250 });
  });

  test('has the time of its zone', () => {
    const made = plan(aCronJob({ timeZone: 'Asia/Kathmandu', schedule: '0 9 * * *' }), START_MS + 4 * HOUR);
    expect(made.actions[0]).toMatchObject({
      resource: { metadata: { annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T09:00:00+05:45' } } },
    });
  });

  test('is not made twice: not after it was told, not when the Job is there, not for a Job of somebody else', () => {
    const at = START_MS + HOUR;
    expect(plan(aCronJob({}, { lastScheduleTime: toRfc3339(at) }), at + 1000).actions).toEqual([]);
    const cronJob = aCronJob();
    expect(plan(cronJob, at, [jobOf(cronJob, at)])).toMatchObject({ actions: [], status: { lastScheduleTime: toRfc3339(at) } });
    const made = plan(cronJob, at, [], { takenNames: new Set([nameAt(at)]) });
    expect(whole(made)).toEqual(['report FailedCreate']);
    expect(made.status).toEqual({});
  });

  test.each<[string, Partial<CronJobSpec>]>([
    ['suspended', { suspend: true }],
    ['never', { schedule: '0 0 31 2 *' }],
  ])('does not come: %s', (_what, spec) => {
    expect(plan(aCronJob(spec), START_MS + 100 * HOUR)).toEqual({ actions: [], status: {} });
  });

  test('does not come when its zone is not known here, and that is said once', () => {
    const made = plan(aCronJob({ timeZone: 'Mars/Base' }), START_MS + HOUR);
    expect(made.actions).toMatchObject([{ type: 'report', severity: 'Warning', reason: 'UnknownTimeZone' }]);
    const told = new Set(made.actions.map(({ message }) => message));
    expect(plan(aCronJob({ timeZone: 'Mars/Base' }), START_MS + HOUR, [], { told }).actions).toEqual([]);
  });
});

describe('after a stop of the controller', () => {
  test('of the times that were missed only the latest is met', () => {
    expect(whole(plan(aCronJob(), START_MS + 5.5 * HOUR))).toEqual([`create ${nameAt(START_MS + 5 * HOUR)}`]);
  });

  test('of more than a hundred too, with a warning', () => {
    const made = plan(aCronJob({ schedule: '* * * * *' }), START_MS + 365 * 24 * HOUR + 30_000);
    expect(whole(made)).toEqual(['report TooManyMissedTimes', `create ${nameAt(START_MS + 365 * 24 * HOUR)}`]);
  });

  test('of times that are not evenly spaced', () => {
    const friday = Date.UTC(2026, 0, 2, 23, 59);
    const cronJob = aCronJob({ schedule: '* * * * 1-5' }, { lastScheduleTime: toRfc3339(friday - MINUTE) });
    const sunday = Date.UTC(2026, 0, 11, 12);
    expect(whole(plan(cronJob, sunday))).toEqual([`create ${nameAt(Date.UTC(2026, 0, 9, 23, 59))}`]);
  });

  test('what is past the starting deadline is left out, and that is said once', () => {
    const cronJob = aCronJob({ startingDeadlineSeconds: 600 });
    expect(whole(plan(cronJob, START_MS + HOUR + 500_000))).toEqual([`create ${nameAt(START_MS + HOUR)}`]);
    const made = plan(cronJob, START_MS + HOUR + 700_000);
    expect(made.actions).toEqual([
      {
        type: 'report',
        severity: 'Warning',
        reason: 'MissSchedule',
        message: 'Missed scheduled time to start a job: 2026-01-01T01:00:00Z',
      },
    ]);
    const told = new Set(made.actions.map(({ message }) => message));
    expect(plan(cronJob, START_MS + HOUR + 800_000, [], { told }).actions).toEqual([]);
  });
});

describe('while a Job runs', () => {
  const at = START_MS + HOUR;
  const [first, second] = [nameAt(at), nameAt(at + HOUR)];
  test.each<[NonNullable<CronJobSpec['concurrencyPolicy']>, string[]]>([
    ['Allow', [`create ${second}`]],
    ['Forbid', ['report JobAlreadyActive']],
    ['Replace', [`delete ${first}`, `create ${second}`]],
  ])('%s', (concurrencyPolicy, expected) => {
    const cronJob = aCronJob({ concurrencyPolicy }, { lastScheduleTime: toRfc3339(at) });
    const made = plan(cronJob, at + HOUR, [jobOf(cronJob, at)]);
    expect(whole(made)).toEqual(expected);
    const met = concurrencyPolicy === 'Forbid' ? at : at + HOUR;
    expect(made.status).toEqual({
      active: [{ apiVersion: 'batch/v1', kind: 'Job', namespace: 'default', name: first, uid: `uid-${at}` }],
      lastScheduleTime: toRfc3339(met),
    });
  });

  test('Forbid starts what it put off when the Job has ended', () => {
    const cronJob = aCronJob({ concurrencyPolicy: 'Forbid' }, { lastScheduleTime: toRfc3339(at) });
    expect(whole(plan(cronJob, at + 1.2 * HOUR, [jobOf(cronJob, at, 'good')]))).toEqual([`create ${second}`]);
  });
});

describe('Jobs that have ended', () => {
  test('are kept up to the limits, the oldest go', () => {
    const last = START_MS + 9 * HOUR;
    const cronJob = aCronJob({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 }, { lastScheduleTime: toRfc3339(last) });
    const jobs = [
      jobOf(cronJob, START_MS + HOUR, 'good'),
      jobOf(cronJob, START_MS + 2 * HOUR, 'bad'),
      jobOf(cronJob, START_MS + 3 * HOUR, 'good'),
      jobOf(cronJob, START_MS + 4 * HOUR),
    ];
    const made = plan(cronJob, last + MINUTE, jobs);
    expect(whole(made)).toEqual([`delete ${nameAt(START_MS + HOUR)}`, `delete ${nameAt(START_MS + 2 * HOUR)}`]);
    expect(made.status).toMatchObject({
      lastSuccessfulTime: toRfc3339(START_MS + 3 * HOUR + MINUTE),
      active: [{ uid: `uid-${START_MS + 4 * HOUR}` }],
    });
  });

  test('are told of once, and so are those that are gone', () => {
    const at = START_MS + HOUR;
    const [done, gone] = [START_MS, START_MS + HOUR].map((time) => ({ kind: 'Job', name: nameAt(time), uid: `uid-${time}` }));
    const cronJob = aCronJob({}, { lastScheduleTime: toRfc3339(at), active: [done!, gone!] });
    const made = plan(cronJob, at + MINUTE, [jobOf(cronJob, START_MS, 'bad')]);
    expect(made.actions.map(({ reason, message }) => [reason, message])).toEqual([
      ['SawCompletedJob', `Saw completed job: ${nameAt(START_MS)}, condition: Failed`],
      ['MissingJob', `Active job went missing: ${nameAt(at)}`],
    ]);
    expect(made.status?.active).toBeUndefined();
  });
});

test('Jobs from before the store was lost are its own again, and their times are met', () => {
  const at = START_MS + 2 * HOUR;
  const { ownerReferences: _lost, ...metadata } = jobOf(aCronJob(), at).metadata;
  const recovered = {
    ...jobOf(aCronJob(), at),
    metadata: { ...metadata, annotations: { ...metadata.annotations, [RECOVERED_ANNOTATION]: 'true' } },
  };
  const made = plan(aCronJob(), at + MINUTE, [], { recovered: [recovered] });
  expect(made.actions).toMatchObject([
    { type: 'update', reason: 'Adopted', resource: { metadata: { ownerReferences: [controllerReference(aCronJob())] } } },
  ]);
  expect(made).toMatchObject({ status: { lastScheduleTime: toRfc3339(at) }, checkAgainAfterMs: 0 });
});

test('never two starts for one time, never one outside of the schedule, none left out while it looks in time', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
  const spring = Date.UTC(2026, 2, 28);
  const steps = fc.array(fc.integer({ min: 1, max: 5 * HOUR }), { minLength: 5, maxLength: 30 });
  fc.assert(
    fc.property(aScheduleText, fc.constantFrom(...zones), steps, (schedule, timeZone, waits) => {
      let cronJob = aCronJob({ schedule, timeZone });
      cronJob = { ...cronJob, metadata: { ...cronJob.metadata, creationTimestamp: toRfc3339(spring) } };
      const timetable = timetableOf(cronJob);
      if (!timetable.ok) throw new Error(timetable.message);
      const started: number[] = [];
      let now = spring;
      for (const wait of waits) {
        now += wait;
        const made = plan(cronJob, now);
        const creations = made.actions.filter(({ type }) => type === 'create');
        expect(creations.length).toBeLessThanOrEqual(1);
        if (creations.length > 0) started.push(fromRfc3339(made.status?.lastScheduleTime ?? ''));
        // The same once more, as after a kill: nothing.
        cronJob = { ...cronJob, status: made.status ?? {} };
        expect(plan(cronJob, now).actions).toEqual([]);
      }
      expect(new Set(started).size).toBe(started.length);
      let from = spring;
      for (const at of started) {
        expect(at).toBeLessThanOrEqual(now);
        let next = nextTime(timetable.schedule, timetable.zone, from);
        while (next !== undefined && next < at) next = nextTime(timetable.schedule, timetable.zone, next);
        expect(next).toBe(at);
        from = at;
      }
    }),
    { numRuns: 150 },
  );
});
