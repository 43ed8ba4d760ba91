// What a kustomization put together keeps how each text was written, so that substitution knows which were in quotes.
import { expect, test } from 'vitest';
import { buildKustomization } from '../../../src/manifests/kustomize/kustomize.ts';
import { formatProblem, type Problem } from '../../../src/manifests/problem.ts';
import { substitute } from '../../../src/manifests/variables/substitute.ts';
import { VariableSet } from '../../../src/manifests/variables/variable-set.ts';
import { memoryContext } from '../../support/memory-tree.ts';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    base: "\${N}"
spec:
  replicas: \${N}
  revisionHistoryLimit: 1
`;
const kustomization = `resources: [web.yaml]
namePrefix: shop-
commonAnnotations:
  common: \${N}
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
        annotations:
          merged: "\${N}"
      spec:
        minReadySeconds: \${N}
        paused: \${NOPE}
  - target: {kind: Deployment}
    patch: |-
      - op: add
        path: /spec/progressDeadlineSeconds
        value: \${N}
      - op: add
        path: /metadata/annotations/added
        value: "\${N}"
      - op: replace
        path: /spec/revisionHistoryLimit
        value: \${N}
`;

test('quotes count in bases and patches alike', async () => {
  const rendered = await buildKustomization(
    'app',
    memoryContext({ 'app/kustomization.yaml': kustomization, 'app/web.yaml': deployment }),
  );
  expect(rendered.problems).toEqual([]);
  const variable = { name: 'N', value: '3', origin: 'spec.substitute', isSecret: false };
  const set = new VariableSet([variable], { isConfigured: true, isStrict: true });
  const problems: Problem[] = [];
  const objects = rendered.objects.map((object) => substitute(object, set, problems));
  expect(objects[0]?.value).toMatchObject({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop-web', annotations: { base: '3', merged: '3', added: '3', common: '3' } },
    spec: { replicas: 3, minReadySeconds: 3, paused: '${NOPE}', progressDeadlineSeconds: 3, revisionHistoryLimit: 3 },
  });
  expect(problems.map(formatProblem)).toEqual([
    expect.stringMatching(/^app\/kustomization\.yaml:\d+:\d+ spec\.paused: the variable NOPE is not defined\. /),
  ]);
});
