// What the policies of a namespace refuse of a commit, told at its place before anything changes.
import { expect, test } from 'vitest';
import { checkSet } from '../../../src/manifests/checks/check-set.ts';
import type { ExistingPolicies } from '../../../src/manifests/checks/object-set.ts';
import { formatProblem } from '../../../src/manifests/problem.ts';
import { aDeployment, aPod } from '../../support/builders.ts';
import { loadText } from '../../support/manifest-text.ts';

const web = (replicas: number, container: string): string =>
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: app, image: "x:1"${container}}]
`;
const quota = (hard: string): string => `apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: ${hard}}\n`;
const range = (item: string): string => `apiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec: {limits: [${item}]}\n`;
const namespace = (labels: string): string => `apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {${labels}}}\n`;

function told(documents: readonly string[], existing?: Partial<ExistingPolicies>): string[] {
  const { manifests } = loadText(documents.join('---\n'));
  const policies: ExistingPolicies = {
    namespace: undefined,
    limitRanges: [],
    quotas: [],
    priorityClasses: [],
    runtimeClasses: [],
    serviceAccounts: [],
    others: [],
    ...existing,
  };
  const surroundings = { exists: () => undefined, hasPods: () => false, hasLimits: () => false, policies: () => policies };
  return checkSet(manifests, surroundings).map((problem) => `${problem.severity} ${problem.reason} ${formatProblem(problem)}`);
}

test.each<[string, string[], string[]]>([
  [
    'more pods than a quota allows',
    [web(5, ''), quota('{pods: 3}')],
    ['error Forbidden a.yaml:9:5 spec.template.spec: exceeded quota: q, requested: pods=5, used: pods=0, limited: pods=3'],
  ],
  [
    'pods that do not say what a quota limits',
    [web(1, ''), quota('{requests.cpu: 1}')],
    ['error Forbidden a.yaml:9:5 spec.template.spec: failed quota: q: must specify requests.cpu for: app'],
  ],
  [
    'pods to which a LimitRange gives what the quota asks for',
    [web(2, ''), quota('{requests.cpu: 1}'), range('{type: Container, defaultRequest: {cpu: 500m}}')],
    [],
  ],
  [
    'containers beyond the bounds',
    [web(1, ', resources: {limits: {cpu: 3}}'), range('{type: Container, max: {cpu: 2}}')],
    [
      'error Forbidden a.yaml:9:5 spec.template.spec: its pods would be refused: maximum cpu usage per Container is 2, but limit is 3',
    ],
  ],
  [
    'a pod by itself beyond the bounds',
    [
      'apiVersion: v1\nkind: Pod\nmetadata: {name: big}\nspec:\n  containers: [{name: app, image: a, resources: {limits: {cpu: 3}}}]\n',
      range('{type: Container, max: {cpu: 2}}'),
    ],
    ['error Forbidden a.yaml:4:1 spec: it would be refused: maximum cpu usage per Container is 2, but limit is 3'],
  ],
  [
    'objects beyond a quota',
    [web(0, ''), quota('{count/deployments.apps: 0}')],
    [
      'error Forbidden a.yaml:9:5 spec.template.spec: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0',
    ],
  ],
  [
    'pods that violate what their namespace enforces',
    [namespace('pod-security.kubernetes.io/enforce: baseline'), web(1, ', ports: [{containerPort: 1, hostPort: 1}]')],
    [
      'error Forbidden a.yaml:13:5 spec.template.spec: its pods would be refused: violates PodSecurity "baseline:latest": hostPort (container "app" uses hostPort 1)',
    ],
  ],
  [
    'pods that violate what their namespace warns of',
    [namespace('pod-security.kubernetes.io/warn: baseline'), web(1, ', ports: [{containerPort: 1, hostPort: 1}]')],
    [
      'note Forbidden a.yaml:13:5 spec.template.spec: would violate PodSecurity "baseline:latest": hostPort (container "app" uses hostPort 1)',
    ],
  ],
  [
    'a label that names no level',
    [namespace('pod-security.kubernetes.io/enforce: strict')],
    [
      'error Invalid a.yaml:3:36 metadata.labels[pod-security.kubernetes.io/enforce]: must be one of privileged, baseline, restricted',
    ],
  ],
  ['what fits', [web(3, ''), quota('{pods: 3, count/deployments.apps: 1}')], []],
])('%s', (_name, documents, lines) => {
  expect(told(documents)).toEqual(lines);
});

test('what is there already counts: policies, and what others use', () => {
  const [there] = loadText(quota('{pods: 3, count/deployments.apps: 5}')).manifests;
  if (there?.resource.kind !== 'ResourceQuota') throw new Error('no quota');
  const others = [aPod({ name: 'a' }), aPod({ name: 'done', phase: 'Succeeded' }), aDeployment()];
  expect(told([web(3, '')], { quotas: [there.resource], others })).toEqual([
    'error Forbidden a.yaml:9:5 spec.template.spec: exceeded quota: q, requested: pods=3, used: pods=1, limited: pods=3',
  ]);
  expect(told([web(2, '')], { quotas: [there.resource], others })).toEqual([]);
});
