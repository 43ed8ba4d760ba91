// `configMapGenerator` and `secretGenerator`: kustomize's documented behaviour, hashes included, and the problems that take the place of its errors.
import { describe, expect, test } from 'vitest';
import { build, changedIn, documentsOf, type ProblemCase, type RenderCase } from './scene.ts';

const rendered: readonly RenderCase[] = [
  {
    title: 'literals become the data of a ConfigMap, and the name ends in the hash',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: the-map
  literals: [altGreeting=Good Morning!, enableRisky=false]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: the-map-8hkcg74h7c}
data: {altGreeting: Good Morning!, enableRisky: "false"}
`,
  },
  {
    title: 'one pair of quotes around a literal value is taken away',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: quotes
  literals: ["A='x y'", 'B="z"', "C='\\"", "D=", "E=a=b", "F=''", "G='"]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: quotes-t8t7tb7g26}
data: {A: x y, B: z, C: "'\\"", D: "", E: a=b, F: "", G: "'"}
`,
  },
  {
    title: 'a file is stored under its own name, or under the key before "="',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: files
  files: [conf/app.properties, other.txt=conf/app.properties]
`,
      'conf/app.properties': `color=red
how=nice
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: files-d2fb446m85}
data: {app.properties: "color=red\\nhow=nice\\n", other.txt: "color=red\\nhow=nice\\n"}
`,
  },
  {
    title: 'lines of an env file become keys: comments, blanks before a key, quotes and blanks in a value',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: lines
  envs: [app.env]
`,
      'app.env': `\uFEFF# comment

  LEAD=1\r
T= x y # no comment
Q="quoted"
EMPTY=
URL=http://a?b=c
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: lines-6m949ff99h}
data: {EMPTY: "", LEAD: "1", Q: '"quoted"', T: " x y # no comment", URL: http://a?b=c}
`,
  },
  {
    title: 'env is one more of envs, and env files come before literals and files',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: order
  env: one.env
  envs: [two.env]
  literals: [c=3]
`,
      'one.env': 'a=1\n',
      'two.env': 'b=2\n',
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: order-55f7kg2cf8}
data: {a: "1", b: "2", c: "3"}
`,
  },
  {
    title: 'an empty ConfigMap has a hash as well',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: empty
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: empty-6ct58987ht}
`,
  },
  {
    title: 'what JSON and HTML escape counts in the hash as Go writes it',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: escapes
  literals: ["A=<b>&\\u2028\\t\\b\\f\\u2029\\"\\\\é😀"]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: escapes-gc5tm4k7kb}
data: {A: "<b>&\u2028\\t\\b\\f\u2029\\"\\\\é😀"}
`,
  },
  {
    title: 'the hash does not depend on name, labels and namespace',
    files: {
      'kustomization.yaml': `namespace: prod
configMapGenerator:
- name: one
  literals: [a=b]
- name: two
  literals: [a=b]
  options: {labels: {x: "y"}}
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: one-4h2mbtbbt6, namespace: prod}
data: {a: b}
---
apiVersion: v1
kind: ConfigMap
metadata: {labels: {x: "y"}, name: two-4h2mbtbbt6, namespace: prod}
data: {a: b}
`,
  },
  {
    title: 'a Secret holds base64 and is Opaque unless it says otherwise',
    files: {
      'kustomization.yaml': `secretGenerator:
- name: app
  literals: [username=admin, password=s3cr3t]
- name: certificate
  type: kubernetes.io/tls
  files: [tls.crt, tls.key=key.pem]
- name: none
`,
      'tls.crt': 'certificate\n',
      'key.pem': 'key\n',
    },
    expected: `apiVersion: v1
kind: Secret
metadata: {name: app-b892bc2827}
type: Opaque
data: {password: czNjcjN0, username: YWRtaW4=}
---
apiVersion: v1
kind: Secret
metadata: {name: certificate-mdtb5bd474}
type: kubernetes.io/tls
data: {tls.crt: Y2VydGlmaWNhdGUK, tls.key: a2V5Cg==}
---
apiVersion: v1
kind: Secret
metadata: {name: none-46f8b28mk5}
type: Opaque
data: {}
`,
  },
  {
    title: 'base64 is broken into lines of 70 characters, and the line breaks count in the hash',
    files: {
      'kustomization.yaml': `secretGenerator:
- name: long
  files: [a=long.txt, b=short.txt]
`,
      'long.txt': 'x'.repeat(52),
      'short.txt': 'x'.repeat(51),
    },
    expected: `apiVersion: v1
kind: Secret
metadata: {name: long-24f7t7gf9b}
type: Opaque
data:
  a: |
    eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA
    ==
  b: eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4
`,
  },
  {
    title: 'options set labels, annotations and immutable, and can switch the hash off',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: options
  literals: [a=b]
  options:
    labels: {tier: cache}
    annotations: {note: hello}
    immutable: true
    disableNameSuffixHash: true
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {annotations: {note: hello}, labels: {tier: cache}, name: options}
immutable: true
data: {a: b}
`,
  },
  {
    title: 'generatorOptions hold for all generators; their own labels win, and true wins over false',
    files: {
      'kustomization.yaml': `generatorOptions:
  labels: {team: web, tier: shared}
  annotations: {note: all}
  disableNameSuffixHash: true
  immutable: true
configMapGenerator:
- name: one
  literals: [a=b]
  options:
    labels: {tier: own}
    disableNameSuffixHash: false
    immutable: false
secretGenerator:
- name: two
  literals: [a=b]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {annotations: {note: all}, labels: {team: web, tier: own}, name: one}
immutable: true
data: {a: b}
---
apiVersion: v1
kind: Secret
metadata: {annotations: {note: all}, labels: {team: web, tier: shared}, name: two}
type: Opaque
immutable: true
data: {a: Yg==}
`,
  },
  {
    title: 'generators with namespaces do not clash',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: app
  namespace: one
  literals: [a=1]
- name: app
  namespace: two
  literals: [a=2]
- name: app
  literals: [a=3]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: app-h29d89cmmt, namespace: one}
data: {a: "1"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: app-6gtghh96k8, namespace: two}
data: {a: "2"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: app-8g7c4m92h4}
data: {a: "3"}
`,
  },
  {
    title: 'references follow the hashed name',
    files: {
      'kustomization.yaml': `resources: [pod.yaml]
namePrefix: dev-
configMapGenerator:
- name: settings
  literals: [a=b]
`,
      'pod.yaml': `apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - {name: c, image: i, envFrom: [{configMapRef: {name: settings}}]}
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: dev-settings-4h2mbtbbt6}
data: {a: b}
---
apiVersion: v1
kind: Pod
metadata: {name: dev-p}
spec: {containers: [{envFrom: [{configMapRef: {name: dev-settings-4h2mbtbbt6}}], image: i, name: c}]}
`,
  },
  {
    title: 'merge adds keys to a generated ConfigMap below and keeps its labels',
    files: {
      'kustomization.yaml': `resources: [base]
namePrefix: over-
configMapGenerator:
- name: app
  behavior: merge
  literals: [y=2, x=new]
`,
      'base/kustomization.yaml': `namePrefix: base-
namespace: ns
configMapGenerator:
- name: app
  literals: [x=1, z=3]
  options: {labels: {l: one}, immutable: true}
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {labels: {l: one}, name: over-base-app-ctgc9bmcf7, namespace: ns}
data: {x: new, "y": "2", z: "3"}
`,
  },
  {
    title: 'replace keeps the name and the labels, not the data',
    files: {
      'kustomization.yaml': `resources: [base]
secretGenerator:
- name: app
  behavior: replace
  literals: [p=q]
  options: {labels: {l: new}}
`,
      'base/kustomization.yaml': `secretGenerator:
- name: app
  type: example/token
  literals: [a=b]
  options: {labels: {l: one, m: two}}
`,
    },
    expected: `apiVersion: v1
kind: Secret
metadata: {labels: {l: new, m: two}, name: app-hb2dth72f6}
type: Opaque
data: {p: cQ==}
`,
  },
  {
    title: 'a Secret that is merged takes the type of the later generator',
    files: {
      'kustomization.yaml': `resources: [base]
secretGenerator:
- name: app
  behavior: merge
  literals: [p=q]
`,
      'base/kustomization.yaml': `secretGenerator:
- name: app
  type: example/token
  literals: [a=b]
`,
    },
    expected: `apiVersion: v1
kind: Secret
metadata: {name: app-64m4h65c7m}
type: Opaque
data: {a: Yg==, p: cQ==}
`,
  },
  {
    title: 'merge with a plain ConfigMap makes texts of its values, as written, and gives it no hash',
    files: {
      'kustomization.yaml': `resources: [cm.yaml]
configMapGenerator:
- name: plain
  behavior: merge
  literals: [new=1]
`,
      'cm.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: plain, annotations: {keep: me}}
data: {a: b, mode: 0644, flag: true}
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {annotations: {keep: me}, name: plain}
data: {a: b, flag: "true", mode: "0644", new: "1"}
`,
  },
  {
    title: 'merge switches the hash off when the later generator does',
    files: {
      'kustomization.yaml': `resources: [base]
configMapGenerator:
- name: app
  behavior: merge
  literals: [y=2]
  options: {disableNameSuffixHash: true}
`,
      'base/kustomization.yaml': `configMapGenerator:
- name: app
  literals: [x=1]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: app}
data: {x: "1", "y": "2"}
`,
  },
  {
    title: 'merge finds the ConfigMap of a namespace by its name there',
    files: {
      'kustomization.yaml': `resources: [base]
configMapGenerator:
- name: app
  namespace: prod
  behavior: merge
  literals: [y=2]
`,
      'base/kustomization.yaml': `namespace: prod
configMapGenerator:
- name: app
  literals: [x=1]
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: app-gc87g97b68, namespace: prod}
data: {x: "1", "y": "2"}
`,
  },
];

const refused: readonly ProblemCase[] = [
  {
    title: 'no name',
    files: {
      'kustomization.yaml': `configMapGenerator:
- literals: [a=b]
`,
    },
    problems: ['kustomization.yaml:2:3 configMapGenerator[0].name: Required value: a ConfigMap must have a name'],
  },
  {
    title: 'literals without a key, without "="',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: a
  literals: [novalue, "=x"]
`,
    },
    problems: [
      'kustomization.yaml:3:14 configMapGenerator[0].literals[0]: a literal is written key=value',
      'kustomization.yaml:3:23 configMapGenerator[0].literals[1]: a literal is written key=value',
    ],
  },
  {
    title: 'a key that is given twice',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: a
  literals: [x=1]
  files: [x=f]
`,
      f: '',
    },
    problems: [
      'kustomization.yaml:4:11 configMapGenerator[0].files[0]: the key "x" is given twice; first at kustomization.yaml:3',
    ],
  },
  {
    title: 'a key that Kubernetes does not take',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: a
  literals: ["F =1"]
`,
    },
    problems: [
      "kustomization.yaml:3:14 configMapGenerator[0].literals[0]: Invalid value: \"F \": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
  },
  {
    title: 'files: too many "=", no key, no path',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: a
  files: ["a=b=c", "=b", "a="]
`,
    },
    problems: [
      'kustomization.yaml:3:11 configMapGenerator[0].files[0]: "a=b=c": neither the key nor the path of a file may have a "="',
      'kustomization.yaml:3:20 configMapGenerator[0].files[1]: "=b": the key before "=" is missing; write key=path or path',
      'kustomization.yaml:3:26 configMapGenerator[0].files[2]: "a=": the path after "=" is missing; write key=path or path',
    ],
  },
  {
    title: 'files that are not there, are folders, are elsewhere',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: a
  files: [none.txt, sub, ../x, "https://example.com/x"]
`,
      'sub/x': '',
    },
    problems: [
      'kustomization.yaml:3:11 configMapGenerator[0].files[0]: there is no file none.txt',
      'kustomization.yaml:3:21 configMapGenerator[0].files[1]: sub is a folder; name a file',
      'kustomization.yaml:3:26 configMapGenerator[0].files[2]: ../x leads out of the repository',
      'kustomization.yaml:3:32 configMapGenerator[0].files[3]: https://example.com/x is not fetched: what a commit means must not change with a server; commit the file',
    ],
  },
  {
    title: 'lines of env files, with their own places',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: a
  envs: [e.env]
`,
      'e.env': `A=1
# c
export B=2
  HOME
A=3
-----BEGIN PRIVATE KEY-----
`,
    },
    problems: [
      "e.env:3:1 Invalid value: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      'e.env:4:3 there is no "=": kustomize would take the value from the environment of whoever runs it; write KEY=value, or KEY= for none',
      'e.env:5:1 the key "A" is given twice; first at e.env:1',
      'e.env:6:1 there is no "=": kustomize would take the value from the environment of whoever runs it; write KEY=value, or KEY= for none',
    ],
  },
  {
    title: 'an env file that is no text',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: a
  envs: [e.env]
`,
      'e.env': new Uint8Array([0x41, 0x3d, 0xff]),
    },
    problems: ['kustomization.yaml:3:10 configMapGenerator[0].envs[0]: e.env is not valid UTF-8'],
  },
  {
    title: 'nothing to merge with',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: a
  behavior: merge
  literals: [a=b]
`,
    },
    problems: ['kustomization.yaml:3:3 configMapGenerator[0].behavior: there is no ConfigMap "a" to merge'],
  },
  {
    title: 'nothing to replace',
    files: {
      'kustomization.yaml': `secretGenerator:
- name: a
  namespace: prod
  behavior: replace
  literals: [a=b]
`,
    },
    problems: ['kustomization.yaml:4:3 secretGenerator[0].behavior: there is no Secret "a" in namespace "prod" to replace'],
  },
  {
    title: 'two generators of one name',
    files: {
      'kustomization.yaml': `configMapGenerator:
- name: a
  literals: [x=1]
- name: a
  literals: [x=2]
`,
    },
    problems: [
      'kustomization.yaml:4:3 configMapGenerator[1].name: ConfigMap "a" exists already at kustomization.yaml:2; set behavior to merge or replace',
    ],
  },
  {
    title: 'several objects that could be meant',
    files: {
      'kustomization.yaml': `resources: [one, two]
configMapGenerator:
- name: a
  behavior: merge
  literals: [x=2]
`,
      'one/kustomization.yaml': `nameSuffix: -x
configMapGenerator: [{name: a}]
`,
      'two/kustomization.yaml': `nameSuffix: -z
configMapGenerator: [{name: a}]
`,
    },
    problems: ['kustomization.yaml:3:3 configMapGenerator[0]: ConfigMap "a" matches 2 objects; a generator can change only one'],
  },
];

describe('generateConfigs', () => {
  test.each(rendered)('$title', async ({ files, expected }) => {
    const built = await build(files);
    expect(built.problems).toEqual([]);
    expect(changedIn(files, built)).toEqual(documentsOf(expected));
  });

  test.each(refused)('problems: $title', async ({ files, problems }) => {
    expect((await build(files)).problems).toEqual(problems);
  });
});
