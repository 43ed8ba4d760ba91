// Webhooks: every mistake with what people are told.
import { expect, test } from 'vitest';
import { dns1035, labelValue, qualified, subdomain } from '../../support/kubernetes-words.ts';
import { faultsOfKind } from '../../support/object-faults.ts';

test.each<[string, string, string[]]>([
  ['none', '', []],
  [
    'two names',
    'webhooks: [{name: a.b, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {service: {namespace: a, name: b}}}, {name: A.b.c, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {service: {namespace: a, name: b}}}]',
    [
      'webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots',
      `webhooks[1].name: Invalid value: "A.b.c": ${subdomain}`,
    ],
  ],
  [
    'a name twice',
    'webhooks: [{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {service: {namespace: a, name: b}}}, {name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {service: {namespace: a, name: b}}}]',
    ['webhooks[1].name: Duplicate value: "a.example.com"'],
  ],
  [
    'nothing needed',
    'webhooks: [{name: a.example.com}]',
    [
      'webhooks[0].clientConfig: Required value',
      'webhooks[0].sideEffects: Required value',
      'webhooks[0].admissionReviewVersions: Required value',
    ],
  ],
  [
    'side effects',
    'webhooks: [{name: a.example.com, sideEffects: Some, admissionReviewVersions: [v1], clientConfig: {service: {namespace: a, name: b}}}]',
    ['webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
  ],
  [
    'side effects of other kinds',
    'webhooks: [{name: a.example.com, sideEffects: Many, admissionReviewVersions: [v1], clientConfig: {service: {namespace: a, name: b}}}]',
    ['webhooks[0].sideEffects: "Many" is not one of None, NoneOnDryRun, Some, Unknown.'],
  ],
  [
    'no version that is spoken',
    'webhooks: [{name: a.example.com, sideEffects: None, admissionReviewVersions: [v2, v2, V3], clientConfig: {service: {namespace: a, name: b}}}]',
    [
      'webhooks[0].admissionReviewVersions: Invalid value: ["v2","v2","V3"]: must include at least one of v1, v1beta1',
      'webhooks[0].admissionReviewVersions[1]: Invalid value: "v2": duplicate version',
      `webhooks[0].admissionReviewVersions[2]: Invalid value: "V3": ${dns1035}`,
    ],
  ],
])('webhooks: %s', (_what, rest, faults) => {
  expect(faultsOfKind('ValidatingWebhookConfiguration', 'admissionregistration.k8s.io/v1', rest)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  [
    'right',
    'clientConfig: {service: {namespace: a, name: b}}, reinvocationPolicy: IfNeeded, matchConditions: [{name: a, expression: "true"}]',
    [],
  ],
  [
    'neither URL nor Service',
    'clientConfig: {}',
    ['webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
  ],
  [
    'URL and Service',
    'clientConfig: {url: "https://a", service: {namespace: a, name: b}}',
    ['webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
  ],
  [
    'another scheme',
    'clientConfig: {url: "http://a/b"}',
    [
      'webhooks[0].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
    ],
  ],
  [
    'no host',
    'clientConfig: {url: "https:///b"}',
    ['webhooks[0].clientConfig.url: Invalid value: "": host must be provided; desired format: https://host[/path]'],
  ],
  [
    'more than a URL may have',
    'clientConfig: {url: "https://u:p@a/b?c=d#e"}',
    [
      'webhooks[0].clientConfig.url: Invalid value: user information is not permitted in the URL',
      'webhooks[0].clientConfig.url: Invalid value: "e": fragments are not permitted in the URL',
      'webhooks[0].clientConfig.url: Invalid value: "c=d": query parameters are not permitted in the URL',
    ],
  ],
  ['no Service', 'clientConfig: {service: {name: b}}', ['webhooks[0].clientConfig.service.namespace: Required value']],
  [
    'a bad Service',
    'clientConfig: {service: {namespace: a, name: b, port: 0, path: c}}',
    [
      'webhooks[0].clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
      'webhooks[0].clientConfig.service.path: Invalid value: "c": must start with a \'/\'',
    ],
  ],
  [
    'bad paths',
    'clientConfig: {service: {namespace: a, name: b, path: /c//d}}',
    ['webhooks[0].clientConfig.service.path: Invalid value: "/c//d": segment[1] may not be empty'],
  ],
  [
    'bad steps',
    'clientConfig: {service: {namespace: a, name: b, path: /C/}}',
    [`webhooks[0].clientConfig.service.path: Invalid value: "/C/": segment[0]: ${subdomain}`],
  ],
  [
    'a timeout',
    'clientConfig: {service: {namespace: a, name: b}}, timeoutSeconds: 31',
    ['webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds'],
  ],
  [
    'bad selectors',
    'clientConfig: {service: {namespace: a, name: b}}, namespaceSelector: {matchLabels: {a: "b c"}}, objectSelector: {matchExpressions: [{key: a, operator: NotIn}]}',
    [
      `webhooks[0].namespaceSelector.matchLabels.a: Invalid value: "b c": ${labelValue}`,
      "webhooks[0].objectSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
  ],
  [
    'a bad policy',
    'clientConfig: {service: {namespace: a, name: b}}, failurePolicy: fail',
    ['webhooks[0].failurePolicy: "fail" is not one of Fail, Ignore. Did you mean "Fail"?'],
  ],
  [
    'conditions',
    'clientConfig: {service: {namespace: a, name: b}}, matchConditions: [{name: a, expression: "true"}, {name: a, expression: "true"}, {name: "b c", expression: "true"}]',
    [
      'webhooks[0].matchConditions[1].name: Duplicate value: "a"',
      `webhooks[0].matchConditions[2].name: Invalid value: "b c": ${qualified}`,
    ],
  ],
  [
    'a condition of nothing',
    'clientConfig: {service: {namespace: a, name: b}}, matchConditions: [{name: a}]',
    ['webhooks[0].matchConditions[0].expression: Required value'],
  ],
])('webhook: %s', (_what, rest, faults) => {
  expect(
    faultsOfKind(
      'MutatingWebhookConfiguration',
      'admissionregistration.k8s.io/v1',
      `webhooks: [{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], ${rest}}]`,
    ),
  ).toEqual(faults);
});

test.each<[string, string, string[]]>([
  ['right', 'operations: [CREATE, UPDATE], apiGroups: [""], apiVersions: [v1], resources: [pods, pods/*]', []],
  [
    'nothing needed',
    'scope: Cluster',
    [
      'webhooks[0].rules[0].operations: Required value',
      'webhooks[0].rules[0].apiGroups: Required value',
      'webhooks[0].rules[0].apiVersions: Required value',
      'webhooks[0].rules[0].resources: Required value',
    ],
  ],
  [
    'a bad operation',
    'operations: [create], apiGroups: [""], apiVersions: [v1], resources: [pods]',
    ['webhooks[0].rules[0].operations[0]: "create" is not one of *, CREATE, UPDATE, DELETE, CONNECT. Did you mean "CREATE"?'],
  ],
  [
    'everything and more',
    'operations: ["*", CREATE], apiGroups: ["*", apps], apiVersions: ["*", v1], resources: ["*", pods]',
    [
      'webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
      'webhooks[0].rules[0].apiGroups: Invalid value: ["*","apps"]: if \'*\' is present, must not specify other API groups',
      'webhooks[0].rules[0].apiVersions: Invalid value: ["*","v1"]: if \'*\' is present, must not specify other API versions',
      'webhooks[0].rules[0].resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
    ],
  ],
  [
    'all and more',
    'operations: [CREATE], apiGroups: [""], apiVersions: [""], resources: ["*/*", pods]',
    [
      'webhooks[0].rules[0].apiVersions[0]: Required value',
      'webhooks[0].rules[0].resources: Invalid value: ["*/*","pods"]: if \'*/*\' is present, must not specify other resources',
    ],
  ],
  [
    'parts and more',
    'operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods/*, pods/log, "*/status", jobs/status, ""]',
    [
      'webhooks[0].rules[0].resources[1]: Invalid value: "pods/log": if \'pods/*\' is present, must not specify pods/log',
      'webhooks[0].rules[0].resources[3]: Invalid value: "jobs/status": if \'*/status\' is present, must not specify jobs/status',
      'webhooks[0].rules[0].resources[4]: Required value',
    ],
  ],
])('rule: %s', (_what, rest, faults) => {
  expect(
    faultsOfKind(
      'ValidatingWebhookConfiguration',
      'admissionregistration.k8s.io/v1',
      `webhooks: [{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {service: {namespace: a, name: b}}, rules: [{${rest}}]}]`,
    ),
  ).toEqual(faults);
});
