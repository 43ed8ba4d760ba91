// HorizontalPodAutoscalers of old versions.
import { expect, test } from 'vitest';
import { loadText, told } from '../../support/manifest-text.ts';
import { faultsOf, headOf, resourceOf } from '../../support/workload-text.ts';

const old = (version: string, rest: string): string =>
  `${headOf('HorizontalPodAutoscaler', `autoscaling/${version}`)}spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 5\n${rest}`;
const metricsOf = (text: string): unknown => (resourceOf(text) as { spec?: { metrics?: unknown } } | undefined)?.spec?.metrics;
const v2beta1 = (metric: string): string => old('v2beta1', `  metrics: [{${metric}}]\n`);

test('the percentage of v1 is a metric', () => {
  const text = old('v1', '  targetCPUUtilizationPercentage: 60\n');
  expect(told(loadText(text))[0]).toBe(
    'note Converted a.yaml:1:1 apiVersion: HorizontalPodAutoscaler autoscaling/v1 is read as autoscaling/v2; write that',
  );
  expect(metricsOf(text)).toEqual([
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
  ]);
});

test('v1 without a percentage has the default of today', () => {
  expect(metricsOf(old('v1', ''))).toEqual([
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
  ]);
});

test('a fault in the percentage is told where it is written', () => {
  expect(faultsOf(old('v1', '  targetCPUUtilizationPercentage: 0\n'))).toEqual([
    'error Invalid a.yaml:7:3 spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
  ]);
});

test('metrics in annotations of v1 are refused, what was observed is left out', () => {
  const text = `apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata:
  name: x
  annotations:
    autoscaling.alpha.kubernetes.io/metrics: '[]'
    autoscaling.alpha.kubernetes.io/behavior: '{}'
    autoscaling.alpha.kubernetes.io/conditions: '[]'
    autoscaling.alpha.kubernetes.io/current-metrics: '[]'
    note: kept
spec: {scaleTargetRef: {kind: Deployment, name: web}, maxReplicas: 2}
`;
  expect(told(loadText(text)).filter((line) => line.includes('UnsupportedField'))).toEqual([
    'error UnsupportedField a.yaml:6:5 metadata.annotations[autoscaling.alpha.kubernetes.io/metrics]: metrics in an annotation is not supported; write autoscaling/v2 with spec.metrics',
    'error UnsupportedField a.yaml:7:5 metadata.annotations[autoscaling.alpha.kubernetes.io/behavior]: behavior in an annotation is not supported; write autoscaling/v2 with spec.behavior',
  ]);
  expect(resourceOf(text)).toHaveProperty('metadata.annotations', { note: 'kept' });
});

test.each<[string, string, object]>([
  [
    'utilization',
    'type: Resource, resource: {name: cpu, targetAverageUtilization: 50}',
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
  ],
  [
    'an average',
    'type: Resource, resource: {name: memory, targetAverageValue: 200Mi}',
    { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '200Mi' } } },
  ],
  [
    'a container',
    'type: ContainerResource, containerResource: {name: cpu, container: c, targetAverageUtilization: 50}',
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 50 } },
    },
  ],
  [
    'pods',
    'type: Pods, pods: {metricName: hits, selector: {matchLabels: {a: b}}, targetAverageValue: 10}',
    {
      type: 'Pods',
      pods: {
        metric: { name: 'hits', selector: { matchLabels: { a: 'b' } } },
        target: { type: 'AverageValue', averageValue: '10' },
      },
    },
  ],
  [
    'an object',
    'type: Object, object: {target: {kind: Service, name: s}, metricName: hits, targetValue: 1k}',
    {
      type: 'Object',
      object: {
        describedObject: { kind: 'Service', name: 's' },
        metric: { name: 'hits' },
        target: { type: 'Value', value: '1k' },
      },
    },
  ],
  [
    'the average of an object',
    'type: Object, object: {target: {kind: Service, name: s}, metricName: hits, targetValue: 1k, averageValue: 5}',
    {
      type: 'Object',
      object: {
        describedObject: { kind: 'Service', name: 's' },
        metric: { name: 'hits' },
        target: { type: 'AverageValue', value: '1k', averageValue: '5' },
      },
    },
  ],
  [
    'something outside',
    'type: External, external: {metricName: queue, metricSelector: {matchLabels: {q: a}}, targetAverageValue: 30}',
    {
      type: 'External',
      external: {
        metric: { name: 'queue', selector: { matchLabels: { q: 'a' } } },
        target: { type: 'AverageValue', averageValue: '30' },
      },
    },
  ],
  [
    'something outside in all',
    'type: External, external: {metricName: queue, targetValue: 30}',
    { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '30' } } },
  ],
])('v2beta1: %s', (_name, metric, expected) => {
  expect(faultsOf(v2beta1(metric))).toEqual([]);
  expect(metricsOf(v2beta1(metric))).toEqual([expected]);
});

test.each<[string, string, string[]]>([
  [
    'a bad utilization',
    'type: Resource, resource: {name: cpu, targetAverageUtilization: 0}',
    ['error Invalid a.yaml:7:52 spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0'],
  ],
  [
    'a bad value',
    'type: Object, object: {target: {kind: Service, name: s}, metricName: hits, targetValue: many}',
    [
      'error Invalid a.yaml:7:89 spec.metrics[0].object.target.value: Invalid value: "many": quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
    ],
  ],
  [
    'a bad name',
    'type: Pods, pods: {metricName: a/b, targetAverageValue: 1}',
    ['error Invalid a.yaml:7:33 spec.metrics[0].pods.metric.name: Invalid value: "a/b": may not contain \'/\''],
  ],
  [
    'a bad selector',
    'type: External, external: {metricName: a, metricSelector: {matchLabels: 5}, targetValue: 1}',
    ['error WrongType a.yaml:7:73 spec.metrics[0].external.metric.selector.matchLabels: must be a mapping, not the number 5'],
  ],
  [
    'no name',
    'type: Pods, pods: {targetAverageValue: 1}',
    ['error Required a.yaml:7:26 spec.metrics[0].pods.metric.name: Required value'],
  ],
  [
    'a misspelt field',
    'type: Resource, resource: {name: cpu, targetAverageUtilisation: 50}',
    [
      'error UnknownField a.yaml:7:52 spec.metrics[0].resource.targetAverageUtilisation: unknown field "targetAverageUtilisation".',
    ],
  ],
])('v2beta1: %s is told where it is written', (_name, metric, lines) => {
  expect(faultsOf(v2beta1(metric))).toEqual(lines);
});

test('v2beta2 differs in its name alone', () => {
  const metric = '{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}';
  const text = old('v2beta2', `  metrics: [${metric}]\n`);
  expect(told(loadText(text))[0]).toBe(
    'note Converted a.yaml:1:1 apiVersion: HorizontalPodAutoscaler autoscaling/v2beta2 is read as autoscaling/v2; write that',
  );
  expect(faultsOf(text)).toEqual([]);
});
