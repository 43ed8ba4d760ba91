// `generators`, `transformers` and `validators`: kustomize's documented behaviour, and the problems that take the place of its errors.
import { describe, expect, test } from 'vitest';
import { build, changedIn, documentsOf, type ProblemCase, type RenderCase } from './scene.ts';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 1
  template:
    spec:
      initContainers:
      - {name: init, image: "busybox:1.36"}
      containers:
      - {name: web, image: "nginx:1.25", env: [{name: HOST, value: x}, {name: PORT, value: "1"}]}
      - {name: web-side, image: "registry.local:5000/team/side:v1", env: [{name: HOST, value: z}]}
`;

const service = `apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {app: web}
spec:
  clusterIP: null
  ports:
  - {name: http, port: 80, targetPort: 8080}
  - {name: admin, port: 0644}
`;

const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: source
  annotations: {team.example/owner: ops}
data:
  host: db.example:5432
  number: "8080"
`;

const resources = [configMap, service, deployment].join('---\n');

const rendered: readonly RenderCase[] = [
  {
    title: 'PrefixTransformer',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: PrefixTransformer
metadata: {name: t}
prefix: pre-
fieldSpecs: [{path: metadata/name}]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {annotations: {team.example/owner: ops}, name: pre-source}
data: {host: db.example:5432, number: "8080"}
---
apiVersion: v1
kind: Service
metadata: {labels: {app: web}, name: pre-web}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: pre-web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'SuffixTransformer in the fields of one kind',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: SuffixTransformer
metadata: {name: t}
suffix: -end
fieldSpecs: [{path: metadata/name, kind: Service}, {path: metadata/labels/app, kind: Deployment}]
`,
    },
    expected: `apiVersion: v1
kind: Service
metadata: {labels: {app: web}, name: web-end}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web-end}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'PrefixSuffixTransformer',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: PrefixSuffixTransformer
metadata: {name: t}
prefix: a-
suffix: -z
fieldSpecs: [{path: metadata/name}]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {annotations: {team.example/owner: ops}, name: a-source-z}
data: {host: db.example:5432, number: "8080"}
---
apiVersion: v1
kind: Service
metadata: {labels: {app: web}, name: a-web-z}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: a-web-z}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'LabelTransformer changes the fields that it names alone',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: LabelTransformer
metadata: {name: t}
labels: {team: ops, app: new}
fieldSpecs: [{path: metadata/labels, create: true}, {path: spec/selector, kind: Service, create: true}]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {annotations: {team.example/owner: ops}, labels: {app: new, team: ops}, name: source}
data: {host: db.example:5432, number: "8080"}
---
apiVersion: v1
kind: Service
metadata: {labels: {app: new, team: ops}, name: web}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}], selector: {app: new, team: ops}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: new, team: ops}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'AnnotationsTransformer',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: AnnotationsTransformer
metadata: {name: t}
annotations: {note: hello}
fieldSpecs: [{path: metadata/annotations, create: true, kind: Service}]
`,
    },
    expected: `apiVersion: v1
kind: Service
metadata: {annotations: {note: hello}, labels: {app: web}, name: web}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
`,
  },
  {
    title: 'ImageTagTransformer',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: ImageTagTransformer
metadata: {name: t}
imageTag: {name: nginx, newTag: v9}
`,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:v9, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'ReplicaCountTransformer',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: ReplicaCountTransformer
metadata: {name: t}
replica: {name: web, count: 7}
fieldSpecs: [{path: spec/replicas, create: true, kind: Deployment}]
`,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 7, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'NamespaceTransformer',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: NamespaceTransformer
metadata: {name: t, namespace: prod}
fieldSpecs: [{path: metadata/namespace, create: true}]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {annotations: {team.example/owner: ops}, name: source, namespace: prod}
data: {host: db.example:5432, number: "8080"}
---
apiVersion: v1
kind: Service
metadata: {labels: {app: web}, name: web, namespace: prod}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web, namespace: prod}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'NamespaceTransformer with unsetOnly',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: a, namespace: own}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
`,
      't.yaml': `apiVersion: builtin
kind: NamespaceTransformer
metadata: {name: t, namespace: prod}
unsetOnly: true
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: b, namespace: prod}
`,
  },
  {
    title: 'NamespaceTransformer leaves the name of a Namespace alone',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': `apiVersion: v1
kind: Namespace
metadata: {name: other}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
`,
      't.yaml': `apiVersion: builtin
kind: NamespaceTransformer
metadata: {name: t, namespace: prod}
fieldSpecs: [{path: metadata/namespace, create: true}]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: b, namespace: prod}
`,
  },
  {
    title: 'PatchTransformer with a file and a target',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: PatchTransformer
metadata: {name: t}
path: patch.yaml
target: {kind: Deployment}
`,
      'patch.yaml': '- {op: replace, path: /spec/replicas, value: 9}\n',
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 9, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'PatchJson6902Transformer',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: PatchJson6902Transformer
metadata: {name: t}
target: {group: apps, version: v1, kind: Deployment, name: web}
jsonOp: '[{"op": "add", "path": "/spec/paused", "value": true}]'
`,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {paused: true, replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'PatchStrategicMergeTransformer',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: PatchStrategicMergeTransformer
metadata: {name: t}
paths: [p.yaml]
patches: |-
  apiVersion: v1
  kind: Service
  metadata: {name: web, labels: {more: "1"}}
`,
      'p.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 4}
`,
    },
    expected: `apiVersion: v1
kind: Service
metadata: {labels: {app: web, more: "1"}, name: web}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 4, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'ReplacementTransformer',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: ReplacementTransformer
metadata: {name: t}
replacements:
- source: {kind: ConfigMap}
  targets: [{select: {kind: Service}, fieldPaths: [metadata.labels.app]}]
`,
    },
    expected: `apiVersion: v1
kind: Service
metadata: {labels: {app: source}, name: web}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
`,
  },
  {
    title: 'ValueAddTransformer',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: source
  annotations: {team.example/owner: ops}
data:
  host: /a/nice/pie
  number: "8080"
---
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {app: web}
spec:
  clusterIP: null
  ports:
  - {name: http, port: 80, targetPort: 8080}
  - {name: admin, port: 0644}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 1
  template:
    spec:
      initContainers:
      - {name: init, image: "busybox:1.36"}
      containers:
      - {name: web, image: "nginx:1.25", env: [{name: HOST, value: x}, {name: PORT, value: "1"}]}
      - {name: web-side, image: "registry.local:5000/team/side:v1", env: [{name: HOST, value: z}]}
`,
      't.yaml': `apiVersion: builtin
kind: ValueAddTransformer
metadata: {name: t}
value: PEACH
targets:
- {selector: {kind: Service}, fieldPath: metadata/labels/app}
- {selector: {kind: ConfigMap}, fieldPath: data/number, filePathPosition: 1}
- {selector: {kind: ConfigMap}, fieldPath: data/host, filePathPosition: 9}
- {selector: {kind: Deployment}, fieldPath: 'metadata/annotations/a\\/b'}
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {annotations: {team.example/owner: ops}, name: source}
data: {host: /a/nice/pie/PEACH, number: PEACH/8080}
---
apiVersion: v1
kind: Service
metadata: {labels: {app: PEACH}, name: web}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {annotations: {a/b: PEACH}, labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'ConfigMapGenerator takes its name from its metadata',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
generators: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: ConfigMapGenerator
metadata: {name: t, namespace: prod}
literals: [a=b]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: t-4h2mbtbbt6, namespace: prod}
data: {a: b}
`,
  },
  {
    title: 'SecretGenerator with its own name',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
generators: [t.yaml]
`,
      'res.yaml': resources,
      't.yaml': `apiVersion: builtin
kind: SecretGenerator
metadata: {name: t}
name: own
type: x/y
literals: [a=b]
behavior: create
`,
    },
    expected: `apiVersion: v1
kind: Secret
metadata: {name: own-79g7mt4h4m}
type: x/y
data: {a: Yg==}
`,
  },
  {
    title: 'configurations that are written in the list come before those in files',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers:
- t.yaml
- |-
  apiVersion: builtin
  kind: PrefixTransformer
  metadata: {name: inline}
  prefix: in-
  fieldSpecs: [{path: metadata/name}]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
kind: PrefixTransformer
metadata: {name: t}
prefix: file-
fieldSpecs: [{path: metadata/name}]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {annotations: {team.example/owner: ops}, name: file-in-source}
data: {host: db.example:5432, number: "8080"}
`,
  },
  {
    title: 'a built-in validator that changes nothing',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
validators: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
kind: LabelTransformer
metadata: {name: t}
labels: {a: b}
fieldSpecs: [{path: metadata/labels, kind: Nothing, create: true}]
`,
    },
    expected: ``,
  },
];

const refused: readonly ProblemCase[] = [
  {
    title: 'a program',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: example.com/v1
kind: Sealer
metadata: {name: s}
`,
    },
    problems: [
      't.yaml:2:1 kind: Sealer (example.com/v1) is not supported: it is no plugin of kustomize itself (apiVersion builtin), so it would run a program; run it yourself and commit what it makes',
    ],
  },
  {
    title: 'a function',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
kind: PrefixTransformer
metadata:
  name: s
  annotations:
    config.kubernetes.io/function: |
      container: {image: example/fn:v1}
`,
    },
    problems: [
      't.yaml:6:5 metadata.annotations[config.kubernetes.io/function]: PrefixTransformer is not supported: it is a function that runs a container or a program; run it yourself and commit what it makes',
    ],
  },
  {
    title: 'IAMPolicyGenerator',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
generators: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
kind: IAMPolicyGenerator
metadata: {name: s}
`,
    },
    problems: [
      't.yaml:2:1 kind: IAMPolicyGenerator is not supported: it makes policies for Google Cloud, which there is none of here',
    ],
  },
  {
    title: 'a kind that there is not',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
kind: PrefixTransfomer
metadata: {name: s}
`,
    },
    problems: ['t.yaml:2:1 kind: there is no built-in transformer PrefixTransfomer. Did you mean "PrefixTransformer"?'],
  },
  {
    title: 'a generator among transformers',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
kind: ConfigMapGenerator
metadata: {name: s}
`,
    },
    problems: ['t.yaml:2:1 kind: plugin ConfigMapGenerator is not a transformer'],
  },
  {
    title: 'a transformer among generators',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
generators: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
kind: PrefixTransformer
metadata: {name: s}
`,
    },
    problems: ['t.yaml:2:1 kind: plugin PrefixTransformer is not a generator'],
  },
  {
    title: 'fields that there are not, and none of those that are needed',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
kind: PrefixTransformer
metadata: {name: s}
prefixx: a
`,
    },
    problems: [
      't.yaml:4:1 prefixx: unknown field "prefixx". Did you mean "prefix"?',
      't.yaml:1:1 fieldSpecs: Required value: the fields that are changed, such as path: metadata/name',
    ],
  },
  {
    title: 'a validator that changes something',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
validators: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
kind: LabelTransformer
metadata: {name: s}
labels: {a: b}
fieldSpecs: [{path: metadata/labels, create: true}]
`,
    },
    problems: ['kustomization.yaml:2:1 validators: a validator may not change objects; write it under transformers'],
  },
  {
    title: 'no kind, no mapping',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
---
- a
`,
    },
    problems: [
      't.yaml:1:1 kind: Required value: the plugin that is meant',
      't.yaml:3:1 the configuration of a plugin is a mapping, not a list',
    ],
  },
  {
    title: 'ImageTagTransformer without image, ReplicaCountTransformer without fields',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
kind: ImageTagTransformer
metadata: {name: a}
---
apiVersion: builtin
kind: ReplicaCountTransformer
metadata: {name: b}
replica: {name: x, count: 1}
`,
    },
    problems: ['t.yaml:1:1 imageTag: Required value', 't.yaml:8:11 replica.name: there is no object with the name "x"'],
  },
  {
    title: 'ValueAddTransformer without a target',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
kind: ValueAddTransformer
metadata: {name: a}
value: x
`,
    },
    problems: ['t.yaml:1:1 targets: Required value: must specify at least one target'],
  },
  {
    title: 'files and folders that are not there',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [none.yaml, sub]
`,
      'res.yaml': configMap,
      'sub/x': '',
    },
    problems: [
      'kustomization.yaml:2:16 transformers[0]: there is no file or folder none.yaml',
      'kustomization.yaml:2:27 transformers[1]: there is no kustomization.yaml, kustomization.yml or Kustomization in sub',
    ],
  },
  {
    title: 'PatchJson6902Transformer without a name',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
transformers: [t.yaml]
`,
      'res.yaml': configMap,
      't.yaml': `apiVersion: builtin
kind: PatchJson6902Transformer
metadata: {name: a}
target: {kind: ConfigMap}
jsonOp: "[]"
`,
    },
    problems: ['t.yaml:4:1 target.name: Required value: must specify the target name'],
  },
];

describe('plugins', () => {
  test.each(rendered)('$title', async ({ files, expected }) => {
    const built = await build(files);
    expect(built.problems).toEqual([]);
    expect(changedIn(files, built)).toEqual(documentsOf(expected));
  });

  test.each(refused)('problems: $title', async ({ files, problems }) => {
    expect((await build(files)).problems).toEqual(problems);
  });
});
