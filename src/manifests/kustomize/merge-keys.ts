// How a strategic merge treats the lists of a kind: by which keys their items are told apart. Taken from the schemas; lists of kinds that
// have none are replaced as a whole.
import { convertLegacy } from '../legacy/legacy.ts';
import { resolveSchema } from '../schema/admit.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import { schemas } from '../schema/schemas.generated.ts';

/** Keys besides the one that the schemas name: two ports differ when their protocols do. */
const secondKeys: Readonly<Record<string, string>> = {
  containerPort: 'protocol',
  port: 'protocol',
  topologyKey: 'whenUnsatisfiable',
};

/** The schema of the objects of a kind, also in the older versions that are read as the current one. */
export function schemaOfObject(apiVersion: unknown, kind: unknown): SchemaNode | undefined {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !Object.hasOwn(schemas, kind)) return undefined;
  const schema = schemas[kind];
  const current = convertLegacy(apiVersion, kind, {})?.apiVersion ?? apiVersion;
  return schema?.properties?.['apiVersion']?.const === current ? schema : undefined;
}

/** The schema of a field, with the words that stand beside its reference. */
export function schemaOfField(schema: SchemaNode | undefined, key: string): SchemaNode | undefined {
  if (schema === undefined) return undefined;
  const own = schema.properties !== undefined && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
  const other = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  const property = own ?? other;
  return property === undefined ? undefined : { ...resolveSchema(property), ...property };
}

/** The schema of the items of a list. */
export function schemaOfItems(schema: SchemaNode | undefined): SchemaNode | undefined {
  return schema?.items === undefined ? undefined : resolveSchema(schema.items);
}

/**
 * The keys by which the items of a list are merged; none for a list of plain values whose union is taken; undefined for a list that is
 * replaced as a whole.
 */
export function mergeKeysOf(schema: SchemaNode | undefined): readonly string[] | undefined {
  const strategies = schema?.['x-kubernetes-patch-strategy']?.split(',') ?? [];
  if (!strategies.includes('merge')) return undefined;
  const key = schema?.['x-kubernetes-patch-merge-key'];
  if (key === undefined) return [];
  const second = secondKeys[key];
  return second === undefined ? [key] : [key, second];
}
