// Services by what they select, against the plain search.
import { array, assert, constantFrom, dictionary, option, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import type { StoredOf } from '../../src/model/resource.ts';
import { SelectorIndex } from '../../src/store/selector-index.ts';

const labels = dictionary(constantFrom('a', 'b', 'c'), constantFrom('1', '2'), { maxKeys: 3 });
const change = record({
  namespace: constantFrom('default', 'shop'),
  name: constantFrom('p', 'q', 'r', 's'),
  selector: option(labels, { nil: undefined }),
});

const serviceOf = (namespace: string, name: string, selector: Record<string, string>): StoredOf<'Service'> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace, name, uid: name, resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { selector },
});

test('finds the Services that a search over all finds, whatever became of them before', () => {
  assert(
    property(array(change), labels, (changes, wanted) => {
      const index = new SelectorIndex();
      const all = new Map<string, StoredOf<'Service'>>();
      for (const { namespace, name, selector } of changes) {
        const service = selector === undefined ? undefined : serviceOf(namespace, name, selector);
        index.apply({ kind: 'Service', namespace, name }, service);
        if (service === undefined) all.delete(`${namespace}/${name}`);
        else all.set(`${namespace}/${name}`, service);
      }
      const found = [...all.values()].filter(({ metadata, spec: { selector = {} } }) => {
        const pairs = Object.entries(selector);
        return metadata.namespace === 'shop' && pairs.length > 0 && pairs.every(([name, value]) => wanted[name] === value);
      });
      expect(index.selecting('shop', wanted)).toEqual(found.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)));
    }),
  );
});
