// Setting the defaults of a resource that has them changes nothing.
import { expect, test } from 'vitest';
import { setDefaults } from '../../../src/manifests/defaults/defaults.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { headOf, resourceOf, templateText } from '../../support/workload-text.ts';

const selector = '  selector: {matchLabels: {app: x}}\n';
const never = templateText('      restartPolicy: Never\n');
const claim = '{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1000}}}}';

test.each([
  ['Deployment', `${headOf('Deployment', 'apps/v1')}spec:\n${selector}${templateText()}`],
  ['old Deployment', `${headOf('Deployment', 'extensions/v1beta1')}spec:\n${templateText()}`],
  ['ReplicaSet', `${headOf('ReplicaSet', 'apps/v1')}spec:\n${selector}${templateText()}`],
  ['ReplicationController', `${headOf('ReplicationController', 'v1')}spec:\n${templateText()}`],
  ['StatefulSet', `${headOf('StatefulSet', 'apps/v1')}spec:\n${selector}  volumeClaimTemplates: [${claim}]\n${templateText()}`],
  ['DaemonSet', `${headOf('DaemonSet', 'apps/v1')}spec:\n${selector}${templateText()}`],
  ['Job', `${headOf('Job', 'batch/v1')}spec:\n  completionMode: Indexed\n  backoffLimitPerIndex: 2\n${never}`],
  [
    'CronJob',
    `${headOf('CronJob', 'batch/v1')}spec: {schedule: "@daily", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: "i:1"}]}}}}}\n`,
  ],
  [
    'HorizontalPodAutoscaler',
    `${headOf('HorizontalPodAutoscaler', 'autoscaling/v2')}spec: {maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: x}, behavior: {scaleUp: {tolerance: 0.1}}}\n`,
  ],
  ['PodDisruptionBudget', `${headOf('PodDisruptionBudget', 'policy/v1')}spec: {minAvailable: 1}\n`],
  ['ResourceQuota', `${headOf('ResourceQuota', 'v1')}spec: {hard: {pods: 1}}\n`],
  [
    'LimitRange',
    `${headOf('LimitRange', 'v1')}spec: {limits: [{type: Container, max: {cpu: 2}, min: {memory: 1Gi}, default: {memory: 2Gi}}]}\n`,
  ],
  ['PriorityClass', `${headOf('PriorityClass', 'scheduling.k8s.io/v1')}value: 1\n`],
  ['RuntimeClass', `${headOf('RuntimeClass', 'node.k8s.io/v1')}handler: runsc\noverhead: {podFixed: {cpu: 1}}\n`],
  ['Namespace', headOf('Namespace', 'v1')],
])('%s', (_name, text) => {
  const once = resourceOf(text);
  expect(once).toBeDefined();
  const twice = structuredClone(once) as Resource;
  setDefaults(twice);
  expect(JSON.stringify(twice)).toBe(JSON.stringify(once));
});
