// Finds the kustomization of a folder, reads it, holds it against its schema, and turns the older fields into those of today.
import type { Kind } from '../../model/resource.ts';
import type { TreeFile } from '../file-tree.ts';
import { formatPath, type Path } from '../place.ts';
import { fileProblem } from '../reading/file.ts';
import type { Report } from '../report.ts';
import { admit, isPlainObject } from '../schema/admit.ts';
import { schemaOf, validate } from '../schema/schema.ts';
import type { SourceObject } from '../source.ts';
import { enter, isTooLarge } from './layer-files.ts';
import type { Build, KustomizationFile, PlainMap } from './resource.ts';
import { nameOfType } from './steps/settings.ts';

/** The names that a kustomization may have. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** Fields of older versions, and those that took their place. */
const renamed = [
  ['bases', 'resources'],
  ['imageTags', 'images'],
] as const;

/** Fields that kustomize is giving up, and what to write instead. */
const deprecated: Readonly<Record<string, string>> = {
  bases: 'resources',
  commonLabels: 'labels with includeSelectors: true',
  helmChartInflationGenerator: 'helmCharts',
  imageTags: 'images',
  patchesJson6902: 'patches',
  patchesStrategicMerge: 'patches',
  vars: 'replacements',
};

/** The kustomization files of a folder. */
export async function findKustomizations(folder: string, build: Build): Promise<readonly TreeFile[]> {
  const found: TreeFile[] = [];
  for (const name of kustomizationNames) {
    const entry = await enter(folder === '' ? name : `${folder}/${name}`, build);
    if (entry?.type === 'file') found.push(entry.file);
  }
  return found;
}

/** A kustomization file that fits its schema; undefined, and problems, for any other. */
export async function readKustomization(file: TreeFile, path: string, build: Build): Promise<KustomizationFile | undefined> {
  if (isTooLarge(file, build)) return undefined;
  const { objects, problems } = await build.context.readObjects(file);
  build.problems.push(...problems);
  if (problems.some(({ severity }) => severity === 'error')) return undefined;
  const [document, second] = objects;
  if (document === undefined) {
    build.problems.push(fileProblem(path, 'Empty', 'the kustomization is empty'));
    return undefined;
  }
  const { errors, report } = reporterOf(document, build);
  if (second !== undefined) {
    const place = second.locate([]);
    const message = 'a kustomization is one document; this is another';
    build.problems.push({ severity: 'error', reason: 'Invalid', ...place, field: '', message });
    return undefined;
  }
  const { value } = document;
  if (!isPlainObject(value)) {
    report([], 'WrongType', `a kustomization is a mapping, not ${nameOfType(value)}`);
    return undefined;
  }
  const checked = checkFields(value, report);
  checkOrder(checked, report);
  if (Object.keys(checked).every((key) => key === 'apiVersion' || key === 'kind') && errors() === 0)
    report([], 'Empty', 'the kustomization is empty');
  if (errors() > 0) return undefined;
  for (const path of deprecatedIn(checked)) {
    const name = String(path.at(-1));
    report(path, 'Converted', `kustomize is giving up ${name}; write ${deprecated[name] ?? 'envs'}`, 'note');
  }
  const text = new TextDecoder().decode(await file.read());
  return modernized(checked, document, { path, text });
}

/** The deprecated fields of a file, each once. */
function deprecatedIn(fields: Readonly<PlainMap>): readonly Path[] {
  const single = ['configMapGenerator', 'secretGenerator'].flatMap((field) => {
    const index = ((fields[field] ?? []) as readonly PlainMap[]).findIndex(({ env }) => env !== undefined);
    return index === -1 ? [] : [[field, index, 'env']];
  });
  return [...Object.keys(deprecated).flatMap((name) => (fields[name] === undefined ? [] : [[name]])), ...single];
}

/** As kustomize, which asks for the order by its name before it looks at what belongs to it. */
function checkOrder({ sortOptions }: Readonly<PlainMap>, report: Report): void {
  if (!isPlainObject(sortOptions)) return;
  const { order, legacySortOptions } = sortOptions;
  if (order === undefined) report(['sortOptions', 'order'], 'Required', 'Required value: fifo or legacy');
  if (order === 'fifo' && legacySortOptions !== undefined)
    report(['sortOptions', 'legacySortOptions'], 'Invalid', 'there is no order by kind in the order fifo; write order: legacy');
}

function reporterOf(document: SourceObject, build: Build): { readonly errors: () => number; readonly report: Report } {
  let errors = 0;
  return {
    errors: () => errors,
    report: (path, reason, message, severity = 'error') => {
      if (severity === 'error') errors += 1;
      build.problems.push({ severity, reason, ...document.locate(path), field: formatPath(path), message });
    },
  };
}

/** The fields that are left once what counts as absent is out. `kind` and `apiVersion` may be left out, as kustomize has it. */
function checkFields(value: Readonly<PlainMap>, report: Report): PlainMap {
  // The kinds that are read while a set is rendered have schemas like all others, and are no resources.
  const kind = (value['kind'] === 'Component' ? 'Component' : 'Kustomization') as Kind;
  const admitted = admit(schemaOf(kind), value, report);
  validate(kind, admitted.value, report);
  return admitted.value;
}

function modernized(
  value: PlainMap,
  document: SourceObject,
  { path, text }: { readonly path: string; readonly text: string },
): KustomizationFile {
  const moved = new Map<string, { readonly from: string; readonly start: number }>();
  const fields = { ...value };
  for (const [from, to] of renamed) {
    const { [from]: old = [], [to]: current = [] } = fields as Record<string, readonly unknown[]>;
    if (old.length === 0) continue;
    moved.set(to, { from, start: current.length });
    fields[to] = [...current, ...old];
    delete fields[from];
  }
  return {
    path,
    folder: path.slice(0, Math.max(0, path.lastIndexOf('/'))),
    value: fields,
    text,
    locate: (at: Path) => {
      const [field, index, ...rest] = at;
      const move = moved.get(String(field));
      if (move === undefined || typeof index !== 'number' || index < move.start) return document.locate(at);
      return document.locate([move.from, index - move.start, ...rest]);
    },
  };
}
