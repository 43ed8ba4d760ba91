// `replacements`: kustomize's documented behaviour, and the problems that take the place of its errors.
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
    title: 'a name goes to a field of an item that is found by its name',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, name: source}
  targets:
  - select: {kind: Deployment, name: web}
    fieldPaths: ["spec.template.spec.containers.[name=side].env.[name=HOST].value"]
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: source}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'the value of an item is a pattern that may be anywhere in it',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: data.number}
  targets:
  - select: {kind: Deployment}
    fieldPaths: ["spec.template.spec.containers.[name=web].env.[name=^HOST$].value"]
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: "8080"}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: "8080"}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'a number as it is written goes into a text, and a text into a number',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: Service, fieldPath: "spec.ports.[name=admin].port"}
  targets:
  - select: {kind: ConfigMap}
    fieldPaths: [data.number]
- source: {kind: ConfigMap, fieldPath: data.number}
  targets:
  - select: {kind: Deployment}
    fieldPaths: [spec.replicas]
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {annotations: {team.example/owner: ops}, name: source}
data: {host: db.example:5432, number: "0644"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 420, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'a part of a value goes to a part of another',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: data.host, options: {delimiter: ":", index: 1}}
  targets:
  - select: {kind: Deployment}
    fieldPaths: ["spec.template.spec.containers.*.image"]
    options: {delimiter: ":", index: 1}
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:5432, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5432:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'an index below zero puts the value before, one beyond the end behind',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: data.number}
  targets:
  - select: {kind: Deployment}
    fieldPaths: ["spec.template.spec.containers.0.image"]
    options: {delimiter: "/", index: -1}
  - select: {kind: Deployment}
    fieldPaths: ["spec.template.spec.containers.1.image"]
    options: {delimiter: "/", index: 9}
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: 8080/nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1/8080, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'create makes maps, lists and items on the way; what is made has the type of its text',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: data.number}
  targets:
  - select: {kind: Deployment}
    fieldPaths:
    - metadata.annotations.port
    - "spec.template.spec.containers.[name=new].ports.0.containerPort"
    - spec.paused
    options: {create: true}
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {annotations: {port: "8080"}, labels: {app: web}, name: web}
spec: {paused: 8080, replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}, {name: new, ports: [{containerPort: 8080}]}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'dots in keys: with a backslash and in brackets',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: 'metadata.annotations.team\\.example/owner'}
  targets:
  - select: {kind: Service}
    fieldPaths: ["metadata.annotations.[other.example/owner]"]
    options: {create: true}
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: v1
kind: Service
metadata: {annotations: {other.example/owner: ops}, labels: {app: web}, name: web}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
`,
  },
  {
    title: 'maps are copied whole, over lists as well',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: data}
  targets:
  - select: {kind: Service}
    fieldPaths: [spec.ports, spec.copy]
    options: {create: true}
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: v1
kind: Service
metadata: {labels: {app: web}, name: web}
spec: {clusterIP: null, copy: {host: db.example:5432, number: "8080"}, ports: {host: db.example:5432, number: "8080"}}
`,
  },
  {
    title: 'reject takes objects out again, and patterns match whole names',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap}
  targets:
  - select: {name: "we.?"}
    reject: [{kind: Service}]
    fieldPaths: [metadata.labels.app]
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: source}}
spec: {replicas: 1, template: {spec: {initContainers: [{name: init, image: busybox:1.36}], containers: [{name: web, image: nginx:1.25, env: [{name: HOST, value: x}, {name: PORT, value: "1"}]}, {name: web-side, image: registry.local:5000/team/side:v1, env: [{name: HOST, value: z}]}]}}}
`,
  },
  {
    title: 'select by labels',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap}
  targets:
  - select: {labelSelector: "app in (web, api),!old"}
    reject: [{kind: Deployment, name: web}]
    fieldPaths: [metadata.labels.app]
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: v1
kind: Service
metadata: {labels: {app: source}, name: web}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
`,
  },
  {
    title: 'without fieldPath and fieldPaths it is the name',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap}
  targets: [{select: {kind: Service}}]
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: v1
kind: Service
metadata: {labels: {app: web}, name: source}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
`,
  },
  {
    title: 'what one replacement has replaced is the source of the next',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: data.number}
  targets: [{select: {kind: Service}, fieldPaths: [metadata.labels.app]}]
- source: {kind: Service, fieldPath: metadata.labels.app}
  targets: [{select: {kind: Deployment}, fieldPaths: [metadata.labels.app]}]
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: v1
kind: Service
metadata: {labels: {app: "8080"}, name: web}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: "8080"}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'a file with one replacement and a file with a list',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- path: one.yaml
- path: list.yaml
`,
      'res.yaml': resources,
      'one.yaml': `source: {kind: ConfigMap}
targets: [{select: {kind: Service}, fieldPaths: [metadata.labels.app]}]
`,
      'list.yaml': `- source: {kind: ConfigMap, fieldPath: data.number}
  targets: [{select: {kind: Deployment}, fieldPaths: [metadata.labels.app]}]
`,
    },
    expected: `apiVersion: v1
kind: Service
metadata: {labels: {app: source}, name: web}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: "8080"}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'a fixed value',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- sourceValue: "5"
  targets:
  - {select: {kind: Deployment}, fieldPaths: [spec.replicas, metadata.labels.app]}
`,
      'res.yaml': resources,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: "5"}}
spec: {replicas: 5, template: {spec: {initContainers: [{name: init, image: busybox:1.36}], containers: [{name: web, image: nginx:1.25, env: [{name: HOST, value: x}, {name: PORT, value: "1"}]}, {name: web-side, image: registry.local:5000/team/side:v1, env: [{name: HOST, value: z}]}]}}}
`,
  },
  {
    title: 'source and targets go by any name that they had',
    files: {
      'kustomization.yaml': `resources: [base]
nameSuffix: -end
replacements:
- source: {kind: ConfigMap, name: source, fieldPath: metadata.name}
  targets: [{select: {kind: Deployment, name: web}, fieldPaths: [metadata.labels.app]}]
`,
      'base/kustomization.yaml': `resources: [res.yaml]
namePrefix: a-
`,
      'base/res.yaml': resources,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {annotations: {team.example/owner: ops}, name: a-source-end}
data: {host: db.example:5432, number: "8080"}
---
apiVersion: v1
kind: Service
metadata: {labels: {app: web}, name: a-web-end}
spec: {clusterIP: null, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 420}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: a-source-end}, name: a-web-end}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'the documented example',
    files: {
      'kustomization.yaml': `resources: [resources.yaml, job.yaml]
replacements:
- path: my-replacement.yaml
- source: {kind: Secret, name: my-secret}
  targets:
  - select: {name: hello, kind: Job}
    fieldPaths: ["spec.template.spec.containers.[name=hello].env.[name=SECRET_TOKEN].value"]
`,
      'resources.yaml': `apiVersion: v1
kind: Pod
metadata: {name: my-pod}
spec:
  containers: [{image: busybox, name: myapp-container}]
  restartPolicy: OnFailure
---
apiVersion: v1
kind: Secret
metadata: {name: my-secret}
`,
      'job.yaml': `apiVersion: batch/v1
kind: Job
metadata: {name: hello}
spec:
  template:
    spec:
      containers:
      - image: myimage
        name: hello
        env: [{name: SECRET_TOKEN, value: SOME_SECRET_NAME}]
`,
      'my-replacement.yaml': `source: {kind: Pod, name: my-pod, fieldPath: spec.restartPolicy}
targets:
- select: {name: hello, kind: Job}
  fieldPaths: [spec.template.spec.restartPolicy]
  options: {create: true}
`,
    },
    expected: `apiVersion: batch/v1
kind: Job
metadata: {name: hello}
spec: {template: {spec: {containers: [{env: [{name: SECRET_TOKEN, value: my-secret}], image: myimage, name: hello}], restartPolicy: OnFailure}}}
`,
  },
];

const refused: readonly ProblemCase[] = [
  {
    title: 'no source',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- targets: [{select: {kind: Service}}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:3:3 replacements[0]: Required value: replacements must specify a source and at least one target',
    ],
  },
  {
    title: 'no targets',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap}
`,
      'res.yaml': resources,
    },
    problems: ['kustomization.yaml:3:3 replacements[0].targets: Required value: at least one target'],
  },
  {
    title: 'no select',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap}
  targets: [{fieldPaths: [a]}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:4:13 replacements[0].targets[0].select: Required value: target must specify resources to select',
    ],
  },
  {
    title: 'source and sourceValue',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap}
  sourceValue: a
  targets: [{select: {kind: Service}}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:4:3 replacements[0].sourceValue: value and resource selectors are mutually exclusive: write source or sourceValue',
    ],
  },
  {
    title: 'nothing selected as source',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: Secret, name: s, namespace: ns}
  targets: [{select: {kind: Service}}]
`,
      'res.yaml': resources,
    },
    problems: ['kustomization.yaml:3:3 replacements[0].source: nothing selected by Secret "s" in namespace "ns"'],
  },
  {
    title: 'several sources',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {name: web}
  targets: [{select: {kind: Service}}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:3:3 replacements[0].source: multiple matches for selector any kind "web": a source must be one object, and 2 match',
    ],
  },
  {
    title: 'a source without the field',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: data.none}
  targets: [{select: {kind: Service}}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:3:29 replacements[0].source.fieldPath: fieldPath `data.none` is missing for replacement source ConfigMap',
    ],
  },
  {
    title: 'a source that is null',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: Service, fieldPath: spec.clusterIP}
  targets: [{select: {kind: Service}}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:3:27 replacements[0].source.fieldPath: fieldPath `spec.clusterIP` is missing for replacement source Service',
    ],
  },
  {
    title: 'a source with a wildcard',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: Service, fieldPath: "spec.ports.*.port"}
  targets: [{select: {kind: Service}}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:3:27 replacements[0].source.fieldPath: error looking up replacement source: a source is one field, so "*" cannot be used in its path',
    ],
  },
  {
    title: 'an index of the source out of bounds',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: data.host, options: {delimiter: ":", index: 7}}
  targets: [{select: {kind: Service}}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:3:77 replacements[0].source.options.index: options.index 7 is out of bounds: the value has 2 parts',
    ],
  },
  {
    title: 'a delimiter for a map',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: data, options: {delimiter: ":"}}
  targets: [{select: {kind: Service}}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:3:56 replacements[0].source.options.delimiter: delimiter option can only be used with scalar nodes',
    ],
  },
  {
    title: 'a target without the field',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap}
  targets: [{select: {kind: Service}, fieldPaths: [spec.none, spec.ports.5.name, metadata.name.x, "metadata.[name=x]", "metadata.*", "spec.ports.[x].y"]}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:4:52 replacements[0].targets[0].fieldPaths[0]: unable to find field "spec.none" in replacement target',
      'kustomization.yaml:4:63 replacements[0].targets[0].fieldPaths[1]: unable to find field "spec.ports.5.name" in replacement target: index 5 is asked for, and there are 2 items',
      'kustomization.yaml:4:82 replacements[0].targets[0].fieldPaths[2]: unable to find field "metadata.name.x" in replacement target: "x" is looked for in a string, not in a mapping',
      'kustomization.yaml:4:99 replacements[0].targets[0].fieldPaths[3]: unable to find field "metadata.[name=x]" in replacement target: "[name=x]" is looked for in a mapping, not in a list',
      'kustomization.yaml:4:120 replacements[0].targets[0].fieldPaths[4]: unable to find field "metadata.*" in replacement target: "*" is looked for in a mapping, not in a list',
      'kustomization.yaml:4:134 replacements[0].targets[0].fieldPaths[5]: unable to find field "spec.ports.[x].y" in replacement target: a step in brackets is written [field=value]',
    ],
  },
  {
    title: 'a text that is no number',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: data.host}
  targets: [{select: {kind: Deployment}, fieldPaths: [spec.replicas]}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:4:55 replacements[0].targets[0].fieldPaths[0]: spec.replicas: the field holds the number 1, and the source is none of that type',
    ],
  },
  {
    title: 'a map for a text',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap, fieldPath: data}
  targets: [{select: {kind: Service}, fieldPaths: [metadata.name]}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:4:52 replacements[0].targets[0].fieldPaths[0]: metadata.name: the source is a mapping, and the field holds a string',
    ],
  },
  {
    title: 'a delimiter in a list',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap}
  targets: [{select: {kind: Service}, fieldPaths: [spec.ports], options: {delimiter: /}}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:4:52 replacements[0].targets[0].fieldPaths[0]: spec.ports: delimiter option can only be used with scalar nodes',
    ],
  },
  {
    title: 'nothing selected as target',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap}
  targets: [{select: {kind: Nope}}]
`,
      'res.yaml': resources,
    },
    problems: [
      'note: kustomization.yaml:4:14 replacements[0].targets[0].select: the replacement changes nothing: no object is selected',
    ],
  },
  {
    title: 'a select that is no pattern',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap}
  targets: [{select: {name: "("}, reject: [{labelSelector: "a=="}]}]
`,
      'res.yaml': resources,
    },
    problems: [
      'kustomization.yaml:4:23 replacements[0].targets[0].select.name: Invalid value: "(": is not a regular expression that is supported: missing closing )',
    ],
  },
  {
    title: 'encoding does nothing',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- source: {kind: ConfigMap}
  targets: [{select: {kind: Service}, fieldPaths: [metadata.labels.app], options: {encoding: base64}}]
`,
      'res.yaml': resources,
    },
    problems: [
      'note: kustomization.yaml:4:84 replacements[0].targets[0].options.encoding: accepted without effect: kustomize copies the text as it is',
    ],
  },
  {
    title: 'path and more, a path without a replacement, unknown fields in a file',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
replacements:
- path: a.yaml
  source: {kind: ConfigMap}
- path: empty.yaml
- path: odd.yaml
`,
      'res.yaml': resources,
      'empty.yaml': '# nothing\n',
      'odd.yaml': `source: {kind: ConfigMap, fieldpath: x}
target: []
`,
    },
    problems: [
      'kustomization.yaml:3:3 replacements[0].path: a replacement is written here or in the file of path, not in both',
      'kustomization.yaml:5:3 replacements[1].path: empty.yaml must have one document, a replacement or a list of replacements; it has 0',
      'odd.yaml:2:1 target: unknown field "target". Did you mean "targets"?',
      'odd.yaml:1:1 targets: Required value: at least one target',
    ],
  },
];

describe('replaceFields', () => {
  test.each(rendered)('$title', async ({ files, expected }) => {
    const built = await build(files);
    expect(built.problems).toEqual([]);
    expect(changedIn(files, built)).toEqual(documentsOf(expected));
  });

  test.each(refused)('problems: $title', async ({ files, problems }) => {
    expect((await build(files)).problems).toEqual(problems);
  });
});
