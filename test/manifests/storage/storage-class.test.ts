// Classes of storage and storage drivers: every mistake with what people are told.
import { expect, test } from 'vitest';
import { labelValue, qualified, subdomain } from '../../support/kubernetes-words.ts';
import { faultsOfKind } from '../../support/object-faults.ts';

test('StorageClass: too many parameters', () => {
  const parameters = Array.from({ length: 513 }, (_, index) => `p${index}: a`).join(', ');
  expect(faultsOfKind('StorageClass', 'storage.k8s.io/v1', `provisioner: a.b/c\nparameters: {${parameters}}`)).toEqual([
    'parameters: Too long: may not be more than 512 entries',
  ]);
});

test('StorageClass: too large parameters', () => {
  const rest = `provisioner: a.b/c\nparameters: {a: "${'x'.repeat(256 * 1024)}"}`;
  expect(faultsOfKind('StorageClass', 'storage.k8s.io/v1', rest)).toEqual([
    'parameters: Too long: may not be more than 262144 bytes',
  ]);
});

test.each<[string, string, string[]]>([
  [
    'right',
    'provisioner: rancher.io/local-path\nreclaimPolicy: Retain\nvolumeBindingMode: WaitForFirstConsumer\nallowVolumeExpansion: true',
    [],
  ],
  ['no provisioner', 'parameters: {a: b}', ['provisioner: Required value']],
  ['an empty provisioner', 'provisioner: ""', ['provisioner: Required value']],
  ['a provisioner with capitals', 'provisioner: Example.com/NFS', []],
  [
    'a bad provisioner',
    'provisioner: a/b/c',
    [
      "provisioner: Invalid value: \"a/b/c\": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ],
  ],
  [
    'a bad reclaim policy',
    'provisioner: a.b/c\nreclaimPolicy: Recycle',
    ['reclaimPolicy: "Recycle" is not one of Delete, Retain.'],
  ],
  [
    'a bad binding mode',
    'provisioner: a.b/c\nvolumeBindingMode: Later',
    ['volumeBindingMode: "Later" is not one of Immediate, WaitForFirstConsumer.'],
  ],
  [
    'a parameter that is a number',
    'provisioner: a.b/c\nparameters: {replicas: 3}',
    ['parameters.replicas: must be a string, not the number 3; put it in quotes'],
  ],
  [
    'a parameter without a name',
    'provisioner: a.b/c\nparameters: {"": a}',
    ['parameters: Invalid value: "": field can not be empty.'],
  ],
  [
    'bad places',
    'provisioner: a.b/c\nallowedTopologies: [{matchLabelExpressions: [{key: "a b", values: ["c d"]}, {key: z, values: [a, a]}, {key: z, values: [b]}]}]',
    [
      `allowedTopologies[0].matchLabelExpressions[0].key: Invalid value: "a b": ${qualified}`,
      `allowedTopologies[0].matchLabelExpressions[0].values[0]: Invalid value: "c d": ${labelValue}`,
      'allowedTopologies[0].matchLabelExpressions[1].values[1]: Duplicate value: "a"',
      'allowedTopologies[0].matchLabelExpressions[2].key: Duplicate value: "z"',
    ],
  ],
  [
    'a place of no values',
    'provisioner: a.b/c\nallowedTopologies: [{matchLabelExpressions: [{key: a, values: []}]}]',
    ['allowedTopologies[0].matchLabelExpressions[0].values: Required value'],
  ],
])('StorageClass: %s', (_what, rest, faults) => {
  expect(faultsOfKind('StorageClass', 'storage.k8s.io/v1', rest)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  ['right', 'driverName: a.b\nparameters: {iops: "100"}', []],
  ['no driver', 'parameters: {iops: "100"}', ['driverName: Required value']],
  ['a bad driver', 'driverName: a_b\nparameters: {iops: "100"}', [`driverName: Invalid value: "a_b": ${subdomain}`]],
  ['no parameters', 'driverName: a.b', ['parameters: Required value: must contain at least one key/value pair']],
])('VolumeAttributesClass: %s', (_what, rest, faults) => {
  expect(faultsOfKind('VolumeAttributesClass', 'storage.k8s.io/v1', rest)).toEqual(faults);
});

test.each<[string, string, string[], string?]>([
  ['right', 'spec: {attachRequired: false, volumeLifecycleModes: [Ephemeral]}', []],
  ['no spec', '', ['spec: Required value']],
  [
    'a bad policy',
    'spec: {fsGroupPolicy: Always}',
    ['spec.fsGroupPolicy: "Always" is not one of ReadWriteOnceWithFSType, File, None.'],
  ],
  [
    'tokens',
    'spec: {tokenRequests: [{audience: a, expirationSeconds: 599}, {audience: a, expirationSeconds: 4294967297}]}',
    [
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].audience: Duplicate value: "a"',
      'spec.tokenRequests[1].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ],
  ],
  ['a token for nobody', 'spec: {tokenRequests: [{expirationSeconds: 600}]}', ['spec.tokenRequests[0].audience: Required value']],
  [
    'updates too often',
    'spec: {nodeAllocatableUpdatePeriodSeconds: 9}',
    ['spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds'],
  ],
  [
    'a long name',
    'spec: {}',
    ['metadata.name: Too long: may not be more than 63 bytes'],
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  ],
])('CSIDriver: %s', (_what, rest, faults, name) => {
  expect(faultsOfKind('CSIDriver', 'storage.k8s.io/v1', rest, name)).toEqual(faults);
});
