// Prefixes, suffixes, hashes, and the references that follow them.
import { expect, test } from 'vitest';
import { documentsOf, renderedObjects } from '../../support/kustomize-cases.ts';

test.each<[string, string, string]>([
  [
    'a prefix and a suffix',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: pre-
nameSuffix: -post
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: pre-a-post}}
`,
  ],
  [
    'namespaces, definitions and API services keep their names',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: pre-
nameSuffix: -post
=== a.yaml
{apiVersion: v1, kind: Namespace, metadata: {name: a}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: things.example.com}}
---
{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1.example.com}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}}
`,
    `{apiVersion: v1, kind: Namespace, metadata: {name: a}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: things.example.com}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: pre-r-post}}
---
{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1.example.com}}
`,
  ],
  [
    'config maps and secrets in all places of a pod',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
---
{apiVersion: v1, kind: Secret, metadata: {name: s}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      imagePullSecrets: [{name: s}, {name: elsewhere}]
      initContainers:
        - name: i
          env: [{name: A, valueFrom: {configMapKeyRef: {name: c, key: k}}}]
          envFrom: [{secretRef: {name: s}}]
      containers:
        - name: c
          env:
            - {name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}
            - {name: B, valueFrom: {configMapKeyRef: {name: other, key: k}}}
          envFrom: [{configMapRef: {name: c}}]
      volumes:
        - {name: one, configMap: {name: c}}
        - {name: two, secret: {secretName: s}}
        - {name: three, projected: {sources: [{configMap: {name: c}}, {secret: {name: s}}]}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: p-c}}
---
{apiVersion: v1, kind: Secret, metadata: {name: p-s}}
---
{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {name: p-web},
  spec:
    {
      template:
        {
          spec:
            {
              containers:
                [
                  {
                      env:
                        [
                          {name: A, valueFrom: {secretKeyRef: {key: k, name: p-s}}},
                          {name: B, valueFrom: {configMapKeyRef: {key: k, name: other}}}
                        ],
                      envFrom: [{configMapRef: {name: p-c}}],
                      name: c
                    }
                ],
              imagePullSecrets: [{name: p-s}, {name: elsewhere}],
              initContainers:
                [
                  {
                      env: [{name: A, valueFrom: {configMapKeyRef: {key: k, name: p-c}}}],
                      envFrom: [{secretRef: {name: p-s}}],
                      name: i
                    }
                ],
              volumes:
                [
                  {configMap: {name: p-c}, name: one},
                  {name: two, secret: {secretName: p-s}},
                  {name: three, projected: {sources: [{configMap: {name: p-c}}, {secret: {name: p-s}}]}}
                ]
            }
        }
    }
}
`,
  ],
  [
    'the same in a cron job, a pod and a stateful set',
    `=== kustomization.yaml
resources: [a.yaml]
nameSuffix: -x
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: j}, spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, envFrom: [{configMapRef: {name: c}}]}]}}}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{name: v, configMap: {name: c}}]}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}, spec: {serviceName: svc, template: {spec: {serviceAccountName: sa, priorityClassName: high, volumes: [{name: v, configMap: {name: c}}, {name: w, persistentVolumeClaim: {claimName: data}}]}}, volumeClaimTemplates: [{metadata: {name: d}, spec: {storageClassName: fast}}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: svc}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: sa}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}, spec: {storageClassName: fast, volumeName: vol}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: vol}, spec: {storageClassName: fast}}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: fast}}
`,
    `{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: fast-x}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: sa-x}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c-x}}
---
{apiVersion: v1, kind: Service, metadata: {name: svc-x}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high-x}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: vol-x}, spec: {storageClassName: fast-x}}
---
{
  apiVersion: v1,
  kind: PersistentVolumeClaim,
  metadata: {name: data-x},
  spec: {storageClassName: fast-x, volumeName: vol-x}
}
---
{
  apiVersion: apps/v1,
  kind: StatefulSet,
  metadata: {name: s-x},
  spec:
    {
      serviceName: svc-x,
      template:
        {
          spec:
            {
              priorityClassName: high-x,
              serviceAccountName: sa-x,
              volumes: [{configMap: {name: c-x}, name: v}, {name: w, persistentVolumeClaim: {claimName: data-x}}]
            }
        },
      volumeClaimTemplates: [{metadata: {name: d}, spec: {storageClassName: fast-x}}]
    }
}
---
{
  apiVersion: batch/v1,
  kind: CronJob,
  metadata: {name: j-x},
  spec: {jobTemplate: {spec: {template: {spec: {containers: [{envFrom: [{configMapRef: {name: c-x}}], name: c}]}}}}}
}
---
{apiVersion: v1, kind: Pod, metadata: {name: p-x}, spec: {volumes: [{configMap: {name: c-x}, name: v}]}}
`,
  ],
  [
    'an ingress, its services, its certificates and its class',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
=== a.yaml
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, annotations: {nginx.ingress.kubernetes.io/auth-secret: cert}}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: web, port: {number: 80}}}
  rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
  tls: [{secretName: cert}]
---
{apiVersion: v1, kind: Service, metadata: {name: web}}
---
{apiVersion: v1, kind: Secret, metadata: {name: cert}}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}}
`,
    `{apiVersion: v1, kind: Secret, metadata: {name: p-cert}}
---
{apiVersion: v1, kind: Service, metadata: {name: p-web}}
---
{
  apiVersion: networking.k8s.io/v1,
  kind: Ingress,
  metadata: {annotations: {nginx.ingress.kubernetes.io/auth-secret: p-cert}, name: p-i},
  spec:
    {
      defaultBackend: {service: {name: p-web, port: {number: 80}}},
      ingressClassName: nginx,
      rules:
        [
          {
              host: a.example,
              http: {paths: [{backend: {service: {name: p-web, port: {number: 80}}}, path: /, pathType: Prefix}]}
            }
        ],
      tls: [{secretName: p-cert}]
    }
}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: p-nginx}}
`,
  ],
  [
    'the target of an autoscaler',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
=== a.yaml
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}
`,
    `{apiVersion: apps/v1, kind: Deployment, metadata: {name: p-web}}
---
{
  apiVersion: autoscaling/v2,
  kind: HorizontalPodAutoscaler,
  metadata: {name: p-h},
  spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: p-web}}
}
`,
  ],
  [
    'role bindings follow roles and service accounts',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
namespace: ns
=== a.yaml
{apiVersion: v1, kind: ServiceAccount, metadata: {name: sa}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{resources: [secrets], resourceNames: [s, t]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}}
---
{apiVersion: v1, kind: Secret, metadata: {name: s}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: [{kind: ServiceAccount, name: sa}, {kind: ServiceAccount, name: default}, {kind: User, name: joe}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: c}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}
subjects: [{kind: ServiceAccount, name: sa, namespace: default}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: d}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}
subjects: [{kind: ServiceAccount, name: sa, namespace: elsewhere}, {kind: ServiceAccount, name: sa}]
`,
    `{apiVersion: v1, kind: ServiceAccount, metadata: {name: p-sa, namespace: ns}}
---
{
  apiVersion: rbac.authorization.k8s.io/v1,
  kind: Role,
  metadata: {name: p-r, namespace: ns},
  rules: [{resourceNames: [p-s, t], resources: [secrets]}]
}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: p-r}}
---
{
  apiVersion: rbac.authorization.k8s.io/v1,
  kind: RoleBinding,
  metadata: {name: p-b, namespace: ns},
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: p-r},
  subjects:
    [
      {kind: ServiceAccount, name: p-sa, namespace: ns},
      {kind: ServiceAccount, name: default, namespace: ns},
      {kind: User, name: joe}
    ]
}
---
{
  apiVersion: rbac.authorization.k8s.io/v1,
  kind: RoleBinding,
  metadata: {name: p-c, namespace: ns},
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: p-r},
  subjects: [{kind: ServiceAccount, name: p-sa, namespace: ns}]
}
---
{
  apiVersion: rbac.authorization.k8s.io/v1,
  kind: ClusterRoleBinding,
  metadata: {name: p-d},
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: p-r},
  subjects: [{kind: ServiceAccount, name: sa, namespace: elsewhere}, {kind: ServiceAccount, name: p-sa, namespace: ns}]
}
---
{apiVersion: v1, kind: Secret, metadata: {name: p-s, namespace: ns}}
`,
  ],
  [
    'a service account of another namespace',
    `=== kustomization.yaml
resources: [one, two]
=== one/kustomization.yaml
resources: [a.yaml]
namespace: one
namePrefix: p-
=== one/a.yaml
{apiVersion: v1, kind: ServiceAccount, metadata: {name: sa}}
=== two/kustomization.yaml
resources: [b.yaml]
namespace: two
=== two/b.yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: [{kind: ServiceAccount, name: sa, namespace: one}]
`,
    `{apiVersion: v1, kind: ServiceAccount, metadata: {name: p-sa, namespace: one}}
---
{
  apiVersion: rbac.authorization.k8s.io/v1,
  kind: RoleBinding,
  metadata: {name: b, namespace: two},
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r},
  subjects: [{kind: ServiceAccount, name: p-sa, namespace: one}]
}
`,
  ],
  [
    'references of an overlay to what a base has renamed',
    `=== over/kustomization.yaml
resources: [../base, pod.yaml]
namePrefix: o-
=== over/pod.yaml
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{name: v, configMap: {name: b-a}}, {name: w, configMap: {name: a}}]}}
=== base/kustomization.yaml
resources: [a.yaml]
namePrefix: b-
=== base/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: o-b-a}}
---
{
  apiVersion: v1,
  kind: Pod,
  metadata: {name: o-p},
  spec: {volumes: [{configMap: {name: o-b-a}, name: v}, {configMap: {name: o-b-a}, name: w}]}
}
`,
  ],
  [
    'a reference stays in its own namespace',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: other}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: mine}, spec: {volumes: [{name: v, configMap: {name: c}}]}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: p-c, namespace: other}}
---
{
  apiVersion: v1,
  kind: Pod,
  metadata: {name: p-p, namespace: mine},
  spec: {volumes: [{configMap: {name: c}, name: v}]}
}
`,
  ],
  [
    'generated names carry the hash of their content, and references follow',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
configMapGenerator: [{name: settings, literals: [a=b]}]
secretGenerator: [{name: keys, literals: [k=v]}]
=== a.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: c, envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: keys}}]}]}}}
`,
    `{apiVersion: v1, data: {a: b}, kind: ConfigMap, metadata: {name: p-settings-4h2mbtbbt6}}
---
{apiVersion: v1, data: {k: dg==}, kind: Secret, metadata: {name: p-keys-ftgtgc4t9f}, type: Opaque}
---
{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {name: p-web},
  spec:
    {
      template:
        {
          spec:
            {
              containers: [{envFrom: [{configMapRef: {name: p-settings-4h2mbtbbt6}}, {secretRef: {name: p-keys-ftgtgc4t9f}}], name: c}]
            }
        }
    }
}
`,
  ],
  [
    'two layers, and an overlay that merges into what a base generates',
    `=== over/kustomization.yaml
resources: [../base]
nameSuffix: -v2
configMapGenerator: [{name: settings, behavior: merge, literals: [b=2]}]
=== base/kustomization.yaml
resources: [a.yaml]
configMapGenerator: [{name: settings, literals: [a=1, b=1]}]
=== base/a.yaml
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{name: v, configMap: {name: settings}}]}}
`,
    `{apiVersion: v1, data: {a: "1", b: "2"}, kind: ConfigMap, metadata: {name: settings-v2-7gdc49gk6d}}
---
{
  apiVersion: v1,
  kind: Pod,
  metadata: {name: p-v2},
  spec: {volumes: [{configMap: {name: settings-v2-7gdc49gk6d}, name: v}]}
}
`,
  ],
  [
    'a patched generator has the hash of the patched content',
    `=== kustomization.yaml
configMapGenerator: [{name: settings, literals: [a=1]}]
patches:
  - patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {b: "2"}}'
`,
    `{apiVersion: v1, data: {a: "1", b: "2"}, kind: ConfigMap, metadata: {name: settings-7gdc49gk6d}}
`,
  ],
  [
    'an annotation with a slash in its name',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
=== a.yaml
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, annotations: {nginx.ingress.kubernetes.io/fastcgi-params-configmap: c}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: p-c}}
---
{
  apiVersion: networking.k8s.io/v1,
  kind: Ingress,
  metadata: {annotations: {nginx.ingress.kubernetes.io/fastcgi-params-configmap: p-c}, name: p-i}
}
`,
  ],
  [
    'a webhook refers to its service by name and namespace',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
namespace: ns
=== a.yaml
{apiVersion: v1, kind: Service, metadata: {name: hook}}
---
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: w}, webhooks: [{name: a.b.c, clientConfig: {service: {name: hook, namespace: default}}}, {name: d.e.f, clientConfig: {service: {name: hook, namespace: other}}}]}
`,
    `{apiVersion: v1, kind: Service, metadata: {name: p-hook, namespace: ns}}
---
{
  apiVersion: admissionregistration.k8s.io/v1,
  kind: ValidatingWebhookConfiguration,
  metadata: {name: p-w},
  webhooks:
    [
      {clientConfig: {service: {name: p-hook, namespace: ns}}, name: a.b.c},
      {clientConfig: {service: {name: hook, namespace: other}}, name: d.e.f}
    ]
}
`,
  ],
  [
    'a configuration names more fields with names',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
configurations: [config.yaml]
=== a.yaml
{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}, spec: {configs: [{ref: c}, {ref: other}], self: t}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, annotations: {thing: t}}}
=== config.yaml
nameReference:
  - kind: ConfigMap
    version: v1
    fieldSpecs: [{kind: Thing, path: spec/configs/ref}]
  - kind: Thing
    group: example.com
    fieldSpecs: [{kind: ConfigMap, path: metadata/annotations/thing}]
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {annotations: {thing: p-t}, name: p-c}}
---
{
  apiVersion: example.com/v1,
  kind: Thing,
  metadata: {name: p-t},
  spec: {configs: [{ref: p-c}, {ref: other}], self: t}
}
`,
  ],
  [
    'a configuration of a base holds for its overlays',
    `=== over/kustomization.yaml
resources: [../base]
namePrefix: p-
commonLabels: {a: b}
=== base/kustomization.yaml
resources: [a.yaml]
configurations: [config.yaml]
=== base/a.yaml
{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}, spec: {ref: c}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
=== base/config.yaml
nameReference:
  - kind: ConfigMap
    fieldSpecs: [{kind: Thing, path: spec/ref}]
commonLabels:
  - {kind: Thing, path: spec/selector, create: true}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {labels: {a: b}, name: p-c}}
---
{
  apiVersion: example.com/v1,
  kind: Thing,
  metadata: {labels: {a: b}, name: p-t},
  spec: {ref: p-c, selector: {a: b}}
}
`,
  ],
  [
    'a configuration with more fields for prefixes, namespaces and annotations',
    `=== kustomization.yaml
resources: [a.yaml]
namePrefix: p-
namespace: ns
commonAnnotations: {a: b}
configurations: [config.yaml]
=== a.yaml
{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}, spec: {alias: t, where: old}}
=== config.yaml
namePrefix: [{kind: Thing, path: spec/alias}]
namespace: [{kind: Thing, path: spec/where, create: true}]
commonAnnotations: [{kind: Thing, path: spec/template/annotations, create: true}]
`,
    `{
  apiVersion: example.com/v1,
  kind: Thing,
  metadata: {annotations: {a: b}, name: p-t, namespace: ns},
  spec: {alias: p-t, template: {annotations: {a: b}}, where: ns}
}
`,
  ],
])('%s', async (_name, files, expected) => {
  expect(await renderedObjects(files)).toEqual(documentsOf(expected));
});
