import { expect, test } from 'vitest';
import type { SnapshotFile } from '../../src/manifests/load.ts';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import { READS_AT_A_TIME } from '../../src/manifests/pass.ts';

const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

interface Counter {
  readonly reads: string[];
  open: number;
  most: number;
}

const newCounter = (): Counter => ({ reads: [], open: 0, most: 0 });

function file(counter: Counter, path: string, text: string, rest: Partial<SnapshotFile> = {}): SnapshotFile {
  const bytes = new TextEncoder().encode(text);
  const read = async (): Promise<Uint8Array> => {
    counter.reads.push(path);
    counter.open += 1;
    counter.most = Math.max(counter.most, counter.open);
    await Promise.resolve();
    counter.open -= 1;
    return bytes;
  };
  return { path, blobId: text, sizeBytes: bytes.byteLength, type: 'file', read, ...rest };
}

test('only manifests are read, a few at a time, and what did not change is not read again', async () => {
  const loader = createManifestLoader();
  const counter = newCounter();
  const files = Array.from({ length: 100 }, (_, index) => file(counter, `${index}.yaml`, map(`m${index}`)));
  const first = await loader.load({ files: [...files, file(counter, 'README.md', 'x'), file(counter, '.ci/a.yaml', 'x')] });
  expect(first.manifests.map(({ file: path }) => path)).toEqual(files.map(({ path }) => path));
  expect(counter.reads).toHaveLength(100);
  expect(counter.most).toBe(READS_AT_A_TIME);
  const second = await loader.load({ files: [...files.slice(1), file(counter, '0.yaml', map('new'))] });
  expect(counter.reads.slice(100)).toEqual(['0.yaml']);
  expect(second.manifests).toHaveLength(100);
  expect(second.manifests[0]).toBe(first.manifests[1]);
});

test('a read that fails fails the whole, and the loader keeps what it knew', async () => {
  const loader = createManifestLoader();
  const counter = newCounter();
  const good = file(counter, 'a.yaml', map('a'));
  await loader.load({ files: [good] });
  const bad = file(counter, 'b.yaml', 'x', { read: () => Promise.reject(new Error('gone')) });
  await expect(loader.load({ files: [good, bad] })).rejects.toThrow('gone');
  await loader.load({ files: [good] });
  expect(counter.reads).toEqual(['a.yaml']);
});
