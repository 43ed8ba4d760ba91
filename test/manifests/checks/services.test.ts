// Services and other selectors: what they select, the ports behind them, and the numbers that they ask for.
import { describe, expect, test } from 'vitest';
import { job, judge, object, pod, service, workload } from './set-text.ts';

const web = workload(
  'Deployment',
  'web',
  pod('ports: [{name: http, containerPort: 80}, {name: dns, containerPort: 53, protocol: UDP}]'),
);

describe('selectors', () => {
  test.each<[string, string, string[]]>([
    ['of pods that are there', 'app: web', []],
    [
      'with a value that no pod has',
      'app: wep',
      [
        'note NotFound b.yaml:4:8 spec.selector: selects nothing: no pod that is declared in namespace "default" has the label app: wep. Did you mean "web"?',
      ],
    ],
    [
      'with labels that no pod has together',
      'app: web, part: back',
      [
        'note NotFound b.yaml:4:8 spec.selector: selects nothing: no pod that is declared in namespace "default" has all of the labels app: web, part: back.',
      ],
    ],
    ['that is left out: somebody else says where it leads', '', []],
  ])('a Service with a selector %s', (_name, selector, expected) => {
    const back = workload('Deployment', 'back', pod(), '', 'app: back, part: back');
    const text = service('s', `${selector === '' ? '' : `selector: {${selector}}, `}ports: [{port: 80}]`);
    expect(judge([web, text, back])).toEqual(expected);
  });

  test('a Service that is another name selects nothing', () => {
    expect(judge([service('s', 'type: ExternalName, externalName: example.com, selector: {app: none}')])).toEqual([]);
  });

  test('pods of other namespaces do not count, and pods that may be there besides do', () => {
    const other = service('s', 'selector: {app: web}, ports: [{port: 80, targetPort: none}]', 'namespace: kube-public');
    expect(judge([web, other])).toEqual([
      'note NotFound b.yaml:4:8 spec.selector: selects nothing: no pod that is declared in namespace "kube-public" has the label app: web.',
    ]);
    expect(judge([web, other], { hasPods: (namespace) => namespace === 'kube-public' })).toEqual([]);
    const wrong = service('s', 'selector: {app: web}, ports: [{port: 80, targetPort: none}]');
    expect(judge([web, wrong], { hasPods: () => true })).toEqual([]);
  });

  const db = workload('StatefulSet', 'db', pod(), '  serviceName: one\n');
  test.each<[string, string, readonly string[]]>([
    ['a pod of a StatefulSet by name', 'statefulset.kubernetes.io/pod-name: db-0', []],
    [
      'a pod of another name',
      'statefulset.kubernetes.io/pod-name: bd-0',
      ['has the label statefulset.kubernetes.io/pod-name: bd-0.'],
    ],
    ['a pod of a StatefulSet by number', 'apps.kubernetes.io/pod-index: "2"', []],
    ['the pods of a Job', 'job-name: migrate', []],
    ['the pods of another Job', 'job-name: migrat', ['has the label job-name: migrat. Did you mean "migrate"?']],
    ['a hash that is not known yet', 'app: web, pod-template-hash: 5d8c7b', []],
  ])('labels that Kubernetes gives: %s', (_name, selector, endings) => {
    const found = judge([web, db, job('Job', 'migrate'), service('one', `selector: {${selector}}, ports: [{port: 80}]`)]);
    expect(found).toEqual(
      endings.map(
        (ending) =>
          `note NotFound d.yaml:4:8 spec.selector: selects nothing: no pod that is declared in namespace "default" ${ending}`,
      ),
    );
  });

  test.each<[string, string, string[]]>([
    [
      'a NetworkPolicy',
      object('NetworkPolicy', 'x', 'spec: {podSelector: {matchLabels: {app: wep}}, policyTypes: [Ingress]}\n'),
      [
        'note NotFound b.yaml:4:8 spec.podSelector: selects nothing: no pod that is declared in namespace "default" has the label app: wep. Did you mean "web"?',
      ],
    ],
    ['a NetworkPolicy for all pods', object('NetworkPolicy', 'x', 'spec: {podSelector: {}, policyTypes: [Ingress]}\n'), []],
    [
      'a NetworkPolicy with an expression',
      object('NetworkPolicy', 'x', 'spec: {podSelector: {matchExpressions: [{key: app, operator: In, values: [web, back]}]}}\n'),
      [],
    ],
    [
      'a PodDisruptionBudget',
      object('PodDisruptionBudget', 'x', 'spec: {minAvailable: 1, selector: {matchLabels: {part: web}}}\n'),
      [
        'note NotFound b.yaml:4:25 spec.selector: selects nothing: no pod that is declared in namespace "default" has the label part: web.',
      ],
    ],
    [
      'a PodDisruptionBudget with an expression',
      object(
        'PodDisruptionBudget',
        'x',
        'spec: {minAvailable: 1, selector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}\n',
      ),
      ['note NotFound b.yaml:4:25 spec.selector: selects nothing: no pod that is declared in namespace "default" fits.'],
    ],
    [
      'a PodDisruptionBudget of pods that are there',
      object('PodDisruptionBudget', 'x', 'spec: {selector: {matchLabels: {app: web}}}\n'),
      [],
    ],
  ])('%s', (_name, text, expected) => {
    expect(judge([web, text])).toEqual(expected);
  });
});

describe('the port behind a Service', () => {
  const to = (port: string, more = ''): string => service('s', `selector: {app: web}, ports: [{port: 80, ${port}}]${more}`);
  const sidecar = workload(
    'Deployment',
    'web',
    '{initContainers: [{name: proxy, image: "i:1", restartPolicy: Always, ports: [{name: http, containerPort: 80}]}], containers: [{name: main, image: "i:1"}]}',
  );

  test.each<[string, string, string, string[]]>([
    ['by name', web, to('targetPort: http'), []],
    ['by number, declared or not', web, to('targetPort: 8080'), []],
    ['of a sidecar', sidecar, to('targetPort: http'), []],
    [
      'by a name that no pod has',
      web,
      to('targetPort: htp'),
      [
        'error NotFound b.yaml:4:49 spec.ports[0].targetPort: no pod that the Service selects, such as those of deployment/web (a.yaml:8), has a TCP port "htp". Did you mean "http"?',
      ],
    ],
    [
      'by a name with another protocol',
      web,
      to('targetPort: dns'),
      [
        'error NotFound b.yaml:4:49 spec.ports[0].targetPort: no pod that the Service selects, such as those of deployment/web (a.yaml:8), has a TCP port "dns", but a UDP port.',
      ],
    ],
    ['by a name with the right protocol', web, to('targetPort: dns, protocol: UDP'), []],
    [
      'of a Service without an address, which gives names to pods',
      web,
      to('targetPort: htp', ', clusterIP: None'),
      [
        'note NotFound b.yaml:4:49 spec.ports[0].targetPort: no pod that the Service selects, such as those of deployment/web (a.yaml:8), has a TCP port "htp". Did you mean "http"?',
      ],
    ],
  ])('%s', (_name, pods, text, expected) => {
    expect(judge([pods, text])).toEqual(expected);
  });

  test('one pod of several that has it is enough', () => {
    const canary = workload('Deployment', 'canary', pod(), '', 'app: web, track: canary');
    const text = service('s', 'selector: {app: web}, ports: [{port: 80, targetPort: http}]');
    expect(judge([canary, web, text]).filter((line) => line.includes('targetPort'))).toEqual([]);
  });
});

describe('numbers that only one Service can have', () => {
  const at = (name: string, spec: string, metadata = ''): string => service(name, spec, metadata);
  const ports = (port: string): string => `ports: [{port: 80, ${port}}]`;
  const node = (name: string, port: string, metadata = ''): string => at(name, `type: NodePort, ${ports(port)}`, metadata);

  test.each<[string, string, string, string[]]>([
    ['node ports that differ', node('a', 'nodePort: 30080'), node('b', 'nodePort: 30081'), []],
    [
      'one node port',
      node('a', 'nodePort: 30080'),
      node('b', 'nodePort: 30080', 'namespace: kube-public'),
      ['error Conflict b.yaml:4:43 spec.ports[0].nodePort: node port 30080 is taken by service/a in default (a.yaml:4)'],
    ],
    [
      'one node port for two protocols: Kubernetes gives a number to one Service alone',
      node('a', 'nodePort: 30080'),
      node('b', 'nodePort: 30080, protocol: UDP'),
      ['error Conflict b.yaml:4:43 spec.ports[0].nodePort: node port 30080 is taken by service/a (a.yaml:4)'],
    ],
    [
      'the port of a health check',
      node('a', 'nodePort: 30080'),
      at('b', 'type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30080, ports: [{port: 80}]'),
      ['error Conflict b.yaml:4:58 spec.healthCheckNodePort: node port 30080 is taken by service/a (a.yaml:4)'],
    ],
    [
      'one address',
      at('a', 'clusterIP: 10.96.0.10, ports: [{port: 80}]'),
      at('b', 'clusterIP: 10.96.0.10, ports: [{port: 81}]'),
      ['error Conflict b.yaml:4:8 spec.clusterIP: address 10.96.0.10 is taken by service/a (a.yaml:4)'],
    ],
    [
      'one address of two families',
      at(
        'a',
        'clusterIP: 10.96.0.10, clusterIPs: [10.96.0.10, "fd00::1"], ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]',
      ),
      at(
        'b',
        'clusterIP: 10.96.0.11, clusterIPs: [10.96.0.11, "fd00::1"], ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]',
      ),
      ['error Conflict b.yaml:4:56 spec.clusterIPs[1]: address fd00::1 is taken by service/a (a.yaml:4)'],
    ],
    ['no address', at('a', 'clusterIP: None'), at('b', 'clusterIP: None'), []],
    [
      'one port of a load balancer, which may be shared',
      at('a', 'type: LoadBalancer, loadBalancerIP: 192.0.2.1, ports: [{port: 80}]'),
      at('b', 'type: LoadBalancer, loadBalancerIP: 192.0.2.1, ports: [{port: 80}]'),
      [
        'note Conflict b.yaml:4:28 spec.loadBalancerIP: port 80/TCP of 192.0.2.1 is asked for by service/a (a.yaml:4) as well: the load balancer has to share it',
      ],
    ],
    [
      'two ports of a load balancer',
      at('a', 'type: LoadBalancer, loadBalancerIP: 192.0.2.1, ports: [{port: 80}]'),
      at('b', 'type: LoadBalancer, loadBalancerIP: 192.0.2.1, ports: [{port: 443}]'),
      [],
    ],
  ])('%s', (_name, one, other, expected) => {
    expect(judge([one, other])).toEqual(expected);
  });

  test('one Service may have a number for two protocols', () => {
    const text = at(
      'a',
      'type: NodePort, ports: [{name: t, port: 53, nodePort: 30053}, {name: u, port: 53, nodePort: 30053, protocol: UDP}]',
    );
    expect(judge([text])).toEqual([]);
  });
});

describe('Endpoints by hand', () => {
  const endpoints = (name: string): string => object('Endpoints', name, 'subsets: [{addresses: [{ip: 192.0.2.7}]}]');
  test('of a Service without a selector, and of one that is somewhere else', () => {
    expect(judge([service('s', 'ports: [{port: 80}]'), endpoints('s'), endpoints('t')])).toEqual([]);
  });

  test('of a Service with a selector would be written over', () => {
    expect(judge([web, service('s', 'selector: {app: web}, ports: [{port: 80}]'), endpoints('s')])).toEqual([
      'error Conflict c.yaml:3:12 metadata.name: service/s (b.yaml:4) has a selector, so that its Endpoints are those of the pods it selects; leave these out, or take its selector out',
    ]);
  });
});
