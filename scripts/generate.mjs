// Turns schemas/ into src/model/generated.ts, the TypeScript types of every kind, and into src/manifests/schemas.generated.ts,
// the same schemas as data, so that nothing has to be read from disk to validate.
// `--check` writes nothing and fails when a file is stale.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Keeps what the types need: no fields that are refused or without effect beyond a note, references made local. */
function strip(node) {
  if (Array.isArray(node)) return node.map(strip);
  if (node === null || typeof node !== 'object') return node;
  // What stands beside a $ref would make the compiler emit a copy of the type for every place of use.
  if (typeof node.$ref === 'string') return { $ref: node.$ref.replace(/^.*#\/\$defs\//, '#/$defs/') };
  const out = {};
  for (const [key, value] of Object.entries(node)) {
    if (key.startsWith('x-') || ['$id', '$schema', 'minimum', 'maximum', 'patternProperties'].includes(key)) continue;
    if (key === 'properties')
      out.properties = Object.fromEntries(
        Object.entries(value)
          .filter(([, property]) => property['x-unsupported'] === undefined)
          .map(([name, property]) => [name, strip(property)]),
      );
    else out[key] = strip(value);
  }
  return out;
}

const load = (file) => JSON.parse(readFileSync(join(root, 'schemas', file), 'utf8'));
const files = readdirSync(join(root, 'schemas')).filter((file) => file.endsWith('.json'));
const kinds = files
  .filter((file) => file !== 'definitions.json')
  .map(load)
  .filter((schema) => schema.properties?.kind?.const !== undefined);
const definitions = load('definitions.json').$defs;

const bundle = {
  title: 'Resource',
  description: 'Any object that Holdfast knows.',
  oneOf: kinds.map((kind) => ({ $ref: `#/$defs/${kind.title}` })),
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

const outputs = { 'src/model/generated.ts': header + body, 'src/manifests/schemas.generated.ts': data };
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
