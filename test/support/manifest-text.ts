// Manifests as text, for tests of what reads them.
import type { LoadResult, ManifestFile } from '../../src/manifests/load.ts';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import { formatProblem } from '../../src/manifests/problem.ts';

/** A file with the bytes of a text. Equal texts at equal paths have equal blob ids. */
export function textFile(path: string, text: string): ManifestFile {
  return { path, blobId: `blob of ${text}`, bytes: new TextEncoder().encode(text) };
}

/** What a fresh loader makes of one file. */
export function loadText(text: string, path = 'a.yaml'): LoadResult {
  return createManifestLoader().load([textFile(path, text)]);
}

/** The problems of a result as people see them, each with its severity and reason. */
export function told(result: Pick<LoadResult, 'problems'>): string[] {
  return result.problems.map((problem) => `${problem.severity} ${problem.reason} ${formatProblem(problem)}`);
}
