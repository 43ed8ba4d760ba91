// The line that a problem is about, with a caret under the place: for a person at a terminal.
import type { Problem } from '../manifests/problem.ts';
import type { Colors } from './colour.ts';
import { fit } from './phrases.ts';

/** Reads one line of a file as it was validated; undefined when it cannot be shown. */
export type ReadLine = (file: string, line: number) => string | undefined;

const MARGIN = 4;

/** Two lines to stand below a problem; none where there is no line, or where it could show a secret. */
export function sourceLines(problem: Problem, readLine: ReadLine, width: number, colors: Colors): string[] {
  const { file, line, column, field } = problem;
  if (line === 0 || mayHoldSecret(field)) return [];
  const text = readLine(file, line);
  if (text === undefined || text.trim() === '') return [];
  // One column for one column, so that the caret stands below its character.
  const shown = text.replace(/\p{Cc}/gu, ' ');
  const start = Math.max(0, column - Math.floor((width - MARGIN) / 2));
  const cut = fit(shown.slice(start), width - MARGIN);
  const length = /^[^\s:,{}[\]]+/.exec(shown.slice(column - 1))?.[0].length ?? 1;
  const at = column - 1 - start;
  const room = Math.max(1, Math.min(length, cut.length - at));
  const caret = ' '.repeat(MARGIN + cellsOf(cut.slice(0, at))) + colors.red('^'.repeat(cellsOf(cut.slice(at, at + room)) || 1));
  return [colors.dim(' '.repeat(MARGIN) + cut), caret];
}

/** How many cells of a terminal a text takes: ideographs and most symbols outside of the basic plane take two, marks none. */
function cellsOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += /\p{M}/u.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return cells;
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Values of Secrets, of literals of generators, and of the environment may be secret. */
function mayHoldSecret(field: string): boolean {
  return /^(?:data|stringData|binaryData)\b|secretGenerator|literals|\.env\[\d+\]\.value$/.test(field);
}
