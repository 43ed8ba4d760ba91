// What was said of fragments one by one, against all of them anew.
import {
  type Arbitrary,
  array,
  assert,
  constantFrom,
  dictionary,
  option,
  property,
  record,
  tuple,
  uniqueArray,
} from 'fast-check';
import { expect, test } from 'vitest';
import type { Fragment } from '../../src/network/fragment.ts';
import { FragmentIndex } from '../../src/network/fragment-index.ts';
import { changesBetween, planChange, planUpdate } from '../../src/network/plan-change.ts';
import { FRAME_NODE as NODE } from './services/frame-node.ts';

const few = constantFrom('1', '2', '3');
const fragment: Arbitrary<Fragment> = record({
  services: dictionary(few, constantFrom('drop', 'accept')),
  hairpin: uniqueArray(few),
  records: uniqueArray(few),
  flows: dictionary(few, uniqueArray(few)),
  chain: option(few, { nil: undefined }),
}).map(({ services, hairpin, records, flows, chain }) => ({
  rules: {
    chains: new Map(chain === undefined ? [] : [[`c${chain}`, ['accept']]]),
    sets: new Map(),
    elements: new Map<string, Map<string, string>>([
      ['services', new Map(Object.entries(services))],
      ['hairpin', new Map(hairpin.map((key) => [key, '']))],
    ]),
    flows: new Map(Object.entries(flows).map(([front, leads]) => [front, new Set(leads)])),
  },
  records: new Set(records),
}));
const step = array(tuple(constantFrom('a', 'b', 'c', 'd'), option(fragment, { nil: undefined })), { maxLength: 3 });

test('a change of some is planned as if all were compared, whatever changed before', () => {
  assert(
    property(array(step, { maxLength: 8 }), (steps) => {
      const index = new FragmentIndex();
      for (const wishes of steps) {
        const before = new Map(index.fragments);
        const after = new Map(before);
        for (const [id, is] of wishes)
          if (is === undefined) after.delete(id);
          else after.set(id, is);
        const changes = changesBetween(before, after);
        expect(planUpdate(index, changes, NODE)).toEqual(planChange(before, after, NODE));
        for (const [id, is] of changes) index.put(id, is);
        expect(index.fragments).toEqual(after);
      }
      for (const id of ['a', 'b', 'c', 'd']) index.put(id, undefined);
      const left = ['1', '2', '3'].flatMap((key) => [
        index.withElement('services', key),
        index.withRecord(key),
        index.withFlows(key),
      ]);
      expect(left.flat()).toEqual([]);
    }),
  );
});
