// One fault at a time, put into objects of the corpus: where faults can be put, and what is said of them.
import { admitObjects } from '../../src/manifests/object.ts';
import { formatPath, type Path } from '../../src/manifests/place.ts';
import { formatProblem, type Problem } from '../../src/manifests/problem.ts';
import { readManifestFile } from '../../src/manifests/reading/file.ts';
import { printManifest } from '../../src/manifests/reading/print.ts';
import { resolveSchema } from '../../src/manifests/schema/admit.ts';
import { findKind } from '../../src/manifests/schema/kinds.ts';
import { schemaOf } from '../../src/manifests/schema/schema.ts';
import type { SchemaNode } from '../../src/manifests/schema/schema-node.ts';
import type { SourceObject } from '../../src/manifests/source.ts';
import { objectsOf, readCorpus } from './applications.ts';

/** An object of the corpus that is read without a conversion. */
export interface Subject {
  readonly kind: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** What is said of it as it is: refusals alone. */
  readonly known: ReadonlySet<string>;
}

/** One field as it occurs: the first one of its schema path in the smallest object that has it. */
export interface Occurrence {
  readonly subject: Subject;
  readonly path: Path;
  /** Such as `Deployment.spec.template.spec.containers[].image`; keys of free maps are `*`. */
  readonly pattern: string;
  readonly value: unknown;
  /** What is said of the field itself. */
  readonly field: SchemaNode;
  /** The type of its value. */
  readonly type: SchemaNode;
  /** How its key comes about; an item of a list has none. */
  readonly key: 'field' | 'free' | 'item';
  readonly isRequired: boolean;
}

/** All fields that occur in the corpus, one occurrence each. */
export function occurrences(): readonly Occurrence[] {
  const subjects = readCorpus()
    .flatMap(objectsOf)
    .flatMap(({ value }) => subjectOf(value as Subject['value']));
  const found = new Map<string, Occurrence>();
  for (const subject of subjects.toSorted((one, other) => one.text.length - other.text.length))
    for (const occurrence of walk(subject, [], subject.kind, subject.value, schemaOf(subject.kind as never)))
      if (!found.has(occurrence.pattern)) found.set(occurrence.pattern, occurrence);
  return [...found.values()];
}

function subjectOf(value: Subject['value']): Subject[] {
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !('kind' in findKind(apiVersion, kind))) return [];
  if (schemaOf(kind as never)['x-input'] === true) return [];
  const problems = problemsOfValue(value);
  // A patch is no object.
  if (problems.some(({ reason }) => reason !== 'UnsupportedKind' && reason !== 'UnsupportedField')) return [];
  return [{ kind, value, text: printManifest(value), known: new Set(problems.map(identity)) }];
}

function* walk(subject: Subject, path: Path, pattern: string, value: unknown, schema: SchemaNode): Generator<Occurrence> {
  if (Array.isArray(value)) {
    const field = schema.items ?? {};
    for (const [index, item] of value.entries())
      yield* visit(subject, [...path, index], `${pattern}[]`, item, { field, key: 'item', isRequired: false });
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, entry] of Object.entries(value)) {
      if (path.length === 0 && name === 'status') continue;
      const own = schema.properties?.[name];
      const field = own ?? freeField(schema, name);
      const here = `${pattern}.${own === undefined ? '*' : name}`;
      const isRequired = schema.required?.includes(name) === true;
      yield* visit(subject, [...path, name], here, entry, { field, key: own === undefined ? 'free' : 'field', isRequired });
    }
  }
}

function* visit(
  subject: Subject,
  path: Path,
  pattern: string,
  value: unknown,
  how: Pick<Occurrence, 'field' | 'key' | 'isRequired'>,
): Generator<Occurrence> {
  if (how.field['x-managed'] === true || value === null) return;
  const type = resolveSchema(how.field);
  yield { subject, path, pattern, value, type, ...how };
  yield* walk(subject, path, pattern, value, type);
}

function freeField(schema: SchemaNode, name: string): SchemaNode {
  const byPattern = Object.entries(schema.patternProperties ?? {}).find(([pattern]) => new RegExp(pattern).test(name))?.[1];
  return byPattern ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {});
}

/** What is said of an object beside what was said of it before the fault: errors alone, without places. */
export function newProblems({ known }: Subject, mutated: unknown): readonly Problem[] {
  return problemsOfValue(mutated).filter((problem) => !known.has(identity(problem)));
}

/** The same by way of the file that the object is printed to, with its places. */
export function newProblemsOfText(
  { known }: Subject,
  mutated: unknown,
): { readonly text: string; readonly problems: readonly Problem[] } {
  const text = printManifest(mutated);
  const { objects, problems } = readManifestFile('mutated.yaml', new TextEncoder().encode(text));
  return { text, problems: [...problems, ...errorsOf(objects)].filter((problem) => !known.has(identity(problem))) };
}

/** A copy of the object with another value at a path; `undefined` takes it away. */
export function withValue({ subject, path }: Pick<Occurrence, 'subject' | 'path'>, value: unknown): unknown {
  const copy = structuredClone(subject.value) as Record<string, unknown>;
  const owner = at(copy, path.slice(0, -1));
  const last = path.at(-1) as string;
  if (value !== undefined) owner[last] = value;
  else if (Array.isArray(owner)) owner.splice(Number(last), 1);
  else delete owner[last];
  return copy;
}

/** A copy of the object with another name for the last key of a path, in the same position. */
export function withKey({ subject, path }: Pick<Occurrence, 'subject' | 'path'>, name: string): unknown {
  const copy = structuredClone(subject.value) as Record<string, unknown>;
  const owner = at(copy, path.slice(0, -1));
  const entries = Object.entries(owner);
  for (const [key] of entries) delete owner[key];
  for (const [key, entry] of entries) owner[key === path.at(-1) ? name : key] = entry;
  return copy;
}

function at(root: Record<string, unknown>, path: Path): Record<string, unknown> {
  let current = root;
  for (const step of path) current = current[step] as Record<string, unknown>;
  return current;
}

/** The fields of problems, and their places for people. */
export function shown(problems: readonly Problem[]): string {
  return problems.length === 0 ? 'nothing' : problems.map(formatProblem).join(' | ');
}

/** Whether a problem is told of a field, of something in it, or of what it is in by at most one step. */
export function isAbout({ field }: Problem, path: Path): boolean {
  const own = formatPath(path);
  return field === own || field.startsWith(`${own}.`) || field.startsWith(`${own}[`) || field === formatPath(path.slice(0, -1));
}

function problemsOfValue(value: unknown): readonly Problem[] {
  const nowhere = { file: 'mutated.yaml', line: 1, column: 1 };
  return errorsOf([{ value, locate: () => nowhere, sourceAt: () => undefined }]);
}

function errorsOf(objects: readonly SourceObject[]): readonly Problem[] {
  const { problems, foreign } = admitObjects(objects);
  return [...problems, ...foreign.flatMap((object) => object.problems)].filter(({ severity }) => severity === 'error');
}

function identity({ field, message }: Problem): string {
  return `${field}\n${message}`;
}
