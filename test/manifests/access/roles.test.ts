// Accounts, roles and bindings: every mistake with what people are told.
import { expect, test } from 'vitest';
import { labelValue, subdomain } from '../../support/kubernetes-words.ts';
import { faultsOfKind } from '../../support/object-faults.ts';

test.each<[string, string, string[]]>([
  ['right', '{apiGroups: [""], resources: [pods, pods/log], verbs: [get]}', []],
  ['no rules', '', []],
  ['no verbs', '{apiGroups: [""], resources: [pods]}', ['rules[0].verbs: Required value']],
  ['no verbs at all', '{apiGroups: [""], resources: [pods], verbs: []}', ['rules[0].verbs: Required value']],
  [
    'no groups',
    '{resources: [pods], verbs: [get]}',
    ['rules[0].apiGroups: Required value: resource rules must supply at least one api group'],
  ],
  [
    'no resources',
    '{apiGroups: [""], verbs: [get]}',
    ['rules[0].resources: Required value: resource rules must supply at least one resource'],
  ],
  [
    'paths',
    '{nonResourceURLs: [/healthz], verbs: [get]}',
    ['rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs'],
  ],
  [
    'a group that is no text',
    '{apiGroups: [1], resources: [pods], verbs: [get]}',
    ['rules[0].apiGroups[0]: must be a string, not the number 1; put it in quotes'],
  ],
])('Role: %s', (_what, rest, faults) => {
  expect(faultsOfKind('Role', 'rbac.authorization.k8s.io/v1', `rules: [${rest}]`)).toEqual(faults);
});

test.each<[string, string, string[], string?]>([
  ['with a colon', 'rules: []', [], 'system:controller:Job_1'],
  ['with a slash', 'rules: []', ['metadata.name: Invalid value: "a/b": may not contain \'/\''], 'a/b'],
  ['with a percent sign', 'rules: []', ['metadata.name: Invalid value: "a%b": may not contain \'%\''], 'a%b'],
  ['one dot', 'rules: []', ['metadata.name: Invalid value: ".": may not be \'.\''], '.'],
])('name: %s', (_what, rest, faults, name) => {
  expect(faultsOfKind('Role', 'rbac.authorization.k8s.io/v1', rest, name)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  ['paths', 'rules: [{nonResourceURLs: [/healthz, /metrics], verbs: [get]}]', []],
  [
    'paths and kinds',
    'rules: [{nonResourceURLs: [/healthz], apiGroups: [""], resources: [pods], verbs: [get]}]',
    ['rules[0].nonResourceURLs: Invalid value: ["/healthz"]: rules cannot apply to both regular resources and non-resource URLs'],
  ],
  ['put together', 'aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\nrules: null', []],
  [
    'put together from nothing',
    'aggregationRule: {}',
    [
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    ],
  ],
  [
    'a bad selector',
    'aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: "b c"}}]}',
    [`aggregationRule.clusterRoleSelectors[0].matchLabels.a: Invalid value: "b c": ${labelValue}`],
  ],
])('ClusterRole: %s', (_what, rest, faults) => {
  expect(faultsOfKind('ClusterRole', 'rbac.authorization.k8s.io/v1', rest)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  ['right', 'roleRef: {kind: Role, name: a}\nsubjects: [{kind: ServiceAccount, name: b}]', []],
  ['nobody', 'roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: a}', []],
  ['no role', 'subjects: [{kind: User, name: b}]', ['roleRef: Required value']],
  [
    'a role of another group',
    'roleRef: {apiGroup: v1, kind: Role, name: a}',
    ['roleRef.apiGroup: Unsupported value: "v1": supported values: "rbac.authorization.k8s.io"'],
  ],
  [
    'a role of another kind',
    'roleRef: {kind: Roles, name: a}',
    ['roleRef.kind: "Roles" is not one of Role, ClusterRole. Did you mean "Role"?'],
  ],
  ['a role without a name', 'roleRef: {kind: Role}', ['roleRef.name: Required value']],
  ['a bad name', 'roleRef: {kind: Role, name: a/b}', ['roleRef.name: Invalid value: "a/b": may not contain \'/\'']],
  [
    'a subject of another kind',
    'roleRef: {kind: Role, name: a}\nsubjects: [{kind: Serviceaccount, name: b}]',
    ['subjects[0].kind: "Serviceaccount" is not one of ServiceAccount, User, Group. Did you mean "ServiceAccount"?'],
  ],
  [
    'a subject without a name',
    'roleRef: {kind: Role, name: a}\nsubjects: [{kind: Group, name: ""}]',
    ['subjects[0].name: Required value'],
  ],
  [
    'a bad account',
    'roleRef: {kind: Role, name: a}\nsubjects: [{kind: ServiceAccount, name: B_c}]',
    [`subjects[0].name: Invalid value: "B_c": ${subdomain}`],
  ],
  [
    'an account in a group',
    'roleRef: {kind: Role, name: a}\nsubjects: [{apiGroup: rbac.authorization.k8s.io, kind: ServiceAccount, name: b}]',
    ['subjects[0].apiGroup: Unsupported value: "rbac.authorization.k8s.io": supported values: ""'],
  ],
  [
    'a user of another group',
    'roleRef: {kind: Role, name: a}\nsubjects: [{apiGroup: v1, kind: User, name: b}]',
    ['subjects[0].apiGroup: Unsupported value: "v1": supported values: "rbac.authorization.k8s.io"'],
  ],
  [
    'a user with an address',
    'roleRef: {kind: Role, name: a}\nsubjects: [{kind: User, name: a@example.com}, {kind: Group, name: "system:masters"}]',
    [],
  ],
])('RoleBinding: %s', (_what, rest, faults) => {
  expect(faultsOfKind('RoleBinding', 'rbac.authorization.k8s.io/v1', rest)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  ['right', 'roleRef: {kind: ClusterRole, name: a}\nsubjects: [{kind: ServiceAccount, name: b, namespace: c}]', []],
  ['a Role', 'roleRef: {kind: Role, name: a}', ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"']],
  [
    'an account of no namespace',
    'roleRef: {kind: ClusterRole, name: a}\nsubjects: [{kind: ServiceAccount, name: b}]',
    ['subjects[0].namespace: Required value'],
  ],
])('ClusterRoleBinding: %s', (_what, rest, faults) => {
  expect(faultsOfKind('ClusterRoleBinding', 'rbac.authorization.k8s.io/v1', rest)).toEqual(faults);
});

test.each<[string, string, string[], string?]>([
  ['right', 'automountServiceAccountToken: false\nsecrets: [{name: a}]', []],
  ['a bad Secret', 'imagePullSecrets: [{name: A_b}]', [`imagePullSecrets[0].name: Invalid value: "A_b": ${subdomain}`]],
  ['a bad name', '', [`metadata.name: Invalid value: "A_b": ${subdomain}`], 'A_b'],
  ['a name that is no text', 'secrets: [a]', ['secrets[0]: must be a mapping, not the string "a"']],
])('ServiceAccount: %s', (_what, rest, faults, name) => {
  expect(faultsOfKind('ServiceAccount', 'v1', rest, name)).toEqual(faults);
});
