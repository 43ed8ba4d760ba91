// Objects that get in each other's way.
import { describe, expect, test } from 'vitest';
import { job, judge, object, pod, workload } from './set-text.ts';

describe('ports of nodes', () => {
  const port = (claim: string, spec = ''): string => pod(`ports: [{containerPort: 80, ${claim}}]`, spec);
  const on = (name: string, claim: string, spec = '', kind = 'Deployment'): string => workload(kind, name, port(claim, spec));
  const field = 'spec.template.spec.containers[0].ports[0]';
  const shared = `note Conflict b.yaml:8:80 ${field}.hostPort: host port 8080/TCP is claimed by deployment/one (a.yaml:8) as well: their pods cannot share a node`;

  test.each<[string, string, string, string[]]>([
    ['different numbers', on('one', 'hostPort: 8080'), on('two', 'hostPort: 8081'), []],
    ['different protocols', on('one', 'hostPort: 8080'), on('two', 'hostPort: 8080, protocol: UDP'), []],
    ['different addresses', on('one', 'hostPort: 8080, hostIP: 192.0.2.1'), on('two', 'hostPort: 8080, hostIP: 192.0.2.2'), []],
    ['one number', on('one', 'hostPort: 8080'), on('two', 'hostPort: 8080'), [shared]],
    ['one address', on('one', 'hostPort: 8080, hostIP: 192.0.2.1'), on('two', 'hostPort: 8080, hostIP: 192.0.2.1'), [shared]],
    ['an address and all', on('one', 'hostPort: 8080, hostIP: 192.0.2.1'), on('two', 'hostPort: 8080'), [shared]],
    [
      'all and an address',
      on('one', 'hostPort: 8080, hostIP: 0.0.0.0'),
      on('two', 'hostPort: 8080, hostIP: 192.0.2.1'),
      [shared],
    ],
    [
      'one node',
      on('one', 'hostPort: 8080', 'nodeName: n1'),
      on('two', 'hostPort: 8080', 'nodeName: n1'),
      [
        `error Conflict b.yaml:8:80 ${field}.hostPort: host port 8080/TCP is taken by deployment/one (a.yaml:8), whose pods are on node "n1" too`,
      ],
    ],
    ['two nodes', on('one', 'hostPort: 8080', 'nodeName: n1'), on('two', 'hostPort: 8080', 'nodeName: n2'), [shared]],
    [
      'every node',
      on('one', 'hostPort: 8080', '', 'DaemonSet'),
      on('two', 'hostPort: 8080', '', 'DaemonSet'),
      [
        `error Conflict b.yaml:8:80 ${field}.hostPort: host port 8080/TCP is taken by daemonset/one (a.yaml:8), whose pods are on every node too`,
      ],
    ],
    [
      'every node that has a label',
      on('one', 'hostPort: 8080', '', 'DaemonSet'),
      on('two', 'hostPort: 8080', 'nodeSelector: {disk: ssd}', 'DaemonSet'),
      [shared.replace('deployment/one', 'daemonset/one')],
    ],
    [
      'the network of the host',
      on('one', 'hostPort: 80'),
      workload('Deployment', 'two', pod('ports: [{containerPort: 80}]', 'hostNetwork: true')),
      [
        `note Conflict b.yaml:8:61 ${field}.containerPort: host port 80/TCP is claimed by deployment/one (a.yaml:8) as well: their pods cannot share a node`,
      ],
    ],
    [
      'what ends',
      object('Pod', 'one', `spec: ${port('hostPort: 8080', 'nodeName: n1, restartPolicy: Never')}\n`),
      on('two', 'hostPort: 8080', 'nodeName: n1'),
      [shared.replace('deployment/one (a.yaml:8)', 'pod/one (a.yaml:4)')],
    ],
    ['nothing runs', on('one', 'hostPort: 8080').replace('spec:\n', 'spec:\n  replicas: 0\n'), on('two', 'hostPort: 8080'), []],
  ])('%s', (_name, one, other, expected) => {
    expect(judge([one, other])).toEqual(expected);
  });
});

describe('routes', () => {
  const ingress = (name: string, host: string, path: string, { service = name, spec = '', metadata = '' } = {}): string =>
    object(
      'Ingress',
      name,
      `spec:\n  rules:\n    - ${host === '' ? '' : `host: ${host}\n      `}http: {paths: [{path: ${path}, pathType: Prefix, backend: {service: {name: ${service}, port: {number: 80}}}}]}\n${spec}`,
      metadata,
    );
  const exists = (): object => ({});
  const taken = (where: string): string =>
    `error Conflict b.yaml:7:23 spec.rules[0].http.paths[0].path: ${where} is routed by ingress/one (a.yaml:7) already`;

  test.each<[string, string, string, string[]]>([
    ['different hosts', ingress('one', 'a.example', '/'), ingress('two', 'b.example', '/'), []],
    ['different paths', ingress('one', 'a.example', '/'), ingress('two', 'a.example', '/api'), []],
    [
      'one host and path',
      ingress('one', 'a.example', '/api'),
      ingress('two', 'a.example', '/api'),
      [taken('path "/api" (Prefix) of host "a.example"')],
    ],
    [
      'a slash at the end of a prefix means nothing',
      ingress('one', 'a.example', '/api/'),
      ingress('two', 'a.example', '/api'),
      [taken('path "/api" (Prefix) of host "a.example"')],
    ],
    [
      'exactly the path, and all below it',
      ingress('one', 'a.example', '/api').replace('Prefix', 'Exact'),
      ingress('two', 'a.example', '/api'),
      [],
    ],
    [
      'different classes',
      ingress('one', 'a.example', '/', { spec: '  ingressClassName: inside\n' }),
      ingress('two', 'a.example', '/', { spec: '  ingressClassName: outside\n' }),
      [],
    ],
    [
      'the same class in the old form',
      ingress('one', 'a.example', '/', { spec: '  ingressClassName: inside\n' }),
      ingress('two', 'a.example', '/', { metadata: 'annotations: {kubernetes.io/ingress.class: inside}' }),
      [taken('path "/" (Prefix) of host "a.example"')],
    ],
    [
      'a part of the requests',
      ingress('one', 'a.example', '/'),
      ingress('two', 'a.example', '/', { metadata: 'annotations: {nginx.ingress.kubernetes.io/canary: "true"}' }),
      [
        'error UnsupportedField b.yaml:3:37 metadata.annotations[nginx.ingress.kubernetes.io/canary]: splits the requests of another Ingress, which Holdfast does not do; take the Ingress out, or let a proxy in a pod do it.',
      ],
    ],
    ['to the same Service', ingress('one', 'a.example', '/'), ingress('two', 'a.example', '/', { service: 'one' }), []],
    [
      'to a Service of the same name elsewhere',
      ingress('one', 'a.example', '/'),
      ingress('two', 'a.example', '/', { service: 'one', metadata: 'namespace: kube-public' }),
      [taken('path "/" (Prefix) of host "a.example"').replace('ingress/one', 'ingress/one in default')],
    ],
    [
      'all hosts',
      ingress('one', '', '/').replace('- http', '-\n      http'),
      ingress('two', '', '/').replace('- http', '-\n      http'),
      [taken('path "/" (Prefix) of all hosts')],
    ],
  ])('%s', (_name, one, other, expected) => {
    expect(judge([one, other], { exists })).toEqual(expected);
  });
});

describe('claims and volumes', () => {
  const claim = (name: string, mode: string, more = ''): string =>
    object('PersistentVolumeClaim', name, `spec: {accessModes: [${mode}], resources: {requests: {storage: 1Gi}}${more}}\n`);
  const using = 'volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]';
  const user = (name: string, replicas = ''): string => workload('Deployment', name, pod('', using), replicas);
  const field = 'spec.template.spec.volumes[0].persistentVolumeClaim.claimName';

  test('a claim for one pod that two workloads use', () => {
    expect(judge([claim('data', 'ReadWriteOncePod'), user('one'), user('two')])).toEqual([
      `error Conflict c.yaml:8:98 ${field}: claim "data" is for one pod only (ReadWriteOncePod) and used by deployment/one (b.yaml:8)`,
    ]);
    expect(judge([claim('data', 'ReadWriteOnce'), user('one'), user('two')])).toEqual([]);
    expect(judge([claim('data', 'ReadWriteOncePod'), user('one'), user('two', '  replicas: 0\n')])).toEqual([]);
  });

  test('a claim for one pod of a workload that wants several', () => {
    expect(judge([claim('data', 'ReadWriteOncePod'), user('one', '  replicas: 3\n')])).toEqual([
      `error Conflict b.yaml:9:98 ${field}: claim "data" is for one pod only (ReadWriteOncePod), and there are to be 3 pods`,
    ]);
    expect(judge([claim('data', 'ReadWriteOnce'), user('one', '  replicas: 3\n')])).toEqual([]);
    expect(judge([claim('data', 'ReadWriteOncePod'), workload('DaemonSet', 'one', pod('', using))])).toEqual([
      `note Conflict b.yaml:8:98 ${field}: claim "data" is for one pod only (ReadWriteOncePod), and there are to be pods on every node`,
    ]);
  });

  test('what ends lets go of it', () => {
    expect(judge([claim('data', 'ReadWriteOncePod'), user('one'), job('CronJob', 'two', pod('', using))])).toEqual([
      `note Conflict c.yaml:4:188 spec.jobTemplate.spec.template.spec.volumes[0].persistentVolumeClaim.claimName: claim "data" is for one pod only (ReadWriteOncePod) and used by deployment/one (b.yaml:8)`,
    ]);
  });

  test('a volume that two claims ask for', () => {
    const texts = [claim('one', 'ReadWriteOnce', ', volumeName: disk'), claim('two', 'ReadWriteOnce', ', volumeName: disk')];
    expect(judge(texts, { exists: () => ({}) })).toEqual([
      'error Conflict b.yaml:4:77 spec.volumeName: PersistentVolume "disk" is claimed by persistentvolumeclaim/one (a.yaml:4)',
    ]);
  });
});

describe('selectors of workloads', () => {
  const labels = 'app: web';
  test('two that select each other: told at the later one', () => {
    const texts = ['one', 'two', 'three'].map((name) => workload('Deployment', name, pod(), '', labels));
    const told = (file: string): string =>
      `note Conflict ${file}.yaml:5:3 spec.selector: selects the pods of deployment/one (a.yaml:5) as well: whoever asks for the pods of one gets both`;
    expect(judge(texts)).toEqual([told('b'), told('c')]);
  });

  test('one that selects more: told there', () => {
    const wide = workload('StatefulSet', 'wide', pod(), '', labels);
    const narrow = workload('Deployment', 'narrow', pod(), '', 'app: web, track: canary');
    expect(judge([wide, narrow])).toEqual([
      'note Conflict a.yaml:5:3 spec.selector: selects the pods of deployment/narrow (b.yaml:5) as well: whoever asks for the pods of one gets both',
    ]);
  });

  test('in another namespace, or with other labels: nothing', () => {
    const one = workload('Deployment', 'one', pod(), '', labels);
    expect(
      judge([one, workload('Deployment', 'two', pod(), '', labels).replace('name: two', 'name: two, namespace: kube-public')]),
    ).toEqual([]);
    expect(judge([one, workload('Deployment', 'two')])).toEqual([]);
    expect(judge([one, job('Job', 'web')])).toEqual([]);
  });

  const alone = object('Pod', 'alone', `spec: ${pod()}\n`, `labels: {${labels}}`);
  test.each(['ReplicaSet', 'DaemonSet'])('a Pod that a %s would take over', (kind) => {
    expect(judge([alone, workload(kind, 'x', pod(), '', labels)])).toEqual([
      `error Conflict a.yaml:3:25 metadata.labels: ${kind.toLowerCase()}/x (b.yaml:5) selects this Pod and would take it over; give it other labels`,
    ]);
  });

  test.each(['Deployment', 'StatefulSet'])('a Pod that a %s leaves alone', (kind) => {
    expect(judge([alone, workload(kind, 'x', pod(), '', labels)])).toEqual([]);
  });

  test('a ReplicaSet that a Deployment would take over', () => {
    const set = workload('ReplicaSet', 'x', pod(), '', 'app: web, track: canary').replace(
      'name: x',
      'name: x, labels: {app: web}',
    );
    const taken = 'selects this ReplicaSet and would take it over; give it other labels';
    expect(judge([set, workload('Deployment', 'web')])).toEqual([
      `error Conflict a.yaml:3:21 metadata.labels: deployment/web (b.yaml:5) ${taken}`,
    ]);
    const expression = workload('Deployment', 'y2').replace(
      '{matchLabels: {app: y2}}',
      '{matchExpressions: [{key: app, operator: Exists}]}',
    );
    expect(judge([set, expression])).toEqual([`error Conflict a.yaml:3:21 metadata.labels: deployment/y2 (b.yaml:5) ${taken}`]);
  });
});

describe('defaults', () => {
  test.each<[string, string, (name: string) => string, string]>([
    [
      'StorageClass',
      'a.yaml:3',
      (name) =>
        object(
          'StorageClass',
          name,
          'provisioner: docker.holdfast.dev/local\n',
          'annotations: {storageclass.kubernetes.io/is-default-class: "true"}',
        ),
      'b.yaml:3:37 metadata.annotations[storageclass.kubernetes.io/is-default-class]',
    ],
    [
      'IngressClass',
      'a.yaml:3',
      (name) =>
        object(
          'IngressClass',
          name,
          'spec: {controller: holdfast.dev/ingress}\n',
          'annotations: {ingressclass.kubernetes.io/is-default-class: "true"}',
        ),
      'b.yaml:3:37 metadata.annotations[ingressclass.kubernetes.io/is-default-class]',
    ],
    [
      'PriorityClass',
      'a.yaml:5',
      (name) => object('PriorityClass', name, 'value: 1\nglobalDefault: true\n'),
      'b.yaml:5:1 globalDefault',
    ],
  ])('one %s', (kind, first, text, place) => {
    expect(judge([text('one'), text('two')])).toEqual([
      `error Conflict ${place}: ${kind.toLowerCase()}/one (${first}) is the default ${kind} already: there can be only one`,
    ]);
    expect(judge([text('one'), text('two').replace('true', 'false')])).toEqual([]);
  });
});
