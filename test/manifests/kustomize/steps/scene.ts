// Builds kustomizations that are written in tests, and shows what came of them.
import { isDeepStrictEqual } from 'node:util';
import { buildKustomization } from '../../../../src/manifests/kustomize/kustomize.ts';
import { formatProblem } from '../../../../src/manifests/problem.ts';
import { parseYaml } from '../../../../src/manifests/reading/yaml.ts';
import type { SourceObject } from '../../../../src/manifests/source.ts';
import { type MemoryContextOptions, type MemoryFiles, memoryContext } from '../../../support/memory-tree.ts';

/** Files with a kustomization at the top, and the objects that have to come out: only those that are not in the files as they are. */
export interface RenderCase {
  readonly title: string;
  readonly files: MemoryFiles;
  readonly expected: string;
}

/** Files with a kustomization at the top, and everything that is said about them. */
export interface ProblemCase {
  readonly title: string;
  readonly files: MemoryFiles;
  readonly problems: readonly string[];
}

/** What came of a build. */
export interface Built {
  readonly objects: readonly SourceObject[];
  readonly problems: readonly string[];
}

/** Builds the kustomization at the top. */
export async function build(files: MemoryFiles, options: MemoryContextOptions = {}): Promise<Built> {
  const { objects, problems } = await buildKustomization('', memoryContext(files, options));
  return {
    objects,
    // That a field is deprecated has tests of its own.
    problems: problems
      .filter(({ reason }) => reason !== 'Converted')
      .map((problem) => `${problem.severity === 'note' ? 'note: ' : ''}${formatProblem(problem)}`),
  };
}

/** The documents of a text. */
export function documentsOf(text: string): unknown[] {
  return parseYaml(text).map(({ value }) => value);
}

/** The values of the objects that are not in the files as they came out. */
export function changedIn(files: MemoryFiles, { objects }: Built): unknown[] {
  const given = Object.values(files).flatMap((text) => (typeof text === 'string' ? documentsOf(text) : []));
  return objects.map(({ value }) => value).filter((value) => !given.some((other) => isDeepStrictEqual(value, other)));
}

/** `file:line:column` of a field of the object of a kind, as it came out. */
export function placeIn({ objects }: Built, kind: string, path: readonly (string | number)[]): string {
  const found = objects.find(({ value }) => (value as { kind?: unknown }).kind === kind);
  if (found === undefined) return 'nowhere';
  const { file, line, column } = found.locate(path);
  return `${file}:${line}:${column}`;
}
