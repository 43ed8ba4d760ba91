// Fields that kustomize is giving up: they work, and one note for each says what to write instead.
import { expect, test } from 'vitest';
import { formatProblem } from '../../../src/manifests/problem.ts';
import { buildText } from '../../support/kustomize-cases.ts';

const map = '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n';

test.each<[string, string, string]>([
  [
    'commonLabels',
    'commonLabels: {a: b}',
    'commonLabels: kustomize is giving up commonLabels; write labels with includeSelectors: true',
  ],
  ['bases', 'bases: [base]', 'bases: kustomize is giving up bases; write resources'],
  [
    'patchesStrategicMerge',
    'patchesStrategicMerge: [p.yaml, p.yaml]',
    'patchesStrategicMerge: kustomize is giving up patchesStrategicMerge; write patches',
  ],
  [
    'patchesJson6902',
    'patchesJson6902: [{target: {version: v1, kind: ConfigMap, name: a}, path: j.json}]',
    'patchesJson6902: kustomize is giving up patchesJson6902; write patches',
  ],
  [
    'vars',
    'vars: [{name: V, objref: {apiVersion: v1, kind: ConfigMap, name: a}}]',
    'vars: kustomize is giving up vars; write replacements',
  ],
  ['imageTags', 'imageTags: [{name: a, newTag: b}]', 'imageTags: kustomize is giving up imageTags; write images'],
  [
    'env of a generator, told once',
    'configMapGenerator: [{name: b, envs: [e.env]}, {name: c, env: e.env}, {name: d, env: e.env}]',
    'configMapGenerator[1].env: kustomize is giving up env; write envs',
  ],
  [
    'helmChartInflationGenerator',
    'helmChartInflationGenerator: [{chartName: c}]',
    'helmChartInflationGenerator: kustomize is giving up helmChartInflationGenerator; write helmCharts',
  ],
])('%s', async (_name, field, expected) => {
  const { problems } = await buildText(`=== kustomization.yaml
resources: [a.yaml]
${field}
=== a.yaml
${map}=== p.yaml
${map}=== j.json
[]
=== e.env
A=b
=== base/kustomization.yaml
namePrefix: x
`);
  const notes = problems.filter(({ reason }) => reason === 'Converted');
  expect(notes.map((problem) => `${problem.severity} ${formatProblem(problem)}`)).toEqual([
    expect.stringMatching(/^note kustomization\.yaml:2:\d+ /),
  ]);
  expect(notes.map((problem) => formatProblem(problem).replace(/^\S+ /, ''))).toEqual([expected]);
});

test('empty fields are not there, and are not told', async () => {
  const { problems } = await buildText(`=== kustomization.yaml
resources: [a.yaml]
bases: []
commonLabels: {}
=== a.yaml
${map}`);
  expect(problems).toEqual([]);
});
