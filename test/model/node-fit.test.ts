// Which pods may be on which nodes, as Kubernetes' own predicates judge.
import { describe, expect, test } from 'vitest';
import {
  isTolerated,
  matchesNodeAffinity,
  matchesNodeName,
  matchesNodeTerm,
  type NodeFacts,
  pinnedNode,
  taintsOf,
  untoleratedTaint,
} from '../../src/model/node-fit.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm, Taint, Toleration } from '../../src/model/resource.ts';

function aNode(labels: Record<string, string> = {}, name = 'one'): NodeFacts {
  return { metadata: { name, labels }, spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
}

const byLabel = (operator: NodeSelectorRequirement['operator'], ...values: string[]): NodeSelectorTerm => ({
  matchExpressions: [{ key: 'size', operator, ...(values.length === 0 ? {} : { values }) }],
});
const byName = (operator: NodeSelectorRequirement['operator'], value: string): NodeSelectorTerm => ({
  matchFields: [{ key: 'metadata.name', operator, values: [value] }],
});

describe('terms', () => {
  test.each<[string, NodeSelectorTerm, Record<string, string>, boolean]>([
    ['In, there', byLabel('In', '4', '5'), { size: '5' }, true],
    ['In, another value', byLabel('In', '4'), { size: '5' }, false],
    ['In, absent', byLabel('In', '4'), {}, false],
    ['NotIn, another value', byLabel('NotIn', '4'), { size: '5' }, true],
    ['NotIn, the value', byLabel('NotIn', '4'), { size: '4' }, false],
    ['NotIn, absent', byLabel('NotIn', '4'), {}, true],
    ['Exists', byLabel('Exists'), { size: '' }, true],
    ['Exists, absent', byLabel('Exists'), {}, false],
    ['DoesNotExist', byLabel('DoesNotExist'), {}, true],
    ['DoesNotExist, there', byLabel('DoesNotExist'), { size: '' }, false],
    ['Gt as numbers, not as text', byLabel('Gt', '9'), { size: '10' }, true],
    ['Gt, equal', byLabel('Gt', '10'), { size: '10' }, false],
    ['Lt', byLabel('Lt', '10'), { size: '9' }, true],
    ['Lt, negative', byLabel('Lt', '0'), { size: '-1' }, true],
    ['Lt, no number', byLabel('Lt', '10'), { size: 'big' }, false],
    ['Gt, absent', byLabel('Gt', '0'), {}, false],
    ['the name', byName('In', 'one'), {}, true],
    ['another name', byName('In', 'two'), {}, false],
    ['not that name', byName('NotIn', 'two'), {}, true],
    ['no conditions', {}, { size: '5' }, false],
    ['all conditions', { ...byLabel('Exists'), ...byName('In', 'two') }, { size: '5' }, false],
  ])('%s', (_title, term, labels, expected) => {
    expect(matchesNodeTerm(term, aNode(labels))).toBe(expected);
  });

  const requiring = (...nodeSelectorTerms: NodeSelectorTerm[]) => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  });

  test.each([
    ['nothing asked', {}, true],
    ['selector', { nodeSelector: { size: '5' } }, true],
    ['selector, another value', { nodeSelector: { size: '4' } }, false],
    ['selector, one of two', { nodeSelector: { size: '5', disk: 'ssd' } }, false],
    ['one of the terms', requiring(byLabel('In', '4'), byLabel('In', '5')), true],
    ['none of the terms', requiring(byLabel('In', '4'), {}), false],
    ['no terms', requiring(), false],
    ['selector and term', { nodeSelector: { size: '5' }, ...requiring(byName('In', 'two')) }, false],
    ['preferred only', { affinity: { nodeAffinity: {} } }, true],
  ])('%s', (_title, spec, expected) => {
    expect(matchesNodeAffinity(spec, aNode({ size: '5' }))).toBe(expected);
  });

  test.each([
    [undefined, true],
    ['', true],
    ['one', true],
    ['two', false],
  ])('nodeName %j', (nodeName, expected) => {
    expect(matchesNodeName(nodeName === undefined ? {} : { nodeName }, aNode())).toBe(expected);
  });

  test.each([
    ['its name', requiring(byName('In', 'one')), 'one'],
    ['its name beside other conditions', requiring({ ...byLabel('Exists'), ...byName('In', 'one') }), 'one'],
    ['every term names it', requiring(byName('In', 'one'), byName('In', 'one')), 'one'],
    ['terms name several', requiring(byName('In', 'one'), byName('In', 'two')), undefined],
    ['a term leaves it open', requiring(byName('In', 'one'), byLabel('Exists')), undefined],
    ['another name is excluded', requiring(byName('NotIn', 'one')), undefined],
    ['nothing', {}, undefined],
  ])('pinned: %s', (_title, spec, expected) => {
    expect(pinnedNode(spec)).toBe(expected);
  });
});

describe('taints', () => {
  const taint: Taint = { key: 'role', value: 'db', effect: 'NoSchedule' };

  test.each<[string, Toleration, boolean]>([
    ['equal', { key: 'role', operator: 'Equal', value: 'db', effect: 'NoSchedule' }, true],
    ['equal without an operator', { key: 'role', value: 'db' }, true],
    ['another value', { key: 'role', value: 'web' }, false],
    ['no value', { key: 'role' }, false],
    ['exists', { key: 'role', operator: 'Exists' }, true],
    ['another key', { key: 'disk', operator: 'Exists' }, false],
    ['another effect', { key: 'role', operator: 'Exists', effect: 'NoExecute' }, false],
    ['everything', { operator: 'Exists' }, true],
    ['everything of an effect', { operator: 'Exists', effect: 'NoSchedule' }, true],
  ])('%s', (_title, toleration, expected) => {
    expect(isTolerated([{ key: 'unrelated', operator: 'Exists' }, toleration], taint)).toBe(expected);
  });

  test('no value on both sides is equal', () => {
    expect(isTolerated([{ key: 'role' }], { key: 'role', effect: 'NoSchedule' })).toBe(true);
  });

  test('PreferNoSchedule repels nobody', () => {
    expect(untoleratedTaint([], [{ ...taint, effect: 'PreferNoSchedule' }])).toBeUndefined();
  });

  test('the first that is not borne is told', () => {
    const second: Taint = { key: 'gpu', effect: 'NoExecute' };
    expect(untoleratedTaint([{ key: 'role', operator: 'Exists' }], [taint, second])).toEqual(second);
    expect(untoleratedTaint(undefined, [taint, second], ['NoExecute'])).toEqual(second);
  });

  const both = (key: string): Taint[] => [
    { key, effect: 'NoSchedule' },
    { key, effect: 'NoExecute' },
  ];

  test.each<[string, NodeFacts, readonly Taint[]]>([
    ['ready', aNode(), []],
    [
      'cordoned',
      { ...aNode(), spec: { unschedulable: true } },
      [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }],
    ],
    [
      'not ready',
      { ...aNode(), status: { conditions: [{ type: 'Ready', status: 'False' }] } },
      both('node.kubernetes.io/not-ready'),
    ],
    [
      'unknown',
      { ...aNode(), status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
      both('node.kubernetes.io/unreachable'),
    ],
    ['not reported yet', { metadata: { name: 'one' } }, both('node.kubernetes.io/not-ready')],
    ['its own', { ...aNode(), spec: { taints: [taint] } }, [taint]],
    [
      'written and true, told once',
      { ...aNode(), spec: { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] } },
      [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }],
    ],
  ])('of a node that is %s', (_title, node, expected) => {
    expect(taintsOf(node)).toEqual(expected);
  });
});
