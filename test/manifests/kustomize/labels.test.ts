// Labels, annotations and namespaces, and the fields that they reach.
import { expect, test } from 'vitest';
import { documentsOf, renderedObjects } from '../../support/kustomize-cases.ts';

test.each<[string, string, string]>([
  [
    'labels alone leave selectors and templates as they are',
    `=== kustomization.yaml
resources: [a.yaml]
labels: [{pairs: {team: blue, app: web}}]
=== a.yaml
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, labels: {app: old}}, spec: {selector: {matchLabels: {app: old}}, template: {metadata: {labels: {app: old}}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {app: old}}}
`,
    `{
  apiVersion: v1,
  kind: Service,
  metadata: {labels: {app: web, team: blue}, name: s},
  spec: {selector: {app: old}}
}
---
{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {labels: {app: web, team: blue}, name: d},
  spec: {selector: {matchLabels: {app: old}}, template: {metadata: {labels: {app: old}}}}
}
`,
  ],
  [
    'labels in templates too',
    `=== kustomization.yaml
resources: [a.yaml]
labels: [{pairs: {team: blue}, includeTemplates: true}]
=== a.yaml
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {selector: {matchLabels: {app: old}}, template: {spec: {}}}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: c}, spec: {jobTemplate: {spec: {template: {spec: {}}}}}}
`,
    `{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {labels: {team: blue}, name: d},
  spec: {selector: {matchLabels: {app: old}}, template: {metadata: {labels: {team: blue}}, spec: {}}}
}
---
{
  apiVersion: batch/v1,
  kind: CronJob,
  metadata: {labels: {team: blue}, name: c},
  spec: {jobTemplate: {metadata: {labels: {team: blue}}, spec: {template: {metadata: {labels: {team: blue}}, spec: {}}}}}
}
`,
  ],
  [
    'labels in selectors too',
    `=== kustomization.yaml
resources: [a.yaml]
labels: [{pairs: {team: blue}, includeSelectors: true}]
=== a.yaml
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {selector: {matchLabels: {app: old}}, template: {metadata: {labels: {app: old}}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: s}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}, spec: {volumeClaimTemplates: [{metadata: {name: d}}]}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {template: {spec: {}}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: p}, spec: {selector: {matchLabels: {a: b}}}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: net}, spec: {podSelector: {matchLabels: {a: b}}, ingress: [{from: [{podSelector: {matchLabels: {c: d}}}, {namespaceSelector: {}}]}], egress: [{to: [{podSelector: {}}]}]}}
`,
    `{apiVersion: v1, kind: Service, metadata: {labels: {team: blue}, name: s}, spec: {selector: {team: blue}}}
---
{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {labels: {team: blue}, name: d},
  spec: {selector: {matchLabels: {app: old, team: blue}}, template: {metadata: {labels: {app: old, team: blue}}}}
}
---
{
  apiVersion: apps/v1,
  kind: StatefulSet,
  metadata: {labels: {team: blue}, name: s},
  spec:
    {
      selector: {matchLabels: {team: blue}},
      template: {metadata: {labels: {team: blue}}},
      volumeClaimTemplates: [{metadata: {labels: {team: blue}, name: d}}]
    }
}
---
{
  apiVersion: policy/v1,
  kind: PodDisruptionBudget,
  metadata: {labels: {team: blue}, name: p},
  spec: {selector: {matchLabels: {a: b, team: blue}}}
}
---
{
  apiVersion: batch/v1,
  kind: Job,
  metadata: {labels: {team: blue}, name: j},
  spec: {template: {metadata: {labels: {team: blue}}, spec: {}}}
}
---
{
  apiVersion: networking.k8s.io/v1,
  kind: NetworkPolicy,
  metadata: {labels: {team: blue}, name: net},
  spec:
    {
      egress: [{to: [{podSelector: {}}]}],
      ingress: [{from: [{podSelector: {matchLabels: {c: d, team: blue}}}, {namespaceSelector: {}}]}],
      podSelector: {matchLabels: {a: b, team: blue}}
    }
}
`,
  ],
  [
    'commonLabels are the same',
    `=== kustomization.yaml
resources: [a.yaml]
commonLabels: {team: blue, app: new}
=== a.yaml
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: d}, spec: {selector: {matchLabels: {app: old}}}}
---
{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: r}}
---
{apiVersion: v1, kind: ReplicationController, metadata: {name: r}, spec: {selector: {app: old}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {labels: {app: new, team: blue}, name: c}}
---
{
  apiVersion: apps/v1,
  kind: DaemonSet,
  metadata: {labels: {app: new, team: blue}, name: d},
  spec: {selector: {matchLabels: {app: new, team: blue}}, template: {metadata: {labels: {app: new, team: blue}}}}
}
---
{
  apiVersion: apps/v1,
  kind: ReplicaSet,
  metadata: {labels: {app: new, team: blue}, name: r},
  spec: {selector: {matchLabels: {app: new, team: blue}}, template: {metadata: {labels: {app: new, team: blue}}}}
}
---
{
  apiVersion: v1,
  kind: ReplicationController,
  metadata: {labels: {app: new, team: blue}, name: r},
  spec: {selector: {app: new, team: blue}, template: {metadata: {labels: {app: new, team: blue}}}}
}
`,
  ],
  [
    'selectors of affinities and topology constraints',
    `=== kustomization.yaml
resources: [a.yaml]
commonLabels: {team: blue}
=== a.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  template:
    spec:
      topologySpreadConstraints: [{labelSelector: {matchLabels: {app: d}}}, {labelSelector: {}}]
      affinity:
        podAffinity:
          requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {app: d}}}]
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {labelSelector: {matchLabels: {app: d}}}}]
`,
    `{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {labels: {team: blue}, name: d},
  spec:
    {
      selector: {matchLabels: {team: blue}},
      template:
        {
          metadata: {labels: {team: blue}},
          spec:
            {
              affinity:
                {
                  podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {app: d, team: blue}}}]},
                  podAntiAffinity:
                    {
                      preferredDuringSchedulingIgnoredDuringExecution: [{podAffinityTerm: {labelSelector: {matchLabels: {app: d, team: blue}}}, weight: 1}]
                    }
                },
              topologySpreadConstraints: [{labelSelector: {matchLabels: {app: d, team: blue}}}, {labelSelector: {}}]
            }
        }
    }
}
`,
  ],
  [
    "fields of one's own",
    `=== kustomization.yaml
resources: [a.yaml]
labels:
  - pairs: {team: blue}
    fields:
      - {kind: Thing, path: spec/labels, create: true}
      - {kind: Thing, path: spec/missing}
  - pairs: {other: x}
=== a.yaml
{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {labels: {other: x, team: blue}, name: c}}
---
{
  apiVersion: example.com/v1,
  kind: Thing,
  metadata: {labels: {other: x, team: blue}, name: t},
  spec: {labels: {team: blue}}
}
`,
  ],
  [
    'commonAnnotations reach the pod templates',
    `=== kustomization.yaml
resources: [a.yaml]
commonAnnotations: {note: "1"}
=== a.yaml
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, annotations: {old: "0"}}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: c}, spec: {jobTemplate: {spec: {template: {spec: {}}}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: s}}
`,
    `{apiVersion: v1, kind: Service, metadata: {annotations: {note: "1"}, name: s}}
---
{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {annotations: {note: "1", old: "0"}, name: d},
  spec: {template: {metadata: {annotations: {note: "1"}}}}
}
---
{
  apiVersion: batch/v1,
  kind: CronJob,
  metadata: {annotations: {note: "1"}, name: c},
  spec:
    {
      jobTemplate: {metadata: {annotations: {note: "1"}}, spec: {template: {metadata: {annotations: {note: "1"}}, spec: {}}}}
    }
}
`,
  ],
  [
    'a label whose name is odd',
    `=== kustomization.yaml
resources: [a.yaml]
labels: [{pairs: {app.kubernetes.io/name: web, "on": "off"}}]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, labels: null}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {labels: {app.kubernetes.io/name: web, "on": "off"}, name: c}}
`,
  ],
  [
    'the namespace of everything that has one',
    `=== kustomization.yaml
resources: [a.yaml]
namespace: new
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: old}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: old}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: s}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: p}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: v}}
---
{apiVersion: v1, kind: Node, metadata: {name: node}}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: c}}
`,
    `{apiVersion: v1, kind: Namespace, metadata: {name: new}}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: s}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: new}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: new}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: p}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: v}}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: c}}
---
{apiVersion: v1, kind: Node, metadata: {name: node}}
`,
  ],
  [
    'custom kinds are taken to have a namespace',
    `=== kustomization.yaml
resources: [a.yaml]
namespace: new
=== a.yaml
{apiVersion: example.com/v1, kind: ClusterThing, metadata: {name: a}}
---
{apiVersion: example.com/v1, kind: Namespace, metadata: {name: a}}
`,
    `{apiVersion: example.com/v1, kind: Namespace, metadata: {name: a, namespace: new}}
---
{apiVersion: example.com/v1, kind: ClusterThing, metadata: {name: a, namespace: new}}
`,
  ],
  [
    'an API service and a webhook conversion',
    `=== kustomization.yaml
resources: [a.yaml]
namespace: new
=== a.yaml
{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1.a}, spec: {group: a}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a.b}, spec: {conversion: {webhook: {clientConfig: {service: {namespace: old}}}}}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: c.d}, spec: {}}
`,
    `{
  apiVersion: apiextensions.k8s.io/v1,
  kind: CustomResourceDefinition,
  metadata: {name: a.b},
  spec: {conversion: {webhook: {clientConfig: {service: {namespace: new}}}}}
}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: c.d}, spec: {}}
---
{
  apiVersion: apiregistration.k8s.io/v1,
  kind: APIService,
  metadata: {name: v1.a},
  spec: {group: a, service: {namespace: new}}
}
`,
  ],
  [
    'subjects of role bindings: the default account, and those that are in the build',
    `=== kustomization.yaml
resources: [a.yaml]
namespace: new
=== a.yaml
{apiVersion: v1, kind: ServiceAccount, metadata: {name: sa, namespace: old}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}
subjects:
  - {kind: ServiceAccount, name: default, namespace: old}
  - {kind: ServiceAccount, name: sa, namespace: old}
  - {kind: ServiceAccount, name: else, namespace: old}
  - {kind: User, name: joe}
`,
    `{apiVersion: v1, kind: ServiceAccount, metadata: {name: sa, namespace: new}}
---
{
  apiVersion: rbac.authorization.k8s.io/v1,
  kind: ClusterRoleBinding,
  metadata: {name: b},
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r},
  subjects:
    [
      {kind: ServiceAccount, name: default, namespace: new},
      {kind: ServiceAccount, name: sa, namespace: new},
      {kind: ServiceAccount, name: else, namespace: old},
      {kind: User, name: joe}
    ]
}
`,
  ],
  [
    'an overlay changes the namespace of a base',
    `=== over/kustomization.yaml
resources: [../base]
namespace: two
=== base/kustomization.yaml
resources: [a.yaml]
namespace: one
=== base/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: x}}
`,
    `{apiVersion: v1, kind: Namespace, metadata: {name: two}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: two}}
`,
  ],
  [
    'a namespace that is not a text is left to admission',
    `=== kustomization.yaml
resources: [a.yaml]
namespace: one
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: null}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: one}}
`,
  ],
  [
    'labels in claim templates too',
    `=== kustomization.yaml
resources: [a.yaml]
labels: [{pairs: {team: blue}, includeVolumeClaimTemplates: true}]
=== a.yaml
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}, spec: {volumeClaimTemplates: [{metadata: {name: d}}]}}
`,
    `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: s, labels: {team: blue}}
spec: {volumeClaimTemplates: [{metadata: {name: d, labels: {team: blue}}}]}
`,
  ],
])('%s', async (_name, files, expected) => {
  expect(await renderedObjects(files)).toEqual(documentsOf(expected));
});
