import { expect, test } from 'vitest';
import type { LoaderOptions } from '../../../src/manifests/load.ts';
import { createManifestLoader } from '../../../src/manifests/loader.ts';
import { textFile, told } from '../../support/manifest-text.ts';

const deployment = (
  name: string,
  { namespace = 'default', labels = '{}', replicas = 1, limits = false } = {},
): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}, labels: ${labels}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: app, image: app:1${limits ? ', resources: {limits: {memory: 1Gi}}' : ''}}]}
`;
const policy = (spec: string, name = 'house'): string => `apiVersion: holdfast.dev/v1
kind: Policy
metadata: {name: ${name}}
spec:
${spec.replaceAll(/^/gm, '  ')}
`;

async function load(files: Readonly<Record<string, string>>, options: LoaderOptions = {}): Promise<string[]> {
  const loader = createManifestLoader(options);
  return told(await loader.load({ files: Object.entries(files).map(([path, text]) => textFile(path, text)) }));
}

const limits = policy(`match: {kinds: [Deployment]}
validations:
- expression: object.spec.template.spec.containers.all(c, has(c.resources.limits) && has(c.resources.limits.memory))
  message: every container needs a memory limit`);

test('what breaks a rule is refused at its place, with the policy and its place', async () => {
  const files = { 'policies.yaml': limits, 'a.yaml': deployment('good', { limits: true }), 'b.yaml': deployment('bad') };
  expect(await load(files)).toEqual([
    'error PolicyViolation b.yaml:1:1 every container needs a memory limit (policy house, policies.yaml:7)',
  ]);
});

test.each<[string, string, string[]]>([
  [
    'a warning is a note',
    'validations: [{expression: object.spec.replicas > 1, message: more of it, action: warn}]',
    ['note more of it'],
  ],
  [
    'a message is made of the object',
    'validations:\n- expression: "false"\n  messageExpression: "\'%s has %d replicas\'.format([object.metadata.name, object.spec.replicas])"\n  message: other',
    ['error web has 1 replicas'],
  ],
  [
    'a message that cannot be made is the other one',
    'validations: [{expression: "false", messageExpression: object.nothing, message: other}]',
    ['error other'],
  ],
  [
    'without a message the expression is told',
    'validations: [{expression: object.spec.replicas > 1}]',
    ['error failed expression: object.spec.replicas > 1'],
  ],
  [
    'what cannot be evaluated is broken',
    'validations: [{expression: object.spec.nothing == 1, message: nothing is one}]',
    ['error nothing is one: the rule cannot be evaluated: field not found: nothing'],
  ],
  ['unless it is to be ignored', 'failurePolicy: Ignore\nvalidations: [{expression: object.spec.nothing == 1}]', []],
  [
    'what is no boolean is broken',
    'validations: [{expression: object.spec.replicas, message: a}]',
    ['error a: the rule cannot be evaluated: it is neither true nor false'],
  ],
  [
    'defaults are there',
    'validations: [{expression: object.spec.strategy.type == "RollingUpdate" && object.spec.revisionHistoryLimit == 10}]',
    [],
  ],
  [
    'every container has resources',
    'validations: [{expression: "object.spec.template.spec.containers.all(c, !has(c.resources.limits))"}]',
    [],
  ],
  ['other kinds are not meant', 'match: {kinds: [StatefulSet]}\nvalidations: [{expression: "false"}]', []],
  ['other namespaces are not meant', 'match: {namespaces: [shop]}\nvalidations: [{expression: "false"}]', []],
  ['namespaces are left out', 'match: {excludeNamespaces: [default]}\nvalidations: [{expression: "false"}]', []],
  ['other labels are not meant', 'match: {labels: {matchLabels: {tier: db}}}\nvalidations: [{expression: "false"}]', []],
  [
    'these labels are meant',
    'match: {labels: {matchExpressions: [{key: tier, operator: Exists}]}}\nvalidations: [{expression: "false", message: a}]',
    ['error a'],
  ],
  [
    'a condition leaves out',
    'matchConditions: [{name: many, expression: object.spec.replicas > 1}]\nvalidations: [{expression: "false"}]',
    [],
  ],
  [
    'a condition that cannot be evaluated refuses',
    'matchConditions: [{name: many, expression: object.spec.nothing}]\nvalidations: [{expression: "true"}]',
    ['error the condition many cannot be evaluated: field not found: nothing'],
  ],
  [
    'unless another one leaves out',
    'matchConditions: [{name: a, expression: object.spec.nothing}, {name: b, expression: "false"}]\nvalidations: [{expression: "false"}]',
    [],
  ],
  [
    'variables stand for expressions',
    'variables: [{name: pod, expression: object.spec.template.spec}, {name: images, expression: "variables.pod.containers.map(c, c.image)"}]\nvalidations: [{expression: "variables.images == [\'app:1\']"}]',
    [],
  ],
  ['the application is known', 'validations: [{expression: application == "shop"}]', []],
  [
    'the namespace is known by name',
    "validations: [{expression: \"namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'default'\"}]",
    [],
  ],
])('%s', async (_what, spec, problems) => {
  const files = { 'p.yaml': policy(spec), 'web.yaml': deployment('web', { labels: '{tier: web}' }) };
  const found = (await load(files, { applicationName: 'shop' })).map((line) =>
    line.replace(/ PolicyViolation web\.yaml:1:1/, '').replace(/ \(policy house, p\.yaml:\d+\)$/, ''),
  );
  expect(found).toEqual(problems);
});

test('the labels of a namespace of the set decide', async () => {
  const rule = policy(
    "match: {kinds: [Deployment]}\nvalidations: [{expression: \"namespaceObject.metadata.?labels.?tier.orValue('') != 'prod' || object.spec.replicas > 1\", message: two in production}]",
  );
  const namespaces =
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: prod, labels: {tier: prod}}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: test}\n';
  const files = {
    'a.yaml': rule,
    'n.yaml': namespaces,
    'p.yaml': deployment('a', { namespace: 'prod' }),
    't.yaml': deployment('a', { namespace: 'test' }),
  };
  expect(await load(files)).toEqual(['error PolicyViolation p.yaml:1:1 two in production (policy house, a.yaml:6)']);
});

test.each<[string, string, string]>([
  [
    'a wrong expression',
    'validations:\n- expression: object.spec.(',
    'error Invalid p.yaml:6:5 spec.validations[0].expression: not a CEL expression that can be evaluated: found . where it cannot stand (at its column 12)',
  ],
  [
    'an unknown name',
    'validations:\n- expression: obj.spec == 1',
    'error Invalid p.yaml:6:5 spec.validations[0].expression: not a CEL expression that can be evaluated: undeclared reference to "obj": there are object, namespaceObject, application (at its column 1)',
  ],
  [
    'what only a request has',
    'validations:\n- expression: request.operation == "CREATE"',
    'error Invalid p.yaml:6:5 spec.validations[0].expression: not a CEL expression that can be evaluated: a policy judges manifests, not requests: there are object, namespaceObject, application and variables (at its column 1)',
  ],
  [
    'a wrong line of a long expression',
    'validations:\n- expression: |\n    object.spec.replicas > 1 &&\n      foo(object)',
    'error Invalid p.yaml:6:5 spec.validations[0].expression: not a CEL expression that can be evaluated: there is no function foo() here (at its line 2, column 3)',
  ],
  [
    'a kind that does not exist',
    'match: {kinds: [Deploymnet]}\nvalidations: [{expression: "true"}]',
    'error Invalid p.yaml:5:19 spec.match.kinds[0]: Invalid value: "Deploymnet": there is no such kind. Did you mean "Deployment"?',
  ],
  ['no rules', 'validations: []', 'error Required p.yaml:5:3 spec.validations: Required value'],
  ['an unknown field', 'validation: []\nvalidations: [{expression: "true"}]', 'error UnknownField p.yaml:5:3 spec.validation: '],
  [
    'an unknown action',
    'validations: [{expression: "true", action: Deny}]',
    'error Invalid p.yaml:5:38 spec.validations[0].action: ',
  ],
])('%s is told at its place, and nothing passes', async (_what, spec, problem) => {
  const problems = await load({ 'p.yaml': policy(spec), 'web.yaml': deployment('web') });
  expect(problems).toEqual([expect.stringContaining(problem) as string]);
});

test('policies from outside bind every set, and nothing in the repository loosens them', async () => {
  const outside = () => Promise.resolve([textFile('/etc/policies/limits.yaml', limits)]);
  const files = {
    'a/kustomization.yaml': 'resources: [web.yaml]\n',
    'a/web.yaml': deployment('web'),
    'b.yaml': deployment('other'),
  };
  for (const sets of ['together', 'apart'] as const)
    expect(await load(files, { policies: outside, sets })).toEqual([
      'error PolicyViolation a/web.yaml:1:1 every container needs a memory limit (policy house, /etc/policies/limits.yaml:7)',
      'error PolicyViolation b.yaml:1:1 every container needs a memory limit (policy house, /etc/policies/limits.yaml:7)',
    ]);
});

test('a policy of one kustomization binds that one alone', async () => {
  const kustomization = 'resources: [web.yaml, policy.yaml]\n';
  const files = {
    'a/kustomization.yaml': kustomization,
    'a/web.yaml': deployment('a'),
    'a/policy.yaml': limits,
    'b/kustomization.yaml': 'resources: [web.yaml]\n',
    'b/web.yaml': deployment('b'),
  };
  expect(await load(files, { sets: 'apart' })).toEqual([
    'error PolicyViolation a/web.yaml:1:1 every container needs a memory limit (policy house, a/policy.yaml:7)',
  ]);
});

test('what is no policy does not belong among policies, and no policies are read in vain', async () => {
  const files = { 'web.yaml': deployment('web') };
  expect(await load(files, { policies: () => Promise.resolve([textFile('/p/web.yaml', deployment('x'))]) })).toEqual([
    'error UnsupportedKind /p/web.yaml:1:1 only objects of kind Policy (holdfast.dev/v1) belong among policies',
  ]);
  await expect(load(files, { policies: () => Promise.reject(new Error('no such folder')) })).rejects.toThrow('no such folder');
});

test('what a Secret holds is told by no message', async () => {
  const rule = policy(`match: {kinds: [Secret]}
validations:
- expression: "false"
  messageExpression: object.data.password
  message: no Secrets here
- expression: int(object.data.password) == 1`);
  const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: open-sesame}\n';
  const problems = await load({ 'p.yaml': rule, 's.yaml': secret });
  expect(problems.map((line) => line.replace(/ \(policy.*$/, ''))).toEqual([
    'error PolicyViolation s.yaml:1:1 no Secrets here',
    'error PolicyViolation s.yaml:1:1 int(object.data.password) == 1: the rule cannot be evaluated: it does not fit this Secret',
  ]);
  expect(problems.join('\n')).not.toMatch(/sesame|b3Blbi/);
});

test('rules that cost too much end, and refuse', async () => {
  const rule = policy(
    `validations: [{expression: "['${'a'.repeat(500)}']${'.map(x, x + x)'.repeat(60)} == []", message: costly}]`,
  );
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${index}.yaml`, deployment(`web-${index}`)]));
  const problems = await load({ 'p.yaml': rule, ...files });
  expect(problems.length).toBe(40);
  expect(problems[0]).toContain('costly: the rule cannot be evaluated: it costs more than 200000 units to evaluate');
  expect(problems.at(-1)).toContain(
    'costly: the rule cannot be evaluated: the policies cost too much to evaluate for all objects',
  );
});

test('a quantity is a text, however it was written', async () => {
  const rule = policy(`match: {kinds: [Deployment]}
validations: [{expression: "object.spec.template.spec.containers.all(c, quantity(c.resources.limits.cpu).isLessThan(quantity('2500m')))", message: too many processors}]`);
  const web = (cpu: string): string => deployment('web', { limits: true }).replace('memory: 1Gi', `cpu: ${cpu}`);
  expect(await load({ 'p.yaml': rule, 'web.yaml': web('2') })).toEqual([]);
  expect((await load({ 'p.yaml': rule, 'web.yaml': web('3') })).length).toBe(1);
});

test('a policy is compiled once, and a changed one counts', async () => {
  const loader = createManifestLoader();
  const web = textFile('web.yaml', deployment('web'));
  const load = async (rule: string): Promise<number> =>
    (await loader.load({ files: [textFile('p.yaml', rule), web] })).problems.length;
  const loose = policy('validations: [{expression: "true"}]');
  expect([await load(limits), await load(limits), await load(loose), await load(limits)]).toEqual([1, 1, 0, 1]);
});
