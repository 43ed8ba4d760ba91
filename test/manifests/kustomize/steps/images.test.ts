// `images`: kustomize's documented behaviour, and the problems that take the place of its errors.
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
    title: 'newTag',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images:
- {name: nginx, newTag: "1.27"}
`,
      'd.yaml': deployment,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.27, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'newName keeps the tag',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images:
- {name: nginx, newName: my.registry/nginx}
`,
      'd.yaml': deployment,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: my.registry/nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'digest takes the place of the tag',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images:
- {name: nginx, digest: "sha256:24a0c4b4"}
`,
      'd.yaml': deployment,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx@sha256:24a0c4b4, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'newTag and digest together',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images:
- {name: nginx, newTag: "2", digest: "sha256:24a0c4b4"}
`,
      'd.yaml': deployment,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:2@sha256:24a0c4b4, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'newName and newTag',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images:
- {name: busybox, newName: alpine, newTag: "3.20"}
`,
      'd.yaml': deployment,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: alpine:3.20, name: init}]}}}
`,
  },
  {
    title: 'a registry with a port',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images:
- {name: "registry.local:5000/team/side", newName: "other:443/side", newTag: v2}
`,
      'd.yaml': deployment,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25, name: web}, {env: [{name: HOST, value: z}], image: other:443/side:v2, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'the name is a regular expression',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images:
- {name: "ng.*", newTag: x}
`,
      'd.yaml': deployment,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:x, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'alternatives reach as far as the whole pattern',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images:
- {name: "nginx|busybox", newTag: x}
`,
      'd.yaml': deployment,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:x, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:x, name: init}]}}}
`,
  },
  {
    title: 'entries are made one after the other',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images:
- {name: nginx, newName: a}
- {name: a, newTag: "9"}
`,
      'd.yaml': deployment,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: a:9, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'a suffix of the tag is added for each way that a container is found',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images:
- {name: nginx, tagSuffix: -slim}
`,
      'd.yaml': deployment,
    },
    expected: `apiVersion: apps/v1
kind: Deployment
metadata: {labels: {app: web}, name: web}
spec: {replicas: 1, template: {spec: {containers: [{env: [{name: HOST, value: x}, {name: PORT, value: "1"}], image: nginx:1.25-slim-slim, name: web}, {env: [{name: HOST, value: z}], image: registry.local:5000/team/side:v1, name: web-side}], initContainers: [{image: busybox:1.36, name: init}]}}}
`,
  },
  {
    title: 'images with a digest, with both, and without a tag',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images:
- {name: a, newTag: x}
- {name: b, newName: c}
- {name: d, digest: "sha256:1"}
- {name: e, newName: f}
`,
      'd.yaml': `apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - {name: a, image: "a@sha256:11"}
  - {name: b, image: "b:1@sha256:11"}
  - {name: d, image: d}
  - {name: e, image: e}
  - {name: ee, image: "x/e:1"}
`,
    },
    expected: `apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{image: a:x, name: a}, {image: c:1@sha256:11, name: b}, {image: d@sha256:1, name: d}, {image: f, name: e}, {image: x/e:1, name: ee}]}
`,
  },
  {
    title: 'lists of containers in any kind, at any depth, but not in definitions of kinds',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images:
- {name: nginx, newTag: x}
`,
      'd.yaml': `apiVersion: example.com/v1
kind: Thing
metadata: {name: t}
deep: [{er: {containers: [{image: "nginx:1"}, {name: none}], ephemeralContainers: [{image: "nginx:1"}]}}]
image: nginx:1
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: c}
spec: {jobTemplate: {spec: {template: {spec: {initContainers: [{name: a, image: nginx}], containers: [{name: b, image: "nginx:2"}]}}}}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec: {containers: [{image: "nginx:1"}]}
`,
    },
    expected: `apiVersion: batch/v1
kind: CronJob
metadata: {name: c}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: nginx:x, name: b}], initContainers: [{image: nginx:x, name: a}]}}}}}
---
apiVersion: example.com/v1
kind: Thing
metadata: {name: t}
deep: [{er: {containers: [{image: nginx:x}, {name: none}], ephemeralContainers: [{image: nginx:1}]}}]
image: nginx:1
`,
  },
  {
    title: 'configurations name more fields',
    files: {
      'kustomization.yaml': `resources: [t.yaml]
configurations: [config.yaml]
images: [{name: nginx, newTag: x}]
`,
      't.yaml': `apiVersion: example.com/v1
kind: Thing
metadata: {name: t}
spec: {runLatest: {image: "nginx:1"}, other: {image: "nginx:1"}}
`,
      'config.yaml': `images:
- {path: spec/runLatest/image, kind: Thing}
`,
    },
    expected: `apiVersion: example.com/v1
kind: Thing
metadata: {name: t}
spec: {other: {image: nginx:1}, runLatest: {image: nginx:x}}
`,
  },
];

const refused: readonly ProblemCase[] = [
  {
    title: 'a name that is no pattern',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images: [{name: "[", newTag: x}]
`,
      'd.yaml': deployment,
    },
    problems: [
      'kustomization.yaml:2:11 images[0].name: Invalid value: "[": is not a regular expression that is supported: missing closing ]',
    ],
  },
  {
    title: 'no name',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images: [{newTag: x}]
`,
      'd.yaml': deployment,
    },
    problems: ['kustomization.yaml:2:10 images[0].name: Required value'],
  },
  {
    title: 'an image that no container has',
    files: {
      'kustomization.yaml': `resources: [d.yaml]
images: [{name: nginxx, newTag: x}]
`,
      'd.yaml': deployment,
    },
    problems: ['note: kustomization.yaml:2:10 images[0]: no container has the image "nginxx"'],
  },
];

describe('setImages', () => {
  test.each(rendered)('$title', async ({ files, expected }) => {
    const built = await build(files);
    expect(built.problems).toEqual([]);
    expect(changedIn(files, built)).toEqual(documentsOf(expected));
  });

  test.each(refused)('problems: $title', async ({ files, problems }) => {
    expect((await build(files)).problems).toEqual(problems);
  });
});
