// Which fragments a change concerns: whoever plans only those holds what planning everything would give.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Kind, keyOf, keyString, type NetworkPolicy, type Stored, type StoredOf } from '../../src/model/resource.ts';
import type { Fragment } from '../../src/network/fragment.ts';
import { PolicyFragments } from '../../src/network/policies/policy-fragments.ts';
import type { StoreReader } from '../../src/store/store.ts';
import { aCondition, aConfigMap, aPod } from '../support/builders.ts';
import { aPolicy, NODE } from './policies-scene.ts';

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
  fc.tuple(space, label).map(
    ([name, labels]): Known => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { ...aPolicy('any', {}).metadata, name, labels },
    }),
  ),
);

/** A store of these objects, for reading. */
function readerOf(objects: ReadonlyMap<string, Known>): StoreReader {
  const list = (kind: Kind, namespace?: string): readonly Stored[] =>
    [...objects.values()].filter(
      ({ kind: each, metadata }) => each === kind && (namespace === undefined || metadata.namespace === namespace),
    );
  return { list } as unknown as StoreReader;
}

function everything(store: StoreReader): Map<string, Fragment | undefined> {
  const source = new PolicyFragments();
  return new Map(source.reset(store).map((id) => [id, source.plan(id, store, NODE)]));
}

test('planning only what a change concerns gives what planning everything gives', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(object, fc.boolean()), { minLength: 15, maxLength: 30 }), (changes) => {
      const objects = new Map<string, Known>();
      const store = readerOf(objects);
      const source = new PolicyFragments();
      const held = new Map(source.reset(store).map((id) => [id, source.plan(id, store, NODE)]));
      for (const [resource, isRemoved] of changes) {
        const key = keyString(keyOf(resource));
        if (isRemoved && !objects.has(key)) continue;
        const type = isRemoved ? 'removed' : objects.has(key) ? 'modified' : 'added';
        if (isRemoved) objects.delete(key);
        else objects.set(key, resource);
        for (const id of source.take({ type, resource, revision: 1 }, store)) {
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
  const store = readerOf(
    new Map<string, Known>([
      ['pod', pod],
      ['policy', aPolicy('n/p', { podSelector: {} })],
    ]),
  );
  expect(source.reset(store)).toEqual(['policies', 'policies/n']);
  const ready = { ...pod, status: { ...pod.status, conditions: [aCondition('Ready', 'True')] } };
  expect(source.take({ type: 'modified', resource: ready, revision: 2 }, store)).toEqual([]);
  expect(source.take({ type: 'modified', resource: aConfigMap(), revision: 3 }, store)).toEqual([]);
  // Nobody in `n` looks at other namespaces.
  const stranger = podOf('b', 'm', {}, 'Running');
  expect(source.take({ type: 'added', resource: stranger, revision: 4 }, store)).toEqual(['policies']);
});

test('without policies there is no fragment', () => {
  const source = new PolicyFragments();
  const store = readerOf(new Map<string, Known>([['pod', podOf('a', 'n', {}, 'Running')]]));
  expect(source.reset(store)).toEqual([]);
  expect([
    source.plan('policies', store, NODE),
    source.plan('policies/n', store, NODE),
    source.plan('service/n/x', store, NODE),
  ]).toEqual([undefined, undefined, undefined]);
});

test('the address of a pod counts before its status tells it', () => {
  const pod = aPod({ name: 'new', namespace: 'n', nodeName: 'one' });
  const store = readerOf(
    new Map<string, Known>([
      ['pod', pod],
      ['policy', aPolicy('n/p', { podSelector: {} })],
    ]),
  );
  const source = new PolicyFragments(() => '10.244.1.50');
  source.reset(store);
  expect([...(source.plan('policies', store, NODE)?.rules.elements.get('policy-known') ?? [])]).toEqual([['10.244.1.50', '']]);
  expect([...(source.plan('policies/n', store, NODE)?.rules.elements.get('policy-ingress')?.keys() ?? [])]).toEqual([
    '10.244.1.50',
  ]);
});
