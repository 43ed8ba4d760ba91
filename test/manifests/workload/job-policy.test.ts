// The rules of when Jobs fail and succeed.
import { expect, test } from 'vitest';
import { faultsOf, headOf, templateText } from '../../support/workload-text.ts';

const job = (rest: string): string =>
  `${headOf('Job', 'batch/v1')}spec:\n${rest}${templateText('      restartPolicy: Never\n', '{}')}`;
const failure = (...rules: string[]): string => job(`  podFailurePolicy: {rules: [${rules.join(', ')}]}\n`);
const codes = (rest: string): string => failure(`{action: FailJob, onExitCodes: {${rest}}}`);
const success = (...rules: string[]): string =>
  job(`  completionMode: Indexed\n  completions: 5\n  successPolicy: {rules: [${rules.join(', ')}]}\n`);
const ignore = '{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}';

test.each<[string, string, string[]]>([
  ['exit codes and conditions', failure('{action: Count, onExitCodes: {operator: In, values: [1, 2]}}', ignore), []],
  [
    'no action',
    failure('{onPodConditions: [{type: A}]}'),
    ['error Required a.yaml:5:30 spec.podFailurePolicy.rules[0].action: Required value'],
  ],
  [
    'an unknown action',
    failure('{action: Restart, onPodConditions: [{type: A}]}'),
    [
      'error Invalid a.yaml:5:31 spec.podFailurePolicy.rules[0].action: "Restart" is not one of FailJob, FailIndex, Ignore, Count.',
    ],
  ],
  [
    'FailIndex without a limit per index',
    failure('{action: FailIndex, onExitCodes: {operator: In, values: [1]}}'),
    [
      'error Invalid a.yaml:5:31 spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
    ],
  ],
  [
    'neither of both',
    failure('{action: Count}'),
    [
      'error Invalid a.yaml:5:30 spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
    ],
  ],
  [
    'both',
    failure('{action: Count, onExitCodes: {operator: In, values: [1]}, onPodConditions: [{type: A}]}'),
    [
      'error Invalid a.yaml:5:30 spec.podFailurePolicy.rules[0]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported',
    ],
  ],
  [
    'too many rules',
    failure(...Array<string>(21).fill(ignore)),
    ['error Invalid a.yaml:5:22 spec.podFailurePolicy.rules: Too many: 21: must have at most 20 items'],
  ],
  [
    'too many conditions',
    failure(`{action: Ignore, onPodConditions: [${Array<string>(21).fill('{type: A}').join(', ')}]}`),
    ['error Invalid a.yaml:5:47 spec.podFailurePolicy.rules[0].onPodConditions: Too many: 21: must have at most 20 items'],
  ],
  [
    'a type that is none',
    failure('{action: Ignore, onPodConditions: [{type: "a b", status: Perhaps}]}'),
    [
      "error Invalid a.yaml:5:66 spec.podFailurePolicy.rules[0].onPodConditions[0].type: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'error Invalid a.yaml:5:79 spec.podFailurePolicy.rules[0].onPodConditions[0].status: "Perhaps" is not one of True, False, Unknown.',
    ],
  ],
  [
    'a type with blanks',
    failure('{action: Ignore, onPodConditions: [{type: "a b"}]}'),
    [
      "error Invalid a.yaml:5:66 spec.podFailurePolicy.rules[0].onPodConditions[0].type: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'success among the failures',
    codes('operator: In, values: [0, 1]'),
    [
      'error Invalid a.yaml:5:85 spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator',
    ],
  ],
  [
    'no codes',
    codes('operator: NotIn, values: []'),
    ['error Required a.yaml:5:79 spec.podFailurePolicy.rules[0].onExitCodes.values: Required value'],
  ],
  [
    'a code twice, and in no order',
    codes('operator: NotIn, values: [0, 3, 3, 1]'),
    [
      'error Invalid a.yaml:5:79 spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [0,3,3,1]: must be ordered',
      'error Duplicate a.yaml:5:94 spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 3',
    ],
  ],
  [
    'too many codes',
    codes(`operator: In, values: [${Array.from({ length: 256 }, (_, index) => index + 1).join(', ')}]`),
    ['error Invalid a.yaml:5:76 spec.podFailurePolicy.rules[0].onExitCodes.values: Too many: 256: must have at most 255 items'],
  ],
  [
    'a container that is not there',
    codes('containerName: d, operator: In, values: [1]'),
    [
      'error Invalid a.yaml:5:62 spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "d": must be one of the container or initContainer names in the pod template',
    ],
  ],
  ['success of some', success('{succeededIndexes: "0,2-4", succeededCount: 4}', '{succeededCount: 5}'), []],
  [
    'a rule that says nothing',
    success('{}'),
    [
      'error Required a.yaml:7:27 spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified',
    ],
  ],
  [
    'too many successes',
    success('{succeededCount: 6}', '{succeededIndexes: "0-1", succeededCount: 3}', '{succeededCount: -1}'),
    [
      'error Invalid a.yaml:7:28 spec.successPolicy.rules[0].succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)',
      'error Invalid a.yaml:7:74 spec.successPolicy.rules[1].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
      'error Invalid a.yaml:7:95 spec.successPolicy.rules[2].succeededCount: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'indexes that are none',
    success(
      '{succeededIndexes: "1-2-3"}',
      '{succeededIndexes: "a"}',
      '{succeededIndexes: "5"}',
      '{succeededIndexes: "2,1"}',
      '{succeededIndexes: "3-3"}',
      '{succeededIndexes: "0-9"}',
    ),
    [
      'error Invalid a.yaml:7:28 spec.successPolicy.rules[0].succeededIndexes: Invalid value: "1-2-3": error parsing succeededIndexes: the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\'',
      'error Invalid a.yaml:7:57 spec.successPolicy.rules[1].succeededIndexes: Invalid value: "a": error parsing succeededIndexes: cannot convert string to integer for index: "a"',
      'error Invalid a.yaml:7:82 spec.successPolicy.rules[2].succeededIndexes: Invalid value: "5": error parsing succeededIndexes: too large index: "5"',
      'error Invalid a.yaml:7:107 spec.successPolicy.rules[3].succeededIndexes: Invalid value: "2,1": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1',
      'error Invalid a.yaml:7:134 spec.successPolicy.rules[4].succeededIndexes: Invalid value: "3-3": error parsing succeededIndexes: non-increasing order, previous: 3, current: 3',
      'error Invalid a.yaml:7:161 spec.successPolicy.rules[5].succeededIndexes: Invalid value: "0-9": error parsing succeededIndexes: too large index: "9"',
    ],
  ],
  [
    'too many rules of success',
    success(...Array<string>(21).fill('{succeededCount: 1}')),
    ['error Invalid a.yaml:7:19 spec.successPolicy.rules: Too many: 21: must have at most 20 items'],
  ],
  [
    'far too long indexes',
    success(`{succeededIndexes: "${'0,'.repeat(32769)}"}`),
    ['error Invalid a.yaml:7:28 spec.successPolicy.rules[0].succeededIndexes: Too long: may not be more than 65536 bytes'],
  ],
])('%s', (_name, text, lines) => {
  expect(faultsOf(text)).toEqual(lines);
});
