// Shell patterns of `${NAME#pattern}` and `${NAME%pattern}`: `*`, `?`, `[a-z]`, `[^a]` and `\` before a character that means itself. A star
// also matches slashes. Matches in time proportional to text times pattern, whatever the pattern.

type Token = { readonly type: 'star' } | { readonly type: 'one'; readonly matches: (char: string) => boolean };

/** A pattern, as the steps that match it. */
export type Glob = readonly Token[];

/** The longest pattern. */
export const MAX_PATTERN_LENGTH = 256;

/** Reads a pattern; a fault is a message. */
export function parseGlob(pattern: string): { readonly glob: Glob } | { readonly fault: string } {
  const chars = Array.from(pattern);
  if (chars.length > MAX_PATTERN_LENGTH) return { fault: `the pattern is longer than ${MAX_PATTERN_LENGTH} characters` };
  const glob: Token[] = [];
  let at = 0;
  while (at < chars.length) {
    const char = chars[at] ?? '';
    at += 1;
    if (char === '*') {
      if (glob.at(-1)?.type !== 'star') glob.push({ type: 'star' });
    } else if (char === '?') glob.push({ type: 'one', matches: () => true });
    else if (char === '[') {
      const end = classEnd(chars, at);
      if (end === undefined) return { fault: 'a "[" of the pattern is not closed with "]"' };
      glob.push({ type: 'one', matches: classOf(chars.slice(at, end)) });
      at = end + 1;
    } else {
      const literal = char === '\\' ? chars[at] : char;
      if (literal === undefined) return { fault: 'the pattern ends with "\\"' };
      if (char === '\\') at += 1;
      glob.push({ type: 'one', matches: (other) => other === literal });
    }
  }
  return { glob };
}

/** Where the class that begins at `from` ends. A bracket at its beginning is a member of it. */
function classEnd(chars: readonly string[], from: number): number | undefined {
  const first = chars[from] === '^' || chars[from] === '!' ? from + 1 : from;
  for (let at = first + 1; at < chars.length; at += 1) if (chars[at] === ']') return at;
  return undefined;
}

function classOf(members: readonly string[]): (char: string) => boolean {
  const isNegated = members[0] === '^' || members[0] === '!';
  const ranges: (readonly [number, number])[] = [];
  let at = isNegated ? 1 : 0;
  while (at < members.length) {
    const low = members[at]?.codePointAt(0) ?? 0;
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    ranges.push([low, isRange ? (members[at + 2]?.codePointAt(0) ?? 0) : low]);
    at += isRange ? 3 : 1;
  }
  return (char) => {
    const code = char.codePointAt(0) ?? 0;
    return ranges.some(([low, high]) => code >= low && code <= high) !== isNegated;
  };
}

/** How many characters at the start (or end) of a text the pattern matches, at most or at least; undefined when it matches none. */
export function matchLength(chars: readonly string[], glob: Glob, side: 'start' | 'end', isLongest: boolean): number | undefined {
  const tokens = side === 'start' ? glob : glob.toReversed();
  let states = open(new Set([0]), tokens);
  let best = states.has(tokens.length) ? 0 : undefined;
  for (let length = 1; length <= chars.length && states.size > 0; length += 1) {
    if (best !== undefined && !isLongest) return best;
    const char = chars[side === 'start' ? length - 1 : chars.length - length] ?? '';
    const next = new Set<number>();
    for (const state of states) {
      const token = tokens[state];
      if (token?.type === 'star') next.add(state);
      else if (token?.matches(char) === true) next.add(state + 1);
    }
    states = open(next, tokens);
    if (states.has(tokens.length)) best = length;
  }
  return best;
}

/** A star may match nothing. */
function open(states: Set<number>, tokens: Glob): Set<number> {
  for (const state of states) if (tokens[state]?.type === 'star') states.add(state + 1);
  return states;
}
