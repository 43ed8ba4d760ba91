import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { misfitsOf } from '../../../src/manifests/schema/misfits.ts';
import type { SchemaNode } from '../../../src/manifests/schema/schema-node.ts';
import { definitions, schemas } from '../../../src/manifests/schema/schemas.generated.ts';
import { type Occurrence, occurrences, withKey, withValue } from '../../corpus/mutations.ts';

describe('a value against a schema', () => {
  const schema: SchemaNode = {
    type: 'object',
    required: ['name', 'ports'],
    additionalProperties: false,
    properties: {
      name: { type: 'string' },
      kind: { type: 'string', enum: ['one', 'other'] },
      ports: { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1, maximum: 9 } },
      limits: { type: 'object', patternProperties: { '^cpu$': { type: ['string', 'number'] } }, additionalProperties: false },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
  };
  const faultsOf = (value: unknown): readonly string[] =>
    misfitsOf(schema, value, false).map((misfit) =>
      [`/${misfit.path.join('/')}`, misfit.keyword, ...('name' in misfit ? [misfit.name] : [])].join(' '),
    );

  test.each<[string, unknown, readonly string[]]>([
    ['what fits', { name: 'a', ports: [1, 9], limits: { cpu: 1 }, labels: { any: 'text' } }, []],
    ['another type', ['a'], ['/ type']],
    ['what is missing', { kind: 'one' }, ['/ required name', '/ required ports']],
    ['what is not known', { name: 'a', ports: [1], prots: 1 }, ['/ additionalProperties prots']],
    ['a name that every object has', { name: 'a', ports: [1], constructor: 1 }, ['/ additionalProperties constructor']],
    ['a word of none', { name: 'a', ports: [1], kind: 1 }, ['/kind type', '/kind enum']],
    [
      'numbers',
      { name: 'a', ports: [0, 10, 1.5, '1'] },
      ['/ports/0 minimum', '/ports/1 maximum', '/ports/2 type', '/ports/3 type'],
    ],
    ['an empty list', { name: 'a', ports: [] }, ['/ports minItems']],
    [
      'keys of maps',
      { name: 'a', ports: [1], limits: { cpu: true, memory: 1 }, labels: { a: 1 } },
      ['/limits additionalProperties memory', '/limits/cpu type', '/labels/a type'],
    ],
  ])('%s', (_name, value, faults) => {
    expect(faultsOf(value)).toEqual(faults);
    expect(misfitsOf(schema, value, true)).toEqual(misfitsOf(schema, value, false).slice(0, 1));
  });
});

describe('the schemas', () => {
  const all = new Map<string, ValidateFunction>();
  const compilers = { first: ajv(false), all: ajv(true) };
  const compiled = (kind: string, isFirstEnough: boolean): ValidateFunction => {
    const key = `${kind} ${isFirstEnough}`;
    const made = all.get(key) ?? compilers[isFirstEnough ? 'first' : 'all'].compile(schemaOf(kind));
    all.set(key, made);
    return made;
  };
  const fields = occurrences();
  const anyValue = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom<unknown>('', 0, -1, 2 ** 31, 1.5, null, true, [], {}, [null], [{}], { a: null }, 'constructor'),
  );
  const mutated = fc
    .tuple(
      fc.constantFrom(...fields),
      fc.option(anyValue, { nil: undefined }),
      fc.option(fc.constantFrom('unknown', 'constructor')),
    )
    .map(([occurrence, value, key]) => ({
      kind: occurrence.subject.kind,
      value: key !== null && occurrence.key !== 'item' ? withKey(occurrence, key) : withValue(occurrence, value),
    }));

  test('as a validator that knows all of JSON Schema has it, with every fault and with the first', () => {
    fc.assert(
      fc.property(mutated, fc.boolean(), ({ kind, value }, isFirstEnough) => {
        const validate = compiled(kind, isFirstEnough);
        validate(value);
        expect(misfitsOf(schemaOf(kind), value, isFirstEnough).map(told)).toEqual((validate.errors ?? []).map(toldByAjv));
      }),
      { numRuns: 1000 },
    );
  });

  test('every field of the corpus, with what does not belong there', () => {
    const wrong = (occurrence: Occurrence): unknown => (typeof occurrence.value === 'string' ? { a: [1] } : 'text');
    for (const occurrence of fields) {
      const value = withValue(occurrence, wrong(occurrence));
      const validate = compiled(occurrence.subject.kind, false);
      validate(value);
      const found = misfitsOf(schemaOf(occurrence.subject.kind), value, false).map(told);
      expect([occurrence.pattern, ...found]).toEqual([occurrence.pattern, ...(validate.errors ?? []).map(toldByAjv)]);
    }
  });
});

function schemaOf(kind: string): SchemaNode {
  return schemas[kind] ?? {};
}

function ajv(allErrors: boolean): Ajv2020 {
  const made = new Ajv2020({ allErrors, strict: false, verbose: true, validateSchema: false });
  made.addSchema({ $id: 'definitions', $defs: definitions });
  return made;
}

type Told = readonly [keyword: string, pointer: string, name: string | undefined, schema: unknown, data: unknown];

function told(misfit: ReturnType<typeof misfitsOf>[number]): Told {
  const pointer = misfit.path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return [misfit.keyword, pointer, 'name' in misfit ? misfit.name : undefined, misfit.schema, misfit.data];
}

function toldByAjv({ keyword, instancePath, params, parentSchema, data }: ErrorObject): Told {
  const name = (params['missingProperty'] ?? params['additionalProperty']) as string | undefined;
  return [keyword, instancePath, name, parentSchema, data];
}
