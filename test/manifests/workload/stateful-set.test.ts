// The rules of StatefulSets.
import { expect, test } from 'vitest';
import { faultsOf, headOf, templateText } from '../../support/workload-text.ts';

const set = (rest: string, pod = '', name = 'x'): string =>
  `${headOf('StatefulSet', 'apps/v1', name)}spec:\n  selector: {matchLabels: {app: x}}\n${rest}${templateText(pod)}`;
const claim = (name: string): string =>
  `{metadata: {${name}}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}`;
const mounts = (name: string): string =>
  `      initContainers: [{name: i, image: "i:1", volumeMounts: [{name: ${name}, mountPath: /data}]}]\n`;

test.each<[string, string, string[]]>([
  [
    'a name that is no host name',
    set('', '', 'a.b'),
    [
      "error Invalid a.yaml:3:12 metadata.name: Invalid value: \"a.b\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [
    'negative counts',
    set('  replicas: -1\n  minReadySeconds: -1\n  revisionHistoryLimit: -1\n  ordinals: {start: -1}\n'),
    [
      'error Invalid a.yaml:6:3 spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:7:3 spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:8:3 spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:9:14 spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'a Service that cannot be',
    set('  serviceName: 1st\n'),
    [
      "error Invalid a.yaml:6:3 spec.serviceName: Invalid value: \"1st\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [
    'unknown words',
    set(
      '  podManagementPolicy: Paralel\n  updateStrategy: {type: Recreate}\n  persistentVolumeClaimRetentionPolicy: {whenDeleted: Keep}\n',
    ),
    [
      'error Invalid a.yaml:6:3 spec.podManagementPolicy: "Paralel" is not one of OrderedReady, Parallel. Did you mean "Parallel"?',
      'error Invalid a.yaml:7:20 spec.updateStrategy.type: "Recreate" is not one of RollingUpdate, OnDelete.',
      'error Invalid a.yaml:8:42 spec.persistentVolumeClaimRetentionPolicy.whenDeleted: "Keep" is not one of Retain, Delete.',
    ],
  ],
  [
    'limits without a rolling update',
    set('  updateStrategy: {type: OnDelete, rollingUpdate: {partition: 1}}\n'),
    [
      'error Invalid a.yaml:6:36 spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy \'RollingUpdate\'',
    ],
  ],
  [
    'a rolling update that cannot go on',
    set('  updateStrategy: {rollingUpdate: {partition: -1, maxUnavailable: 0}}\n'),
    [
      'error Invalid a.yaml:6:36 spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
      'error Invalid a.yaml:6:51 spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
    ],
  ],
  [
    'more than all',
    set('  updateStrategy: {rollingUpdate: {maxUnavailable: 110%}}\n'),
    [
      'error Invalid a.yaml:6:36 spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "110%": must not be greater than 100%',
    ],
  ],
  [
    'claims without names and of one name',
    set(`  volumeClaimTemplates: [${claim('labels: {a: b}')}, ${claim('name: d')}, ${claim('name: d')}, ${claim('name: D')}]\n`),
    [
      'error Required a.yaml:6:27 spec.volumeClaimTemplates[0].metadata.name: Required value',
      'error Duplicate a.yaml:6:245 spec.volumeClaimTemplates[2].metadata.name: Duplicate value: "d"',
      "error Invalid a.yaml:6:345 spec.volumeClaimTemplates[3].metadata.name: Invalid value: \"D\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [
    'a claim without a size',
    set(
      '  volumeClaimTemplates: [{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce, ReadWriteOncePod], resources: {}}}]\n',
    ),
    [
      'error Invalid a.yaml:6:55 spec.volumeClaimTemplates[0].spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
      'error Required a.yaml:6:103 spec.volumeClaimTemplates[0].spec.resources.requests.storage: Required value',
    ],
  ],
  [
    'a claim that is something else',
    set('  volumeClaimTemplates: [{kind: Pod, metadata: {name: d}}]\n'),
    [
      'error Required a.yaml:6:26 spec.volumeClaimTemplates[0].spec: Required value',
      'error Invalid a.yaml:6:27 spec.volumeClaimTemplates[0].kind: "Pod" is not "PersistentVolumeClaim"',
    ],
  ],
  ['a mount of a claim', set(`  volumeClaimTemplates: [${claim('name: d')}]\n`, mounts('d')), []],
  [
    'a mount of nothing',
    set(`  volumeClaimTemplates: [${claim('name: d')}]\n`, mounts('e')),
    ['error NotFound a.yaml:10:64 spec.template.spec.initContainers[0].volumeMounts[0].name: Not found: "e"'],
  ],
  [
    'a claim that goes before a volume',
    set(`  volumeClaimTemplates: [${claim('name: d')}]\n`, `      volumes: [{name: d, emptyDir: {}}]\n${mounts('d')}`),
    [],
  ],
  [
    'pods that end',
    set('', '      restartPolicy: Never\n      activeDeadlineSeconds: 5\n'),
    [
      'error Invalid a.yaml:9:7 spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'error Invalid a.yaml:10:7 spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported',
    ],
  ],
])('%s', (_name, text, lines) => {
  expect(faultsOf(text)).toEqual(lines);
});
