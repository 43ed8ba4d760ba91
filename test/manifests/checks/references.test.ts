// References that lead nowhere.
import { describe, expect, test } from 'vitest';
import { checkSet } from '../../../src/manifests/checks/check-set.ts';
import { loadText } from '../../support/manifest-text.ts';
import { job, judge, object, pod, service, workload } from './set-text.ts';

const shop = object('Namespace', 'shop');
const map = object('ConfigMap', 'settings', 'data: {color: red}\nbinaryData: {icon: eA==}\n', 'namespace: shop');
const secret = object('Secret', 'login', 'stringData: {user: u}\n', 'namespace: shop');
const claimSpec = 'spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n';
const claim = object('PersistentVolumeClaim', 'disk', claimSpec, 'namespace: shop');
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
          envFrom:
            - configMapRef: {name: settings}
            - secretRef: {name: extra, optional: true}
          env:
            - {name: A, valueFrom: {configMapKeyRef: {name: settings, key: color}}}
            - {name: B, valueFrom: {secretKeyRef: {name: login, key: user}}}
            - {name: C, valueFrom: {secretKeyRef: {name: login, key: none, optional: true}}}
      volumes:
        - {name: a, configMap: {name: settings, items: [{key: icon, path: i}]}}
        - {name: b, secret: {secretName: login}}
        - {name: c, persistentVolumeClaim: {claimName: disk}}
`;

describe('what pods need', () => {
  test('a set that stands alone has no missing references', () => {
    expect(judge([shop, map, secret, claim, deployment])).toEqual([]);
  });

  test('what is missing is told once for each object, at the first place that needs it', () => {
    expect(judge([deployment])).toEqual([
      'error NotFound a.yaml:3:23 metadata.namespace: Namespace "shop" is not declared.',
      'error NotFound a.yaml:13:30 spec.template.spec.containers[0].envFrom[0].configMapRef.name: ConfigMap "settings" is not declared in namespace "shop".',
      'error NotFound a.yaml:17:52 spec.template.spec.containers[0].env[1].valueFrom.secretKeyRef.name: Secret "login" is not declared in namespace "shop".',
      'error NotFound a.yaml:22:45 spec.template.spec.volumes[2].persistentVolumeClaim.claimName: PersistentVolumeClaim "disk" is not declared in namespace "shop".',
    ]);
  });

  test('missing keys and near misses are told', () => {
    const texts = [shop, map.replace('color', 'colour'), secret, claim, deployment.replace('claimName: disk', 'claimName: disc')];
    expect(judge(texts)).toEqual([
      'error NotFound e.yaml:16:71 spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef.key: ConfigMap "settings" has no key "color". Did you mean "colour"?',
      'error NotFound e.yaml:22:45 spec.template.spec.volumes[2].persistentVolumeClaim.claimName: PersistentVolumeClaim "disc" is not declared in namespace "shop". Did you mean "disk"?',
    ]);
  });

  test('what is there already counts, with the keys that are known; the set hides it', () => {
    const exists = (kind: string): { keys?: string[] } => (kind === 'Secret' ? { keys: ['password'] } : {});
    expect(judge([deployment], { exists })).toEqual([
      'error NotFound a.yaml:17:65 spec.template.spec.containers[0].env[1].valueFrom.secretKeyRef.key: Secret "login" has no key "user".',
    ]);
    expect(judge([secret, deployment], { exists })).toEqual([]);
    const asked = new Set<string>();
    judge([deployment], {
      exists: (kind, namespace, name) => {
        asked.add(`${kind}/${namespace}/${name}`);
        return {};
      },
    });
    expect([...asked]).toEqual([
      'Namespace//shop',
      'ConfigMap/shop/settings',
      'Secret/shop/login',
      'PersistentVolumeClaim/shop/disk',
    ]);
  });

  test('a manifest that was not read from a file has its problems at its first line', () => {
    const [manifest] = loadText(deployment).manifests;
    const bare = manifest === undefined ? [] : [{ resource: manifest.resource, file: 'x', line: 7 }];
    expect(checkSet(bare)[0]).toMatchObject({ file: 'x', line: 7, column: 1, field: 'metadata.namespace' });
  });

  const needs = pod('envFrom: [{secretRef: {name: s}}]');
  const missing = 'Secret "s" is not declared in namespace "default".';
  test.each<[string, string, string]>([
    ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'].map((kind): [string, string, string] => [
      kind,
      workload(kind, 'x', needs),
      'a.yaml:8:75 spec.template.spec.containers[0].envFrom[0].secretRef.name',
    ]),
    [
      'ReplicationController',
      workload('ReplicationController', 'x', needs).replace('{matchLabels: {app: x}}', '{app: x}'),
      'a.yaml:8:75 spec.template.spec.containers[0].envFrom[0].secretRef.name',
    ],
    ['Job', job('Job', 'x', needs), 'a.yaml:4:119 spec.template.spec.containers[0].envFrom[0].secretRef.name'],
    [
      'CronJob',
      job('CronJob', 'x', needs),
      'a.yaml:4:163 spec.jobTemplate.spec.template.spec.containers[0].envFrom[0].secretRef.name',
    ],
    ['Pod', object('Pod', 'x', `spec: ${needs}\n`), 'a.yaml:4:71 spec.containers[0].envFrom[0].secretRef.name'],
  ])('a %s', (_kind, text, place) => {
    expect(judge([text])).toEqual([`error NotFound ${place}: ${missing}`]);
  });

  test.each<[string, string, string[]]>([
    [
      'a service account',
      'serviceAccountName: robot',
      [
        'error NotFound a.yaml:8:54 spec.template.spec.serviceAccountName: ServiceAccount "robot" is not declared in namespace "default".',
      ],
    ],
    ['the account that every namespace has', 'serviceAccountName: default', []],
    [
      'credentials for images: the pods start without them',
      'imagePullSecrets: [{name: pull}]',
      [
        'note NotFound a.yaml:8:74 spec.template.spec.imagePullSecrets[0].name: Secret "pull" is not declared in namespace "default": images are pulled without it.',
      ],
    ],
    [
      'a priority',
      'priorityClassName: high',
      ['error NotFound a.yaml:8:54 spec.template.spec.priorityClassName: PriorityClass "high" is not declared.'],
    ],
    ['a priority that every cluster has', 'priorityClassName: system-node-critical', []],
    [
      'a runtime',
      'runtimeClassName: gvisor',
      ['error NotFound a.yaml:8:54 spec.template.spec.runtimeClassName: RuntimeClass "gvisor" is not declared.'],
    ],
    [
      'the certificate of the Kubernetes API',
      'volumes: [{name: v, configMap: {name: kube-root-ca.crt}}]',
      [
        'error UnsupportedField a.yaml:8:86 spec.template.spec.volumes[0].configMap.name: kube-root-ca.crt is not supported yet: there is no Kubernetes API whose certificate it could hold; remove the reference',
      ],
    ],
    [
      'volumes that may be missing',
      'volumes: [{name: v, secret: {secretName: s, optional: true, items: [{key: k, path: p}]}}]',
      [],
    ],
    [
      'the source of a claim of the pod alone',
      'volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, dataSource: {kind: PersistentVolumeClaim, name: origin}}}}}]',
      [
        'error NotFound a.yaml:8:226 spec.template.spec.volumes[0].ephemeral.volumeClaimTemplate.spec.dataSource.name: PersistentVolumeClaim "origin" is not declared in namespace "default".',
      ],
    ],
  ])('%s', (_name, spec, expected) => {
    expect(judge([workload('Deployment', 'x', pod('', spec))])).toEqual(expected);
  });

  test('what is declared is found, also for the whole cluster', () => {
    const spec = 'priorityClassName: high, runtimeClassName: gvisor, serviceAccountName: robot, imagePullSecrets: [{name: pull}]';
    const texts = [
      workload('Deployment', 'x', pod('', spec)),
      object('PriorityClass', 'high', 'value: 10\n'),
      object('RuntimeClass', 'gvisor', 'handler: runsc\n'),
      object('ServiceAccount', 'robot'),
      object('Secret', 'pull', 'type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: "{}"}\n'),
    ];
    expect(judge(texts)).toEqual([]);
  });
});

describe('namespaces', () => {
  test.each(['default', 'kube-system', 'kube-public', 'kube-node-lease'])('%s is always there', (namespace) => {
    expect(judge([object('ConfigMap', 'x', '', `namespace: ${namespace}`)])).toEqual([]);
  });

  test('one that nothing declares is told once, with how many others need it', () => {
    const texts = ['a', 'b', 'c'].map((name) => object('ConfigMap', name, '', 'namespace: shp'));
    expect(judge([...texts, object('Namespace', 'shop')])).toEqual([
      'error NotFound a.yaml:3:21 metadata.namespace: Namespace "shp" is not declared; 2 more objects refer to it. Did you mean "shop"?',
    ]);
    expect(judge(texts.slice(1))).toEqual([
      'error NotFound a.yaml:3:21 metadata.namespace: Namespace "shp" is not declared; 1 more object refers to it.',
    ]);
  });
});

describe('claims', () => {
  const set = workload(
    'StatefulSet',
    'db',
    pod('', 'volumes: [{name: data, persistentVolumeClaim: {claimName: replaced}}]'),
    `  serviceName: db\n  volumeClaimTemplates: [{metadata: {name: data}, ${claimSpec.trim()}}]\n`,
  );
  const headless = service('db', 'clusterIP: None, selector: {app: db}');
  const user = (name: string): string =>
    object('Pod', 'backup', `spec: ${pod('', `volumes: [{name: v, persistentVolumeClaim: {claimName: ${name}}}]`)}\n`);

  test('those that a StatefulSet makes are there, and its volumes of the same name are replaced', () => {
    expect(judge([set, headless, user('data-db-0')])).toEqual([]);
    expect(judge([set, headless, user('data-db-x')])).toEqual([
      'error NotFound c.yaml:4:94 spec.volumes[0].persistentVolumeClaim.claimName: PersistentVolumeClaim "data-db-x" is not declared in namespace "default".',
    ]);
  });

  test('the Service of a StatefulSet gives its pods names', () => {
    expect(judge([set])).toEqual([
      'note NotFound a.yaml:6:3 spec.serviceName: Service "db" is not declared in namespace "default": the pods get no names of their own.',
    ]);
  });

  const made = (more: string): string => object('PersistentVolumeClaim', 'copy', claimSpec.replace(/\}\n$/, `, ${more}}\n`));
  test.each<[string, string, string[]]>([
    [
      'a volume',
      'volumeName: disk-1',
      ['error NotFound a.yaml:4:77 spec.volumeName: PersistentVolume "disk-1" is not declared.'],
    ],
    [
      'a source',
      'dataSource: {kind: PersistentVolumeClaim, name: origin}',
      [
        'error NotFound a.yaml:4:119 spec.dataSource.name: PersistentVolumeClaim "origin" is not declared in namespace "default".',
      ],
    ],
    [
      'a source in another namespace',
      'dataSourceRef: {kind: PersistentVolumeClaim, name: origin, namespace: kube-public}',
      [
        'error NotFound a.yaml:4:122 spec.dataSourceRef.name: PersistentVolumeClaim "origin" is not declared in namespace "kube-public".',
      ],
    ],
    [
      'a source that a storage driver knows',
      'dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: s}',
      [],
    ],
  ])('%s of a claim', (_name, more, expected) => {
    expect(judge([made(more)])).toEqual(expected);
  });

  test('a class of storage that nobody declares stands for local storage', () => {
    const resource = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'x', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'fast' },
    } as const;
    const manifest = {
      resource: { ...resource, spec: { ...resource.spec, accessModes: ['ReadWriteOnce' as const] } },
      file: 'x',
      line: 1,
    };
    expect(checkSet([manifest]).map(({ severity, field, message }) => [severity, field, message])).toEqual([
      [
        'note',
        'spec.storageClassName',
        'StorageClass "fast" is not declared: the volume is made by Docker\'s local volume driver.',
      ],
    ]);
  });
});

describe('Ingresses', () => {
  const ingress = (backend: string, more = ''): string =>
    object(
      'Ingress',
      'web',
      `spec:\n  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: ${backend}}}]}}]\n${more}`,
    );
  const web = service('web', 'ports: [{name: http, port: 80}, {name: admin, port: 8080}]');

  test.each<[string, string, string[]]>([
    ['by number', '{name: web, port: {number: 8080}}', []],
    ['by name', '{name: web, port: {name: admin}}', []],
    [
      'of a Service that is missing',
      '{name: wep, port: {number: 80}}',
      [
        'error NotFound b.yaml:5:75 spec.rules[0].http.paths[0].backend.service.name: Service "wep" is not declared in namespace "default". Did you mean "web"?',
      ],
    ],
    [
      'a number that is missing',
      '{name: web, port: {number: 8081}}',
      ['error NotFound b.yaml:5:93 spec.rules[0].http.paths[0].backend.service.port.number: Service "web" has no port 8081.'],
    ],
    [
      'a name that is missing',
      '{name: web, port: {name: admim}}',
      [
        'error NotFound b.yaml:5:93 spec.rules[0].http.paths[0].backend.service.port.name: Service "web" has no port "admim". Did you mean "admin"?',
      ],
    ],
  ])('a port %s', (_name, backend, expected) => {
    expect(judge([web, ingress(backend)])).toEqual(expected);
  });

  test('a Service that is another name needs no ports', () => {
    const other = service('web', 'type: ExternalName, externalName: example.com');
    expect(judge([other, ingress('{name: web, port: {number: 443}}')])).toEqual([]);
  });

  test('a default backend, a certificate and a class', () => {
    const more =
      '  defaultBackend: {service: {name: web, port: {name: https}}}\n  tls: [{hosts: [a.example], secretName: cert}]\n  ingressClassName: edge\n';
    expect(judge([web, ingress('{name: web, port: {number: 80}}', more)])).toEqual([
      'error NotFound b.yaml:6:48 spec.defaultBackend.service.port.name: Service "web" has no port "https". Did you mean "http"?',
      'note NotFound b.yaml:7:30 spec.tls[0].secretName: Secret "cert" is not declared in namespace "default": until something makes it, the hosts have no certificate.',
      'note NotFound b.yaml:8:3 spec.ingressClassName: IngressClass "edge" is not declared: whoever serves the class has to bring it.',
    ]);
  });

  const guarded = object(
    'Ingress',
    'web',
    'spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n',
    'annotations: {nginx.ingress.kubernetes.io/auth-type: basic, nginx.ingress.kubernetes.io/auth-secret: users}',
  );

  test('its users are looked for, where they have to be', () => {
    const path = 'metadata.annotations[nginx.ingress.kubernetes.io/auth-secret]';
    expect(judge([web, guarded])).toEqual([
      `note NotFound b.yaml:3:83 ${path}: Secret "users" is not declared in namespace "default": until something makes it, nobody is let in.`,
    ]);
    expect(
      judge([web, guarded, object('Secret', 'users', 'stringData: {htpasswd: "ann:$1$abcdefgh$irWbblnpmw.5z7wgBnprh0"}\n')]),
    ).toEqual([`note Invalid b.yaml:3:83 ${path}: Secret "users" has no users under its key "auth": nobody is let in.`]);
    expect(
      judge([web, guarded, object('Secret', 'users', 'stringData: {auth: "ann:$1$abcdefgh$irWbblnpmw.5z7wgBnprh0"}\n')]),
    ).toEqual([]);
  });

  test('users whose passwords nobody can check are refused', () => {
    const users = object('Secret', 'users', 'stringData: {auth: "ann:$apr1$abcdefgh$bGLO42WqKpmLoPH9uGWTg1"}\n');
    expect(judge([web, guarded, users])).toEqual([
      'error UnsupportedField b.yaml:3:83 metadata.annotations[nginx.ingress.kubernetes.io/auth-secret]: Secret "users" has passwords that cannot be checked ($apr1$ or {SHA}), and their users are not let in: make them with htpasswd -B.',
    ]);
  });

  test('a certificate that cannot be served is told of', () => {
    const ingress = object(
      'Ingress',
      'web',
      'spec:\n  tls: [{hosts: [a.example], secretName: cert}]\n  defaultBackend: {service: {name: web, port: {number: 80}}}\n',
    );
    expect(judge([web, ingress, object('Secret', 'cert', 'stringData: {tls.crt: none, tls.key: none}\n')])).toEqual([
      'note Invalid b.yaml:5:30 spec.tls[0].secretName: Secret "cert" cannot be used, its tls.crt is not a certificate: a.example get a certificate that Holdfast signed itself.',
    ]);
  });

  test('a backend that is no Service is not looked for', () => {
    const text = ingress('{name: web}').replace('service: {name: web}', 'resource: {kind: Bucket, name: files}');
    expect(judge([text])).toEqual([]);
  });
});

describe('bindings', () => {
  const binding = (kind: string, role: string, subject: string): string =>
    object(kind, 'x', `roleRef: {apiGroup: rbac.authorization.k8s.io, ${role}}\nsubjects: [{${subject}}]\n`);
  const account = 'kind: ServiceAccount, name: robot, namespace: default';

  test('roles and accounts that are missing grant nothing', () => {
    expect(judge([binding('RoleBinding', 'kind: Role, name: reader', account)])).toEqual([
      'note NotFound a.yaml:4:60 roleRef.name: Role "reader" is not declared in namespace "default": the binding grants nothing.',
      'note NotFound a.yaml:5:35 subjects[0].name: ServiceAccount "robot" is not declared in namespace "default": it is granted nothing.',
    ]);
    expect(
      judge([binding('ClusterRoleBinding', 'kind: ClusterRole, name: reader', account), object('ServiceAccount', 'robot')]),
    ).toEqual(['note NotFound a.yaml:4:67 roleRef.name: ClusterRole "reader" is not declared: the binding grants nothing.']);
  });

  test.each<[string, string]>([
    ['kind: ClusterRole, name: cluster-admin', account],
    ['kind: ClusterRole, name: "system:auth-delegator"', account],
    ['kind: Role, name: extension-apiserver-authentication-reader', account],
    ['kind: ClusterRole, name: view', 'kind: ServiceAccount, name: default, namespace: default'],
    ['kind: ClusterRole, name: view', 'kind: ServiceAccount, name: job-controller, namespace: kube-system'],
    ['kind: ClusterRole, name: view', 'kind: User, name: ann, apiGroup: rbac.authorization.k8s.io'],
  ])('what every cluster has: %s for %s', (role, subject) => {
    expect(judge([binding('RoleBinding', role, subject), object('ServiceAccount', 'robot')])).toEqual([]);
  });
});

test('a missing object of the whole cluster is an error once, and a note once', () => {
  const texts = ['x', 'z'].map((name) => workload('Deployment', name, pod('', 'priorityClassName: high')));
  expect(judge(texts)).toEqual([
    'error NotFound a.yaml:8:54 spec.template.spec.priorityClassName: PriorityClass "high" is not declared; 1 more object refers to it.',
  ]);
});
