// The step that replaces: `replacements` copies a value of one object, or a fixed one, into fields of others.
import type { Path } from '../../place.ts';
import { put } from '../../reading/plain.ts';
import { isPlainObject } from '../../schema/admit.ts';
import type { SourcePlace } from '../../source.ts';
import type { Build, BuildResource, BuildStep, KustomizationFile } from '../resource.ts';
import { type Slot as FieldSlot, MAX_PATH_STEPS, type Making, matchPath, splitPath } from './field-paths.ts';
import { readDocuments } from './files.ts';
import { idsOf } from './identity.ts';
import { findSource, noteEncoding } from './replacement-source.ts';
import { type Copied, Copying } from './replacement-value.ts';
import { readSelector, type Selector } from './selector.ts';
import {
  entriesAt,
  refuseUnknown,
  type Settings,
  settingsBelow,
  settingsList,
  settingsOf,
  switchOf,
  textOf,
  textsOf,
  wholeNumberOf,
} from './settings.ts';

const optionFields = ['delimiter', 'index', 'encoding', 'create'];

/** Makes the replacements of a layer, one after the other: what one has replaced is what the next one finds. */
export const replaceFields: BuildStep = async (resources, layer, build) => {
  const copying = new Copying();
  for (const settings of entriesAt(layer, 'replacements', build)) await replaceBy(settings, resources, build, copying);
};

/** Makes the replacement that an entry describes, or those of the file that it names. */
export async function replaceBy(
  settings: Settings,
  resources: readonly BuildResource[],
  build: Build,
  copying: Copying,
): Promise<void> {
  refuseUnknown(settings, ['path', 'source', 'sourceValue', 'targets']);
  const path = textOf(settings, 'path');
  if (path === '') {
    replace(settings, resources, build, copying);
    return;
  }
  if (['source', 'sourceValue', 'targets'].some((key) => (settings.value[key] ?? undefined) !== undefined)) {
    settings.report(['path'], 'Invalid', 'a replacement is written here or in the file of path, not in both');
    return;
  }
  for (const entry of await readReplacementFile(path, settings, build)) {
    refuseUnknown(entry, ['source', 'sourceValue', 'targets']);
    replace(entry, resources, build, copying);
  }
}

/** One replacement, or a list of them. */
async function readReplacementFile(name: string, settings: Settings, build: Build): Promise<Settings[]> {
  const documents = await readDocuments(name, ['path'], settings, build);
  if (documents === undefined) return [];
  const [document, second] = documents;
  if (document === undefined || second !== undefined) {
    settings.report(
      ['path'],
      'Invalid',
      `${name} must have one document, a replacement or a list of replacements; it has ${documents.length}`,
    );
    return [];
  }
  const locate = (path: Path): SourcePlace => document.locate(path);
  const listed: KustomizationFile = { path: locate([]).file, folder: settings.file.folder, value: {}, locate };
  if (!Array.isArray(document.value)) return [settingsOf(document.value, listed, [], build) ?? []].flat();
  return document.value.flatMap((entry: unknown, index) => settingsOf(entry, listed, [index], build) ?? []);
}

function replace(settings: Settings, resources: readonly BuildResource[], build: Build, copying: Copying): void {
  const targets = settingsList(settings, 'targets');
  if (targets.length === 0) {
    if (Array.isArray(settings.value['targets'] ?? []))
      settings.report(['targets'], 'Required', 'Required value: at least one target');
    return;
  }
  const value = findSource(settings, resources, build);
  if (value === undefined) return;
  for (const target of targets) replaceIn(target, value, settings, resources, build, copying);
}

interface Options {
  readonly delimiter: string;
  readonly index: number;
  readonly canCreate: boolean;
}

/** The options of a target. */
function readOptions(settings: Settings): Options {
  const options = settingsBelow(settings, ['options']);
  if (options === undefined) return { delimiter: '', index: 0, canCreate: false };
  refuseUnknown(options, optionFields);
  noteEncoding(options);
  return {
    delimiter: textOf(options, 'delimiter'),
    index: wholeNumberOf(options, 'index') ?? 0,
    canCreate: switchOf(options, 'create'),
  };
}

function replaceIn(
  target: Settings,
  value: Copied,
  replacement: Settings,
  resources: readonly BuildResource[],
  build: Build,
  copying: Copying,
): void {
  refuseUnknown(target, ['select', 'reject', 'fieldPaths', 'options']);
  const selection = settingsBelow(target, ['select']);
  if (selection === undefined) {
    if ((target.value['select'] ?? null) === null)
      target.report(['select'], 'Required', 'Required value: target must specify resources to select');
    return;
  }
  const select = readSelector(selection);
  const rejections = settingsList(target, 'reject').map(readSelector);
  const options = readOptions(target);
  const written = textsOf(target, 'fieldPaths');
  const paths = written.length > 0 ? written : [{ text: 'metadata.name', path: [] }];
  if (select === undefined || rejections.includes(undefined)) return;
  const meant = resources.filter((resource) => isMeant(resource, select, rejections));
  if (meant.length === 0) target.report(['select'], 'NoEffect', 'the replacement changes nothing: no object is selected', 'note');
  for (const { text, path } of paths) {
    const place = replacement.value['sourceValue'] === undefined ? target.locate(path) : replacement.locate(['sourceValue']);
    const tell = (message: string): void => target.report(path, 'Invalid', message);
    for (const resource of meant) replaceField(resource, text, { value, options, place, tell }, build, copying);
  }
}

/** By any name that the object has or had. */
function isMeant(resource: BuildResource, select: Selector, rejections: readonly (Selector | undefined)[]): boolean {
  const ids = idsOf(resource);
  const hasId = (selector: Selector): boolean =>
    ids.some((id) => selector.takesKind(id) && selector.takesName(id.name) && selector.takesNamespace(id.namespace));
  if (!select.takesLabels(resource.value) || !hasId(select)) return false;
  return !rejections.some(
    (reject) =>
      reject !== undefined && ((!reject.hasNoId && hasId(reject)) || (!reject.hasNoLabels && reject.takesLabels(resource.value))),
  );
}

interface Writing {
  readonly value: Copied;
  readonly options: Options;
  readonly place: SourcePlace;
  readonly tell: (message: string) => void;
}

function replaceField(resource: BuildResource, fieldPath: string, writing: Writing, build: Build, copying: Copying): void {
  const { origins } = build;
  const { value, options, place, tell } = writing;
  const steps = splitPath(fieldPath);
  const problem = `unable to find ${options.canCreate ? 'or create ' : ''}field "${fieldPath}" in replacement target`;
  if (steps.length > MAX_PATH_STEPS) {
    tell(`${problem}: the path has more than ${MAX_PATH_STEPS} steps`);
    return;
  }
  const slots = matchPath(resource.value, steps, options.canCreate ? makingFor(value) : undefined);
  if ('fault' in slots) {
    tell(`${problem}: ${slots.fault}`);
    return;
  }
  if (slots.length === 0) tell(problem);
  for (const slot of slots) {
    const fault = copying.copyTo(slot, value, options, resource.value, build);
    if (fault !== undefined) tell(`${fieldPath}: ${fault}`);
    else {
      origins.mark(slot.holder, slot.key, place, build.untyped.textOf(slot.holder, slot.key));
      followShared(slot, place, build);
    }
  }
}

/** What is one value with the field has been replaced as well. */
function followShared({ holder, key }: FieldSlot, place: SourcePlace, { shared, origins }: Build): void {
  for (const other of shared.othersOf(holder, String(key))) {
    put(other.owner, other.key, Reflect.get(holder, key));
    origins.mark(other.owner, other.key, place);
  }
}

function makingFor({ text, value }: Copied): Making {
  if (text !== undefined) return 'scalar';
  return isPlainObject(value) ? 'map' : 'list';
}
