// Slices by Service.
import { expect, test } from 'vitest';
import { SERVICE_NAME_LABEL } from '../../../src/model/endpoint-slice.ts';
import { SliceIndex } from '../../../src/network/agent/slice-index.ts';
import type { StoreReader } from '../../../src/store/store.ts';
import { aPod } from '../../support/builders.ts';
import { aSlice } from '../services/service-objects.ts';

const sliceOf = (service: string | undefined, name: string): ReturnType<typeof aSlice> => {
  const slice = aSlice([], undefined, { name });
  return service === undefined ? slice : { ...slice, metadata: { ...slice.metadata, labels: { [SERVICE_NAME_LABEL]: service } } };
};
const names = (index: SliceIndex, service: string): readonly string[] => index.of(service).map(({ metadata }) => metadata.name);

test('tells of each change which Services it concerns', () => {
  const index = new SliceIndex();
  expect(index.take('added', sliceOf('web', 'b'))).toEqual(['shop/web']);
  expect(index.take('added', sliceOf('web', 'a'))).toEqual(['shop/web']);
  expect(names(index, 'shop/web')).toEqual(['a', 'b']);
  // Its label changes.
  expect(index.take('modified', sliceOf('db', 'a'))).toEqual(['shop/web', 'shop/db']);
  expect([names(index, 'shop/web'), names(index, 'shop/db')]).toEqual([['b'], ['a']]);
  expect(index.take('removed', sliceOf('db', 'a'))).toEqual(['shop/db']);
  expect(names(index, 'shop/db')).toEqual([]);
});

test('passes over what belongs to no Service', () => {
  const index = new SliceIndex();
  expect(index.take('added', sliceOf(undefined, 'a'))).toEqual([]);
  expect(index.take('added', sliceOf('', 'b'))).toEqual([]);
  expect(index.take('added', aPod())).toEqual([]);
  // One that loses its label.
  index.take('added', sliceOf('web', 'c'));
  expect(index.take('modified', sliceOf(undefined, 'c'))).toEqual(['shop/web']);
  expect(names(index, 'shop/web')).toEqual([]);
});

test('begins anew with what the store holds', () => {
  const index = new SliceIndex();
  index.take('added', sliceOf('web', 'old'));
  index.reset({ list: () => [sliceOf('web', 'new')] } as unknown as StoreReader);
  expect(names(index, 'shop/web')).toEqual(['new']);
});
