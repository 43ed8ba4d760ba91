// Problems in the forms that other programs read: SARIF for code scanning, JUnit XML for CI, workflow commands for GitHub Actions.
import type { Problem, ProblemReason } from '../manifests/problem.ts';
import { formatProblem } from '../manifests/problem.ts';

/** What each class of mistake is, for the list of rules that code scanning shows. */
const rules: Readonly<Record<ProblemReason, string>> = {
  Unreadable: 'A file cannot be read',
  TooLarge: 'A file or document is larger than what is read',
  InvalidYaml: 'The text is not YAML as Kubernetes reads it',
  DuplicateKey: 'A key is given twice in one mapping',
  NotAnObject: 'A document is not a Kubernetes object',
  UnsupportedKind: 'A kind that Holdfast does not run',
  UnsupportedField: 'A field or value that Holdfast does not honour',
  UnknownField: 'A field that the kind does not have',
  WrongType: 'A value of the wrong type',
  Required: 'A value that must be there is missing',
  Invalid: 'A value that breaks a rule of Kubernetes',
  Duplicate: 'A name or value that must be unique is used twice',
  NotFound: 'A reference leads to nothing',
  Conflict: 'Two objects claim the same thing',
  Empty: 'There is nothing to apply',
  NoEffect: 'A field is accepted and changes nothing',
  Converted: 'An old apiVersion or field is read as the current one',
  RenderFailed: 'Rendering failed',
  Undecryptable: 'An encrypted file cannot be decrypted',
  Immutable: 'A field that cannot be changed once the object is there',
  Forbidden: 'A policy of the namespace would refuse the object or its pods',
  PlanMoved: 'The plan that was agreed to does not hold any more',
  PolicyViolation: 'An object does not keep to a Policy',
  Guarded: 'A guard against mass deletion stopped the commit',
  ImageUnavailable: 'An image cannot be had',
  Unschedulable: 'A pod has no place',
  Unhealthy: 'An object did not become healthy',
  Untrusted: 'A commit is not signed by anybody who may sign',
  Waiting: 'A commit waits for another application',
  SourceFailed: 'The source cannot be read',
};

const messageOf = (problem: Problem): string => `${problem.field === '' ? '' : `${problem.field}: `}${problem.message}`;

/** SARIF 2.1.0 (OASIS), one run. Problems without a file have no location. */
export function sarif(problems: readonly Problem[], version: string): object {
  const used = [...new Set(problems.map((problem) => problem.reason))].sort();
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'holdfast',
            version,
            informationUri: 'https://holdfast.dev',
            rules: used.map((id) => ({ id, shortDescription: { text: rules[id] } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: problems.map((problem) => ({
          ruleId: problem.reason,
          ruleIndex: used.indexOf(problem.reason),
          level: problem.severity,
          message: { text: messageOf(problem) },
          locations: problem.file === '' ? [] : [{ physicalLocation: physicalLocation(problem) }],
        })),
      },
    ],
  };
}

function physicalLocation({ file, line, column }: Problem): object {
  const artifactLocation = { uri: file.split('/').map(encodeURIComponent).join('/') };
  return line === 0 ? { artifactLocation } : { artifactLocation, region: { startLine: line, startColumn: Math.max(1, column) } };
}

/** JUnit XML: one test case for each file, failed when the file has an error. Notes are its output. */
export function junit(files: readonly string[], problems: readonly Problem[]): string {
  const names = [...new Set([...files, ...problems.map((problem) => problem.file)])].sort();
  const cases = names.map((name) =>
    testCase(
      name,
      problems.filter((problem) => problem.file === name),
    ),
  );
  const failures = names.filter((name) => problems.some(({ file, severity }) => file === name && severity === 'error')).length;
  const counts = `tests="${names.length}" failures="${failures}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="holdfast validate" ${counts}>`,
    `  <testsuite name="manifests" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
}

function testCase(name: string, problems: readonly Problem[]): string {
  const label = name === '' ? 'the whole set' : name;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const notes = problems.filter(({ severity }) => severity === 'note');
  const inner = [
    ...(errors.length === 0
      ? []
      : [
          `<failure type="${errors[0]?.reason}" message="${xml(messageOf(errors[0] as Problem))}">${xml(lines(errors))}</failure>`,
        ]),
    ...(notes.length === 0 ? [] : [`<system-out>${xml(lines(notes))}</system-out>`]),
  ];
  const head = `    <testcase classname="manifests" name="${xml(label)}"`;
  return inner.length === 0 ? `${head}/>` : [`${head}>`, ...inner.map((line) => `      ${line}`), '    </testcase>'].join('\n');
}

const lines = (problems: readonly Problem[]): string => problems.map(formatProblem).join('\n');

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML 1.0, which has no way to write most control characters. */
function xml(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => entities[character] ?? '')
    .replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?');
}

/** Workflow commands: annotations at the lines of a pull request. */
export function githubCommands(problems: readonly Problem[]): string[] {
  return problems.map((problem) => {
    const { file, line, column, reason } = problem;
    const place = [
      ...(file === '' ? [] : [`file=${property(file)}`]),
      ...(line === 0 ? [] : [`line=${line}`, `col=${column}`]),
      `title=${property(rules[reason])}`,
    ].join(',');
    return `::${problem.severity === 'error' ? 'error' : 'notice'} ${place}::${data(messageOf(problem))}`;
  });
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
