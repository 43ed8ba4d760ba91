// Whatever fits the schema of a pod, or nearly: it is judged without an exception, and its defaults are set once and for all.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { setDefaults } from '../../../src/manifests/defaults/defaults.ts';
import { checkRules } from '../../../src/manifests/rules/rules.ts';
import { resolveSchema } from '../../../src/manifests/schema/admit.ts';
import type { SchemaNode } from '../../../src/manifests/schema/schema-node.ts';
import { definitions } from '../../../src/manifests/schema/schemas.generated.ts';
import type { Pod, PodSpec } from '../../../src/model/resource.ts';
import { loadText } from '../../support/manifest-text.ts';

const DEPTH = 9;
const words = fc.constantFrom('a', 'b', 'web', '', '/', '/a', '../b', '1', 'metadata.name', 'limits.cpu', 'A_B', '${', 'a.io/b');
const quantities = fc.constantFrom('1', '500m', '64Mi', 'x', '-1');

/** Any value that fits a part of the schema; the deeper, the less of what may be left out. */
function fitting(node: SchemaNode, depth: number): fc.Arbitrary<unknown> {
  const schema = resolveSchema(node);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const type = [schema.type].flat()[0];
  if (Array.isArray(schema.type))
    return schema.type.includes('number') ? quantities : fc.oneof(fc.integer({ min: -1, max: 90000 }), words);
  if (type === 'string') return words;
  if (type === 'integer') return fc.integer({ min: -2, max: 100 });
  if (type === 'boolean') return fc.boolean();
  if (type === 'array')
    return depth <= 0 && schema.minItems === undefined
      ? fc.constant([])
      : fc.array(fitting(schema.items ?? {}, depth - 1), { minLength: schema.minItems ?? 0, maxLength: 2 });
  if (schema.properties === undefined) return fc.dictionary(words, words, { maxKeys: 2 });
  const needed = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties).filter(([name]) => needed.has(name) || depth > 0);
  return fc
    .subarray(fields, { maxLength: Math.min(fields.length, 5) })
    .chain((some) =>
      fc.record(
        Object.fromEntries(
          fields
            .filter((field) => needed.has(field[0]) || some.includes(field))
            .map(([name, property]) => [name, fitting(property, depth - 1)]),
        ),
      ),
    );
}

const podSpec = fc.constant(definitions['PodSpec'] ?? {}).chain((schema) => fitting(schema, DEPTH)) as fc.Arbitrary<PodSpec>;
const pods = podSpec.map((spec): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec }));

test('defaults are idempotent, and rules end with an answer', () => {
  fc.assert(
    fc.property(pods, (given) => {
      const once = structuredClone(given);
      setDefaults(once);
      const twice = structuredClone(once);
      setDefaults(twice);
      expect(twice).toEqual(once);
      const messages: string[] = [];
      checkRules(once, (_path, _reason, message) => messages.push(message));
      expect(messages.every((message) => message.length > 0)).toBe(true);
      expect(twice).toEqual(once);
    }),
    { numRuns: 300 },
  );
});

test('a pod of any shape is answered with problems', () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.integer(),
    fc.boolean(),
    words,
    fc.constant([]),
    fc.constant({}),
    fc.constant([null]),
  );
  const names = Object.keys(definitions['PodSpec']?.properties ?? {});
  const broken = fc
    .tuple(podSpec, fc.dictionary(fc.constantFrom(...names, 'zebra'), value, { minKeys: 1, maxKeys: 3 }))
    .map(([spec, faults]) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { ...spec, ...faults } }));
  fc.assert(
    fc.property(broken, (pod) => {
      const { manifests, problems } = loadText(JSON.stringify(pod));
      expect(manifests.length > 0 || problems.some(({ severity }) => severity === 'error')).toBe(true);
    }),
    { numRuns: 100 },
  );
});
