// What is read, printed and read again is the same: whole applications as teams write them, and parts of them taken out at random.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import { printManifest } from '../../src/manifests/reading/print.ts';
import type { Desired } from '../../src/model/resource.ts';
import { loadText } from '../support/manifest-text.ts';
import { memorySnapshot } from '../support/memory-snapshot.ts';
import { readCorpus } from './applications.ts';

const corpus = readCorpus();

async function resourcesOf(files: Readonly<Record<string, string>>): Promise<readonly Desired[]> {
  const { manifests } = await createManifestLoader({ sets: 'apart' }).load(memorySnapshot(files));
  return manifests.map(({ resource }) => resource);
}

/** One resource, printed and read. */
const again = (resource: unknown): Desired | undefined => loadText(printManifest(resource)).manifests[0]?.resource;

/** The same, of what has no field that is refused: the others are never applied. */
function accepted(resource: unknown): Desired | undefined {
  const { manifests, problems } = loadText(printManifest(resource));
  return problems.some(({ reason }) => reason === 'UnsupportedField') ? undefined : manifests[0]?.resource;
}

test.each(corpus.map(({ name, files }) => [name, files] as const))('%s', async (_name, files) => {
  const resources = await resourcesOf(files);
  for (const resource of resources) expect(again(resource)).toEqual(resource);
});

type Json = Record<string, unknown>;

/** A copy without the entries that `isKept` says no to; every map and list is asked about. */
function thinned(value: unknown, isKept: () => boolean, depth = 0): unknown {
  if (Array.isArray(value)) return value.map((item) => thinned(item, isKept, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Json)
      .filter(([key]) => depth < 2 || ['name', 'kind', 'apiVersion', 'metadata'].includes(key) || isKept())
      .map(([key, entry]) => [key, thinned(entry, isKept, depth + 1)]),
  );
}

test('defaults fill in once: any part of any of them', async () => {
  const all = (await Promise.all(corpus.map(({ files }) => resourcesOf(files)))).flat();
  let judged = 0;
  fc.assert(
    fc.property(fc.constantFrom(...all), fc.infiniteStream(fc.integer({ min: 0, max: 9 })), (resource, dice) => {
      const first = accepted(thinned(resource, () => dice.next().value !== 0));
      if (first === undefined) return;
      judged += 1;
      expect(again(first)).toEqual(first);
    }),
    { numRuns: 1_500, seed: 20 },
  );
  expect(judged).toBeGreaterThan(300);
});
