// Environment variables, and the fields of a pod that they show.
import { expect, test } from 'vitest';
import { containerFaults } from './pod-faults.ts';

const variable = (valueFrom: string): string => `      env: [{name: A, valueFrom: ${valueFrom}}]\n`;
const fields = `"metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels['KEY']", "metadata.annotations['KEY']", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`;
const amounts =
  '"limits.cpu", "limits.memory", "limits.ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage"';
const bytes = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';
const at = 'env[0].valueFrom';

test.each<[string, string, string[]]>([
  ['no name', '      env: [{value: a}]\n', ['env[0].name: Required value']],
  [
    'an equals sign',
    '      env: [{name: "A=B"}]\n',
    [
      'env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
    ],
  ],
  ['a name twice: the last one wins', '      env: [{name: A, value: a}, {name: A, value: b}]\n', []],
  [
    'no source',
    variable('{}'),
    [`${at}: Invalid value: must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\` or \`secretKeyRef\``],
  ],
  [
    'two sources',
    variable('{fieldRef: {fieldPath: metadata.name}, secretKeyRef: {name: a, key: b}}'),
    [`${at}: Invalid value: may not have more than one field specified at a time`],
  ],
  [
    'a value besides',
    '      env: [{name: A, value: b, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]\n',
    [`${at}: Invalid value: may not be specified when \`value\` is not empty`],
  ],
  ['a key that is missing', variable('{secretKeyRef: {name: a}}'), [`${at}.secretKeyRef.key: Required value`]],
  ['a name that is missing', variable('{configMapKeyRef: {key: a}}'), [`${at}.configMapKeyRef.name: Required value`]],
  [
    'a key that cannot be one',
    variable('{secretKeyRef: {name: a, key: a/b}}'),
    [
      `${at}.secretKeyRef.key: Invalid value: "a/b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
    ],
  ],
  [
    'a name that cannot be one',
    variable('{configMapKeyRef: {name: A, key: a}}'),
    [
      `${at}.configMapKeyRef.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ],
  ],
  ['a field', variable('{fieldRef: {fieldPath: status.podIP}}'), []],
  ['a label, whose key may have capitals', variable(`{fieldRef: {fieldPath: "metadata.labels['App']"}}`), []],
  [
    'an annotation, whose key may have capitals before the slash',
    variable(`{fieldRef: {fieldPath: "metadata.annotations['A.io/b']"}}`),
    [],
  ],
  [
    'a label that cannot be one',
    variable(`{fieldRef: {fieldPath: "metadata.labels['/a']"}}`),
    [`${at}.fieldRef.fieldPath: Invalid value: "/a": prefix part must be non-empty`],
  ],
  [
    'all labels',
    variable('{fieldRef: {fieldPath: metadata.labels}}'),
    [`${at}.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: ${fields}`],
  ],
  [
    'a field that is not shown',
    variable('{fieldRef: {fieldPath: spec.containers}}'),
    [`${at}.fieldRef.fieldPath: Unsupported value: "spec.containers": supported values: ${fields}`],
  ],
  ['an amount', variable('{resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}'), []],
  ['huge pages', variable('{resourceFieldRef: {resource: limits.hugepages-2Mi, divisor: 1Mi}}'), []],
  [
    'an amount that there is not',
    variable('{resourceFieldRef: {resource: limits.disk}}'),
    [`${at}.resourceFieldRef.resource: Unsupported value: "limits.disk": supported values: ${amounts}`],
  ],
  ['no amount', variable('{resourceFieldRef: {containerName: c}}'), [`${at}.resourceFieldRef.resource: Required value`]],
  [
    'an amount of no container',
    variable('{resourceFieldRef: {resource: limits.cpu, containerName: z}}'),
    [`${at}.resourceFieldRef.containerName: Not found: "z"`],
  ],
  [
    'a unit of processors',
    variable('{resourceFieldRef: {resource: limits.cpu, divisor: 10m}}'),
    [`${at}.resourceFieldRef.divisor: Invalid value: "10m": only divisor's values 1m and 1 are supported with the cpu resource`],
  ],
  [
    'a unit of memory',
    variable('{resourceFieldRef: {resource: requests.memory, divisor: 2Mi}}'),
    [
      `${at}.resourceFieldRef.divisor: Invalid value: "2Mi": only divisor's values ${bytes} are supported with the memory resource`,
    ],
  ],
  [
    'a unit of disk',
    variable('{resourceFieldRef: {resource: limits.ephemeral-storage, divisor: 1m}}'),
    [
      `${at}.resourceFieldRef.divisor: Invalid value: "1m": only divisor's values ${bytes} are supported with the local ephemeral storage resource`,
    ],
  ],
  [
    'a unit of huge pages',
    variable('{resourceFieldRef: {resource: limits.hugepages-2Mi, divisor: 3}}'),
    [
      `${at}.resourceFieldRef.divisor: Invalid value: 3: only divisor's values ${bytes} are supported with the hugepages resource`,
    ],
  ],
  [
    'a file of no volume',
    variable('{fileKeyRef: {volumeName: v, path: ../a, key: K}}'),
    [`${at}.fileKeyRef.volumeName: Not found: "v"`, `${at}.fileKeyRef.path: Invalid value: "../a": must not contain '..'`],
  ],
  [
    'many from nothing',
    '      envFrom: [{prefix: A_}]\n',
    ['envFrom[0]: Invalid value: must specify one of: `configMapRef` or `secretRef`'],
  ],
  [
    'many from two',
    '      envFrom: [{configMapRef: {name: a}, secretRef: {name: a}}]\n',
    ['envFrom[0]: Invalid value: may not have more than one field specified at a time'],
  ],
  [
    'a prefix',
    '      envFrom: [{prefix: "=", configMapRef: {name: a}}]\n',
    [
      'envFrom[0].prefix: Invalid value: "=": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
    ],
  ],
])('%s', (_name, fieldsOfContainer, faults) => {
  expect(containerFaults(fieldsOfContainer)).toEqual(faults);
});
