// How plain scalars are read inside kustomizations: as kustomize reads objects, which is not how Kubernetes reads files.
import { expect, test } from 'vitest';
import { FileReader } from '../../../src/manifests/file-reader.ts';
import { createManifestLoader } from '../../../src/manifests/loader.ts';
import { formatProblem } from '../../../src/manifests/problem.ts';
import { parseYaml } from '../../../src/manifests/reading/yaml.ts';
import { createDecrypter } from '../../../src/manifests/sops/decrypter.ts';
import { documentsOf, renderedObjects, toldProblems } from '../../support/kustomize-cases.ts';
import { memorySnapshot } from '../../support/memory-snapshot.ts';
import { memoryTree } from '../../support/memory-tree.ts';

test.each<[string, string, string]>([
  [
    'yes, no, on, off, y and n are texts, as keys as well',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {a: yes, b: No, c: ON, d: off, y: y, n: N, yes: x}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: "yes", b: "No", c: "ON", d: "off", "y": "y", "n": "N", "yes": x}}
`,
  ],
  [
    'true, null and numbers are what they are everywhere',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {a: True, b: ~, c: 0644, d: 1_000, e: 1.10, f: 0x1F, g: 0o17, h: 12:30, i: 1e400, j: 0xFFFFFFFFFFFFFFFFFF}
`,
    `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {a: true, b: null, c: 420, d: 1000, e: 1.1, f: 31, g: 15, h: "12:30", i: "1e400", j: "0xFFFFFFFFFFFFFFFFFF"}
`,
  ],
  [
    'annotations are texts as they are written, labels are not',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  labels: {port: 8080, mode: 0644}
  annotations: {port: 8080, mode: 0644, version: 1.10, on: true, none: ~, day: 2001-01-01, tagged: !!int 5}
`,
    `apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  labels: {port: 8080, mode: 420}
  annotations: {port: "8080", mode: "0644", version: "1.10", "on": "true", none: "~", day: "2001-01-01", tagged: "5"}
`,
  ],
  [
    'annotations of templates keep their types',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {metadata: {annotations: {port: 8080}}}}}
`,
    `{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {metadata: {annotations: {port: 8080}}}}}
`,
  ],
  [
    'the items of a List that is a whole file are as they are written',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {mode: 0644, none: ~}}, data: {a: yes}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {mode: "0644", none: "~"}}, data: {a: "yes"}}
`,
  ],
  [
    'other lists are JSON before they are opened',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
apiVersion: v1
kind: ConfigMapList
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {mode: 0644, version: 1.10, none: ~}}, data: {a: yes}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {mode: "420", version: "1.1", none: "null"}}, data: {a: "yes"}}
`,
  ],
  [
    'strategic merge patches are read as objects, JSON patches as Kubernetes reads files',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |
      {apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {merged: 010}}, data: {inline: on}}
  - path: merge.yaml
  - target: {kind: ConfigMap}
    path: json.yaml
  - target: {kind: ConfigMap}
    patch: |
      - {op: add, path: /data/json, value: no}
      - {op: add, path: /data/day, value: 2001-01-01}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: yes}}
=== merge.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {file: off}}
=== json.yaml
- {op: add, path: /data/patched, value: yes}
`,
    `apiVersion: v1
kind: ConfigMap
metadata: {name: a, annotations: {merged: "8"}}
data: {a: "yes", inline: "on", file: "off", patched: true, json: false, day: "2001-01-01"}
`,
  ],
  [
    'a JSON patch makes JSON of its object, and annotations lose their form',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |
      - {op: add, path: /metadata/annotations/added, value: 0755}
      - {op: add, path: /metadata/annotations/on, value: on}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {mode: 0644}}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {mode: "420", added: "493", "on": "true"}}}
`,
  ],
  [
    'a patch with a target brings labels and annotations as texts',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |
      {apiVersion: v1, kind: ConfigMap, metadata: {name: x, labels: {mode: 0755}, annotations: {mode: 0755}}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {other: 0644}}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {mode: "0755", other: 420}, annotations: {mode: "0755"}}}
`,
  ],
  [
    'and so does a patch of the older form',
    `=== kustomization.yaml
resources: [a.yaml]
patchesStrategicMerge:
  - |
    {apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {mode: 0755}, annotations: {}}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {mode: "0755"}}}
`,
  ],
  [
    'a date with everything that belongs to it is left as it is',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: 2001-01-01T00:00:00Z, b: "2001-01-01", c: 2001-01-01 or so}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: "2001-01-01T00:00:00Z", b: "2001-01-01", c: "2001-01-01 or so"}}
`,
  ],
  [
    'a block that ends with its file ends without a line break',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  first: |
    line
  last: |
    line`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {first: "line\\n", last: line}}
`,
  ],
  [
    'and so does one that ends with a patch, but for the older forms',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: a}
      data:
        merged: |
          line
  - target: {kind: ConfigMap}
    patch: |
      - op: add
        path: /data/json
        value: |
          line
patchesStrategicMerge:
  - |
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: a}
    data:
      old: |
        line
patchesJson6902:
  - target: {version: v1, kind: ConfigMap, name: a}
    patch: |
      - op: add
        path: /data/oldJson
        value: |
          line
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {merged: line, json: line, old: "line\\n", oldJson: "line\\n"}
`,
  ],
  [
    'what a replacement makes is read the same way',
    `=== kustomization.yaml
resources: [a.yaml]
replacements:
  - source: {kind: Secret, name: s, fieldPath: metadata.labels.answer}
    targets: [{select: {kind: ConfigMap}, fieldPaths: [data.made], options: {create: true}}]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: Secret, metadata: {name: s, labels: {answer: yes}}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {made: "yes"}}
---
{apiVersion: v1, kind: Secret, metadata: {name: s, labels: {answer: "yes"}}}
`,
  ],
])('%s', async (_name, files, expected) => {
  expect(await renderedObjects(files)).toEqual(documentsOf(expected));
});

test.each<[string, string, string[]]>([
  [
    'a key that is no text',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {1: one, true: yes, "2": two}
`,
    [
      'error InvalidYaml a.yaml:4:8 data: kustomize does not take the number 1 for a key; put it in quotes',
      'error InvalidYaml a.yaml:4:16 data: kustomize does not take the boolean true for a key; put it in quotes',
    ],
  ],
  [
    'dates that kustomize writes in another form',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: a, labels: {day: 2001-01-01}}
data: {a: 2001-1-1 10:00:00}
`,
    [
      'error Invalid a.yaml:3:30 metadata.labels.day: kustomize rewrites the unquoted date 2001-01-01; put it in quotes',
      'error Invalid a.yaml:4:8 data.a: kustomize rewrites the unquoted date 2001-1-1 10:00:00; put it in quotes',
    ],
  ],
  [
    'a date in a patch',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |
      {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: 2001-01-01}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    ['error Invalid kustomization.yaml:4:69 data.a: kustomize rewrites the unquoted date 2001-01-01; put it in quotes'],
  ],
  [
    'the kustomization itself is read as Kubernetes reads files',
    `=== kustomization.yaml
namePrefix: yes
`,
    ['error WrongType kustomization.yaml:1:1 namePrefix: must be a string, not the boolean true; put it in quotes'],
  ],
  [
    'a text that does not fit its tag',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: !!bool yes}}
`,
    ['error InvalidYaml a.yaml:1:73 data.a: the text does not fit its tag tag:yaml.org,2002:bool'],
  ],
])('%s', async (_name, files, expected) => {
  expect(await toldProblems(files)).toEqual(expected);
});

const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  on: yes
`;

test('places are found by the names that keys have in either reading', () => {
  const [kubernetes] = parseYaml(text);
  const [kustomize] = parseYaml(text, 'kustomize');
  expect([kubernetes?.value, kustomize?.value]).toMatchObject([{ data: { true: true } }, { data: { on: 'yes' } }]);
  expect(kubernetes?.locate(['data', 'true'])).toEqual({ line: 5, column: 3 });
  expect(kustomize?.locate(['data', 'on'])).toEqual({ line: 5, column: 3 });
  expect(kustomize?.locate(['data', 'true'])).toEqual({ line: 4, column: 1 });
});

test('files that are taken as they are keep the reading of Kubernetes', async () => {
  const files = {
    'plain/a.yaml': text,
    'built/kustomization.yaml': 'resources: [a.yaml]\n',
    'built/a.yaml': text.replace('name: a', 'name: b'),
  };
  const { problems, manifests } = await createManifestLoader().load(memorySnapshot(files));
  expect(problems.map(formatProblem)).toEqual([
    'plain/a.yaml:5:3 data.true: must be a string, not the boolean yes; put it in quotes',
  ]);
  expect(manifests.map(({ resource }) => (resource as { data?: unknown }).data)).toContainEqual({ on: 'yes' });
});

test('one file is read in both ways, and what was read is kept apart from load to load', async () => {
  const entry = await memoryTree({ 'a.yaml': text }).entry('a.yaml');
  if (entry?.type !== 'file') throw new Error('the file is not there');
  const { signal } = new AbortController();
  const decrypter = createDecrypter({ identities: [] });
  const first = new FileReader(decrypter, new Map(), signal);
  const plain = await first.readObjects(entry.file);
  const built = await first.readObjects(entry.file, 'kustomize');
  expect(plain.objects[0]?.value).toMatchObject({ data: { true: true } });
  expect(built.objects[0]?.value).toMatchObject({ data: { on: 'yes' } });
  const second = new FileReader(decrypter, first.texts, signal);
  expect(await second.readObjects(entry.file, 'kustomize')).toBe(built);
  expect(await second.readObjects(entry.file)).toBe(plain);
});

test.each([
  ['a: |\n  b', 'b'],
  ['a: |+\n  b', 'b'],
  ['a: >\n  b\n  c', 'b c'],
  ['a: |\n  b\n', 'b\n'],
  ['a: |\n  b\n# end', 'b\n'],
  ['a: |\n  b\n  ', 'b\n'],
  ['# as words\non: x\na: |\n  b', 'b'],
])('%j ends as its text ends, in both readings', (written, expected) => {
  for (const reading of ['kubernetes', 'kustomize'] as const)
    expect(parseYaml(written, reading)[0]?.value).toMatchObject({ a: expected });
});
