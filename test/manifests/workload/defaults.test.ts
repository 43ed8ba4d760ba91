// The defaults of workloads.
import { expect, test } from 'vitest';
import { headOf, resourceOf, templateText } from '../../support/workload-text.ts';

const selector = '  selector: {matchLabels: {app: x}}\n';

function specOf(text: string): unknown {
  return (resourceOf(text) as { spec?: unknown } | undefined)?.spec;
}

test('a Deployment', () => {
  expect(specOf(`${headOf('Deployment', 'apps/v1')}spec:\n${selector}${templateText()}`)).toMatchObject({
    replicas: 1,
    minReadySeconds: 0,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    template: { spec: { restartPolicy: 'Always' } },
  });
});

test('a ReplicationController has the labels of its template, and selects them', () => {
  expect(resourceOf(`${headOf('ReplicationController', 'v1')}spec:\n${templateText()}`)).toMatchObject({
    metadata: { name: 'x', namespace: 'default', labels: { app: 'x' } },
    spec: { replicas: 1, minReadySeconds: 0, selector: { app: 'x' } },
  });
});

test('a StatefulSet', () => {
  const claim = '{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1000}}}}';
  expect(
    specOf(`${headOf('StatefulSet', 'apps/v1')}spec:\n${selector}  volumeClaimTemplates: [${claim}]\n${templateText()}`),
  ).toMatchObject({
    replicas: 1,
    minReadySeconds: 0,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    volumeClaimTemplates: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        spec: { volumeMode: 'Filesystem', resources: { requests: { storage: '1000' } } },
      },
    ],
  });
});

test('a StatefulSet that is updated by hand has no limits of an update', () => {
  const text = `${headOf('StatefulSet', 'apps/v1')}spec:\n${selector}  updateStrategy: {type: OnDelete}\n${templateText()}`;
  expect(specOf(text)).toHaveProperty('updateStrategy', { type: 'OnDelete' });
});

test('a DaemonSet', () => {
  expect(specOf(`${headOf('DaemonSet', 'apps/v1')}spec:\n${selector}${templateText()}`)).toMatchObject({
    minReadySeconds: 0,
    revisionHistoryLimit: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
  });
});

const never = '      restartPolicy: Never\n';

test.each<[string, string, object]>([
  ['one pod', '', { completions: 1, parallelism: 1, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false }],
  ['many pods', '  completions: 5\n', { completions: 5, parallelism: 1 }],
  [
    'a limit for each index',
    '  completionMode: Indexed\n  completions: 5\n  backoffLimitPerIndex: 1\n',
    { backoffLimit: 2147483647 },
  ],
  ['pods replaced early', '', { podReplacementPolicy: 'TerminatingOrFailed' }],
  [
    'a failure policy',
    '  podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}\n',
    {
      podReplacementPolicy: 'Failed',
      podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] },
    },
  ],
])('a Job of %s', (_name, rest, expected) => {
  expect(specOf(`${headOf('Job', 'batch/v1')}spec:\n${rest}${templateText(never, '{}')}`)).toMatchObject(expected);
});

test('a Job of a queue has no number of completions', () => {
  expect(specOf(`${headOf('Job', 'batch/v1')}spec:\n  parallelism: 3\n${templateText(never)}`)).not.toHaveProperty('completions');
});

test('a CronJob leaves the defaults of its Jobs to them', () => {
  const text = `${headOf('CronJob', 'batch/v1')}spec:
  schedule: "@daily"
  jobTemplate: {metadata: {}, spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: "i:1"}]}}}}
`;
  expect(specOf(text)).toEqual({
    schedule: '@daily',
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
    jobTemplate: {
      spec: {
        template: {
          spec: expect.objectContaining({
            restartPolicy: 'Never',
            containers: [expect.objectContaining({ imagePullPolicy: 'IfNotPresent' })],
          }),
        },
      },
    },
  });
});
