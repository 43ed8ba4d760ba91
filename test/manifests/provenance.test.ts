// Every message names the line that a person wrote: of the patch, the base, the generator, the item of a List, the old version.
import { expect, test } from 'vitest';
import type { LoaderOptions, LoadResult } from '../../src/manifests/load.ts';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import { told } from '../support/manifest-text.ts';
import { type MemoryCommit, memorySnapshot } from '../support/memory-snapshot.ts';

const load = (files: MemoryCommit, options: LoaderOptions = {}): Promise<LoadResult> =>
  createManifestLoader({ root: 'app', ...options }).load(memorySnapshot(files, 'app'));

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: web:1
`;

test.each<[string, string, string]>([
  [
    'a strategic merge patch',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: -1\n',
    'error Invalid app/patch.yaml:5:3 spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'a field of a list that is merged',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          imagePullPolicy: Allways\n',
    'error Invalid app/patch.yaml:9:11 spec.template.spec.containers[0].imagePullPolicy: "Allways" is not one of Always, IfNotPresent, Never. Did you mean "Always"?',
  ],
])('a fault in %s is in the patch', async (_what, patch, message) => {
  const result = await load({
    'app/kustomization.yaml': 'resources: [../base]\npatches:\n  - path: patch.yaml\n',
    'app/patch.yaml': patch,
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/web.yaml': deployment,
  });
  expect(told(result)).toEqual([message]);
});

test('a fault in a base is in the base, whatever was patched', async () => {
  const result = await load({
    'app/kustomization.yaml': 'resources: [../base]\nnamespace: shop\nreplicas: [{name: web, count: 3}]\n',
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/web.yaml': deployment.replace('image: web:1', 'imag: web:1'),
  });
  expect(told(result)).toEqual([
    'error UnknownField base/web.yaml:14:11 spec.template.spec.containers[0].imag: unknown field "imag". Did you mean "image"?',
  ]);
});

test('what is right knows its file, its line and its kustomization, and every field its own place', async () => {
  const result = await load({
    'app/kustomization.yaml':
      'resources: [../base]\npatches:\n  - path: patch.yaml\nconfigMapGenerator:\n  - name: made\n    literals: [a=b]\n',
    'app/patch.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n',
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/web.yaml': `# web\n${deployment}`,
  });
  expect(told(result)).toEqual([]);
  expect(result.manifests.map(({ resource, file, line, kustomization }) => [resource.kind, file, line, kustomization])).toEqual([
    ['ConfigMap', 'app/kustomization.yaml', 5, 'app/kustomization.yaml'],
    ['Deployment', 'base/web.yaml', 2, 'app/kustomization.yaml'],
  ]);
  const web = result.manifests[1];
  expect(web?.locate?.(['spec', 'replicas'])).toEqual({ file: 'app/patch.yaml', line: 5, column: 3 });
  expect(web?.locate?.(['spec', 'template', 'spec', 'containers', 0, 'image'])).toEqual({
    file: 'base/web.yaml',
    line: 15,
    column: 11,
  });
});

test('the item of a List, the old version of a kind, and a document of many', async () => {
  const result = await load({
    'app/a.yaml':
      'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: a}\n    data: {k: 5}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: B}\n',
    'app/b.yaml': deployment.replace('apps/v1', 'apps/v1beta2').replace('image: web:1', 'image: 5'),
  });
  expect(told(result)).toEqual([
    'error WrongType app/a.yaml:7:12 data.k: must be a string, not the number 5; put it in quotes',
    expect.stringMatching(/^error Invalid app\/a\.yaml:11:12 metadata\.name: Invalid value: "B": /),
    'note Converted app/b.yaml:1:1 apiVersion: Deployment apps/v1beta2 is read as apps/v1; write that',
    'error WrongType app/b.yaml:14:11 spec.template.spec.containers[0].image: must be a string, not the number 5; put it in quotes',
  ]);
});

test('a value of a variable is at its placeholder', async () => {
  const files = { 'app/a.yaml': deployment.replace('spec:\n', 'spec:\n  replicas: ${N}\n') };
  expect(told(await load(files, { substitute: { N: '-3' } }))).toEqual([
    'error Invalid app/a.yaml:6:3 spec.replicas: Invalid value: -3: must be greater than or equal to 0 (from ${N})',
  ]);
});

test('places are the same when they are asked for long after', async () => {
  const loader = createManifestLoader();
  const files = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [
      `app/${index}.yaml`,
      `${'# x\n'.repeat(index)}${deployment.replace('name: web', `name: web-${index}`)}`,
    ]),
  );
  const { manifests } = await loader.load(memorySnapshot(files, 'app'));
  for (const { line, locate } of [...manifests, ...manifests.toReversed()]) {
    expect(locate?.(['spec', 'template', 'spec', 'containers', 0, 'image']).line).toBe(line + 13);
  }
});

test('what SOPS encrypted is told with the place of its mark, and nothing of it is admitted', async () => {
  const result = await load({
    'app/a.yaml':
      'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  k: ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]\nsops: {mac: x}\n',
  });
  expect(result.manifests).toEqual([]);
  expect(result.problems.filter(({ severity }) => severity === 'error')).toMatchObject([
    { reason: 'Undecryptable', file: 'app/a.yaml', line: 6 },
  ]);
});

test('a chart is rendered where it is declared; its values are no manifests, and what it makes is at its declaration', async () => {
  const made: string[] = [];
  const result = await load(
    {
      'app/chart.yaml':
        'apiVersion: holdfast.dev/v1\nkind: HelmChart\nmetadata: {name: web}\nspec:\n  chart: ./web\n  valuesFiles: [values.yaml]\n',
      'app/values.yaml': 'replicas: 2\n',
      'app/web/Chart.yaml': 'name: web\nversion: 1.0.0\n',
      'app/web/templates/a.yaml': '{{ x }}: [',
    },
    {
      helm: async (request) => {
        made.push(...request.values);
        return { text: '---\n# Source: web/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\n' };
      },
    },
  );
  expect(told(result)).toEqual([]);
  expect(made.join()).toContain('replicas: 2');
  expect(result.manifests.map(({ resource, file }) => [resource.metadata.name, file])).toEqual([['made', 'app/chart.yaml']]);
});
