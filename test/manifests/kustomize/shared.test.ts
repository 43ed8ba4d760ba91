// Labels and annotations that were set in several fields at once, and are changed in one of them afterwards: kustomize changes all of them.
import { expect, test } from 'vitest';
import { buildText, documentsOf, renderedObjects } from '../../support/kustomize-cases.ts';

const base = `=== base/kustomization.yaml
resources: [a.yaml]
labels: [{pairs: {env: dev}, includeSelectors: true}]
commonAnnotations: {note: base}
=== base/a.yaml
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a}}
`;
const daemonSet = (env: string, note: string, more = ''): string => `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: a, labels: {env: ${env}${more}}, annotations: {note: ${note}}}
spec:
  selector: {matchLabels: {env: ${env}}}
  template: {metadata: {labels: {env: ${env}}, annotations: {note: ${note}}}}
`;

test.each<[string, string, string]>([
  ['labels without selectors', 'labels: [{pairs: {env: prod}}]', daemonSet('prod', 'base')],
  [
    'a label that was not there is set in metadata alone',
    'labels: [{pairs: {env: prod, tier: web}}]',
    daemonSet('prod', 'base', ', tier: web'),
  ],
  ['annotations', 'commonAnnotations: {note: over}', daemonSet('dev', 'over')],
  [
    'a patch for the labels of the object',
    `patches:
  - patch: |
      {apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a, labels: {env: prod}, annotations: {note: over}}}`,
    daemonSet('prod', 'over'),
  ],
  [
    'a replacement',
    `replacements:
  - source: {kind: DaemonSet, fieldPath: kind}
    targets: [{select: {kind: DaemonSet}, fieldPaths: [metadata.labels.env]}]`,
    daemonSet('DaemonSet', 'base'),
  ],
  [
    'what was taken away takes no part any more',
    `patches:
  - patch: |
      {apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a, labels: {env: null}}}
labels: [{pairs: {env: prod}}]`,
    daemonSet('dev', 'base').replace('labels: {env: dev}', 'labels: {env: prod}'),
  ],
  [
    'a JSON patch changes one of them, and parts them',
    `patches:
  - target: {kind: DaemonSet}
    patch: '[{"op": "replace", "path": "/metadata/labels/env", "value": "json"}]'
labels: [{pairs: {env: prod}}]`,
    daemonSet('dev', 'base').replace('labels: {env: dev}', 'labels: {env: prod}'),
  ],
])('%s', async (_name, change, expected) => {
  const files = `=== over/kustomization.yaml\nresources: [../base]\n${change}\n${base}`;
  expect(await renderedObjects(files)).toEqual(documentsOf(expected));
});

test('what was written in the object itself is nobody else’s', async () => {
  const files = `=== over/kustomization.yaml
resources: [../base]
labels: [{pairs: {env: prod}}]
${base.replace('metadata: {name: a}', 'metadata: {name: a, labels: {env: own}}')}`;
  const expected = daemonSet('dev', 'base').replace('labels: {env: dev}', 'labels: {env: prod}');
  expect(await renderedObjects(files)).toEqual(documentsOf(expected));
});

test('the place of a change is told for every field that it reached', async () => {
  const { objects } = await buildText(`=== over/kustomization.yaml
resources: [../base]
labels: [{pairs: {env: prod}}]
${base}`);
  const places = [
    ['metadata', 'labels', 'env'],
    ['spec', 'selector', 'matchLabels', 'env'],
    ['spec', 'template', 'metadata', 'labels', 'env'],
  ].map((path) => objects[0]?.locate(path));
  const expected = { file: 'over/kustomization.yaml', line: 2, column: 19 };
  expect(places).toEqual([expected, expected, expected]);
});
