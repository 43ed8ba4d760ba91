// `holdfast validate`: reads manifests and lists what is wrong with them. Needs neither Git nor Docker.
import type { Command } from 'commander';
import { colorsFor, isRichTerminal } from '../colour.ts';
import type { Finish } from '../endings.ts';
import { unlessAborted } from '../interrupts.ts';
import { addLoadOptions, loadOptions, type RawLoadOptions } from '../load-options.ts';
import type { Parts, ValidatedPaths } from '../parts.ts';
import { count } from '../phrases.ts';
import { gatherNotes, problemCount, problemLines } from '../plan-text.ts';
import { githubCommands, junit, sarif } from '../problem-reports.ts';
import { sourceLines } from '../source-line.ts';
import { outputOption } from '../source-options.ts';
import { UsageFault } from '../usage-fault.ts';

type Form = 'text' | 'json' | 'sarif' | 'junit' | 'github';

export function registerValidate(program: Command, parts: Parts, finish: Finish): void {
  const command = program
    .command('validate')
    .description('check manifests: exit 0 when a commit of them would be accepted, else 1')
    .argument('<path...>', 'files and folders; - is standard input')
    .addOption(outputOption('text', 'json', 'sarif', 'junit', 'github'));
  addLoadOptions(command)
    .addHelpText('after', '\nExample:\n  holdfast validate apps/')
    .action(async (paths: string[], raw: RawLoadOptions & { output: Form }) => finish(await validate(paths, raw, parts)));
}

async function validate(paths: readonly string[], raw: RawLoadOptions & { output: Form }, parts: Parts): Promise<number> {
  const result = await unlessAborted(parts.loadPaths(paths, loadOptions(raw)), parts.interrupted);
  const isValid = result.problems.every((problem) => problem.severity === 'note');
  if (isValid && result.fileCount === 0)
    throw new UsageFault(`no manifests in ${paths.join(', ')}: files end in .yaml, .yml or .json`);
  const shown = areAnnotations.has(raw.output) ? inRepository(result, parts) : result;
  parts.stdout.write(`${forms[raw.output](shown, parts)}\n`);
  return isValid ? 0 : 1;
}

const forms: Readonly<Record<Form, (result: ValidatedPaths, parts: Parts) => string>> = {
  text: (result, parts) => [...textLines(result, parts), closingLine(result)].join('\n'),
  json: ({ problems, fileCount, manifests }) => {
    const valid = problems.every((problem) => problem.severity === 'note');
    return JSON.stringify({ valid, files: fileCount, objects: manifests.length, problems }, null, 2);
  },
  sarif: ({ problems }, { version }) => JSON.stringify(sarif(problems, version), null, 2),
  junit: ({ manifests, problems }) => junit([...new Set(manifests.map(({ file }) => file))], problems),
  github: (result) => [...githubCommands(result.problems), closingLine(result)].join('\n'),
};

/** What reads these shows them beside the files of the repository, wherever the command was run. */
const areAnnotations: ReadonlySet<Form> = new Set(['sarif', 'github']);

function inRepository(result: ValidatedPaths, parts: Parts): ValidatedPaths {
  const known = new Map<string, string>([['', '']]);
  const problems = result.problems.map((problem) => {
    const file = known.get(problem.file) ?? parts.repositoryPath(problem.file);
    known.set(problem.file, file);
    return { ...problem, file };
  });
  return { ...result, problems };
}

/** One line for each problem; at a terminal, the line that it is about as well. */
function textLines({ problems }: ValidatedPaths, parts: Parts): string[] {
  const colors = colorsFor(parts.stdout, parts.env);
  if (!isRichTerminal(parts.stdout, parts.env)) return problemLines(problems, colors);
  const readLine = parts.readSourceLine.bind(parts);
  return gatherNotes(problems).flatMap((problem) => [
    ...problemLines([problem], colors),
    ...(problem.severity === 'error' ? sourceLines(problem, readLine, parts.stdout.columns || 100, colors) : []),
  ]);
}

function closingLine(result: ValidatedPaths): string {
  return `${count(result.fileCount, 'file')}, ${count(result.manifests.length, 'object')}: ${problemCount(result.problems)}`;
}
