import { describe, expect, test } from 'vitest';
import { colorsFor } from '../../src/cli/colour.ts';
import { githubCommands, junit, sarif } from '../../src/cli/problem-reports.ts';
import { sourceLines } from '../../src/cli/source-line.ts';
import type { Problem } from '../../src/manifests/problem.ts';

const typo: Problem = {
  severity: 'error',
  reason: 'UnknownField',
  file: 'apps/über web.yaml',
  line: 7,
  column: 5,
  field: 'spec.replica',
  message: 'unknown field "replica". Did you mean "replicas"?',
};
const note: Problem = {
  ...typo,
  severity: 'note',
  reason: 'NoEffect',
  line: 9,
  field: 'spec.x',
  message: 'accepted: 100% <ok>, a:b\nc',
};
const whole: Problem = { ...typo, reason: 'Empty', file: '', line: 0, column: 0, field: '', message: 'there are no manifests' };

describe('SARIF', () => {
  test('has a rule for each class, and a place for each result', () => {
    const report = sarif([typo, note, whole], '1.2.3') as {
      runs: { tool: { driver: { rules: unknown[] } }; results: object[] }[];
    };
    const [run] = report.runs;
    expect(run?.tool.driver.rules).toEqual([
      { id: 'Empty', shortDescription: { text: 'There is nothing to apply' } },
      { id: 'NoEffect', shortDescription: { text: 'A field is accepted and changes nothing' } },
      { id: 'UnknownField', shortDescription: { text: 'A field that the kind does not have' } },
    ]);
    expect(run?.results[0]).toEqual({
      ruleId: 'UnknownField',
      ruleIndex: 2,
      level: 'error',
      message: { text: 'spec.replica: unknown field "replica". Did you mean "replicas"?' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'apps/%C3%BCber%20web.yaml' },
            region: { startLine: 7, startColumn: 5 },
          },
        },
      ],
    });
    expect(run?.results[2]).toMatchObject({ level: 'error', locations: [] });
  });
});

describe('JUnit', () => {
  test('has one case for each file; notes do not fail it', () => {
    expect(
      junit(
        ['b.yaml', 'a&b.yaml'],
        [
          { ...note, file: 'b.yaml' },
          { ...typo, file: 'c.yaml' },
        ],
      ),
    ).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuites name="holdfast validate" tests="3" failures="1" errors="0">',
        '  <testsuite name="manifests" tests="3" failures="1" errors="0">',
        '    <testcase classname="manifests" name="a&amp;b.yaml"/>',
        '    <testcase classname="manifests" name="b.yaml">',
        '      <system-out>b.yaml:9:5 spec.x: accepted: 100% &lt;ok&gt;, a:b\nc</system-out>',
        '    </testcase>',
        '    <testcase classname="manifests" name="c.yaml">',
        '      <failure type="UnknownField" message="spec.replica: unknown field &quot;replica&quot;. Did you mean &quot;replicas&quot;?">c.yaml:7:5 spec.replica: unknown field &quot;replica&quot;. Did you mean &quot;replicas&quot;?</failure>',
        '    </testcase>',
        '  </testsuite>',
        '</testsuites>',
      ].join('\n'),
    );
  });

  test('control characters that XML cannot hold become question marks', () => {
    expect(junit([], [{ ...typo, file: 'a\u0000.yaml', message: '\u001b[31m' }])).toContain('name="a?.yaml"');
  });
});

describe('GitHub', () => {
  test('one workflow command for each problem, escaped', () => {
    expect(githubCommands([typo, note, whole])).toEqual([
      '::error file=apps/über web.yaml,line=7,col=5,title=A field that the kind does not have::spec.replica: unknown field "replica". Did you mean "replicas"?',
      '::notice file=apps/über web.yaml,line=9,col=5,title=A field is accepted and changes nothing::spec.x: accepted: 100%25 <ok>, a:b%0Ac',
      '::error title=There is nothing to apply::there are no manifests',
    ]);
  });
});

describe('the line in question', () => {
  const plain = colorsFor({ isTTY: false }, {});
  const read =
    (text: string) =>
    (_file: string, line: number): string | undefined =>
      line === 7 ? text : undefined;

  test.each<[name: string, problem: Problem, text: string, width: number, lines: string[]]>([
    ['a key', typo, '    replica: 3', 80, ['        replica: 3', '        ^^^^^^^']],
    ['a tab is one column', { ...typo, column: 3 }, '\t\tx: 1', 80, ['      x: 1', '      ^']],
    ['wide characters take two', { ...typo, column: 8 }, '{日本: 1, 語: 2}', 80, ['    {日本: 1, 語: 2}', '             ^']],
    ['wide ones themselves', { ...typo, column: 2 }, '{日本: 1}', 80, ['    {日本: 1}', '     ^^^^']],
    ['far to the right', { ...typo, column: 61 }, `${'a'.repeat(60)}b c`, 24, [`    ${'a'.repeat(9)}b c`, `${' '.repeat(13)}^`]],
    ['cut', { ...typo, column: 1 }, 'a'.repeat(50), 14, [`    ${'a'.repeat(9)}…`, '    ^^^^^^^^^^']],
    ['the whole file', whole, 'x', 80, []],
    ['an empty line', typo, '   ', 80, []],
    ['a value of a Secret', { ...typo, field: 'stringData.password' }, '  password: 123', 80, []],
    ['a literal of a generator', { ...typo, field: 'secretGenerator[0].literals[0]' }, '  - a=b', 80, []],
    ['a value of the environment', { ...typo, field: 'spec.containers[0].env[1].value' }, '  value: 1', 80, []],
  ])('%s', (_name, problem, text, width, lines) => {
    expect(sourceLines(problem, read(text), width, plain)).toEqual(lines);
  });

  test('a line that cannot be read is left out', () => {
    expect(sourceLines({ ...typo, line: 8 }, read('x'), 80, plain)).toEqual([]);
  });
});
