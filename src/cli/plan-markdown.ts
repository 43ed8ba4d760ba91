// A plan as a comment on a pull request: GitHub's Markdown, as long as a comment may be. Whatever comes from a repository is text in it:
// no value ends its block, mentions anybody or becomes a link.
import type { Problem } from '../manifests/problem.ts';
import { formatProblem } from '../manifests/problem.ts';
import type { OutcomeAction } from '../sync/outcome.ts';
import type { DryRun } from './parts.ts';
import { count, objectPhrase, printable } from './phrases.ts';
import { changedField, gatherNotes, imageSize, planFooter, planHeading, problemCount, symbols } from './plan-text.ts';
import type { MarkedLine } from './value-diff.ts';

/** What a comment on GitHub may have, in characters. */
export const MAX_COMMENT_CHARACTERS = 65_536;
/** Kept back for what says that something is left out, and for the end. */
const RESERVED_CHARACTERS = 1_000;
/** Most lines of what differs in one object. */
const MAX_BLOCK_LINES = 200;
/** Longest subject, path or message in a line. */
const MAX_TEXT_CHARACTERS = 1_000;

/** The whole plan, ending with a line break. The first line is a heading. */
export function planMarkdown(plan: DryRun): string {
  const body = new Comment();
  body.add(`### ${code(printable(planHeading(plan)))}\n`);
  const isRefused = plan.problems.some((problem) => problem.severity === 'error');
  if (isRefused) {
    body.add(`\n**${problemCount(plan.problems)}.** Nothing would be changed until they are mended.\n\n`);
    body.addItems(problemItems(plan.problems), 'problem');
    return body.text();
  }
  if (plan.actions.length === 0)
    body.add(`\nNo changes, ${count(plan.unchanged, 'object')} ${plan.from === undefined ? 'as wanted' : 'the same'}.\n`);
  else body.add(`\n**${planFooter(plan)}**\n`);
  addDangers(plan, body);
  body.add('\n');
  body.addItems(plan.actions.map(actionBlock), 'object');
  const images = (plan.images ?? []).map((image) => `- ${code(image.image)} ${imageSize(image)}\n`);
  if (images.length > 0) body.add('\nImages to pull:\n\n');
  body.addItems(images, 'image');
  const notes = problemItems(plan.problems);
  if (notes.length > 0 && body.add(`\n<details><summary>${count(notes.length, 'note')}</summary>\n\n`)) {
    body.addItems(notes, 'note');
    body.close('\n</details>\n');
  }
  return body.text();
}

/** What a reviewer must not overlook stands before the list. */
function addDangers(plan: DryRun, body: Comment): void {
  const down = plan.actions.flatMap((action) =>
    action.downtime === undefined ? [] : [`- **Downtime** of ${code(objectPhrase(action))}: ${text(action.downtime)}\n`],
  );
  const data = (plan.data ?? []).map(({ message }) => `- **Data**: ${code(message)}\n`);
  if (down.length + data.length > 0) body.add('\n');
  body.addItems([...down, ...data], 'warning');
}

function problemItems(problems: readonly Problem[]): string[] {
  return gatherNotes(problems).map((problem) => `- ${code(formatProblem(problem))}\n`);
}

/** One object; what differs is folded away below its name. */
function actionBlock(action: OutcomeAction): string {
  const effect = action.action === 'create' || action.effect === '' ? '' : `, ${action.effect}`;
  const wave = action.wave === undefined ? '' : `, wave ${action.wave}`;
  const place =
    action.file === undefined || action.file === ''
      ? ''
      : ` (${action.file}${action.line === undefined ? '' : `:${action.line}`})`;
  const headline =
    `${code(`${symbols[action.action]} ${action.action} ${objectPhrase(action)}`)}${text(`${effect}${wave}`)} ${place === '' ? '' : code(place.trim())}`.trim();
  const fields = action.action === 'update' || action.action === 'recreate' ? action.fields : [];
  const lines = fields.flatMap((field) =>
    changedField(action, field).map((line, index) => {
      const at = index > 0 || field.file === undefined ? '' : ` (${field.file}:${field.line})`;
      return diffLine(line) + at;
    }),
  );
  if (lines.length === 0) return `- ${headline}\n`;
  const rest = lines.length - MAX_BLOCK_LINES;
  const shown = rest > 0 ? [...lines.slice(0, MAX_BLOCK_LINES), `  … ${count(rest, 'more line')}`] : lines;
  return `<details><summary>${headline}</summary>\n\n${fenced(shown.join('\n'))}\n</details>\n\n`;
}

/** `diff` colours lines by their first character. */
function diffLine({ mark, text: line }: MarkedLine): string {
  const plain = line.replace(/\p{Cc}+/gu, ' ');
  return mark === '+' || mark === '-' ? plain.trimStart() : `  ${plain}`;
}

/** A fence that is longer than any run of backticks inside cannot be ended from inside (CommonMark, "Fenced code blocks"). */
export function fenced(content: string): string {
  const longest = Math.max(2, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${content}\n${fence}\n`;
}

/** Text as text, in HTML's own element for code: nothing in it is markup, and nobody is mentioned by it. */
export function code(content: string): string {
  return `<code>${text(content)}</code>`;
}

function text(content: string): string {
  const short = content.length <= MAX_TEXT_CHARACTERS ? content : `${content.slice(0, MAX_TEXT_CHARACTERS - 1)}…`;
  return printable(short)
    .replace(/[&<>"'`*_[\]()~#@\\|!$:]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/www\./gi, (start) => `${start.slice(0, 3)}&#46;`);
}

/** Gathers text as long as there is room; what has none is counted. */
class Comment {
  #text = '';
  #left = MAX_COMMENT_CHARACTERS - RESERVED_CHARACTERS;
  #isClosed = false;

  /** Adds a part as a whole, or not at all. */
  add(part: string): boolean {
    if (this.#isClosed || part.length > this.#left) return false;
    this.#text += part;
    this.#left -= part.length;
    return true;
  }

  /** Adds what there is room for, in order, and says how much is left out. */
  addItems(items: readonly string[], what: string): void {
    const missing = items.findIndex((item) => !this.add(item));
    if (missing < 0) return;
    const rest = items.length - missing;
    this.#text += `\n_${count(rest, `more ${what}`)} left out: a comment cannot be longer. "holdfast diff" prints all of it._\n`;
    this.#isClosed = true;
  }

  /** Ends what was begun; there is always room for it. */
  close(part: string): void {
    this.#text += part;
  }

  text(): string {
    return this.#text;
  }
}
