// `openapi`: a schema of the user's own, by which the lists of custom kinds are merged. Only the merge keys are taken from it; it judges no
// object.
import { isPlainObject } from '../../schema/admit.ts';
import type { SchemaNode } from '../../schema/schema-node.ts';
import type { Build, KustomizationFile } from '../resource.ts';
import { type OpenapiSchemas } from '../resource.ts';
import { readDocuments } from './files.ts';
import { refuseUnknown, settingsAt, textOf } from './settings.ts';

type Definitions = Readonly<Record<string, unknown>>;

/**
 * Takes the schemas that the `openapi` field of a layer names, unless another layer has chosen already: kustomize heeds the first field that it
 * comes to, the outermost first, for all that it does afterwards.
 */
export async function chooseSchemas(layer: KustomizationFile, build: Build): Promise<void> {
  const openapi = layer.value['openapi'] ?? undefined;
  const own = openapi === undefined ? undefined : await readOpenapi(layer, build);
  if (openapi === undefined || build.schemas.isChosen) return;
  build.schemas.isChosen = true;
  if (own !== undefined) build.schemas.own = own;
}

async function readOpenapi(layer: KustomizationFile, build: Build): Promise<OpenapiSchemas | undefined> {
  const settings = settingsAt(layer, ['openapi'], build);
  if (settings === undefined) return undefined;
  refuseUnknown(settings, ['path', 'version']);
  const path = textOf(settings, 'path');
  const version = textOf(settings, 'version');
  if (path !== '' && version !== '') {
    settings.report(['version'], 'Invalid', 'builtin version and custom schema provided, cannot use both');
    return undefined;
  }
  if (path === '') return undefined;
  const documents = await readDocuments(path, ['path'], settings, build);
  if (documents === undefined) return undefined;
  const value = documents[0]?.value;
  const definitions = isPlainObject(value) ? value['definitions'] : undefined;
  if (documents.length === 1 && isPlainObject(definitions)) return indexSchemas(definitions);
  settings.report(['path'], 'Invalid', `${path} must be one OpenAPI document with definitions`);
  return undefined;
}

function indexSchemas(definitions: Definitions): OpenapiSchemas {
  const nodes = new Map<unknown, SchemaNode>();
  const kinds = new Map<string, SchemaNode>();
  for (const definition of Object.values(definitions)) {
    const list: unknown = isPlainObject(definition) ? definition['x-kubernetes-group-version-kind'] : undefined;
    for (const entry of Array.isArray(list) ? list : []) {
      if (!isPlainObject(entry)) continue;
      const { group = '', version, kind } = entry;
      const apiVersion = group === '' ? String(version) : `${String(group)}/${String(version)}`;
      kinds.set(keyOf(apiVersion, kind), nodeOf(definition, definitions, nodes));
    }
  }
  return { schemaOf: (apiVersion, kind) => kinds.get(keyOf(apiVersion, kind)) };
}

const keyOf = (apiVersion: unknown, kind: unknown): string => JSON.stringify([apiVersion, kind]);
const nothing: SchemaNode = {};
/** References that lead to references, at most so many times. */
const MAX_REFERENCES = 20;

/** Schemas refer to each other in circles, so the parts of one are made when they are asked for. */
function nodeOf(schema: unknown, definitions: Definitions, nodes: Map<unknown, SchemaNode>): SchemaNode {
  const target = follow(schema, definitions);
  if (target === undefined) return nothing;
  const known = nodes.get(target);
  if (known !== undefined) return known;
  const text = (key: string): string | undefined => (typeof target[key] === 'string' ? target[key] : undefined);
  const keys: unknown = target['x-kubernetes-list-map-keys'];
  const first: unknown = Array.isArray(keys) ? keys[0] : undefined;
  const mergeKey = text('x-kubernetes-patch-merge-key') ?? (typeof first === 'string' ? first : undefined);
  const strategy = text('x-kubernetes-patch-strategy');
  const node: SchemaNode = {
    ...(mergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': mergeKey }),
    ...(strategy === undefined ? {} : { 'x-kubernetes-patch-strategy': strategy }),
  };
  nodes.set(target, node);
  const { properties, items, additionalProperties } = target;
  const lazy = (key: string, make: () => unknown): void => {
    let made: unknown;
    Object.defineProperty(node, key, { enumerable: true, get: () => (made ??= make()) });
  };
  if (isPlainObject(properties))
    lazy('properties', () =>
      Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, nodeOf(property, definitions, nodes)])),
    );
  if (isPlainObject(items)) lazy('items', () => nodeOf(items, definitions, nodes));
  if (isPlainObject(additionalProperties)) lazy('additionalProperties', () => nodeOf(additionalProperties, definitions, nodes));
  return node;
}

function follow(schema: unknown, definitions: Definitions): Readonly<Record<string, unknown>> | undefined {
  let target: unknown = schema;
  for (let count = 0; count < MAX_REFERENCES && isPlainObject(target); count += 1) {
    const reference: unknown = target['$ref'] ?? target[String.raw`\$ref`];
    if (typeof reference !== 'string') return target;
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    target = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  }
  return undefined;
}
