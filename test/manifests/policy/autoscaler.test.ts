// The rules of HorizontalPodAutoscalers.
import { expect, test } from 'vitest';
import { faultsOf, headOf } from '../../support/workload-text.ts';

const autoscaler = (rest: string): string =>
  `${headOf('HorizontalPodAutoscaler', 'autoscaling/v2')}spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n${rest}`;
const metric = (text: string): string => autoscaler(`  maxReplicas: 5\n  metrics: [{${text}}]\n`);
const behavior = (text: string): string => autoscaler(`  maxReplicas: 5\n  behavior: {scaleUp: {${text}}}\n`);

test.each<[string, string, string[]]>([
  [
    'all types of metrics',
    autoscaler(
      '  maxReplicas: 5\n  metrics:\n    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}\n    - {type: ContainerResource, containerResource: {name: cpu, container: c, target: {type: AverageValue, averageValue: 500m}}}\n    - {type: Pods, pods: {metric: {name: hits}, target: {type: AverageValue, averageValue: 10}}}\n    - {type: Object, object: {describedObject: {kind: Service, name: s}, metric: {name: hits}, target: {type: Value, value: 1k}}}\n    - {type: External, external: {metric: {name: queue, selector: {matchLabels: {q: a}}}, target: {type: AverageValue, averageValue: 30}}}\n',
    ),
    [],
  ],
  ['no highest number', autoscaler('  minReplicas: 1\n'), ['error Required a.yaml:4:1 spec.maxReplicas: Required value']],
  [
    'less than nothing',
    autoscaler('  minReplicas: 0\n  maxReplicas: 0\n'),
    [
      'error Invalid a.yaml:6:3 spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'error Invalid a.yaml:7:3 spec.maxReplicas: Invalid value: 0: must be greater than 0',
    ],
  ],
  [
    'less than the lowest',
    autoscaler('  minReplicas: 3\n  maxReplicas: 2\n'),
    ['error Invalid a.yaml:7:3 spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`'],
  ],
  [
    'a target of no version',
    `${headOf('HorizontalPodAutoscaler', 'autoscaling/v2')}spec: {maxReplicas: 1, scaleTargetRef: {apiVersion: a/b/c, kind: Deployment, name: x}}\n`,
    ['error Invalid a.yaml:4:41 spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
  ],
  [
    'a target without a name',
    `${headOf('HorizontalPodAutoscaler', 'autoscaling/v2')}spec: {maxReplicas: 1, scaleTargetRef: {kind: a/b, name: ".."}}\n`,
    [
      'error Invalid a.yaml:4:41 spec.scaleTargetRef.kind: Invalid value: "a/b": may not contain \'/\'',
      'error Invalid a.yaml:4:52 spec.scaleTargetRef.name: Invalid value: "..": may not be \'..\'',
    ],
  ],
  [
    'the field of v1',
    autoscaler('  maxReplicas: 2\n  targetCPUUtilizationPercentage: 50\n'),
    ['error UnknownField a.yaml:7:3 spec.targetCPUUtilizationPercentage: unknown field "targetCPUUtilizationPercentage".'],
  ],
  [
    'a type without its field',
    metric('type: Resource'),
    [
      'error Required a.yaml:7:13 spec.metrics[0].resource: Required value: must populate information for the given metric source',
    ],
  ],
  [
    'the field of another type',
    metric('type: Pods, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}'),
    [
      'error Required a.yaml:7:13 spec.metrics[0].pods: Required value: must populate information for the given metric source',
      'error Invalid a.yaml:7:26 spec.metrics[0].resource: Forbidden: must populate the given metric source only',
    ],
  ],
  [
    'an unknown type',
    metric('type: Cpu'),
    ['error Invalid a.yaml:7:14 spec.metrics[0].type: "Cpu" is not one of ContainerResource, External, Object, Pods, Resource.'],
  ],
  [
    'a resource without a target value',
    metric('type: Resource, resource: {name: cpu, target: {type: Utilization}}'),
    [
      'error Required a.yaml:7:52 spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
    ],
  ],
  [
    'a resource with two target values',
    metric('type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50, averageValue: 1}}'),
    [
      'error Invalid a.yaml:7:104 spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
    ],
  ],
  [
    'targets that are not positive',
    metric('type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 0}}'),
    ['error Invalid a.yaml:7:80 spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0'],
  ],
  [
    'a value that is no quantity',
    metric('type: Pods, pods: {metric: {name: a}, target: {type: AverageValue, averageValue: many}}'),
    [
      'error Invalid a.yaml:7:81 spec.metrics[0].pods.target.averageValue: Invalid value: "many": quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
    ],
  ],
  [
    'a value of nothing',
    metric('type: Pods, pods: {metric: {name: a/b}, target: {type: AverageValue, averageValue: 0}}'),
    [
      'error Invalid a.yaml:7:42 spec.metrics[0].pods.metric.name: Invalid value: "a/b": may not contain \'/\'',
      'error Invalid a.yaml:7:83 spec.metrics[0].pods.target.averageValue: Invalid value: "0": must be positive',
    ],
  ],
  [
    'pods without an average',
    metric('type: Pods, pods: {metric: {name: a}, target: {type: Value, value: 1}}'),
    [
      'error Required a.yaml:7:52 spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue',
    ],
  ],
  [
    'an unknown type of target',
    metric('type: Pods, pods: {metric: {name: a}, target: {type: Average, averageValue: 1}}'),
    ['error Invalid a.yaml:7:61 spec.metrics[0].pods.target.type: "Average" is not one of Utilization, Value, AverageValue.'],
  ],
  [
    'an object without a value',
    metric('type: Object, object: {describedObject: {kind: A, name: b}, metric: {name: a}, target: {type: Value}}'),
    [
      'error Required a.yaml:7:93 spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue',
    ],
  ],
  [
    'something outside without a value',
    metric('type: External, external: {metric: {name: a}, target: {type: Value}}'),
    [
      'error Required a.yaml:7:60 spec.metrics[0].external.target.averageValue: Required value: must set either a target value for metric or a per-pod target',
    ],
  ],
  [
    'something outside with two values',
    metric('type: External, external: {metric: {name: a}, target: {type: Value, value: 1, averageValue: 1}}'),
    [
      'error Invalid a.yaml:7:82 spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
    ],
  ],
  [
    'a container that is not named',
    metric(
      'type: ContainerResource, containerResource: {name: cpu, container: "", target: {type: Utilization, averageUtilization: 1}}',
    ),
    ['error Required a.yaml:7:70 spec.metrics[0].containerResource.container: Required value'],
  ],
  [
    'a window that is too long',
    behavior('stabilizationWindowSeconds: 3601'),
    [
      'error Invalid a.yaml:7:24 spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
    ],
  ],
  [
    'a window in the past',
    behavior('stabilizationWindowSeconds: -1'),
    [
      'error Invalid a.yaml:7:24 spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero',
    ],
  ],
  [
    'an unknown policy',
    behavior('selectPolicy: Most'),
    ['error Invalid a.yaml:7:24 spec.behavior.scaleUp.selectPolicy: "Most" is not one of Max, Min, Disabled.'],
  ],
  [
    'policies that change nothing',
    behavior('policies: [{type: Pods, value: 0, periodSeconds: 0}, {type: Percent, value: 1, periodSeconds: 1801}]'),
    [
      'error Invalid a.yaml:7:48 spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
      'error Invalid a.yaml:7:58 spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 0: must be greater than zero',
      'error Invalid a.yaml:7:103 spec.behavior.scaleUp.policies[1].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
    ],
  ],
  [
    'a tolerance below zero',
    behavior('tolerance: "-0.1"'),
    ['error Invalid a.yaml:7:24 spec.behavior.scaleUp.tolerance: Invalid value: "-0.1": must be greater than or equal to 0'],
  ],
])('%s', (_name, text, lines) => {
  expect(faultsOf(text)).toEqual(lines);
});
