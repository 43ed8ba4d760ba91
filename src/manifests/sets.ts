// Objects that are applied together: what their Application says of them, their variables, and what becomes of each. What does not depend on
// the rest of its set is done once per file or build, and kept with it.
import type { AdmittedSet } from './assembly.ts';
import type { LoadingOptions } from './load.ts';
import { type Admission, admitObjects } from './object.ts';
import type { Problem } from './problem.ts';
import { isPlainObject } from './schema/admit.ts';
import type { SourceObject } from './source.ts';
import { collectVariables } from './variables/collect.ts';
import { noSettings, readSettings } from './variables/settings.ts';
import { substitute } from './variables/substitute.ts';
import type { VariableSet } from './variables/variable-set.ts';

/** The objects of one file or of one build. */
export interface Part {
  /** Those that are needed again: see `makePart`. */
  readonly objects: readonly SourceObject[];
  /** Faults of the text or of the rendering. */
  readonly problems: readonly Problem[];
  /** Whether variables may stand in it. */
  readonly hasDollar: boolean;
  /** Whether some of it is for Holdfast itself, such as the Application, and no resource. */
  readonly hasInstructions: boolean;
  /** What it is without variables. */
  readonly admission: Admission;
  /** What it was with the variables of the last load. */
  substituted?: { readonly variables: string; readonly admission: Admission };
}

/**
 * Admits objects as far as they can be understood without the rest of their set. Of most objects nothing else is kept: only those with
 * variables are admitted again, and only ConfigMaps and Secrets can be sources of variables.
 */
export function makePart(objects: readonly SourceObject[], problems: readonly Problem[], hasDollar: boolean): Part {
  const hasInstructions = objects.some(isInstruction);
  const admission = hasInstructions ? nothing : admitObjects(objects);
  const kept = hasDollar || hasInstructions ? objects : objects.filter(isVariableSource);
  return { objects: kept, problems, hasDollar, hasInstructions, admission: withProblems(admission, problems) };
}

function isVariableSource({ value }: SourceObject): boolean {
  const kind = isPlainObject(value) ? value['kind'] : undefined;
  return kind === 'ConfigMap' || kind === 'Secret' || kind === 'List';
}

const nothing: Admission = { manifests: [], problems: [], foreign: [] };

function withProblems(admission: Admission, problems: readonly Problem[]): Admission {
  return problems.length === 0 ? admission : { ...admission, problems: [...problems, ...admission.problems] };
}

/** Objects of the API group holdfast.dev, and Lists that hold one. */
function isInstruction({ value }: SourceObject): boolean {
  const isOwn = (entry: unknown): boolean =>
    isPlainObject(entry) && typeof entry['apiVersion'] === 'string' && entry['apiVersion'].startsWith('holdfast.dev/');
  if (!isPlainObject(value)) return false;
  return isOwn(value) || (value['kind'] === 'List' && Array.isArray(value['items']) && value['items'].some(isOwn));
}

/** A set, and what its Application asks for. */
export interface FinishedSet extends AdmittedSet {
  readonly timeoutSeconds: number | undefined;
}

/**
 * Puts the parts of each set together. The first set is that of the plain files: its Application speaks for all sets that have none, and
 * takes variables from all of them, as if they were one.
 */
export function finishSets(sets: readonly (readonly Part[])[], options: LoadingOptions): readonly FinishedSet[] {
  const findings = sets.map((parts) => readSettings(instructionsOf(parts), options.applicationName));
  const shared = findings[0]?.settings.locate === undefined ? undefined : findings[0].settings;
  return sets.map((parts, index) => {
    const { settings: own, rest, problems } = findings[index] ?? { settings: noSettings, rest: [], problems: [] };
    const isShared = shared !== undefined && (own.locate === undefined || own === shared);
    const settings = isShared ? shared : own;
    const whole = isShared ? sets.flat() : parts;
    const { variables, problems: missing } = collectVariables({
      settings,
      objects: settings.substituteFrom.length === 0 ? [] : whole.flatMap((part) => part.objects),
      overrides: options.substitute,
    });
    return {
      admissions: admissionsOf(parts, rest, variables),
      // The first set has told what is missing to all.
      problems: index > 0 && isShared ? problems : [...problems, ...missing],
      skipUnknownKinds: options.skipUnknownKinds || settings.skipUnknownKinds,
      timeoutSeconds: settings.timeoutSeconds,
    };
  });
}

function instructionsOf(parts: readonly Part[]): readonly SourceObject[] {
  return parts.filter(({ hasInstructions }) => hasInstructions).flatMap(({ objects }) => objects);
}

function admissionsOf(parts: readonly Part[], rest: readonly SourceObject[], variables: VariableSet): readonly Admission[] {
  const key = variables.isConfigured ? keyOf(variables) : '';
  const admissions = parts.map((part) =>
    key === '' || !part.hasDollar || part.hasInstructions ? part.admission : substitutedPart(part, variables, key),
  );
  return rest.length === 0 ? admissions : [...admissions, admitSubstituted(rest, variables)];
}

/** One text for all that a substitution depends on. */
function keyOf({ variables, isStrict }: VariableSet): string {
  return JSON.stringify([isStrict, [...variables.values()].map(({ name, value, origin, isSecret }) => [name, value, origin, isSecret])]);
}

function substitutedPart(part: Part, variables: VariableSet, key: string): Admission {
  if (part.substituted?.variables !== key) {
    const admission = withProblems(admitSubstituted(part.objects, variables), part.problems);
    part.substituted = { variables: key, admission };
  }
  return part.substituted.admission;
}

function admitSubstituted(objects: readonly SourceObject[], variables: VariableSet): Admission {
  if (!variables.isConfigured) return admitObjects(objects);
  const problems: Problem[] = [];
  const substituted = objects.map((object) => substitute(object, variables, problems));
  const admission = admitObjects(substituted, { areVariablesConfigured: true });
  return { ...admission, problems: [...variables.concealIn([...problems, ...admission.problems])] };
}
