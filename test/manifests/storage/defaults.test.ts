// What Kubernetes fills in where a volume, a class or a driver leaves something open; and that claims stay as they are.
import { expect, test } from 'vitest';
import { setDefaults } from '../../../src/manifests/defaults/defaults.ts';
import type { PersistentVolume, PersistentVolumeSpec } from '../../../src/model/resource.ts';
import { loadText } from '../../support/manifest-text.ts';

const given: PersistentVolumeSpec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] };
const filled = { ...given, persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' };

test.each<[string, Partial<PersistentVolumeSpec>, object]>([
  ['what becomes of it', {}, {}],
  ['sizes as text', { capacity: { storage: 1024 } }, { capacity: { storage: '1024' } }],
  ['a directory', { hostPath: { path: '/d' } }, { hostPath: { path: '/d', type: '' } }],
  [
    'iSCSI',
    { iscsi: { targetPortal: 'a', iqn: 'b', lun: 0 } },
    { iscsi: { targetPortal: 'a', iqn: 'b', lun: 0, iscsiInterface: 'default' } },
  ],
  [
    'Ceph',
    { rbd: { monitors: ['a'], image: 'b' } },
    { rbd: { monitors: ['a'], image: 'b', pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' } },
  ],
  [
    'Azure',
    { azureDisk: { diskName: 'a', diskURI: 'b' } },
    {
      azureDisk: { diskName: 'a', diskURI: 'b', cachingMode: 'ReadWrite', kind: 'Shared', fsType: 'ext4', readOnly: false },
    },
  ],
  [
    'ScaleIO',
    { scaleIO: { gateway: 'a', system: 'b', secretRef: {} } },
    { scaleIO: { gateway: 'a', system: 'b', secretRef: {}, storageMode: 'ThinProvisioned', fsType: 'xfs' } },
  ],
])('PersistentVolume: %s', (_what, spec, expected) => {
  const volume: PersistentVolume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'a' },
    spec: structuredClone({ ...given, ...spec }),
  };
  setDefaults(volume);
  expect(volume.spec).toEqual({ ...filled, ...expected });
  setDefaults(volume);
  expect(volume.spec).toEqual({ ...filled, ...expected });
});

test('a class', () => {
  const text = 'apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: example.com/fast\n';
  expect(loadText(text).manifests[0]?.resource).toEqual({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner: 'example.com/fast',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  });
});

test('a driver', () => {
  const text = 'apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: a.example}\nspec: {attachRequired: false}\n';
  expect(loadText(text).manifests[0]?.resource).toEqual({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: 'a.example' },
    spec: {
      attachRequired: false,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      volumeLifecycleModes: ['Persistent'],
      requiresRepublish: false,
      seLinuxMount: false,
    },
  });
});

test('a claim keeps its size, its access modes and its class', () => {
  const text = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: fast
  volumeName: ""
  resources: {requests: {storage: 1024}, limits: {storage: 2Gi}}
`;
  expect(loadText(text).manifests[0]?.resource).toEqual({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'fast',
      volumeMode: 'Filesystem',
      resources: { requests: { storage: '1024' }, limits: { storage: '2Gi' } },
    },
  });
});
