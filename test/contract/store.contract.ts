// What every implementation of the store promises.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readContract, watchContract } from './store-reads.contract.ts';
import { configMap, create, type OpenedStore, type OpenOptions, type StoreSubject, storeSubject } from './store-subject.ts';
import { transactionContract, writeContract } from './store-writes.contract.ts';

/** Runs the suite on one implementation. `open` makes an empty store. */
export function storeContract(name: string, open: (options: OpenOptions) => Promise<OpenedStore>): void {
  const subject = storeSubject(open);
  describe(`${name} store`, () => {
    beforeEach(() => subject.begin());
    afterEach(() => subject.end());
    writeContract(subject);
    transactionContract(subject);
    readContract(subject);
    watchContract(subject);
    leaseContract(subject);

    test('a closed store refuses writes, and closing twice is harmless', async () => {
      await subject.createOne(configMap('a'));
      await subject.store.close();
      await subject.store.close();
      await expect(subject.store.write([create(configMap('b'))])).rejects.toThrow('closed');
      await expect(subject.store.lease('leader', 'a', 1)).rejects.toThrow('closed');
    });
  });
}

function leaseContract(subject: StoreSubject): void {
  describe('lease', () => {
    test('belongs to its holder until it expires', async () => {
      const first = await subject.store.lease('leader', 'a', 10_000);
      expect(first).toEqual({ holder: 'a', expiresAtMs: subject.clock.now() + 10_000 });
      await subject.clock.advance(9_999);
      expect(await subject.store.lease('leader', 'b', 10_000)).toEqual(first);
      expect((await subject.store.lease('other', 'b', 10_000)).holder).toBe('b');
      await subject.clock.advance(1);
      expect(await subject.store.lease('leader', 'b', 10_000)).toEqual({
        holder: 'b',
        expiresAtMs: subject.clock.now() + 10_000,
      });
    });

    test('is renewed by its holder and given back by it alone', async () => {
      await subject.store.lease('leader', 'a', 10_000);
      await subject.clock.advance(5_000);
      expect((await subject.store.lease('leader', 'a', 10_000)).expiresAtMs).toBe(subject.clock.now() + 10_000);
      await subject.store.release('leader', 'b');
      expect((await subject.store.lease('leader', 'b', 10_000)).holder).toBe('a');
      await subject.store.release('leader', 'a');
      expect((await subject.store.lease('leader', 'b', 10_000)).holder).toBe('b');
    });
  });
}
