// How generated objects join those that are there: added, or in the place of the one with the same id.
import { put } from '../../reading/plain.ts';
import { isPlainObject } from '../../schema/admit.ts';
import type { SourcePlace } from '../../source.ts';
import type { Build, BuildResource, PlainMap } from '../resource.ts';
import { currentId, describeId, idsOf, isSameId } from './identity.ts';
import { isScalar, scalarText } from './scalars.ts';
import type { Settings } from './settings.ts';

/** What a generator made. */
export interface Generated {
  readonly value: PlainMap;
  readonly behavior: BuildResource['behavior'];
  readonly needsHash: boolean;
  /** See `BuildResource`. */
  readonly isFromChart?: boolean;
}

/** Adds a generated object to the others, or merges it into one of them, as its behavior says. The settings are where faults are told. */
export function absorb(made: Generated, resources: BuildResource[], settings: Settings, build: Build): void {
  const id = currentId(made.value);
  const matches = resources.filter((resource) => idsOf(resource).some((other) => isSameId(other, id)));
  const [old, second] = matches;
  if (second !== undefined) {
    settings.report([], 'Conflict', `${describeId(id)} matches ${matches.length} objects; a generator can change only one`);
    return;
  }
  const { behavior } = made;
  if (old === undefined) {
    if (behavior === 'merge' || behavior === 'replace') {
      settings.report(['behavior'], 'NotFound', `there is no ${describeId(id)} to ${behavior}`);
      return;
    }
    const kustomization = settings.file.path;
    resources.push({ ...made, previousIds: [], prefixes: [], suffixes: [], kustomization });
    return;
  }
  if (behavior !== 'merge' && behavior !== 'replace') {
    const place = build.origins.locate(old.value, []);
    const where = place === undefined ? '' : ` at ${place.file}:${place.line}`;
    settings.report(['name'], 'Duplicate', `${describeId(id)} exists already${where}; set behavior to merge or replace`);
    return;
  }
  old.value = combined(old.value, made, build);
  old.needsHash &&= made.needsHash;
}

/** The new object with the labels, annotations, name and namespace of the old one, and with its data when they are merged. */
function combined(old: PlainMap, { value, behavior }: Generated, build: Build): PlainMap {
  const metadata = isPlainObject(old['metadata']) ? old['metadata'] : {};
  const made: PlainMap = isPlainObject(value['metadata']) ? value['metadata'] : {};
  for (const key of ['labels', 'annotations']) {
    const merged = mergeTexts(metadata[key], made[key], build);
    if (merged === undefined) delete made[key];
    else made[key] = merged;
  }
  for (const key of ['name', 'namespace']) {
    if (metadata[key] === undefined) delete made[key];
    else {
      made[key] = metadata[key];
      keepPlace(metadata, made, key, build);
    }
  }
  if (behavior === 'merge')
    for (const key of ['data', 'binaryData']) {
      const merged = mergeTexts(old[key], value[key], build);
      if (merged === undefined) delete value[key];
      else value[key] = merged;
    }
  return value;
}

/** The entries of both, as texts; the later ones win. Undefined when there are none. */
function mergeTexts(old: unknown, later: unknown, build: Build): PlainMap | undefined {
  const earlier = isPlainObject(old) ? old : {};
  const result: PlainMap = isPlainObject(later) ? later : {};
  for (const [key, value] of Object.entries(earlier)) {
    if (Object.hasOwn(result, key)) continue;
    put(result, key, isScalar(value) ? scalarText(value, earlier, [key], build.origins) : '');
    keepPlace(earlier, result, key, build);
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

function keepPlace(from: object, to: object, key: string, build: Build): void {
  const place: SourcePlace | undefined = build.origins.locate(from, [key]);
  if (place !== undefined) build.origins.mark(to, key, place);
}
