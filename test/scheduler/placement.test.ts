import { describe, expect, test } from 'vitest';
import type { Container, DeploymentSpec, Desired, StoredOf } from '../../src/model/resource.ts';
import { TEMPLATE_HASH_LABEL } from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import { checkPlacement } from '../../src/scheduler/placement.ts';
import {
  aConfigMap,
  aDeployment,
  aNode,
  aPod,
  aReplicaSet,
  aReplicaSetOf,
  asDesired,
  aTemplate,
  START_MS,
} from '../support/builders.ts';

const NOW = START_MS + 60_000;
const withPort: Partial<Container> = { ports: [{ containerPort: 80, hostPort: 80 }] };
const withMemory = (memory: string): Partial<Container> => ({ resources: { requests: { memory } } });
const recreate: Partial<DeploymentSpec> = { strategy: { type: 'Recreate' } };
const missingOne: Partial<DeploymentSpec> = {
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
};

function deployment(
  container: Partial<Container>,
  replicas: number,
  spec: Partial<DeploymentSpec> = {},
  name = 'web',
): StoredOf<'Deployment'> {
  return aDeployment({ name, replicas, spec: { template: aTemplate({ container }), ...spec } });
}

/** The pods that a Deployment already runs. */
function podsOf(owner: StoredOf<'Deployment'>, count = owner.spec.replicas ?? 1, nodeName = 'node-a'): StoredOf<'Pod'>[] {
  const set = aReplicaSetOf(owner);
  const labels = { app: 'web', [TEMPLATE_HASH_LABEL]: set.metadata.labels?.[TEMPLATE_HASH_LABEL] ?? '' };
  return Array.from({ length: count }, (_value, index) =>
    aPod({
      name: `${set.metadata.name}-${index}`,
      labels,
      owner: set,
      nodeName,
      phase: 'Running',
      spec: owner.spec.template.spec,
    }),
  );
}

const check = (
  wanted: readonly StoredOf<'Deployment' | 'ReplicaSet' | 'Pod' | 'ConfigMap'>[],
  pods: readonly StoredOf<'Pod'>[] = [],
  nodes = [aNode()],
) =>
  checkPlacement(
    wanted.map((resource): Desired => asDesired(resource)),
    nodes,
    pods,
    NOW,
  );

const portTaken = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.";

describe('a commit whose pods all have a place', () => {
  const old = deployment({ image: 'v1', ...withPort }, 1, recreate);
  test.each<[string, Parameters<typeof check>]>([
    ['nothing that runs', [[aConfigMap()]]],
    ['a new Deployment', [[deployment(withMemory('2Gi'), 4)]]],
    ['a Deployment that runs already', [[old], podsOf(old)]],
    ['a full node that stays as it is', [[deployment(withMemory('4Gi'), 2)], podsOf(deployment(withMemory('4Gi'), 2))]],
    ['a host port that the old pod gives up first', [[deployment({ image: 'v2', ...withPort }, 1, recreate)], podsOf(old)]],
    [
      'a full node whose Deployment may miss a pod',
      [[deployment(withMemory('3900Mi'), 2, missingOne)], podsOf(deployment(withMemory('4Gi'), 2, missingOne))],
    ],
    [
      'a bare pod that is replaced',
      [[aPod({ container: { image: 'v2', ...withPort } })], [aPod({ nodeName: 'node-a', container: withPort })]],
    ],
    [
      'a ReplicaSet that scales down',
      [[aReplicaSet({ replicas: 1 })], [1, 2, 3].map((n) => aPod({ name: `p${n}`, nodeName: 'node-a', owner: aReplicaSet() }))],
    ],
    [
      'beside a pod that is leaving',
      [
        [aPod({ container: withPort })],
        [aPod({ name: 'x', nodeName: 'node-a', container: withPort, deletionTimestamp: toRfc3339(NOW + 1000) })],
      ],
    ],
    [
      'a paused Deployment with a new template',
      [[deployment({ image: 'v2', ...withMemory('99Gi') }, 1, { paused: true })], podsOf(old)],
    ],
  ])('%s', (_title, args) => {
    expect(check(...args)).toEqual([]);
  });
});

describe('a commit with pods that have no place is told which and why', () => {
  test('more than the node has', () => {
    expect(check([deployment(withMemory('3Gi'), 3)])).toEqual([
      {
        key: 'Deployment/default/web',
        message: '1 of its 3 pods have no place: 0/1 nodes are available: 1 Insufficient memory.',
        isLasting: true,
      },
    ]);
  });

  test('all objects of the commit count together', () => {
    const [a, b] = [deployment(withMemory('5Gi'), 1, {}, 'a'), deployment(withMemory('5Gi'), 1, {}, 'b')];
    expect(check([a, b])).toEqual([
      {
        key: 'Deployment/default/b',
        message: 'Its pod has no place: 0/1 nodes are available: 1 Insufficient memory.',
        isLasting: true,
      },
    ]);
  });

  test('two replicas with one host port on one node', () => {
    expect(check([deployment(withPort, 2)])).toEqual([
      {
        key: 'Deployment/default/web',
        message: `1 of its 2 pods have no place: ${portTaken} Port 80/TCP of node node-a is taken by deployment/web.`,
        isLasting: true,
      },
    ]);
  });

  test('a host port that something else has', () => {
    expect(
      check([aPod({ name: 'new', container: withPort })], [aPod({ name: 'x', nodeName: 'node-a', container: withPort })]),
    ).toEqual([
      { key: 'Pod/default/new', message: `Its pod has no place: ${portTaken} Port 80/TCP of node node-a is taken by pod/x.` },
    ]);
  });

  test('a rolling update that cannot start a new pod beside the old one', () => {
    const old = deployment({ image: 'v1', ...withPort }, 1);
    const [pod] = podsOf(old);
    expect(check([deployment({ image: 'v2', ...withPort }, 1)], podsOf(old))).toEqual([
      {
        key: 'Deployment/default/web',
        message:
          'A rolling update with maxUnavailable 0 starts a new pod before it stops an old one, and the new pod has no place: ' +
          `${portTaken} Port 80/TCP of node node-a is taken by pod/${pod?.metadata.name}. Use strategy Recreate, or maxUnavailable 1.`,
        isLasting: true,
      },
    ]);
    expect(check([deployment({ image: 'v2', ...withPort }, 1)], podsOf(old), [aNode(), aNode({ name: 'node-b' })])).toEqual([]);
  });

  test('a pod that should be gone and is not', () => {
    const stuck = aPod({ name: 'x', nodeName: 'node-a', container: withPort, deletionTimestamp: toRfc3339(NOW - 1000) });
    expect(check([aPod({ name: 'new', container: withPort })], [stuck])).toHaveLength(1);
  });

  test('a node that does not exist, and no nodes at all', () => {
    expect(check([aPod({ nodeName: 'node-x' })])).toEqual([
      { key: 'Pod/default/web', message: 'Its pod has no place: it names node "node-x", which does not exist; there is node-a.' },
    ]);
    expect(check([aPod()], [], [])).toEqual([
      { key: 'Pod/default/web', message: 'Its pod has no place: no nodes available to schedule pods' },
    ]);
  });
});

describe('what has no place for as long as others stay may get one', () => {
  const big = { key: 'Pod/default/new', isLasting: true };
  const wanted = (memory: string, name = 'new', restartPolicy: 'Always' | 'Never' = 'Always'): StoredOf<'Pod'> =>
    aPod({ name, container: withMemory(memory), spec: { restartPolicy } });
  const seated = (memory: string, name: string, restartPolicy: 'Always' | 'Never' = 'Always'): StoredOf<'Pod'> =>
    aPod({ name, nodeName: 'node-a', container: withMemory(memory), spec: { restartPolicy } });
  test.each<[string, Parameters<typeof check>, readonly object[]]>([
    ['more than any node has', [[wanted('9Gi')], [], [aNode(), aNode({ name: 'node-b' })]], [big]],
    ['a full node', [[wanted('5Gi')], [seated('5Gi', 'x')]], [{ key: 'Pod/default/new' }]],
    ['a full node, and what fills it is of the same commit', [[wanted('5Gi'), seated('5Gi', 'x')], [seated('5Gi', 'x')]], [big]],
    [
      'a full node, and what fills it is of the same commit and will end',
      [[wanted('5Gi'), seated('5Gi', 'x', 'Never')], [seated('5Gi', 'x', 'Never')]],
      [{ key: 'Pod/default/new' }],
    ],
    [
      'two nodes that could be filled in another way',
      [[wanted('5Gi'), wanted('5Gi', 'old'), wanted('5Gi', 'x')], [], [aNode(), aNode({ name: 'node-b' })]],
      [{ key: 'Pod/default/x' }],
    ],
    ['a node that is away', [[wanted('9Gi')], [], [aNode({ isReady: false })]], [{ key: 'Pod/default/new' }]],
    ['a node that takes no pods for now', [[wanted('1Gi')], [], [aNode({ unschedulable: true })]], [{ key: 'Pod/default/new' }]],
    [
      'a label that no node has',
      [[aPod({ name: 'new', spec: { nodeSelector: { disk: 'ssd' } } })]],
      [{ key: 'Pod/default/new' }],
    ],
  ])('%s', (_title, args, expected) => {
    expect(check(...args).map(({ key, isLasting }) => ({ key, ...(isLasting === true ? { isLasting } : {}) }))).toEqual(expected);
  });
});
