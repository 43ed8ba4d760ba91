// Annotations as kustomize writes them: it takes every scalar among them for a text, 0644 and 1.10 as they are written. Other scalars keep
// their types; labels do, unless a patch with a target brings them.
import type { Origins } from '../origins.ts';
import { isPlainObject } from '../schema/admit.ts';
import { mapAt } from './field-path.ts';
import type { PlainMap } from './resource.ts';
import { formatNumber, isScalar } from './steps/scalars.ts';

/** Makes texts of the scalars in a map of an object's metadata: as they are written. What is no scalar is left to admission to tell. */
export function toWrittenTexts(value: PlainMap, field: 'annotations' | 'labels', origins: Origins): void {
  const map = mapAt(mapAt(value, 'metadata'), field);
  for (const [key, entry] of Object.entries(map ?? {}))
    if (map !== undefined && isScalar(entry) && typeof entry !== 'string')
      map[key] = withoutTag(origins.sourceAt(map, [key]) ?? jsonText(entry));
}

const jsonText = (value: number | boolean | null): string => (value === null ? 'null' : formatNumber(value));

/** `!!int 5` is written with its tag. */
function withoutTag(written: string): string {
  return written.replace(/^!\S* /, '');
}

/** The same where the object has been JSON in between, which knows no other way to write 0644 than 420. */
export function toJsonTexts(value: PlainMap): void {
  const map = mapAt(mapAt(value, 'metadata'), 'annotations');
  for (const [key, entry] of Object.entries(map ?? {}))
    if (map !== undefined && isScalar(entry) && typeof entry !== 'string') map[key] = jsonText(entry);
}

/**
 * Gives an object annotations when it has none, so that a JSON patch can add one: kustomize keeps notes of its own among them, from when a patch
 * or another name comes to the object on.
 */
export function makeAnnotations(value: PlainMap, origins: Origins): void {
  const metadata = mapAt(value, 'metadata');
  if (metadata === undefined || (metadata['annotations'] ?? undefined) !== undefined) return;
  const made = {};
  metadata['annotations'] = made;
  origins.inherit(made, metadata);
}

/** Takes labels or annotations away when there are none. */
export function dropEmpty(value: PlainMap, field: 'annotations' | 'labels'): void {
  const metadata = mapAt(value, 'metadata');
  const map = mapAt(metadata, field);
  if (metadata !== undefined && map !== undefined && Object.keys(map).length === 0) delete metadata[field];
}

/** Labels and annotations without a value, which kustomize takes for the text "null" in a patch with a target: their fields and keys. */
export function emptyTexts(patch: unknown): readonly (readonly ['labels' | 'annotations', string])[] {
  const metadata = mapAt(patch, 'metadata');
  return (['labels', 'annotations'] as const).flatMap((field) => {
    const map = mapAt(metadata, field);
    if (!isPlainObject(map)) return [];
    return Object.entries(map).flatMap(([key, entry]) => (entry === null ? [[field, key] as const] : []));
  });
}
