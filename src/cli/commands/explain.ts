// `holdfast explain`: what a kind or a field is for, and what Holdfast does with it. Needs neither Git nor Docker.
import type { Command } from 'commander';
import { kindNaming } from '../../model/kinds.generated.ts';
import type { Kind } from '../../model/resource.ts';
import { type Colors, colorsFor } from '../colour.ts';
import { columns } from '../columns.ts';
import type { Finish } from '../endings.ts';
import { nearest } from '../kinds.ts';
import { type Parts } from '../parts.ts';
import { outputOption } from '../source-options.ts';
import { UsageFault } from '../usage-fault.ts';

type Explain = typeof import('../../manifests/schema/explain.ts');
type Explanation = Exclude<ReturnType<Explain['explain']>, { readonly message: string }>;

export function registerExplain(program: Command, parts: Parts, finish: Finish): void {
  program
    .command('explain')
    .description('what a kind or a field means, and whether Holdfast honours it')
    .argument('<kind[.field.path]>', 'such as deployment or pod.spec.containers.livenessProbe; "kinds" lists all kinds')
    .addOption(outputOption('text', 'json'))
    .addHelpText('after', '\nExample:\n  holdfast explain deployment.spec.strategy')
    .action(async (what: string, raw: { output: 'text' | 'json' }) => finish(await run(what, raw.output === 'json', parts)));
}

async function run(what: string, isJson: boolean, parts: Parts): Promise<number> {
  // The prose is loaded by this command alone.
  const room = await import('../../manifests/schema/explain.ts');
  const colors = colorsFor(parts.stdout, parts.env);
  if (what === 'kinds') {
    const all = room.explainedKinds.flatMap((kind) => explained(room, kind, []));
    parts.stdout.write(isJson ? `${JSON.stringify(all, null, 2)}\n` : kindLines(all));
    return 0;
  }
  const [kind = '', ...path] = what.split('.').map((step) => step.replace(/\[[^\]]*\]$/, ''));
  const [answer] = explained(room, findKind(kind, room.explainedKinds), path);
  if (answer === undefined) return 1;
  parts.stdout.write(isJson ? `${JSON.stringify(answer, null, 2)}\n` : `${text(answer, colors).join('\n')}\n`);
  return 0;
}

function explained(room: Explain, kind: string, path: readonly string[]): readonly Explanation[] {
  const answer = room.explain(kind, path);
  if ('message' in answer) throw new UsageFault(answer.message);
  return [answer];
}

/** `deployment`, `Deployment`, `deploy` or `deployments` → `Deployment`. */
function findKind(wanted: string, kinds: readonly string[]): string {
  const low = wanted.toLowerCase();
  const found = kinds.find((kind) => namesOfKind(kind).includes(low));
  if (found !== undefined) return found;
  const [near] = nearest(low, kinds.flatMap(namesOfKind), 1);
  throw new UsageFault(
    `there is no kind "${wanted}".${near === undefined ? '' : ` Did you mean ${near}?`} "holdfast explain kinds" lists all`,
  );
}

function namesOfKind(kind: string): readonly string[] {
  const naming = kindNaming[kind as Kind] as (typeof kindNaming)[Kind] | undefined;
  return naming === undefined
    ? [kind.toLowerCase()]
    : [kind.toLowerCase(), naming.plural, ...(naming.shortNames as readonly string[])];
}

function kindLines(all: readonly Explanation[]): string {
  const rows = all.map(({ kind, apiVersion, answer, reason = '' }) => [kind, apiVersion, answer, reason]);
  return `${columns(['KIND', 'APIVERSION', 'ANSWER', 'REASON'], rows).join('\n')}\n`;
}

function text(answer: Explanation, colors: Colors): string[] {
  const paint = {
    honoured: colors.green,
    refused: colors.red,
    'accepted without effect': colors.yellow,
    'set by Holdfast': colors.dim,
  };
  const { kind, apiVersion, path, type, description, reason, values, refusedValues, fields } = answer;
  const refused = Object.entries(refusedValues).map(([value, why]) => `    ${value === '*' ? 'all others' : value}: ${why}`);
  const rows = fields.map((field) => [
    `    ${field.name}`,
    `<${field.type}>`,
    field.isRequired ? 'required' : '',
    answerWord(field.answer),
  ]);
  return [
    `${[kind, ...path].join('.')} <${type}> (${apiVersion})`,
    '',
    ...(description === '' ? [] : [description, '']),
    `${paint[answer.answer](answerWord(answer.answer) || 'honoured')}${reason === undefined ? '' : `: ${reason}`}`,
    ...(values.length === 0 ? [] : ['', `One of: ${values.join(', ')}`]),
    ...(refused.length === 0 ? [] : ['', 'Refused values:', ...refused]),
    ...(rows.length === 0 ? [] : ['', ...columns(['FIELD', 'TYPE', '', ''], rows)]),
  ];
}

/** Honoured is the rule, so only what is not is named beside a field. */
function answerWord(answer: Explanation['answer']): string {
  return answer === 'honoured' ? '' : answer;
}
