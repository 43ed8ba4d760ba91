// One schema for editors: it finds out by apiVersion and kind which of the others applies.

/** `files` are pairs of a kind's schema and the name of its file. Written for editors that know draft 7 only. */
export function editorSchema(files) {
  const kinds = files.filter(([kind]) => kind['x-internal'] === undefined);
  const names = [...new Set(kinds.map(([kind]) => kind.title))].sort((a, b) => (a < b ? -1 : 1));
  const versions = [...new Set(kinds.map(([kind]) => kind.properties.apiVersion.const))].sort((a, b) => (a < b ? -1 : 1));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'https://holdfast.dev/schemas/holdfast.schema.json',
    title: 'A manifest for Holdfast',
    description: 'Any kind that Holdfast knows, told apart by apiVersion and kind.',
    type: 'object',
    required: ['apiVersion', 'kind'],
    properties: {
      apiVersion: { type: 'string', description: 'The version of the kind.', examples: versions },
      kind: { type: 'string', description: 'The kind.', enum: [...names, 'List'] },
    },
    allOf: kinds.map(([kind, file]) => ({
      if: { properties: { kind: { const: kind.title } }, required: ['kind'] },
      // A keyword of JSON Schema.
      // biome-ignore lint/suspicious/noThenProperty: as said above.
      // oxlint-disable-next-line unicorn/no-thenable
      then: { $ref: `./${file}` },
    })),
  };
}
