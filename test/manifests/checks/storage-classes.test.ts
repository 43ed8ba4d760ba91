// What a class of storage does not mean here as it does in a cluster.
import { expect, test } from 'vitest';
import { checkSet } from '../../../src/manifests/checks/check-set.ts';
import { loadText } from '../../support/manifest-text.ts';

const storageClass = (body: string): string =>
  `apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata:\n  name: fast\n${body}`;
const told = (...texts: readonly string[]): readonly string[] =>
  checkSet(texts.flatMap((text, index) => loadText(text, `${index}.yaml`).manifests)).map(
    ({ severity, field, message }) => `${severity} ${field}: ${message}`,
  );
const KEPT =
  'volumes are kept when their claims go, as all data are; to have them deleted, annotate the class with holdfast.dev/delete-data: "true".';

test.each([
  [
    'a foreign provisioner',
    'provisioner: ebs.csi.aws.com\n',
    ["note provisioner: ebs.csi.aws.com is not here: volumes of the class are made by Docker's local volume driver."],
  ],
  ['data that stay', 'provisioner: docker.holdfast.dev/local\nreclaimPolicy: Delete\n', [`note reclaimPolicy: ${KEPT}`]],
  ['nothing where Delete is only the default', 'provisioner: docker.holdfast.dev/local\n', []],
  ['nothing where nothing is made', 'provisioner: kubernetes.io/no-provisioner\nreclaimPolicy: Delete\n', []],
  [
    'an NFS class without a server',
    'provisioner: holdfast.dev/nfs\nparameters: {share: /x}\n',
    ['error provisioner: an NFS class needs the parameters server and share.'],
  ],
  [
    'a parameter that NFS does not know',
    'provisioner: nfs.csi.k8s.io\nparameters: {server: a, share: /x, mode: z}\n',
    ['error provisioner: parameter mode is not known: an NFS class has server, share and subDir.'],
  ],
  [
    'mount options that nobody takes',
    'provisioner: docker.holdfast.dev/local\nmountOptions: [ro]\n',
    ['error provisioner: volumes of the local driver are not mounted with mountOptions.'],
  ],
])('%s', (_what, body, expected) => {
  expect(told(storageClass(body))).toEqual(expected);
});

test('a class that a declared volume has needs no declaration', () => {
  const volume =
    'apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: disk}\nspec: {storageClassName: manual, capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /x}}\n';
  const claim =
    'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {storageClassName: manual, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n';
  expect(told(volume, claim)).toEqual([]);
});
