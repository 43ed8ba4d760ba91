// `replicas`: kustomize's documented behaviour, and the problems that take the place of its errors.
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

const rendered: readonly RenderCase[] = [
  {
    title: 'replicas of a Deployment and of a StatefulSet without any',
    files: {
      'kustomization.yaml': `resources: [d.yaml, s.yaml]
replicas:
- {name: web, count: 3}
- {name: db, count: 0}
`,
      'd.yaml': deployment,
      's.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec: {serviceName: db}
`,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 3, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec: {replicas: 0, serviceName: db}
`,
  },
  {
    title: 'an object is found by the name that it had',
    files: {
      'kustomization.yaml': `resources: [base]
namePrefix: b-
replicas: [{name: web, count: 5}]
`,
      'base/kustomization.yaml': `resources: [d.yaml]
namePrefix: a-
`,
      'base/d.yaml': deployment,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: b-a-web}
spec: {replicas: 5, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'configurations name more kinds',
    files: {
      'kustomization.yaml': `resources: [t.yaml]
configurations: [config.yaml]
replicas: [{name: t, count: 4}]
`,
      't.yaml': `apiVersion: example.com/v1
kind: Thing
metadata: {name: t}
spec: {}
`,
      'config.yaml': `replicas:
- {path: spec/size, kind: Thing, create: true}
`,
    },
    expected: `apiVersion: example.com/v1
kind: Thing
metadata: {name: t}
spec: {size: 4}
`,
  },
];

const refused: readonly ProblemCase[] = [
  {
    title: 'nothing has the name',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
replicas: [{name: wep, count: 2}]
`,
      'd.yaml': deployment,
    },
    problems: [
      'kustomization.yaml:2:13 replicas[0].name: there is no Deployment, StatefulSet, ReplicaSet, ReplicationController with the name "wep"',
    ],
  },
  {
    title: 'no count, and one below zero',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
replicas: [{name: web}, {name: web, count: -1}]
`,
      'd.yaml': deployment,
    },
    problems: [
      'kustomization.yaml:2:12 replicas[0].count: Required value',
      'kustomization.yaml:2:37 replicas[1].count: Invalid value: -1: must be greater than or equal to 0',
    ],
  },
];

describe('setReplicas', () => {
  test.each(rendered)('$title', async ({ files, expected }) => {
    const built = await build(files);
    expect(built.problems).toEqual([]);
    expect(changedIn(files, built)).toEqual(documentsOf(expected));
  });

  test.each(refused)('problems: $title', async ({ files, problems }) => {
    expect((await build(files)).problems).toEqual(problems);
  });
});
