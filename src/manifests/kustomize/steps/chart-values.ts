// The values that a chart is rendered with: its own, a file in their place, values written in the kustomization, and more files.
import type { TreeFile } from '../../file-tree.ts';
import { put } from '../../reading/plain.ts';
import { parseYaml } from '../../reading/yaml.ts';
import { isPlainObject } from '../../schema/admit.ts';
import type { Build, PlainMap } from '../resource.ts';
import { decodeText, type FileContent, readContent } from './files.ts';
import { choiceOf, type Settings, settingsBelow, textOf, textsOf } from './settings.ts';

/**
 * The values of a chart as YAML texts (JSON is YAML that nobody reads differently), the later ones win; undefined, and problems, when they cannot be read. `files` are those of a committed
 * chart. Inline values are merged with those of `valuesFile`, or of the chart where there is none, as `valuesMerge` says: `override` lets the
 * inline values win, `merge` the others, `replace` leaves only the inline ones. What the chart itself has by default stays below all of them.
 */
export async function chartValues(
  settings: Settings,
  files: readonly TreeFile[] | undefined,
  build: Build,
): Promise<string[] | undefined> {
  const mode = choiceOf(settings, 'valuesMerge', ['override', 'merge', 'replace']) || 'override';
  const inline = settingsBelow(settings, ['valuesInline'])?.value ?? {};
  const hasInline = Object.keys(inline).length > 0;
  const isBaseNeeded = !(hasInline && mode === 'replace');
  const base = isBaseNeeded ? await readBase(settings, files, build) : '';
  const more: string[] = [];
  for (const { text, path } of textsOf(settings, 'additionalValuesFiles')) {
    const content = readText(await readContent(text, path, settings, build), settings, path);
    if (content === undefined) return undefined;
    more.push(content);
  }
  if (base === undefined) return undefined;
  if (!hasInline) return base === null ? more : [base, ...more];
  if (mode === 'replace') return [JSON.stringify(inline), ...more];
  if (base === null) {
    if (mode === 'override') return [JSON.stringify(mergeValues({}, inline)), ...more];
    const message = 'merge needs the values of the chart, which is fetched later; name a valuesFile, or commit the chart';
    settings.report(['valuesMerge'], 'UnsupportedField', `valuesMerge ${JSON.stringify(mode)} is not supported yet: ${message}`);
    return undefined;
  }
  const values = readValues(base, settings);
  if (values === undefined) return undefined;
  return [JSON.stringify(mode === 'override' ? mergeValues(values, inline) : mergeValues(inline, values)), ...more];
}

/** The text of the values that inline values are merged with; null when they are in a chart that is fetched. */
async function readBase(
  settings: Settings,
  files: readonly TreeFile[] | undefined,
  build: Build,
): Promise<string | null | undefined> {
  const name = textOf(settings, 'valuesFile');
  if (name !== '') return readText(await readContent(name, ['valuesFile'], settings, build), settings, ['valuesFile']);
  if (files === undefined) return null;
  const file = files.find(({ path }) => path === 'values.yaml');
  return file === undefined ? '' : readText({ file, bytes: await file.read() }, settings, ['name']);
}

function readText(content: FileContent | undefined, settings: Settings, path: readonly (string | number)[]): string | undefined {
  const text = content === undefined ? undefined : decodeText(content.bytes);
  if (content !== undefined && text === undefined) settings.report(path, 'Unreadable', `${content.file.path} is not valid UTF-8`);
  return text;
}

function readValues(text: string, settings: Settings): Readonly<PlainMap> | undefined {
  const documents = parseYaml(text);
  const [document] = documents;
  if (document === undefined) return {};
  const fault = document.faults[0]?.message ?? (isPlainObject(document.value) ? undefined : 'values are a mapping');
  if (fault === undefined) return document.value as PlainMap;
  settings.report(['valuesFile'], 'Invalid', `the values cannot be merged: ${fault}`);
  return undefined;
}

/** Maps are merged key by key, all else is replaced; null takes a key away. */
function mergeValues(below: Readonly<PlainMap>, above: Readonly<PlainMap>): PlainMap {
  const result: PlainMap = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const old = Object.hasOwn(result, key) ? result[key] : undefined;
    if (value === null) delete result[key];
    else put(result, key, isPlainObject(value) ? mergeValues(isPlainObject(old) ? old : {}, value) : value);
  }
  return result;
}
