// Turns schemas/ into what the program needs of them, so that nothing has to be read from disk:
//   src/model/generated.ts                       the TypeScript types of every kind
//   src/model/kinds.generated.ts                 what every kind is called, and whether it lives in a namespace
//   src/manifests/schema/schemas.generated.ts    the schemas as data, without their prose
//   src/manifests/schema/prose.generated.ts      their prose, for `holdfast explain`
//   docs/compatibility.md                        what becomes of every field
//   schemas/holdfast.schema.json                 one schema for editors
// `--check` writes nothing and fails when a file is stale.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';
import { compatibilityPage } from './compatibility.mjs';
import { editorSchema } from './editor-schema.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Keeps what the types need: no fields that are refused or without effect beyond a note, references made local. */
function strip(node) {
  if (Array.isArray(node)) return node.map(strip);
  if (node === null || typeof node !== 'object') return node;
  // What stands beside a $ref would make the compiler emit a copy of the type for every place of use.
  if (typeof node.$ref === 'string') return { $ref: node.$ref.replace(/^.*#\/\$defs\//, '#/$defs/') };
  const out = {};
  for (const [key, value] of Object.entries(node)) {
    if (key.startsWith('x-') || ['$id', '$schema', 'minimum', 'maximum', 'pattern', 'patternProperties'].includes(key)) continue;
    if (key === 'properties')
      out.properties = Object.fromEntries(Object.entries(value).map(([name, property]) => [name, strip(property)]));
    else out[key] = strip(value);
  }
  return out;
}

const load = (file) => JSON.parse(readFileSync(join(root, 'schemas', file), 'utf8'));
const EDITOR_SCHEMA = 'holdfast.schema.json';
const files = readdirSync(join(root, 'schemas')).filter((file) => file.endsWith('.json') && file !== EDITOR_SCHEMA);
const kinds = files.map(load).filter((schema) => schema.properties?.kind?.const !== undefined);
/** Kinds that are read while a set is rendered are no resources. */
const resources = kinds.filter((kind) => kind['x-input'] !== true);
const definitions = {};
for (const file of readdirSync(join(root, 'schemas/definitions')))
  for (const [name, schema] of Object.entries(load(`definitions/${file}`).$defs)) {
    if (name in definitions) throw new Error(`the definition ${name} is there twice; again in schemas/definitions/${file}`);
    definitions[name] = schema;
  }

const bundle = {
  title: 'Resource',
  description: 'Any object that Holdfast knows.',
  oneOf: resources.map((kind) => ({ $ref: `#/$defs/${kind.title}` })),
  $defs: {
    ...Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, strip(schema)])),
    ...Object.fromEntries(kinds.map((kind) => [kind.title, strip(kind)])),
  },
};

const header = '// Generated from schemas/ by `npm run generate`. Do not edit.\n';
const body = await compile(bundle, 'Resource', {
  bannerComment: '',
  additionalProperties: false,
  unreachableDefinitions: true,
  declareExternallyReferenced: true,
  style: { singleQuote: true, printWidth: 120 },
});
/** What validation needs: everything but the prose. */
function bare(node) {
  if (Array.isArray(node)) return node.map(bare);
  if (node === null || typeof node !== 'object') return node;
  const out = {};
  for (const [key, value] of Object.entries(node)) {
    if (['description', 'title', '$id', '$schema', 'tsType'].includes(key)) continue;
    if (key === 'properties' || key === 'patternProperties' || key === 'x-unsupported-values')
      out[key] = Object.fromEntries(Object.entries(value).map(([name, property]) => [name, bare(property)]));
    else if (key === '$ref') out.$ref = value.replace(/^.*#\/\$defs\//, 'definitions#/$defs/');
    else out[key] = bare(value);
  }
  return out;
}

const lines = (entries) =>
  entries.map(([name, schema]) => `  ${JSON.stringify(name)}: ${JSON.stringify(bare(schema))},\n`).join('');
const data = `${header}import type { SchemaNode } from './schema-node.ts';

/** The parts that the kinds share, by name. References read \`definitions#/$defs/NAME\`. */
export const definitions: Readonly<Record<string, SchemaNode>> = {
${lines(Object.entries(definitions))}};

/** The schema of every kind. */
export const schemas: Readonly<Record<string, SchemaNode>> = {
${lines(kinds.map((kind) => [kind.title, kind]))}};
`;

/** What a kind is called. The plural is told where English does not tell it. */
function naming(kind) {
  const name = kind.title.toLowerCase();
  const plural = /(?:s|x|ch)$/.test(name) ? `${name}es` : name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`;
  return {
    apiVersion: kind.properties.apiVersion.const,
    plural: kind['x-plural'] ?? plural,
    shortNames: kind['x-short-names'] ?? [],
    isNamespaced: kind['x-scope'] === 'Namespaced',
    isSupported: kind['x-unsupported'] === undefined,
  };
}

const names = `${header}/** What a kind is called. */
interface KindNaming {
  readonly apiVersion: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly isNamespaced: boolean;
  /** Whether manifests may hold it today. */
  readonly isSupported: boolean;
}

/** Every kind that has a schema. */
export const kindNaming = {
${resources.map((kind) => `  ${kind.title}: ${JSON.stringify(naming(kind))},\n`).join('')}} as const satisfies Readonly<Record<string, KindNaming>>;
`;

/** Descriptions alone, in the shape of the schema; a text stands for what has nothing below it. */
function prose(node) {
  const text = node.description ?? '';
  const properties = node.properties ?? node.items?.properties;
  if (properties === undefined) return text;
  return { text, fields: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, prose(property)])) };
}

const proseLines = (entries) =>
  entries.map(([name, node]) => `  ${JSON.stringify(name)}: ${JSON.stringify(prose(node))},\n`).join('');
const proseFile = `${header}/** The description of a part, and of its fields where it has any. */
export type Prose = string | { readonly text: string; readonly fields: Readonly<Record<string, Prose>> };

export const definitionProse: Readonly<Record<string, Prose>> = {
${proseLines(Object.entries(definitions))}};

export const kindProse: Readonly<Record<string, Prose>> = {
${proseLines(kinds.map((kind) => [kind.title, kind]))}};
`;

const outputs = {
  'src/model/generated.ts': header + body,
  'src/model/kinds.generated.ts': names,
  'src/manifests/schema/schemas.generated.ts': data,
  'src/manifests/schema/prose.generated.ts': proseFile,
  'docs/compatibility.md': compatibilityPage(kinds, definitions),
  [`schemas/${EDITOR_SCHEMA}`]: `${JSON.stringify(editorSchema(files.map((file) => [load(file), file])), null, 2)}\n`,
};
let stale = 0;
for (const [name, text] of Object.entries(outputs)) {
  const file = join(root, name);
  const isFresh = existsSync(file) && readFileSync(file, 'utf8') === text;
  if (isFresh) continue;
  if (process.argv.includes('--check')) {
    console.error(`${name} is stale: run \`npm run generate\`.`);
    stale += 1;
  } else writeFileSync(file, text);
}
process.exitCode = stale === 0 ? 0 : 1;
