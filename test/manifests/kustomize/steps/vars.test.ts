// `vars`: kustomize's documented behaviour, and the problems that take the place of its errors.
import { describe, expect, test } from 'vitest';
import { build, changedIn, documentsOf, type ProblemCase, type RenderCase } from './scene.ts';

const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: source
  annotations: {team.example/owner: ops}
data:
  host: db.example:5432
  number: "8080"
`;

const rendered: readonly RenderCase[] = [
  {
    title: 'values of all kinds in the fields that are meant for it',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
namePrefix: p-
vars:
- {name: NAME, objref: {apiVersion: v1, kind: ConfigMap, name: src}}
- {name: PORT, objref: {apiVersion: v1, kind: Service, name: svc}, fieldref: {fieldpath: "spec.ports[0].port"}}
- {name: OK, objref: {apiVersion: v1, kind: Service, name: svc}, fieldref: {fieldPath: spec.ok}}
- {name: SMALL, objref: {apiVersion: v1, kind: Service, name: svc}, fieldref: {fieldpath: spec.small}}
`,
      'res.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: src, labels: {v: "a$(NAME)", w: "$$(NAME)", x: "$(NONE) $", u: "$(open", z: "$5"}}
data: {host: "$(NAME)"}
---
apiVersion: v1
kind: Service
metadata: {name: svc}
spec: {ports: [{port: 80, name: web, targetPort: $(PORT)}], ok: true, small: 0.00001}
---
apiVersion: v1
kind: Pod
metadata: {name: web, annotations: {a: "$(NAME)", b: "$(PORT)", c: "x$(PORT)y$(OK)$(SMALL)"}}
spec:
  containers:
  - {name: web, image: "$(NAME)", args: ["$(NAME)", "-p=$(PORT)"], env: [{name: A, value: "$(PORT)"}, {name: C}, {name: D, value: $(NAME)}]}
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {labels: {u: $(open, v: ap-src, w: $(NAME), x: $(NONE) $, z: $5}, name: p-src}
data: {host: $(NAME)}
---
apiVersion: v1
kind: Service
metadata: {name: p-svc}
spec: {ok: true, ports: [{name: web, port: 80, targetPort: 80}], small: 0.00001}
---
apiVersion: v1
kind: Pod
metadata: {annotations: {a: p-src, b: "80", c: x80ytrue1e-05}, name: p-web}
spec: {containers: [{args: [p-src, -p=80], env: [{name: A, value: 80}, {name: C}, {name: D, value: p-src}], image: $(NAME), name: web}]}
`,
  },
  {
    title: 'the hashed name of a generated ConfigMap',
    files: {
      'kustomization.yaml': `resources: [pod.yaml]
configMapGenerator: [{name: settings, literals: [a=b]}]
vars:
- {name: MAP, objref: {apiVersion: v1, kind: ConfigMap, name: settings}}
`,
      'pod.yaml': `apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: c, image: i, command: ["$(MAP)", "$(OTHER)"]}]}
`,
    },
    expected: `apiVersion: v1
kind: ConfigMap
metadata: {name: settings-4h2mbtbbt6}
data: {a: b}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{command: [settings-4h2mbtbbt6, $(OTHER)], image: i, name: c}]}
`,
  },
  {
    title: 'configurations name more fields',
    files: {
      'kustomization.yaml': `resources: [t.yaml]
configurations: [config.yaml]
vars:
- {name: T, objref: {apiVersion: example.com/v1, kind: Thing, name: t}}
`,
      't.yaml': `apiVersion: example.com/v1
kind: Thing
metadata: {name: t}
spec: {list: ["$(T)-1"], map: {a: "$(T)"}, other: "$(T)"}
`,
      'config.yaml': `varReference:
- {path: spec/list, kind: Thing}
- {path: spec/map}
`,
    },
    expected: `apiVersion: example.com/v1
kind: Thing
metadata: {name: t}
spec: {list: [t-1], map: {a: t}, other: $(T)}
`,
  },
  {
    title: 'a var of a base is found although another base has an object of that name',
    files: {
      'kustomization.yaml': 'resources: [one, two]\n',
      'one/kustomization.yaml': `namespace: one
resources: [r.yaml]
vars:
- {name: SPACE, objref: {apiVersion: v1, kind: Service, name: s}, fieldref: {fieldpath: metadata.namespace}}
`,
      'one/r.yaml': `apiVersion: v1
kind: Service
metadata: {name: s, annotations: {at: "$(SPACE)"}}
spec: {}
`,
      'two/kustomization.yaml': `namespace: two
resources: [r.yaml]
`,
      'two/r.yaml': `apiVersion: v1
kind: Service
metadata: {name: s, annotations: {at: "$(SPACE)"}}
spec: {}
`,
    },
    expected: `apiVersion: v1
kind: Service
metadata: {annotations: {at: one}, name: s, namespace: one}
spec: {}
---
apiVersion: v1
kind: Service
metadata: {annotations: {at: one}, name: s, namespace: two}
spec: {}
`,
  },
];

const refused: readonly ProblemCase[] = [
  {
    title: 'no such object',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
vars:
- {name: A, objref: {apiVersion: v1, kind: ConfigMap, name: nope}}
`,
      'res.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: source
  annotations: {team.example/owner: ops}
data:
  host: db.example:5432
  number: "8080"
---
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {app: web}
spec:
  clusterIP: null
  ports:
  - {name: http, port: 80, targetPort: 8080}
  - {name: admin, port: 0644}
`,
    },
    problems: ["kustomization.yaml:3:13 vars[0].objref: var 'A' cannot be mapped to a field in the set of known resources"],
  },
  {
    title: 'no such field',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
vars:
- {name: A, objref: {apiVersion: v1, kind: ConfigMap, name: source}, fieldref: {fieldpath: a.b}}
`,
      'res.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: source
  annotations: {team.example/owner: ops}
data:
  host: db.example:5432
  number: "8080"
---
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {app: web}
spec:
  clusterIP: null
  ports:
  - {name: http, port: 80, targetPort: 8080}
  - {name: admin, port: 0644}
`,
    },
    problems: ["kustomization.yaml:3:70 vars[0].fieldref: field specified in var 'A' not found in corresponding resource: a.b"],
  },
  {
    title: 'a name that is given twice',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
vars:
- {name: A, objref: {apiVersion: v1, kind: ConfigMap, name: source}}
- {name: A, objref: {apiVersion: v1, kind: Service, name: web}}
`,
      'res.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: source
  annotations: {team.example/owner: ops}
data:
  host: db.example:5432
  number: "8080"
---
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {app: web}
spec:
  clusterIP: null
  ports:
  - {name: http, port: 80, targetPort: 8080}
  - {name: admin, port: 0644}
`,
    },
    problems: ["kustomization.yaml:4:4 vars[1].name: var 'A' already encountered; first at kustomization.yaml:3"],
  },
  {
    title: 'never used',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
vars:
- {name: A, objref: {apiVersion: v1, kind: ConfigMap, name: source}}
`,
      'res.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: source
  annotations: {team.example/owner: ops}
data:
  host: db.example:5432
  number: "8080"
---
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {app: web}
spec:
  clusterIP: null
  ports:
  - {name: http, port: 80, targetPort: 8080}
  - {name: admin, port: 0644}
`,
    },
    problems: ['note: kustomization.yaml:3:4 vars[0].name: the var A is never used'],
  },
  {
    title: 'a map',
    files: {
      'kustomization.yaml': `resources: [res.yaml]
vars:
- {name: A, objref: {apiVersion: v1, kind: ConfigMap, name: source}, fieldref: {fieldpath: data}}
`,
      'res.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: source
  annotations: {team.example/owner: ops}
data:
  host: db.example:5432
  number: "8080"
---
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {app: web}
spec:
  clusterIP: null
  ports:
  - {name: http, port: 80, targetPort: 8080}
  - {name: admin, port: 0644}
`,
    },
    problems: [
      'kustomization.yaml:3:70 vars[0].fieldref: the value of var A is a mapping; only texts, numbers and booleans can take the place of a reference',
    ],
  },
  {
    title: 'several objects',
    files: {
      'kustomization.yaml': `resources: [one, two]
vars: [{name: A, objref: {apiVersion: v1, kind: ConfigMap, name: source}}]
`,
      'one/kustomization.yaml': `namespace: one
resources: [r.yaml]
`,
      'one/r.yaml': configMap,
      'two/kustomization.yaml': `namespace: two
resources: [r.yaml]
`,
      'two/r.yaml': configMap,
    },
    problems: [
      'kustomization.yaml:2:18 vars[0].objref: found 2 objects for var A (unable to disambiguate): ConfigMap "source"; name its namespace',
    ],
  },
];

describe('resolveVars', () => {
  test.each(rendered)('$title', async ({ files, expected }) => {
    const built = await build(files);
    expect(built.problems).toEqual([]);
    expect(changedIn(files, built)).toEqual(documentsOf(expected));
  });

  test.each(refused)('problems: $title', async ({ files, problems }) => {
    expect((await build(files)).problems).toEqual(problems);
  });
});
