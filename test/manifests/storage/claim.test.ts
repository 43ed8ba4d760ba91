// PersistentVolumeClaims: every mistake with what people are told.
import { expect, test } from 'vitest';
import { label, labelValue, quantity, subdomain } from '../../support/kubernetes-words.ts';
import { faultsOfKind } from '../../support/object-faults.ts';

test.each<[string, string, string[]]>([
  [
    'a class with a bad name, though classes have no effect',
    '{accessModes: [ReadWriteOnce], storageClassName: Fast, resources: {requests: {storage: 1Gi}}}',
    [`spec.storageClassName: Invalid value: "Fast": ${subdomain}`],
  ],
  ['no access modes', '{resources: {requests: {storage: 1Gi}}}', ['spec.accessModes: Required value']],
  [
    'a bad access mode',
    '{accessModes: [RWO], resources: {requests: {storage: 1Gi}}}',
    ['spec.accessModes[0]: "RWO" is not one of ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod.'],
  ],
  [
    'access of one pod and others',
    '{accessModes: [ReadWriteOncePod, ReadWriteMany], resources: {requests: {storage: 1Gi}}}',
    ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
  ],
  ['access of one pod twice', '{accessModes: [ReadWriteOncePod, ReadWriteOncePod], resources: {requests: {storage: 1Gi}}}', []],
  ['no resources', '{accessModes: [ReadWriteOnce]}', ['spec.resources: Required value']],
  [
    'no size',
    '{accessModes: [ReadWriteOnce], resources: {limits: {storage: 1Gi}}}',
    ['spec.resources.requests.storage: Required value'],
  ],
  [
    'a size of nothing',
    '{accessModes: [ReadWriteOnce], resources: {requests: {storage: 0}}}',
    ['spec.resources.requests.storage: Invalid value: "0": must be greater than zero'],
  ],
  [
    'a bad size',
    '{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1GB}, limits: {storage: lots}}}',
    [
      `spec.resources.requests.storage: Invalid value: "1GB": ${quantity}`,
      `spec.resources.limits.storage: Invalid value: "lots": ${quantity}`,
    ],
  ],
  [
    'a size misspelt',
    '{accessModes: [ReadWriteOnce], resources: {requests: {storag: 1Gi}}}',
    ['spec.resources.requests.storag: unknown field "storag". Did you mean "storage"?'],
  ],
])('PersistentVolumeClaim: %s', (_what, rest, faults) => {
  expect(faultsOfKind('PersistentVolumeClaim', 'v1', `spec: ${rest}`)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  ['a bad mode', 'volumeMode: Blok', ['spec.volumeMode: "Blok" is not one of Filesystem, Block. Did you mean "Block"?']],
  ['a mode of no text', 'volumeMode: true', ['spec.volumeMode: must be a string, not the boolean true; put it in quotes']],
  ['a class of no text', 'storageClassName: 1', ['spec.storageClassName: must be a string, not the number 1; put it in quotes']],
  ['a bad selector', 'selector: {matchLabels: {a: "b c"}}', [`spec.selector.matchLabels.a: Invalid value: "b c": ${labelValue}`]],
  ['a source without a kind', 'dataSource: {name: a}', ['spec.dataSource.kind: Required value']],
  [
    'a source of no group',
    'dataSource: {kind: VolumeSnapshot, name: a}',
    ['spec.dataSource: Invalid value: "VolumeSnapshot": must be \'PersistentVolumeClaim\' when referencing the default apiGroup'],
  ],
  ['a claim as a source', 'dataSource: {kind: PersistentVolumeClaim, name: a}', []],
  [
    'a bad group',
    'dataSource: {apiGroup: A_b, kind: VolumeSnapshot, name: a}',
    [`spec.dataSource.apiGroup: Invalid value: "A_b": ${subdomain}`],
  ],
  [
    'a source elsewhere',
    'dataSourceRef: {kind: PersistentVolumeClaim, name: a, namespace: A.b}',
    [`spec.dataSourceRef.namespace: Invalid value: "A.b": ${label}`],
  ],
  [
    'two sources',
    'dataSource: {kind: PersistentVolumeClaim, name: a}, dataSourceRef: {kind: PersistentVolumeClaim, name: b}',
    ['spec.dataSource: Invalid value: must match dataSourceRef'],
  ],
  [
    'two sources, one elsewhere',
    'dataSource: {kind: PersistentVolumeClaim, name: a}, dataSourceRef: {kind: PersistentVolumeClaim, name: a, namespace: b}',
    ['spec.dataSource: Invalid value: may not be specified when dataSourceRef.namespace is specified'],
  ],
  [
    'the same source twice',
    'dataSource: {kind: PersistentVolumeClaim, name: a}, dataSourceRef: {kind: PersistentVolumeClaim, name: a}',
    [],
  ],
  [
    'a bad class of attributes',
    'volumeAttributesClassName: Fast',
    [`spec.volumeAttributesClassName: Invalid value: "Fast": ${subdomain}`],
  ],
])('rest: %s', (_what, rest, faults) => {
  expect(
    faultsOfKind(
      'PersistentVolumeClaim',
      'v1',
      `spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, ${rest}}`,
    ),
  ).toEqual(faults);
});
