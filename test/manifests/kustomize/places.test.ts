// Where the parts of a built object are written: what a patch has set is in the patch, everything else where it was.
import { expect, test } from 'vitest';
import { admitObjects } from '../../../src/manifests/object.ts';
import { formatProblem } from '../../../src/manifests/problem.ts';
import { buildText, toldProblems } from '../../support/kustomize-cases.ts';

/** Places of fields of the first object. */
async function placesOf(files: string, paths: readonly (readonly (string | number)[])[]): Promise<string[]> {
  const { objects, problems } = await buildText(files);
  expect(problems).toEqual([]);
  return paths.map((path) => {
    const place = objects[0]?.locate(path);
    return `${path.join('.')} ${place?.file}:${place?.line}:${place?.column}`;
  });
}

const deployment = `=== base/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: app
          image: app:1
          args: [one, two]
`;

test('a patched scalar is in the patch, its neighbours in the base', async () => {
  const files = `=== over/kustomization.yaml
resources: [../base]
patches:
  - path: patch.yaml
  - target: {kind: Deployment}
    patch: |-
      # as JSON
      - op: replace
        path: /spec/template/spec/containers/0/image
        value: app:2
=== over/patch.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: app
          env:
            - name: A
=== base/kustomization.yaml
resources: [web.yaml]
${deployment}`;
  const container = ['spec', 'template', 'spec', 'containers', 0];
  expect(
    await placesOf(files, [
      ['metadata', 'name'],
      ['spec', 'replicas'],
      ['spec', 'selector', 'matchLabels', 'app'],
      [...container, 'name'],
      [...container, 'image'],
      [...container, 'args', 1],
      [...container, 'env', 0, 'name'],
    ]),
  ).toEqual([
    'metadata.name base/web.yaml:4:3',
    'spec.replicas over/patch.yaml:5:3',
    'spec.selector.matchLabels.app base/web.yaml:7:28',
    'spec.template.spec.containers.0.name over/patch.yaml:9:11',
    'spec.template.spec.containers.0.image over/kustomization.yaml:9:9',
    'spec.template.spec.containers.0.args.1 base/web.yaml:14:23',
    'spec.template.spec.containers.0.env.0.name over/patch.yaml:11:15',
  ]);
});

test('what a patch took away is written nowhere: the place is that of what held it', async () => {
  const files = `=== over/kustomization.yaml
resources: [../base]
patches:
  - patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: null}}'
  - target: {kind: Deployment}
    patch: '[{op: remove, path: /spec/template/spec/containers/0/args}]'
=== base/kustomization.yaml
resources: [web.yaml]
${deployment}`;
  const container = ['spec', 'template', 'spec', 'containers', 0];
  expect(await placesOf(files, [['spec'], ['spec', 'replicas'], container, [...container, 'args', 1]])).toEqual([
    'spec base/web.yaml:5:1',
    'spec.replicas base/web.yaml:5:1',
    'spec.template.spec.containers.0 base/web.yaml:12:11',
    'spec.template.spec.containers.0.args.1 base/web.yaml:12:11',
  ]);
});

test('labels, annotations and the namespace are in the kustomization that sets them', async () => {
  const files = `=== over/kustomization.yaml
resources: [../base]
namespace: shop
labels:
  - pairs:
      team: blue
commonAnnotations:
  note: hello
=== base/kustomization.yaml
resources: [web.yaml]
${deployment}`;
  expect(
    await placesOf(files, [
      ['metadata', 'namespace'],
      ['metadata', 'labels', 'team'],
      ['metadata', 'annotations', 'note'],
      ['spec', 'template', 'metadata', 'annotations', 'note'],
      ['spec', 'template', 'metadata', 'labels', 'app'],
    ]),
  ).toEqual([
    'metadata.namespace over/kustomization.yaml:2:1',
    'metadata.labels.team over/kustomization.yaml:5:7',
    'metadata.annotations.note over/kustomization.yaml:7:3',
    'spec.template.metadata.annotations.note over/kustomization.yaml:7:3',
    'spec.template.metadata.labels.app base/web.yaml:9:25',
  ]);
});

test('a fault in a patched field is told at the line of the patch, one of the base at its own', async () => {
  const { objects } = await buildText(`=== over/kustomization.yaml
resources: [../base]
patches: [{path: patch.yaml}]
=== over/patch.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  port: 80
=== base/kustomization.yaml
resources: [settings.yaml]
=== base/settings.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  debug: true
`);
  const { problems } = admitObjects(objects);
  expect(problems.map(formatProblem)).toEqual([
    'base/settings.yaml:5:3 data.debug: must be a string, not the boolean true; put it in quotes',
    'over/patch.yaml:5:3 data.port: must be a string, not the number 80; put it in quotes',
  ]);
});

test.each<[string, string, string]>([
  ['a literal block', 'patch: |-\n      kind: Pod\n      a: b: c', 'kustomization.yaml:5:10'],
  ['a literal block that keeps its end', 'patch: |+  # as it is\n\n      a: b: c\n', 'kustomization.yaml:5:10'],
  ['a quoted text', 'patch: "a: b: c"', 'kustomization.yaml:3:5'],
  ['a folded block', 'patch: >-\n      a: b: c', 'kustomization.yaml:3:5'],
])('a fault in an inline patch is found in the file: %s', async (_name, patch, place) => {
  const told = await toldProblems(`=== kustomization.yaml
resources: [a.yaml]
patches:
  - ${patch}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(`${place} `);
});

test('one patch for many objects leaves each its own places', async () => {
  const { objects } = await buildText(`=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |-
      {kind: ConfigMap, metadata: {name: any}, data: {new: "1"}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {own: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {own: b}}
`);
  expect(objects.map(({ locate }) => [locate(['data', 'own']).line, locate(['data', 'new']).line])).toEqual([
    [1, 5],
    [3, 5],
  ]);
});

test('a number that is patched is shown as the patch has written it', async () => {
  const { objects } = await buildText(`=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: '{apiVersion: v1, kind: X, metadata: {name: a}, mode: 1}'
=== a.yaml
{apiVersion: v1, kind: X, metadata: {name: a}, mode: 0644, other: 0755}
`);
  expect([objects[0]?.sourceAt(['mode']), objects[0]?.sourceAt(['other'])]).toEqual(['1', '0755']);
});
