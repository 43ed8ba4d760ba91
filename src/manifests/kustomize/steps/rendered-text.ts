// Objects out of a text that a program printed: they stand nowhere, so their place is the entry that asked for them.
import { parseYaml } from '../../reading/yaml.ts';
import { isPlainObject } from '../../schema/admit.ts';
import type { SourceObject } from '../../source.ts';
import type { Settings } from './settings.ts';

/** The longest text that is read, and the most objects. */
export const MAX_RENDERED_CHARACTERS = 32 * 1024 * 1024;
export const MAX_RENDERED_OBJECTS = 10_000;

/** The objects of a text, lists opened. Their place is that of the settings. A text that cannot be read gives none, and is told. */
export function fromRenderedText(text: string, settings: Settings, tell: (message: string) => void): SourceObject[] {
  if (text.length > MAX_RENDERED_CHARACTERS) {
    tell(`is longer than ${MAX_RENDERED_CHARACTERS} characters`);
    return [];
  }
  const objects: SourceObject[] = [];
  const place = settings.locate([]);
  for (const document of parseYaml(text, 'kustomize')) {
    const [fault] = document.faults;
    if (fault !== undefined) {
      tell(`cannot be read: line ${fault.place.line}: ${fault.message}`);
      return [];
    }
    if (document.value === null) continue;
    for (const value of openList(document.value)) {
      if (!isPlainObject(value) || typeof value['kind'] !== 'string' || typeof value['apiVersion'] !== 'string') {
        tell(`is not a set of Kubernetes objects: line ${document.locate([]).line} has no apiVersion and kind`);
        return [];
      }
      objects.push({ value, locate: () => place, sourceAt: () => undefined });
    }
  }
  if (objects.length <= MAX_RENDERED_OBJECTS) return objects;
  tell(`has ${objects.length} objects; at most ${MAX_RENDERED_OBJECTS} are taken`);
  return [];
}

function openList(value: unknown): readonly unknown[] {
  const isList = isPlainObject(value) && typeof value['kind'] === 'string' && value['kind'].endsWith('List');
  if (!isList || !('items' in value)) return [value];
  return Array.isArray(value['items']) ? value['items'].flatMap(openList) : [];
}
