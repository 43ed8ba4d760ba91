// A plan as a person reads it: what would be created, changed and deleted, field by field.
import { formatProblem, type Problem } from '../manifests/problem.ts';
import type { OutcomeAction } from '../sync/outcome.ts';
import type { ImageKnown } from '../sync/ports.ts';
import type { Colors } from './colour.ts';
import type { DryRun } from './parts.ts';
import { commitPhrase, count, objectPhrase, printable } from './phrases.ts';
import { isHiddenField } from './redact.ts';
import { fieldLines, type LineMark, type MarkedLine } from './value-diff.ts';

export const symbols = { create: '+', update: '~', recreate: '±', delete: '-', run: '»' } as const satisfies Record<
  OutcomeAction['action'],
  string
>;

/** The whole plan. Without actions one line says that there is nothing to do. */
export function planText(plan: DryRun, colors: Colors): string[] {
  const heading = planHeading(plan);
  const problems = problemLines(plan.problems, colors);
  if (plan.problems.some((problem) => problem.severity === 'error')) {
    return [heading, '', ...problems, '', `${problemCount(plan.problems)}. Nothing would be changed until they are mended.`];
  }
  const notes = problems.length === 0 ? [] : [...problems, ''];
  if (plan.actions.length === 0) {
    const same = plan.from === undefined ? 'as wanted' : 'the same';
    return [heading, '', ...notes, `No changes, ${count(plan.unchanged, 'object')} ${same}`, ...declaredLines(plan)];
  }
  const actions = plan.actions.flatMap((action) => actionLines(action, colors));
  return [
    heading,
    '',
    ...notes,
    ...actions,
    '',
    ...imageLines(plan, colors),
    ...dataLines(plan, colors),
    planFooter(plan),
    ...declaredLines(plan),
  ];
}

function declaredLines({ declares = [] }: DryRun): string[] {
  if (declares.length === 0) return [];
  return [`What ${declares.map(printable).join(', ')} would change: "holdfast diff --application NAME"`];
}

/** The images to pull and how large they are. */
function imageLines({ images = [] }: DryRun, colors: Colors): string[] {
  if (images.length === 0) return [];
  const lines = images.map((image) => `  ${printable(image.image)} ${colors.dim(imageSize(image))}`);
  return [`${images.some(({ isPresent }) => isPresent === false) ? 'Images to pull' : 'Images'}:`, ...lines, ''];
}

/** `12.3 MB`, or what is not known. */
export function imageSize({ isPresent, pullBytes }: ImageKnown): string {
  if (isPresent === undefined) return 'unknown: no Docker Engine was asked';
  return pullBytes === undefined ? 'size unknown' : `${(pullBytes / 1e6).toFixed(1)} MB`;
}

function dataLines({ data = [] }: DryRun, colors: Colors): string[] {
  if (data.length === 0) return [];
  const lines = data.map(({ what, message }) => `  ${what === 'emptied' ? colors.red(printable(message)) : printable(message)}`);
  return ['Data:', ...lines, ''];
}

export function planHeading({ application, from, commit }: DryRun): string {
  if (from !== undefined && commit !== undefined)
    return `Changes of ${application} from ${commitPhrase(from)} to ${commitPhrase(commit)}`;
  return `Plan for ${application}${commit === undefined ? '' : ` at ${commitPhrase(commit)}`}`;
}

/** `1 to create, 2 to change, 1 to delete, 14 unchanged`. */
export function planFooter(plan: Pick<DryRun, 'actions' | 'unchanged'>): string {
  const amount = (...kinds: readonly OutcomeAction['action'][]): number =>
    plan.actions.filter((action) => kinds.includes(action.action)).length;
  const hooks = amount('run') === 0 ? '' : `${count(amount('run'), 'hook')} to run, `;
  return `${hooks}${amount('create')} to create, ${amount('update', 'recreate')} to change, ${amount('delete')} to delete, ${plan.unchanged} unchanged`;
}

/** One action: its object, what it means for what runs, where it is written, and what differs. */
export function actionLines(action: OutcomeAction, colors: Colors): string[] {
  const place =
    action.file === undefined || action.file === ''
      ? ''
      : ` (${printable(action.file)}${action.line === undefined ? '' : `:${action.line}`})`;
  const effect = action.action === 'create' || action.effect === '' ? '' : `, ${action.effect}`;
  const wave = action.wave === undefined ? '' : `, wave ${action.wave}`;
  const headline = `${symbols[action.action]} ${action.action} ${objectPhrase(action)}${effect}${wave}${place}`;
  const paints = { create: colors.green, update: colors.yellow, recreate: colors.yellow, delete: colors.red, run: colors.green };
  const paint = paints[action.action];
  const fields = action.action === 'update' || action.action === 'recreate' ? action.fields : [];
  const downtime = action.downtime === undefined ? [] : [colors.red(`    downtime: ${printable(action.downtime)}`)];
  return [paint(headline), ...downtime, ...fields.flatMap((field) => fieldText(action, field, colors))];
}

function fieldText(action: OutcomeAction, field: OutcomeAction['fields'][number], colors: Colors): string[] {
  const indent = '    ';
  const place = field.file === undefined ? '' : colors.dim(` (${printable(field.file)}:${field.line})`);
  const paint: Record<LineMark, (text: string) => string> = { ' ': String, '+': colors.green, '-': colors.red, '…': colors.dim };
  return changedField(action, field).map(
    (line, index) => paint[line.mark](`${indent}${visible(line.text)}`) + (index === 0 ? place : ''),
  );
}

/** The lines of one changed field; values of Secrets are not in them. */
export function changedField(action: Pick<OutcomeAction, 'kind'>, field: OutcomeAction['fields'][number]): readonly MarkedLine[] {
  if (!isHiddenField(action, field.path)) return fieldLines(field.path, field.old, field.new);
  const isAdded = field.old === undefined && field.new !== undefined;
  const isRemoved = field.old !== undefined && field.new === undefined;
  const how = isAdded ? 'added' : isRemoved ? 'removed' : 'changed';
  return [{ mark: ' ', text: `${printable(field.path)}: ${how} (value hidden)` }];
}

/** Keeps the indentation, shows control characters as spaces. */
function visible(text: string): string {
  const indent = /^ */.exec(text)?.[0] ?? '';
  return indent + printable(text);
}

/** One line per problem: `apps/web.yaml:14:11 spec.replicas: …`; notes say that they are notes. */
export function problemLines(problems: readonly Problem[], colors: Colors): string[] {
  return gatherNotes(problems).map((problem) =>
    problem.severity === 'error'
      ? colors.red(printable(formatProblem(problem)))
      : colors.dim(printable(formatProblem({ ...problem, message: `note: ${problem.message}` }))),
  );
}

/** What has no effect need not be mended: of the notes that give the same reason for it the first, which tells how many more there are. */
export function gatherNotes(problems: readonly Problem[]): Problem[] {
  const isGathered = ({ severity, reason }: Problem): boolean => severity === 'note' && reason === 'NoEffect';
  const counts = new Map<string, number>();
  for (const problem of problems) if (isGathered(problem)) counts.set(problem.message, (counts.get(problem.message) ?? 0) + 1);
  const told = new Set<string>();
  return problems.flatMap((problem) => {
    if (!isGathered(problem)) return [problem];
    const { message } = problem;
    if (told.has(message)) return [];
    told.add(message);
    const others = (counts.get(message) ?? 1) - 1;
    return [others === 0 ? problem : { ...problem, message: `${message} (and ${others} more like it)` }];
  });
}

/** `2 problems, 1 note`; `no problems`. */
export function problemCount(problems: readonly Problem[]): string {
  const notes = problems.filter((problem) => problem.severity === 'note').length;
  const errors = problems.length - notes;
  return `${errors === 0 ? 'no problems' : count(errors, 'problem')}${notes === 0 ? '' : `, ${count(notes, 'note')}`}`;
}
