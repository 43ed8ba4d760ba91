// ApplicationSets: what they stand for, and what is wrong with them, at the line where it is written.
import { describe, expect, test } from 'vitest';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import { formatProblem } from '../../src/manifests/problem.ts';
import { memorySnapshot } from '../support/memory-snapshot.ts';

const set = (generators: string, template = 'metadata: {name: "{{path.basename}}"}\n    spec: {path: "{{path}}"}'): string =>
  `apiVersion: holdfast.dev/v1
kind: ApplicationSet
metadata: {name: all}
spec:
  generators:
  ${generators}
  template:
    ${template}
`;

const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n';
const folders = Object.fromEntries(
  ['apps/web', 'apps/db', 'apps/old', 'apps/db/sub', 'apps/.git2', 'other/Big_One'].map((folder) => [`${folder}/x.yaml`, object]),
);

async function load(text: string) {
  const snapshot = memorySnapshot({ 'root/set.yaml': text, ...folders });
  const { manifests, problems } = await createManifestLoader({ root: 'root' }).load({
    ...snapshot,
    files: snapshot.files.filter(({ path }) => path.startsWith('root/')),
    filesBelow: () => Promise.resolve(snapshot.files),
  });
  const made = manifests.map(({ resource }) =>
    resource.kind === 'Application' ? `${resource.metadata.name} ${resource.spec.path}` : resource.kind,
  );
  return { made, lines: problems.map(formatProblem), manifests };
}

describe('a set', () => {
  test.each<[string, string, readonly string[]]>([
    ['of folders', set('- directories: [{path: "apps/*"}]'), ['db apps/db', 'old apps/old', 'web apps/web']],
    [
      'of folders but for some',
      set('- directories: [{path: "apps/*"}, {path: apps/o*, exclude: true}]'),
      ['db apps/db', 'web apps/web'],
    ],
    [
      'of folders however deep',
      set('- directories: [{path: "apps/**"}]'),
      ['db apps/db', 'sub apps/db/sub', 'old apps/old', 'web apps/web'],
    ],
    [
      'of folders whose names are none of objects',
      set(
        '- directories: [{path: "other/*"}]',
        'metadata: {name: "{{path.basenameNormalized}}-{{path[0]}}"}\n    spec: {path: "{{path}}"}',
      ),
      ['big-one-other other/Big_One'],
    ],
    [
      'of a list',
      set(
        '- list: {elements: [{name: a, at: {folder: x}}, {name: b, at: {folder: z}}]}',
        'metadata: {name: "{{name}}"}\n    spec: {path: "apps/{{ at.folder }}"}',
      ),
      ['a apps/x', 'b apps/z'],
    ],
    [
      'of each with each',
      set(
        '- matrix: {generators: [{list: {elements: [{env: test}, {env: prod}]}}, {directories: [{path: apps/w*}, {path: apps/d*}]}]}',
        'metadata: {name: "{{env}}-{{path.basename}}"}\n    spec: {path: "{{path}}"}',
      ),
      ['test-db apps/db', 'test-web apps/web', 'prod-db apps/db', 'prod-web apps/web'],
    ],
    [
      'of several generators',
      set('- directories: [{path: apps/db}]\n  - directories: [{path: apps/web}]'),
      ['db apps/db', 'web apps/web'],
    ],
  ])('%s', async (_what, text, applications) => {
    const { made, lines } = await load(text);
    expect(lines).toEqual([]);
    expect(made).toEqual(applications);
  });

  test('is where its applications are written', async () => {
    const { manifests } = await load(set('- directories: [{path: apps/web}]'));
    expect(manifests.map(({ locate }) => locate?.(['spec', 'path']))).toEqual([{ file: 'root/set.yaml', line: 9, column: 12 }]);
  });

  test.each<[string, string, readonly string[]]>([
    [
      'with a name that no entry has',
      set('- list: {elements: [{name: a}]}', 'metadata: {name: "{{nam}}"}\n    spec: {path: x}'),
      [
        'root/set.yaml:8:16 spec.template.metadata.name: Invalid value: "{{nam}}": no entry has a value of this name. Did you mean "name"?',
      ],
    ],
    [
      'with a template of Go',
      set('- list: {elements: [{name: a}]}', 'metadata: {name: "{{ .name }}"}\n    spec: {path: x}'),
      [
        'root/set.yaml:8:16 spec.template.metadata.name: Invalid value: "{{ .name }}": templates of Go are not read: write {{name}} and {{path.basename}}',
      ],
    ],
    [
      'that makes two of one name',
      set('- list: {elements: [{k: a}, {k: b}]}', 'metadata: {name: same}\n    spec: {path: "{{k}}"}'),
      ['root/set.yaml:8:16 spec.template.metadata.name: Duplicate value: "same": two entries make applications of one name'],
    ],
    [
      'that makes a name which is none',
      set('- list: {elements: [{name: A_b}]}', 'metadata: {name: "{{name}}"}\n    spec: {path: x}'),
      [expect.stringContaining('root/set.yaml:8:16 metadata.name: Invalid value: "A_b"') as string],
    ],
    [
      'that says nowhere where they are',
      set('- list: {elements: [{name: a}]}', 'metadata: {name: "{{name}}"}\n    spec: {prune: false}'),
      ['root/set.yaml:9:5 spec.template.spec.path: Required value: an application says where it is, with path or source'],
    ],
    ['with another generator', set('- git: {}'), ['root/set.yaml:6:5 spec.generators[0].git: unknown field "git".']],
    [
      'with a generator that is two',
      set('- {list: {elements: [{a: b}]}, directories: [{path: x}]}'),
      ['root/set.yaml:6:5 spec.generators[0]: exactly one of list, directories, matrix says what is generated'],
    ],
    [
      'with a pattern that leaves the repository',
      set('- directories: [{path: ../x}]'),
      [
        'root/set.yaml:6:20 spec.generators[0].directories[0].path: Invalid value: "../x": a pattern begins at the root of the repository, and has no ".."',
      ],
    ],
  ])('%s is refused', async (_what, text, lines) => {
    const found = await load(text);
    expect(found.lines.filter((line) => !line.includes('there are no Kubernetes objects'))).toEqual(lines);
    expect(found.made).toEqual([]);
  });
});
