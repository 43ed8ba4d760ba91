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
  const room = Math.max(1, Math.min(length, cut.length - (column - 1 - start)));
  const caret = ' '.repeat(MARGIN + column - 1 - start) + colors.red('^'.repeat(room));
  return [colors.dim(' '.repeat(MARGIN) + cut), caret];
}

/** Values of Secrets, of literals of generators, and of the environment may be secret. */
function mayHoldSecret(field: string): boolean {
  return /^(?:data|stringData|binaryData)\b|secretGenerator|literals|\.env\[\d+\]\.value$/.test(field);
}
