import { describe, expect, test } from 'vitest';
import { SharedObjects } from '../../src/git/shared-objects.ts';

const GITDIR = '/srv/shop.git';
const TREE = '1'.repeat(40);
/** A tree of one file. */
const bytes = Buffer.concat([Buffer.from('100644 a.yaml\0', 'latin1'), Buffer.alloc(20, 0x22)]);
const entries = [{ name: 'a.yaml', id: '2'.repeat(40), type: 'file' }];

describe('what sources of one repository share', () => {
  test('a tree is read once, also by those who ask at the same time', async () => {
    const shared = new SharedObjects();
    let reads = 0;
    const read = async (): Promise<Uint8Array> => {
      reads += 1;
      return bytes;
    };
    const [one, other] = await Promise.all([shared.tree(GITDIR, TREE, read), shared.tree(GITDIR, TREE, read)]);
    expect(one).toEqual(entries);
    expect(other).toBe(one);
    expect(await shared.tree(GITDIR, TREE, read)).toBe(one);
    expect(reads).toBe(1);
    await shared.tree('/srv/other.git', TREE, read);
    expect(reads).toBe(2);
  });

  test('who reads in vain keeps nobody else from reading', async () => {
    const shared = new SharedObjects();
    const failing = shared.tree(GITDIR, TREE, () => Promise.reject(new Error('damaged')));
    const other = shared.tree(GITDIR, TREE, () => Promise.resolve(bytes));
    await expect(failing).rejects.toThrow('damaged');
    expect(await other).toEqual(entries);
    expect(await shared.tree(GITDIR, TREE, () => Promise.reject(new Error('damaged')))).toEqual(entries);
  });

  test('packs are kept once for a repository, for all who read it', () => {
    const shared = new SharedObjects();
    const packs = shared.packs(GITDIR);
    expect(shared.packs(GITDIR)).toBe(packs);
    expect(shared.packs('/srv/other.git')).not.toBe(packs);
  });
});
