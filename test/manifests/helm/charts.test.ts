// HelmCharts of a set → what helm is asked, and what becomes of its answer.
import { describe, expect, test } from 'vitest';
import { renderCharts } from '../../../src/manifests/helm/charts.ts';
import { explainForeignChart } from '../../../src/manifests/helm/foreign-charts.ts';
import { rememberRenders, requestKey } from '../../../src/manifests/helm/remember.ts';
import type { HelmRenderer, HelmRequest, HelmResult } from '../../../src/manifests/helm/renderer.ts';
import { formatProblem } from '../../../src/manifests/problem.ts';
import { parseYaml } from '../../../src/manifests/reading/yaml.ts';
import { fromDocument } from '../../../src/manifests/source.ts';
import { type MemoryContextOptions, type MemoryFiles, memoryContext } from '../../support/memory-tree.ts';

const chartFiles: MemoryFiles = {
  'charts/web/Chart.yaml': 'name: web\nversion: 1.0.0\n',
  'charts/web/templates/a.yaml': 'kind: {{ .Values.kind }}\n',
  'apps/shop/values.yaml': 'replicas: 2\n',
  'apps/shop/more.yaml': 'replicas: 3\n',
};

const chart = (spec: string, metadata = '{name: shop}'): string =>
  `apiVersion: holdfast.dev/v1\nkind: HelmChart\nmetadata: ${metadata}\nspec:\n${spec.replaceAll(/^/gm, '  ')}\n`;
const local = (more = ''): string => chart(`chart: ../../charts/web\n${more}`);

async function render(
  text: string,
  answer: HelmResult = { text: '' },
  files: MemoryFiles = {},
  options: MemoryContextOptions = {},
) {
  const asked: HelmRequest[] = [];
  const helm: HelmRenderer = (request) => {
    asked.push(request);
    return Promise.resolve(answer);
  };
  const sources = parseYaml(text).map((document) => fromDocument(document, 'apps/shop/app.yaml'));
  const context = memoryContext({ ...chartFiles, ...files }, { ...options, helm });
  const { objects, problems, folders, inputs } = await renderCharts(sources, context);
  return { objects, folders, inputs, asked, values: objects.map(({ value }) => value), lines: problems.map(formatProblem) };
}

const filesOf = (request: HelmRequest | undefined): string[] =>
  request?.chart.type === 'local' ? request.chart.files.map(({ path }) => path) : [];

describe('what helm is asked', () => {
  test('a chart that is committed', async () => {
    const { asked, lines, folders, inputs } = await render(local());
    expect(lines).toEqual([]);
    expect(asked).toMatchObject([
      { releaseName: 'shop', namespace: 'default', values: [], includeCrds: false, skipHooks: false, skipTests: false },
    ]);
    expect(filesOf(asked[0])).toEqual(['Chart.yaml', 'templates/a.yaml']);
    expect(folders).toEqual(['charts/web']);
    expect([...inputs.keys()]).toEqual(['charts/web/Chart.yaml', 'charts/web/templates/a.yaml']);
  });

  test('everything that can be said', async () => {
    const { asked, lines, inputs } = await render(
      local(`releaseName: store
targetNamespace: front
values: {image: {tag: "1.2"}, gone: null, list: []}
valuesFiles: [values.yaml, ./more.yaml]
includeCRDs: true
skipHooks: true
skipTests: true
kubeVersion: v1.31.0
apiVersions: [monitoring.coreos.com/v1]`),
    );
    expect(lines).toEqual([]);
    const { chart: _chart, ...rest } = asked[0] ?? {};
    expect(rest).toEqual({
      releaseName: 'store',
      namespace: 'front',
      values: ['replicas: 2\n', 'replicas: 3\n', '{"image":{"tag":"1.2"},"gone":null,"list":[]}'],
      includeCrds: true,
      skipHooks: true,
      skipTests: true,
      kubeVersion: 'v1.31.0',
      apiVersions: ['monitoring.coreos.com/v1'],
    });
    expect([...inputs.keys()].filter((path) => path.startsWith('apps/'))).toEqual([
      'apps/shop/values.yaml',
      'apps/shop/more.yaml',
    ]);
  });

  test.each([
    [
      'chart: postgresql\nrepository: https://charts.example.org/stable/\nversion: 15.5.20',
      { type: 'repository', repository: 'https://charts.example.org/stable', name: 'postgresql', version: '15.5.20' },
    ],
    [
      'chart: oci://ghcr.io/org/charts/podinfo\nversion: 6.7.1-rc.1+build',
      { type: 'repository', repository: 'oci://ghcr.io/org/charts', name: 'podinfo', version: '6.7.1-rc.1+build' },
    ],
    [
      'chart: podinfo\nrepository: oci://ghcr.io:5000/org\nversion: v6.7.1',
      { type: 'repository', repository: 'oci://ghcr.io:5000/org', name: 'podinfo', version: 'v6.7.1' },
    ],
  ])('%s', async (spec, expected) => {
    const { asked, lines, folders } = await render(chart(spec));
    expect(lines).toEqual([]);
    expect(asked[0]?.chart).toEqual(expected);
    expect(folders).toEqual([]);
  });

  test('the namespace of the manifest counts, and an item of a List is a chart too', async () => {
    const item = {
      apiVersion: 'holdfast.dev/v1',
      kind: 'HelmChart',
      metadata: { name: 'a', namespace: 'b' },
      spec: { chart: '/' },
    };
    const list = { apiVersion: 'v1', kind: 'List', items: [{ kind: 'Pod' }, { ...item, spec: { chart: '../../charts/web' } }] };
    const { asked, values } = await render(JSON.stringify(list));
    expect(asked).toMatchObject([{ releaseName: 'a', namespace: 'b' }]);
    expect(values).toEqual([{ kind: 'Pod' }]);
  });
});

const place = 'apps/shop/app.yaml';

describe('refused before helm is asked', () => {
  test.each<[string, string, string[]]>([
    ['no chart', chart('values: {}'), [`${place}:4:1 spec.chart: Required value`]],
    [
      'a folder that is not there',
      chart('chart: web'),
      [
        `${place}:5:3 spec.chart: Not found: "apps/shop/web": there is no such folder; for a chart of a repository give spec.repository and spec.version as well`,
      ],
    ],
    [
      'a file',
      chart('chart: values.yaml'),
      [
        `${place}:5:3 spec.chart: Not found: "apps/shop/values.yaml": there is no such folder; for a chart of a repository give spec.repository and spec.version as well`,
      ],
    ],
    [
      'a folder without a chart',
      chart('chart: ../../charts'),
      [`${place}:5:3 spec.chart: charts is no Helm chart: it has no Chart.yaml`],
    ],
    [
      'a folder outside',
      chart('chart: ../../../charts'),
      [
        `${place}:5:3 spec.chart: Invalid value: "../../../charts": must be a path of this repository, relative to the file that it is written in`,
      ],
    ],
    [
      'an absolute path',
      chart('chart: /charts/web'),
      [
        `${place}:5:3 spec.chart: Invalid value: "/charts/web": must be a path of this repository, relative to the file that it is written in`,
      ],
    ],
    [
      'a version of a chart that is committed',
      local('version: 1.0.0'),
      [`${place}:6:3 spec.version: Forbidden: a chart of this repository has the version of its Chart.yaml`],
    ],
    [
      'no version',
      chart('chart: redis\nrepository: https://charts.example.org'),
      [`${place}:4:1 spec.version: Required value: the exact version of the chart, such as 1.4.2`],
    ],
    ...['^1.4.0', '1.4', '>=1.0.0', 'latest', '1.x.x', '*'].map((version): [string, string, string[]] => [
      `the version ${version}`,
      chart(`chart: redis\nrepository: https://charts.example.org\nversion: "${version}"`),
      [
        `${place}:7:3 spec.version: Invalid value: "${version}": must be an exact version such as 1.4.2, so that one commit always means the same`,
      ],
    ]),
    [
      'a password in a URL',
      chart('chart: redis\nrepository: https://me:s3cret@charts.example.org\nversion: 1.0.0'),
      [`${place}:6:3 spec.repository: Invalid value: credentials do not belong into a URL that everybody can read`],
    ],
    [
      'a repository that is none',
      chart('chart: redis\nrepository: file:///etc\nversion: 1.0.0'),
      [
        `${place}:6:3 spec.repository: Invalid value: "file:///etc": must be the URL of a chart repository (https://, http:// or oci://)`,
      ],
    ],
    [
      'a name that is an option',
      chart('chart: --debug\nrepository: https://charts.example.org\nversion: 1.0.0'),
      [`${place}:5:3 spec.chart: Invalid value: "--debug": must be the name of a chart in the repository, without its version`],
    ],
    [
      'an oci chart with a repository',
      chart('chart: oci://ghcr.io/a/b\nrepository: https://charts.example.org\nversion: 1.0.0'),
      [`${place}:6:3 spec.repository: Forbidden: an oci:// chart names its repository itself`],
    ],
    [
      'names that are none',
      local('releaseName: Shop\ntargetNamespace: a_b\nkubeVersion: latest\napiVersions: [batch/v1, --x]'),
      [
        `${place}:6:3 spec.releaseName: Invalid value: "Shop": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
        `${place}:7:3 spec.targetNamespace: Invalid value: "a_b": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`,
        `${place}:8:3 spec.kubeVersion: Invalid value: "latest": must be a version such as 1.32.0`,
        `${place}:9:27 spec.apiVersions[1]: Invalid value: "--x": must be an API version such as batch/v1 or batch/v1/Job`,
      ],
    ],
    [
      'a name that is too long for helm',
      chart('chart: ../../charts/web', `{name: ${'a'.repeat(54)}}`),
      [
        `${place}:3:12 metadata.name: Too long: may not be more than 53 characters for the name of a Helm release; set spec.releaseName to a shorter one`,
      ],
    ],
    ['no name', chart('chart: ../../charts/web', '{}'), [`${place}:3:1 metadata.name: Required value`]],
    [
      'values files that are not there',
      local('valuesFiles: [nope.yaml, ../../../x.yaml, ../../charts]'),
      [
        `${place}:6:17 spec.valuesFiles[0]: Not found: "apps/shop/nope.yaml": there is no such file`,
        `${place}:6:28 spec.valuesFiles[1]: Invalid value: "../../../x.yaml": must be a path of this repository, relative to the file that it is written in`,
        `${place}:6:45 spec.valuesFiles[2]: Not found: "charts": there is no such file`,
      ],
    ],
    [
      'a misspelt field',
      local('valueFiles: []'),
      [`${place}:6:3 spec.valueFiles: unknown field "valueFiles". Did you mean "valuesFiles"?`],
    ],
    ['values that are no mapping', local('values: [1]'), [`${place}:6:3 spec.values: must be a mapping, not a list`]],
  ])('%s', async (_what, text, expected) => {
    const { lines, asked, values } = await render(text);
    // Examples and patterns of names are Kubernetes' own.
    expect(lines.map((line) => line.replace(/ \(e\.g\. .*$/, ''))).toEqual(expected);
    expect([asked, values]).toEqual([[], []]);
  });

  test('links that are not followed, and values that cannot be decrypted', async () => {
    const link = { refused: 'the link leaves the repository' };
    const problem = {
      severity: 'error',
      reason: 'Undecryptable',
      file: 'x',
      line: 0,
      column: 0,
      field: '',
      message: 'no key fits',
    } as const;
    const { lines, asked } = await render(
      local('valuesFiles: [link.yaml, values.yaml]'),
      { text: '' },
      { 'charts/web/link': link, 'apps/shop/link.yaml': link },
      { readData: () => Promise.resolve({ problem }) },
    );
    expect(lines).toEqual([
      `${place}:5:3 spec.chart: charts/web/link: the link leaves the repository`,
      `${place}:6:17 spec.valuesFiles[0]: apps/shop/link.yaml: the link leaves the repository`,
      `${place}:6:28 spec.valuesFiles[1]: apps/shop/values.yaml cannot be read: no key fits`,
    ]);
    expect(asked).toEqual([]);
  });

  test('a chart of too many files', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`charts/web/templates/${index}.yaml`, '']));
    const { lines } = await render(local(), { text: '' }, many);
    expect(lines).toEqual([`${place}:5:3 spec.chart: the chart has 5002 files; at most 5000 are read`]);
  });
});

const output = `---
# Source: web/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: web
---
# Source: web/templates/role.yaml
apiVersion: v1
kind: Namespace
metadata:
  name: extra
---
# Source: web/templates/config.yaml
# only a comment
---
# Source: web/templates/list.yaml
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: one, namespace: elsewhere}
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: two}
`;

describe('what helm answers', () => {
  test('objects, in place of the chart, in the namespace of the release', async () => {
    const { values, objects, lines } = await render(`kind: First\n---\n${local('targetNamespace: front')}---\nkind: Last\n`, {
      text: output.replace('kind: Service', 'kind: Pod'),
    });
    expect(lines).toEqual([]);
    expect(values).toEqual([
      { kind: 'First' },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'front' } },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'extra' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one', namespace: 'elsewhere' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'two', namespace: 'front' } },
      { kind: 'Last' },
    ]);
    expect(objects.map(({ template }) => template)).toEqual([
      undefined,
      'web/templates/service.yaml',
      'web/templates/role.yaml',
      'web/templates/list.yaml',
      'web/templates/list.yaml',
      undefined,
    ]);
    const chartPlace = { file: place, line: 7, column: 3 };
    expect([objects[1]?.locate(['metadata', 'name']), objects[1]?.sourceAt(['kind'])]).toEqual([chartPlace, undefined]);
  });

  test('YAML that cannot be read', async () => {
    const { lines, values } = await render(local(), { text: `${output}---\n# Source: web/templates/bad.yaml\na: [1\n` });
    expect(lines).toEqual([
      `${place}:5:3 spec.chart: what web/templates/bad.yaml gives cannot be read: the [ above is not closed with ], or what is inside is not indented`,
    ]);
    expect(values).toHaveLength(4);
  });

  const hooked = (hook: string): string =>
    `# Source: web/templates/job.yaml\nkind: Job\nmetadata: {name: migrate, annotations: {helm.sh/hook: "${hook}"}}\n---\nkind: Pod\nmetadata: {name: a}\n`;

  test.each([
    ['test', [], ['Pod']],
    ['test-success, test-failure', [], ['Pod']],
    [
      'pre-install,pre-upgrade',
      [
        `${place}:5:3 spec.chart: the Job "migrate" of web/templates/job.yaml is a Helm hook (pre-install, pre-upgrade), and Helm's hooks are not run. Commit it as a Job of its own with the annotation holdfast.dev/hook, or set spec.skipHooks to leave all hooks out`,
      ],
      ['Pod'],
    ],
    ['', [], ['Job', 'Pod']],
  ])('the hook "%s"', async (hook, expected, kinds) => {
    const { lines, values } = await render(local(), { text: hooked(hook) });
    expect(lines).toEqual(expected);
    expect(values.map((value) => (value as { kind: string }).kind)).toEqual(kinds);
  });

  test('hooks are left out on demand', async () => {
    const { lines, values } = await render(local('skipHooks: true'), { text: hooked('post-install') });
    expect([lines, values.length]).toEqual([[], 1]);
  });

  test('what Helm would keep', async () => {
    const kept = (name: string): string =>
      `kind: PersistentVolumeClaim\nmetadata: {name: ${name}, annotations: {helm.sh/resource-policy: keep}}\n`;
    const { lines, values } = await render(local(), { text: [1, 2, 3, 4].map((each) => kept(`c${each}`)).join('---\n') });
    expect(lines).toEqual([
      `${place}:5:3 spec.chart: accepted without effect: helm.sh/resource-policy of PersistentVolumeClaim "c1", PersistentVolumeClaim "c2", PersistentVolumeClaim "c3" and 1 more: an object that a commit no longer declares is deleted; the data of volumes is kept in any case`,
    ]);
    expect(values).toHaveLength(4);
  });

  test.each<HelmResult>([{ fault: 'helm: image.tag is required' }, { fault: 'there is no helm', isMissing: true }])(
    '%j',
    async (answer) => {
      const { lines, values } = await render(`${local()}---\nkind: Pod\n`, answer);
      expect(lines).toEqual([`${place}:5:3 spec.chart: ${'fault' in answer ? answer.fault : ''}`]);
      expect(values).toEqual([{ kind: 'Pod' }]);
    },
  );

  test('decrypted values come out of no message', async () => {
    const plain = new TextEncoder().encode('password: hunter-two\npin: 4711\nshort: abc\nflag: true\n');
    const options: MemoryContextOptions = {
      readData: async (file) => ({ bytes: file.path.endsWith('secret.yaml') ? plain : await file.read() }),
    };
    const fault = 'helm: bad value hunter-two, 4711, abc, true, replicas 2000';
    const files = { 'apps/shop/secret.yaml': 'password: ENC[x]\n', 'apps/shop/values.yaml': 'replicas: 2000\n' };
    const { lines, asked } = await render(local('valuesFiles: [secret.yaml, values.yaml]'), { fault }, files, options);
    expect(lines).toEqual([`${place}:5:3 spec.chart: helm: bad value ***, ***, abc, true, replicas 2000`]);
    expect(asked[0]?.values[0]).toContain('hunter-two');
  });
});

describe('a renderer that remembers', () => {
  const request = (more: Partial<HelmRequest> = {}): HelmRequest => ({
    chart: { type: 'local', files: [{ path: 'Chart.yaml', blobId: '1', read: () => Promise.resolve(new Uint8Array()) }] },
    releaseName: 'a',
    namespace: 'b',
    values: ['x: 1'],
    includeCrds: false,
    ...more,
  });

  test.each<[string, Partial<HelmRequest>]>([
    [
      'files',
      { chart: { type: 'local', files: [{ path: 'Chart.yaml', blobId: '2', read: () => Promise.resolve(new Uint8Array()) }] } },
    ],
    ['chart', { chart: { type: 'repository', repository: 'https://x', name: 'y', version: '1.0.0' } }],
    ['values', { values: ['x: 2'] }],
    ['release', { releaseName: 'c' }],
    ['namespace', { namespace: 'c' }],
    ['capabilities', { kubeVersion: '1.30.0' }],
    ['API versions', { apiVersions: ['a/v1'] }],
    ['definitions', { includeCrds: true }],
    ['hooks', { skipHooks: true }],
    ['tests', { skipTests: true }],
  ])('other %s are another request', (_what, more) => {
    expect(requestKey(request(more))).not.toBe(requestKey(request()));
    expect(requestKey(request({ skipHooks: false, skipTests: false }))).toBe(requestKey(request()));
  });

  test('asks once, and again after a fault', async () => {
    const answers: HelmResult[] = [{ fault: 'no network' }, { text: 'one' }, { text: 'two' }];
    let asked = 0;
    const helm = rememberRenders(() => {
      asked += 1;
      return Promise.resolve(answers[asked - 1] ?? { text: 'more' });
    });
    const results = [
      await helm(request()),
      await helm(request()),
      await helm(request()),
      await helm(request({ namespace: 'c' })),
    ];
    expect(results).toEqual([{ fault: 'no network' }, { text: 'one' }, { text: 'one' }, { text: 'two' }]);
    expect(asked).toBe(3);
  });
});

test.each([
  [
    'helm.cattle.io/v1',
    'HelmChart',
    'HelmChart (helm.cattle.io/v1) is not rendered here; write a HelmChart of holdfast.dev/v1: chart, version and targetNamespace stay, repo becomes repository, valuesContent becomes values',
  ],
  [
    'helm.toolkit.fluxcd.io/v2',
    'HelmRelease',
    'HelmRelease (helm.toolkit.fluxcd.io/v2) is not rendered here; write a HelmChart of holdfast.dev/v1: chart.spec.chart becomes chart, chart.spec.version becomes version, the URL of its source becomes repository, values stay',
  ],
  [
    'source.toolkit.fluxcd.io/v1',
    'HelmRepository',
    'HelmRepository (source.toolkit.fluxcd.io/v1) is not rendered here; write its URL as spec.repository of a HelmChart of holdfast.dev/v1',
  ],
  ['cert-manager.io/v1', 'Certificate', undefined],
  ['holdfast.dev/v1', 'HelmChart', undefined],
])('%s %s of another tool', (apiVersion, kind, expected) => {
  expect(explainForeignChart(apiVersion, kind)).toBe(expected);
});
