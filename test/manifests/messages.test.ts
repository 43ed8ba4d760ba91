// Every class of mistake, with the exact line that people see.
import { expect, test } from 'vitest';
import { loadText, told } from '../support/manifest-text.ts';

const head = (kind: string, apiVersion = 'v1'): string => `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\n`;
const pod = (rest: string): string => `${head('Pod')}spec:\n${rest}`;
const container = (rest: string): string => pod(`  containers:\n    - name: c\n      image: i:1\n${rest}`);
const deployment = (rest: string, pods = ''): string =>
  `${head('Deployment', 'apps/v1')}spec:\n${rest}  template:\n    metadata: {labels: {app: x}}\n    spec:\n${pods}      containers: [{name: c, image: "i:1"}]\n`;
const selector = '  selector: {matchLabels: {app: x}}\n';
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const labelValue =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const percent =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const quantity = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const dataKey =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const c0 = 'spec.containers[0]';

test.each<[string, string, string[]]>([
  ['text', 'hello\n', ['error NotAnObject a.yaml:1:1 not a Kubernetes object: this is a string, not a mapping']],
  ['a list', '- op: add\n', ['error NotAnObject a.yaml:1:1 not a Kubernetes object: this is a list, not a mapping']],
  [
    'neither',
    '# values\n\nreplicas: 1\n',
    ['error NotAnObject a.yaml:3:1 not a Kubernetes object: apiVersion and kind are missing'],
  ],
  [
    'a Compose file',
    'services:\n  web:\n    image: nginx\n',
    [
      'error NotAnObject a.yaml:1:1 not a Kubernetes object: apiVersion and kind are missing (it looks like a Docker Compose file)',
    ],
  ],
  ['no kind', 'apiVersion: v1\n', ['error Required a.yaml:1:1 kind: Required value']],
  ['no apiVersion', 'kind: Pod\n', ['error Required a.yaml:1:1 apiVersion: Required value']],
  ['kind 1', 'apiVersion: v1\nkind: 1\n', ['error WrongType a.yaml:2:1 kind: must be a string, not 1']],
  ['Service', `${head('Service')}spec: {ports: [{port: 80}]}\n`, []],
  [
    'kinds that Holdfast writes itself',
    `${head('IPAddress', 'networking.k8s.io/v1')}spec: {parentRef: {resource: services, namespace: default, name: web}}\n---\n${head('ServiceCIDR', 'networking.k8s.io/v1')}spec: {cidrs: [10.96.0.0/16]}\n`,
    [
      "error UnsupportedKind a.yaml:2:1 kind: IPAddress (networking.k8s.io/v1) is not for manifests: It records an address that a Service was given; ask for one by the Service's own spec.clusterIP.",
      "error UnsupportedKind a.yaml:7:1 kind: ServiceCIDR (networking.k8s.io/v1) is not for manifests: Holdfast chooses the range of the Services' addresses so that it overlaps no network of the hosts.",
    ],
  ],
  ['Job', head('Job', 'batch/v1'), ['error Required a.yaml:1:1 spec: Required value']],
  [
    'old Ingress',
    head('Ingress', 'extensions/v1beta1'),
    [
      'note Converted a.yaml:1:1 apiVersion: Ingress extensions/v1beta1 is read as networking.k8s.io/v1; write that',
      'error Required a.yaml:1:1 spec: Required value',
    ],
  ],
  [
    'Ingress nowhere',
    head('Ingress', 'v1'),
    ['error UnsupportedKind a.yaml:1:1 apiVersion: there is no Ingress in v1; write networking.k8s.io/v1'],
  ],
  [
    'legacy Deployment',
    head('Deployment', 'extensions/v1beta1'),
    [
      'note Converted a.yaml:1:1 apiVersion: Deployment extensions/v1beta1 is read as apps/v1; write that',
      'error Required a.yaml:1:1 spec: Required value',
    ],
  ],
  [
    'Deployment in v1',
    head('Deployment'),
    ['error UnsupportedKind a.yaml:1:1 apiVersion: there is no Deployment in v1; write apps/v1'],
  ],
  [
    'a misspelt kind',
    head('Deploymnet', 'apps/v1'),
    ['error UnsupportedKind a.yaml:2:1 kind: Deploymnet (apps/v1) is unknown. Did you mean "Deployment"?'],
  ],
  ['an unknown kind', head('Zebra'), ['error UnsupportedKind a.yaml:2:1 kind: Zebra (v1) is unknown.']],
  [
    'a custom resource',
    head('ServiceMonitor', 'monitoring.coreos.com/v1'),
    [
      'error UnsupportedKind a.yaml:2:1 kind: ServiceMonitor (monitoring.coreos.com/v1) is not supported yet: custom resources come with a later version of Holdfast; leave it out with --skip-unknown-kinds, or keep it in a folder that Holdfast does not apply',
    ],
  ],
  [
    'a Service of others',
    head('Service', 'serving.knative.dev/v1'),
    [
      'error UnsupportedKind a.yaml:2:1 kind: Service (serving.knative.dev/v1) is not supported yet: custom resources come with a later version of Holdfast; leave it out with --skip-unknown-kinds, or keep it in a folder that Holdfast does not apply',
    ],
  ],
  [
    'a kustomization',
    head('Kustomization', 'kustomize.config.k8s.io/v1beta1'),
    ['error UnsupportedKind a.yaml:2:1 kind: a Kustomization is built, not applied; call its file kustomization.yaml'],
  ],
  [
    'Node',
    head('Node'),
    [
      'error UnsupportedKind a.yaml:2:1 kind: Node (v1) is not for manifests: Nodes are the Docker Engines that Holdfast is started with.',
    ],
  ],
  [
    'a duplicate key',
    `${head('ConfigMap')}data:\n  a: x\n  a: y\n`,
    ['error DuplicateKey a.yaml:6:3 data.a: the key "a" is given twice; first at line 5, column 3'],
  ],
  [
    'bad YAML',
    'a: [1\nb: 2\n',
    ['error InvalidYaml a.yaml:2:1 the [ above is not closed with ], or what is inside is not indented'],
  ],
  [
    'a template',
    'a: {{ .Values.a }}\n',
    [
      'error InvalidYaml a.yaml:1:5 a: templates with {{ }} are rendered in Helm charts only; commit what they render to (a key must be a single word or text)',
    ],
  ],
  [
    'an unknown field',
    container('      imagePulPolicy: Always\n'),
    [`error UnknownField a.yaml:8:7 ${c0}.imagePulPolicy: unknown field "imagePulPolicy". Did you mean "imagePullPolicy"?`],
  ],
  [
    'an unknown field far from all',
    container('      zebra: 1\n'),
    [`error UnknownField a.yaml:8:7 ${c0}.zebra: unknown field "zebra".`],
  ],
  [
    'a required field misspelt is one fault',
    pod('  containers:\n    - {name: c, imge: x}\n'),
    [`error UnknownField a.yaml:6:17 ${c0}.imge: unknown field "imge". Did you mean "image"?`],
  ],
  ['a missing field', pod('  containers:\n    - name: c\n'), [`error Required a.yaml:6:7 ${c0}.image: Required value`]],
  [
    'an empty list is not the same as no text, and an empty mapping not the same as no list',
    pod('  containers:\n    - {name: c, image: i, workingDir: [], command: {}}\n  nodeSelector: []\n'),
    [
      `error WrongType a.yaml:6:27 ${c0}.workingDir: must be a string, not a list`,
      `error WrongType a.yaml:6:43 ${c0}.command: must be a list, not a mapping`,
      'error WrongType a.yaml:7:3 spec.nodeSelector: must be a mapping, not a list',
    ],
  ],
  [
    'an empty required field',
    pod('  containers: [{name: "", image: x}]\n'),
    [`error Required a.yaml:5:17 ${c0}.name: Required value`],
  ],
  ['no containers', pod('  containers: []\n'), ['error Required a.yaml:5:3 spec.containers: Required value']],
  ['no spec', head('Pod'), ['error Required a.yaml:1:1 spec: Required value']],
  [
    'a number for text',
    container('      env: [{name: A, value: 8080}]\n'),
    [`error WrongType a.yaml:8:23 ${c0}.env[0].value: must be a string, not the number 8080; put it in quotes`],
  ],
  [
    'a boolean for text',
    container('      env: [{name: A, value: yes}]\n'),
    [`error WrongType a.yaml:8:23 ${c0}.env[0].value: must be a string, not the boolean yes; put it in quotes`],
  ],
  [
    'octal for text',
    container('      env: [{name: A, value: 0644}]\n'),
    [`error WrongType a.yaml:8:23 ${c0}.env[0].value: must be a string, not the number 0644; put it in quotes`],
  ],
  [
    'text for a number',
    deployment(`  replicas: "3"\n${selector}`),
    ['error WrongType a.yaml:5:3 spec.replicas: must be a whole number, not the string "3"; write it without quotes'],
  ],
  [
    'a mapping for a list',
    pod('  containers: {name: x}\n'),
    ['error WrongType a.yaml:5:3 spec.containers: must be a list, not a mapping'],
  ],
  [
    'text for a mapping',
    container('      resources: big\n'),
    [`error WrongType a.yaml:8:7 ${c0}.resources: must be a mapping, not the string "big"`],
  ],
  [
    'too large a number',
    deployment(`  replicas: 9999999999\n${selector}`),
    ['error Invalid a.yaml:5:3 spec.replicas: 9999999999 does not fit into 32 bits'],
  ],
  [
    'the values of a Secret are not repeated',
    `${head('Secret')}stringData: {pin: 1234}\n`,
    ['error WrongType a.yaml:4:14 stringData.pin: must be a string, not a number; put it in quotes'],
  ],
  [
    'an unknown value',
    container('      imagePullPolicy: Allways\n'),
    [
      `error Invalid a.yaml:8:7 ${c0}.imagePullPolicy: "Allways" is not one of Always, IfNotPresent, Never. Did you mean "Always"?`,
    ],
  ],
  [
    'an unsupported field',
    container('      lifecycle: {preStop: {tcpSocket: {port: 80}}}\n'),
    [
      `error UnsupportedField a.yaml:8:29 ${c0}.lifecycle.preStop.tcpSocket: tcpSocket is not supported yet: A hook never opens a socket: Kubernetes accepts this and lets the hook fail when it runs; use exec or httpGet.`,
    ],
  ],
  [
    'an unsupported value',
    pod('  os: {name: windows}\n  containers: [{name: c, image: x}]\n'),
    ['error UnsupportedField a.yaml:5:8 spec.os.name: name "windows" is not supported yet: Every node runs Linux.'],
  ],
  [
    'another scheduler',
    pod('  schedulerName: mine\n  containers: [{name: c, image: x}]\n'),
    [
      'error UnsupportedField a.yaml:5:3 spec.schedulerName: schedulerName "mine" is not supported yet: Pods are placed by Holdfast itself; remove it.',
    ],
  ],
  [
    'generateName',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: x-}\n',
    [
      'error UnsupportedField a.yaml:3:12 metadata.generateName: generateName is not supported yet: A manifest in Git needs a fixed name, otherwise every pass would create another object.',
    ],
  ],
  [
    'a placeholder',
    'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${APP}\n',
    [
      'error UnsupportedField a.yaml:4:3 metadata.name: ${APP} is not substituted, for no variables are configured: define APP under spec.substitute of an Application (holdfast.dev/v1) in this path, or give --substitute APP=VALUE',
    ],
  ],
  [
    'a placeholder for a number',
    deployment(`  replicas: \${N:=2}\n${selector}`),
    [
      'error UnsupportedField a.yaml:5:3 spec.replicas: ${N:=2} is not substituted, for no variables are configured: define N under spec.substitute of an Application (holdfast.dev/v1) in this path, or give --substitute N=VALUE',
    ],
  ],
  [
    'no name',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {a: b}}\n',
    ['error Required a.yaml:3:1 metadata.name: Required value'],
  ],
  [
    'a bad name',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: My_Map}\n',
    [`error Invalid a.yaml:3:12 metadata.name: Invalid value: "My_Map": ${subdomain}`],
  ],
  [
    'a bad namespace name',
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: a.b}\n',
    [`error Invalid a.yaml:3:12 metadata.name: Invalid value: "a.b": ${label}`],
  ],
  [
    'a namespace in a namespace',
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: a, namespace: b}\n',
    ['note NoEffect a.yaml:3:21 metadata.namespace: accepted without effect: Namespace is a kind without namespaces'],
  ],
  [
    'a bad label value',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: "a b"}}\n',
    [`error Invalid a.yaml:3:30 metadata.labels.x: Invalid value: "a b": ${labelValue}`],
  ],
  [
    'a bad label key',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {-x: b}}\n',
    [`error Invalid a.yaml:3:30 metadata.labels[-x]: Invalid value: "-x": ${qualified}`],
  ],
  [
    'a bad annotation key',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {/x: b}}\n',
    ['error Invalid a.yaml:3:35 metadata.annotations[/x]: Invalid value: "/x": prefix part must be non-empty'],
  ],
  [
    'an empty selector',
    deployment('  selector: {}\n'),
    ['error Invalid a.yaml:5:3 spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  ],
  ['no selector', deployment(''), ['error Required a.yaml:4:1 spec.selector: Required value']],
  [
    'a selector that misses',
    deployment('  selector: {matchLabels: {app: z}}\n'),
    [
      'error Invalid a.yaml:7:16 spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'an operator without values',
    deployment('  selector: {matchExpressions: [{key: app, operator: In}]}\n'),
    [
      "error Required a.yaml:5:33 spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      'error Invalid a.yaml:7:16 spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'restartPolicy in a template',
    deployment(selector, '      restartPolicy: Never\n'),
    ['error Invalid a.yaml:9:7 spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  ],
  [
    'negative replicas',
    deployment(`  replicas: -1\n${selector}`),
    ['error Invalid a.yaml:5:3 spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'Recreate with limits',
    deployment(`${selector}  strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}\n`),
    ["error Invalid a.yaml:6:30 spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  ],
  [
    'no way forward',
    deployment(`${selector}  strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}\n`),
    [
      'error Invalid a.yaml:6:43 spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
    ],
  ],
  [
    'not a percentage',
    deployment(`${selector}  strategy: {rollingUpdate: {maxSurge: many}}\n`),
    [`error Invalid a.yaml:6:30 spec.strategy.rollingUpdate.maxSurge: Invalid value: "many": ${percent}`],
  ],
  [
    'more than all',
    deployment(`${selector}  strategy: {rollingUpdate: {maxUnavailable: 101%}}\n`),
    [
      'error Invalid a.yaml:6:30 spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
  ],
  [
    'a deadline too early',
    deployment(`${selector}  minReadySeconds: 60\n  progressDeadlineSeconds: 60\n`),
    ['error Invalid a.yaml:7:3 spec.progressDeadlineSeconds: Invalid value: 60: must be greater than minReadySeconds'],
  ],
  [
    'a ReplicaSet without a template',
    `${head('ReplicaSet', 'apps/v1')}spec:\n${selector}`,
    ['error Required a.yaml:4:1 spec.template: Required value'],
  ],
  [
    'containers of one name',
    pod('  containers: [{name: c, image: i}, {name: c, image: i}]\n'),
    ['error Duplicate a.yaml:5:38 spec.containers[1].name: Duplicate value: "c"'],
  ],
  [
    'an image with blanks',
    pod('  containers: [{name: c, image: " i"}]\n'),
    [`error Invalid a.yaml:5:26 ${c0}.image: Invalid value: " i": must not have leading or trailing whitespace`],
  ],
  [
    'an env name',
    container('      env: [{name: "A=B"}]\n'),
    [
      `error Invalid a.yaml:8:14 ${c0}.env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than '='`,
    ],
  ],
  [
    'value and valueFrom',
    container('      env: [{name: A, value: b, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]\n'),
    [`error Invalid a.yaml:8:33 ${c0}.env[0].valueFrom: Invalid value: may not be specified when \`value\` is not empty`],
  ],
  [
    'valueFrom nothing',
    container('      env: [{name: A, valueFrom: {}}]\n'),
    [
      `error Invalid a.yaml:8:23 ${c0}.env[0].valueFrom: Invalid value: must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\` or \`secretKeyRef\``,
    ],
  ],
  [
    'valueFrom twice',
    container('      env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}, configMapKeyRef: {name: a, key: b}}}]\n'),
    [`error Invalid a.yaml:8:23 ${c0}.env[0].valueFrom: Invalid value: may not have more than one field specified at a time`],
  ],
  [
    'envFrom nothing',
    container('      envFrom: [{prefix: A_}]\n'),
    [`error Invalid a.yaml:8:17 ${c0}.envFrom[0]: Invalid value: must specify one of: \`configMapRef\` or \`secretRef\``],
  ],
  [
    'a port number',
    container('      ports: [{containerPort: 70000}]\n'),
    [`error Invalid a.yaml:8:16 ${c0}.ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive`],
  ],
  [
    'a port name',
    container('      ports: [{containerPort: 80, name: "80"}]\n'),
    [`error Invalid a.yaml:8:35 ${c0}.ports[0].name: Invalid value: "80": must contain at least one letter (a-z)`],
  ],
  [
    'port names twice',
    container('      ports: [{containerPort: 80, name: a}, {containerPort: 81, name: a}]\n'),
    [`error Duplicate a.yaml:8:65 ${c0}.ports[1].name: Duplicate value: "a"`],
  ],
  [
    'a host port twice',
    container('      ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 80}]\n'),
    [`error Duplicate a.yaml:8:70 ${c0}.ports[1].hostPort: Duplicate value: "TCP//80"`],
  ],
  [
    'a host address',
    container('      ports: [{containerPort: 80, hostIP: 10.0.0.300}]\n'),
    [
      `error Invalid a.yaml:8:35 ${c0}.ports[0].hostIP: Invalid value: "10.0.0.300": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
    ],
  ],
  [
    'a quantity',
    container('      resources: {limits: {memory: lots}}\n'),
    [`error Invalid a.yaml:8:28 ${c0}.resources.limits.memory: Invalid value: "lots": ${quantity}`],
  ],
  [
    'more than the limit',
    container('      resources: {limits: {cpu: 1}, requests: {cpu: 1500m}}\n'),
    [
      `error Invalid a.yaml:8:48 ${c0}.resources.requests.cpu: Invalid value: "1500m": must be less than or equal to cpu limit of 1`,
    ],
  ],
  [
    'a mount of nothing',
    container('      volumeMounts: [{name: d, mountPath: /d}]\n'),
    [`error NotFound a.yaml:8:23 ${c0}.volumeMounts[0].name: Not found: "d"`],
  ],
  [
    'mounts at one path',
    container('      volumeMounts: [{name: d, mountPath: /d}, {name: d, mountPath: /d}]\n  volumes: [{name: d}]\n'),
    [`error Invalid a.yaml:8:58 ${c0}.volumeMounts[1].mountPath: Invalid value: "/d": must be unique`],
  ],
  [
    'a relative mount',
    container('      volumeMounts: [{name: d, mountPath: d}]\n  volumes: [{name: d}]\n'),
    [`error Invalid a.yaml:8:32 ${c0}.volumeMounts[0].mountPath: Invalid value: "d": must be an absolute path`],
  ],
  [
    'volumes of one name',
    container('  volumes: [{name: d}, {name: d}]\n'),
    ['error Duplicate a.yaml:8:25 spec.volumes[1].name: Duplicate value: "d"'],
  ],
  [
    'a volume of two kinds',
    container('  volumes: [{name: d, emptyDir: {}, hostPath: {path: /x}}]\n'),
    ['error Invalid a.yaml:8:37 spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'a volume of an unsupported kind',
    container('  volumes: [{name: d, csi: {driver: a}}]\n'),
    [
      'error UnsupportedField a.yaml:8:23 spec.volumes[0].csi: csi is not supported yet: Holdfast has no driver for it; use a PersistentVolumeClaim, a hostPath or an emptyDir.',
    ],
  ],
  [
    'a mode',
    container('  volumes: [{name: d, configMap: {name: a, defaultMode: 01000}}]\n'),
    [
      'error Invalid a.yaml:8:44 spec.volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
    ],
  ],
  [
    'a way out of a volume',
    container('  volumes: [{name: d, secret: {secretName: a, items: [{key: k, path: ../x}]}}]\n'),
    ['error Invalid a.yaml:8:64 spec.volumes[0].secret.items[0].path: Invalid value: "../x": must not contain \'..\''],
  ],
  [
    'a probe of nothing',
    container('      livenessProbe: {periodSeconds: 5}\n'),
    [`error Required a.yaml:8:7 ${c0}.livenessProbe: Required value: must specify a handler type`],
  ],
  [
    'a probe of two',
    container('      readinessProbe: {exec: {command: [a]}, tcpSocket: {port: 80}}\n'),
    [`error Invalid a.yaml:8:46 ${c0}.readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`],
  ],
  [
    'a liveness threshold',
    container('      livenessProbe: {tcpSocket: {port: 80}, successThreshold: 2}\n'),
    [`error Invalid a.yaml:8:46 ${c0}.livenessProbe.successThreshold: Invalid value: 2: must be 1`],
  ],
  [
    'a negative period',
    container('      livenessProbe: {tcpSocket: {port: 80}, periodSeconds: -1}\n'),
    [`error Invalid a.yaml:8:46 ${c0}.livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0`],
  ],
  [
    'a probe of no port',
    container('      livenessProbe: {httpGet: {port: web}}\n'),
    [`error NotFound a.yaml:8:33 ${c0}.livenessProbe.httpGet.port: Not found: "web"`],
  ],
  [
    'a field that pods do not have',
    container('      env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.image}}}]\n'),
    [
      `error Invalid a.yaml:8:46 ${c0}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.image": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels['KEY']", "metadata.annotations['KEY']", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
    ],
  ],
  [
    'a data key',
    `${head('ConfigMap')}data: {"a b": x}\n`,
    [`error Invalid a.yaml:4:8 data[a b]: Invalid value: "a b": ${dataKey}`],
  ],
  [
    'a key in both',
    `${head('ConfigMap')}data: {a: x}\nbinaryData: {a: eA==}\n`,
    ['error Invalid a.yaml:4:8 data.a: Invalid value: "a": duplicate of key present in binaryData'],
  ],
  [
    'base64 of a Secret',
    `${head('Secret')}data: {a: "not base64"}\n`,
    [
      'error Invalid a.yaml:4:8 data.a: Invalid value: must be base64 (RFC 4648, with padding); plain text belongs under stringData',
    ],
  ],
  [
    'a Secret of certificates',
    `${head('Secret')}type: kubernetes.io/tls\nstringData: {tls.crt: x}\n`,
    ['error Required a.yaml:1:1 data[tls.key]: Required value'],
  ],
  [
    'too much data',
    `${head('ConfigMap')}data: {a: "${'x'.repeat(1024 * 1024 + 1)}"}\n`,
    ['error Invalid a.yaml:4:1 data: Too long: may not be more than 1048576 bytes'],
  ],
  [
    'no access modes',
    `${head('PersistentVolumeClaim')}spec: {accessModes: [], resources: {requests: {storage: 1Gi}}}\n`,
    [
      'error Required a.yaml:4:8 spec.accessModes: Required value',
      "note NoEffect a.yaml:4:48 spec.resources.requests.storage: accepted without effect: Volumes of Docker's local driver have no size limit: they grow as long as their disk has room; the size chooses among declared volumes.",
    ],
  ],
  [
    'a claim of blocks',
    `${head('PersistentVolumeClaim')}spec: {volumeMode: Block, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n`,
    [
      'error UnsupportedField a.yaml:4:8 spec.volumeMode: volumeMode "Block" is not supported yet: Docker volumes are file systems; leave the field out, or give the device to the container as a hostPath of type BlockDevice',
      "note NoEffect a.yaml:4:80 spec.resources.requests.storage: accepted without effect: Volumes of Docker's local driver have no size limit: they grow as long as their disk has room; the size chooses among declared volumes.",
    ],
  ],
  [
    'a claim of no size',
    `${head('PersistentVolumeClaim')}spec: {accessModes: [ReadWriteOnce], resources: {}}\n`,
    ['error Required a.yaml:4:38 spec.resources.requests.storage: Required value'],
  ],
])('%s', (_name, text, lines) => {
  expect(told(loadText(text))).toEqual(lines);
});

test('what has no effect is noted once for a field, dropped, and does not refuse the object', () => {
  const text = `apiVersion: v1
kind: Pod
metadata: {name: x, creationTimestamp: "2026-01-01T00:00:00Z", uid: "1"}
spec:
  automountServiceAccountToken: false
  serviceAccountName: robot
  containers:
    - {name: a, image: "i:1"}
    - {name: b, image: "i:1", stdin: false}
status: {phase: Running}
`;
  const result = loadText(text);
  expect(told(result)).toEqual([
    'note NoEffect a.yaml:3:21 metadata.creationTimestamp: set by Holdfast; what the manifest says is not used',
    'note NoEffect a.yaml:3:64 metadata.uid: set by Holdfast; what the manifest says is not used',
    'note NoEffect a.yaml:5:3 spec.automountServiceAccountToken: accepted without effect: There is no Kubernetes API that a token could be used with; none is mounted.',
    'note NoEffect a.yaml:6:3 spec.serviceAccountName: accepted without effect: There is no Kubernetes API that the account could be used with.',
    'note NoEffect a.yaml:10:1 status: the status is reported by Holdfast; what the manifest says is not used',
  ]);
  expect(result.manifests[0]?.resource).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x', namespace: 'default' },
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      schedulerName: 'default-scheduler',
      serviceAccountName: 'robot',
      containers: [
        { name: 'a', image: 'i:1', imagePullPolicy: 'IfNotPresent' },
        { name: 'b', image: 'i:1', imagePullPolicy: 'IfNotPresent' },
      ],
    },
  });
});

test('nothing is noted of what says nothing: null, an empty status, and what holds anyway', () => {
  const text = `apiVersion: v1
kind: Pod
metadata: {name: x, creationTimestamp: null, generation: null}
spec:
  dnsPolicy: ClusterFirst
  containers:
    - {name: a, image: "i:1", terminationMessagePath: /dev/termination-log, terminationMessagePolicy: File}
status: {conditions: [], loadBalancer: {}, message: null}
`;
  expect(told(loadText(text))).toEqual([]);
});

test('a field without effect is still judged', () => {
  expect(told(loadText(pod('  serviceAccountName: 5\n  containers: [{name: c, image: x}]\n')))).toContain(
    'error WrongType a.yaml:5:3 spec.serviceAccountName: must be a string, not the number 5; put it in quotes',
  );
});

test('a misspelt field does not hide values that are wrong by themselves, nor make up others', () => {
  const text = deployment(
    '  replica: 2\n  minReadySeconds: -1\n  selector: {matchLabels: {app: x}}\n',
    '      restartPolicy: always\n      volume: []\n',
  )
    .replace('{name: x}', '{name: Web_App}')
    .replace('"i:1"}', '"i:1", volumeMounts: [{name: data, mountPath: /data}], resources: {limits: {memory: 1Gb}}}');
  expect(told(loadText(text))).toEqual([
    `error Invalid a.yaml:3:12 metadata.name: Invalid value: "Web_App": ${subdomain}`,
    'error UnknownField a.yaml:5:3 spec.replica: unknown field "replica". Did you mean "replicas"?',
    'error Invalid a.yaml:6:3 spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
    'error Invalid a.yaml:11:7 spec.template.spec.restartPolicy: "always" is not one of Always, OnFailure, Never. Did you mean "Always"?',
    'error UnknownField a.yaml:12:7 spec.template.spec.volume: unknown field "volume". Did you mean "volumes"?',
    `error Invalid a.yaml:13:113 spec.template.spec.containers[0].resources.limits.memory: Invalid value: "1Gb": ${quantity}`,
  ]);
});

test('nor do quotes that are too many or too few', () => {
  const container = '"i:1", env: [{name: A, value: 8080}], ports: [{containerPort: 80800}]}';
  const text = deployment(`  replicas: "2"\n${selector}`).replace('"i:1"}', container);
  expect(told(loadText(text))).toEqual([
    'error WrongType a.yaml:5:3 spec.replicas: must be a whole number, not the string "2"; write it without quotes',
    'error WrongType a.yaml:10:60 spec.template.spec.containers[0].env[0].value: must be a string, not the number 8080; put it in quotes',
    'error Invalid a.yaml:10:84 spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 80800: must be between 1 and 65535, inclusive',
  ]);
});
