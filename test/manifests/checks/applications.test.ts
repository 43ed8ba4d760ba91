// Applications without a mistake, as sets that have to stand alone: nothing is missing in them, and nothing is in the way.
import { expect, test } from 'vitest';
import { createManifestLoader } from '../../../src/manifests/loader.ts';
import { readCorpus } from '../../corpus/applications.ts';
import { told } from '../../support/manifest-text.ts';
import { memorySnapshot } from '../../support/memory-snapshot.ts';

test.each(readCorpus().map(({ name, files }) => ({ name, files })))('$name', async ({ files }) => {
  const loader = createManifestLoader({ sets: 'apart', areSetsJudged: true });
  const result = await loader.load(memorySnapshot(files));
  expect(told(result).filter((line) => /^error (?!Unsupported)/.test(line))).toEqual([]);
});
