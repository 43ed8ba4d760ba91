// Manifests as text, for tests of what reads them.
import { assemble } from '../../src/manifests/assembly.ts';
import type { LoadResult, SnapshotFile } from '../../src/manifests/load.ts';
import { admitObjects } from '../../src/manifests/object.ts';
import { formatProblem } from '../../src/manifests/problem.ts';
import { readManifestFile } from '../../src/manifests/reading/file.ts';

/** A file with the bytes of a text. Equal texts at equal paths have equal blob ids. */
export function textFile(path: string, text: string): SnapshotFile {
  const bytes = new TextEncoder().encode(text);
  return { path, blobId: `blob of ${text}`, sizeBytes: bytes.byteLength, type: 'file', read: () => Promise.resolve(bytes) };
}

const looked = { isAnyFile: true, areSetsJudged: false, isLookedAt: false };

/** What the loader makes of one plain file: read, admitted and judged as a set. */
export function loadText(text: string, path = 'a.yaml'): LoadResult {
  const { objects, problems } = readManifestFile(path, new TextEncoder().encode(text));
  return assemble([{ admissions: [admitObjects(objects)], problems, skipUnknownKinds: false }], [], looked);
}

/** The problems of a result as people see them, each with its severity and reason. */
export function told(result: Pick<LoadResult, 'problems'>): string[] {
  return result.problems.map((problem) => `${problem.severity} ${problem.reason} ${formatProblem(problem)}`);
}
