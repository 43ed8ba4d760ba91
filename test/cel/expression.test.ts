import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { celInput, compile, type Expression } from '../../src/cel/expression.ts';

const deployment = {
  metadata: { name: 'web', labels: { app: 'web', 'example.com/team': 'shop' } },
  spec: {
    replicas: 3,
    paused: null,
    template: {
      spec: {
        containers: [
          { name: 'app', image: 'nginx:1.25', resources: { limits: { memory: '128Mi' } }, ports: [{ containerPort: 80 }] },
          { name: 'side', image: 'registry.example.com/side:latest' },
        ],
      },
    },
  },
};
const numbers = Array.from({ length: 2000 }, (_, index) => index);
const values = { object: celInput(deployment), numbers: celInput(numbers) };

function compiled(source: string, variables: ReadonlyMap<string, Expression> = new Map()): Expression {
  const result = compile(source, { names: ['object', 'numbers'], variables });
  if ('fault' in result) throw new Error(result.fault.message);
  return result.expression;
}

function valueOf(source: string): unknown {
  const result = compiled(source).evaluate(values);
  return 'error' in result ? new Error(result.error) : result.value;
}

const containers = 'object.spec.template.spec.containers';

test.each<[string, unknown]>([
  // What policies are made of.
  [`${containers}.all(c, has(c.resources) && has(c.resources.limits))`, false],
  [`${containers}.exists(c, c.image.endsWith(":latest"))`, true],
  [`${containers}.exists_one(c, c.name == "app")`, true],
  [`${containers}.filter(c, !has(c.resources)).map(c, c.name).join(", ")`, 'side'],
  [`${containers}.map(c, has(c.ports), c.name).size()`, 1n],
  [`${containers}.all(c, c.image.matches("^(registry\\\\.example\\\\.com/)?[a-z]+:[^:]+$"))`, true],
  ['"example.com/team" in object.metadata.labels', true],
  ['object.metadata.labels["example.com/team"]', 'shop'],
  ['has(object.spec.nothing)', false],
  ['object.metadata.labels.all(key, object.metadata.labels[key] != "")', true],
  // Numbers compare whatever their type.
  ['object.spec.replicas <= 5.5 && object.spec.replicas == 3.0 && object.spec.replicas in [1, 2, 3]', true],
  ['dyn(1) == 1u', true],
  // Optional selections.
  ['object.metadata.?labels.?app.orValue("none")', 'web'],
  ['object.metadata.?annotations.app.x.orValue("none")', 'none'],
  ['object.metadata.?annotations[?"a"].orValue("none")', 'none'],
  [`${containers}[?7].hasValue()`, false],
  [`${containers}[?1].?name.value()`, 'side'],
  ['object.spec.?paused.orValue(1)', null],
  ['object.?spec.replicas.orValue(object.nothing.at.all)', 3n],
  ['object.?a.or(object.?b).or(object.?metadata).name.orValue("")', 'web'],
  ['has(object.?spec.replicas) && !has(object.?spec.nothing)', true],
  ['optional.ofNonZeroValue("").hasValue() || optional.none().hasValue()', false],
  ['"a.?b[?c] // no mark" + r"\\" // object.?x', 'a.?b[?c] // no mark\\'],
  // Quantities.
  ['quantity("1Gi").compareTo(quantity("1024Mi"))', 0n],
  ['quantity("1Gi") == quantity("1024Mi") && quantity("100m").isLessThan(quantity("1"))', true],
  ['quantity("1Gi").add(quantity("1Gi")).sub(1).asInteger()', 2_147_483_647n],
  ['isQuantity("10x") || !quantity("1").isInteger() || quantity("-1").sign() != -1', false],
  // Texts and sets.
  ['"%s has %d of %s".format(["web", 3, ["a"]])', 'web has 3 of [a]'],
  ['"banana".replace("an", "-", 1) + "ab".replace("", ".") + "x".replace("y", "z")', 'b-ana.a.b.x'],
  ['"A,B".lowerAscii().split(",")[1].upperAscii().charAt(0)', 'B'],
  [
    'sets.contains([1, 2], [2.0]) && sets.intersects([1], [1, 3]) && sets.equivalent([1, 1], [1]) && !sets.contains([1], [2])',
    true,
  ],
  ['duration("90m") > duration("1h") && timestamp("2026-01-02T03:04:05Z").getFullYear() == 2026', true],
  // What is not there under a name that JavaScript has.
  ['has(object.constructor) || has(object.toString) || "__proto__" in object', false],
  // An error is forgotten where it does not matter.
  ['true || object.nothing', true],
  [`${containers}.exists(c, c.resources.limits.memory == "128Mi")`, true],
])('%s', (source, value) => {
  expect(valueOf(source)).toEqual(value);
});

test.each<[string, RegExp]>([
  ['object.nothing == 1', /field not found: nothing/],
  ['1 + "a"', /no matching overload for '_\+_'/],
  ['object.spec.replicas > "a"', /no matching overload/],
  ['9223372036854775807 + 1', /overflow/],
  ['1 / 0', /divide by zero/],
  ['"a".matches("(")', /missing closing/],
  ['quantity("ten")', /"ten" is not a quantity/],
  ['object.?nothing.value()', /optional\.none\(\)/],
  ['object.spec.replicas.?x', /only maps and lists/],
])('%s cannot be evaluated', (source, message) => {
  const result = compiled(source).evaluate(values);
  expect('error' in result ? result.error : result).toMatch(message);
});

test.each<[string, { line: number; column: number; message: RegExp }]>([
  ['', { line: 1, column: 1, message: /empty/ }],
  ['object.spec.(', { line: 1, column: 12, message: /found \./ }],
  ['object.a &&\n  thing == 1', { line: 2, column: 3, message: /undeclared reference to "thing": there are object, numbers/ }],
  ['object.a.foo(1)', { line: 1, column: 9, message: /no function foo\(\)/ }],
  ['size("a", "b")', { line: 1, column: 1, message: /no function size\(\) with 2 arguments/ }],
  ['"a".size(1)', { line: 1, column: 4, message: /no method of a value size\(\) with one argument/ }],
  ['variables.x', { line: 1, column: 10, message: /no variable "x"/ }],
  ['variables', { line: 1, column: 1, message: /variables\.NAME/ }],
  ['numbers.map(object, 1)', { line: 1, column: 8, message: /another name/ }],
  ['[?object.?a]', { line: 1, column: 1, message: /optional elements/ }],
  ['object.?a == "a"', { line: 1, column: 11, message: /orValue/ }],
  ['google.protobuf.Timestamp{seconds: 1}', { line: 1, column: 1, message: /no type google/ }],
  [`${'('.repeat(101)}1`, { line: 1, column: 101, message: /nested too deep/ }],
  [`"${'a'.repeat(10_000)}"`, { line: 1, column: 1, message: /longer than 10000/ }],
])('%j is no expression', (source, fault) => {
  const result = compile(source, { names: ['object', 'numbers'] });
  expect('fault' in result ? result.fault : result).toEqual({
    ...fault,
    message: expect.stringMatching(fault.message) as string,
  });
});

test('a name that means nothing here is told why', () => {
  const result = compile('request.operation == "CREATE"', { names: ['object'], strangers: { request: 'there are no requests' } });
  expect(result).toEqual({ fault: { message: 'there are no requests', line: 1, column: 1 } });
});

describe('variables', () => {
  test('stand for their expressions, and are only looked at where they matter', () => {
    const first = compiled(containers);
    const second = compiled('variables.all.map(c, c.name)', new Map([['all', first]]));
    const variables = new Map([
      ['all', first],
      ['names', second],
      ['broken', compiled('object.nothing.at.all')],
    ]);
    const found = compiled('true || variables.broken ? variables.names.join("+") : ""', variables).evaluate(values);
    expect(found).toEqual({ value: 'app+side', cost: expect.any(Number) as number });
  });

  test('that double one another are refused before they grow', () => {
    let variables = new Map<string, Expression>([['v0', compiled('object.spec.replicas')]]);
    let fault: string | undefined;
    for (let index = 1; index < 40 && fault === undefined; index++) {
      const result = compile(`variables.v${index - 1} + variables.v${index - 1}`, { names: ['object'], variables });
      if ('fault' in result) fault = result.fault.message;
      else variables = new Map([...variables, [`v${index}`, result.expression]]);
    }
    expect(fault).toBe('the expression has more than 10000 parts');
  });
});

test.each([
  'numbers.all(a, numbers.all(b, numbers.all(c, a + b + c >= 0)))',
  // Errors and answers that are known already do not hide the cost.
  'numbers.exists(a, numbers.exists(b, numbers.exists(c, object.nothing == a)))',
  `"aaaaaaaaaa"${'.replace("a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")'.repeat(12)}`,
  `"a"${'.replace("", "aaaaaaaaaaaaaaaaaaaa")'.repeat(12)}`,
  `["a"]${'.map(x, x + x)'.repeat(60)}`,
  `[[1, 2]]${'.map(x, x + x)'.repeat(60)}`,
  `numbers.map(x, "${'a'.repeat(5000)}").join("${'b'.repeat(1000)}")`,
  `numbers.all(x, !"${'a'.repeat(4000)}".matches("(a*)*(a*)*(a*)*b$"))`,
  'numbers.all(x, numbers == numbers)',
  'numbers.all(x, x in numbers) && numbers.all(x, sets.contains(numbers, numbers))',
])('%s ends at the budget', (source) => {
  const result = compiled(source).evaluate(values, 50_000);
  expect(result).toEqual({ error: 'it costs more than 50000 units to evaluate', cost: 50_000 });
});

test('an evaluation after one that ran away is like any other', () => {
  compiled('numbers.all(a, numbers.all(b, true))').evaluate(values, 100);
  expect(compiled('1 + 1').evaluate(values, 100)).toEqual({ value: 2n, cost: 0 });
});

test('whatever is written, there is an answer', () => {
  const words = constantFrom(
    ...'object . .? [ ] [? ( ) { } , : ? && || ! - + * / % == != < in true null 1 2.5 "a" \'b\' .map(x, .all(x, x has( size( numbers variables.a optional.of( .orValue( quantity( // \n'.split(
      ' ',
    ),
  );
  assert(
    property(
      oneof(
        array(words, { maxLength: 25 }).map((parts) => parts.join(' ')),
        string({ maxLength: 60 }),
      ),
      (source) => {
        const result = compile(source, { names: ['object', 'numbers'] });
        const found = 'fault' in result ? result.fault : result.expression.evaluate(values, 5_000);
        expect('line' in found ? found.line > 0 : found.cost <= 5_000).toBe(true);
      },
    ),
    { numRuns: 400 },
  );
});
