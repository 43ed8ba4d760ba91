// Holds a value against a schema. The schemas are walked as they are: to compile them takes longer than a command has, and few objects pay for it.
import type { Path } from '../place.ts';
import { resolveSchema } from './admit.ts';
import type { SchemaNode } from './schema-node.ts';

/** One fault of a value: JSON Schema's word for it, where it is, and the schema that says so. */
export type Misfit = {
  readonly path: Path;
  readonly schema: SchemaNode;
  readonly data: unknown;
} & (
  | { readonly keyword: 'type' | 'enum' | 'const' | 'minimum' | 'maximum' | 'minItems' }
  /** The property that is missing, or that is not known. */
  | { readonly keyword: 'required' | 'additionalProperties'; readonly name: string }
);

/** All faults of a value, in the order of its schema; no more than the first when `isFirstEnough`. The words of Holdfast's own say nothing here. */
export function misfitsOf(schema: SchemaNode, value: unknown, isFirstEnough: boolean): readonly Misfit[] {
  const found: Misfit[] = [];
  check(schema, value, { found, limit: isFirstEnough ? 1 : Number.POSITIVE_INFINITY, path: [] });
  return found;
}

interface Search {
  readonly found: Misfit[];
  readonly limit: number;
  /** Where the value that is looked at stands. */
  readonly path: (string | number)[];
}

type PlainObject = Readonly<Record<string, unknown>>;

const isOver = ({ found, limit }: Search): boolean => found.length >= limit;

function check(given: SchemaNode, data: unknown, search: Search): void {
  const schema = resolveSchema(given);
  const add = (keyword: 'type' | 'enum' | 'const' | 'minimum' | 'maximum'): void => {
    if (!isOver(search)) search.found.push({ keyword, path: [...search.path], schema, data });
  };
  if (schema.type !== undefined && !isOfType(schema.type, data)) add('type');
  if (typeof data === 'number') {
    if (schema.maximum !== undefined && !(data <= schema.maximum)) add('maximum');
    if (schema.minimum !== undefined && !(data >= schema.minimum)) add('minimum');
  }
  if (schema.const !== undefined && data !== schema.const) add('const');
  if (schema.enum !== undefined && !schema.enum.some((entry) => entry === data)) add('enum');
  if (Array.isArray(data)) checkList(schema, data, search);
  else if (typeof data === 'object' && data !== null) checkObject(schema, data as PlainObject, search);
}

function checkList(schema: SchemaNode, data: readonly unknown[], search: Search): void {
  const { items, minItems } = schema;
  if (isOver(search)) return;
  if (minItems !== undefined && data.length < minItems) {
    search.found.push({ keyword: 'minItems', path: [...search.path], schema, data });
  }
  if (items === undefined) return;
  for (const [index, item] of data.entries()) {
    if (isOver(search)) return;
    checkPart(items, item, index, search);
  }
}

function checkObject(schema: SchemaNode, data: PlainObject, search: Search): void {
  const { properties = {}, patternProperties, additionalProperties, required = [] } = schema;
  const add = (keyword: 'required' | 'additionalProperties', name: string): void => {
    if (!isOver(search)) search.found.push({ keyword, name, path: [...search.path], schema, data });
  };
  for (const name of required) if (!has(data, name)) add('required', name);
  const patterns = patternProperties === undefined ? [] : patternsOf(patternProperties);
  if (additionalProperties !== undefined && additionalProperties !== true) {
    for (const name of Object.keys(data)) {
      if (isOver(search)) return;
      if (Object.hasOwn(properties, name) || patterns.some(([pattern]) => pattern.test(name))) continue;
      if (additionalProperties === false) add('additionalProperties', name);
      else checkPart(additionalProperties, data[name], name, search);
    }
  }
  for (const name of Object.keys(properties)) {
    const part = properties[name];
    if (part !== undefined && has(data, name) && !isOver(search)) checkPart(part, data[name], name, search);
  }
  for (const [pattern, part] of patterns)
    for (const name of Object.keys(data)) if (pattern.test(name) && !isOver(search)) checkPart(part, data[name], name, search);
}

function checkPart(schema: SchemaNode, data: unknown, step: string | number, search: Search): void {
  search.path.push(step);
  check(schema, data, search);
  search.path.pop();
}

/** What is undefined is not there: such a value cannot be written. */
function has(data: PlainObject, name: string): boolean {
  return Object.hasOwn(data, name) && data[name] !== undefined;
}

const patternCache = new WeakMap<object, readonly (readonly [RegExp, SchemaNode])[]>();

function patternsOf(written: Readonly<Record<string, SchemaNode>>): readonly (readonly [RegExp, SchemaNode])[] {
  const known = patternCache.get(written);
  if (known !== undefined) return known;
  const made = Object.entries(written).map(([pattern, schema]) => [new RegExp(pattern, 'u'), schema] as const);
  patternCache.set(written, made);
  return made;
}

function isOfType(type: string | readonly string[], data: unknown): boolean {
  return typeof type === 'string' ? isOne(type, data) : type.some((one) => isOne(one, data));
}

function isOne(type: string, data: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(data);
    case 'number':
      return Number.isFinite(data);
    case 'array':
      return Array.isArray(data);
    case 'object':
      return typeof data === 'object' && data !== null && !Array.isArray(data);
    case 'null':
      return data === null;
    default:
      return typeof data === type;
  }
}
