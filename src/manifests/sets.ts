// Objects that are applied together: what their Application says of them, their variables and charts, and what becomes of each. What does not
// depend on the rest of its set is done once per file or build, and kept with it.
import type { AdmittedSet } from './admitted-set.ts';
import { isChart, renderCharts } from './helm/charts.ts';
import type { LoadingOptions } from './load.ts';
import { type Admission, admitObjects } from './object.ts';
import type { Outside } from './outside.ts';
import { takePolicies } from './policies/policies.ts';
import type { Policy } from './policies/policy.ts';
import type { Problem } from './problem.ts';
import { isPlainObject } from './schema/admit.ts';
import { rearranged, type SourceObject } from './source.ts';
import { collectVariables } from './variables/collect.ts';
import { type ApplicationSettings, noSettings, readSettings } from './variables/settings.ts';
import { substitute } from './variables/substitute.ts';
import type { VariableSet } from './variables/variable-set.ts';

/** The objects of one file or of one build. */
export interface Part {
  /** Of a plain file. */
  readonly path?: string;
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
export function makePart(
  objects: readonly SourceObject[],
  problems: readonly Problem[],
  {
    hasDollar,
    path,
    targetNamespace,
  }: { readonly hasDollar: boolean; readonly path?: string; readonly targetNamespace?: string | undefined },
): Part {
  const hasInstructions = objects.some(isInstruction);
  const admission = hasInstructions ? nothing : admitObjects(objects, { targetNamespace });
  const kept = hasDollar || hasInstructions ? objects : objects.filter(isVariableSource);
  const place = path === undefined ? {} : { path };
  return { ...place, objects: kept, problems, hasDollar, hasInstructions, admission: withProblems(admission, problems) };
}

const nothing: Admission = { manifests: [], problems: [], foreign: [], lost: [] };

function withProblems(admission: Admission, problems: readonly Problem[]): Admission {
  if (problems.length === 0) return admission;
  const isPartial = problems.some(({ severity }) => severity === 'error');
  return { ...admission, problems: [...problems, ...admission.problems], isPartial };
}

function isVariableSource({ value }: SourceObject): boolean {
  const kind = isPlainObject(value) ? value['kind'] : undefined;
  return kind === 'ConfigMap' || kind === 'Secret' || kind === 'List';
}

/** Objects of the API group holdfast.dev, and Lists that hold one. */
function isInstruction({ value }: SourceObject): boolean {
  const isOwn = (entry: unknown): boolean =>
    isPlainObject(entry) && typeof entry['apiVersion'] === 'string' && entry['apiVersion'].startsWith('holdfast.dev/');
  if (!isPlainObject(value)) return false;
  return isOwn(value) || (value['kind'] === 'List' && Array.isArray(value['items']) && value['items'].some(isOwn));
}

/** What became of all sets. */
export interface FinishedSets {
  readonly sets: readonly AdmittedSet[];
  /** What the Application asks for. */
  readonly timeoutSeconds: number | undefined;
  readonly notifications: ApplicationSettings['notifications'];
  readonly policy: ApplicationSettings['policy'];
  /** Folders of committed charts that were rendered. */
  readonly chartFolders: ReadonlySet<string>;
}

/** One set once its instructions were followed. */
interface Instructed {
  readonly parts: readonly Part[];
  readonly variables: VariableSet;
  readonly admission: Admission;
  readonly problems: readonly Problem[];
  readonly skipUnknownKinds: boolean;
  /** Of the set itself. */
  readonly policies: readonly Policy[];
}

/**
 * Puts the parts of each set together. The first set is that of the plain files: its Application speaks for all sets that have none, and
 * takes variables from all of them, as if they were one. Its policies and those from `outside` the repository bind all sets, those of another
 * set that set alone. Rejects when the source fails.
 */
export async function finishSets(
  sets: readonly (readonly Part[])[],
  options: LoadingOptions,
  outside: Outside,
  foreignPolicies: readonly Policy[] = [],
): Promise<FinishedSets> {
  const findings = sets.map((parts) => {
    // A kustomization may have changed the name that was written.
    const isBuilt = parts.some(({ hasInstructions, path }) => hasInstructions && path === undefined);
    const applicationName = isBuilt ? undefined : options.applicationName;
    return readSettings(instructionsOf(parts), {
      applicationName,
      isDeclared: options.isDeclared,
      revertFault: options.revertFault,
    });
  });
  const shared = findings[0]?.settings.locate === undefined ? undefined : findings[0].settings;
  const chartInputs = new Set<string>();
  const chartFolders = new Set<string>();
  const instructed: Instructed[] = [];
  for (const [index, parts] of sets.entries()) {
    const { settings: own, rest, problems } = findings[index] ?? { settings: noSettings, rest: [], problems: [] };
    const isShared = shared !== undefined && (own.locate === undefined || own === shared);
    const settings = isShared ? shared : own;
    const sources = settings.substituteFrom.length === 0 ? [] : (isShared ? sets.flat() : parts).flatMap((part) => part.objects);
    const { variables, problems: missing } = collectVariables({ settings, objects: sources, overrides: options.substitute });
    const taken = await takePolicies(rest);
    const followed = await follow(taken.rest, variables, outside, options.targetNamespace);
    for (const path of followed.inputs) chartInputs.add(path);
    for (const folder of followed.folders) chartFolders.add(folder);
    instructed.push({
      parts,
      variables,
      admission: followed.admission,
      // The first set has told what is missing to all.
      problems: [...problems, ...(index > 0 && isShared ? [] : missing), ...taken.problems],
      policies: taken.policies,
      skipUnknownKinds: options.skipUnknownKinds || settings.skipUnknownKinds,
    });
  }
  const judges = await judgesOf(instructed, foreignPolicies, options.applicationName);
  return {
    sets: instructed.map((set, index) => ({
      ...set,
      admissions: admissionsOf(set, chartInputs, options.targetNamespace),
      ...judges[index],
    })),
    notifications: findings.flatMap(({ settings }) => settings.notifications),
    policy: findings.find(({ settings }) => Object.keys(settings.policy).length > 0)?.settings.policy ?? {},
    timeoutSeconds: findings.find(({ settings }) => settings.timeoutSeconds !== undefined)?.settings.timeoutSeconds,
    chartFolders,
  };
}

/** Who judges the objects of each set; nobody where there are no policies. */
async function judgesOf(
  sets: readonly Instructed[],
  foreignPolicies: readonly Policy[],
  application: string | undefined,
): Promise<readonly Pick<AdmittedSet, 'judge'>[]> {
  const everybodys = [...foreignPolicies, ...(sets[0]?.policies ?? [])];
  if (everybodys.length === 0 && sets.every(({ policies }) => policies.length === 0)) return [];
  const { judge } = await import('./policies/judge.ts');
  return sets.map(({ policies: own, variables }, index) => {
    const policies = index === 0 ? everybodys : [...everybodys, ...own];
    return { judge: (manifests) => variables.concealIn(judge(policies, manifests, application)) };
  });
}

function instructionsOf(parts: readonly Part[]): readonly SourceObject[] {
  return parts.filter(({ hasInstructions }) => hasInstructions).flatMap(({ objects }) => objects);
}

interface Followed {
  readonly admission: Admission;
  /** Files that charts were made of: they are no manifests. */
  readonly inputs: Iterable<string>;
  readonly folders: readonly string[];
}

/** Substitutes and admits what stands beside instructions, and what charts render to. */
async function follow(
  objects: readonly SourceObject[],
  variables: VariableSet,
  outside: Outside,
  targetNamespace: string | undefined,
): Promise<Followed> {
  const problems: Problem[] = [];
  const substituted = objects.map((object) => chartWithin(substitute(object, variables, problems), targetNamespace));
  const hasCharts = substituted.some(({ value }) => isChart(value) || (isPlainObject(value) && value['kind'] === 'List'));
  const rendered = hasCharts ? await outside.render((context) => renderCharts(substituted, context)) : undefined;
  const admission = admit(
    rendered?.objects ?? substituted,
    [...problems, ...(rendered?.problems ?? [])],
    variables,
    targetNamespace,
  );
  return { admission, inputs: rendered?.inputs.keys() ?? [], folders: rendered?.folders ?? [] };
}

/** A chart whose release is nowhere in particular is in the namespace of its application. */
function chartWithin(object: SourceObject, targetNamespace: string | undefined): SourceObject {
  const { value } = object;
  if (targetNamespace === undefined || !isChart(value) || !isPlainObject(value) || !isPlainObject(value['metadata']))
    return object;
  if (value['metadata']['namespace'] !== undefined) return object;
  const metadata = { ...value['metadata'], namespace: targetNamespace };
  return rearranged(object, { ...value, metadata }, (path) => path);
}

function admissionsOf(
  { parts, variables, admission }: Instructed,
  chartInputs: ReadonlySet<string>,
  targetNamespace: string | undefined,
): readonly Admission[] {
  const key = variables.isConfigured ? keyOf(variables) : '';
  const admissions = parts
    .filter(({ path }) => path === undefined || !chartInputs.has(path))
    .map((part) =>
      key === '' || !part.hasDollar || part.hasInstructions
        ? part.admission
        : substitutedPart(part, variables, key, targetNamespace),
    );
  return [...admissions, admission];
}

/** One text for all that a substitution depends on. */
function keyOf({ variables, isStrict }: VariableSet): string {
  return JSON.stringify([
    isStrict,
    [...variables.values()].map(({ name, value, origin, isSecret }) => [name, value, origin, isSecret]),
  ]);
}

function substitutedPart(part: Part, variables: VariableSet, key: string, targetNamespace: string | undefined): Admission {
  if (part.substituted?.variables !== key) {
    const problems: Problem[] = [...part.problems];
    const objects = part.objects.map((object) => substitute(object, variables, problems));
    part.substituted = { variables: key, admission: admit(objects, problems, variables, targetNamespace) };
  }
  return part.substituted.admission;
}

/** Admits what variables may have come into: no message tells a value of a Secret. */
function admit(
  objects: readonly SourceObject[],
  problems: readonly Problem[],
  variables: VariableSet,
  targetNamespace: string | undefined,
): Admission {
  const admission = admitObjects(objects, { areVariablesConfigured: variables.isConfigured, targetNamespace });
  const all = withProblems(admission, problems);
  return { ...all, problems: [...variables.concealIn(all.problems)] };
}
