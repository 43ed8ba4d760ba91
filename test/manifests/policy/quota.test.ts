// The rules of ResourceQuotas.
import { expect, test } from 'vitest';
import { faultsOf, headOf } from '../../support/workload-text.ts';

const quota = (spec: string): string => `${headOf('ResourceQuota', 'v1')}spec: {${spec}}\n`;

test.each<[string, string, string[]]>([
  [
    'amounts that can be counted',
    quota(
      'hard: {cpu: 4, requests.memory: 8Gi, pods: 10, count/jobs.batch: 5, requests.nvidia.com/gpu: 2, gold.storageclass.storage.k8s.io/requests.storage: 1Ti}',
    ),
    [],
  ],
  [
    'what is not counted',
    quota('hard: {deployments: 3}'),
    ['error Invalid a.yaml:4:15 spec.hard.deployments: Invalid value: "deployments": must be a standard resource for quota'],
  ],
  [
    'a name that is none',
    quota('hard: {a/b/c: 3}'),
    [
      "error Invalid a.yaml:4:15 spec.hard[a/b/c]: Invalid value: \"a/b/c\": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ],
  ],
  [
    'amounts that are none',
    quota('hard: {cpu: lots, memory: -1}'),
    [
      'error Invalid a.yaml:4:15 spec.hard.cpu: Invalid value: "lots": quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
      'error Invalid a.yaml:4:26 spec.hard.memory: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ],
  [
    'half a pod',
    quota('hard: {pods: 500m}'),
    ['error Invalid a.yaml:4:15 spec.hard.pods: Invalid value: "500m": must be an integer'],
  ],
  [
    'an unknown scope',
    quota('scopes: [Best]'),
    [
      'error Invalid a.yaml:4:17 spec.scopes[0]: "Best" is not one of Terminating, NotTerminating, BestEffort, NotBestEffort, PriorityClass, CrossNamespacePodAffinity, VolumeAttributesClass.',
    ],
  ],
  [
    'scopes that contradict each other',
    quota('hard: {pods: 1}, scopes: [Terminating, NotTerminating]'),
    ['error Invalid a.yaml:4:25 spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes'],
  ],
  [
    'a scope that does not fit',
    quota('hard: {services: 1}, scopes: [BestEffort]'),
    ['error Invalid a.yaml:4:29 spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
  ],
  [
    'a selector of scopes',
    quota('hard: {pods: 1}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]}'),
    [],
  ],
  [
    'an operator that does not fit',
    quota('hard: {pods: 1}, scopeSelector: {matchExpressions: [{scopeName: Terminating, operator: In, values: [a]}]}'),
    [
      'error Invalid a.yaml:4:85 spec.scopeSelector.matchExpressions[0].operator: Invalid value: "In": must be \'Exist\' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity',
    ],
  ],
  [
    'an operator without values',
    quota('hard: {pods: 1}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: NotIn}]}'),
    [
      "error Required a.yaml:4:60 spec.scopeSelector.matchExpressions[0].values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    ],
  ],
  [
    'values without use',
    quota('hard: {pods: 1}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: Exists, values: [a]}]}'),
    [
      "error Invalid a.yaml:4:105 spec.scopeSelector.matchExpressions[0].values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
    ],
  ],
  [
    'a selector that contradicts itself',
    quota(
      'hard: {pods: 1, secrets: 1}, scopeSelector: {matchExpressions: [{scopeName: BestEffort, operator: Exists}, {scopeName: NotBestEffort, operator: Exists}]}',
    ),
    [
      'error Invalid a.yaml:4:53 spec.scopeSelector.matchExpressions: Invalid value: [{"scopeName":"BestEffort","operator":"Exists"},{"scopeName":"NotBestEffort","operator":"Exists"}]: unsupported scope applied to resource',
      'error Invalid a.yaml:4:53 spec.scopeSelector.matchExpressions: Invalid value: [{"scopeName":"BestEffort","operator":"Exists"},{"scopeName":"NotBestEffort","operator":"Exists"}]: conflicting scopes',
    ],
  ],
])('%s', (_name, text, lines) => {
  expect(faultsOf(text)).toEqual(lines);
});
