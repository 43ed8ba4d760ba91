// The entries of a kustomization that hold patches: where they stand, what they are for, and the documents in them. Applies none.
import type { TreeFile } from '../file-tree.ts';
import type { Path } from '../place.ts';
import type { ProblemReason } from '../problem.ts';
import type { FileObjects } from '../rendering.ts';
import { isPlainObject } from '../schema/admit.ts';
import type { SourceObject } from '../source.ts';
import { readInline } from './inline.ts';
import { loadLayerFile, reportAt } from './layer-files.ts';
import type { Build, BuildResource, KustomizationFile, PlainMap } from './resource.ts';
import { readTarget } from './selector.ts';
import { settingsAt } from './steps/settings.ts';

/** One entry with patches. */
export interface Entry {
  readonly layer: KustomizationFile;
  /** Where the entry is in its file. */
  readonly path: Path;
  readonly target?: Readonly<PlainMap> | undefined;
  readonly allowNameChange?: boolean;
  readonly allowKindChange?: boolean;
  /** `patchesStrategicMerge`, which differs from `patches` in what it makes of labels and annotations. */
  readonly isOld?: boolean;
}

/** The test for the target of an entry. */
export type Target = (resource: BuildResource) => boolean;

/** Tells a fault at a field of the entry. */
export function report(entry: Entry, below: Path, reason: ProblemReason, message: string, build: Build): void {
  reportAt(entry.layer, [...entry.path, ...below], reason, message, build);
}

/** The entry that is written at `path` of a layer. */
export function entryOf(value: Readonly<PlainMap>, layer: KustomizationFile, path: Path): Entry {
  const { target, options } = value;
  const { allowNameChange, allowKindChange } = isPlainObject(options) ? options : {};
  return {
    layer,
    path,
    target: isPlainObject(target) ? target : undefined,
    allowNameChange: allowNameChange === true,
    allowKindChange: allowKindChange === true,
  };
}

/** The test of the entry's target; undefined, and a problem, when it cannot be read. */
export function targetOf(entry: Entry, build: Build): Target | undefined {
  const settings = settingsAt(entry.layer, [...entry.path, 'target'], build);
  return settings === undefined ? undefined : readTarget(settings);
}

/** As in kustomize a target may choose nothing; more often it is misspelt. */
export function choose(resources: readonly BuildResource[], target: Target, entry: Entry, build: Build): BuildResource[] {
  const chosen = resources.filter(target);
  const settings = chosen.length === 0 ? settingsAt(entry.layer, [...entry.path, 'target'], build) : undefined;
  settings?.report([], 'NoEffect', 'no object matches this target: the patch changes nothing', 'note');
  return chosen;
}

/** The documents of an entry, from its text or its file; undefined, and a problem, when there are none. */
export async function readEntry(
  value: Readonly<PlainMap>,
  entry: Entry,
  build: Build,
): Promise<readonly SourceObject[] | undefined> {
  const { path, patch } = value;
  const text = typeof patch === 'string' ? patch.trim() : '';
  const file = typeof path === 'string' ? path : '';
  if (text === '' && file === '') {
    report(entry, [], 'Required', 'Required value: write patch or path', build);
    return undefined;
  }
  if (text !== '' && file !== '') {
    report(entry, ['path'], 'Invalid', 'patch and path cannot both be given', build);
    return undefined;
  }
  if (text === '') return await readNamed(file, entry, ['path'], build);
  // kustomize takes away what is around the text of `patches`, so that a block at its end ends without a line break.
  const own = String(patch);
  return readText(entry.path[0] === 'patchesJson6902' ? own : own.trimEnd(), entry, ['patch'], build);
}

/** The documents of a text in the kustomization; undefined, and a problem, when there are none. */
export function readText(text: string, entry: Entry, below: Path, build: Build): readonly SourceObject[] | undefined {
  const { objects, problems } = readInline(text, entry.layer, [...entry.path, ...below]);
  build.problems.push(...problems);
  if (problems.length > 0) return undefined;
  if (objects.length === 0) report(entry, below, 'Empty', 'there is no patch in it', build);
  return objects.length === 0 ? undefined : objects;
}

/** The documents of a file; undefined, and a problem, when there are none. */
export async function readNamed(
  name: string,
  entry: Entry,
  below: Path,
  build: Build,
): Promise<readonly SourceObject[] | undefined> {
  const file = await loadLayerFile(name, entry.layer, [...entry.path, ...below], build);
  if (file === undefined) return undefined;
  const { objects, problems } = await readPatchFile(file, build);
  build.problems.push(...problems);
  if (problems.some(({ severity }) => severity === 'error')) return undefined;
  if (objects.length === 0) report(entry, below, 'Empty', `there is no patch in ${file.path}`, build);
  return objects.length === 0 ? undefined : objects;
}

/** A JSON patch is read as Kubernetes reads it, an object as kustomize does. */
async function readPatchFile(file: TreeFile, { context }: Build): Promise<FileObjects> {
  const content = await context.readObjects(file);
  return content.objects.some(({ value }) => Array.isArray(value)) ? content : await context.readObjects(file, 'kustomize');
}
