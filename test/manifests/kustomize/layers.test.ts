// Resources, bases, components and the order of the result.
import { expect, test } from 'vitest';
import { documentsOf, renderedObjects } from '../../support/kustomize-cases.ts';

test.each<[string, string, string]>([
  [
    'files with several documents, JSON, and lists',
    `=== kustomization.yaml
resources: [many.yaml, one.json, ./sub/list.yaml]
=== many.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
# nothing
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
=== one.json
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
=== sub/list.yaml
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: d}}
  - apiVersion: v1
    kind: ConfigMapList
    items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: e}}]
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: d}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: e}}
`,
  ],
  [
    'a file without an object',
    `=== kustomization.yaml
resources: [a.yaml, empty.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
=== empty.yaml
# later
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
  ],
  [
    'three layers, each with its changes',
    `=== apps/prod/kustomization.yaml
resources: [../stage]
namePrefix: prod-
labels: [{pairs: {stage: prod}}]
=== apps/stage/kustomization.yaml
resources: [../base]
namespace: web
namePrefix: s-
labels: [{pairs: {stage: stage, team: blue}}]
=== apps/base/kustomization.yaml
resources: [a.yaml]
commonAnnotations: {from: base}
=== apps/base/a.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: c, envFrom: [{configMapRef: {name: settings}}]}]}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}
`,
    `{
  apiVersion: v1,
  kind: ConfigMap,
  metadata: {annotations: {from: base}, labels: {stage: prod, team: blue}, name: prod-s-settings, namespace: web}
}
---
{
  apiVersion: apps/v1,
  kind: Deployment,
  metadata: {annotations: {from: base}, labels: {stage: prod, team: blue}, name: prod-s-web, namespace: web},
  spec:
    {
      template:
        {
          metadata: {annotations: {from: base}},
          spec: {containers: [{envFrom: [{configMapRef: {name: prod-s-settings}}], name: c}]}
        }
    }
}
`,
  ],
  [
    'one base through two layers with prefixes of their own',
    `=== kustomization.yaml
resources: [one, two]
=== one/kustomization.yaml
resources: [../base]
namePrefix: one-
=== two/kustomization.yaml
resources: [../base]
namePrefix: two-
=== base/kustomization.yaml
resources: [a.yaml]
=== base/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{name: v, configMap: {name: a}}]}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: one-a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: two-a}}
---
{apiVersion: v1, kind: Pod, metadata: {name: one-p}, spec: {volumes: [{configMap: {name: one-a}, name: v}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: two-p}, spec: {volumes: [{configMap: {name: two-a}, name: v}]}}
`,
  ],
  [
    'one base in two namespaces',
    `=== kustomization.yaml
resources: [one, two]
=== one/kustomization.yaml
resources: [../base]
namespace: one
=== two/kustomization.yaml
resources: [../base]
namespace: two
nameSuffix: -two
=== base/kustomization.yaml
resources: [a.yaml]
=== base/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{name: v, configMap: {name: a}}]}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: one}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a-two, namespace: two}}
---
{
  apiVersion: v1,
  kind: Pod,
  metadata: {name: p, namespace: one},
  spec: {volumes: [{configMap: {name: a}, name: v}]}
}
---
{
  apiVersion: v1,
  kind: Pod,
  metadata: {name: p-two, namespace: two},
  spec: {volumes: [{configMap: {name: a-two}, name: v}]}
}
`,
  ],
  [
    'a component works on what there is',
    `=== overlay/kustomization.yaml
resources: [../base]
components: [../parts/extra]
namePrefix: p-
=== base/kustomization.yaml
resources: [a.yaml]
=== base/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
=== parts/extra/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources: [b.yaml]
patches:
  - patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {from: component}}'
labels: [{pairs: {part: extra}}]
=== parts/extra/b.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
`,
    `{apiVersion: v1, data: {from: component}, kind: ConfigMap, metadata: {labels: {part: extra}, name: p-a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {labels: {part: extra}, name: p-b}}
`,
  ],
  [
    'components in their order, each sees what the one before did',
    `=== overlay/kustomization.yaml
resources: [a.yaml]
components: [../one, ../two]
patches:
  - patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {last: overlay}}'
=== overlay/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
=== one/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {name: a}
    patch: '[{"op": "add", "path": "/data", "value": {"x": "1", "last": "one"}}]'
=== two/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {name: a}
    patch: '[{"op": "replace", "path": "/data/last", "value": "two"}, {"op": "test", "path": "/data/x", "value": "1"}]'
`,
    `{apiVersion: v1, data: {last: overlay, x: "1"}, kind: ConfigMap, metadata: {name: a}}
`,
  ],
  [
    'a component inside a component',
    `=== overlay/kustomization.yaml
resources: [a.yaml]
components: [../outer]
=== overlay/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
=== outer/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
components: [../inner]
namePrefix: o-
=== inner/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
nameSuffix: -i
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: o-a-i}}
`,
  ],
  [
    'bases are resources',
    `=== overlay/kustomization.yaml
bases: [../base]
resources: [b.yaml]
=== overlay/b.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
=== base/kustomization.yml
resources: [a.yaml]
=== base/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
`,
  ],
  [
    'the file may be called Kustomization',
    `=== Kustomization
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
  ],
  [
    'objects for tools alone are left out',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {config.kubernetes.io/local-config: "true"}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, annotations: {config.kubernetes.io/local-config: "false"}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, annotations: {config.kubernetes.io/local-config: ""}}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {annotations: {config.kubernetes.io/local-config: "false"}, name: b}}
`,
  ],
  [
    'sorted by kind unless something else is asked for',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: Service, metadata: {name: b}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}
---
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: w}}
---
{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}}
---
{apiVersion: v1, kind: Service, metadata: {name: a, namespace: z}}
---
{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: j}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ns}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
`,
    `{apiVersion: v1, kind: Namespace, metadata: {name: ns}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
---
{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}}
---
{apiVersion: v1, kind: Service, metadata: {name: a, namespace: z}}
---
{apiVersion: v1, kind: Service, metadata: {name: b}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: j}}
---
{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}}
---
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: w}}
`,
  ],
  [
    'in the order of the files',
    `=== kustomization.yaml
sortOptions: {order: fifo}
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: Service, metadata: {name: b}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ns}}
---
{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: in-a-list}}]}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
`,
    `{apiVersion: v1, kind: Service, metadata: {name: b}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ns}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: in-a-list}}
`,
  ],
  [
    "in an order of one's own",
    `=== kustomization.yaml
sortOptions:
  order: legacy
  legacySortOptions: {orderFirst: [Service, ConfigMap], orderLast: [Namespace]}
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: Namespace, metadata: {name: ns}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}}
---
{apiVersion: v1, kind: Service, metadata: {name: s}}
`,
    `{apiVersion: v1, kind: Service, metadata: {name: s}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ns}}
`,
  ],
  [
    'the order of a base does not count',
    `=== over/kustomization.yaml
resources: [../base]
=== base/kustomization.yaml
sortOptions: {order: fifo}
resources: [a.yaml]
=== base/a.yaml
{apiVersion: v1, kind: Service, metadata: {name: b}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ns}}
`,
    `{apiVersion: v1, kind: Namespace, metadata: {name: ns}}
---
{apiVersion: v1, kind: Service, metadata: {name: b}}
`,
  ],
  [
    'objects of one name in two groups, versions or kinds',
    `=== kustomization.yaml
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: Secret, metadata: {name: a}}
---
{apiVersion: example.com/v1, kind: Secret, metadata: {name: a}}
---
{apiVersion: example.com/v2, kind: Secret, metadata: {name: a}}
---
{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: other}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: example.com/v1, kind: Secret, metadata: {name: a}}
---
{apiVersion: example.com/v2, kind: Secret, metadata: {name: a}}
---
{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: other}}
---
{apiVersion: v1, kind: Secret, metadata: {name: a}}
`,
  ],
  [
    'metadata of the kustomization itself',
    `=== kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
metadata: {name: whatever}
resources: [a.yaml]
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
  ],
  [
    'fields that are null or empty',
    `=== kustomization.yaml
resources: [a.yaml]
patches:
components: []
labels:
namePrefix: ""
images: []
=== a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
`,
  ],
])('%s', async (_name, files, expected) => {
  expect(await renderedObjects(files)).toEqual(documentsOf(expected));
});
