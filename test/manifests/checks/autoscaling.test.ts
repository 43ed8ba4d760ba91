// HorizontalPodAutoscalers and their targets.
import { describe, expect, test } from 'vitest';
import { judge, object, pod, workload } from './set-text.ts';

const cpu = '{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}';
const scaler = (name: string, target: string, metrics = cpu): string =>
  object(
    'HorizontalPodAutoscaler',
    name,
    `spec:\n  scaleTargetRef: {${target}}\n  maxReplicas: 5\n${metrics === '' ? '' : `  metrics: [${metrics}]\n`}`,
  );
const to = (kind: string, name: string, apiVersion = 'apps/v1'): string =>
  `apiVersion: ${apiVersion}, kind: ${kind}, name: ${name}`;
const requests = pod('resources: {requests: {cpu: 100m}}');
const web = workload('Deployment', 'web', requests);

describe('targets', () => {
  test.each<[string, string, string[]]>([
    ['that is there', to('Deployment', 'web'), []],
    ['of an older version', to('Deployment', 'web', 'apps/v1beta1'), []],
    ['of a group that it has left', to('Deployment', 'web', 'extensions/v1beta1'), []],
    [
      'that is missing',
      to('Deployment', 'wep'),
      [
        'error NotFound b.yaml:5:59 spec.scaleTargetRef.name: Deployment "wep" is not declared in namespace "default". Did you mean "web"?',
      ],
    ],
    [
      'of another kind',
      to('StatefulSet', 'web'),
      ['error NotFound b.yaml:5:60 spec.scaleTargetRef.name: StatefulSet "web" is not declared in namespace "default".'],
    ],
    [
      'of the wrong group',
      to('Deployment', 'web', 'v1'),
      ['error Invalid b.yaml:5:20 spec.scaleTargetRef.apiVersion: there is no Deployment in v1; write apps/v1'],
    ],
    [
      'without a version',
      'kind: Deployment, name: web',
      ['error Invalid b.yaml:5:3 spec.scaleTargetRef.apiVersion: there is no Deployment in v1; write apps/v1'],
    ],
    [
      'that has no scale',
      to('DaemonSet', 'web'),
      [
        'error Invalid b.yaml:5:41 spec.scaleTargetRef.kind: a DaemonSet cannot be scaled; name one of Deployment, ReplicaSet, StatefulSet, ReplicationController',
      ],
    ],
    ['that is a custom resource', to('Rollout', 'web', 'argoproj.io/v1alpha1'), []],
  ])('a target %s', (_name, target, expected) => {
    expect(judge([web, scaler('h', target)])).toEqual(expected);
  });

  test('a ReplicationController is in v1', () => {
    const text = workload('ReplicationController', 'web', requests).replace('{matchLabels: {app: web}}', '{app: web}');
    expect(judge([text, scaler('h', to('ReplicationController', 'web', 'v1'))])).toEqual([]);
  });

  test('one that runs already is not looked into', () => {
    expect(judge([scaler('h', to('Deployment', 'web'))], { exists: () => ({}) })).toEqual([]);
  });
});

describe('requests', () => {
  const missing = (names: string, field = 'spec.metrics[0].resource.name', column = 41): string =>
    `error Required b.yaml:7:${column} ${field}: missing request for cpu in ${names} of deployment/web (a.yaml:8): its use cannot be measured`;
  const container =
    '{type: ContainerResource, containerResource: {container: main, name: cpu, target: {type: Utilization, averageUtilization: 80}}}';
  const three = '{containers: [{name: a, image: i}, {name: b, image: i}, {name: c, image: i}, {name: d, image: i}]}';

  test.each<[string, string, string, string[]]>([
    ['a request', requests, cpu, []],
    ['a limit is a request', pod('resources: {limits: {cpu: 1}}'), cpu, []],
    ['a request of the pod', pod('', 'resources: {requests: {cpu: 1}}'), cpu, []],
    ['no request', pod(), cpu, [missing('container "main"')]],
    ['a request of something else', pod('resources: {requests: {memory: 1Gi}}'), cpu, [missing('container "main"')]],
    ['no request in several containers', three, cpu, [missing('containers "a", "b", "c" and 1 more')]],
    [
      'an amount needs no request',
      pod(),
      '{type: Resource, resource: {name: cpu, target: {type: AverageValue, averageValue: 500m}}}',
      [],
    ],
    [
      'metrics of something else',
      pod(),
      '{type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: 10}}}',
      [],
    ],
    ['one container', requests, container, []],
    ['one container without', pod(), container, [missing('container "main"', 'spec.metrics[0].containerResource.name', 76)]],
    [
      'a container that is not there',
      requests,
      container.replace('container: main', 'container: mian'),
      [
        'error NotFound b.yaml:7:59 spec.metrics[0].containerResource.container: deployment/web (a.yaml:8) has no container "mian". Did you mean "main"?',
      ],
    ],
    [
      'init containers that end are not measured',
      '{initContainers: [{name: once, image: i}], containers: [{name: main, image: i, resources: {requests: {cpu: 1}}}]}',
      cpu,
      [],
    ],
    [
      'sidecars are',
      '{initContainers: [{name: proxy, image: i, restartPolicy: Always}], containers: [{name: main, image: i, resources: {requests: {cpu: 1}}}]}',
      cpu,
      [missing('container "proxy"')],
    ],
  ])('%s', (_name, spec, metric, expected) => {
    expect(judge([workload('Deployment', 'web', spec), scaler('h', to('Deployment', 'web'), metric)])).toEqual(expected);
  });

  test('without metrics it is the processor that is measured', () => {
    expect(judge([workload('Deployment', 'web'), scaler('h', to('Deployment', 'web'), '')])).toEqual([
      'error Required b.yaml:4:1 spec.metrics[0].resource.name: missing request for cpu in container "main" of deployment/web (a.yaml:8): its use cannot be measured',
    ]);
  });

  test('a LimitRange fills in requests, here or where it runs already', () => {
    const texts = [workload('Deployment', 'web'), scaler('h', to('Deployment', 'web'))];
    const range = (limits: string): string => object('LimitRange', 'x', `spec: {limits: [{${limits}}]}\n`);
    expect(judge([...texts, range('type: Container, defaultRequest: {cpu: 100m}')])).toEqual([]);
    expect(judge([...texts, range('type: Container, default: {cpu: 100m}')])).toEqual([]);
    expect(judge(texts, { hasLimits: () => true })).toEqual([]);
    expect(judge([...texts, range('type: Container, default: {memory: 1Gi}')])).toEqual([missing('container "main"')]);
  });
});

describe('two who decide', () => {
  test('two autoscalers of one target', () => {
    expect(judge([web, scaler('one', to('Deployment', 'web')), scaler('two', to('Deployment', 'web'))])).toEqual([
      'error Conflict c.yaml:5:3 spec.scaleTargetRef: deployment/web is scaled by horizontalpodautoscaler/one (b.yaml:5) already',
    ]);
  });

  test('two autoscalers of workloads that share pods', () => {
    const stable = workload('Deployment', 'web', requests);
    const canary = workload('Deployment', 'canary', requests, '', 'app: web, track: canary');
    const texts = [stable, canary, scaler('one', to('Deployment', 'web')), scaler('two', to('Deployment', 'canary'))];
    expect(judge(texts)).toEqual([
      'note Conflict a.yaml:5:3 spec.selector: selects the pods of deployment/canary (b.yaml:5) as well: whoever asks for the pods of one gets both',
      'error Conflict d.yaml:5:3 spec.scaleTargetRef: the pods are those of horizontalpodautoscaler/one (c.yaml:5) as well: neither can tell how many there should be',
    ]);
    expect(judge(texts.slice(0, 3))).toEqual([
      'note Conflict a.yaml:5:3 spec.selector: selects the pods of deployment/canary (b.yaml:5) as well: whoever asks for the pods of one gets both',
    ]);
  });

  test('replicas that are written are set back by every sync', () => {
    const fixed = workload('Deployment', 'web', requests, '  replicas: 1\n');
    expect(judge([fixed, scaler('h', to('Deployment', 'web'))])).toEqual([
      'note Conflict a.yaml:6:3 spec.replicas: horizontalpodautoscaler/h (b.yaml:1) sets the number of pods, and every sync would set it back; leave replicas out, or remove the autoscaler',
    ]);
    expect(judge([fixed])).toEqual([]);
  });
});
