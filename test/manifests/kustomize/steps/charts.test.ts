// `helmCharts`: what helm is asked for, what becomes of its answer, and the problems where it cannot be asked.
import { describe, expect, test } from 'vitest';
import type { HelmRequest, HelmResult } from '../../../../src/manifests/helm/renderer.ts';
import type { MemoryFiles } from '../../../support/memory-tree.ts';
import { type Built, build, documentsOf, placeIn } from './scene.ts';

const answer = `# Source: demo/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: demo
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: listed}}
`;

/** What is shown of a request: a committed chart by the paths of its files. */
type Shown = Omit<HelmRequest, 'chart'> & { readonly chart: unknown };

async function render(
  files: MemoryFiles,
  result: HelmResult = { text: answer },
): Promise<Built & { readonly requests: Shown[] }> {
  const requests: Shown[] = [];
  const built = await build(files, {
    helm: (request) => {
      const { chart } = request;
      requests.push({ ...request, chart: chart.type === 'local' ? chart.files.map(({ path }) => path) : chart });
      return Promise.resolve(result);
    },
  });
  return { ...built, requests };
}

const chart = { 'charts/demo/Chart.yaml': 'name: demo\n', 'charts/demo/values.yaml': 'a: 1\nb: {c: 2, d: 3}\n' };
const plain = { includeCrds: false, skipHooks: false, skipTests: false };
const remote = 'repo: https://charts.example, version: 1.2.3';

describe('what helm is asked for', () => {
  test.each<{ title: string; files: MemoryFiles; request: unknown }>([
    {
      title: 'a committed chart with its own values',
      files: { ...chart, 'kustomization.yaml': 'helmCharts: [{name: demo}]\n' },
      request: {
        ...plain,
        chart: ['Chart.yaml', 'values.yaml'],
        releaseName: 'release-name',
        namespace: 'default',
        values: [chart['charts/demo/values.yaml']],
      },
    },
    {
      title: 'the folder of charts, the release and the namespace of the kustomization',
      files: {
        'own/demo/Chart.yaml': 'name: demo\n',
        'kustomization.yaml': 'namespace: prod\nhelmGlobals: {chartHome: own}\nhelmCharts: [{name: demo, releaseName: rel}]\n',
      },
      request: { ...plain, chart: ['Chart.yaml'], releaseName: 'rel', namespace: 'prod', values: [''] },
    },
    {
      title: 'everything that can be said of a fetched chart',
      files: {
        'v.yaml': 'x: 1\n',
        'more.yaml': 'y: 2\n',
        'kustomization.yaml': `helmCharts:
- name: demo
  repo: https://charts.example
  version: 1.2.3
  releaseName: rel
  namespace: own
  valuesFile: v.yaml
  additionalValuesFiles: [more.yaml]
  includeCRDs: true
  skipHooks: true
  skipTests: true
  apiVersions: [example.com/v1]
  kubeVersion: "1.30"
`,
      },
      request: {
        chart: { type: 'repository', repository: 'https://charts.example', name: 'demo', version: '1.2.3' },
        releaseName: 'rel',
        namespace: 'own',
        values: ['x: 1\n', 'y: 2\n'],
        includeCrds: true,
        skipHooks: true,
        skipTests: true,
        apiVersions: ['example.com/v1'],
        kubeVersion: '1.30',
      },
    },
    {
      title: 'a chart that was fetched before and committed',
      files: {
        'charts/demo-1.2.3/demo/Chart.yaml': 'name: demo\n',
        'kustomization.yaml': `helmCharts: [{name: demo, ${remote}}]\n`,
      },
      request: { ...plain, chart: ['Chart.yaml'], releaseName: 'release-name', namespace: 'default', values: [''] },
    },
  ])('$title', async ({ files, request }) => {
    const { requests, problems } = await render(files);
    expect(problems).toEqual([]);
    expect(requests).toEqual([request]);
  });

  test.each([
    ['override lets the inline values win, and null takes away', 'valuesMerge: override, ', { a: 9, b: { d: 3, e: 5 } }],
    ['override is meant when nothing is said', '', { a: 9, b: { d: 3, e: 5 } }],
    ['merge lets the file win', 'valuesMerge: merge, ', { a: 1, b: { c: 2, d: 3, e: 5 } }],
    ['replace leaves the inline values alone', 'valuesMerge: replace, ', { a: 9, b: { c: null, e: 5 } }],
  ])('inline values: %s', async (_title, mode, values) => {
    const inline = `helmCharts: [{name: demo, ${mode}valuesInline: {a: 9, b: {c: null, e: 5}}}]\n`;
    const { requests } = await render({ ...chart, 'kustomization.yaml': inline });
    expect(requests.flatMap((request) => request.values).map((text) => JSON.parse(text) as unknown)).toEqual([values]);
  });

  test('inline values of a fetched chart are given as they are: helm puts them over its own', async () => {
    const { requests } = await render({
      'kustomization.yaml': `helmCharts: [{name: demo, ${remote}, valuesInline: {flag: "yes"}}]\n`,
    });
    expect(requests.flatMap((request) => request.values)).toEqual(['{"flag":"yes"}']);
  });
});

describe('what helm answers', () => {
  test('objects, those of lists among them, that stand where the chart is asked for', async () => {
    const built = await render({ ...chart, 'kustomization.yaml': 'namePrefix: p-\nhelmCharts:\n- name: demo\n' });
    expect(built.problems).toEqual([]);
    expect(built.objects.map(({ value }) => value)).toEqual(
      documentsOf(`apiVersion: v1
kind: ConfigMap
metadata: {name: p-listed}
---
apiVersion: v1
kind: Service
metadata: {name: p-demo}
`),
    );
    expect(placeIn(built, 'Service', ['metadata', 'name'])).toBe('kustomization.yaml:3:3');
  });

  test('a chart that was told its namespace keeps it', async () => {
    const text = 'apiVersion: v1\nkind: Service\nmetadata: {name: demo, namespace: other}\n';
    const built = await render({ ...chart, 'kustomization.yaml': 'namespace: prod\nhelmCharts:\n- name: demo\n' }, { text });
    expect(built.objects.map(({ value }) => value)).toEqual(documentsOf(text));
  });

  test.each<[string, HelmResult, string]>([
    [
      'no helm',
      { fault: 'there is no program "helm"', isMissing: true },
      'the chart demo cannot be rendered: there is no program "helm"; install helm, or commit the output of "helm template"',
    ],
    ['a fault', { fault: 'values do not fit' }, 'the chart demo cannot be rendered: values do not fit'],
    ['no YAML', { text: 'a: [' }, 'the output of the chart demo cannot be read: line 1: '],
    [
      'no object',
      { text: 'a: b' },
      'the output of the chart demo is not a set of Kubernetes objects: line 1 has no apiVersion and kind',
    ],
  ])('%s', async (_title, result, message) => {
    const { problems, objects } = await render({ ...chart, 'kustomization.yaml': 'helmCharts:\n- name: demo\n' }, result);
    expect(objects).toEqual([]);
    expect(problems.map((problem) => problem.slice(0, `kustomization.yaml:2:3 helmCharts[0]: ${message}`.length))).toEqual([
      `kustomization.yaml:2:3 helmCharts[0]: ${message}`,
    ]);
  });
});

describe('charts that helm is not asked for', () => {
  test.each<[string, MemoryFiles, string[]]>([
    [
      'neither committed nor fetched',
      { 'kustomization.yaml': 'helmCharts: [{name: demo}]\n' },
      ["kustomization.yaml:1:15 helmCharts[0].name: no repo specified for pull, no chart found at 'charts/demo'"],
    ],
    [
      'not pinned',
      { 'kustomization.yaml': 'helmCharts: [{name: demo, repo: "https://charts.example"}]\n' },
      [
        'kustomization.yaml:1:14 helmCharts[0].version: Required value: a chart that is fetched must be pinned, or the same commit could mean something else tomorrow',
      ],
    ],
    [
      'without a name',
      { 'kustomization.yaml': 'helmCharts: [{version: 1.2.3}]\n' },
      ['kustomization.yaml:1:14 helmCharts[0].name: Required value: chart name cannot be empty'],
    ],
    [
      'outside of the repository',
      { 'kustomization.yaml': 'helmGlobals: {chartHome: ../up}\nhelmCharts: [{name: demo}]\n' },
      ['kustomization.yaml:2:15 helmCharts[0].name: Invalid value: "demo": the chart must be inside the repository, below ../up'],
    ],
    [
      'with values that are not there',
      { ...chart, 'kustomization.yaml': 'helmCharts: [{name: demo, valuesFile: none.yaml}]\n' },
      ['kustomization.yaml:1:27 helmCharts[0].valuesFile: there is no file none.yaml'],
    ],
    [
      'with values that cannot be merged',
      {
        ...chart,
        'v.yaml': '- a\n',
        'kustomization.yaml': 'helmCharts: [{name: demo, valuesFile: v.yaml, valuesInline: {a: b}}]\n',
      },
      ['kustomization.yaml:1:27 helmCharts[0].valuesFile: the values cannot be merged: values are a mapping'],
    ],
    [
      'merged with values that are fetched later',
      { 'kustomization.yaml': `helmCharts: [{name: demo, ${remote}, valuesMerge: merge, valuesInline: {a: b}}]\n` },
      [
        'kustomization.yaml:1:73 helmCharts[0].valuesMerge: valuesMerge "merge" is not supported yet: merge needs the values of the chart, which is fetched later; name a valuesFile, or commit the chart',
      ],
    ],
  ])('%s', async (_title, files, problems) => {
    const built = await render(files);
    expect(built.requests).toEqual([]);
    expect(built.problems).toEqual(problems);
  });
});
