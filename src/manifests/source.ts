// An object as it was read, before it is known to be a resource: plain values, and the way back to where each of them is written. What
// rendering, variables and decryption work on, and what admission turns into resources.
import type { Path, Place } from './place.ts';
import type { WrittenDocument, YamlDocument } from './reading/yaml.ts';

/** A place in a file of the repository. */
export interface SourcePlace extends Place {
  readonly file: string;
}

/** One object and its places. */
export interface SourceObject {
  /** Plain values as JSON has them. Shared: whoever changes it changes a copy (see `Origins.copy`). */
  readonly value: unknown;
  /** The kustomization that rendered it, as a path in the repository; absent for a file that is taken as it is. */
  readonly kustomization?: string;
  /** The template of the Helm chart that made it, as helm names it; absent when none did. */
  readonly template?: string;
  /** Where a field is written: its own place, or the nearest parent's. The empty path is the object's first key. */
  readonly locate: (path: Path) => SourcePlace;
  /**
   * The scalar as it is written there, such as `0644`, `yes` or `"yes"`; undefined when it is not written as one scalar. A text is written
   * without quotes when this is equal to it.
   */
  readonly sourceAt: (path: Path) => string | undefined;
  /** The names of the variables that a field was made of; absent when the object has none. */
  readonly variablesAt?: (path: Path) => readonly string[];
  /** The document and its neighbours as they are written, for decryption; only on what `fromDocument` made. */
  readonly written?: () => WrittenDocument;
}

/** The object of a document that is taken as it is. */
export function fromDocument({ value, locate, sourceAt, written }: YamlDocument, file: string): SourceObject {
  return { value, locate: inFile(locate, file), sourceAt, ...(written === undefined ? {} : { written }) };
}

// Apart from where the value is at hand: whoever keeps a way to places does not keep the value by it.
function inFile(locate: YamlDocument['locate'], file: string): SourceObject['locate'] {
  return (path) => ({ file, ...locate(path) });
}

/** A part of an object, such as an item of a List, as an object of its own. */
export function partOf(whole: SourceObject, base: Path, value: unknown): SourceObject {
  return rearranged(whole, value, (path) => [...base, ...path]);
}

/** Another value made of an object's; `placeOf` says where in it a path of the new value was. */
export function rearranged(source: SourceObject, value: unknown, placeOf: (path: Path) => Path): SourceObject {
  const { written: _whole, locate, sourceAt, variablesAt, ...rest } = source;
  return {
    ...rest,
    value,
    locate: (path) => locate(placeOf(path)),
    sourceAt: (path) => sourceAt(placeOf(path)),
    ...(variablesAt === undefined ? {} : { variablesAt: (path: Path) => variablesAt(placeOf(path)) }),
  };
}
