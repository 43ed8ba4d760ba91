// The rules of Jobs.
import { expect, test } from 'vitest';
import { faultsOf, headOf, templateText } from '../../support/workload-text.ts';

const job = (rest: string, pod = '      restartPolicy: Never\n', labels = '{}', name = 'x'): string =>
  `${headOf('Job', 'batch/v1', name)}spec:\n${rest}${templateText(pod, labels)}`;
const indexed = '  completionMode: Indexed\n';

test.each<[string, string, string[]]>([
  [
    'negative counts',
    job('  parallelism: -1\n  completions: -1\n  activeDeadlineSeconds: -1\n  backoffLimit: -1\n  ttlSecondsAfterFinished: -1\n'),
    [
      'error Invalid a.yaml:5:3 spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:6:3 spec.completions: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:7:3 spec.activeDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:8:3 spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:9:3 spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'pods that never end',
    job('', ''),
    ['error Required a.yaml:7:5 spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ],
  [
    'pods that say to run for ever',
    job('', '      restartPolicy: Always\n'),
    ['error Required a.yaml:8:7 spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ],
  [
    'a restart policy that is none',
    job('', '      restartPolicy: Sometimes\n'),
    ['error Invalid a.yaml:8:7 spec.template.spec.restartPolicy: "Sometimes" is not one of Always, OnFailure, Never.'],
  ],
  [
    'a selector that would be made',
    job('  selector: {matchLabels: {app: x}}\n', undefined, '{app: x}'),
    ['error Invalid a.yaml:5:3 spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: `selector` not auto-generated'],
  ],
  ['the selector that is made', job('  selector: {matchLabels: {job-name: x}}\n'), []],
  [
    'a selector of its own',
    job('  manualSelector: true\n  selector: {matchLabels: {app: z}}\n', undefined, '{app: x}'),
    [
      'error Invalid a.yaml:8:16 spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'manualSelector without a selector',
    job('  manualSelector: true\n'),
    ['error Required a.yaml:4:1 spec.selector: Required value'],
  ],
  [
    'labels of another Job',
    job('', undefined, '{job-name: other, controller-uid: abc}'),
    [
      'error Invalid a.yaml:6:25 spec.template.metadata.labels.job-name: Invalid value: "other": must be \'x\'',
      'error Invalid a.yaml:6:42 spec.template.metadata.labels.controller-uid: Invalid value: "abc": must be the uid of the Job, which it gets when it is created: leave the label out',
    ],
  ],
  [
    'Indexed without completions',
    job(`${indexed}  parallelism: 2\n`),
    ['error Required a.yaml:4:1 spec.completions: Required value: when completion mode is Indexed'],
  ],
  [
    'a name that is too long with its index',
    job(`${indexed}  completions: 1000\n`, undefined, '{}', 'a'.repeat(60)),
    [
      'error Invalid a.yaml:3:12 metadata.name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": will not able to create pod with invalid DNS label: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-999',
    ],
  ],
  [
    'too many indexes at a time',
    job(`${indexed}  completions: 200000\n  parallelism: 100001\n`),
    [
      'error Invalid a.yaml:7:3 spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
    ],
  ],
  [
    'many completions with a limit per index',
    job(`${indexed}  completions: 100001\n  parallelism: 10001\n  backoffLimitPerIndex: 1\n`),
    [
      'error Required a.yaml:4:1 spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
      'error Invalid a.yaml:7:3 spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ],
  ],
  [
    'many completions and many failures',
    job(`${indexed}  completions: 100001\n  backoffLimitPerIndex: 1\n  maxFailedIndexes: 10001\n`),
    [
      'error Invalid a.yaml:8:3 spec.maxFailedIndexes: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ],
  ],
  [
    'more failed indexes than indexes',
    job(`${indexed}  completions: 2\n  backoffLimitPerIndex: 1\n  maxFailedIndexes: 3\n`),
    ['error Invalid a.yaml:8:3 spec.maxFailedIndexes: Invalid value: 3: must be less than or equal to completions'],
  ],
  [
    'failed indexes without a limit',
    job(`${indexed}  completions: 4\n  maxFailedIndexes: 3\n`),
    ['error Required a.yaml:4:1 spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified'],
  ],
  [
    'far too many failed indexes',
    job(`${indexed}  completions: 300000\n  maxFailedIndexes: 200000\n`),
    [
      'error Required a.yaml:4:1 spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'error Invalid a.yaml:7:3 spec.maxFailedIndexes: Invalid value: 200000: must be less than or equal to 100000',
    ],
  ],
  [
    'limits of an indexed Job without indexes',
    job('  backoffLimitPerIndex: 1\n  maxFailedIndexes: 1\n  successPolicy: {rules: [{succeededCount: 1}]}\n'),
    [
      'error Invalid a.yaml:5:3 spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
      'error Invalid a.yaml:6:3 spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
      'error Invalid a.yaml:7:3 spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: requires indexed completion mode',
    ],
  ],
  ['another controller', job('  managedBy: acme.io/jobs\n'), []],
  [
    'a controller without a domain',
    job('  managedBy: acme\n'),
    ['error Invalid a.yaml:5:3 spec.managedBy: Invalid value: "acme": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
  [
    'a controller with a long name',
    job(`  managedBy: a.io/${'b'.repeat(63)}\n`),
    ['error Invalid a.yaml:5:3 spec.managedBy: Too long: may not be more than 63 bytes'],
  ],
  [
    'unknown words',
    job('  completionMode: Index\n  podReplacementPolicy: Later\n'),
    [
      'error Invalid a.yaml:5:3 spec.completionMode: "Index" is not one of NonIndexed, Indexed.',
      'error Invalid a.yaml:6:3 spec.podReplacementPolicy: "Later" is not one of TerminatingOrFailed, Failed.',
    ],
  ],
  [
    'pods replaced early under a failure policy',
    job(
      '  podReplacementPolicy: TerminatingOrFailed\n  podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}\n',
    ),
    ['error Invalid a.yaml:5:3 spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
  ],
  [
    'restarts under a failure policy',
    job(
      '  podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}\n',
      '      restartPolicy: OnFailure\n',
    ),
    [
      'error Invalid a.yaml:9:7 spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
    ],
  ],
])('%s', (_name, text, lines) => {
  expect(faultsOf(text)).toEqual(lines);
});
