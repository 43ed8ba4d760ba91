// The defaults of autoscalers, limits and classes, and what is told of kinds that have no effect or are refused.
import { expect, test } from 'vitest';
import { loadText, told } from '../../support/manifest-text.ts';
import { headOf, resourceOf, templateText } from '../../support/workload-text.ts';

const target = '  scaleTargetRef: {kind: Deployment, name: web}\n  maxReplicas: 5\n';

test('an autoscaler looks at the processors, and fills in a behaviour that is begun', () => {
  const text = `${headOf('HorizontalPodAutoscaler', 'autoscaling/v2')}spec:\n${target}  behavior: {scaleDown: {stabilizationWindowSeconds: 60}}\n`;
  expect(resourceOf(text)).toMatchObject({
    spec: {
      minReplicas: 1,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
      behavior: {
        scaleUp: {
          selectPolicy: 'Max',
          stabilizationWindowSeconds: 0,
          policies: [
            { type: 'Pods', value: 4, periodSeconds: 15 },
            { type: 'Percent', value: 100, periodSeconds: 15 },
          ],
        },
        scaleDown: {
          selectPolicy: 'Max',
          stabilizationWindowSeconds: 60,
          policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
        },
      },
    },
  });
});

test('an autoscaler without a behaviour has none', () => {
  const text = `${headOf('HorizontalPodAutoscaler', 'autoscaling/v2')}spec:\n${target}`;
  expect(resourceOf(text)).not.toHaveProperty('spec.behavior');
});

test('the limit of a container is its max, and the request its limit, else its min', () => {
  const text = `${headOf('LimitRange', 'v1')}spec: {limits: [{type: Container, max: {cpu: 2}, min: {cpu: 1, memory: 1Gi}}, {type: Pod, max: {cpu: 4}}]}\n`;
  expect(resourceOf(text)).toHaveProperty('spec.limits', [
    {
      type: 'Container',
      max: { cpu: '2' },
      min: { cpu: '1', memory: '1Gi' },
      default: { cpu: '2' },
      defaultRequest: { cpu: '2', memory: '1Gi' },
    },
    { type: 'Pod', max: { cpu: '4' } },
  ]);
});

test('amounts are text', () => {
  expect(resourceOf(`${headOf('ResourceQuota', 'v1')}spec: {hard: {pods: 10, cpu: 1.5}}\n`)).toHaveProperty('spec.hard', {
    pods: '10',
    cpu: '1.5',
  });
});

test('a PriorityClass displaces others', () => {
  expect(resourceOf(`${headOf('PriorityClass', 'scheduling.k8s.io/v1', 'high')}value: 5\n`)).toEqual({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'high' },
    value: 5,
    preemptionPolicy: 'PreemptLowerPriority',
  });
});

test('a namespace is labelled with its name', () => {
  expect(resourceOf(headOf('Namespace', 'v1', 'shop'))).toHaveProperty('metadata.labels', {
    'kubernetes.io/metadata.name': 'shop',
  });
});

const job = `spec:\n${templateText('      restartPolicy: Never\n', '{}')}`;
const set = `spec:\n  selector: {matchLabels: {app: x}}\n${templateText()}`;

test.each<[string, string, string]>([
  [
    'ReplicationController',
    `${headOf('ReplicationController', 'v1')}spec:\n${templateText()}`,
    'error UnsupportedKind a.yaml:2:1 kind: ReplicationController is not supported yet: Deployments have taken its place; write a Deployment (apps/v1) with the same template and the selector under matchLabels',
  ],
  [
    'StatefulSet',
    `${headOf('StatefulSet', 'apps/v1')}${set}`,
    'error UnsupportedKind a.yaml:2:1 kind: StatefulSet is not supported yet: Pods with fixed names and claims of their own come with a later version of Holdfast; for one pod write a Deployment with one replica, strategy Recreate and a PersistentVolumeClaim',
  ],
  [
    'DaemonSet',
    `${headOf('DaemonSet', 'apps/v1')}${set}`,
    'error UnsupportedKind a.yaml:2:1 kind: DaemonSet is not supported yet: One pod on every host comes with a later version of Holdfast; write a Deployment with one replica and nodeName for each host',
  ],
  [
    'Job',
    `${headOf('Job', 'batch/v1')}${job}`,
    'error UnsupportedKind a.yaml:2:1 kind: Job is not supported yet: Jobs come with a later version of Holdfast; for work that runs once write a Pod with restartPolicy OnFailure',
  ],
  [
    'CronJob',
    `${headOf('CronJob', 'batch/v1')}spec:\n  schedule: "@daily"\n  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: "i:1"}]}}}}\n`,
    'error UnsupportedKind a.yaml:2:1 kind: CronJob is not supported yet: Schedules come with a later version of Holdfast; start the work from cron on the host until then',
  ],
  [
    'HorizontalPodAutoscaler',
    `${headOf('HorizontalPodAutoscaler', 'autoscaling/v2')}spec:\n${target}`,
    'error UnsupportedKind a.yaml:2:1 kind: HorizontalPodAutoscaler is not supported yet: Nothing measures pods yet, so a workload that counts on being scaled could be overloaded; set replicas in the workload and remove this object',
  ],
  [
    'PodDisruptionBudget',
    `${headOf('PodDisruptionBudget', 'policy/v1')}spec: {minAvailable: 1, selector: {}}\n`,
    'note NoEffect a.yaml:2:1 kind: accepted without effect: Holdfast evicts no pods yet, so there is nothing that a budget could hold back.',
  ],
  [
    'ResourceQuota',
    `${headOf('ResourceQuota', 'v1')}spec: {hard: {pods: 1}}\n`,
    'error UnsupportedKind a.yaml:2:1 kind: ResourceQuota is not supported yet: Nothing counts yet what a namespace uses, so its limits would not hold; remove it, and limit the containers by their resources',
  ],
  [
    'LimitRange',
    `${headOf('LimitRange', 'v1')}spec: {limits: [{type: Pod, max: {cpu: 1}}]}\n`,
    'error UnsupportedKind a.yaml:2:1 kind: LimitRange is not supported yet: Its defaults and bounds are not applied to pods yet; write the resources into the containers and remove it',
  ],
  [
    'PriorityClass',
    `${headOf('PriorityClass', 'scheduling.k8s.io/v1')}value: 1\n`,
    'note NoEffect a.yaml:2:1 kind: accepted without effect: Pods are placed without regard to priority yet; all of them are equal.',
  ],
  [
    'RuntimeClass',
    `${headOf('RuntimeClass', 'node.k8s.io/v1')}handler: runsc\n`,
    'note NoEffect a.yaml:2:1 kind: accepted without effect: A RuntimeClass matters to pods that name it alone, and none may do so yet.',
  ],
  [
    'finalizers of a namespace',
    `${headOf('Namespace', 'v1')}spec: {finalizers: [kubernetes]}\n`,
    'error UnsupportedField a.yaml:4:8 spec.finalizers: finalizers is not supported yet: Nothing outside can clean up before a namespace goes; remove it',
  ],
])('%s: what is told', (_name, text, line) => {
  expect(told(loadText(text))).toEqual([line]);
});
