// Custom resources and API services: every mistake with what people are told.
import { expect, test } from 'vitest';
import { dns1035, subdomain } from '../../support/kubernetes-words.ts';
import { faultsOfKind } from '../../support/object-faults.ts';

test.each<[string, string, string[]]>([
  [
    'right',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]',
    [],
  ],
  [
    'nothing needed',
    'names: {}',
    ['spec.versions: Required value', 'spec.names.plural: Required value', 'spec.names.kind: Required value'],
  ],
  [
    'no storage version',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: false, schema: {openAPIV3Schema: {}}}]',
    ['spec.versions: Invalid value: must have exactly one version marked as storage version'],
  ],
  [
    'two storage versions',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}, {name: v2, served: true, storage: true, schema: {openAPIV3Schema: {}}}]',
    ['spec.versions: Invalid value: must have exactly one version marked as storage version'],
  ],
  [
    'a version twice',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}, {name: v1, served: true, storage: false, schema: {openAPIV3Schema: {}}}]',
    ['spec.versions: Invalid value: must contain unique version names'],
  ],
  [
    'a bad version',
    'names: {plural: things, kind: Thing}, versions: [{name: "1", served: true, storage: true, schema: {openAPIV3Schema: {}}}]',
    [`spec.versions[0].name: Invalid value: "1": ${dns1035}`],
  ],
  [
    'no schema',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true}]',
    ['spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required'],
  ],
  [
    'a warning without deprecation',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, deprecationWarning: old, schema: {openAPIV3Schema: {}}}]',
    ['spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions'],
  ],
  [
    'a bad scale',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {}}, subresources: {status: {}, scale: {specReplicasPath: .replicas, statusReplicasPath: .spec.a}}}]',
    [
      'spec.versions[0].subresources.scale.specReplicasPath: Invalid value: ".replicas": should be a json path under .spec',
      'spec.versions[0].subresources.scale.statusReplicasPath: Invalid value: ".spec.a": should be a json path under .status',
    ],
  ],
  [
    'bad names',
    'names: {plural: things, singular: 1thing, kind: T_hing, listKind: T_hing, shortNames: [T], categories: ["a b"]}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]',
    [
      `spec.names.singular: Invalid value: "1thing": ${dns1035}`,
      `spec.names.kind: Invalid value: "T_hing": may have mixed case, but should otherwise match: ${dns1035}`,
      `spec.names.listKind: Invalid value: "T_hing": may have mixed case, but should otherwise match: ${dns1035}`,
      'spec.names.listKind: Invalid value: "T_hing": kind and listKind may not be the same',
      `spec.names.shortNames[0]: Invalid value: "T": ${dns1035}`,
      `spec.names.categories[0]: Invalid value: "a b": ${dns1035}`,
    ],
  ],
  [
    'unknown fields',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}], preserveUnknownFields: true',
    [
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
  ],
  [
    'as long ago',
    'names: {plural: things, kind: Thing}, version: v1, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]',
    ['spec.version: unknown field "version". Did you mean "versions"?'],
  ],
  [
    'a conversion by nobody',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}], conversion: {strategy: Webhook}',
    ['spec.conversion.webhook.clientConfig: Required value: required when strategy is set to Webhook'],
  ],
  [
    'a webhook without conversion',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}], conversion: {strategy: None, webhook: {conversionReviewVersions: [v1]}}',
    ['spec.conversion.webhook: Forbidden: should not be set when strategy is not set to Webhook'],
  ],
  [
    'a conversion',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}], conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {url: "http://a"}}}',
    [
      'spec.conversion.webhook.clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
    ],
  ],
  [
    'every word of a schema',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, description: a, required: [a], properties: {a: {type: array, items: {type: string, default: null, enum: [a, 1]}, x-kubernetes-list-type: set}, description: {additionalProperties: true}, b: {anyOf: [{type: integer}, {type: string}], x-kubernetes-int-or-string: true, x-kubernetes-validations: [{rule: "true"}]}}}}}]',
    [],
  ],
  [
    'a bad schema',
    'names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {properties: {a: {typ: object}, b: {type: [a, b]}}}}}]',
    [
      'spec.versions[0].schema.openAPIV3Schema.properties.a.typ: unknown field "typ". Did you mean "type"?',
      'spec.versions[0].schema.openAPIV3Schema.properties.b.type: must be a string, not a list',
    ],
  ],
])('CustomResourceDefinition: %s', (_what, rest, faults) => {
  expect(
    faultsOfKind(
      'CustomResourceDefinition',
      'apiextensions.k8s.io/v1',
      `spec: {group: example.com, scope: Namespaced, ${rest}}`,
      'things.example.com',
    ),
  ).toEqual(faults);
});

test.each<[string, string, string[], string?]>([
  [
    'another name',
    'spec: {group: example.com, scope: Cluster, names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}',
    ['metadata.name: Invalid value: "thing.example.com": must be spec.names.plural+"."+spec.group'],
    'thing.example.com',
  ],
  [
    'a bad group',
    'spec: {group: Example.com, scope: Cluster, names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}',
    [
      `metadata.name: Invalid value: "things.Example.com": ${subdomain}`,
      `spec.group: Invalid value: "Example.com": ${subdomain}`,
    ],
    'things.Example.com',
  ],
  [
    'a short group',
    'spec: {group: example, scope: Cluster, names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}',
    ['spec.group: Invalid value: "example": should be a domain with at least one dot'],
    'things.example',
  ],
  [
    'a bad scope',
    'spec: {group: example.com, scope: Namespace, names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}',
    ['spec.scope: "Namespace" is not one of Namespaced, Cluster. Did you mean "Namespaced"?'],
    'things.example.com',
  ],
])('definition: %s', (_what, rest, faults, name) => {
  expect(faultsOfKind('CustomResourceDefinition', 'apiextensions.k8s.io/v1', rest, name)).toEqual(faults);
});

test.each<[string, string, string[], string?]>([
  [
    'right',
    'spec: {group: metrics.k8s.io, version: v1beta1, service: {namespace: a, name: b}, groupPriorityMinimum: 100, versionPriority: 100}',
    [],
    'v1beta1.metrics.k8s.io',
  ],
  [
    'another name',
    'spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100}',
    ['metadata.name: Invalid value: "metrics": must be `spec.version+"."+spec.group`: "v1beta1.metrics.k8s.io"'],
    'metrics',
  ],
  [
    'no group',
    'spec: {version: v2, groupPriorityMinimum: 100, versionPriority: 100}',
    ['spec.group: Required value: only v1 may have an empty group and it better be legacy kube'],
    'v2.',
  ],
  ['the group without a name', 'spec: {version: v1, groupPriorityMinimum: 100, versionPriority: 100}', [], 'v1.'],
  [
    'bad parts',
    'spec: {group: A, version: "1", groupPriorityMinimum: 0, versionPriority: 1001}',
    [
      `spec.group: Invalid value: "A": ${subdomain}`,
      `spec.version: Invalid value: "1": ${dns1035}`,
      'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
      'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000',
    ],
    '1.A',
  ],
  [
    'a group of too high a rank',
    'spec: {group: a.b, version: v1, groupPriorityMinimum: 20001, versionPriority: 0}',
    [
      'spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000',
      'spec.versionPriority: Invalid value: 0: must be positive and less than 1000',
    ],
    'v1.a.b',
  ],
  [
    'certificates of nobody',
    'spec: {group: a.b, version: v1, caBundle: YQ==, insecureSkipTLSVerify: true, groupPriorityMinimum: 1, versionPriority: 1}',
    [
      'spec.caBundle: Invalid value: local APIServices may not have a caBundle',
      'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
    ],
    'v1.a.b',
  ],
  [
    'certificates of anybody',
    'spec: {group: a.b, version: v1, service: {namespace: a, name: b, port: 70000}, caBundle: YQ==, insecureSkipTLSVerify: true, groupPriorityMinimum: 1, versionPriority: 1}',
    [
      'spec.service.port: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
    ],
    'v1.a.b',
  ],
  [
    'no Service',
    'spec: {group: a.b, version: v1, service: {name: b}, groupPriorityMinimum: 1, versionPriority: 1}',
    ['spec.service.namespace: Required value'],
    'v1.a.b',
  ],
])('APIService: %s', (_what, rest, faults, name) => {
  expect(faultsOfKind('APIService', 'apiregistration.k8s.io/v1', rest, name)).toEqual(faults);
});
