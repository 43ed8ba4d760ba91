// The page on compatibility, made of the schemas: what Holdfast does with every kind and every field of a manifest.

const nameOfRef = (ref) => ref.slice(ref.lastIndexOf('/') + 1);

/** The answer of a kind or field, and why. */
function answerOf(node) {
  const refusal = node['x-unsupported'] ?? node['x-internal'];
  if (refusal !== undefined) return ['refused', refusal];
  if (node['x-no-effect'] !== undefined) return ['no effect', node['x-no-effect']];
  if (node['x-managed'] === true) return ['set by Holdfast', 'What a manifest says is not used.'];
  return ['honoured', node['x-note'] ?? ''];
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');

function typeOf(node, definitions) {
  if (node.$ref !== undefined) {
    const name = nameOfRef(node.$ref);
    return definitions[name]?.properties === undefined ? name : `[${name}](#${name.toLowerCase()})`;
  }
  if (node.items !== undefined) return `list of ${typeOf(node.items, definitions)}`;
  if (node.properties === undefined && typeof node.additionalProperties === 'object')
    return `map of ${typeOf(node.additionalProperties, definitions)}`;
  return [node.type ?? (node.enum || node.const ? 'string' : 'any')].flat().join(' or ');
}

/** One row for each field; fields of inline objects follow with their path. */
function fieldRows(node, definitions, prefix = '') {
  return Object.entries(node.properties ?? {}).flatMap(([name, property]) => {
    const [answer, reason] = answerOf(property);
    const refused = Object.entries(property['x-unsupported-values'] ?? {}).map(
      ([value, why]) => `${value === '*' ? 'other values' : `\`${value}\``}: refused: ${why}`,
    );
    const remarks = [reason, ...refused].filter((text) => text !== '').join(' ');
    const row = `| \`${prefix}${name}\` | ${typeOf(property, definitions)} | ${answer} | ${cell(remarks)} |`;
    const inner = property.properties === undefined ? property.items : property;
    if (inner?.properties === undefined) return [row];
    return [row, ...fieldRows(inner, definitions, `${prefix}${name}${inner === property ? '.' : '[].'}`)];
  });
}

const fieldTable = (node, definitions) => [
  '| field | type | answer | |',
  '| --- | --- | --- | --- |',
  ...fieldRows(node, definitions),
];

/** Definitions that manifests reach, in alphabetical order. What only a status has is not for manifests. */
function reachable(kinds, definitions) {
  const found = new Set();
  const visit = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (typeof node.$ref === 'string') {
      const name = nameOfRef(node.$ref);
      if (found.has(name)) return;
      found.add(name);
      visit(definitions[name]);
      return;
    }
    for (const [key, value] of Object.entries(node)) if (key !== 'status') visit(value);
  };
  for (const kind of kinds) visit({ ...kind, properties: { ...kind.properties, status: undefined } });
  return [...found].filter((name) => definitions[name].properties !== undefined).sort((a, b) => (a < b ? -1 : 1));
}

/** The page. `kinds` and `definitions` are schemas as they are written. */
export function compatibilityPage(kinds, definitions) {
  const forManifests = kinds.filter((kind) => kind['x-internal'] === undefined);
  const kindRows = forManifests.map((kind) => {
    const [answer, reason] = answerOf(kind);
    const api = kind.properties.apiVersion?.const ?? '';
    return `| [${kind.title}](#${kind.title.toLowerCase()}) | ${api} | ${kind['x-input'] ? 'rendered' : answer} | ${cell(reason)} |`;
  });
  const sections = forManifests.flatMap((kind) => [
    `## ${kind.title}`,
    '',
    `${kind.description} (\`${kind.properties.apiVersion?.const ?? ''}\`)`,
    '',
    ...fieldTable({ properties: withoutStatus(kind.properties) }, definitions),
    '',
  ]);
  const parts = reachable(forManifests, definitions).flatMap((name) => [
    `### ${name}`,
    '',
    definitions[name].description ?? '',
    '',
    ...fieldTable(definitions[name], definitions),
    '',
  ]);
  return `${[...intro, ...kindRows, '', ...sections, '# Parts that kinds share', '', ...parts].join('\n').trimEnd()}\n`;
}

function withoutStatus({ status: _status, ...properties }) {
  return properties;
}

const intro = [
  '<!-- Generated from schemas/ by `npm run generate`. Do not edit. -->',
  '# Compatibility',
  '',
  'What Holdfast does with every kind and every field. `holdfast explain KIND.field.path` prints the same for one of them.',
  '',
  '- **honoured**: it means what it means in Kubernetes.',
  '- **no effect**: it is accepted, changes nothing, and a note says why.',
  '- **set by Holdfast**: the system writes it; what a manifest says is not used, and a note says so.',
  '- **refused**: it would change behaviour and is not supported yet. A commit that uses it is not applied; the reason says what to write instead.',
  '- **rendered**: it is read while a folder is rendered, and is no object afterwards.',
  '',
  'A field that is in none of these tables is unknown, and a commit with it is refused. Everything below a refused kind or field is refused with',
  'it, and checked all the same. A `status` in a manifest is noted and not used.',
  '',
  '| kind | apiVersion | answer | |',
  '| --- | --- | --- | --- |',
];
