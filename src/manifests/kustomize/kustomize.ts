// The door of kustomize: builds the kustomization of a folder as kustomize v5 does (https://kubectl.docs.kubernetes.io/references/kustomize),
// from the files of a commit alone. Runs nothing but the `helm` that it is given, fetches nothing that is not pinned, and never guesses: what
// kustomize would refuse is a problem with its line, and so is what it would quietly get wrong.
import { Origins } from '../origins.ts';
import { formatProblem, type Problem } from '../problem.ts';
import type { RenderContext, Rendered } from '../rendering.ts';
import type { SourceObject } from '../source.ts';
import { accumulate, MAX_BUILD_BYTES, MAX_BUILD_OBJECTS, nothingYet } from './accumulate.ts';
import { toWrittenTexts } from './annotations.ts';
import { mapAt, ownEntry } from './field-path.ts';
import { reportSharedIds } from './ids.ts';
import { MAX_LAYERS, openRoot } from './layers.ts';
import { fixNameReferences } from './name-references.ts';
import { addHashes } from './names.ts';
import type { Build, BuildResource, KustomizationFile } from './resource.ts';
import { SharedScalars } from './shared-scalars.ts';
import { inOrder } from './sort.ts';
import { currentId } from './steps/identity.ts';
import { UntypedScalars } from './steps/untyped.ts';
import { resolveVars } from './steps/vars.ts';

/**
 * Builds the kustomization of a folder of the tree ('' for its top). The objects are in the order of `kustomize build`: by kind, unless
 * `sortOptions` says otherwise; there are none when there is an error. Every object keeps the places of its parts: what a patch has set is in
 * the patch, what a base has written is in the base. Rejects only when the source fails.
 */
export async function buildKustomization(folder: string, context: RenderContext): Promise<Rendered> {
  const build: Build = {
    context,
    origins: new Origins(),
    inputs: new Map(),
    folders: new Set(),
    schemas: { isChosen: false },
    shared: new SharedScalars(),
    untyped: new UntypedScalars(),
    problems: [],
  };
  const resources = await buildResources(folder, build);
  const problems = withoutRepeats(build.problems);
  const isSound = !problems.some(({ severity }) => severity === 'error');
  const { inputs, folders } = build;
  return { objects: isSound ? resources : [], problems, folders: [...folders], inputs };
}

async function buildResources(folder: string, build: Build): Promise<readonly SourceObject[]> {
  const budget = { layers: MAX_LAYERS, objects: MAX_BUILD_OBJECTS, bytes: MAX_BUILD_BYTES };
  const root = await openRoot(folder, build, budget);
  if (root === undefined) return [];
  const all = nothingYet();
  await accumulate(root, all);
  if (build.problems.some(({ severity }) => severity === 'error')) return [];
  addHashes(all.resources);
  fixNameReferences(all.resources, all.config, build);
  resolveVars(all.resources, all.layers, build, all.vars);
  const kept = all.resources.filter((resource) => !isLocalConfig(resource));
  reportSharedIds(kept, build);
  for (const resource of kept) if (currentId(resource.value).name === '') reportNameless(resource, build);
  return inOrder(kept, root.file).map((resource) => sourceOf(resource, root.file, build));
}

/** A replacement or a variable has taken the name away. */
function reportNameless({ value, kustomization }: BuildResource, { origins, problems }: Build): void {
  const place = origins.locate(value, ['metadata', 'name']) ?? { file: kustomization, line: 1, column: 1 };
  const message = 'Required value: nothing is left of the name when everything is done';
  problems.push({ severity: 'error', reason: 'Required', ...place, field: 'metadata.name', message });
}

/** An object that only tools read; its annotation says so unless it is "false". */
function isLocalConfig({ value }: BuildResource): boolean {
  const annotations = mapAt(mapAt(value, 'metadata'), 'annotations') ?? {};
  const mark = ownEntry(annotations, 'config.kubernetes.io/local-config');
  return mark !== undefined && mark !== 'false' && mark !== false;
}

function sourceOf({ value }: BuildResource, root: KustomizationFile, { origins }: Build): SourceObject {
  toWrittenTexts(value, 'annotations', origins);
  const nowhere = { file: root.path, line: 1, column: 1 };
  return {
    value,
    kustomization: root.path,
    locate: (path) => origins.locate(value, path) ?? nowhere,
    sourceAt: (path) => origins.sourceAt(value, path),
  };
}

/** A base that is used in two ways tells its faults once. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  return [
    ...new Map(problems.map((problem) => [`${problem.severity} ${problem.reason} ${formatProblem(problem)}`, problem])).values(),
  ];
}
