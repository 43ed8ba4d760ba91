// Texts inside a kustomization file that are YAML themselves, such as inline patches: read with the places that they have in the file.
import { formatPath, type Path, type Place } from '../place.ts';
import { parseYaml } from '../reading/yaml.ts';
import type { FileObjects } from '../rendering.ts';
import { fromDocument, type SourcePlace } from '../source.ts';
import type { KustomizationFile } from './resource.ts';

/**
 * The documents of the text at a path of a layer's file, read as kustomize reads objects; a list is a JSON patch, which it reads as Kubernetes
 * does. Faults are where they are in the file.
 */
export function readInline(text: string, layer: KustomizationFile, path: Path): FileObjects {
  const placeOf = placesOf(text, layer, path);
  const first = parseYaml(text);
  const isJsonPatch = first.some(({ value }) => Array.isArray(value));
  const documents = isJsonPatch ? first : parseYaml(text, 'kustomize');
  return {
    objects: documents
      .filter(({ faults }) => faults.length === 0)
      .map((document) => ({ ...fromDocument(document, layer.path), locate: (at: Path) => placeOf(document.locate(at)) })),
    problems: documents.flatMap(({ faults }) =>
      faults.map(({ reason, message, path: at, place }) => ({
        severity: 'error',
        reason,
        ...placeOf(place),
        field: formatPath(at),
        message,
      })),
    ),
  };
}

/** A literal block (`|`) has its lines in the file as they are; any other text is at its key. */
function placesOf(text: string, layer: KustomizationFile, path: Path): (place: Place) => SourcePlace {
  const key = layer.locate(path);
  const lines = layer.text?.split(/\r\n|\r|\n/) ?? [];
  const header = lines[key.line - 1]?.slice(key.column - 1) ?? '';
  if (!/(?:^|[\s:-])\|[-+0-9]*\s*(?:#.*)?$/.test(header)) return () => key;
  const own = text.split('\n');
  const first = own.findIndex((line) => line.trim() !== '');
  const written = lines[key.line + first] ?? '';
  const inside = own[first] ?? '';
  const indent = written.length - inside.length;
  // The text as it was read and the lines of the file have to be the same, or nothing is known.
  if (first === -1 || indent < 0 || written.slice(indent) !== inside) return () => key;
  return ({ line, column }) => ({ file: layer.path, line: key.line + line, column: column + indent });
}
