// Builds of kustomizations, written as one text for each: `=== PATH` begins a file. The folder of the first file is built.
import { buildKustomization } from '../../src/manifests/kustomize/kustomize.ts';
import { formatProblem, type Problem } from '../../src/manifests/problem.ts';
import { parseYaml } from '../../src/manifests/reading/yaml.ts';
import type { Rendered } from '../../src/manifests/rendering.ts';
import { type MemoryContextOptions, type MemoryFiles, memoryContext } from './memory-tree.ts';

/** The files of a text. */
export function filesOf(text: string): MemoryFiles {
  const parts = text.split(/^=== /m).slice(1);
  return Object.fromEntries(
    parts.map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end).trim(), part.slice(end + 1)];
    }),
  );
}

/** Builds the folder of the first file. */
export async function buildText(text: string, options: MemoryContextOptions = {}): Promise<Rendered> {
  const files = filesOf(text);
  const [first = ''] = Object.keys(files);
  return await buildKustomization(first.slice(0, Math.max(0, first.lastIndexOf('/'))), memoryContext(files, options));
}

/** What is said about fields that kustomize is giving up, which many cases have. */
const isDeprecation = ({ reason }: Problem): boolean => reason === 'Converted';

/** The objects of a build without a fault. */
export async function renderedObjects(text: string, options: MemoryContextOptions = {}): Promise<unknown[]> {
  const { objects, problems: all } = await buildText(text, options);
  const problems = all.filter((problem) => !isDeprecation(problem));
  if (problems.length > 0) throw new Error(problems.map(formatProblem).join('\n'));
  return objects.map(({ value }) => value);
}

/** What people see of a build's problems; not that a field is deprecated. */
export async function toldProblems(text: string, options: MemoryContextOptions = {}): Promise<string[]> {
  const { problems } = await buildText(text, options);
  return problems
    .filter((problem) => !isDeprecation(problem))
    .map((problem) => `${problem.severity} ${problem.reason} ${formatProblem(problem)}`);
}

/** The values of the documents of a YAML text. */
export function documentsOf(text: string): unknown[] {
  return parseYaml(text).map(({ value }) => value);
}
