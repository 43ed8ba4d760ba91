// Objects with placeholders → objects with values, each field at its place.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatProblem, type Problem } from '../../../src/manifests/problem.ts';
import { parseYaml } from '../../../src/manifests/reading/yaml.ts';
import { fromDocument, partOf, type SourceObject } from '../../../src/manifests/source.ts';
import { explainOrigin, substitute } from '../../../src/manifests/variables/substitute.ts';
import { explainPlaceholder, noVariables, VariableSet } from '../../../src/manifests/variables/variable-set.ts';

const given: Readonly<Record<string, string>> = {
  NAME: 'web',
  N: '3',
  YES: 'yes',
  OCTAL: '0644',
  EMPTY: '',
  SPACE: ' 7 ',
  COLON: 'a: b',
  LIST: '[1, 2]',
  HASH: 'a # b',
  quote: '"',
  INF: '.inf',
  TWO_LINES: 'a\nb',
};

function setOf(
  values: Readonly<Record<string, string>> = given,
  secrets: Readonly<Record<string, string>> = {},
  isStrict = true,
): VariableSet {
  const all = (entries: Readonly<Record<string, string>>, isSecret: boolean) =>
    Object.entries(entries).map(([name, value]) => ({ name, value, origin: 'x', isSecret }));
  return new VariableSet([...all(values, false), ...all(secrets, true)], { isConfigured: true, isStrict });
}

function read(text: string): SourceObject {
  const [document] = parseYaml(text);
  if (document === undefined || document.faults.length > 0) throw new Error(`not YAML: ${text}`);
  return fromDocument(document, 'app.yaml');
}

function run(text: string, set = setOf()): { object: SourceObject; problems: Problem[]; lines: string[] } {
  const problems: Problem[] = [];
  const object = substitute(read(text), set, problems);
  return { object, problems, lines: problems.map(formatProblem) };
}

describe('a scalar', () => {
  test.each([
    ['${N}', 3],
    ['"${N}"', '3'],
    ["'${N}'", '3'],
    ['!!str ${N}', '3'],
    ['|-\n  ${N}', '3'],
    ['>\n  ${N}', '3\n'],
    ['${N}${N}', 33],
    ['${N}m', '3m'],
    ['-${N}', -3],
    ['1.${N}', 1.3],
    ['${YES}', true],
    ['"${YES}"', 'yes'],
    ['${OCTAL}', 420],
    ['${EMPTY}', null],
    ['"${EMPTY}"', ''],
    ['${SPACE}', 7],
    ['"${SPACE}"', ' 7 '],
    ['${NOPE:=5}', 5],
    ['${NOPE:=null}', null],
    // The way that Flux's users make a text of a number.
    ['${quote}${N}${quote}', '3'],
    ["${NOPE:='it''s'}", "it's"],
    // A value never changes the structure.
    ['${COLON}', 'a: b'],
    ['${LIST}', '[1, 2]'],
    ['${HASH}', 'a # b'],
    ['${TWO_LINES}', 'a\nb'],
    ['$${N}', '${N}'],
    ['"$(N) $N"', '$(N) $N'],
  ])('%s → %j', (written, expected) => {
    const { object, lines } = run(`value: ${written}\n`);
    expect(lines).toEqual([]);
    expect(object.value).toEqual({ value: expected });
  });

  test('a number that JSON does not have', () => {
    const { object, lines } = run('a: 1\nb: ${INF}\n');
    expect(lines).toEqual(['app.yaml:2:1 b: ${INF} becomes a number that JSON does not have; put it in quotes']);
    expect(object.value).toEqual({ a: 1, b: '${INF}' });
  });
});

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: \${NAME}-front
  labels:
    "\${NAME}.example.org/tier": front
spec:
  replicas: \${N}
  template:
    spec:
      containers:
        - name: a
          image: "\${NAME}:\${TAG:=latest}"
          args:
            - --shell
            - |
              echo \${NAME} $HOME $\${HOME}
`;

describe('an object', () => {
  test('placeholders at any depth, in keys and in block scalars', () => {
    const { object, lines } = run(deployment);
    expect(lines).toEqual([]);
    expect(object.value).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web-front', labels: { 'web.example.org/tier': 'front' } },
      spec: {
        replicas: 3,
        template: {
          spec: {
            containers: [{ name: 'a', image: 'web:latest', args: ['--shell', 'echo web $HOME ${HOME}\n'] }],
          },
        },
      },
    });
  });

  test('places stay, and fields know their variables', () => {
    const { object } = run(deployment);
    const image = ['spec', 'template', 'spec', 'containers', 0, 'image'];
    expect(object.locate(image)).toEqual({ file: 'app.yaml', line: 14, column: 11 });
    expect(object.locate(['metadata', 'labels', 'web.example.org/tier'])).toEqual({ file: 'app.yaml', line: 7, column: 5 });
    expect(object.locate([])).toEqual({ file: 'app.yaml', line: 2, column: 1 });
    expect(object.variablesAt?.(image)).toEqual(['NAME', 'TAG']);
    expect(object.variablesAt?.(['spec', 'replicas'])).toEqual(['N']);
    expect(object.variablesAt?.(['metadata', 'labels', 'web.example.org/tier'])).toEqual([]);
    expect(explainOrigin(object, image)).toBe(' (from ${NAME} and ${TAG})');
    expect(explainOrigin({ ...object, template: 'web/a.yaml' }, ['spec'])).toBe(' (in web/a.yaml)');
    // What stands there now is nowhere written; the rest is as it was.
    expect(object.sourceAt(['spec', 'replicas'])).toBeUndefined();
    expect(object.sourceAt(['metadata', 'labels', 'web.example.org/tier'])).toBe('front');
  });

  test('the source is not changed, and an object without placeholders is returned as it is', () => {
    const source = read(deployment);
    const before = structuredClone(source.value);
    substitute(source, setOf(), []);
    expect(source.value).toEqual(before);
    const plain = read('kind: Pod\nmetadata: {name: a$b}\n');
    expect(substitute(plain, setOf(), [])).toBe(plain);
  });

  test('without variables nothing is touched', () => {
    const source = read(deployment);
    expect(substitute(source, noVariables(), [])).toBe(source);
  });

  test.each([
    ['labels', 'kustomize.toolkit.fluxcd.io/substitute: disabled', false],
    ['annotations', 'kustomize.toolkit.fluxcd.io/substitute: disabled', false],
    ['labels', 'holdfast.dev/substitute: disabled', false],
    ['annotations', 'holdfast.dev/substitute: "disabled"', false],
    ['annotations', 'holdfast.dev/substitute: enabled', true],
    ['annotations', 'substitute: disabled', true],
  ])('%s %s: substituted %s', (map, entry, isSubstituted) => {
    const { object, lines } = run(`kind: ConfigMap\nmetadata:\n  ${map}:\n    ${entry}\ndata:\n  key: "\${N} $$"\n`);
    expect(lines).toEqual([]);
    expect(object.value).toMatchObject({ data: { key: isSubstituted ? '3 $' : '${N} $$' } });
  });

  test('items of a List are objects of their own', () => {
    const { object } = run(
      'apiVersion: v1\nkind: List\nitems:\n' +
        '  - kind: A\n    metadata: {labels: {holdfast.dev/substitute: disabled}}\n    a: ${N}\n' +
        '  - kind: B\n    b: ${N}\n',
    );
    expect(object.value).toMatchObject({
      items: [
        { kind: 'A', a: '${N}' },
        { kind: 'B', b: 3 },
      ],
    });
    expect(object.locate(['items', 1, 'b'])).toEqual({ file: 'app.yaml', line: 8, column: 5 });
    const item = partOf(object, ['items', 1], (object.value as { items: unknown[] }).items[1]);
    expect([item.variablesAt?.(['b']), item.variablesAt?.(['kind'])]).toEqual([['N'], []]);
  });

  test('the data of a Secret is not decoded', () => {
    const encoded = Buffer.from('${NAME}').toString('base64');
    const { object } = run(`kind: Secret\ndata:\n  a: ${encoded}\nstringData:\n  b: \${NAME}\n`);
    expect(object.value).toEqual({ kind: 'Secret', data: { a: encoded }, stringData: { b: 'web' } });
  });

  test('a key __proto__ is a key', () => {
    const { object } = run('data:\n  ${KEY:=__proto__}: ${N}\n');
    expect(Object.entries((object.value as { data: object }).data)).toEqual([['__proto__', 3]]);
  });
});

describe('faults', () => {
  test('each at its place, and all of them', () => {
    const { object, lines } = run('kind: A\nspec:\n  one: ${NAEM}\n  two: [x, "${1}"]\n  ${NADA}: z\n  good: ${N}\n');
    expect(lines).toEqual(
      [
        'app.yaml:3:3 spec.one: the variable NAEM is not defined. Did you mean "NAME"?',
        'app.yaml:4:12 spec.two[1]: ${1}: no variable is named; write $${1} for the text itself',
        'app.yaml:5:3 spec.[${NADA}]: the variable NADA is not defined. Define it under spec.substitute of the Application, give it a default (${NADA:=value}), or write $${NADA} for the text itself',
      ].map((line) => line.replace('spec.[', 'spec[')),
    );
    expect(object.value).toEqual({ kind: 'A', spec: { one: '${NAEM}', two: ['x', '${1}'], '${NADA}': 'z', good: 3 } });
  });

  test('two keys that become one', () => {
    const { problems, lines } = run('data:\n  web: 1\n  ${NAME}: 2\n');
    expect(lines).toEqual(['app.yaml:3:3 data[${NAME}]: the key "web" is there twice once its variables are known']);
    expect(problems[0]?.reason).toBe('DuplicateKey');
  });

  test('not strict, an undefined variable is an empty text', () => {
    const { object, lines } = run('a: "x${NOPE}y"\nb: ${NOPE}\n', setOf(given, {}, false));
    expect(lines).toEqual([]);
    expect(object.value).toEqual({ a: 'xy', b: null });
  });
});

describe('values of Secrets', () => {
  const secrets = { PASSWORD: 's3cr"et-value', PIN: '42' };

  test.each([
    ['must be a number, not the string "s3cr\\"et-value"', 'must be a number, not the string "***"'],
    ['Invalid value: "user:s3cr\\"et-value@host": x', 'Invalid value: "user:***@host": x'],
    ['must be a string, not the number 42; put it in quotes', 'must be a string, not the number ***; put it in quotes'],
    ['Invalid value: "42": must be greater than 420', 'Invalid value: "***": must be greater than 420'],
    ['port 4242 is 42 too many', 'port 4242 is 42 too many'],
    // In another form than its own.
    ['Invalid value: "S3CR\\"ET-VALUE"', 'Invalid value: "***"'],
    ['Invalid value: "et-va"', 'Invalid value: "***"'],
  ])('%s', (message, told) => {
    const set = setOf(given, secrets);
    run('a: ${PASSWORD^^}\nb: ${PASSWORD:5:5}\nc: x${PASSWORD}\n', set);
    expect(set.conceal(message)).toBe(told);
    const problem: Problem = { severity: 'error', reason: 'Invalid', file: 'a', line: 1, column: 1, field: 'b', message };
    expect(set.concealIn([problem])).toEqual([{ ...problem, message: told }]);
  });

  test('no message of substitution itself has one', () => {
    const { lines } = run(
      'a: "${N:${PASSWORD}}"\nb: "${PASSWORD#${PASSWORD}[}"\n${PASSWORD}: 1\nx${PASSWORD}: 1\n',
      setOf(given, secrets),
    );
    expect(lines).toEqual([
      'app.yaml:1:1 a: ${N:${PASSWORD}}: the position is not a whole number',
      'app.yaml:2:1 b: ${PASSWORD#${PASSWORD}[}: a "[" of the pattern is not closed with "]"',
    ]);
    const twice = run('${PASSWORD}: 1\n"${PASSWORD}${EMPTY}": 1\n', setOf(given, secrets));
    expect(twice.lines).toEqual([
      'app.yaml:2:1 [${PASSWORD}${EMPTY}]: the key "***" is there twice once its variables are known',
    ]);
  });
});

test.each([
  [
    '${TAG}',
    false,
    '${TAG} is not substituted, for no variables are configured: define TAG under spec.substitute of an Application (holdfast.dev/v1) in this path, or give --substitute TAG=VALUE',
  ],
  [
    '${TAG:=x}',
    true,
    '${TAG:=x} was left as it is: the substitution of variables is disabled for this object, or the dollar is escaped with another',
  ],
  [
    '{{ .Values.tag }}',
    false,
    'templates such as {{ .Values.tag }} are not rendered here; write the value itself, or declare the chart with a HelmChart (holdfast.dev/v1)',
  ],
])('explains %s that was left (configured: %s)', (found, isConfigured, message) => {
  expect(explainPlaceholder(found, isConfigured)).toBe(message);
});

describe('for any object', () => {
  const leaf = fc.oneof(
    fc.constantFrom('${N}', 'x${NAME}', '$${N}', '${NOPE:=1}', 'plain', '${BROKEN', '$'),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b', '${NAME}', '${N}'), tie('tree'), { maxKeys: 4 }),
    ),
  }));

  test('every place can be asked for, and a second pass over values without dollars changes nothing', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const source = read(JSON.stringify({ value }));
        const problems: Problem[] = [];
        const object = substitute(source, setOf(), problems);
        const visit = (at: unknown, path: (string | number)[]): void => {
          expect(object.locate(path).line).toBe(1);
          if (typeof at === 'object' && at !== null)
            for (const [key, entry] of Object.entries(at)) visit(entry, [...path, Array.isArray(at) ? Number(key) : key]);
        };
        visit(object.value, []);
        const isDone = !JSON.stringify(object.value).includes('$');
        expect(isDone ? substitute(object, setOf(), []) : object).toBe(object);
      }),
    );
  });
});
