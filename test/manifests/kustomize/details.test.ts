// What kustomize does that its documentation does not tell, and that shows in what comes out.
import { expect, test } from 'vitest';
import { documentsOf, renderedObjects, toldProblems } from '../../support/kustomize-cases.ts';

test.each<[string, string, string]>([
  [
    'a JSON patch may add an annotation to an object that has none',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |
      - {op: add, path: /metadata/annotations/example.com~1a, value: b}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {example.com/a: b}}}
`,
  ],
  [
    'a JSON patch of the older form may when the name has changed before',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
patchesJson6902:
  - target: {version: v1, kind: ConfigMap, name: a}
    patch: '[{"op": "add", "path": "/metadata/annotations/a", "value": "b"}]'
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: p-a, annotations: {a: b}}}
`,
  ],
  [
    'no annotations are left where none were added',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |
      - {op: add, path: /data, value: {a: b}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}
`,
  ],
  [
    'the lists of an unknown kind are merged as those of the kind that the patch says',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: Rollout}
    patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: x}
      spec: {template: {spec: {containers: [{name: b, image: new}]}}}
=== a.yaml
apiVersion: apps/v1
kind: Rollout
metadata: {name: r}
spec: {template: {spec: {containers: [{name: a, image: a}, {name: b, image: b}]}}}
`,
    `apiVersion: apps/v1
kind: Rollout
metadata: {name: r}
spec: {template: {spec: {containers: [{name: b, image: new}, {name: a, image: a}]}}}
`,
  ],
  [
    'a replacement that writes into its own source goes on with what it has written',
    `=== kustomization.yaml
resources: [a.yaml]
replacements:
  - source: {kind: ConfigMap, name: a, fieldPath: data.a}
    targets:
      - select: {kind: ConfigMap}
        fieldPaths: [data.a, data.b]
        options: {delimiter: "-", index: -1, create: true}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: x}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: x-x, b: x-x-}}
`,
  ],
  [
    'a replacement takes an annotation for a text, whatever is written there',
    `=== kustomization.yaml
resources: [a.yaml]
replacements:
  - source: {kind: ConfigMap, name: a}
    targets: [{select: {kind: ConfigMap}, fieldPaths: [metadata.annotations.port]}]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {port: 8080}}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {port: a}}}
`,
  ],
  [
    'images make an empty list of one that is null',
    `=== kustomization.yaml
resources: [a.yaml]
images: [{name: nginx, newTag: v2}]
=== a.yaml
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {initContainers: , containers: [{name: c, image: nginx}]}
`,
    `apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {initContainers: [], containers: [{name: c, image: "nginx:v2"}]}
`,
  ],
  [
    'an object is for tools alone when its annotation is anything but false',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {config.kubernetes.io/local-config: false}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, annotations: {config.kubernetes.io/local-config: true}}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {config.kubernetes.io/local-config: "false"}}}
`,
  ],
  [
    'one label is set everywhere before the next one is',
    `=== kustomization.yaml
resources: [a.yaml]
labels:
  - pairs: {a: x, b: z}
    includeSelectors: true
    fields: [{path: spec/selector}]
=== a.yaml
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a}}
`,
    `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: a, labels: {a: x, b: z}}
spec:
  selector: {matchLabels: {a: x, b: z}, b: z}
  template: {metadata: {labels: {a: x, b: z}}}
`,
  ],
  [
    'names need not differ before everything is done',
    `=== kustomization.yaml
configMapGenerator: [{name: a, literals: [a=b]}, {name: b, literals: [c=d]}]
patches:
  - target: {kind: ConfigMap}
    patch: '[{"op": "replace", "path": "/metadata/name", "value": "same"}]'
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: same-4h2mbtbbt6}, data: {a: b}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: same-gbdtcf54mt}, data: {c: d}}
`,
  ],
  [
    'a field that a replacement has made has no type, whatever comes to it first',
    `=== kustomization.yaml
resources: [a.yaml]
replacements:
  - source: {kind: ConfigMap, name: a, fieldPath: data.number}
    targets: [{select: {kind: ConfigMap}, fieldPaths: [data.one, data.two], options: {create: true}}]
  - source: {kind: ConfigMap, name: a, fieldPath: data.word}
    targets: [{select: {kind: ConfigMap}, fieldPaths: [data.two]}]
  - source: {kind: ConfigMap, name: a, fieldPath: data.one}
    targets: [{select: {kind: ConfigMap}, fieldPaths: [data.word]}]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {number: "010", word: w}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {number: "010", one: 8, two: w, word: "010"}}
`,
  ],
  [
    'but vars make texts of them, where they are looked for',
    `=== kustomization.yaml
resources: [a.yaml]
replacements:
  - source: {kind: ConfigMap, name: a, fieldPath: data.number}
    targets: [{select: {kind: ConfigMap}, fieldPaths: [data.made, metadata.labels.made], options: {create: true}}]
vars: [{name: NAME, objref: {apiVersion: v1, kind: ConfigMap, name: a}}]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {l: $(NAME)}}, data: {number: "010"}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {l: a, made: "010"}}, data: {number: "010", made: 8}}
`,
  ],
  [
    'folders configure transformers, and are kustomizations themselves',
    `=== kustomization.yaml
resources: [a.yaml]
transformers: [labels]
=== labels/kustomization.yaml
resources: [l.yaml]
patches:
  - patch: |
      {apiVersion: builtin, kind: LabelTransformer, metadata: {name: l}, labels: {b: patched}}
=== labels/l.yaml
apiVersion: builtin
kind: LabelTransformer
metadata: {name: l}
labels: {a: b}
fieldSpecs: [{path: metadata/labels, create: true}]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {a: b, b: patched}}}
`,
  ],
  [
    'folders configure generators',
    `=== kustomization.yaml
generators: [maps]
=== maps/kustomization.yaml
resources: [m.yaml]
=== maps/m.yaml
apiVersion: builtin
kind: ConfigMapGenerator
metadata: {name: m}
literals: [a=b]
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: m-4h2mbtbbt6}, data: {a: b}}
`,
  ],
])('%s', async (_name, files, expected) => {
  expect(await renderedObjects(files)).toEqual(documentsOf(expected));
});

test.each<[string, string, string[]]>([
  [
    'an order without its name, and one that does not go with it',
    `=== kustomization.yaml
resources: [one]
sortOptions: {legacySortOptions: {orderFirst: [Service]}}
=== one/kustomization.yaml
namePrefix: a-
sortOptions: {order: fifo, legacySortOptions: {orderFirst: [Service]}}
`,
    ['error Required kustomization.yaml:2:1 sortOptions.order: Required value: fifo or legacy'],
  ],
  [
    'an order that does not go with its options',
    `=== kustomization.yaml
namePrefix: a-
sortOptions: {order: fifo, legacySortOptions: {orderFirst: [Service]}}
`,
    [
      'error Invalid kustomization.yaml:2:28 sortOptions.legacySortOptions: there is no order by kind in the order fifo; write order: legacy',
    ],
  ],
  [
    'labels and annotations that a patch with a target would take away',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |
      {apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {l: null}, annotations: {n: ~}}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {l: x}}}
`,
    [
      'error UnsupportedField kustomization.yaml:5:70 metadata.labels.l: kustomize takes null for the text "null" here; name the object in an entry of patches without a target, or use a JSON patch with op: remove',
      'error UnsupportedField kustomization.yaml:5:94 metadata.annotations.n: kustomize takes null for the text "null" here; name the object in an entry of patches without a target, or use a JSON patch with op: remove',
    ],
  ],
  [
    'and one of the older form',
    `=== kustomization.yaml
resources: [a.yaml]
patchesStrategicMerge: [p.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {l: x}}}
=== p.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {l: null}}}
`,
    [
      'error UnsupportedField p.yaml:1:64 metadata.labels.l: kustomize takes null for the text "null" here; name the object in an entry of patches without a target, or use a JSON patch with op: remove',
    ],
  ],
  [
    'objects that a replacement gives one name',
    `=== kustomization.yaml
resources: [a.yaml]
replacements:
  - source: {kind: ConfigMap, name: a}
    targets: [{select: {kind: ConfigMap, name: b}}]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
`,
    [
      'error Duplicate kustomization.yaml:4:15 metadata.name: may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.[noNs]; the first is at a.yaml:1',
    ],
  ],
  [
    'an object that a replacement takes its name from',
    `=== kustomization.yaml
resources: [a.yaml]
replacements:
  - source: {kind: ConfigMap, name: a, fieldPath: data.none}
    targets: [{select: {kind: ConfigMap}}]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {none: ""}}
`,
    ['error Required kustomization.yaml:4:15 metadata.name: Required value: nothing is left of the name when everything is done'],
  ],
  [
    'a namespace where there is a map',
    `=== kustomization.yaml
resources: [a.yaml]
namespace: web
configurations: [c.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}
=== c.yaml
namespace: [{path: data, kind: ConfigMap}]
`,
    ['error Invalid a.yaml:1:56 data: the namespace cannot be set where there is a mapping'],
  ],
  [
    'two transformers of one name',
    `=== kustomization.yaml
resources: [a.yaml]
transformers:
  - l.yaml
  - |
    {apiVersion: builtin, kind: LabelTransformer, metadata: {name: l}, labels: {a: b}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
=== l.yaml
{apiVersion: builtin, kind: LabelTransformer, metadata: {name: l}, labels: {a: b}}
`,
    [
      'error Duplicate l.yaml:1:58 metadata.name: may not add resource with an already registered id: LabelTransformer.builtin.[noGrp]/l.[noNs]; the first is at kustomization.yaml:5',
    ],
  ],
  [
    'a transformer without a name',
    `=== kustomization.yaml
resources: [a.yaml]
transformers:
  - |
    {apiVersion: builtin, kind: LabelTransformer, labels: {a: b}}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    ['error Required kustomization.yaml:4:5 metadata.name: Required value: kustomize tells configurations apart by their names'],
  ],
  [
    'a folder that is to configure a transformer, and is a file or nothing',
    `=== kustomization.yaml
resources: [a.yaml]
transformers: [nothing, folder, "https://github.com/org/repo//t"]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
=== folder/x.txt
`,
    [
      'error NotFound kustomization.yaml:2:16 transformers[0]: there is no file or folder nothing',
      'error NotFound kustomization.yaml:2:25 transformers[1]: there is no kustomization.yaml, kustomization.yml or Kustomization in folder',
      'error UnsupportedField kustomization.yaml:2:33 transformers[2]: https://github.com/org/repo//t is not pinned to a revision; add ?ref= with a tag or a commit',
    ],
  ],
])('%s', async (_name, files, expected) => {
  expect(await toldProblems(files)).toEqual(expected);
});
