// The patches of a kustomization (kustomize's PatchTransformer and its two older forms): read, told apart, and applied to what they name.
import { formatPath, type Path } from '../place.ts';
import { isPlainObject } from '../schema/admit.ts';
import type { SourceObject } from '../source.ts';
import { didYouMean } from '../suggest.ts';
import { dropEmpty, emptyTexts, makeAnnotations, toJsonTexts, toWrittenTexts } from './annotations.ts';
import { rememberId, showId } from './ids.ts';
import { jsonPatch, type PatchReport, readOperations } from './json-patch.ts';
import { expandLists, refuseDates } from './objects.ts';
import { choose, type Entry, entryOf, readEntry, readNamed, readText, report, targetOf } from './patch-entries.ts';
import type { Build, BuildResource, BuildStep, KustomizationFile, PlainMap } from './resource.ts';
import { currentId, idsOf, isSameId } from './steps/identity.ts';
import { strategicMerge } from './strategic-merge.ts';

/** How much of patches may be copied into objects by one entry: the size of the patch times the number of objects. */
export const MAX_PATCHED_OBJECT_NODES = 5_000_000;

/** `patchesStrategicMerge`: each a text, or a file with patches. */
export const applyOldMergePatches: BuildStep = async (resources, layer, build) => {
  const list = (layer.value['patchesStrategicMerge'] ?? []) as readonly string[];
  for (const [index, text] of list.entries()) {
    const entry: Entry = { layer, path: ['patchesStrategicMerge', index], isOld: true };
    const isInline = text.includes('\n') || text.trim().startsWith('{');
    const documents = isInline ? readText(text, entry, [], build) : await readNamed(text, entry, [], build);
    for (const patch of expandLists(documents ?? [])) if (isMergePatch(patch, build)) mergeByName(resources, patch, entry, build);
  }
};

/** `patchesJson6902`. */
export const applyOldJsonPatches: BuildStep = async (resources, layer, build) => {
  const list = (layer.value['patchesJson6902'] ?? []) as readonly PlainMap[];
  for (const [index, value] of list.entries()) {
    const entry = entryOf(value, layer, ['patchesJson6902', index]);
    const name = entry.target?.['name'] ?? '';
    if (name === '') report(entry, ['target', 'name'], 'Required', 'Required value', build);
    const documents = name === '' ? undefined : await readEntry(value, entry, build);
    if (documents !== undefined) applyJson(resources, documents, entry, build, false);
  }
};

/** `patches`. */
export const applyPatches: BuildStep = async (resources, layer, build) => {
  const list = (layer.value['patches'] ?? []) as readonly PlainMap[];
  for (const [index, value] of list.entries())
    await applyPatch(resources, value, entryOf(value, layer, ['patches', index]), build);
};

/** Applies one entry as `patches` has it, or as `patchesStrategicMerge`. It is the whole of the layer's file. */
export async function applyPatchEntry(
  resources: BuildResource[],
  value: Readonly<PlainMap>,
  layer: KustomizationFile,
  build: Build,
  isOld = false,
): Promise<void> {
  await applyPatch(resources, value, { ...entryOf(value, layer, []), isOld }, build);
}

async function applyPatch(resources: BuildResource[], value: Readonly<PlainMap>, entry: Entry, build: Build): Promise<void> {
  const documents = await readEntry(value, entry, build);
  if (documents === undefined) return;
  if (documents.some((document) => Array.isArray(document.value))) {
    applyJson(resources, documents, entry, build, true);
    return;
  }
  const patches = expandLists(documents).filter((patch) => isMergePatch(patch, build));
  if (entry.target === undefined) {
    for (const patch of patches) mergeByName(resources, patch, entry, build);
    return;
  }
  if (patches.length > 1) {
    const message = 'a patch with a target is one document; write an entry for each of them';
    report(entry, ['target'], 'Invalid', message, build);
    return;
  }
  const [patch, target] = [patches[0], targetOf(entry, build)];
  if (patch === undefined || target === undefined) return;
  const chosen = new Set(choose(resources, target, entry, build));
  if (countNodes(patch.value) * chosen.size > MAX_PATCHED_OBJECT_NODES) {
    report(entry, [], 'TooLarge', 'the patch is too large for so many objects', build);
    return;
  }
  for (const resource of chosen) merge(resources, resource, patch, entry, build);
}

/** With a target, and in the older form, kustomize makes texts of all labels and annotations of the patch. */
function refuseEmptyTexts(patch: SourceObject, build: Build): void {
  for (const [field, key] of emptyTexts(patch.value))
    build.problems.push({
      severity: 'error',
      reason: 'UnsupportedField',
      ...patch.locate(['metadata', field, key]),
      field: formatPath(['metadata', field, key]),
      message:
        'kustomize takes null for the text "null" here; name the object in an entry of patches without a target, or use a JSON patch with op: remove',
    });
}

function countNodes(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, part) => sum + countNodes(part), 1);
}

/** A strategic merge patch says which kind and which object it is for, even where a target says it again. */
function isMergePatch(patch: SourceObject, build: Build): boolean {
  const fault = (path: Path, message: string): false => {
    build.problems.push({ severity: 'error', reason: 'Required', ...patch.locate(path), field: path.join('.'), message });
    return false;
  };
  if (!isPlainObject(patch.value))
    return fault([], 'a patch is a mapping (strategic merge) or a list of operations (JSON patch)');
  const id = currentId(patch.value);
  if (id.kind === '') return fault(['kind'], 'Required value: a strategic merge patch names the kind of its object');
  if (id.name === '') return fault(['metadata', 'name'], 'Required value: a strategic merge patch names its object');
  refuseDates(patch, build);
  return true;
}

function mergeByName(resources: BuildResource[], patch: SourceObject, entry: Entry, build: Build): void {
  const id = currentId(patch.value as PlainMap);
  const found = resources.filter((resource) => idsOf(resource).some((other) => isSameId(other, id)));
  const [resource] = found;
  if (resource !== undefined && found.length === 1) {
    merge(resources, resource, patch, entry, build);
    return;
  }
  const ids = resources.map(({ value }) => currentId(value)).filter(({ kind }) => kind === id.kind);
  const near = ids.find(({ name }) => name === id.name);
  const cure = didYouMean(
    id.name,
    ids.map(({ name }) => name),
  );
  const hint = near === undefined ? (cure === '' ? '' : `.${cure}`) : `; there is ${showId(near)}`;
  build.problems.push({
    severity: 'error',
    reason: found.length === 0 ? 'NotFound' : 'Conflict',
    ...patch.locate(['metadata', 'name']),
    field: 'metadata.name',
    message:
      found.length === 0
        ? `no resource matches strategic merge patch ${showId(id)}${hint}`
        : `${found.length} resources match strategic merge patch ${showId(id)}; write a target that picks one`,
  });
}

function merge(resources: BuildResource[], resource: BuildResource, patch: SourceObject, entry: Entry, build: Build): void {
  // What is no mapping has been sorted out.
  const changes = build.origins.copyOf(patch) as PlainMap;
  const { kind, name, namespace } = currentId(resource.value);
  const ownKind = changes['kind'];
  const { allowNameChange = false, allowKindChange = false } = entry;
  if (entry.target !== undefined || entry.isOld === true) {
    refuseEmptyTexts(patch, build);
    changes['apiVersion'] = resource.value['apiVersion'];
    for (const field of ['labels', 'annotations'] as const) {
      toWrittenTexts(changes, field, build.origins);
      dropEmpty(changes, field);
    }
  }
  if (allowNameChange || allowKindChange) rememberId(resource);
  keepIdentity(changes, { allowNameChange, allowKindChange });
  const merged = strategicMerge(resource.value, changes, build, { kind: ownKind, place: patch.locate([]) });
  if (merged === undefined) {
    resources.splice(resources.indexOf(resource), 1);
    return;
  }
  resource.value = merged;
  if (!allowKindChange) merged['kind'] = kind;
  const metadata = isPlainObject(merged['metadata']) ? (merged['metadata'] as PlainMap) : {};
  if (merged['metadata'] !== metadata) merged['metadata'] = metadata;
  if (!allowNameChange) metadata['name'] = name;
  if (namespace === '') delete metadata['namespace'];
  else metadata['namespace'] = namespace;
}

/** The name and kind in a patch say what it is for, and change nothing unless they may. */
function keepIdentity(
  changes: PlainMap,
  options: { readonly allowNameChange: boolean; readonly allowKindChange: boolean },
): void {
  const { metadata } = changes;
  if (!options.allowKindChange) delete changes['kind'];
  if (changes['apiVersion'] === undefined) delete changes['apiVersion'];
  if (!isPlainObject(metadata)) return;
  const map = metadata as PlainMap;
  if (!options.allowNameChange) delete map['name'];
  delete map['namespace'];
}

function applyJson(
  resources: readonly BuildResource[],
  documents: readonly SourceObject[],
  entry: Entry,
  build: Build,
  isRemembered: boolean,
): void {
  const [document] = documents;
  if (document === undefined) return;
  const fault: PatchReport = (path, reason, message) => {
    const field = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
    build.problems.push({ severity: 'error', reason, ...document.locate(path), field, message });
  };
  if (documents.length > 1 || !Array.isArray(document.value)) {
    fault([], 'Invalid', 'a JSON patch is one document with a list of operations; write an entry for each of them');
    return;
  }
  if (entry.target === undefined) {
    report(entry, ['target'], 'Required', 'Required value: a JSON patch does not say which object it is for', build);
    return;
  }
  const [operations, target] = [readOperations(document, fault), targetOf(entry, build)];
  if (operations === undefined || target === undefined) return;
  const chosen = choose(resources, target, entry, build);
  if (countNodes(document.value) * chosen.length > MAX_PATCHED_OBJECT_NODES) {
    report(entry, [], 'TooLarge', 'the patch is too large for so many objects', build);
    return;
  }
  const patch = build.origins.copyOf(document) as readonly unknown[];
  for (const resource of chosen) {
    toJsonTexts(resource.value);
    if (isRemembered || resource.needsHash || resource.previousIds.length > 0) makeAnnotations(resource.value, build.origins);
    const patched = jsonPatch(resource.value, operations, patch, build, fault);
    if (patched === undefined) return;
    if (!isPlainObject(patched) || currentId(patched).kind === '') {
      fault([], 'RenderFailed', 'the patch leaves nothing that is an object');
      return;
    }
    if (isRemembered) rememberId(resource);
    toJsonTexts(patched);
    dropEmpty(patched, 'annotations');
    resource.value = patched;
  }
}
