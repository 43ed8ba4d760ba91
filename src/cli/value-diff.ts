// One changed field as lines: short values beside each other, long ones around the place where they part, texts line by line.

/** Longest value, in characters, that is shown whole. */
const MAX_VALUE_CHARACTERS = 60;
/** Longest line of a text. */
const MAX_LINE_CHARACTERS = 110;
/** Most lines of one text difference. */
const MAX_DIFF_LINES = 24;
/** Equal lines shown before and after a difference. */
const CONTEXT_LINES = 1;
/** Above this many comparisons the lines of two texts are not matched with each other, only cut at both ends. */
const MAX_COMPARISONS = 250_000;

export type LineMark = ' ' | '+' | '-' | '…';
export interface MarkedLine {
  readonly mark: LineMark;
  readonly text: string;
}

/** The lines that tell how a field changed: `spec.replicas: 2 → 3`, or the path and the differing lines below it. */
export function fieldLines(path: string, old: unknown, next: unknown): MarkedLine[] {
  if (typeof old === 'string' && typeof next === 'string' && (old.includes('\n') || next.includes('\n'))) {
    return [
      { mark: ' ', text: `${path}:` },
      ...textDiff(old, next).map((line) => ({ mark: line.mark, text: `  ${line.mark} ${line.text}`.trimEnd() })),
    ];
  }
  const [before, after] = shortened(show(old), show(next));
  return [{ mark: ' ', text: `${path}: ${before} → ${after}` }];
}

function show(value: unknown): string {
  return value === undefined ? '(not set)' : JSON.stringify(value);
}

/** Cuts two values so that the place where they part stays visible in both. */
function shortened(old: string, next: string): [string, string] {
  const a = Array.from(old);
  const b = Array.from(next);
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  const start = Math.max(0, same - 20);
  const cut = (characters: readonly string[]): string => {
    if (characters.length <= MAX_VALUE_CHARACTERS) return characters.join('');
    const from = Math.min(start, characters.length - MAX_VALUE_CHARACTERS);
    const to = from + MAX_VALUE_CHARACTERS;
    return `${from > 0 ? '…' : ''}${characters.slice(from, to).join('')}${to < characters.length ? '…' : ''}`;
  };
  return [cut(a), cut(b)];
}

/** The differing lines of two texts with a little of what surrounds them. */
export function textDiff(old: string, next: string): MarkedLine[] {
  const marked = matchLines(linesOf(old), linesOf(next));
  const isNear = marked.map((_line, index) =>
    marked.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1).some((line) => line.mark !== ' '),
  );
  const shown: MarkedLine[] = [];
  let isSkipping = false;
  marked.forEach((line, index) => {
    if (isNear[index] === true) shown.push({ mark: line.mark, text: cutLine(line.text) });
    else if (!isSkipping) shown.push({ mark: '…', text: '' });
    isSkipping = isNear[index] !== true;
  });
  if (shown.every((line) => line.mark === '…')) return [{ mark: '…', text: '(only the line break at the end differs)' }];
  if (shown.length <= MAX_DIFF_LINES) return shown;
  return [...shown.slice(0, MAX_DIFF_LINES), { mark: '…', text: `${shown.length - MAX_DIFF_LINES} more lines` }];
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function cutLine(text: string): string {
  const characters = Array.from(text);
  return characters.length <= MAX_LINE_CHARACTERS ? text : `${characters.slice(0, MAX_LINE_CHARACTERS - 1).join('')}…`;
}

/** Marks every line as kept, taken out or put in: equal ends first, a longest common subsequence between them. */
function matchLines(old: readonly string[], next: readonly string[]): MarkedLine[] {
  let head = 0;
  while (head < old.length && head < next.length && old[head] === next[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < next.length - head && old[old.length - 1 - tail] === next[next.length - 1 - tail])
    tail++;
  const a = old.slice(head, old.length - tail);
  const b = next.slice(head, next.length - tail);
  const middle = a.length * b.length > MAX_COMPARISONS ? [...mark(a, '-'), ...mark(b, '+')] : commonSubsequence(a, b);
  return [...mark(old.slice(0, head), ' '), ...middle, ...mark(old.slice(old.length - tail), ' ')];
}

function mark(lines: readonly string[], as: LineMark): MarkedLine[] {
  return lines.map((text) => ({ mark: as, text }));
}

function commonSubsequence(a: readonly string[], b: readonly string[]): MarkedLine[] {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const marked: MarkedLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left !== undefined && left === right) {
      marked.push({ mark: ' ', text: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      marked.push({ mark: '-', text: left });
      i++;
    } else if (right !== undefined) {
      marked.push({ mark: '+', text: right });
      j++;
    }
  }
  return marked;
}
