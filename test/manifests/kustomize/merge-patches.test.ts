// Strategic merge patches: what kustomize makes of them.
import { expect, test } from 'vitest';
import { buildText, documentsOf, renderedObjects, toldProblems } from '../../support/kustomize-cases.ts';

test.each<[string, string, string]>([
  [
    'a field of a map',
    `=== kustomization.yaml
resources: [a.yaml]
patches: [{path: patch.yaml}]
=== a.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 1, revisionHistoryLimit: 3}
=== patch.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 3, minReadySeconds: 5}
`,
    `{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {name: web},
  spec: {minReadySeconds: 5, replicas: 3, revisionHistoryLimit: 3}
}
`,
  ],
  [
    'containers are merged by name, new ones come first',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        template:
          spec:
            containers:
              - name: sidecar
                image: side:1
              - name: app
                image: app:2
=== a.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: first
          image: first:1
        - name: app
          image: app:1
          args: [run]
`,
    `{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {name: web},
  spec:
    {
      template:
        {
          spec:
            {
              containers: [{image: side:1, name: sidecar}, {args: [run], image: app:2, name: app}, {image: first:1, name: first}]
            }
        }
    }
}
`,
  ],
  [
    'environment variables and mounts are merged by their keys',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        template:
          spec:
            containers:
              - name: app
                env:
                  - {name: B, value: two}
                  - {name: C, value: three}
                volumeMounts:
                  - {mountPath: /data, readOnly: true}
                  - {mountPath: /tmp, name: tmp}
            volumes:
              - {name: tmp, emptyDir: {}}
=== a.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: app
          env:
            - {name: A, value: one}
            - {name: B, value: one}
          volumeMounts:
            - {mountPath: /data, name: data}
      volumes:
        - {name: data, emptyDir: {}}
`,
    `{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {name: web},
  spec:
    {
      template:
        {
          spec:
            {
              containers:
                [
                  {
                      env: [{name: B, value: two}, {name: C, value: three}, {name: A, value: one}],
                      name: app,
                      volumeMounts: [{mountPath: /data, name: data, readOnly: true}, {mountPath: /tmp, name: tmp}]
                    }
                ],
              volumes: [{emptyDir: {}, name: tmp}, {emptyDir: {}, name: data}]
            }
        }
    }
}
`,
  ],
  [
    'ports are merged by port and protocol',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Pod
      metadata: {name: dns}
      spec:
        containers:
          - name: dns
            ports:
              - {containerPort: 53, protocol: UDP, name: dns-udp}
              - {containerPort: 80, name: http}
=== a.yaml
apiVersion: v1
kind: Pod
metadata: {name: dns}
spec:
  containers:
    - name: dns
      ports:
        - {containerPort: 53, protocol: TCP, name: tcp}
        - {containerPort: 53, protocol: UDP, name: udp}
`,
    `{
  apiVersion: v1,
  kind: Pod,
  metadata: {name: dns},
  spec:
    {
      containers:
        [
          {
              name: dns,
              ports:
                [
                  {containerPort: 80, name: http},
                  {containerPort: 53, name: tcp, protocol: TCP},
                  {containerPort: 53, name: dns-udp, protocol: UDP}
                ]
            }
        ]
    }
}
`,
  ],
  [
    'ports without a protocol',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Service
      metadata: {name: web}
      spec:
        ports:
          - {port: 80, targetPort: 8080}
          - {port: 443, targetPort: 8443}
=== a.yaml
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  ports:
    - {port: 80, targetPort: 80, name: http}
    - {port: 90, name: other}
`,
    `{
  apiVersion: v1,
  kind: Service,
  metadata: {name: web},
  spec: {ports: [{name: http, port: 80, targetPort: 8080}, {port: 443, targetPort: 8443}, {name: other, port: 90}]}
}
`,
  ],
  [
    'one port with two protocols, of which one is not written, is left alone',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Service
      metadata: {name: dns, labels: {a: b}}
=== a.yaml
apiVersion: v1
kind: Service
metadata: {name: dns}
spec:
  ports:
    - {port: 53, name: dns}
    - {port: 53, protocol: UDP, name: udp}
`,
    `{
  apiVersion: v1,
  kind: Service,
  metadata: {labels: {a: b}, name: dns},
  spec: {ports: [{name: dns, port: 53}, {name: udp, port: 53, protocol: UDP}]}
}
`,
  ],
  [
    'of two environment variables of one name the last is kept',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Pod
      metadata: {name: p, labels: {a: b}}
=== a.yaml
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
    - {name: c, env: [{name: A, value: "1"}, {name: B, value: "2"}, {name: A, value: "3"}]}
`,
    `{
  apiVersion: v1,
  kind: Pod,
  metadata: {labels: {a: b}, name: p},
  spec: {containers: [{env: [{name: A, value: "3"}, {name: B, value: "2"}], name: c}]}
}
`,
  ],
  [
    'plain lists are replaced',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Pod
      metadata: {name: p}
      spec:
        tolerations: [{key: b}]
        containers: [{name: c, args: [z], command: []}]
=== a.yaml
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  tolerations: [{key: a}]
  containers: [{name: c, args: [x, y], command: [run]}]
`,
    `{
  apiVersion: v1,
  kind: Pod,
  metadata: {name: p},
  spec: {containers: [{args: [z], command: [], name: c}], tolerations: [{key: b}]}
}
`,
  ],
  [
    'finalizers are a union',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: c, finalizers: [c/c, a/a]}
=== a.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: c, finalizers: [a/a, b/b]}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {finalizers: [c/c, a/a, b/b], name: c}}
`,
  ],
  [
    'null takes a field away',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        replicas: null
        missing: null
        strategy: {rollingUpdate: null, type: Recreate}
        template: {spec: {containers: null, new: {a: null, b: 1}}}
=== a.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  strategy: {rollingUpdate: {maxSurge: 1}, type: RollingUpdate}
  template: {spec: {containers: [{name: c}]}}
`,
    `{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {name: web},
  spec: {strategy: {type: Recreate}, template: {spec: {new: {b: 1}}}}
}
`,
  ],
  [
    '$patch delete of an item',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Pod
      metadata: {name: p}
      spec:
        containers: [{name: b, $patch: delete}]
        volumes: [{name: v, $patch: delete}]
=== a.yaml
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers: [{name: a}, {name: b}, {name: c}]
  volumes: [{name: v, emptyDir: {}}]
`,
    `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a}, {name: c}], volumes: []}}
`,
  ],
  [
    '$patch delete of a map and of an item that is not there',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Pod
      metadata: {name: p}
      spec:
        securityContext: {$patch: delete}
        affinity: {$patch: delete}
        containers: [{name: z, $patch: delete}]
=== a.yaml
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers: [{name: a}]
  securityContext: {runAsUser: 1}
`,
    `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a}]}}
`,
  ],
  [
    '$patch replace of a map',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec: {strategy: {$patch: replace, type: Recreate}}
=== a.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}
`,
    `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {strategy: {type: Recreate}}}
`,
  ],
  [
    '$patch replace and delete of a list',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Pod
      metadata: {name: p}
      spec:
        containers: [{$patch: replace}, {name: new, image: nn}]
        initContainers: [{$patch: delete}]
=== a.yaml
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers: [{name: a}, {name: b}]
  initContainers: [{name: i}]
`,
    `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{image: nn, name: new}]}}
`,
  ],
  [
    '$patch merge says nothing',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Pod
      metadata: {name: p}
      spec:
        $patch: merge
        hostNetwork: true
        containers: [{$patch: merge}, {name: b, image: b}]
=== a.yaml
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: a}]}
`,
    `{
  apiVersion: v1,
  kind: Pod,
  metadata: {name: p},
  spec: {containers: [{image: b, name: b}, {name: a}], hostNetwork: true}
}
`,
  ],
  [
    '$patch delete of an object',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      $patch: delete
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: gone}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: gone}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: kept}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: kept}}
`,
  ],
  [
    '$patch delete of all that a target picks',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: ConfigMap, name: gone-.*}
    patch: |-
      $patch: delete
      kind: ConfigMap
      metadata: {name: any}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: gone-1}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: gone-2}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: kept}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: kept}}
`,
  ],
  [
    'custom kinds are merged as maps, their lists replaced',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: example.com/v1
      kind: Thing
      metadata: {name: t}
      spec: {containers: [{name: b}], map: {b: 2}}
=== a.yaml
apiVersion: example.com/v1
kind: Thing
metadata: {name: t}
spec: {containers: [{name: a}], map: {x: 1}}
`,
    `{
  apiVersion: example.com/v1,
  kind: Thing,
  metadata: {name: t},
  spec: {containers: [{name: b}], map: {b: 2, x: 1}}
}
`,
  ],
  [
    'the claims of a stateful set are replaced',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: db}
      spec:
        volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: fast}}]
=== a.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce]}}]
`,
    `{
  apiVersion: apps/v1,
  kind: StatefulSet,
  metadata: {name: db},
  spec: {volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: fast}}]}
}
`,
  ],
  [
    'a cron job has its containers deep inside',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: j}
      spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: c:2}]}}}}}
=== a.yaml
apiVersion: batch/v1
kind: CronJob
metadata: {name: j}
spec: {schedule: "@daily", jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: c:1, args: [x]}]}}}}}
`,
    `{
  apiVersion: batch/v1,
  kind: CronJob,
  metadata: {name: j},
  spec: {jobTemplate: {spec: {template: {spec: {containers: [{args: [x], image: c:2, name: c}]}}}}, schedule: "@daily"}
}
`,
  ],
  [
    'old versions whose lists are known',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: batch/v1beta1
      kind: CronJob
      metadata: {name: j}
      spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: c:2}]}}}}}
=== a.yaml
apiVersion: batch/v1beta1
kind: CronJob
metadata: {name: j}
spec: {schedule: "@daily", jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: c:1, args: [x]}]}}}}}
`,
    `{
  apiVersion: batch/v1beta1,
  kind: CronJob,
  metadata: {name: j},
  spec: {jobTemplate: {spec: {template: {spec: {containers: [{args: [x], image: c:2, name: c}]}}}}, schedule: "@daily"}
}
`,
  ],
  [
    'several documents in one patch',
    `=== kustomization.yaml
resources: [a.yaml]
patches: [{path: p.yaml}]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: "1"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {x: "1"}}
=== p.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {b: "2"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {x: "2"}}
`,
    `{apiVersion: v1, data: {b: "2", x: "1"}, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, data: {x: "2"}, kind: ConfigMap, metadata: {name: b}}
`,
  ],
  [
    'a target picks many by pattern, kind, label and annotation',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {group: apps, version: v1, kind: Deployment|StatefulSet, name: web.*, labelSelector: "tier in (front,back),!old", annotationSelector: team=blue}
    patch: |-
      {apiVersion: any/v1, kind: Any, metadata: {name: any, annotations: {hit: "yes"}}}
=== a.yaml
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web-1, labels: {tier: front}, annotations: {team: blue}}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web-2, labels: {tier: back}, annotations: {team: blue}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web-3, labels: {tier: back, old: "1"}, annotations: {team: blue}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web-4, labels: {tier: back}, annotations: {team: red}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: my-web, labels: {tier: back}, annotations: {team: blue}}}
---
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: web-5, labels: {tier: back}, annotations: {team: blue}}}
`,
    `{apiVersion: apps/v1, kind: Deployment, metadata: {annotations: {team: blue}, labels: {tier: back}, name: my-web}}
---
{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {annotations: {hit: "yes", team: blue}, labels: {tier: front}, name: web-1}
}
---
{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {annotations: {team: blue}, labels: {old: "1", tier: back}, name: web-3}
}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {annotations: {team: red}, labels: {tier: back}, name: web-4}}
---
{
  apiVersion: apps/v1,
  kind: StatefulSet,
  metadata: {annotations: {hit: "yes", team: blue}, labels: {tier: back}, name: web-2}
}
---
{apiVersion: apps/v1, kind: DaemonSet, metadata: {annotations: {team: blue}, labels: {tier: back}, name: web-5}}
`,
  ],
  [
    'patterns are for the whole name',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {name: a|b}
    patch: '{kind: Any, metadata: {name: any}, data: {hit: "1"}}'
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: ab}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
`,
    `{apiVersion: v1, data: {hit: "1"}, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: ab}}
---
{apiVersion: v1, data: {hit: "1"}, kind: ConfigMap, metadata: {name: b}}
`,
  ],
  [
    'a namespace in the target, the default one included',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {namespace: default}
    patch: '{kind: Any, metadata: {name: any}, data: {hit: "1"}}'
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: other}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: default}}
`,
    `{apiVersion: v1, data: {hit: "1"}, kind: ConfigMap, metadata: {name: c, namespace: default}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: other}}
---
{apiVersion: v1, data: {hit: "1"}, kind: ConfigMap, metadata: {name: a}}
`,
  ],
  [
    'the name stays, unless it may change',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {name: a}
    patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}'
  - target: {name: b}
    options: {allowNameChange: true}
    patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: new}}'
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{name: v, configMap: {name: b}}]}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: new}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{configMap: {name: new}, name: v}]}}
`,
  ],
  [
    'the kind stays, unless it may change',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - target: {kind: Deployment, name: a}
    patch: '{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}}'
  - target: {kind: Deployment, name: b}
    options: {allowKindChange: true}
    patch: '{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: any}}'
=== a.yaml
{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}
`,
    `{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: b}}
`,
  ],
  [
    'the namespace of a patch finds its object',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: two}, data: {hit: "1"}}'
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: one}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: two}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: one}}
---
{apiVersion: v1, data: {hit: "1"}, kind: ConfigMap, metadata: {name: a, namespace: two}}
`,
  ],
  [
    'patchesStrategicMerge, inline and by path',
    `=== kustomization.yaml
resources: [a.yaml]
patchesStrategicMerge:
  - p.yaml
  - |-
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: b}
    data: {hit: "2"}
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
=== p.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {hit: "1"}}
`,
    `{apiVersion: v1, data: {hit: "1"}, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, data: {hit: "2"}, kind: ConfigMap, metadata: {name: b}}
`,
  ],
  [
    'a patch finds an object by the name that it had below',
    `=== over/kustomization.yaml
resources: [../base]
namePrefix: p-
namespace: ns
patches:
  - patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {hit: "1"}}'
=== base/kustomization.yaml
resources: [a.yaml]
nameSuffix: -s
=== base/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `{apiVersion: v1, data: {hit: "1"}, kind: ConfigMap, metadata: {name: p-a-s, namespace: ns}}
`,
  ],
  [
    'topology constraints are merged by key and action',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Pod
      metadata: {name: p}
      spec:
        topologySpreadConstraints:
          - {topologyKey: zone, whenUnsatisfiable: DoNotSchedule, maxSkew: 5}
          - {topologyKey: host, whenUnsatisfiable: DoNotSchedule, maxSkew: 1}
=== a.yaml
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  topologySpreadConstraints:
    - {topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, maxSkew: 1}
    - {topologyKey: zone, whenUnsatisfiable: DoNotSchedule, maxSkew: 2}
`,
    `{
  apiVersion: v1,
  kind: Pod,
  metadata: {name: p},
  spec:
    {
      topologySpreadConstraints:
        [
          {maxSkew: 1, topologyKey: host, whenUnsatisfiable: DoNotSchedule},
          {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway},
          {maxSkew: 5, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}
        ]
    }
}
`,
  ],
  [
    'host aliases by address, pull secrets by name',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Pod
      metadata: {name: p}
      spec:
        hostAliases: [{ip: 10.0.0.1, hostnames: [b]}, {ip: 10.0.0.2, hostnames: [c]}]
        imagePullSecrets: [{name: two}]
=== a.yaml
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  hostAliases: [{ip: 10.0.0.1, hostnames: [a]}]
  imagePullSecrets: [{name: one}]
`,
    `{
  apiVersion: v1,
  kind: Pod,
  metadata: {name: p},
  spec:
    {
      hostAliases: [{hostnames: [b], ip: 10.0.0.1}, {hostnames: [c], ip: 10.0.0.2}],
      imagePullSecrets: [{name: two}, {name: one}]
    }
}
`,
  ],
  [
    'the secrets of a service account are merged, its pull secrets replaced',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: s}
      secrets: [{name: two}]
      imagePullSecrets: [{name: two}]
=== a.yaml
apiVersion: v1
kind: ServiceAccount
metadata: {name: s}
secrets: [{name: one}]
imagePullSecrets: [{name: one}]
`,
    `{
  apiVersion: v1,
  imagePullSecrets: [{name: two}],
  kind: ServiceAccount,
  metadata: {name: s},
  secrets: [{name: two}, {name: one}]
}
`,
  ],
  [
    'the whole spec is new',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Pod
      metadata: {name: p, annotations: {a: b}}
      spec:
        containers: [{name: a, env: [{name: A, value: "1"}, {name: A, value: "2"}]}, {name: b, $patch: delete}]
        nodeSelector: {x: null, b: z}
=== a.yaml
{apiVersion: v1, kind: Pod, metadata: {name: p}}
`,
    `{
  apiVersion: v1,
  kind: Pod,
  metadata: {annotations: {a: b}, name: p},
  spec: {containers: [{env: [{name: A, value: "2"}], name: a}], nodeSelector: {b: z}}
}
`,
  ],
  [
    'all items of a list deleted',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: v1
      kind: Pod
      metadata: {name: p}
      spec: {containers: [{name: a, $patch: delete}]}
=== a.yaml
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a}]}}
`,
    `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: []}}
`,
  ],
  [
    'a webhook list is merged by name',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
  - patch: |-
      apiVersion: example.com/v1
      kind: PodList2
      metadata: {name: p}
      webhooks: [{name: b}]
=== a.yaml
{apiVersion: example.com/v1, kind: PodList2, metadata: {name: p}, webhooks: [{name: a}]}
`,
    `{apiVersion: example.com/v1, kind: PodList2, metadata: {name: p}, webhooks: [{name: b}]}
`,
  ],
  // kustomize leaves these directives in the object, which no cluster would take.
  [
    'directives in a list that the object does not have yet',
    `=== kustomization.yaml
resources: [a.yaml]
patches: [{path: p.yaml}]
=== a.yaml
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {hostNetwork: true}}
=== p.yaml
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers: [{$patch: replace}, {name: a}]
  initContainers: [{$patch: delete}]
`,
    `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {hostNetwork: true, containers: [{name: a}]}}
`,
  ],
])('%s', async (_name, files, expected) => {
  expect(await renderedObjects(files)).toEqual(documentsOf(expected));
});

test.each<[string, string]>([
  ['a merge patch', '{kind: Pod, metadata: {name: p}, spec: {hostNetwork: true}}'],
  ['a JSON patch', '[{op: remove, path: /spec}]'],
])('%s whose target picks nothing changes nothing, which is told', async (_name, patch) => {
  const files = `=== kustomization.yaml
resources: [a.yaml]
patches: [{target: {kind: Pod, name: misspelt}, patch: "${patch}"}]
=== a.yaml
{apiVersion: v1, kind: Pod, metadata: {name: p}}
`;
  expect((await buildText(files)).objects.map(({ value }) => value)).toEqual([
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } },
  ]);
  expect(await toldProblems(files)).toEqual([
    'note NoEffect kustomization.yaml:2:12 patches[0].target: no object matches this target: the patch changes nothing',
  ]);
});
