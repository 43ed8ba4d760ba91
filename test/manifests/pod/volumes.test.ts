// Volumes and their sources.
import { expect, test } from 'vitest';
import { faultsOf, podFaults } from './pod-faults.ts';

const mode = 'must be a number between 0 and 0777 (octal), both inclusive';
const key =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const fileFields = `"metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations", "metadata.labels['KEY']", "metadata.annotations['KEY']"`;
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

test.each<[string, string, string[]]>([
  ['no source: an empty directory', '', []],
  ['two sources', 'emptyDir: {}, configMap: {name: a}', ['configMap: Forbidden: may not specify more than 1 volume type']],
  ['no ConfigMap', 'configMap: {}', ['configMap.name: Required value']],
  ['no Secret', 'secret: {}', ['secret.secretName: Required value']],
  ['no claim', 'persistentVolumeClaim: {}', ['persistentVolumeClaim.claimName: Required value']],
  ['mode bits', 'secret: {secretName: a, defaultMode: 01000}', [`secret.defaultMode: Invalid value: 512: ${mode}`]],
  [
    'keys as files',
    'configMap: {name: a, items: [{key: a/b, path: /c}, {key: d, path: e/../f, mode: -1}, {key: g}, {key: h, path: ..i}]}',
    ['configMap.items[2].path: Required value'],
  ],
  [
    'keys as files that have a path',
    'configMap: {name: a, items: [{key: a/b, path: /c}, {key: d, path: e/../f, mode: -1}, {key: h, path: ..i}]}',
    [
      `configMap.items[0].key: Invalid value: "a/b": ${key}`,
      'configMap.items[0].path: Invalid value: "/c": must be a relative path',
      'configMap.items[1].path: Invalid value: "e/../f": must not contain \'..\'',
      `configMap.items[1].mode: Invalid value: -1: ${mode}`,
      'configMap.items[2].path: Invalid value: "..i": must not start with \'..\'',
    ],
  ],
  [
    'a medium',
    'emptyDir: {medium: memory}',
    ['emptyDir.medium: "memory" is not one of Memory, HugePages, HugePages-2Mi, HugePages-1Gi. Did you mean "Memory"?'],
  ],
  [
    'less than no size',
    'emptyDir: {sizeLimit: -1}',
    ['emptyDir.sizeLimit: Invalid value: "-1": must be greater than or equal to 0'],
  ],
  ['a relative host path', 'hostPath: {path: a}', ['hostPath.path: Invalid value: "a": must be an absolute path']],
  ['a host path upwards', 'hostPath: {path: /a/../b}', ['hostPath.path: Invalid value: "/a/../b": must not contain \'..\'']],
  [
    'a type of host path',
    'hostPath: {path: /a, type: Folder}',
    ['hostPath.type: "Folder" is not one of DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice, BlockDevice.'],
  ],
  [
    'fields as files',
    'downwardAPI: {defaultMode: 512, items: [{path: a, fieldRef: {fieldPath: metadata.labels}}, {path: ../b}, {path: c, fieldRef: {fieldPath: status.podIP}}, {path: d, fieldRef: {fieldPath: metadata.name}, resourceFieldRef: {containerName: c, resource: limits.cpu}}, {path: e, mode: 512, resourceFieldRef: {resource: limits.cpu}}, {path: f, resourceFieldRef: {containerName: z, resource: limits.cpu}}]}',
    [
      `downwardAPI.defaultMode: Invalid value: 512: ${mode}`,
      'downwardAPI.items[1]: Required value: one of fieldRef and resourceFieldRef is required',
      'downwardAPI.items[1].path: Invalid value: "../b": must not contain \'..\'',
      `downwardAPI.items[2].fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: ${fileFields}`,
      'downwardAPI.items[3]: Invalid value: fieldRef and resourceFieldRef can not be specified simultaneously',
      `downwardAPI.items[4].mode: Invalid value: 512: ${mode}`,
      'downwardAPI.items[4].resourceFieldRef.containerName: Required value',
      'downwardAPI.items[5].resourceFieldRef.containerName: Not found: "z"',
    ],
  ],
  [
    'projected files of one name',
    'projected: {sources: [{secret: {name: a, items: [{key: k, path: f}]}}, {configMap: {name: b, items: [{key: k, path: f}]}}, {serviceAccountToken: {path: f}}, {downwardAPI: {items: [{path: f, fieldRef: {fieldPath: metadata.name}}]}}]}',
    [
      'projected.sources[1].configMap.items[0].path: Invalid value: "f": conflicting duplicate paths',
      'projected.sources[2].serviceAccountToken.path: Invalid value: "f": conflicting duplicate paths',
      'projected.sources[3].downwardAPI.items[0].path: Invalid value: "f": conflicting duplicate paths',
    ],
  ],
  [
    'two projections in one',
    'projected: {sources: [{secret: {name: a}, configMap: {name: b}}]}',
    ['projected.sources[0]: Forbidden: may not specify more than 1 volume type per source'],
  ],
  [
    'a projection without a name',
    'projected: {sources: [{secret: {optional: true}}]}',
    ['projected.sources[0].secret.name: Required value'],
  ],
  [
    'tokens',
    'projected: {sources: [{serviceAccountToken: {path: a, expirationSeconds: 599}}, {serviceAccountToken: {path: /b, expirationSeconds: 4294967297}}]}',
    [
      'projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
      'projected.sources[1].serviceAccountToken.path: Invalid value: "/b": must be a relative path',
      'projected.sources[1].serviceAccountToken.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ],
  ],
  [
    'bundles',
    'projected: {sources: [{clusterTrustBundle: {path: a}}, {clusterTrustBundle: {path: b, name: m, signerName: s}}, {clusterTrustBundle: {path: c, name: m, labelSelector: {matchLabels: {a: b}}}}, {clusterTrustBundle: {path: d, name: ""}}, {clusterTrustBundle: {path: e, signerName: ""}}]}',
    [
      'projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified',
      'projected.sources[1].clusterTrustBundle: Invalid value: only one of name and signerName may be used',
      'projected.sources[2].clusterTrustBundle.labelSelector: Invalid value: {"matchLabels":{"a":"b"}}: labelSelector must be unset if name is specified',
      'projected.sources[3].clusterTrustBundle.name: Required value: must be a valid object name',
      'projected.sources[4].clusterTrustBundle.signerName: Required value: must be a valid signer name',
    ],
  ],
  [
    'certificates',
    'projected: {sources: [{podCertificate: {signerName: s, keyType: RSA}}]}',
    [
      'projected.sources[0].podCertificate.keyType: "RSA" is not one of RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521, ED25519.',
    ],
  ],
  [
    'a certificate in no file',
    'projected: {sources: [{podCertificate: {signerName: s, keyType: ED25519}}]}',
    [
      'projected.sources[0].podCertificate: Required value: specify at least one of credentialBundlePath, keyPath, and certificateChainPath',
    ],
  ],
  ['no claim template', 'ephemeral: {}', ['ephemeral.volumeClaimTemplate: Required value']],
  [
    'a claim template with a name and without a size',
    'ephemeral: {volumeClaimTemplate: {metadata: {name: a, labels: {b: "c d"}}, spec: {accessModes: [ReadWriteOnce], resources: {}}}}',
    [
      'ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set',
      "ephemeral.volumeClaimTemplate.metadata.labels.b: Invalid value: \"c d\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      'ephemeral.volumeClaimTemplate.spec.resources.requests.storage: Required value',
    ],
  ],
  ['no image', 'image: {pullPolicy: Always}', ['image.reference: Required value']],
])('%s', (_name, source, faults) => {
  const comma = source === '' ? '' : ', ';
  expect(podFaults(`  containers: [{name: c, image: i}]\n  volumes: [{name: v${comma}${source}}]\n`)).toEqual(
    faults.map((fault) => `volumes[0].${fault}`),
  );
});

test.each<[string, string, string[]]>([
  ['NFS', 'nfs: {server: a, path: b}', ['nfs.path: Invalid value: "b": must be an absolute path']],
  ['NFS without a server', 'nfs: {path: /b}', ['nfs.server: Required value']],
  ['NFS of nothing', 'nfs: {}', ['nfs.server: Required value', 'nfs.path: Required value']],
  ['CSI without a driver', 'csi: {readOnly: true}', ['csi.driver: Required value']],
  [
    'CSI',
    `csi: {driver: ${'a'.repeat(64)}, nodePublishSecretRef: {}}`,
    ['csi.driver: Too long: may not be more than 63 bytes', 'csi.nodePublishSecretRef.name: Required value'],
  ],
  [
    'iSCSI',
    'iscsi: {targetPortal: "10.0.0.1:3260", iqn: iqn.x, lun: 256, chapAuthSession: true, initiatorName: a}',
    [
      'iscsi.secretRef: Required value',
      'iscsi.iqn: Invalid value: "iqn.x": must be valid format',
      'iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
      'iscsi.initiatorName: Invalid value: "a": must be valid format starting with iqn, eui, or naa',
    ],
  ],
  ['iSCSI that is right', 'iscsi: {targetPortal: "10.0.0.1:3260", iqn: "iqn.2001-04.com.example:storage.kube", lun: 0}', []],
  [
    'iSCSI of a long portal',
    `iscsi: {targetPortal: ${'a'.repeat(64)}, iqn: eui.02004567A425678D, lun: 0, initiatorName: naa.62004567BA64678D0123456789ABCDEF}`,
    [
      `iscsi.targetPortal: Invalid value: "${'a'.repeat(64)}": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.`,
    ],
  ],
  [
    'Fibre Channel',
    'fc: {fsType: ext4}',
    ['fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both'],
  ],
  [
    'Fibre Channel twice',
    'fc: {targetWWNs: [a], wwids: [b]}',
    [
      'fc.lun: Required value: lun is required if targetWWNs is specified',
      'fc.targetWWNs: Invalid value: ["a"]: targetWWNs and wwids can not be specified simultaneously',
    ],
  ],
  [
    'Fibre Channel of a unit',
    'fc: {targetWWNs: [a], lun: -1}',
    ['fc.lun: Invalid value: -1: must be between 0 and 255, inclusive'],
  ],
  [
    'FlexVolume',
    'flexVolume: {driver: d, options: {a: b, x.kubernetes.io/a: b}}',
    [
      'flexVolume.options[x.kubernetes.io/a]: Invalid value: "x.kubernetes.io/a": kubernetes.io and k8s.io namespaces are reserved',
    ],
  ],
  [
    'Flocker',
    'flocker: {datasetName: a/b, datasetUUID: u}',
    [
      'flocker: Invalid value: datasetName and datasetUUID can not be specified simultaneously',
      'flocker.datasetName: Invalid value: "a/b": must not contain \'/\'',
    ],
  ],
  ['Git', 'gitRepo: {repository: r, directory: ../a}', ['gitRepo.directory: Invalid value: "../a": must not contain \'..\'']],
  [
    'AWS',
    'awsElasticBlockStore: {volumeID: v, partition: 256}',
    ['awsElasticBlockStore.partition: Invalid value: 256: must be between 0 and 255, inclusive'],
  ],
  ['Google', 'gcePersistentDisk: {partition: -1}', ['gcePersistentDisk.pdName: Required value']],
  [
    'Azure, managed',
    'azureDisk: {diskName: d, diskURI: "https://a", kind: Managed}',
    [
      'azureDisk.diskURI: Unsupported value: "https://a": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"',
    ],
  ],
  [
    'Azure',
    'azureDisk: {diskName: d, diskURI: /a}',
    [
      'azureDisk.diskURI: Unsupported value: "/a": supported values: "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"',
    ],
  ],
  [
    'Azure caching',
    'azureDisk: {diskName: d, diskURI: "https://a", cachingMode: All}',
    ['azureDisk.cachingMode: "All" is not one of None, ReadOnly, ReadWrite.'],
  ],
  ['Azure files', 'azureFile: {shareName: s}', ['azureFile.secretName: Required value']],
  ['Cinder', 'cinder: {volumeID: v, secretRef: {}}', ['cinder.secretRef.name: Required value']],
  ['RBD', 'rbd: {monitors: [], image: i}', ['rbd.monitors: Required value']],
  ['CephFS', 'cephfs: {path: /}', ['cephfs.monitors: Required value']],
  ['GlusterFS', 'glusterfs: {path: p}', ['glusterfs.endpoints: Required value']],
  ['Photon', 'photonPersistentDisk: {fsType: f}', ['photonPersistentDisk.pdID: Required value']],
  ['Portworx', 'portworxVolume: {fsType: f}', ['portworxVolume.volumeID: Required value']],
  ['vSphere', 'vsphereVolume: {fsType: f}', ['vsphereVolume.volumePath: Required value']],
  ['ScaleIO', 'scaleIO: {gateway: g, system: s, volumeName: v}', ['scaleIO.secretRef: Required value']],
  ['StorageOS', 'storageos: {volumeName: V}', [`storageos.volumeName: Invalid value: "V": ${label}`]],
  [
    'Quobyte',
    `quobyte: {registry: "a:1,b", volume: v, tenant: ${'t'.repeat(65)}}`,
    [
      'quobyte.registry: Invalid value: "a:1,b": must be a host:port pair or multiple pairs separated by commas',
      'quobyte.tenant: Required value: must be a UUID and may not exceed a length of 64 characters',
    ],
  ],
])('%s', (_name, source, faults) => {
  expect(podFaults(`  containers: [{name: c, image: i}]\n  volumes: [{name: v, ${source}}]\n`)).toEqual(
    faults.map((fault) => `volumes[0].${fault}`),
  );
});

test('volumes have names of their own', () => {
  expect(
    podFaults('  containers: [{name: c, image: i}]\n  volumes: [{name: v}, {name: v}, {name: V}, {emptyDir: {}}]\n'),
  ).toEqual(['volumes[3].name: Required value']);
  expect(podFaults('  containers: [{name: c, image: i}]\n  volumes: [{name: v}, {name: v}, {name: V}]\n')).toEqual([
    'volumes[1].name: Duplicate value: "v"',
    `volumes[2].name: Invalid value: "V": ${label}`,
  ]);
});

test('the claim of a volume is named after the pod and the volume', () => {
  const template = '{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}';
  const pod = (name: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers: [{name: c, image: i}]\n  volumes: [{name: scratch, ephemeral: {volumeClaimTemplate: ${template}}}]\n`;
  expect(faultsOf(pod('web'))).toEqual([]);
  const long = 'a'.repeat(250);
  expect(faultsOf(pod(long))).toEqual([
    `volumes[0].name: Invalid value: "scratch": PVC name "${long}-scratch": must be no more than 253 characters`,
  ]);
});
