// `holdfast validate`: reads manifests and lists what is wrong with them. Needs neither Git nor Docker.
import type { Command } from 'commander';
import { colorsFor } from '../colour.ts';
import type { Finish } from '../endings.ts';
import type { Parts, ValidatedPaths } from '../parts.ts';
import { UsageFault } from '../parts.ts';
import { count } from '../phrases.ts';
import { problemCount, problemLines } from '../plan-text.ts';
import { outputOption } from '../source-options.ts';

export function registerValidate(program: Command, parts: Parts, finish: Finish): void {
  program
    .command('validate')
    .description('check manifests: exit 0 when a commit of them would be accepted, else 1')
    .argument('<path...>', 'files and folders; - is standard input')
    .addOption(outputOption('text', 'json'))
    .addHelpText('after', '\nExample:\n  holdfast validate apps/')
    .action(async (paths: string[], raw: { output: 'text' | 'json' }) =>
      finish(await validate(paths, raw.output === 'json', parts)),
    );
}

async function validate(paths: readonly string[], isJson: boolean, parts: Parts): Promise<number> {
  const result = await parts.loadPaths(paths);
  const isValid = result.problems.every((problem) => problem.severity === 'note');
  if (isValid && result.fileCount === 0)
    throw new UsageFault(`no manifests in ${paths.join(', ')}: files end in .yaml, .yml or .json`);
  if (isJson) {
    const report = { valid: isValid, files: result.fileCount, objects: result.manifests.length, problems: result.problems };
    parts.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    const lines = problemLines(result.problems, colorsFor(parts.stdout, parts.env));
    parts.stdout.write(`${[...lines, closingLine(result)].join('\n')}\n`);
  }
  return isValid ? 0 : 1;
}

function closingLine(result: ValidatedPaths): string {
  return `${count(result.fileCount, 'file')}, ${count(result.manifests.length, 'object')}: ${problemCount(result.problems)}`;
}
