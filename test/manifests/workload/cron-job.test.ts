// The rules of CronJobs.
import { expect, test } from 'vitest';
import { faultsOf, headOf } from '../../support/workload-text.ts';

const cronJob = (rest: string, name = 'x', pod = '          restartPolicy: Never\n', spec = ''): string =>
  `${headOf('CronJob', 'batch/v1', name)}spec:\n${rest}  jobTemplate:\n    spec:\n${spec}      template:\n        spec:\n${pod}          containers: [{name: c, image: "i:1"}]\n`;
const daily = '  schedule: "@daily"\n';

test.each<[string, string, string[]]>([
  [
    'a name without room for the time',
    cronJob(daily, 'a'.repeat(53)),
    [
      'error Invalid a.yaml:3:12 metadata.name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 52 characters',
    ],
  ],
  ['no schedule', cronJob(''), ['error Required a.yaml:4:1 spec.schedule: Required value']],
  ['an empty schedule', cronJob('  schedule: ""\n'), ['error Required a.yaml:5:3 spec.schedule: Required value']],
  [
    'a schedule that is none',
    cronJob('  schedule: "0 0 * * 7"\n'),
    ['error Invalid a.yaml:5:3 spec.schedule: Invalid value: "0 0 * * 7": end of range (7) above maximum (6): 7'],
  ],
  [
    'a time zone in the schedule',
    cronJob('  schedule: "TZ=UTC 0 0 * * *"\n'),
    [
      'error Invalid a.yaml:5:3 spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
  ],
  [
    'negative counts',
    cronJob(`${daily}  startingDeadlineSeconds: -1\n  successfulJobsHistoryLimit: -1\n  failedJobsHistoryLimit: -1\n`),
    [
      'error Invalid a.yaml:6:3 spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:7:3 spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:8:3 spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'an unknown policy',
    cronJob(`${daily}  concurrencyPolicy: Replaces\n`),
    ['error Invalid a.yaml:6:3 spec.concurrencyPolicy: "Replaces" is not one of Allow, Forbid, Replace. Did you mean "Replace"?'],
  ],
  [
    'a time zone that is none',
    cronJob(`${daily}  timeZone: Europe/Atlantis\n`),
    ['error Invalid a.yaml:6:3 spec.timeZone: Invalid value: "Europe/Atlantis": unknown time zone Europe/Atlantis'],
  ],
  [
    'a time zone in the wrong case',
    cronJob(`${daily}  timeZone: europe/berlin\n`),
    [
      'error Invalid a.yaml:6:3 spec.timeZone: Invalid value: "europe/berlin": unknown time zone europe/berlin. Did you mean "Europe/Berlin"?',
    ],
  ],
  [
    'an offset',
    cronJob(`${daily}  timeZone: "+01:00"\n`),
    ['error Invalid a.yaml:6:3 spec.timeZone: Invalid value: "+01:00": unknown time zone +01:00'],
  ],
  [
    'no time zone at all',
    cronJob(`${daily}  timeZone: ""\n`),
    ['error Invalid a.yaml:6:3 spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
  ],
  [
    'the time zone of the host',
    cronJob(`${daily}  timeZone: Local\n`),
    [
      'error Invalid a.yaml:6:3 spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    ],
  ],
  [
    'a way out of the zones',
    cronJob(`${daily}  timeZone: ../UTC\n`),
    ['error Invalid a.yaml:6:3 spec.timeZone: Invalid value: "../UTC": unknown time zone ../UTC'],
  ],
  ['zones that are', cronJob(`${daily}  timeZone: America/Argentina/Buenos_Aires\n`), []],
  ['an old name of a zone', cronJob(`${daily}  timeZone: US/Pacific\n`), []],
  ['a zone of an offset', cronJob(`${daily}  timeZone: Etc/GMT+5\n`), []],
  [
    'selectors of Jobs',
    cronJob(daily, 'x', undefined, '      selector: {matchLabels: {a: b}}\n      manualSelector: true\n'),
    [
      'error Invalid a.yaml:8:7 spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
      'error Invalid a.yaml:9:7 spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
    ],
  ],
  [
    'Jobs that never end',
    cronJob(daily, 'x', '', '      backoffLimit: -1\n'),
    [
      'error Invalid a.yaml:8:7 spec.jobTemplate.spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0',
      'error Required a.yaml:10:9 spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
  ],
])('%s', (_name, text, lines) => {
  expect(faultsOf(text)).toEqual(lines);
});
