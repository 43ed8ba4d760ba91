// The first look at an object: takes out what Kubernetes treats as absent and what Holdfast does not use, and says so.
// What is left is for the schema proper to judge.

import { formatPath, type Path } from '../place.ts';
import { put } from '../reading/plain.ts';
import type { Report } from '../report.ts';
import type { SchemaNode } from './schema-node.ts';
import { definitions } from './schemas.generated.ts';

/** An object without what counts as absent. Call `dropIneffective` once the schema and the rules have judged it. */
export interface Admitted {
  readonly value: Record<string, unknown>;
  /** Whether there was anything to drop. */
  dropIneffective(): boolean;
}

interface Context {
  readonly report: Report;
  readonly noted: Set<string>;
  readonly ineffective: { readonly owner: Record<string, unknown>; readonly key: string }[];
}

type PlainObject = Readonly<Record<string, unknown>>;

/** Follows a reference to the shared parts. */
export function resolveSchema(schema: SchemaNode): SchemaNode {
  return schema.$ref === undefined ? schema : (definitions[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] ?? {});
}

/** Whether a value is an object and not a list. */
export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Admits one object of a kind. `null`, empty lists and values that mean the same as absence are taken out, as an API server does. */
export function admit(schema: SchemaNode, value: PlainObject, report: Report): Admitted {
  const context: Context = { report, noted: new Set(), ineffective: [] };
  const { status, ...rest } = value;
  const hasStatus = schema.properties?.['status'] !== undefined;
  if (hasStatus && saysAnything(status))
    report(['status'], 'NoEffect', 'the status is reported by Holdfast; what the manifest says is not used', 'note');
  return {
    value: admitObject(schema, hasStatus ? rest : value, [], context),
    dropIneffective: () => {
      for (const { owner, key } of context.ineffective) delete owner[key];
      return context.ineffective.length > 0;
    },
  };
}

function admitValue(schema: SchemaNode, value: unknown, path: Path, context: Context): unknown {
  if (Array.isArray(value)) {
    const items = resolveSchema(schema.items ?? {});
    return value.map((item: unknown, index) => admitValue(items, item ?? zeroOf(items), [...path, index], context));
  }
  if (!isPlainObject(value)) return value;
  if (schema.properties !== undefined) return admitObject(schema, value, path, context);
  const out: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) put(out, key, entry ?? zeroOf(schema.additionalProperties));
  return out;
}

/** What a null in a list or map stands for: the zero value of its type. */
function zeroOf(schema: SchemaNode | boolean | undefined): unknown {
  const type = typeof schema === 'object' ? schema.type : undefined;
  return type === 'string' ? '' : type === 'object' ? {} : null;
}

function admitObject(schema: SchemaNode, value: PlainObject, path: Path, context: Context): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    const property = propertyOf(schema, key);
    if (property === undefined) {
      if (entry !== null) put(out, key, entry);
      continue;
    }
    const here = [...path, key];
    if (entry === null) continue;
    if (property['x-managed'] === true) {
      note(here, 'set by Holdfast; what the manifest says is not used', context);
      continue;
    }
    if (isSameAsAbsent(property, entry)) continue;
    if (isRefused(property, entry, here, context)) continue;
    const target = resolveSchema(property);
    const child = admitValue(target, entry, here, context);
    if (isEmptyCollection(child, target) || isSameAsAbsent(property, child)) continue;
    put(out, key, child);
    // A value that was refused has an effect: it is neither noted nor dropped, so that the rules see it.
    if (refusedValue(property, entry) !== undefined) continue;
    const why = property['x-no-effect'] ?? property['x-note'];
    if (why !== undefined) note(here, `accepted without effect: ${why}`, context);
    if (property['x-no-effect'] !== undefined) {
      context.ineffective.push({ owner: out, key });
    }
  }
  return out;
}

function propertyOf(schema: SchemaNode, key: string): SchemaNode | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  return Object.entries(schema.patternProperties ?? {}).find(([pattern]) => new RegExp(pattern).test(key))?.[1];
}

function isRefused(property: SchemaNode, entry: unknown, path: Path, { report }: Context): boolean {
  const name = String(path.at(-1));
  const reason = property['x-unsupported'];
  if (reason !== undefined) {
    const target = resolveSchema(property);
    const isEmpty =
      typeof entry === 'object' &&
      entry !== null &&
      Object.keys(entry).length === 0 &&
      isListOrMapping(entry, target) &&
      !hasNeeds(target);
    if (!isEmpty) report(path, 'UnsupportedField', `${name} is not supported yet: ${reason}`);
    // What it says is looked at all the same: a person wants to hear of every fault at once.
    return isEmpty;
  }
  const why = refusedValue(property, entry);
  if (why === undefined) return false;
  report(path, 'UnsupportedField', `${name} ${JSON.stringify(entry)} is not supported yet: ${why}`);
  return property.enum?.includes(entry as string) !== true;
}

/** Whether an empty structure would lack something, and so is not the same as none. */
function hasNeeds(schema: SchemaNode): boolean {
  return (schema.required ?? []).length > 0;
}

/** Whether a list stands where a list belongs, or a mapping where a mapping does: `[]` is not the same as no name. */
function isListOrMapping(value: object, { type }: SchemaNode): boolean {
  return type === undefined || type === (Array.isArray(value) ? 'array' : 'object');
}

/** Why Holdfast does not have a value that Kubernetes has. */
function refusedValue(property: SchemaNode, entry: unknown): string | undefined {
  const values = property['x-unsupported-values'];
  if (values === undefined || typeof entry !== 'string' || entry === property.const) return undefined;
  return Object.hasOwn(values, entry) ? values[entry] : values['*'];
}

/** Whether a value means to Kubernetes what the absence of the field means; `{}` in the schema stands for an empty structure. */
function isSameAsAbsent({ 'x-same-as-absent': values = [] }: SchemaNode, value: unknown): boolean {
  const isEmpty = (entry: unknown): boolean => isPlainObject(entry) && Object.keys(entry).length === 0;
  return values.some((same) => same === value || (isEmpty(same) && isEmpty(value)));
}

/** Empty lists and empty maps mean nothing; an empty structure, such as `emptyDir: {}`, does. */
function isEmptyCollection(value: unknown, schema: SchemaNode): boolean {
  if (Array.isArray(value)) return value.length === 0 && isListOrMapping(value, schema);
  return (
    isPlainObject(value) &&
    Object.keys(value).length === 0 &&
    schema.properties === undefined &&
    schema.additionalProperties !== undefined
  );
}

/** Generators write `status: {}` and `status: {loadBalancer: {}}` into every object: there is nothing to tell of it. */
function saysAnything(status: unknown): boolean {
  if (typeof status !== 'object' || status === null) return status !== undefined && status !== null;
  return Object.values(status).some(saysAnything);
}

/** One note for a field, however many items of a list have it. */
function note(path: Path, message: string, { report, noted }: Context): void {
  const kind = formatPath(path.filter((step) => typeof step === 'string'));
  if (noted.has(kind)) return;
  noted.add(kind);
  report(path, 'NoEffect', message, 'note');
}
