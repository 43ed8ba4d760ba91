// What a build says about itself, bases of other repositories, and builds that want too much.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRemote } from '../../../src/manifests/kustomize/remote-url.ts';
import { buildText, renderedObjects, toldProblems } from '../../support/kustomize-cases.ts';

const configMap = (name: string): string => `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}}\n`;

test('folders that are used, files that are read, and files that are looked for in vain', async () => {
  const { folders, inputs, objects } = await buildText(`=== apps/web/kustomization.yaml
resources: [../base, a.yaml]
components: [../part]
=== apps/web/a.yaml
${configMap('a')}=== apps/base/kustomization.yml
resources: [b.yaml]
=== apps/base/b.yaml
${configMap('b')}=== apps/part/Kustomization
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches: [{path: p.yaml}]
=== apps/part/p.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {a: b}}
=== apps/other/unused.yaml
${configMap('unused')}`);
  expect(folders).toEqual(['apps/base', 'apps/part']);
  expect([...inputs].filter(([, blobId]) => blobId !== undefined).map(([path]) => path)).toEqual([
    'apps/web/kustomization.yaml',
    'apps/base/kustomization.yml',
    'apps/base/b.yaml',
    'apps/web/a.yaml',
    'apps/part/Kustomization',
    'apps/part/p.yaml',
  ]);
  expect([...inputs].filter(([, blobId]) => blobId === undefined).map(([path]) => path)).toEqual([
    'apps/web/kustomization.yml',
    'apps/web/Kustomization',
    'apps/base/kustomization.yaml',
    'apps/base/Kustomization',
    'apps/part/kustomization.yaml',
    'apps/part/kustomization.yml',
  ]);
  expect(new Set(objects.map(({ kustomization }) => kustomization))).toEqual(new Set(['apps/web/kustomization.yaml']));
});

const remote = {
  'deploy/kustomization.yaml': 'resources: [a.yaml, ../shared]\nnamePrefix: r-\n',
  'deploy/a.yaml': configMap('a'),
  'shared/kustomization.yaml': 'resources: [s.yaml]\n',
  'shared/s.yaml': configMap('s'),
  'escape/kustomization.yaml': 'resources: [../../../../secret]\n',
  'reach/kustomization.yaml': 'resources: [own.yaml]\npatches: [{path: ../deploy/a.yaml}]\n',
  'reach/own.yaml': configMap('own'),
  'again/kustomization.yaml': 'resources: ["https://github.com/org/repo//again?ref=v1"]\n',
};
const remotes = { 'https://github.com/org/repo@v1': remote };
const uses = (address: string): string =>
  `=== kustomization.yaml\nresources: ["${address}"]\n=== secret/kustomization.yaml\nnamePrefix: a-\n`;

test('a base of another repository', async () => {
  const files = uses('https://github.com/org/repo//deploy?ref=v1');
  expect(await renderedObjects(files, { remotes })).toEqual([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'r-a' } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'r-s' } },
  ]);
  const { objects, folders } = await buildText(files, { remotes });
  expect(folders).toEqual([]);
  expect(objects[0]?.locate(['kind'])).toEqual({ file: 'https:github.com/org/repo@v1/deploy/a.yaml', line: 1, column: 18 });
});

test.each<[string, string, string[]]>([
  [
    'that leaves its repository',
    'https://github.com/org/repo//escape?ref=v1',
    [
      'error Unreadable https:github.com/org/repo@v1/escape/kustomization.yaml:1:13 resources[0]: secret: it is outside of the repository https:github.com/org/repo@v1',
    ],
  ],
  [
    'that reads files beside its folder',
    'https://github.com/org/repo//reach?ref=v1',
    [
      'error Invalid https:github.com/org/repo@v1/reach/kustomization.yaml:2:12 patches[0].path: https:github.com/org/repo@v1/deploy/a.yaml is not in or below https:github.com/org/repo@v1/reach: a kustomization reads files of its own folder; move it below https:github.com/org/repo@v1/reach, or give its folder a kustomization and name that',
    ],
  ],
  [
    'that names itself',
    'https://github.com/org/repo//again?ref=v1',
    [
      'error Conflict https:github.com/org/repo@v1/again/kustomization.yaml:1:13 resources[0]: cycle detected: https:github.com/org/repo@v1/again is built already on the way here',
    ],
  ],
  [
    'that has no such folder',
    'https://github.com/org/repo//missing?ref=v1',
    [
      'error NotFound kustomization.yaml:1:13 resources[0]: there is no kustomization.yaml, kustomization.yml or Kustomization in https:github.com/org/repo@v1/missing',
    ],
  ],
  [
    'that cannot be had',
    'https://github.com/org/repo//deploy?ref=v2',
    ['error RenderFailed kustomization.yaml:1:13 resources[0]: there is no repository at https://github.com/org/repo with v2'],
  ],
])('a base of another repository %s', async (_name, address, expected) => {
  expect(await toldProblems(uses(address), { remotes })).toEqual(expected);
});

test('a failure of the network is not the fault of the files', async () => {
  const failing = new Error('connection reset');
  const files = uses('https://github.com/org/repo//deploy?ref=v1');
  await expect(buildText(files, { remoteTrees: () => Promise.reject(failing) })).rejects.toBe(failing);
});

test.each<[string, ReturnType<typeof parseRemote>]>([
  ['../base', undefined],
  ['deployment.yaml', undefined],
  ['some/folder', undefined],
  ['https://github.com/org/repo//a/b?ref=v1.2', { base: { url: 'https://github.com/org/repo', ref: 'v1.2', folder: 'a/b' } }],
  ['github.com/org/repo/a/b?ref=v1', { base: { url: 'https://github.com/org/repo', ref: 'v1', folder: 'a/b' } }],
  ['github.com/org/repo?version=v1', { base: { url: 'https://github.com/org/repo', ref: 'v1', folder: '' } }],
  ['https://user@github.com/org/repo?ref=v1', { base: { url: 'user@github.com:org/repo', ref: 'v1', folder: '' } }],
  ['git@github.com:org/repo.git//a?ref=v1', { base: { url: 'git@github.com:org/repo.git', ref: 'v1', folder: 'a' } }],
  ['git@git.example:x/y/z.git/a?ref=v1', { base: { url: 'git@git.example:x/y/z.git', ref: 'v1', folder: 'a' } }],
  [
    'ssh://git@git.example:22/x/y//a?ref=v1&submodules=false',
    { base: { url: 'ssh://git@git.example:22/x/y', ref: 'v1', folder: 'a' } },
  ],
  [
    'git::https://git.example/a/b/c//d?timeout=9&ref=abc',
    { base: { url: 'https://git.example/a/b/c', ref: 'abc', folder: 'd' } },
  ],
  [
    'https://dev.azure.com/org/project/_git/repo/a/b?ref=v1',
    { base: { url: 'https://dev.azure.com/org/project/_git/repo', ref: 'v1', folder: 'a/b' } },
  ],
])('the address %s', (address, expected) => {
  expect(parseRemote(address)).toEqual(expected);
});

test('layers that double are stopped', async () => {
  const layers = Array.from(
    { length: 30 },
    (_, index) =>
      `=== l${index}/kustomization.yaml\nresources: [a, b]\n=== l${index}/a/kustomization.yaml\nresources: [../../l${index + 1}]\nnamePrefix: a\n=== l${index}/b/kustomization.yaml\nresources: [../../l${index + 1}]\nnamePrefix: b\n`,
  );
  const told = await toldProblems(
    `${layers.join('')}=== l30/kustomization.yaml\nresources: [c.yaml]\n=== l30/c.yaml\n${configMap('c')}`,
  );
  expect(told.some((line) => line.includes('the build has more than 2000 layers'))).toBe(true);
});

test('layers that are too deep are stopped', async () => {
  const layers = Array.from({ length: 100 }, (_, index) => `=== l${index}/kustomization.yaml\nresources: [../l${index + 1}]\n`);
  expect(await toldProblems(layers.join(''))).toEqual([
    'error TooLarge l63/kustomization.yaml:1:13 resources[0]: kustomizations are nested deeper than 64 levels',
  ]);
});

test('an object that is copied into itself is stopped', async () => {
  const operations = Array.from({ length: 40 }, (_, index) => `      - {op: copy, from: /data, path: /data/x${index}}\n`).join(
    '',
  );
  const told = await toldProblems(`=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |
${operations}=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: {b: [1, 2, 3]}}}
`);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/the object gets too (large|deep)$/);
});

test('a list of very many items is not merged', async () => {
  const items = (from: number): string =>
    JSON.stringify(Array.from({ length: 3000 }, (_, index) => ({ name: `v${from + index}`, value: 'x' })));
  const pod = (list: string): string =>
    `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, env: ${list}}]}}\n`;
  expect(
    await toldProblems(
      `=== kustomization.yaml\nresources: [a.yaml]\npatches: [{path: p.yaml}]\n=== a.yaml\n${pod(items(0))}=== p.yaml\n${pod(items(5))}`,
    ),
  ).toEqual(['error TooLarge p.yaml:1:80 spec.containers[0].env: a list of more than 2000 items cannot be merged']);
});

test('names of JavaScript are names like any other', async () => {
  const files = `=== kustomization.yaml
resources: [a.yaml]
labels: [{pairs: {__proto__: polluted, constructor: c}, includeSelectors: true}]
patches:
  - path: p.yaml
  - target: {kind: ConfigMap}
    patch: |-
      - {op: add, path: /data/toString, value: t}
      - {op: add, path: /__proto__, value: {polluted: "yes"}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {hasOwnProperty: "1"}}
=== p.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {__proto__: {polluted: "yes"}, constructor: "2"}}
`;
  const { objects, problems } = await buildText(files);
  expect(problems).toEqual([]);
  expect(Object.hasOwn({}, 'polluted') || 'polluted' in {}).toBe(false);
  const value = objects[0]?.value as { data: object; metadata: { labels: object } };
  expect(Object.keys(value)).toContain('__proto__');
  expect(Object.keys(value.data).toSorted()).toEqual(['__proto__', 'constructor', 'hasOwnProperty', 'toString']);
  expect(Object.keys(value.metadata.labels).toSorted()).toEqual(['__proto__', 'constructor']);
});

const word = fc.constantFrom(
  'a',
  'b',
  'name',
  'spec',
  'containers',
  '$patch',
  'delete',
  'replace',
  'metadata',
  'kind',
  '__proto__',
);
const anything = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, word, fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  map: fc.dictionary(word, tie('value'), { maxKeys: 4 }),
})).value;

test('whatever stands in a kustomization, a patch or an object: a result or problems, never an exception', async () => {
  await fc.assert(
    fc.asyncProperty(anything, anything, anything, fc.boolean(), async (spec, patch, field, hasTarget) => {
      const files = `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
namespace: ns
commonLabels: {a: b}
patches: [{path: p.yaml${hasTarget ? ', target: {name: a}' : ''}}]
labels: ${JSON.stringify(field)}
=== a.yaml
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": ${JSON.stringify(field)}}, "spec": ${JSON.stringify(spec)}}
=== p.yaml
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": ${JSON.stringify(patch)}}
`;
      const { objects, problems } = await buildText(files);
      expect(
        objects.length > 0 || problems.some(({ severity }) => severity === 'error') || JSON.stringify(patch).includes('delete'),
      ).toBe(true);
      for (const { file, line } of problems)
        expect([file, line > 0]).toEqual([expect.stringMatching(/^(kustomization|a|p)\.yaml$/), true]);
    }),
    { numRuns: 300 },
  );
});

test('whatever the operations of a JSON patch are: a result or problems, never an exception', async () => {
  const pointer = fc.array(fc.constantFrom('spec', 'metadata', '0', '-', '-1', 'a', '', '__proto__', 'name', '1e3'), {
    maxLength: 4,
  });
  const operation = fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'other'),
      path: pointer.map((steps) => steps.map((step) => `/${step}`).join('')),
      from: pointer.map((steps) => steps.map((step) => `/${step}`).join('')),
      value: anything,
    },
    { requiredKeys: ['op'] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 6 }), anything, async (operations, spec) => {
      const { objects, problems } = await buildText(`=== kustomization.yaml
resources: [a.yaml]
patches: [{path: p.json, target: {kind: Pod}}]
=== a.yaml
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": ${JSON.stringify(spec)}}
=== p.json
${JSON.stringify(operations)}
`);
      expect(objects.length > 0 || problems.some(({ severity }) => severity === 'error')).toBe(true);
    }),
    { numRuns: 300 },
  );
});
