// What was admitted file by file and build by build → one result, judged as the sets that it makes up.
import { displayKey, keyOf, keyString } from '../model/resource.ts';
import { type AdmittedSet } from './admitted-set.ts';
import { checkSet } from './checks/check-set.ts';
import type { LoadResult, Manifest } from './load.ts';
import { Neighbourhood } from './neighbourhood.ts';
import type { ForeignObject } from './object.ts';
import type { Problem } from './problem.ts';

/** What is loaded, and what for. */
export interface Assembling {
  /** There were files that could hold objects. */
  readonly isAnyFile: boolean;
  /** See `LoadingOptions`. */
  readonly areSetsJudged: boolean;
  /** It may be a folder of policies that are given to others: nobody means to apply it. */
  readonly isLookedAt: boolean;
}

/** Puts sets together. `problems` are those of no object. */
export function assemble(
  sets: readonly AdmittedSet[],
  problems: readonly Problem[],
  { isAnyFile, areSetsJudged, isLookedAt }: Assembling,
): LoadResult {
  const all: Problem[] = [...problems];
  const manifests: Manifest[] = [];
  const neighbourhood = areSetsJudged ? new Neighbourhood(sets, problems) : undefined;
  for (const set of sets) {
    const ofSet: Manifest[] = [];
    const foreign: ForeignObject[] = [];
    for (const admission of set.admissions) {
      for (const manifest of admission.manifests) ofSet.push(manifest);
      for (const problem of admission.problems) all.push(problem);
      for (const object of admission.foreign) foreign.push(object);
    }
    all.push(...set.problems, ...(set.skipUnknownKinds ? skipNotes(foreign) : foreign.flatMap((object) => object.problems)));
    for (const problem of findDuplicates(ofSet)) all.push(problem);
    for (const problem of set.judge?.(ofSet) ?? []) all.push(problem);
    if (neighbourhood !== undefined) for (const problem of checkSet(ofSet, neighbourhood.of(set))) all.push(problem);
    for (const manifest of ofSet) manifests.push(manifest);
  }
  if (manifests.length === 0 && !all.some(({ severity }) => severity === 'error')) {
    const isOfPolicies = sets.some(({ policies = [] }) => policies.length > 0);
    all.push(
      emptySet(isOfPolicies ? 'policies' : isAnyFile ? 'files' : 'nothing', isOfPolicies && isLookedAt ? 'note' : 'error'),
    );
  }
  return { manifests, problems: withoutRepeats(all.toSorted(byPlace)) };
}

const emptiness = {
  policies: 'there are only policies',
  files: 'there are no Kubernetes objects',
  nothing: 'there are no manifests (files that end in .yaml, .yml or .json)',
} as const;

function emptySet(what: keyof typeof emptiness, severity: Problem['severity']): Problem {
  const message = `${emptiness[what]}; an empty set is applied only where the commit says that it means it`;
  return { severity, reason: 'Empty', file: '', line: 0, column: 0, field: '', message };
}

function findDuplicates(manifests: readonly Manifest[]): Problem[] {
  const first = new Map<string, Manifest>();
  const problems: Problem[] = [];
  for (const manifest of manifests) {
    const key = keyOf(manifest.resource);
    const id = keyString(key);
    const other = first.get(id);
    if (other === undefined) {
      first.set(id, manifest);
      continue;
    }
    const place = manifest.locate?.(['metadata', 'name']) ?? { file: manifest.file, line: manifest.line, column: 1 };
    const message = `${displayKey(key)} is declared twice; first at ${other.file}:${other.line}`;
    problems.push({ severity: 'error', reason: 'Duplicate', ...place, field: 'metadata.name', message });
  }
  return problems;
}

/** One note per kind, at the first of its objects. */
function skipNotes(foreign: readonly ForeignObject[]): Problem[] {
  const byKind = new Map<string, ForeignObject[]>();
  for (const object of foreign) {
    const others = byKind.get(object.kind);
    if (others === undefined) byKind.set(object.kind, [object]);
    else others.push(object);
  }
  return [...byKind].flatMap(([kind, objects]) => {
    const told =
      objects.length === 1 ? `1 object of kind ${kind} is skipped` : `${objects.length} objects of kind ${kind} are skipped`;
    return objects
      .slice(0, 1)
      .map(({ place }): Problem => ({ severity: 'note', reason: 'UnsupportedKind', ...place, field: 'kind', message: told }));
  });
}

/** What several overlays of one base find there is told once. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  const told = new Set<string>();
  return problems.filter(({ severity, file, line, column, field, message }) => {
    const key = JSON.stringify([severity, file, line, column, field, message]);
    const isNew = !told.has(key);
    told.add(key);
    return isNew;
  });
}

function byPlace(one: Problem, other: Problem): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.line - other.line || one.column - other.column;
}
