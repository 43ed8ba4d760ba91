// What is wrong with health checks that people write, and where.
import { expect, test } from 'vitest';
import { formatProblem } from '../../../src/manifests/problem.ts';
import { parseYaml } from '../../../src/manifests/reading/yaml.ts';
import { fromDocument } from '../../../src/manifests/source.ts';
import { readSettings } from '../../../src/manifests/variables/settings.ts';

const faults = (check: string): readonly string[] => {
  const text = `apiVersion: holdfast.dev/v1\nkind: Application\nmetadata: {name: shop}\nspec:\n  healthCheckExprs:\n    - ${check}\n`;
  const objects = parseYaml(text).map((document) => fromDocument(document, 'app.yaml'));
  return readSettings(objects, { applicationName: 'shop' }).problems.map(formatProblem);
};
const field = 'spec.healthCheckExprs[0]';

test.each<readonly [string, string, readonly string[]]>([
  [
    'all that Flux has',
    `{apiVersion: batch/v1, kind: Job, current: "status.succeeded > 0", inProgress: "has(status.active)", failed: "status.failed > 2"}`,
    [],
  ],
  [
    'of one object, with a message',
    `{apiVersion: v1, kind: ConfigMap, name: a, namespace: b, current: "data.a == 'b'", messageExpression: "'it is ' + object.data.a"}`,
    [],
  ],
  ['without what is healthy', '{apiVersion: v1, kind: Pod}', [`app.yaml:6:7 ${field}.current: Required value`]],
  [
    'another kind',
    '{apiVersion: apps/v1, kind: Deploymnet, current: "true"}',
    [`app.yaml:6:29 ${field}.kind: there is no kind "Deploymnet" here. Did you mean "Deployment"?`],
  ],
  [
    'another version',
    '{apiVersion: apps/v1beta1, kind: Deployment, current: "true"}',
    [`app.yaml:6:8 ${field}.apiVersion: Invalid value: "apps/v1beta1": a Deployment is of apps/v1`],
  ],
  [
    'a namespace of what is in none',
    '{apiVersion: v1, kind: Namespace, namespace: a, current: "true"}',
    [`app.yaml:6:41 ${field}.namespace: Invalid value: "a": a Namespace is in no namespace`],
  ],
  [
    'an empty name',
    '{apiVersion: v1, kind: Pod, name: "", current: "true"}',
    [`app.yaml:6:35 ${field}.name: Required value: leave the field out for all`],
  ],
  [
    'another application',
    '{apiVersion: holdfast.dev/v1, kind: Application, current: "true"}',
    [
      `app.yaml:6:37 ${field}.kind: Forbidden: what an application declares begins when the commit that declares it is live, so that nothing can wait for it; write dependsOn into the one that waits`,
    ],
  ],
  [
    'what cannot be read',
    '{apiVersion: v1, kind: Pod, current: "status.phase =="}',
    [
      `app.yaml:6:35 ${field}.current: not a CEL expression that can be evaluated: found = where it cannot stand (at its column 14)`,
    ],
  ],
  [
    'a field that the kind does not have',
    '{apiVersion: v1, kind: ConfigMap, current: "true", failed: "status.phase == \'Failed\'"}',
    [
      `app.yaml:6:58 ${field}.failed: not a CEL expression that can be evaluated: undeclared reference to "status": there are object, apiVersion, kind, metadata, data, binaryData, immutable (at its column 1)`,
    ],
  ],
  [
    'a function that there is not, on a line of its own',
    '{apiVersion: v1, kind: Pod, current: "true", messageExpression: "true &&\\n  status.now()"}',
    [
      `app.yaml:6:52 ${field}.messageExpression: not a CEL expression that can be evaluated: there is no function now() here (at its line 2, column 9)`,
    ],
  ],
])('%s', (_what, check, lines) => {
  expect(faults(check)).toEqual(lines);
});

test('no more than a hundred', () => {
  const check = '{apiVersion: v1, kind: Pod, current: "true"}';
  expect(faults(Array.from({ length: 101 }, () => check).join('\n    - '))).toEqual([
    'app.yaml:5:3 spec.healthCheckExprs: there are 101 checks, and 100 at most',
  ]);
});
