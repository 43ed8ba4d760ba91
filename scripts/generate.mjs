// Turns schemas/ into src/model/generated.ts, the TypeScript types of every kind.
// `--check` writes nothing and fails when the file is stale.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'src/model/generated.ts');

/** Keeps what the types need: no fields that are refused or without effect beyond a note, references made local. */
function strip(node) {
  if (Array.isArray(node)) return node.map(strip);
  if (node === null || typeof node !== 'object') return node;
  // What stands beside a $ref would make the compiler emit a copy of the type for every place of use.
  if (typeof node.$ref === 'string') return { $ref: node.$ref.replace(/^.*#\/\$defs\//, '#/$defs/') };
  const out = {};
  for (const [key, value] of Object.entries(node)) {
    if (key.startsWith('x-') || key === '$id' || key === '$schema') continue;
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
const text = header + body;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('src/model/generated.ts is stale: run `npm run generate`.');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
