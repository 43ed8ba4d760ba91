import { describe, expect, test } from 'vitest';
import type { PodSpec, StoredOf } from '../../src/model/resource.ts';
import { aContainer, aNode, aPod, type PodOptions } from '../support/builders.ts';
import { placed, port, requests, tainted } from './scene.ts';

const refused = (reasons: string, nodes = 1): string => `0/${nodes} nodes are available: ${reasons}.`;
const ssd = aNode({ name: 'node-s', labels: { disk: 'ssd', rank: '5' } });
const plain = aNode({ name: 'node-p', labels: { rank: '2' } });
const NO_AFFINITY = "2 node(s) didn't match Pod's node affinity/selector";

type NodeTerms = { key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt'; values?: string[] }[];
const nodeAffinity = (...terms: { matchExpressions?: NodeTerms; matchFields?: NodeTerms }[]): Partial<PodSpec> => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
});
const labels = (...matchExpressions: NodeTerms): Partial<PodSpec> => nodeAffinity({ matchExpressions });

describe('labels of nodes', () => {
  test.each<[string, Partial<PodSpec>, string]>([
    ['nodeSelector', { nodeSelector: { disk: 'ssd' } }, 'on node-s'],
    ['nodeSelector that no node meets', { nodeSelector: { disk: 'tape' } }, refused(NO_AFFINITY, 2)],
    ['In', labels({ key: 'disk', operator: 'In', values: ['ssd', 'nvme'] }), 'on node-s'],
    ['NotIn', labels({ key: 'disk', operator: 'NotIn', values: ['ssd'] }), 'on node-p'],
    ['Exists', labels({ key: 'disk', operator: 'Exists' }), 'on node-s'],
    ['DoesNotExist', labels({ key: 'disk', operator: 'DoesNotExist' }), 'on node-p'],
    ['Gt', labels({ key: 'rank', operator: 'Gt', values: ['4'] }), 'on node-s'],
    ['Lt', labels({ key: 'rank', operator: 'Lt', values: ['4'] }), 'on node-p'],
    [
      'all of one term',
      labels({ key: 'disk', operator: 'Exists' }, { key: 'rank', operator: 'Lt', values: ['4'] }),
      refused(NO_AFFINITY, 2),
    ],
    [
      'one of several terms',
      nodeAffinity(
        { matchExpressions: [{ key: 'no', operator: 'Exists' }] },
        { matchExpressions: [{ key: 'disk', operator: 'Exists' }] },
      ),
      'on node-s',
    ],
    ['matchFields', nodeAffinity({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-p'] }] }), 'on node-p'],
    [
      'matchFields NotIn',
      nodeAffinity({ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['node-p'] }] }),
      'on node-s',
    ],
    ['a term that says nothing', nodeAffinity({}), refused(NO_AFFINITY, 2)],
    [
      'selector and affinity together',
      { nodeSelector: { rank: '2' }, ...labels({ key: 'disk', operator: 'Exists' }) },
      refused(NO_AFFINITY, 2),
    ],
  ])('%s', (_title, spec, expected) => {
    expect(placed(aPod({ spec }), [ssd, plain])).toBe(expected);
  });
});

describe('taints', () => {
  const gpu = { key: 'gpu', value: 'a', effect: 'NoSchedule' } as const;
  const untolerated = refused('1 node(s) had untolerated taint {gpu: a}');
  test.each<[string, PodSpec['tolerations'], string]>([
    ['that nothing tolerates', undefined, untolerated],
    ['of another value', [{ key: 'gpu', operator: 'Equal', value: 'b' }], untolerated],
    ['of another effect', [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }], untolerated],
    ['borne by value', [{ key: 'gpu', value: 'a', effect: 'NoSchedule' }], 'on node-t'],
    ['borne by key', [{ key: 'gpu', operator: 'Exists' }], 'on node-t'],
    ['borne as every taint is', [{ operator: 'Exists' }], 'on node-t'],
  ])('%s', (_title, tolerations, expected) => {
    expect(placed(aPod({ spec: tolerations === undefined ? {} : { tolerations } }), [tainted('node-t', gpu)])).toBe(expected);
  });

  test('NoExecute keeps new pods away too; PreferNoSchedule only when there is a better node', () => {
    expect(placed(aPod(), [tainted('node-t', { key: 'k', effect: 'NoExecute' })])).toBe(
      refused('1 node(s) had untolerated taint {k: }'),
    );
    const rather = tainted('node-a', { key: 'k', effect: 'PreferNoSchedule' });
    expect(placed(aPod(), [rather])).toBe('on node-a');
    expect(placed(aPod(), [rather, aNode({ name: 'node-b' })])).toBe('on node-b');
  });

  test('a cordon that is tolerated', () => {
    const tolerations = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' as const }];
    expect(placed(aPod({ spec: { tolerations } }), [aNode({ unschedulable: true })])).toBe('on node-a');
  });

  test('a host that does not answer', () => {
    const conditions = [{ type: 'Ready', status: 'Unknown' as const }];
    expect(placed(aPod(), [aNode({ status: { conditions } })])).toBe(
      refused('1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }'),
    );
  });
});

describe('amounts', () => {
  const init = (cpu: string, restartPolicy?: 'Always') => ({
    ...aContainer({ name: `i${cpu}${restartPolicy ?? ''}`, ...requests(cpu) }),
    ...(restartPolicy === undefined ? {} : { restartPolicy }),
  });
  const tooMuch = refused('1 Insufficient cpu');
  test.each<[string, PodOptions, string]>([
    [
      'init containers count one at a time',
      { container: requests('1'), spec: { initContainers: [init('4'), init('3')] } },
      'on node-a',
    ],
    ['an init container above the sum', { container: requests('1'), spec: { initContainers: [init('4100m')] } }, tooMuch],
    [
      'a sidecar runs with the main ones',
      { container: requests('3'), spec: { initContainers: [init('1100m', 'Always')] } },
      tooMuch,
    ],
    [
      'a sidecar runs with the init containers after it',
      { spec: { initContainers: [init('1', 'Always'), init('3100m')] } },
      tooMuch,
    ],
    ['but not with those before it', { spec: { initContainers: [init('4'), init('1', 'Always')] } }, 'on node-a'],
    ['overhead', { container: requests('3900m'), spec: { overhead: { cpu: '200m' } } }, tooMuch],
    ['of the whole pod', { container: requests('1'), spec: { resources: { requests: { cpu: '5' } } } }, tooMuch],
    ['of the whole pod, below the limits of its containers', { spec: { resources: { limits: { cpu: '4' } } } }, 'on node-a'],
  ])('%s', (_title, options, expected) => {
    expect(placed(aPod(options), [aNode()])).toBe(expected);
  });

  // Extended resources are in the manifest as they are on the node; the schema decides whether they are let in.
  const extended = (amount: string): PodOptions => {
    const limits = Object.fromEntries([['example.com/dongle', amount]]);
    return { container: { resources: { limits, requests: limits } } };
  };
  const withDongles = aNode({ allocatable: Object.fromEntries([['example.com/dongle', '2']]) });
  test.each<[string, PodOptions, StoredOf<'Node'>, StoredOf<'Pod'>[], string]>([
    ['extended resources that are there', extended('2'), withDongles, [], 'on node-a'],
    [
      'that are taken',
      extended('2'),
      withDongles,
      [aPod({ name: 'x', nodeName: 'node-a', ...extended('1') })],
      refused('1 Insufficient example.com/dongle'),
    ],
    ['that no node has', extended('1'), aNode(), [], refused('1 Insufficient example.com/dongle')],
    [
      'disk where the engine tells',
      { container: { resources: { requests: { 'ephemeral-storage': '2Gi' } } } },
      aNode({ allocatable: { 'ephemeral-storage': '1Gi' } }),
      [],
      refused('1 Insufficient ephemeral-storage'),
    ],
    [
      'disk where it does not',
      { container: { resources: { requests: { 'ephemeral-storage': '2Gi' } } } },
      aNode(),
      [],
      'on node-a',
    ],
  ])('%s', (_title, options, node, others, expected) => {
    expect(placed(aPod({ name: 'new', ...options }), [node], others)).toBe(expected);
  });

  test('GPUs, which no engine counts', () => {
    const limits = Object.fromEntries([['nvidia.com/gpu', '1']]);
    const pod = aPod({ container: { resources: { limits } } });
    expect(placed(pod, [aNode(), aNode({ name: 'node-g', labels: { 'nvidia.com/gpu.present': 'true' } })])).toBe('on node-g');
    expect(placed(pod, [aNode()])).toBe(refused('1 Insufficient nvidia.com/gpu'));
  });

  test('ports of sidecars, and of pods on the network of the host', () => {
    const taken = [aPod({ name: 'x', nodeName: 'node-a', container: port(80) })];
    const sidecar = aContainer({ name: 's', restartPolicy: 'Always', ...port(80) });
    const why = `${refused("1 node(s) didn't have free ports for the requested pod ports")} Port 80/TCP of node node-a is taken by pod/x.`;
    expect(placed(aPod({ spec: { initContainers: [sidecar] } }), [aNode()], taken)).toBe(why);
    const { restartPolicy: _ends, ...once } = sidecar;
    expect(placed(aPod({ spec: { initContainers: [once] } }), [aNode()], taken)).toBe('on node-a');
    expect(placed(aPod({ container: { ports: [{ containerPort: 80 }] }, spec: { hostNetwork: true } }), [aNode()], taken)).toBe(
      why,
    );
  });
});
