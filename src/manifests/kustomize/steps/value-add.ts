// ValueAddTransformer: puts one text into fields of the objects that its targets select, or into the paths of files that the fields hold.

import { put } from '../../reading/plain.ts';
import { setNamespace } from '../namespace.ts';
import type { Build, BuildResource, PlainMap } from '../resource.ts';
import { readTarget } from '../selector.ts';
import { MAX_PATH_STEPS } from './field-paths.ts';
import { readDocuments } from './files.ts';
import type { PluginConfig } from './plugin-configs.ts';
import { isScalar } from './scalars.ts';
import {
  refuseUnknown,
  reportInvalid,
  requiredTextOf,
  type Settings,
  settingsBelow,
  settingsList,
  settingsOf,
  textOf,
  wholeNumberOf,
} from './settings.ts';

/** Adds the value of a configuration; without one, the name of the kustomization's folder. */
export async function addValue(
  config: PluginConfig,
  settings: Settings,
  resources: BuildResource[],
  build: Build,
): Promise<void> {
  refuseUnknown(settings, ['apiVersion', 'kind', 'metadata', 'value', 'targets', 'targetFilePath']);
  const written = textOf(settings, 'value').trim();
  const value = written === '' ? config.folder.slice(config.folder.lastIndexOf('/') + 1) : written;
  const targets = [...settingsList(settings, 'targets'), ...(await readTargets(config, settings, build))];
  if (value === '') settings.report(['value'], 'Required', 'Required value: the repository itself has no name');
  if (targets.length === 0) settings.report(['targets'], 'Required', 'Required value: must specify at least one target');
  if (value === '') return;
  for (const target of targets) addTo(target, value, settings, resources, build);
}

async function readTargets(config: PluginConfig, settings: Settings, build: Build): Promise<Settings[]> {
  const name = textOf(settings, 'targetFilePath');
  const documents = name === '' ? [] : await readDocuments(name, ['targetFilePath'], settings, build);
  return (documents ?? []).flatMap((document) => {
    const locate: PluginConfig['locate'] = (path) => document.locate(path);
    const file = { path: locate([]).file, folder: config.folder, value: {}, locate };
    const whole = settingsOf(document.value, file, [], build);
    return whole === undefined ? [] : settingsList(whole, 'targets');
  });
}

function addTo(target: Settings, value: string, settings: Settings, resources: BuildResource[], build: Build): void {
  refuseUnknown(target, ['selector', 'fieldPath', 'filePathPosition']);
  const fieldPath = requiredTextOf(target, 'fieldPath', 'fieldPath cannot be empty');
  const position = wholeNumberOf(target, 'filePathPosition') ?? 0;
  const selection = settingsBelow(target, ['selector']);
  const isMeant = selection === undefined ? () => true : readTarget(selection);
  if (position < 0) reportInvalid(target, ['filePathPosition'], position, 'cannot be negative');
  if (fieldPath === undefined || isMeant === undefined || position < 0) return;
  const place = settings.locate(['value']);
  const meant = resources.filter(isMeant);
  if (fieldPath === 'metadata/namespace') {
    setNamespace(meant, { namespace: value, place }, build);
    return;
  }
  const steps = fieldPath
    .split(/(?<!\\)\//)
    .map((step) => step.replaceAll(String.raw`\/`, '/').trim())
    .filter((step) => step !== '');
  for (const resource of meant) {
    const slot = steps.length > MAX_PATH_STEPS ? undefined : makeSlot(resource.value, steps);
    const old: unknown = slot === undefined ? undefined : slot.holder[slot.key];
    if (slot === undefined || (old !== undefined && !isScalar(old))) {
      reportInvalid(target, ['fieldPath'], fieldPath, 'does not lead to a text');
      continue;
    }
    put(slot.holder, slot.key, position === 0 ? value : insertPart(String(old ?? ''), position - 1, value));
    build.origins.mark(slot.holder, slot.key, place);
  }
}

/** The field at the end of a path of maps, made where it is missing; items of lists by `[field=value]` or position. */
function makeSlot(root: PlainMap, steps: readonly string[]): { readonly holder: PlainMap; readonly key: string } | undefined {
  let holder: unknown = root;
  for (const [index, step] of steps.entries()) {
    if (Array.isArray(holder)) {
      const pair = /^\[([^=]+)=(.*)\]$/.exec(step);
      const list: readonly unknown[] = holder;
      holder =
        pair === null ? list[Number(step)] : list.find((item) => String((item as PlainMap | null)?.[pair[1] ?? '']) === pair[2]);
      continue;
    }
    if (typeof holder !== 'object' || holder === null) return undefined;
    const map = holder as PlainMap;
    if (index === steps.length - 1) return { holder: map, key: step };
    if (!Object.hasOwn(map, step) || map[step] === null) put(map, step, {});
    holder = map[step];
  }
  return undefined;
}

/** A path of a file with one part more at a position; an absolute path stays one. */
function insertPart(path: string, position: number, part: string): string {
  const isAbsolute = path.startsWith('/');
  const parts = path.split('/').filter((piece) => piece !== '');
  parts.splice(Math.min(position, parts.length), 0, part);
  return (isAbsolute ? '/' : '') + parts.join('/');
}
