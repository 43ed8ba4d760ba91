import { describe, expect, test } from 'vitest';
import type { PodSpec, StoredOf } from '../../src/model/resource.ts';
import { aNamespace, aPod, type PodOptions } from '../support/builders.ts';
import { placed, requests, required, toApp, zoned } from './scene.ts';

const refused = (reasons: string, nodes: number): string => `0/${nodes} nodes are available: ${reasons}.`;

describe('pods beside pods', () => {
  const nodes = [zoned('node-a', 'north'), zoned('node-b', 'north'), zoned('node-c', 'south')];
  const db = aPod({ name: 'db', nodeName: 'node-a', labels: { app: 'db' } });
  const web = (spec: Partial<PodSpec>, more: PodOptions = {}): StoredOf<'Pod'> => aPod({ spec, ...more });
  const AFFINITY = refused("3 node(s) didn't match pod affinity rules", 3);
  const other = aPod({ name: 'db', namespace: 'shop', nodeName: 'node-a', labels: { app: 'db' } });
  const shop = aNamespace({ labels: { team: 'shop' } });
  test.each<[string, StoredOf<'Pod'>, StoredOf<'Pod'>[], string]>([
    ['together in a domain', web(required('podAffinity', toApp('db'))), [db], 'on node-b'],
    ['together on a node', web(required('podAffinity', toApp('db', 'kubernetes.io/hostname'))), [db], 'on node-a'],
    ['with nobody there', web(required('podAffinity', toApp('db'))), [], AFFINITY],
    ['the first of its own kind', web(required('podAffinity', toApp('web'))), [], 'on node-a'],
    [
      'of its own kind, elsewhere',
      web(required('podAffinity', toApp('web'))),
      [aPod({ name: 'x', nodeName: 'node-c' })],
      'on node-c',
    ],
    [
      'all terms by one pod',
      web(required('podAffinity', toApp('db'), toApp('cache'))),
      [db, aPod({ name: 'c', nodeName: 'node-a', labels: { app: 'cache' } })],
      AFFINITY,
    ],
    ['by a label that no node has', web(required('podAffinity', toApp('db', 'rack'))), [db], AFFINITY],
    ['in another namespace, not named', web(required('podAffinity', toApp('db'))), [other], AFFINITY],
    [
      'in another namespace, named',
      web(required('podAffinity', toApp('db', 'zone', { namespaces: ['shop'] }))),
      [other],
      'on node-b',
    ],
    [
      'in a namespace by its labels',
      web(required('podAffinity', toApp('db', 'zone', { namespaceSelector: { matchLabels: { team: 'shop' } } }))),
      [other],
      'on node-b',
    ],
    ['in all namespaces', web(required('podAffinity', toApp('db', 'zone', { namespaceSelector: {} }))), [other], 'on node-b'],
    [
      'by the name of the namespace as a label',
      web(
        required(
          'podAffinity',
          toApp('db', 'zone', { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } }),
        ),
      ),
      [other],
      'on node-b',
    ],
    ['apart', web(required('podAntiAffinity', toApp('db'))), [db], 'on node-c'],
    [
      'apart everywhere',
      web(required('podAntiAffinity', toApp('db'))),
      [db, { ...db, metadata: { ...db.metadata, name: 'e', uid: 'e' }, spec: { ...db.spec, nodeName: 'node-c' } }],
      refused("3 node(s) didn't match pod anti-affinity rules", 3),
    ],
    [
      'kept away by who is there',
      web({}),
      [aPod({ name: 'x', nodeName: 'node-a', labels: { app: 'x' }, spec: required('podAntiAffinity', toApp('web')) })],
      'on node-c',
    ],
    [
      'kept away from a node by who is there',
      web({}),
      nodes.map((node) =>
        aPod({
          name: node.metadata.name,
          nodeName: node.metadata.name,
          labels: { app: 'x' },
          spec: required('podAntiAffinity', toApp('web', 'kubernetes.io/hostname')),
        }),
      ),
      refused("3 node(s) didn't satisfy existing pods anti-affinity rules", 3),
    ],
    [
      'apart from the same version only',
      web(required('podAntiAffinity', toApp('web', 'kubernetes.io/hostname', { matchLabelKeys: ['v'] })), {
        labels: { app: 'web', v: '2' },
      }),
      nodes.map((node) => aPod({ name: node.metadata.name, nodeName: node.metadata.name, labels: { app: 'web', v: '1' } })),
      'on node-a',
    ],
    [
      'beside another version only',
      web(required('podAffinity', toApp('web', 'zone', { mismatchLabelKeys: ['v'] })), { labels: { app: 'web', v: '2' } }),
      [aPod({ name: 'x', nodeName: 'node-c', labels: { app: 'web', v: '1' } })],
      'on node-c',
    ],
  ])('%s', (_title, pod, others, expected) => {
    expect(placed(pod, nodes, others, { namespaces: [shop] })).toBe(expected);
  });
});

describe('pods spread evenly', () => {
  const nodes = [zoned('node-a', 'north'), zoned('node-b', 'south')];
  type Constraint = NonNullable<PodSpec['topologySpreadConstraints']>[number];
  const spread = (more: Partial<Constraint> = {}): Partial<PodSpec> => ({
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
        ...more,
      },
    ],
  });
  const at = (name: string, nodeName: string, more: PodOptions = {}): StoredOf<'Pod'> => aPod({ name, nodeName, ...more });
  const full = refused("1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable", 2);
  const cordoned = [zoned('node-a', 'north'), { ...zoned('node-b', 'south'), spec: { unschedulable: true } }];
  const tight = [
    zoned('node-a', 'north'),
    { ...zoned('node-b', 'south'), spec: { taints: [{ key: 'k', effect: 'NoSchedule' as const }] } },
  ];
  test.each<[string, Partial<PodSpec>, StoredOf<'Node'>[], StoredOf<'Pod'>[], string]>([
    ['to where there are fewer', spread(), nodes, [at('x', 'node-a')], 'on node-b'],
    ['not beyond the skew', spread(), cordoned, [at('x', 'node-a')], full],
    ['up to the skew', spread({ maxSkew: 2 }), cordoned, [at('x', 'node-a')], 'on node-a'],
    [
      'without those that are leaving',
      spread(),
      cordoned,
      [at('x', 'node-a', { deletionTimestamp: '2026-01-01T00:01:00Z' })],
      'on node-a',
    ],
    ['without other namespaces', spread(), cordoned, [at('x', 'node-a', { namespace: 'shop' })], 'on node-a'],
    [
      'with tainted nodes as domains',
      spread(),
      tight,
      [at('x', 'node-a')],
      refused("1 node(s) didn't match pod topology spread constraints, 1 node(s) had untolerated taint {k: }", 2),
    ],
    ['without tainted nodes as domains', spread({ nodeTaintsPolicy: 'Honor' }), tight, [at('x', 'node-a')], 'on node-a'],
    [
      'without nodes that the selector leaves out',
      { ...spread(), nodeSelector: { zone: 'north' } },
      nodes,
      [at('x', 'node-a')],
      'on node-a',
    ],
    [
      'with them',
      { ...spread({ nodeAffinityPolicy: 'Ignore' }), nodeSelector: { zone: 'north' } },
      nodes,
      [at('x', 'node-a')],
      refused("1 node(s) didn't match Pod's node affinity/selector, 1 node(s) didn't match pod topology spread constraints", 2),
    ],
    [
      'with domains that are missing',
      spread({ minDomains: 3 }),
      nodes,
      [at('x', 'node-a'), at('y', 'node-b')],
      refused("2 node(s) didn't match pod topology spread constraints", 2),
    ],
    [
      'over nodes that have the label',
      spread({ topologyKey: 'rack' }),
      nodes,
      [],
      refused("2 node(s) didn't match pod topology spread constraints (missing required label)", 2),
    ],
    [
      'of the same version only',
      spread({ matchLabelKeys: ['v'] }),
      cordoned,
      [at('x', 'node-a', { labels: { app: 'web', v: '1' } })],
      'on node-a',
    ],
    ['if it can be', spread({ whenUnsatisfiable: 'ScheduleAnyway' }), cordoned, [at('x', 'node-a')], 'on node-a'],
    [
      'rather',
      spread({ whenUnsatisfiable: 'ScheduleAnyway' }),
      nodes,
      [at('x', 'node-a'), aPod({ name: 'z', nodeName: 'node-b', labels: { app: 'z' }, container: requests('500m') })],
      'on node-b',
    ],
  ])('%s', (_title, spec, among, others, expected) => {
    expect(placed(aPod({ name: 'new', labels: { app: 'web', v: '2' }, spec }), among, others)).toBe(expected);
  });
});
