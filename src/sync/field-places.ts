// Where the new value of a changed field is written: from the path that a person reads back to the manifest's line. Pure.
import type { Manifest } from '../manifests/load.ts';
import type { Path } from '../manifests/place.ts';
import type { SourcePlace } from '../manifests/source.ts';
import { type FieldChange, itemNamed } from './diff.ts';

/** A changed field, and where its new value is written; nothing of that for a field that goes. */
export interface PlacedField extends FieldChange {
  readonly file?: string;
  readonly line?: number;
}

/** The fields with the places of their new values, as far as the manifest knows them. What a default says is at what it is a default of. */
export function placedFields(fields: readonly FieldChange[], manifest: Manifest | undefined): readonly PlacedField[] {
  const locate = manifest?.locate;
  if (manifest === undefined || locate === undefined) return fields;
  return fields.map((field) => {
    if (field.new === undefined) return field;
    const { file, line } = placeOf(manifest.resource.kind, pathIn(manifest.resource, field.path), locate);
    return file === '' || line === 0 ? field : { ...field, file, line };
  });
}

/** What a Secret has under `data` may be written under `stringData`, which wins. */
function placeOf(kind: string, path: Path, locate: NonNullable<Manifest['locate']>): SourcePlace {
  const [field, ...rest] = path;
  if (kind !== 'Secret' || field !== 'data') return locate(path);
  const whole = locate([]);
  const plain = locate(['stringData', ...rest]);
  return plain.line === whole.line && plain.file === whole.file ? locate(path) : plain;
}

/**
 * The steps behind a path as a difference writes it, `spec.containers[web].image`: names in brackets are keys, or items of lists by their
 * merge keys. Ends early where the value has nothing of that name.
 */
export function pathIn(value: unknown, path: string): Path {
  const steps: (string | number)[] = [];
  let at = value;
  let list = '';
  for (const [, bracketed, plain] of path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)) {
    const name = bracketed ?? plain ?? '';
    const step = Array.isArray(at) ? itemNamed(at, list, name) : name;
    const next: unknown = typeof at === 'object' && at !== null && step !== undefined ? Reflect.get(at, step) : undefined;
    if (step === undefined || next === undefined) break;
    steps.push(step);
    at = next;
    list = name;
  }
  return steps;
}
