// PersistentVolumes: every mistake with what people are told.
import { expect, test } from 'vitest';
import { label, qualified, quantity, subdomain } from '../../support/kubernetes-words.ts';
import { faultsOfKind } from '../../support/object-faults.ts';

test.each<[string, string, string[]]>([
  ['no size', '{accessModes: [ReadWriteOnce], hostPath: {path: /d}}', ['spec.capacity: Required value']],
  [
    'another size',
    '{capacity: {memory: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /d}}',
    ['spec.capacity: Unsupported value: "memory": supported values: "storage"'],
  ],
  [
    'two sizes',
    '{capacity: {storage: 1Gi, memory: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /d}}',
    ['spec.capacity: Unsupported value: "storage,memory": supported values: "storage"'],
  ],
  [
    'a size of nothing',
    '{capacity: {storage: 0}, accessModes: [ReadWriteOnce], hostPath: {path: /d}}',
    ['spec.capacity.storage: Invalid value: "0": must be greater than zero'],
  ],
  [
    'a bad size',
    '{capacity: {storage: 1 Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /d}}',
    [`spec.capacity.storage: Invalid value: "1 Gi": ${quantity}`],
  ],
  ['no access modes', '{capacity: {storage: 1Gi}, accessModes: [], hostPath: {path: /d}}', ['spec.accessModes: Required value']],
  [
    'a bad access mode',
    '{capacity: {storage: 1Gi}, accessModes: [RWO], hostPath: {path: /d}}',
    ['spec.accessModes[0]: "RWO" is not one of ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod.'],
  ],
  [
    'access of one pod and others',
    '{capacity: {storage: 1Gi}, accessModes: [ReadWriteOncePod, ReadWriteOnce], hostPath: {path: /d}}',
    ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
  ],
])('PersistentVolume: %s', (_what, rest, faults) => {
  expect(faultsOfKind('PersistentVolume', 'v1', `spec: ${rest}`)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  ['right', 'hostPath: {path: /d}, storageClassName: manual, persistentVolumeReclaimPolicy: Retain, mountOptions: [ro]', []],
  ['none', 'storageClassName: ""', ['spec: Required value: must specify a volume type']],
  ['two', 'hostPath: {path: /d}, nfs: {server: a, path: /}', ['spec.nfs: Forbidden: may not specify more than 1 volume type']],
  [
    'a way out of the host path',
    'hostPath: {path: /a/../b}',
    ['spec.hostPath.path: Invalid value: "/a/../b": must not contain \'..\''],
  ],
  [
    'the root, recycled',
    'hostPath: {path: /./}, persistentVolumeReclaimPolicy: Recycle',
    ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
  ],
  [
    'a bad reclaim policy',
    'hostPath: {path: /d}, persistentVolumeReclaimPolicy: Keep',
    ['spec.persistentVolumeReclaimPolicy: "Keep" is not one of Retain, Delete, Recycle.'],
  ],
  ['a bad mode', 'hostPath: {path: /d}, volumeMode: Files', ['spec.volumeMode: "Files" is not one of Filesystem, Block.']],
  ['a bad class', 'hostPath: {path: /d}, storageClassName: A_b', [`spec.storageClassName: Invalid value: "A_b": ${subdomain}`]],
  ['a path of NFS', 'nfs: {server: a, path: data}', ['spec.nfs.path: Invalid value: "data": must be an absolute path']],
  ['no server of NFS', 'nfs: {path: /data}', ['spec.nfs.server: Required value']],
  ['a driver', 'csi: {driver: nfs.csi.k8s.io, volumeHandle: a}', []],
  ['no handle', 'csi: {driver: nfs.csi.k8s.io}', ['spec.csi.volumeHandle: Required value']],
  ['a bad driver', 'csi: {driver: nfs_csi, volumeHandle: a}', [`spec.csi.driver: Invalid value: "nfs_csi": ${subdomain}`]],
  [
    'a driver with a long name',
    'csi: {driver: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, volumeHandle: a}',
    ['spec.csi.driver: Too long: may not be more than 63 bytes'],
  ],
  [
    'secrets of a driver',
    'csi: {driver: a.b, volumeHandle: a, nodeStageSecretRef: {name: A_b}, nodePublishSecretRef: {namespace: A.b}}',
    [
      'spec.csi.nodeStageSecretRef.namespace: Required value',
      `spec.csi.nodeStageSecretRef.name: Invalid value: "A_b": ${subdomain}`,
      'spec.csi.nodePublishSecretRef.name: Required value',
      `spec.csi.nodePublishSecretRef.namespace: Invalid value: "A.b": ${label}`,
    ],
  ],
  ['a secret of Ceph', 'rbd: {monitors: [a], image: b, secretRef: {}}', ['spec.rbd.secretRef.name: Required value']],
  ['no monitors', 'cephfs: {path: /}', ['spec.cephfs.monitors: Required value']],
  [
    'an iSCSI target',
    'iscsi: {targetPortal: 10.0.0.1, iqn: disk, lun: 256}',
    [
      'spec.iscsi.iqn: Invalid value: "disk": must be valid format starting with iqn, eui, or naa',
      'spec.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
    ],
  ],
  [
    'Fibre Channel',
    'fc: {lun: 1}',
    ['spec.fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both'],
  ],
  [
    'a partition',
    'gcePersistentDisk: {pdName: a, partition: 300}',
    ['spec.gcePersistentDisk.partition: Invalid value: 300: must be between 0 and 255, inclusive'],
  ],
  [
    'an old name of attributes',
    'hostPath: {path: /d}, volumeAttributesClassName: ""',
    [
      'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
      'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
    ],
  ],
  [
    'attributes without a driver',
    'hostPath: {path: /d}, volumeAttributesClassName: Fast',
    [
      'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
      `spec.volumeAttributesClassName: Invalid value: "Fast": ${subdomain}`,
    ],
  ],
])('source: %s', (_what, rest, faults) => {
  expect(
    faultsOfKind('PersistentVolume', 'v1', `spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], ${rest}}`),
  ).toEqual(faults);
});

test.each<[string, string, string[]]>([
  [
    'right',
    'local: {path: /d}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [a]}]}]}}',
    [],
  ],
  ['no nodes for a local disk', 'local: {path: /d}', ['spec.nodeAffinity: Required value: Local volume requires node affinity']],
  [
    'nothing required',
    'local: {path: /../d}, nodeAffinity: {}',
    [
      'spec.local.path: Invalid value: "/../d": must not contain \'..\'',
      'spec.nodeAffinity.required: Required value: must specify required node constraints',
    ],
  ],
  [
    'no terms',
    'hostPath: {path: /d}, nodeAffinity: {required: {nodeSelectorTerms: []}}',
    ['spec.nodeAffinity.required.nodeSelectorTerms: Required value'],
  ],
  [
    'a bad term',
    'hostPath: {path: /d}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In}, {key: "a b", operator: Exists}]}]}}',
    [
      "spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      `spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[1].key: Invalid value: "a b": ${qualified}`,
    ],
  ],
])('nodes: %s', (_what, rest, faults) => {
  expect(
    faultsOfKind('PersistentVolume', 'v1', `spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], ${rest}}`),
  ).toEqual(faults);
});

test.each<[string, string, string[], string?]>([
  [
    'upper case',
    'spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /d}}',
    [`metadata.name: Invalid value: "Data": ${subdomain}`],
    'Data',
  ],
])('name: %s', (_what, rest, faults, name) => {
  expect(faultsOfKind('PersistentVolume', 'v1', rest, name)).toEqual(faults);
});
