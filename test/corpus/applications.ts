// The applications of the corpus: what teams write by hand, read from disk.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readManifestFile } from '../../src/manifests/reading/file.ts';
import { partOf, type SourceObject } from '../../src/manifests/source.ts';

const root = fileURLToPath(new URL('apps', import.meta.url));

/** One folder of apps/*: files by their path in it. */
export interface CorpusApplication {
  /** Such as `first/storefront`. */
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
}

/** All applications, sorted by name. */
export function readCorpus(): readonly CorpusApplication[] {
  const folders = readdirSync(root).flatMap((half) => readdirSync(join(root, half)).map((name) => `${half}/${name}`));
  return folders.toSorted().map((name) => {
    const paths = readdirSync(join(root, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(root, name).length + 1))
      .toSorted();
    return { name, files: Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, name, path), 'utf8')])) };
  });
}

/** The objects that are written in an application, those of Lists one by one, in order. */
export function objectsOf({ files }: CorpusApplication): readonly SourceObject[] {
  return Object.entries(files).flatMap(([path, text]) =>
    readManifestFile(path, new TextEncoder().encode(text)).objects.flatMap(itemsOf),
  );
}

function itemsOf(object: SourceObject): readonly SourceObject[] {
  const { kind, items } = object.value as { readonly kind?: unknown; readonly items?: unknown };
  if (kind !== 'List' || !Array.isArray(items)) return [object];
  return items.flatMap((item: unknown, index) => itemsOf(partOf(object, ['items', index], item)));
}
