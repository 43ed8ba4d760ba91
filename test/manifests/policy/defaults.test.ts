// The defaults of autoscalers, limits and classes, and what is told of kinds that have no effect or are refused.
import { expect, test } from 'vitest';
import { loadText, told } from '../../support/manifest-text.ts';
import { headOf, resourceOf } from '../../support/workload-text.ts';

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

test.each<[string, string, string]>([
  [
    'HorizontalPodAutoscaler',
    `${headOf('HorizontalPodAutoscaler', 'autoscaling/v2')}spec:\n${target}`,
    'error UnsupportedKind a.yaml:2:1 kind: HorizontalPodAutoscaler is not supported yet: Nothing measures pods yet, so a workload that counts on being scaled could be overloaded; set replicas in the workload and remove this object',
  ],
  [
    'finalizers of a namespace',
    `${headOf('Namespace', 'v1')}spec: {finalizers: [kubernetes]}\n`,
    'error UnsupportedField a.yaml:4:8 spec.finalizers: finalizers is not supported yet: Nothing outside can clean up before a namespace goes; remove it',
  ],
])('%s: what is told', (_name, text, line) => {
  expect(told(loadText(text))).toEqual([line]);
});
