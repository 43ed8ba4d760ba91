// The step that resolves `vars`: `$(NAME)` in the fields that are meant for it becomes the value of a field of some object. Runs once, at the
// end of a build, when all names are final.
import type { Problem } from '../../problem.ts';
import { isPlainObject } from '../../schema/admit.ts';
import { configOf } from '../default-config.ts';
import { mapAt } from '../field-path.ts';
import type { Build, BuildResource, FieldSpec, KustomizationFile, PlainMap, ResourceId } from '../resource.ts';
import { lookUpPath, MAX_PATH_STEPS, splitPath } from './field-paths.ts';
import { visitSpecs } from './field-specs.ts';
import { describeId, effectiveNamespace, idsOf, isSameId, isSameObject, splitApiVersion } from './identity.ts';
import { entriesAt, nameOfType, refuseUnknown, requiredTextOf, type Settings, settingsBelow, textOf } from './settings.ts';
import { expand } from './var-references.ts';

/** A variable, and the object that its value is taken from. */
export interface BoundVar {
  readonly name: string;
  readonly fieldPath: string;
  readonly settings: Settings;
  /** Undefined when there is no such object. */
  readonly resource: BuildResource | undefined;
}

/**
 * Finds the objects of a layer's `vars`. To be called when the layer is complete: objects that come later, from other layers, are not meant.
 */
export function bindVars(resources: readonly BuildResource[], layer: KustomizationFile, build: Build): BoundVar[] {
  return entriesAt(layer, 'vars', build).flatMap((settings) => {
    refuseUnknown(settings, ['name', 'objref', 'fieldref']);
    const name = requiredTextOf(settings, 'name');
    const reference = settingsBelow(settings, ['objref']);
    if (reference === undefined) {
      if ((settings.value['objref'] ?? null) === null) settings.report(['objref'], 'Required', 'Required value');
      return [];
    }
    const id = readReference(reference);
    const fieldPath = readFieldPath(settings);
    if (name === undefined || id === undefined) return [];
    const isClusterWide = effectiveNamespace({ ...id, namespace: 'any' }) !== 'any';
    const isMeant = id.namespace !== '' || isClusterWide ? isSameId : isSameObject;
    const matches = resources.filter((resource) => idsOf(resource).some((other) => isMeant(id, other)));
    if (matches.length > 1) {
      const message = `found ${matches.length} objects for var ${name} (unable to disambiguate): ${describeId(id)}; name its namespace`;
      settings.report(['objref'], 'Invalid', message);
      return [];
    }
    return [{ name, fieldPath, settings, resource: matches[0] }];
  });
}

function readReference(settings: Settings): ResourceId | undefined {
  refuseUnknown(settings, ['apiVersion', 'group', 'version', 'kind', 'name', 'namespace']);
  const apiVersion = textOf(settings, 'apiVersion');
  const { group, version } = apiVersion === '' ? { group: '', version: '' } : splitApiVersion(apiVersion);
  const name = requiredTextOf(settings, 'name');
  const kind = requiredTextOf(settings, 'kind');
  const ownGroup = textOf(settings, 'group');
  const ownVersion = textOf(settings, 'version');
  if (name === undefined || kind === undefined) return undefined;
  return {
    group: group === '' ? ownGroup : group,
    version: version === '' ? ownVersion : version,
    kind,
    name,
    namespace: textOf(settings, 'namespace'),
  };
}

/** Both spellings occur. */
function readFieldPath(settings: Settings): string {
  const reference = settingsBelow(settings, ['fieldref']);
  if (reference === undefined) return 'metadata.name';
  refuseUnknown(reference, ['fieldpath', 'fieldPath']);
  const written = textOf(reference, 'fieldpath') || textOf(reference, 'fieldPath');
  return written === '' ? 'metadata.name' : written;
}

/**
 * Resolves the variables of a build. A variable that names nothing is a fault, one that nobody uses a note. `bound` is what `bindVars` found
 * for the layers, in their order; without it the objects are looked for now.
 */
export function resolveVars(
  resources: readonly BuildResource[],
  layers: readonly KustomizationFile[],
  build: Build,
  bound: readonly BoundVar[] = layers.flatMap((layer) => bindVars(resources, layer, build)),
): void {
  const known = new Map<string, BoundVar>();
  for (const variable of bound) {
    const first = known.get(variable.name);
    if (first === undefined) known.set(variable.name, variable);
    else reportClash(variable, first);
  }
  const values = new Map<string, string | number | boolean>();
  for (const variable of known.values()) {
    const value = readValue(variable, resources);
    if (typeof value !== 'object' && value !== undefined) values.set(variable.name, value);
    else if (value !== undefined) reportNoScalar(variable, value);
  }
  if (known.size === 0) return;
  // The last layer is the outermost one, which has the configurations of all.
  const specs = configOf(layers.at(-1) ?? {}).varReference;
  const used = replaceReferences(resources, specs, values, known, build);
  if (known.size < bound.length) return;
  for (const [name, { settings }] of known)
    if (values.has(name) && !used.has(name)) settings.report(['name'], 'NoEffect', `the var ${name} is never used`, 'note');
}

function reportClash({ name, settings }: BoundVar, first: BoundVar): void {
  const { file, line } = first.settings.locate(['name']);
  settings.report(['name'], 'Duplicate', `var '${name}' already encountered; first at ${file}:${line}`);
}

function reportNoScalar({ name, settings }: BoundVar, value: object): void {
  const message = `the value of var ${name} is ${nameOfType(value)}; only texts, numbers and booleans can take the place of a reference`;
  settings.report(['fieldref'], 'Invalid', message);
}

function readValue(
  { name, fieldPath, settings, resource }: BoundVar,
  resources: readonly BuildResource[],
): string | number | boolean | object | undefined {
  if (resource === undefined || !resources.includes(resource)) {
    settings.report(['objref'], 'NotFound', `var '${name}' cannot be mapped to a field in the set of known resources`);
    return undefined;
  }
  // `ports[0]` is `ports.0` here.
  const steps = splitPath(fieldPath).flatMap((step) => step.replace(/^([^[\]]+)\[(\d+)\]$/, '$1\n$2').split('\n'));
  const slot = steps.length > MAX_PATH_STEPS ? undefined : lookUpPath(resource.value, steps);
  const value: unknown = slot === undefined || 'fault' in slot ? undefined : Reflect.get(slot.holder, slot.key);
  if (value !== undefined && value !== null) return value;
  settings.report(['fieldref'], 'NotFound', `field specified in var '${name}' not found in corresponding resource: ${fieldPath}`);
  return undefined;
}

/** Replaces references; returns the names that were used. */
function replaceReferences(
  resources: readonly BuildResource[],
  specs: readonly FieldSpec[],
  values: ReadonlyMap<string, string | number | boolean>,
  known: ReadonlyMap<string, BoundVar>,
  build: Build,
): ReadonlySet<string> {
  const used = new Set<string>();
  const budget = { left: MAX_EXPANDED_CHARACTERS };
  for (const { value } of resources)
    visitSpecs(value, specs, (owner, key) => {
      for (const { holder, at } of referencesIn(owner, key)) {
        // What has no type is a text from here on.
        const text = build.untyped.textOf(holder, at);
        if (text !== undefined) Reflect.set(holder, at, text);
        const old: unknown = Reflect.get(holder, at);
        if (typeof old !== 'string' || !old.includes('$')) continue;
        const result = expand(old, values, budget);
        for (const name of result.used) used.add(name);
        if ('fault' in result) build.problems.push(problemAt(value, holder, at, result.fault, build));
        else if (result.value !== old) {
          Reflect.set(holder, at, isAnnotation(value, holder) ? String(result.value) : result.value);
          const settings = result.used.map((name) => known.get(name)?.settings).find((found) => found !== undefined);
          if (settings !== undefined) build.origins.mark(holder, at, settings.locate([]));
        }
      }
    });
  return used;
}

/** Annotations are texts, whatever they are made of. */
function isAnnotation(value: PlainMap, holder: object): boolean {
  return mapAt(mapAt(value, 'metadata'), 'annotations') === holder;
}

/** How many characters all references of a build may become. */
export const MAX_EXPANDED_CHARACTERS = 64 * 1024 * 1024;

interface Holder {
  readonly holder: PlainMap | unknown[];
  readonly at: string | number;
}

/** The texts of a field: itself, or the entries of a map or list. */
function referencesIn(owner: PlainMap, key: string): Holder[] {
  const entry = owner[key];
  if (Array.isArray(entry)) return [...entry.keys()].map((at) => ({ holder: entry as unknown[], at }));
  if (isPlainObject(entry)) return Object.keys(entry).map((at) => ({ holder: entry as PlainMap, at }));
  return [{ holder: owner, at: key }];
}

function problemAt(root: PlainMap, holder: object, at: string | number, message: string, { origins }: Build): Problem {
  const place = origins.locate(holder, [at]) ?? origins.locate(root, []) ?? { file: '', line: 0, column: 0 };
  return { severity: 'error', reason: 'TooLarge', ...place, field: String(at), message };
}
