// JSON patches (RFC 6902) and what kustomize makes of them.
import { expect, test } from 'vitest';
import { documentsOf, renderedObjects } from '../../support/kustomize-cases.ts';

test.each<[string, string, string]>([
  [
    'add, replace and remove',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: Deployment}
    patch: |-
      - op: replace
        path: /spec/replicas
        value: 3
      - op: add
        path: /metadata/labels
        value: {a: b}
      - op: remove
        path: /spec/paused
=== a.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 1, paused: true}
`,
    `{apiVersion: apps/v1, kind: Deployment, metadata: {labels: {a: b}, name: web}, spec: {replicas: 3}}
`,
  ],
  [
    'into lists: before, at the end, in place',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: Pod}
    path: p.yaml
=== a.yaml
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: a, args: [x, y, z]}]}
=== p.yaml
- {op: add, path: /spec/containers/0/args/1, value: new}
- {op: add, path: /spec/containers/0/args/-, value: last}
- {op: replace, path: /spec/containers/0/args/0, value: first}
- {op: remove, path: /spec/containers/0/args/2}
`,
    `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{args: [first, new, z, last], name: a}]}}
`,
  ],
  [
    'positions from the end',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: X}
    patch: |-
      - {op: replace, path: /l/-1, value: z}
      - {op: add, path: /l/-1, value: "y"}
      - {op: remove, path: /l/-4}
=== a.yaml
{apiVersion: v1, kind: X, metadata: {name: d}, l: [a, b, c]}
`,
    `{apiVersion: v1, kind: X, l: [b, z, "y"], metadata: {name: d}}
`,
  ],
  [
    'move and copy',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: X}
    patch: |-
      - {op: copy, from: /l, path: /m}
      - {op: move, from: /m/0, path: /l/-}
      - {op: move, from: /o, path: /p}
=== a.yaml
{apiVersion: v1, kind: X, metadata: {name: d}, l: [a, b], o: {q: 1}}
`,
    `{apiVersion: v1, kind: X, l: [a, b, a], m: [b], metadata: {name: d}, p: {q: 1}}
`,
  ],
  [
    'a test that holds',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: X}
    patch: |-
      - {op: test, path: /l, value: [a, b]}
      - {op: test, path: /missing, value: null}
      - {op: replace, path: /l, value: []}
=== a.yaml
{apiVersion: v1, kind: X, metadata: {name: d}, l: [a, b]}
`,
    `{apiVersion: v1, kind: X, l: [], metadata: {name: d}}
`,
  ],
  [
    'slashes and tildes in names',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |-
      - {op: replace, path: /metadata/annotations/example.com~1a~0b, value: new}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: d, annotations: {example.com/a~b: old}}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {annotations: {example.com/a~b: new}, name: d}}
`,
  ],
  [
    'replace sets what was not there',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |-
      - {op: replace, path: /data/new, value: "1"}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: d}, data: {a: b}}
`,
    `{apiVersion: v1, data: {a: b, new: "1"}, kind: ConfigMap, metadata: {name: d}}
`,
  ],
  [
    'written as JSON',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: '[{"op": "add", "path": "/data/x", "value": "1"}]'
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: d}, data: {a: b}}
`,
    `{apiVersion: v1, data: {a: b, x: "1"}, kind: ConfigMap, metadata: {name: d}}
`,
  ],
  [
    'a new name, and what refers to it',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |-
      - {op: replace, path: /metadata/name, value: new}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: d}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{name: v, configMap: {name: d}}]}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: new}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{configMap: {name: new}, name: v}]}}
`,
  ],
  [
    'patchesJson6902 comes after the labels',
    `=== kustomization.yaml
resources: [a.yaml]
commonLabels: {team: blue}
patchesJson6902:
  - target: {version: v1, kind: ConfigMap, name: d}
    path: p.json
  - target: {version: v1, kind: ConfigMap, name: d}
    patch: |-
      - {op: add, path: /data, value: {a: b}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: d}}
=== p.json
[{"op": "replace", "path": "/metadata/labels/team", "value": "red"}]
`,
    `{apiVersion: v1, data: {a: b}, kind: ConfigMap, metadata: {labels: {team: red}, name: d}}
`,
  ],
  [
    'patches come before prefixes and labels',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
labels: [{pairs: {team: blue}}]
patches:
  - target: {name: d}
    patch: |-
      - {op: add, path: /metadata/labels, value: {team: red, other: x}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: d}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {labels: {other: x, team: blue}, name: p-d}}
`,
  ],
  [
    'all objects when the target is empty',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {}
    patch: |-
      - {op: add, path: /metadata/labels, value: {a: b}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: d}}
---
{apiVersion: v1, kind: Service, metadata: {name: d}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {labels: {a: b}, name: d}}
---
{apiVersion: v1, kind: Service, metadata: {labels: {a: b}, name: d}}
`,
  ],
  [
    'the whole object',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |-
      - {op: replace, path: "", value: {apiVersion: v1, kind: ConfigMap, metadata: {name: other}}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: d}, data: {a: b}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}
`,
  ],
])('%s', async (_name, files, expected) => {
  expect(await renderedObjects(files)).toEqual(documentsOf(expected));
});
