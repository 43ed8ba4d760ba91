// `configurations`: what a file adds to what is built in, and what gives way to it.
import { expect, test } from 'vitest';
import { documentsOf, renderedObjects } from '../../support/kustomize-cases.ts';

const two = `=== base/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: Service, metadata: {name: a}}
`;

test.each<[string, string, string]>([
  [
    'names of a kind take the place of the names of all kinds',
    `=== base/kustomization.yaml
resources: [a.yaml]
namePrefix: p-
nameSuffix: -s
configurations: [c.yaml]
=== base/c.yaml
namePrefix: [{path: metadata/name, kind: Service}]
nameSuffix: [{path: metadata/name, kind: ConfigMap, version: v1}]
${two}`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a-s}}
---
{apiVersion: v1, kind: Service, metadata: {name: p-a}}
`,
  ],
  [
    'another field does not',
    `=== base/kustomization.yaml
resources: [a.yaml]
namePrefix: p-
configurations: [c.yaml]
=== base/c.yaml
namePrefix: [{path: spec/externalName, kind: Service, create: true}]
${two}`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: p-a}}
---
{apiVersion: v1, kind: Service, metadata: {name: p-a}, spec: {externalName: p-}}
`,
  ],
  [
    'over a base the names of all kinds were there first, and stay',
    `=== over/kustomization.yaml
resources: [../base]
namePrefix: p-
configurations: [c.yaml]
=== over/c.yaml
namePrefix: [{path: metadata/name, kind: Service}]
=== base/kustomization.yaml
resources: [a.yaml]
${two}`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: p-a}}
---
{apiVersion: v1, kind: Service, metadata: {name: p-p-a}}
`,
  ],
  [
    'labels of a kind take the place of the labels of all kinds',
    `=== base/kustomization.yaml
resources: [a.yaml]
labels: [{pairs: {app: x}, includeSelectors: true}]
configurations: [c.yaml]
=== base/c.yaml
commonLabels: [{path: metadata/labels, kind: ConfigMap, create: true}]
${two}`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {app: x}}}
---
{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selector: {app: x}}}
`,
  ],
  [
    'those of a component hold for who uses it',
    `=== over/kustomization.yaml
resources: [a.yaml]
components: [../part]
namePrefix: p-
=== over/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: Service, metadata: {name: a}}
=== part/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
configurations: [c.yaml]
=== part/c.yaml
namePrefix: [{path: metadata/name, kind: Service}]
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: Service, metadata: {name: p-a}}
`,
  ],
  [
    'the schema of a base holds when the outermost kustomization brings none',
    `=== over/kustomization.yaml
resources: [../base]
patches:
  - patch: |
      {apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, items: [{id: two, value: new}]}
=== base/kustomization.yaml
resources: [w.yaml]
openapi: {path: schema.json}
=== base/schema.json
{"definitions": {"Widget": {
  "properties": {"items": {
    "type": "array", "items": {"type": "object"},
    "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "id"}},
  "x-kubernetes-group-version-kind": [{"group": "example.com", "kind": "Widget", "version": "v1"}]}}}
=== base/w.yaml
{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, items: [{id: one}, {id: two, value: old}]}
`,
    `{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, items: [{id: two, value: new}, {id: one}]}
`,
  ],
])('%s', async (_name, files, expected) => {
  expect(await renderedObjects(files)).toEqual(documentsOf(expected));
});
