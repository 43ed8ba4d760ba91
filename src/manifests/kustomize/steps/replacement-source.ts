// Where the value of a replacement comes from: a field of one object, a part of it, or a fixed text.
import { isPlainObject } from '../../schema/admit.ts';
import type { Build, BuildResource, PlainMap, ResourceId } from '../resource.ts';
import { lookUpPath, MAX_PATH_STEPS, type Slot, splitPath } from './field-paths.ts';
import { describeId, idsOf, isSelectedBy } from './identity.ts';
import type { Copied } from './replacement-value.ts';
import { isScalar, scalarText } from './scalars.ts';
import { refuseUnknown, type Settings, settingsBelow, textOf, wholeNumberOf } from './settings.ts';

const sourceFields = ['group', 'version', 'kind', 'name', 'namespace', 'fieldPath', 'options'];

/** The value of a replacement; undefined, and a problem, when there is none, or more than one object to take it from. */
export function findSource(settings: Settings, resources: readonly BuildResource[], build: Build): Copied | undefined {
  const source = settingsBelow(settings, ['source']);
  const fixed = settings.value['sourceValue'] ?? undefined;
  if (fixed !== undefined) {
    if (source === undefined) return fixedValue(settings);
    settings.report(
      ['sourceValue'],
      'Invalid',
      'value and resource selectors are mutually exclusive: write source or sourceValue',
    );
    return undefined;
  }
  if (source === undefined) {
    if ((settings.value['source'] ?? null) === null)
      settings.report([], 'Required', 'Required value: replacements must specify a source and at least one target');
    return undefined;
  }
  refuseUnknown(source, sourceFields);
  const wanted = readId(source);
  const resource = findObject(source, wanted, resources);
  return resource === undefined ? undefined : readField(source, wanted, resource, build);
}

function fixedValue(settings: Settings): Copied | undefined {
  const text = textOf(settings, 'sourceValue');
  return typeof settings.value['sourceValue'] === 'string' ? { value: text, text, isUntyped: true } : undefined;
}

function readId(source: Settings): ResourceId {
  return {
    group: textOf(source, 'group'),
    version: textOf(source, 'version'),
    kind: textOf(source, 'kind'),
    name: textOf(source, 'name'),
    namespace: textOf(source, 'namespace'),
  };
}

function findObject(source: Settings, wanted: ResourceId, resources: readonly BuildResource[]): BuildResource | undefined {
  const matches = resources.filter((resource) => idsOf(resource).some((id) => isSelectedBy(id, wanted)));
  const [match, second] = matches;
  if (match === undefined) source.report([], 'NotFound', `nothing selected by ${describeId(wanted)}`);
  if (second === undefined) return match;
  source.report(
    [],
    'Invalid',
    `multiple matches for selector ${describeId(wanted)}: a source must be one object, and ${matches.length} match`,
  );
  return undefined;
}

function readField(source: Settings, wanted: ResourceId, { value: root }: BuildResource, build: Build): Copied | undefined {
  const written = textOf(source, 'fieldPath');
  const fieldPath = written === '' ? 'metadata.name' : written;
  const steps = splitPath(fieldPath);
  if (steps.length > MAX_PATH_STEPS) {
    source.report(['fieldPath'], 'Invalid', `the path has more than ${MAX_PATH_STEPS} steps`);
    return undefined;
  }
  const slot = lookUpPath(root, steps);
  if (slot !== undefined && 'fault' in slot) {
    source.report(['fieldPath'], 'Invalid', `error looking up replacement source: ${slot.fault}`);
    return undefined;
  }
  const value: unknown = slot === undefined ? undefined : Reflect.get(slot.holder, slot.key);
  if (slot === undefined || isNothing(value)) {
    source.report(
      ['fieldPath'],
      'NotFound',
      `fieldPath \`${fieldPath}\` is missing for replacement source ${describeId(wanted)}`,
    );
    return undefined;
  }
  return refine(liveValue(slot, root, build), source);
}

/** The value of a field at the time when it is asked for: a replacement may write into its own source, and then goes on with that. */
function liveValue(slot: Slot, root: PlainMap, { origins }: Build): Copied {
  const now = (): unknown => Reflect.get(slot.holder, slot.key);
  return {
    isUntyped: false,
    get value() {
      return now();
    },
    get text() {
      const value = now();
      return isScalar(value) ? scalarText(value, root, slot.path, origins) : undefined;
    },
  };
}

/** What kustomize takes for nothing: null, and lists and maps without entries. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return (Array.isArray(value) || isPlainObject(value)) && Object.keys(value).length === 0;
}

function refine(copied: Copied, source: Settings): Copied | undefined {
  const options = settingsBelow(source, ['options']);
  if (options === undefined) return copied;
  refuseUnknown(options, ['delimiter', 'index', 'encoding', 'create']);
  noteEncoding(options);
  const delimiter = textOf(options, 'delimiter');
  const index = wholeNumberOf(options, 'index') ?? 0;
  if (delimiter === '') return copied;
  if (copied.text === undefined) {
    options.report(['delimiter'], 'Invalid', 'delimiter option can only be used with scalar nodes');
    return undefined;
  }
  const parts = copied.text.split(delimiter);
  const text = index < 0 ? undefined : parts[index];
  if (text !== undefined) return { ...copied, text };
  options.report(['index'], 'Invalid', `options.index ${index} is out of bounds: the value has ${parts.length} parts`);
  return undefined;
}

/** Kustomize has this option and does nothing with it. */
export function noteEncoding(options: Settings): void {
  if (textOf(options, 'encoding') !== '')
    options.report(['encoding'], 'NoEffect', 'accepted without effect: kustomize copies the text as it is', 'note');
}
