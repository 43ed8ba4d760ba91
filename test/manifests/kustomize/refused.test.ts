// What is refused, with the line that people see.
import { expect, test } from 'vitest';
import { toldProblems } from '../../support/kustomize-cases.ts';

test.each<[string, string, string[]]>([
  [
    'no kustomization',
    `=== over/kustomization.yaml
resources: [../base]
=== base/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error NotFound over/kustomization.yaml:1:13 resources[0]: there is no kustomization.yaml, kustomization.yml or Kustomization in base',
    ],
  ],
  [
    'two kustomizations in one folder',
    `=== kustomization.yaml
resources: [a.yaml]
=== kustomization.yml
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    ['error Conflict there are several kustomizations in the top folder: kustomization.yaml, kustomization.yml; keep one'],
  ],
  [
    'an empty one',
    `=== kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
`,
    ['error Empty kustomization.yaml:1:1 the kustomization is empty'],
  ],
  [
    'an unknown field',
    `=== kustomization.yaml
resource: [a.yaml]
namePreffix: a-
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error UnknownField kustomization.yaml:1:1 resource: unknown field "resource". Did you mean "resources"?',
      'error UnknownField kustomization.yaml:2:1 namePreffix: unknown field "namePreffix". Did you mean "namePrefix"?',
    ],
  ],
  [
    'wrong types',
    `=== kustomization.yaml
resources: a.yaml
namePrefix: 1
labels: {a: b}
commonLabels: {a: 1, b: true}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error WrongType kustomization.yaml:2:1 namePrefix: must be a string, not the number 1; put it in quotes',
      'error WrongType kustomization.yaml:4:16 commonLabels.a: must be a string, not the number 1; put it in quotes',
      'error WrongType kustomization.yaml:4:22 commonLabels.b: must be a string, not the boolean true; put it in quotes',
      'error WrongType kustomization.yaml:3:1 labels: must be a list, not a mapping',
      'error WrongType kustomization.yaml:1:1 resources: must be a list, not the string "a.yaml"',
    ],
  ],
  [
    'wrong types further in',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kinds: Pod}
    patch: |-
      {}
    options: {allowNameChanges: true, allowKindChange: "yes"}
labels:
  - pairs: {a: 1}
    includeSelector: true
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error UnknownField kustomization.yaml:9:5 labels[0].includeSelector: unknown field "includeSelector". Did you mean "includeSelectors"?',
      'error WrongType kustomization.yaml:8:13 labels[0].pairs.a: must be a string, not the number 1; put it in quotes',
      'error UnknownField kustomization.yaml:3:14 patches[0].target.kinds: unknown field "kinds". Did you mean "kind"?',
      'error UnknownField kustomization.yaml:6:15 patches[0].options.allowNameChanges: unknown field "allowNameChanges". Did you mean "allowNameChange"?',
      'error WrongType kustomization.yaml:6:39 patches[0].options.allowKindChange: must be a boolean, not the string "yes"',
    ],
  ],
  [
    'another version and another kind',
    `=== kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1
kind: Kustomize
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error Invalid kustomization.yaml:1:1 apiVersion: "kustomize.config.k8s.io/v1" is not "kustomize.config.k8s.io/v1beta1"',
      'error Invalid kustomization.yaml:2:1 kind: "Kustomize" is not "Kustomization"',
    ],
  ],
  [
    'a component under resources',
    `=== over/kustomization.yaml
resources: [../part]
=== part/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
namePrefix: a-
`,
    ['error Invalid over/kustomization.yaml:1:13 resources[0]: part is a Component; name it under components'],
  ],
  [
    'a base under components',
    `=== over/kustomization.yaml
resources: [a.yaml]
components: [../base]
=== over/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
=== base/kustomization.yaml
namePrefix: a-
`,
    [
      'error Invalid over/kustomization.yaml:2:14 components[0]: base is no Component: its kind must be Component, or name it under resources',
    ],
  ],
  [
    'a file under components',
    `=== over/kustomization.yaml
resources: [a.yaml]
components: [a.yaml]
=== over/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    ['error Invalid over/kustomization.yaml:2:14 components[0]: over/a.yaml is a file; name the folder of a Component'],
  ],
  [
    'a file that is not there',
    `=== over/kustomization.yaml
resources:
  - a.yaml
  - deploymnt.yaml
=== over/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
=== over/deployment.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
`,
    [
      'error NotFound over/kustomization.yaml:3:5 resources[1]: there is no file or folder over/deploymnt.yaml. Did you mean "deployment.yaml"?',
    ],
  ],
  [
    'a file outside of the folder',
    `=== over/kustomization.yaml
resources: [../base/a.yaml]
=== base/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error Invalid over/kustomization.yaml:1:13 resources[0]: base/a.yaml is not in or below over: a kustomization reads files of its own folder; move it below over, or give its folder a kustomization and name that',
    ],
  ],
  [
    'a patch outside of the folder',
    `=== over/kustomization.yaml
resources: [a.yaml]
patches: [{path: ../p.yaml}]
=== over/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
=== p.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error Invalid over/kustomization.yaml:2:12 patches[0].path: p.yaml is not in or below over: a kustomization reads files of its own folder; move it below over, or give its folder a kustomization and name that',
    ],
  ],
  [
    'out of the repository',
    `=== over/kustomization.yaml
resources: [../../elsewhere]
=== over/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    ['error Invalid over/kustomization.yaml:1:13 resources[0]: ../../elsewhere leads out of the repository'],
  ],
  [
    'an absolute path',
    `=== over/kustomization.yaml
resources: [/etc/passwd]
=== over/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error Invalid over/kustomization.yaml:1:13 resources[0]: /etc/passwd is an absolute path; write it relative to over/kustomization.yaml',
    ],
  ],
  [
    'two entries that became one',
    `=== over/kustomization.yaml
resources:
- ../base
 - ../base
=== base/kustomization.yaml
namePrefix: a-
`,
    [
      'error Invalid over/kustomization.yaml:2:3 resources[0]: "../base - ../base" looks like two paths: check the indentation of the list',
    ],
  ],
  [
    'itself',
    `=== over/kustomization.yaml
resources: [.]
`,
    ['error Conflict over/kustomization.yaml:1:13 resources[0]: cycle detected: over is built already on the way here'],
  ],
  [
    'a folder above',
    `=== over/deep/kustomization.yaml
resources: [..]
=== over/kustomization.yaml
namePrefix: a-
`,
    [
      'error Conflict over/deep/kustomization.yaml:1:13 resources[0]: cycle detected: over contains over/deep, which is built already on the way here',
    ],
  ],
  [
    'round in a circle',
    `=== a/kustomization.yaml
resources: [../b]
=== b/kustomization.yaml
resources: [../c]
=== c/kustomization.yaml
resources: [../a]
`,
    ['error Conflict c/kustomization.yaml:1:13 resources[0]: cycle detected: a is built already on the way here'],
  ],
  [
    'one object twice in a file',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}
`,
    [
      'error Duplicate a.yaml:3:46 metadata.name: may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.default; the first is at a.yaml:1',
    ],
  ],
  [
    'one base twice',
    `=== over/kustomization.yaml
resources: [../base, ../base]
=== base/kustomization.yaml
resources: [a.yaml]
=== base/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error Duplicate base/a.yaml:1:46 metadata.name: may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.[noNs]; it comes from here twice: give one of the ways to it a prefix, a suffix or a namespace of its own',
    ],
  ],
  [
    'two objects that a namespace makes one',
    `=== kustomization.yaml
resources: [a.yaml]
namespace: new
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: one}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: two}}
`,
    [
      'error Duplicate a.yaml:3:46 metadata.name: may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.new; the first is at a.yaml:1',
    ],
  ],
  [
    'two objects that a patch makes one',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {name: b}
    options: {allowNameChange: true}
    patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}'
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
`,
    [
      'error Duplicate kustomization.yaml:5:5 metadata.name: may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.[noNs]; the first is at a.yaml:1',
    ],
  ],
  [
    'an object without a name, one without a kind, a list',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
apiVersion: v1
kind: ConfigMap
metadata: {generateName: a-}
---
apiVersion: v1
metadata: {name: a}
---
- a
`,
    [
      'error Required a.yaml:3:1 metadata.name: Required value: kustomize tells objects apart by kind and name',
      'error Required a.yaml:5:1 kind: Required value: kustomize tells objects apart by kind and name',
      'error NotAnObject a.yaml:8:1 not a Kubernetes object: this is a list, not a mapping',
    ],
  ],
  [
    'a kustomization as a file',
    `=== kustomization.yaml
resources: [base/kustomization.yaml]
=== base/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namePrefix: a-
`,
    ['error Required base/kustomization.yaml:2:1 kind: a Kustomization is no object: name its folder instead of the file'],
  ],
  [
    'YAML that cannot be read, in a resource and in a patch',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
a: [b
`,
    ['error InvalidYaml a.yaml:2:1 the [ above is not closed with ], or what is inside is not indented'],
  ],
  [
    'a patch for nothing',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - path: p.yaml
=== a.yaml
{apiVersion: apps/v1, kind: Deployment, metadata: {name: frontend}}
=== p.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: fronted
`,
    [
      'error NotFound p.yaml:4:3 metadata.name: no resource matches strategic merge patch Deployment.v1.apps/fronted.[noNs]. Did you mean "frontend"?',
    ],
  ],
  [
    'a patch in another version',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - path: p.yaml
=== a.yaml
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}
=== p.yaml
{apiVersion: extensions/v1beta1, kind: Deployment, metadata: {name: web}}
`,
    [
      'error NotFound p.yaml:1:63 metadata.name: no resource matches strategic merge patch Deployment.v1beta1.extensions/web.[noNs]; there is Deployment.v1.apps/web.[noNs]',
    ],
  ],
  [
    'a patch without a kind, one without a name',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      metadata: {name: a}
  - patch: |-
      apiVersion: v1
      kind: ConfigMap
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error Required kustomization.yaml:4:7 kind: Required value: a strategic merge patch names the kind of its object',
      'error Required kustomization.yaml:6:7 metadata.name: Required value: a strategic merge patch names its object',
    ],
  ],
  [
    'neither patch nor path, and both',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
  - patch: |-
      {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
    path: p.yaml
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error Required kustomization.yaml:3:5 patches[0]: Required value: write patch or path',
      'error Invalid kustomization.yaml:6:5 patches[1].path: patch and path cannot both be given',
    ],
  ],
  [
    'a target with two documents',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    path: p.yaml
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
=== p.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error Invalid kustomization.yaml:3:5 patches[0].target: a patch with a target is one document; write an entry for each of them',
    ],
  ],
  [
    'a pattern that is none',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {name: "a(", labelSelector: "a in b"}
    patch: '{kind: ConfigMap, metadata: {name: a}}'
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error Invalid kustomization.yaml:3:14 patches[0].target.name: Invalid value: "a(": is not a regular expression that is supported: missing closing )',
      'error Invalid kustomization.yaml:3:26 patches[0].target.labelSelector: "a in b" is no label selector; write for example app=web,tier in (a,b),!old',
    ],
  ],
  [
    'a map where there is a text',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: a}
      data:
        k: {a: b}
=== a.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  k: v
`,
    ['error WrongType kustomization.yaml:8:9 data.k: a patch cannot put a mapping where there is a string'],
  ],
  [
    'a directive that is none',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: a}
      data: {$patch: remove}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}
`,
    ['error Invalid kustomization.yaml:7:14 data.$patch: unknown patch strategy "remove"; write delete, replace or merge'],
  ],
  [
    'an item without its key',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Pod
      metadata: {name: a}
      spec:
        containers:
          - image: new
=== a.yaml
{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c}]}}
`,
    [
      'error Required kustomization.yaml:9:13 spec.containers[0].name: an item of this list is found by its name, which this one does not have',
    ],
  ],
  [
    'a JSON patch without a target',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      - {op: remove, path: /data}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}
`,
    ['error Required kustomization.yaml:3:5 patches[0].target: Required value: a JSON patch does not say which object it is for'],
  ],
  [
    'a JSON patch to what is not there',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |-
      - op: add
        path: /data/a/b
        value: c
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}
`,
    ['error RenderFailed kustomization.yaml:6:9 [0].path: add /data/a/b: there is no map or list at /data/a'],
  ],
  [
    'a JSON patch that removes what is not there',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    path: p.yaml
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}
=== p.yaml
- op: replace
  path: /data/a
  value: c
- op: remove
  path: /data/b
`,
    ['error RenderFailed p.yaml:5:3 [1].path: remove /data/b: there is nothing to remove'],
  ],
  [
    'a JSON patch beyond the end of a list',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |-
      - {op: add, path: /metadata/finalizers/2, value: c}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, finalizers: [a]}}
`,
    ['error RenderFailed kustomization.yaml:5:19 [0].path: add /metadata/finalizers/2: the list has 1 items'],
  ],
  [
    'a JSON patch whose test fails',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |-
      - {op: test, path: /data/a, value: c}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}
`,
    ['error RenderFailed kustomization.yaml:5:20 [0].path: test /data/a: the value is another one'],
  ],
  [
    'operations that are none',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap}
    patch: |-
      - {op: delete, path: /data/a}
      - {path: /data/a}
      - {op: add, path: data/a, value: b}
      - {op: add, path: /data/a}
      - {op: move, path: /data/a}
      - {op: remove, path: /data/~2}
      - {op: remove, paths: /data/a}
      - remove
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}
`,
    [
      'error Invalid kustomization.yaml:5:10 [0].op: "delete" is not one of add, remove, replace, move, copy, test.',
      'error Required kustomization.yaml:6:9 [1].op: Required value',
      'error Invalid kustomization.yaml:7:19 [2].path: "data/a" must start with a slash, such as /spec/replicas',
      'error Required kustomization.yaml:8:9 [3].value: Required value',
      'error Required kustomization.yaml:9:9 [4].from: Required value',
      'error Invalid kustomization.yaml:10:22 [5].path: a ~ in "/data/~2" is written ~0, and a / in a name ~1',
      'error UnknownField kustomization.yaml:11:22 [6].paths: unknown field "paths". Did you mean "path"?',
      'error Required kustomization.yaml:11:9 [6].path: Required value',
      'error WrongType kustomization.yaml:12:9 [7]: an operation is a mapping with op, path and value',
    ],
  ],
  [
    'a patchesJson6902 without a name',
    `=== kustomization.yaml
resources: [a.yaml]
patchesJson6902:
  - target: {kind: ConfigMap}
    patch: |-
      - {op: remove, path: /data}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}
`,
    ['error Required kustomization.yaml:3:5 patchesJson6902[0].target.name: Required value'],
  ],
  [
    'one name that may mean two objects',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: Secret, namespace: one}
    options: {allowNameChange: true}
    patch: '{apiVersion: v1, kind: Secret, metadata: {name: a-1}}'
  - target: {kind: Secret, namespace: two}
    options: {allowNameChange: true}
    patch: '{apiVersion: v1, kind: Secret, metadata: {name: a-2}}'
=== a.yaml
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}, rules: [{resources: [secrets], resourceNames: [a]}]}
---
{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: one}}
---
{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: two}}
`,
    ['error Conflict a.yaml:1:131 rules.resourceNames: "a" may mean any of Secret.v1.[noGrp]/a-1.one, Secret.v1.[noGrp]/a-2.two'],
  ],
  [
    'field specs that contradict the built-in ones',
    `=== kustomization.yaml
resources: [a.yaml]
configurations: [c.yaml]
=== c.yaml
commonLabels: [{path: metadata/labels}]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error Conflict kustomization.yaml:2:18 configurations[0]: conflicting field specs: metadata/labels is both to be made and not to be made where it is missing',
    ],
  ],
  [
    'directives that kustomize does not know',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - path: p.yaml
=== a.yaml
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {strategy: {type: RollingUpdate}}}
=== p.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  strategy:
    $retainKeys: [type]
    type: Recreate
  template:
    spec:
      $setElementOrder/containers: [{name: a}]
      $deleteFromPrimitiveList/finalizers: [a]
`,
    [
      'error UnsupportedField p.yaml:6:5 spec.strategy.$retainKeys: kustomize does not know the directive $retainKeys; write $patch: replace for a part that is replaced as a whole, or a JSON patch',
      'error UnsupportedField p.yaml:10:7 spec.template.spec[$setElementOrder/containers]: kustomize does not know the directive $setElementOrder/containers; write $patch: replace for a part that is replaced as a whole, or a JSON patch',
      'error UnsupportedField p.yaml:11:7 spec.template.spec[$deleteFromPrimitiveList/finalizers]: kustomize does not know the directive $deleteFromPrimitiveList/finalizers; write $patch: replace for a part that is replaced as a whole, or a JSON patch',
    ],
  ],
  [
    '$patch replace for one item, and directives in a list that is replaced',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - path: p.yaml
=== a.yaml
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a}], tolerations: [{key: a}]}}
=== p.yaml
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
    - name: a
      $patch: replace
  tolerations:
    - $patch: replace
    - key: b
`,
    [
      'error UnsupportedField p.yaml:7:7 spec.containers[0].$patch: kustomize cannot replace one item of a list; replace the whole list, or use a JSON patch',
      'error UnsupportedField p.yaml:9:7 spec.tolerations[0].$patch: a patch replaces this list as a whole, so that directives mean nothing in it; write the list as it shall be',
    ],
  ],
  [
    'what is not supported',
    `=== kustomization.yaml
resources: [a.yaml]
crds: [crd.yaml]
buildMetadata: [originAnnotations]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error UnsupportedField kustomization.yaml:2:1 crds: crds is not supported yet: Custom resources come with a later version of Holdfast; name the fields of yours that hold names or labels in a file under configurations.',
      'error UnsupportedField kustomization.yaml:3:1 buildMetadata: buildMetadata is not supported yet: It would change every object whenever a file is moved; Holdfast remembers where each object comes from by itself, so leave it out.',
    ],
  ],
  [
    'files over http',
    `=== kustomization.yaml
resources:
  - https://example.com/a/b/deployment.yaml
  - https://raw.githubusercontent.com/a/b/main/base
patches:
  - path: https://example.com/patch.yaml
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error UnsupportedField kustomization.yaml:2:5 resources[0]: https://example.com/a/b/deployment.yaml is not fetched: what a commit means must not change with a server; commit the file',
      'error UnsupportedField kustomization.yaml:3:5 resources[1]: https://raw.githubusercontent.com/a/b/main/base is not fetched: what a commit means must not change with a server; commit the file',
    ],
  ],
  [
    'remote bases that are not pinned, or are no repository',
    `=== kustomization.yaml
resources:
  - https://github.com/org/repo//deploy
  - github.com/org/repo//deploy?ref=HEAD
  - git@example.com:org/repo.git
  - https://example.com
  - https://example.com/org/repo//..?ref=v1
  - file:///srv/repo//deploy?ref=v1
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    [
      'error UnsupportedField kustomization.yaml:2:5 resources[0]: https://github.com/org/repo//deploy is not pinned to a revision; add ?ref= with a tag or a commit',
      'error UnsupportedField kustomization.yaml:3:5 resources[1]: github.com/org/repo//deploy?ref=HEAD is not pinned to a revision; add ?ref= with a tag or a commit',
      'error UnsupportedField kustomization.yaml:4:5 resources[2]: git@example.com:org/repo.git is not pinned to a revision; add ?ref= with a tag or a commit',
      'error UnsupportedField kustomization.yaml:5:5 resources[3]: https://example.com names no repository; write https://HOST/ORG/REPO//FOLDER?ref=REVISION',
      'error UnsupportedField kustomization.yaml:6:5 resources[4]: https://example.com/org/repo//..?ref=v1 leads out of its repository',
      'error UnsupportedField kustomization.yaml:7:5 resources[5]: file:///srv/repo//deploy?ref=v1 is a path of one machine; commit the folder, or name a repository that all can reach',
    ],
  ],
  [
    'configurations that are wrong',
    `=== kustomization.yaml
resources: [a.yaml]
configurations: [c.yaml, missing.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
=== c.yaml
nameReferences: []
commonLabels: [{path: a, creates: true}, {kind: X}, b]
nameReference: [{kind: A, fieldSpecs: {path: a}}]
namespace: {path: a}
images: [{path: a, create: "yes", kind: 1}]
`,
    [
      'error UnknownField c.yaml:1:1 nameReferences: unknown field "nameReferences". Did you mean "nameReference"?',
      'error WrongType c.yaml:2:53 commonLabels[2]: must be a mapping, not a string',
      'error UnknownField c.yaml:2:26 commonLabels[0].creates: unknown field "creates". Did you mean "create"?',
      'error Required c.yaml:2:42 commonLabels[1].path: Required value',
      'error WrongType c.yaml:3:27 nameReference[0].fieldSpecs: must be a list, not a mapping',
      'error WrongType c.yaml:4:1 namespace: must be a list, not a mapping',
      'error WrongType c.yaml:5:20 images[0].create: must be a boolean, not a string',
      'error WrongType c.yaml:5:35 images[0].kind: must be a string, not the number 1',
      'error NotFound kustomization.yaml:2:26 configurations[1]: there is no file missing.yaml',
    ],
  ],
  [
    'a document too many',
    `=== kustomization.yaml
resources: [a.yaml]
---
namePrefix: a-
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    ['error Invalid kustomization.yaml:3:1 a kustomization is one document; this is another'],
  ],
  [
    'a kustomization that is a list',
    `=== kustomization.yaml
- a.yaml
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    ['error WrongType kustomization.yaml:1:1 a kustomization is a mapping, not a list'],
  ],
  [
    'faults of a base that is used twice are told once',
    `=== kustomization.yaml
resources: [one, two]
=== one/kustomization.yaml
resources: [../base]
namePrefix: one-
=== two/kustomization.yaml
resources: [../base]
namePrefix: two-
=== base/kustomization.yaml
resources: [missing.yaml]
`,
    ['error NotFound base/kustomization.yaml:1:13 resources[0]: there is no file or folder base/missing.yaml.'],
  ],
])('%s', async (_name, files, expected) => {
  expect(await toldProblems(files)).toEqual(expected);
});
