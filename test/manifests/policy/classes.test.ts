// The rules of PriorityClasses, RuntimeClasses and what is beside them.
import { expect, test } from 'vitest';
import { faultsOf, headOf } from '../../support/workload-text.ts';

const priority = (name: string, rest: string): string => `${headOf('PriorityClass', 'scheduling.k8s.io/v1', name)}${rest}`;
const runtime = (rest: string): string => `${headOf('RuntimeClass', 'node.k8s.io/v1')}${rest}`;

test.each<[string, string, string[]]>([
  ['a class', priority('high', 'value: 1000\nglobalDefault: false\ndescription: important\n'), []],
  ['no value', priority('high', 'globalDefault: true\n'), ['error Required a.yaml:1:1 value: Required value']],
  [
    'too high a value',
    priority('high', 'value: 1000000001\n'),
    ['error Invalid a.yaml:4:1 value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ],
  [
    'a reserved name',
    priority('system-mine', 'value: 1\n'),
    [
      "error Invalid a.yaml:3:12 metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ],
  ],
  ['a class of the system', priority('system-node-critical', 'value: 2000001000\n'), []],
  [
    'a class of the system with a value of its own',
    priority('system-node-critical', 'value: 1\n'),
    [
      "error Invalid a.yaml:3:12 metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: value of system-node-critical PriorityClass must be 2000001000",
    ],
  ],
  [
    'a class of the system as the default',
    priority('system-cluster-critical', 'value: 2000000000\nglobalDefault: true\n'),
    [
      "error Invalid a.yaml:3:12 metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: globalDefault of system-cluster-critical PriorityClass must be false",
    ],
  ],
  [
    'an unknown policy',
    priority('high', 'value: 1\npreemptionPolicy: Always\n'),
    ['error Invalid a.yaml:5:1 preemptionPolicy: "Always" is not one of PreemptLowerPriority, Never.'],
  ],
  ['a runtime', runtime('handler: gvisor\n'), []],
  ['no runtime', runtime('handler: ""\n'), ['error Required a.yaml:4:1 handler: Required value']],
  [
    'a runtime that is none',
    runtime('handler: g_visor\noverhead: {podFixed: {cpu: few, storage: 1}}\nscheduling: {nodeSelector: {a: "b c"}}\n'),
    [
      "error Invalid a.yaml:4:1 handler: Invalid value: \"g_visor\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'error Invalid a.yaml:5:23 overhead.podFixed.cpu: Invalid value: "few": quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
      'error Invalid a.yaml:5:33 overhead.podFixed.storage: Invalid value: "storage": must be a standard resource for containers',
      "error Invalid a.yaml:6:29 scheduling.nodeSelector.a: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
  ['finalizers of a namespace', `${headOf('Namespace', 'v1')}spec: {finalizers: [kubernetes]}\nstatus: {phase: Active}\n`, []],
  [
    'tolerations of a runtime',
    runtime('handler: runsc\nscheduling: {tolerations: [{key: gpu, value: v, operator: Exists}, {operator: Equal}]}\n'),
    [
      'error Invalid a.yaml:5:39 scheduling.tolerations[0].value: Invalid value: "v": value must be empty when `operator` is \'Exists\'',
      'error Invalid a.yaml:5:69 scheduling.tolerations[1].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
])('%s', (_name, text, lines) => {
  expect(faultsOf(text)).toEqual(lines);
});
