// `holdfast validate`: reads manifests and lists what is wrong with them. Needs neither Git nor Docker.
import type { Command } from 'commander';
import { colorsFor, isRichTerminal } from '../colour.ts';
import type { Finish } from '../endings.ts';
import { addLoadOptions, loadOptions, type RawLoadOptions } from '../load-options.ts';
import type { Parts, ValidatedPaths } from '../parts.ts';
import { UsageFault } from '../parts.ts';
import { count } from '../phrases.ts';
import { gatherNotes, problemCount, problemLines } from '../plan-text.ts';
import { githubCommands, junit, sarif } from '../problem-reports.ts';
import { sourceLines } from '../source-line.ts';
import { outputOption } from '../source-options.ts';

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
  const result = await parts.loadPaths(paths, loadOptions(raw));
  const isValid = result.problems.every((problem) => problem.severity === 'note');
  if (isValid && result.fileCount === 0)
    throw new UsageFault(`no manifests in ${paths.join(', ')}: files end in .yaml, .yml or .json`);
  parts.stdout.write(`${printed(result, raw.output, parts)}\n`);
  return isValid ? 0 : 1;
}

function printed(result: ValidatedPaths, form: Form, parts: Parts): string {
  const { problems, fileCount, manifests } = result;
  switch (form) {
    case 'json': {
      const valid = problems.every((problem) => problem.severity === 'note');
      return JSON.stringify({ valid, files: fileCount, objects: manifests.length, problems }, null, 2);
    }
    case 'sarif':
      return JSON.stringify(sarif(problems, parts.version), null, 2);
    case 'junit':
      return junit([...new Set(manifests.map(({ file }) => file))], problems);
    case 'github':
      return [...githubCommands(problems), closingLine(result)].join('\n');
    case 'text':
      return [...textLines(result, parts), closingLine(result)].join('\n');
  }
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
