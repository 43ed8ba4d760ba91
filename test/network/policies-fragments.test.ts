// Which fragments a change concerns: whoever plans only those holds what planning everything would give.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyOf, keyString, type NetworkPolicy, type Stored, type StoredOf } from '../../src/model/resource.ts';
import type { Fragment } from '../../src/network/fragment.ts';
import { PolicyFragments } from '../../src/network/policies/policy-fragments.ts';
import type { StoreReader } from '../../src/store/store.ts';
import { aCondition, aConfigMap, aPod } from '../support/builders.ts';
import { aNamespace, aPolicy, NODE, readerOf } from './policies-scene.ts';

type Known = StoredOf<'Pod'> | StoredOf<'NetworkPolicy'> | StoredOf<'Namespace'>;

function podOf(name: string, namespace: string, labels: Record<string, string>, phase: 'Running' | 'Failed'): StoredOf<'Pod'> {
  const ports = [{ name: 'http', containerPort: 80 }];
  return aPod({
    name,
    namespace,
    labels,
    nodeName: name === 'c' ? 'two' : 'one',
    phase,
    status: { podIP: `10.244.1.${name.charCodeAt(0)}` },
    container: { ports },
  });
}

const label = fc.constantFrom<Record<string, string>>({}, { a: '1' });
const selector = label.map((matchLabels) => ({ matchLabels }));
const space = fc.constantFrom('n', 'm');
const spec: fc.Arbitrary<NonNullable<NetworkPolicy['spec']>> = fc.record({
  podSelector: fc.constantFrom({}, { matchLabels: { a: '1' } }),
  policyTypes: fc.constant<('Ingress' | 'Egress')[]>(['Ingress', 'Egress']),
  ingress: fc.array(
    fc.record({
      from: fc.array(fc.oneof(fc.record({ podSelector: selector }), fc.record({ namespaceSelector: selector })), {
        maxLength: 2,
      }),
    }),
    { maxLength: 2 },
  ),
  egress: fc.array(fc.record({ ports: fc.constantFrom([{ port: 'http', protocol: 'TCP' as const }], []) }), { maxLength: 1 }),
});
const object: fc.Arbitrary<Known> = fc.oneof(
  fc
    .tuple(fc.constantFrom('a', 'b', 'c'), space, label, fc.constantFrom<'Running' | 'Failed'>('Running', 'Failed'))
    .map((each) => podOf(...each)),
  fc.tuple(space, fc.constantFrom('p', 'q'), spec).map(([namespace, name, each]) => aPolicy(`${namespace}/${name}`, each)),
  fc.tuple(space, label).map(([name, labels]): Known => aNamespace(name, labels)),
);

function plannedBy(source: PolicyFragments, ids: readonly string[], store: StoreReader): Map<string, Fragment> {
  return new Map(
    ids.flatMap((id): [string, Fragment][] => {
      const fragment = source.plan(id, store, NODE);
      return fragment === undefined ? [] : [[id, fragment]];
    }),
  );
}

function everything(store: StoreReader): Map<string, Fragment> {
  const source = new PolicyFragments();
  return plannedBy(source, source.reset(store), store);
}

test('planning only what a change concerns gives what planning everything gives', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(object, fc.boolean()), { minLength: 15, maxLength: 30 }), (changes) => {
      const objects = new Map<string, Known>();
      const store = readerOf({ [Symbol.iterator]: () => objects.values() });
      const source = new PolicyFragments();
      const held = plannedBy(source, source.reset(store), store);
      for (const [resource, isRemoved] of changes) {
        const key = keyString(keyOf(resource));
        if (isRemoved && !objects.has(key)) continue;
        const type = isRemoved ? 'removed' : objects.has(key) ? 'modified' : 'added';
        if (isRemoved) objects.delete(key);
        else objects.set(key, resource);
        for (const id of source.take({ type, resource, revision: 1 })) {
          const fragment = source.plan(id, store, NODE);
          if (fragment === undefined) held.delete(id);
          else held.set(id, fragment);
        }
        expect(held).toEqual(everything(store));
      }
    }),
    { numRuns: 300 },
  );
});

test('what changes nothing for policies concerns no fragment', () => {
  const source = new PolicyFragments();
  const pod = podOf('a', 'n', {}, 'Running');
  const policy = aPolicy('n/p', { podSelector: {} });
  expect(source.reset(readerOf([pod, policy])).toSorted()).toEqual([
    'policies',
    'policies/n/p',
    'policy-groups/n/ingress-834bd151c9',
    'policy-pods/n/10.244.1.97',
  ]);
  const take = (type: 'added' | 'modified', resource: Stored): readonly string[] => source.take({ type, resource, revision: 2 });
  expect(take('modified', { ...pod, status: { ...pod.status, conditions: [aCondition('Ready', 'True')] } })).toEqual([]);
  expect(take('modified', { ...policy, metadata: { ...policy.metadata, labels: { a: '1' } } })).toEqual([]);
  expect(take('modified', aConfigMap())).toEqual([]);
  // Nobody in `n` looks at other namespaces: only itself.
  expect(take('added', podOf('b', 'm', {}, 'Running'))).toEqual(['policy-pods/m/10.244.1.98']);
  expect(take('modified', aNamespace('n', { team: 'a' }))).toEqual([]);
});

test('without policies there is no fragment', () => {
  const source = new PolicyFragments();
  const pod = podOf('a', 'n', {}, 'Running');
  const store = readerOf([pod]);
  expect(source.reset(store)).toEqual([]);
  expect(source.take({ type: 'removed', resource: pod, revision: 2 })).toEqual([]);
  expect(source.take({ type: 'added', resource: pod, revision: 3 })).toEqual([]);
  const ids = ['policies', 'policies/n/p', 'policy-pods/n/10.244.1.97', 'service/n/x'];
  expect(ids.map((id) => source.plan(id, store, NODE))).toEqual([undefined, undefined, undefined, undefined]);
  // The first one is told of all that are there.
  const policy = aPolicy('n/p', { podSelector: { matchLabels: { some: 'other' } } });
  expect(source.take({ type: 'added', resource: policy, revision: 4 })).toEqual([
    'policies/n/p',
    'policies',
    'policy-pods/n/10.244.1.97',
  ]);
});

test('the address of a pod counts before its status tells it', () => {
  const store = readerOf([aPod({ name: 'new', namespace: 'n', nodeName: 'one' }), aPolicy('n/p', { podSelector: {} })]);
  const source = new PolicyFragments(undefined, () => '10.244.1.50');
  source.reset(store);
  const elements = source.plan('policy-pods/n/10.244.1.50', store, NODE)?.rules.elements;
  expect([...(elements?.keys() ?? [])]).toEqual(['policy-known', 'policy-ingress', 'policy-self']);
});

test('two policies with long names that begin alike have two fragments, whose names are those of files', () => {
  const source = new PolicyFragments();
  const [one, two] = ['1', '2'].map((end) => aPolicy(`n/${'a'.repeat(250)}${end}`, { podSelector: {} }));
  const ids = source.reset(readerOf([one, two].filter((each) => each !== undefined)));
  expect(new Set(ids).size).toBe(3);
  expect(ids.every((id) => id.length <= 250)).toBe(true);
});

describe('a store that was lost', () => {
  const of = (application: string): { annotations: Record<string, string> } => ({
    annotations: { 'holdfast.dev/application': application },
  });
  const policy = aPolicy('n/p', {
    podSelector: {},
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'a' } } }] }],
  });
  const ours = { ...policy, metadata: { ...policy.metadata, ...of('blog') } };
  const plain = aNamespace('m', { team: 'a' });
  const namespace = { ...plain, metadata: { ...plain.metadata, ...of('blog') } };
  const pods = [podOf('a', 'n', {}, 'Running'), podOf('b', 'm', {}, 'Running')];
  const whole = everything(readerOf([ours, namespace, ...pods]));

  test('has policies and the labels of namespaces recalled until their application was applied', () => {
    expect(whole.get('policies/n/p')?.memory).toBe(
      '{"policy":"p","namespace":"n","application":"blog","spec":{"podSelector":{},"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"team":"a"}}}]}]}}',
    );
    expect(whole.get('policy-namespaces/m')?.memory).toBe('{"labelsOf":"m","application":"blog","labels":{"team":"a"}}');
    let missing = ['blog'];
    const source = new PolicyFragments(() => missing);
    const lost = readerOf(pods);
    expect(source.reset(lost)).toEqual([]);
    expect(plannedBy(source, source.recall(whole, lost), lost)).toEqual(whole);
    expect(source.recall(new Map(), lost)).toEqual([]);
    // The store is read anew.
    expect(plannedBy(source, source.reset(lost), lost)).toEqual(whole);
    // A commit that does not name them.
    missing = [];
    const gone = source.recall(new Map(), lost);
    expect(new Set(gone)).toEqual(new Set(whole.keys()));
    expect(plannedBy(source, gone, lost)).toEqual(new Map());
  });

  test('has what its watch says once it knows it again', () => {
    const source = new PolicyFragments(() => ['blog']);
    const objects: Stored[] = [...pods];
    const store = readerOf(objects);
    source.reset(store);
    source.recall(whole, store);
    const changed = { ...ours, spec: { podSelector: { matchLabels: { a: '1' } } } };
    objects.push(changed, namespace);
    source.take({ type: 'added', resource: changed, revision: 1 });
    source.take({ type: 'added', resource: namespace, revision: 2 });
    expect(source.recall(new Map(), store)).toEqual([]);
    expect(plannedBy(source, [...whole.keys()], store)).toEqual(everything(store));
    source.take({ type: 'removed', resource: changed, revision: 3 });
    expect(plannedBy(source, [...whole.keys()], store)).toEqual(new Map());
  });

  test('recalls nothing of applications that were applied, and nothing that it cannot read', () => {
    const source = new PolicyFragments(() => ['shop']);
    const store = readerOf(pods);
    source.reset(store);
    const broken = new Map([...whole].map(([id, fragment]) => [id, { ...fragment, memory: '{"policy":' }]));
    expect([source.recall(whole, store), source.recall(broken, store)]).toEqual([[], []]);
  });
});
