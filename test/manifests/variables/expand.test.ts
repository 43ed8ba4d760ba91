// What every form of a placeholder gives: the table of Flux's envsubst, and what is refused.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expand } from '../../../src/manifests/variables/expand.ts';
import { MAX_RESULT_LENGTH, VariableSet } from '../../../src/manifests/variables/variable-set.ts';

const values: Readonly<Record<string, string>> = {
  EMPTY: '',
  WORD: 'abcdEFGH28ij',
  UPPER: 'ABCDEFGH28IJ',
  PATH_NAME: '/home/bozo/ideas/thoughts.for.today',
  FILE: 'bash.string.txt',
  FOLDER: 'path/to/file',
  TEXT: 'abcABC123ABCabc',
  HOST: 'db.example.org',
  SLASHES: 'foo/bar/baz',
  N: '3',
  NEGATIVE: '-3',
  UMLAUT: 'äöü-straße',
  NESTED: '${WORD}',
  DOLLAR: 'a$$b',
  REGION: 'eu-central-1',
};

const setOf = (isStrict: boolean, given: Readonly<Record<string, string>> = values): VariableSet =>
  new VariableSet(
    Object.entries(given).map(([name, value]) => ({ name, value, origin: 'spec.substitute', isSecret: false })),
    { isConfigured: true, isStrict },
  );

function textOf(template: string, isStrict = true): string {
  const result = expand(template, setOf(isStrict));
  return 'text' in result ? result.text : `FAULT ${result.faults.map(({ message }) => message).join(' | ')}`;
}

describe('values', () => {
  test.each([
    ['abcdEFGH28ij', 'abcdEFGH28ij'],
    ['}text{', '}text{'],
    ['${WORD}', 'abcdEFGH28ij'],
    ['a ${N} b ${REGION} c', 'a 3 b eu-central-1 c'],
    ['${EMPTY}', ''],
    // A value is never looked at again.
    ['${NESTED}', '${WORD}'],
    ['${DOLLAR}', 'a$$b'],
    ['${NESTED}${N}', '${WORD}3'],
  ])('%s → %s', (template, expected) => {
    expect(textOf(template)).toBe(expected);
  });
});

describe('dollars that are no placeholders', () => {
  test.each([
    ['$WORD', '$WORD'],
    ['$(WORD)', '$(WORD)'],
    ['$', '$'],
    ['5$ {WORD}', '5$ {WORD}'],
    ['$1 $@ $?', '$1 $@ $?'],
    ['$${WORD}', '${WORD}'],
    ['$$WORD', '$WORD'],
    ['$$$$', '$$'],
    ['$$$', '$$'],
    ['$$${N}', '$3'],
    ['$$$${N}', '$${N}'],
    ['text ${N}$${var$${N}$N${N}', 'text 3${var${N}$N3'],
    // The escape takes the one dollar; what stands inside is expanded.
    ['something $${var=${REGION}}', 'something ${var=eu-central-1}'],
    ['\\\\.\\pipe\\name', '\\\\.\\pipe\\name'],
    ['\\${N}', '\\3'],
  ])('%s → %s', (template, expected) => {
    expect(textOf(template)).toBe(expected);
  });
});

describe('defaults', () => {
  test.each([
    ['${WORD:=xyz}', 'abcdEFGH28ij'],
    ['${NOPE:=xyz}', 'xyz'],
    ['${EMPTY:=xyz}', 'xyz'],
    ['${NOPE:-xyz}', 'xyz'],
    ['${EMPTY:-xyz}', 'xyz'],
    ['${WORD:-xyz}', 'abcdEFGH28ij'],
    ['${NOPE=xyz}', 'xyz'],
    ['${EMPTY=xyz}', ''],
    ['${NOPE-xyz}', 'xyz'],
    ['${EMPTY-xyz}', ''],
    ['${WORD-xyz}', 'abcdEFGH28ij'],
    ['${NOPE:=}', ''],
    ['${NOPE=}', ''],
    ['${NOPE:=a b: c, "d"}', 'a b: c, "d"'],
    ['${NOPE:=http://x:80/y#z}', 'http://x:80/y#z'],
    ['${NOPE:=${REGION}}', 'eu-central-1'],
    ['something ${NOPE:=${REGION}-suffix}', 'something eu-central-1-suffix'],
    ['${NOPE=prefix-${REGION}-suffix}', 'prefix-eu-central-1-suffix'],
    ['${NOPE=${WORD^^}}', 'ABCDEFGH28IJ'],
    ['${NOPE:-${NADA:-${NIL:-deep}}}', 'deep'],
    // A default that is not needed is not asked for.
    ['${WORD:=${NOPE}}', 'abcdEFGH28ij'],
    // The first closing brace ends it, as in a shell.
    ['${NOPE:={"a":1}}', '{"a":1}'],
    ['${NOPE:=a$$b}', 'a$$b'],
  ])('%s → %s', (template, expected) => {
    expect(textOf(template)).toBe(expected);
  });
});

describe('length and case', () => {
  test.each([
    ['${#WORD}', '12'],
    ['${#EMPTY}', '0'],
    ['${#UMLAUT}', '10'],
    ['${WORD^}', 'AbcdEFGH28ij'],
    ['${WORD^^}', 'ABCDEFGH28IJ'],
    ['${UPPER,}', 'aBCDEFGH28IJ'],
    ['${UPPER,,}', 'abcdefgh28ij'],
    ['${EMPTY^}', ''],
    ['${UMLAUT^}', 'Äöü-straße'],
    ['${UMLAUT^^}', 'ÄÖÜ-STRAßE'],
  ])('%s → %s', (template, expected) => {
    expect(textOf(template)).toBe(expected);
  });
});

describe('parts of a value', () => {
  test.each([
    ['${PATH_NAME:11}', 'ideas/thoughts.for.today'],
    ['${PATH_NAME:11:5}', 'ideas'],
    ['${WORD:0}', 'abcdEFGH28ij'],
    ['${WORD:0:4}', 'abcd'],
    ['${WORD:4:50}', 'EFGH28ij'],
    ['${WORD:50}', ''],
    ['${WORD:12:1}', ''],
    ['${WORD:2:-1}', 'cdEFGH28i'],
    ['${WORD:8:-8}', ''],
    ['${WORD:${N}}', 'dEFGH28ij'],
    ['${WORD:${NEGATIVE}}', '8ij'],
    ['${WORD:${NEGATIVE}:2}', '8i'],
    ['${WORD:${N}:${N}}', 'dEF'],
    ['${UMLAUT:0:2}', 'äö'],
  ])('%s → %s', (template, expected) => {
    expect(textOf(template)).toBe(expected);
  });
});

describe('patterns taken off', () => {
  test.each([
    ['${FILE#*.}', 'string.txt'],
    ['${FILE##*.}', 'txt'],
    ['${FILE%.*}', 'bash.string'],
    ['${FILE%%.*}', 'bash'],
    ['${FOLDER#*/}', 'to/file'],
    ['${FOLDER##*/}', 'file'],
    ['${FOLDER%/*}', 'path/to'],
    ['${PATH_NAME##*/}', 'thoughts.for.today'],
    ['${WORD#abc}', 'dEFGH28ij'],
    ['${WORD#xyz}', 'abcdEFGH28ij'],
    ['${WORD%ij}', 'abcdEFGH28'],
    ['${WORD#?}', 'bcdEFGH28ij'],
    ['${WORD##[a-d]*[A-H]}', '28ij'],
    ['${WORD#[^x]}', 'bcdEFGH28ij'],
    ['${WORD%[!0-9]*}', 'abcdEFGH28i'],
    ['${FILE%%[.]*}', 'bash'],
    ['${FILE#bash\\.}', 'string.txt'],
    ['${WORD##*}', ''],
    ['${WORD#*}', 'abcdEFGH28ij'],
    ['${REGION#${NOPE:=eu-}}', 'central-1'],
  ])('%s → %s', (template, expected) => {
    expect(textOf(template)).toBe(expected);
  });
});

describe('replacements', () => {
  test.each([
    ['${TEXT/abc/xyz}', 'xyzABC123ABCabc'],
    ['${TEXT//abc/xyz}', 'xyzABC123ABCxyz'],
    ['${TEXT/#abc/XYZ}', 'XYZABC123ABCabc'],
    ['${TEXT/%abc/XYZ}', 'abcABC123ABCXYZ'],
    ['${TEXT/#ABC/x}', 'abcABC123ABCabc'],
    ['${TEXT/%ABC/x}', 'abcABC123ABCabc'],
    ['${WORD/#/prefix-}', 'prefix-abcdEFGH28ij'],
    ['${WORD/%/-suffix}', 'abcdEFGH28ij-suffix'],
    ['${HOST/./}', 'dbexample.org'],
    ['${HOST//./-}', 'db-example-org'],
    ['${SLASHES/\\//-}', 'foo-bar/baz'],
    ['${SLASHES//\\//-}', 'foo-bar-baz'],
    ['${SLASHES//bar/a\\/b}', 'foo/a/b/baz'],
    // Texts, not patterns: as Flux has it.
    ['${HOST/*/x}', 'db.example.org'],
    ['${WORD/abc/$$}', '$dEFGH28ij'],
    ['${TEXT//${NOPE:=abc}/${N}}', '3ABC123ABC3'],
  ])('%s → %s', (template, expected) => {
    expect(textOf(template)).toBe(expected);
  });
});

describe('refused', () => {
  test.each([
    ['${REGOIN}', 'the variable REGOIN is not defined. Did you mean "REGION"?'],
    [
      '${UNHEARD_OF}',
      'the variable UNHEARD_OF is not defined. Define it under spec.substitute of the Application, give it a default (${UNHEARD_OF:=value}), or write $${UNHEARD_OF} for the text itself',
    ],
    ['${#REGOIN}', 'the variable REGOIN is not defined. Did you mean "REGION"?'],
    ['${REGOIN^^}', 'the variable REGOIN is not defined. Did you mean "REGION"?'],
    ['${REGOIN/a/b}', 'the variable REGOIN is not defined. Did you mean "REGION"?'],
    ['${REGOIN} ${REGOIN}', 'the variable REGOIN is not defined. Did you mean "REGION"?'],
    [
      '${REGOIN} ${HOTS}',
      'the variable REGOIN is not defined. Did you mean "REGION"? | the variable HOTS is not defined. Did you mean "HOST"?',
    ],
    ['${NOPE:=${REGOIN}}', 'the variable REGOIN is not defined. Did you mean "REGION"?'],
    ['${N', '${N: the closing "}" is missing'],
    ['${', '${: no variable is named; write $${ for the text itself'],
    ['${}', '${}: no variable is named; write $${} for the text itself'],
    ['${1:-first}', '${1:-first}: no variable is named; write $${1:-first} for the text itself'],
    ['${@}', '${@}: no variable is named; write $${@} for the text itself'],
    ['${spring.name}', '${spring.name}: "." is not expected after the name; write $${spring.name} for the text itself'],
    ['${ N }', '${ N }: no variable is named; write $${ N } for the text itself'],
    ['${N[0]}', '${N[0]}: "[" is not expected after the name; write $${N[0]} for the text itself'],
    ['${N:+x}', '${N:+x}: ":+" is not supported, as in Flux; a default is written :='],
    ['${N+x}', '${N+x}: "+" is not supported, as in Flux; a default is written :='],
    ['${N:?must}', '${N:?must}: ":?" is not supported, as in Flux; a default is written :='],
    ['${N?must}', '${N?must}: "?" is not supported, as in Flux; a default is written :='],
    ['${WORD:}', '${WORD:}: a position is missing after ":"'],
    ['${WORD:1:}', '${WORD:1:}: a length is missing after the second ":"'],
    ['${WORD: -3}', '${WORD: -3}: the position " -3" is not a whole number'],
    ['${WORD:x}', '${WORD:x}: the position "x" is not a whole number'],
    ['${WORD:1:x}', '${WORD:1:x}: the length "x" is not a whole number'],
    ['${WORD:${HOST}}', '${WORD:${HOST}}: the position is not a whole number'],
    ['${WORD#}', '${WORD#}: a pattern is missing after "#"'],
    ['${WORD%%}', '${WORD%%}: a pattern is missing after "%%"'],
    ['${WORD#[a}', '${WORD#[a}: a "[" of the pattern is not closed with "]"'],
    ['${WORD#a\\}', '${WORD#a\\}: the pattern ends with "\\"'],
    ['${WORD/a}', '${WORD/a}: a second "/" is missing: ${NAME/text/replacement}'],
    ['${WORD//x}', '${WORD//x}: a second "/" is missing: ${NAME/text/replacement}'],
    ['${WORD////}', '${WORD////}: the text to replace is missing'],
    ['${WORD^^^}', '${WORD^^^}: "^" is not expected after the name; write $${WORD^^^} for the text itself'],
    ['${#WORD:1}', '${#WORD:1}: ":" is not expected after the name; write $${#WORD:1} for the text itself'],
  ])('%s: %s', (template, message) => {
    expect(textOf(template)).toBe(`FAULT ${message}`);
  });

  test.each([
    ['${NOPE}', ''],
    ['a${NOPE}b', 'ab'],
    ['${#NOPE}', '0'],
    ['${NOPE^^}', ''],
    ['${NOPE/#/x}', 'x'],
    ['${NOPE:=d}', 'd'],
  ])('not strict: %s → "%s"', (template, expected) => {
    expect(textOf(template, false)).toBe(expected);
  });

  test('a form that Flux does not know is refused without strictness too', () => {
    expect(textOf('${1}', false)).toBe('FAULT ${1}: no variable is named; write $${1} for the text itself');
  });
});

describe('limits', () => {
  test('placeholders that stand inside each other too deep', () => {
    const deep = (levels: number): string => (levels === 0 ? 'x' : `\${NOPE:=${deep(levels - 1)}}`);
    expect(textOf(deep(10))).toBe('x');
    expect(textOf(deep(11))).toContain('placeholders stand inside each other deeper than 10 levels');
    expect(textOf('${NOPE:='.repeat(100_000))).toContain('deeper than 10 levels');
  });

  test('a text that becomes too long', () => {
    const set = setOf(true, { BIG: 'x'.repeat(MAX_RESULT_LENGTH), ONE: 'x', WIDE: 'y'.repeat(1000) });
    const tooLarge = {
      reason: 'TooLarge',
      message: 'the substitution of variables gives more than 1048576 characters here, or too much in all manifests together',
    };
    expect(expand('${BIG}x', set)).toEqual({ faults: [tooLarge] });
    expect(expand('${BIG//x/${WIDE}}', set)).toEqual({ faults: [tooLarge] });
    // What is written as it is may be long.
    expect(expand(`${'x'.repeat(2 * MAX_RESULT_LENGTH)}$\${A}`, set)).toMatchObject({ names: new Set() });
  });

  test('all texts of a set together', () => {
    const set = setOf(true, { BIG: 'x'.repeat(MAX_RESULT_LENGTH) });
    const results = Array.from({ length: 65 }, () => 'text' in expand('${BIG}', set));
    expect(results).toEqual([...Array<boolean>(64).fill(true), false]);
  });

  test('patterns that are much work', () => {
    const set = setOf(true, { BIG: 'a'.repeat(MAX_RESULT_LENGTH), P: `${'*a'.repeat(120)}b` });
    expect(expand('${BIG##${P}}', set)).toEqual({
      faults: [
        { reason: 'TooLarge', message: 'the functions of the placeholders are too much work for the length of the values' },
      ],
    });
    expect(expand(`\${WORD#${'a'.repeat(257)}}`, setOf(true))).toMatchObject({ faults: [{ reason: 'Invalid' }] });
    const small = setOf(true, { BIG: 'a'.repeat(5000) });
    expect(expand(`\${BIG##${'*a'.repeat(100)}b}`, small)).toMatchObject({ text: 'a'.repeat(5000) });
  });
});

describe('for any text', () => {
  const piece = fc.constantFrom(
    '$',
    '{',
    '}',
    'N',
    'NOPE',
    ':',
    '=',
    '-',
    '#',
    '%',
    '/',
    '^',
    ',',
    '\\',
    '*',
    '[',
    ']',
    '1',
    ' ',
    '\n',
  );
  const template = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

  test('it ends with a text or with faults of one line', () => {
    fc.assert(
      fc.property(template, (text) => {
        const result = expand(text, setOf(true));
        const lines = 'faults' in result ? result.faults.map(({ message }) => message) : [];
        expect(lines.filter((line) => line === '' || line.includes('\n'))).toEqual([]);
        expect('text' in result).toBe(lines.length === 0);
      }),
    );
  });

  test('doubling its dollars keeps it', () => {
    fc.assert(
      fc.property(template, (text) => {
        expect(textOf(text.replaceAll('$', '$$$$'))).toBe(text);
      }),
    );
  });
});
