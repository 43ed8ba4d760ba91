// Applications as teams write them: nothing in them is a mistake, so all that may be said is what Holdfast does not run yet. The list of
// that is refused.txt; `UPDATE_GOLDEN=1` writes it anew, and it is to become shorter.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import type { LoadResult } from '../../src/manifests/load.ts';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import { formatProblem, type Problem } from '../../src/manifests/problem.ts';
import { isOfClusterOnly } from '../../src/manifests/schema/kinds.ts';
import type { SourceObject } from '../../src/manifests/source.ts';
import { memorySnapshot } from '../support/memory-snapshot.ts';
import { type CorpusApplication, objectsOf, readCorpus } from './applications.ts';

interface Judged {
  readonly application: CorpusApplication;
  readonly objects: readonly SourceObject[];
  readonly result: LoadResult;
}

interface Head {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const golden = fileURLToPath(new URL('refused.txt', import.meta.url));
const corpus = readCorpus();
const judged = new Map<string, Judged>();

beforeAll(async () => {
  for (const application of corpus) {
    const result = await createManifestLoader({ sets: 'apart', areSetsJudged: true }).load(memorySnapshot(application.files));
    judged.set(application.name, { application, objects: objectsOf(application), result });
  }
});

const judgedOf = (name: string): Judged => {
  const found = judged.get(name);
  if (found === undefined) throw new Error(`${name} was not loaded`);
  return found;
};
const headOf = (object: SourceObject): Head => object.value as Head;
const nameOf = ({ kind, metadata: { name } }: Head): string => `${kind} ${name}`;
const isRefusal = ({ reason }: Problem): boolean => reason === 'UnsupportedKind' || reason === 'UnsupportedField';

test('there are applications of many kinds', () => {
  expect(corpus.filter(({ name }) => name.startsWith('first/')).length).toBeGreaterThanOrEqual(30);
});

test.each(corpus.map(({ name }) => name))('%s has no fault', (name) => {
  const { problems } = judgedOf(name).result;
  expect(problems.filter((problem) => problem.severity === 'error' && !isRefusal(problem)).map(formatProblem)).toEqual([]);
});

const isPlain = ({ files }: CorpusApplication): boolean =>
  !Object.keys(files).some((path) => /(?:^|\/)kustomization\.ya?ml$/.test(path));

test.each(corpus.filter(isPlain).map(({ name }) => name))('%s comes out typed, object by object', (name) => {
  const { objects, result } = judgedOf(name);
  const written = objects
    .map(headOf)
    .filter(({ apiVersion, kind }) => !apiVersion.startsWith('holdfast.dev/') && !isOfClusterOnly(apiVersion, kind));
  expect(result.manifests.map(({ resource }) => nameOf(resource as Head)).toSorted()).toEqual(written.map(nameOf).toSorted());
});

test('what is refused is known', () => {
  const applications = new Map<string, { readonly names: Set<string>; readonly message: string }>();
  for (const [name, { objects, result }] of judged)
    for (const problem of result.problems.filter(isRefusal)) {
      const kind = kindAt(problem, objects);
      const field = problem.reason === 'UnsupportedKind' ? '' : `.${problem.field.replace(/\[\d+\]/g, '')}`;
      const entry = applications.get(`${kind}${field}\n${problem.message}`) ?? { names: new Set(), message: problem.message };
      entry.names.add(name);
      applications.set(`${kind}${field}\n${problem.message}`, entry);
    }
  const lines = [...applications].map(
    ([key, { names, message }]) =>
      `${key.slice(0, key.indexOf('\n'))}: ${names.size} ${names.size === 1 ? 'application' : 'applications'}: ${message}\n`,
  );
  const text = lines.toSorted().join('');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, 'utf8'));
});

/** The kind of the object that a problem stands in: the last one that begins before it. */
function kindAt({ file, line }: Problem, objects: readonly SourceObject[]): string {
  const before = objects.findLast((object) => {
    const start = object.locate([]);
    return start.file === file && start.line <= line;
  });
  return before === undefined ? file : headOf(before).kind;
}
