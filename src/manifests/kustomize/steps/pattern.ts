// Regular expressions as kustomize's selectors and image names use them (RE2's syntax), matched in time that grows with the text alone:
// a pattern of a repository must not be able to stop the reader, which a backtracking engine cannot promise.

/** The longest pattern that is compiled, and the most states it may have once its repetitions are written out. */
export const MAX_PATTERN_CHARACTERS = 1000;
export const MAX_PATTERN_STATES = 5000;
/** RE2's limit for `{n,m}`. */
const MAX_REPETITIONS = 1000;

/** A compiled pattern. */
export interface Pattern {
  /** Whether the pattern is found anywhere in the text. */
  isIn(text: string): boolean;
  /** Whether it describes the whole text. */
  isAll(text: string): boolean;
}

type CharTest = (char: string) => boolean;

type Node =
  | { readonly type: 'char'; readonly test: CharTest }
  | { readonly type: 'start' | 'end' | 'empty' }
  | { readonly type: 'sequence' | 'either'; readonly parts: readonly Node[] }
  | { readonly type: 'repeat'; readonly part: Node; readonly min: number; readonly max: number };

type State =
  | { readonly type: 'char'; readonly test: CharTest; readonly next: number }
  | { readonly type: 'split'; readonly next: readonly number[] }
  | { readonly type: 'start' | 'end'; readonly next: number }
  | { readonly type: 'match' };

class PatternFault extends Error {}

const compiled = new Map<string, Pattern | { readonly fault: string }>();
const MAX_REMEMBERED = 1000;

/** The pattern of a source text, or what is wrong with it. What is not in RE2's syntax, such as look-ahead, is a fault. */
export function compilePattern(source: string): Pattern | { readonly fault: string } {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const made = compileNew(source);
  if (compiled.size >= MAX_REMEMBERED) compiled.clear();
  compiled.set(source, made);
  return made;
}

/** The text with every character that means something in a pattern escaped. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function compileNew(source: string): Pattern | { readonly fault: string } {
  if (source.length > MAX_PATTERN_CHARACTERS) return { fault: `the pattern is longer than ${MAX_PATTERN_CHARACTERS} characters` };
  try {
    const states: State[] = [{ type: 'match' }];
    const first = assemble(new PatternReader(source).read(), 0, states);
    return {
      isIn: (text) => run(states, first, text, false),
      isAll: (text) => run(states, first, text, true),
    };
  } catch (error) {
    if (error instanceof PatternFault) return { fault: error.message };
    throw error;
  }
}

/** Adds the states of a node that go on to `next`; returns the first of them. */
function assemble(node: Node, next: number, states: State[]): number {
  const add = (state: State): number => {
    if (states.length >= MAX_PATTERN_STATES) throw new PatternFault('the pattern is too large');
    return states.push(state) - 1;
  };
  switch (node.type) {
    case 'empty':
      return next;
    case 'char':
      return add({ type: 'char', test: node.test, next });
    case 'start':
    case 'end':
      return add({ type: node.type, next });
    case 'sequence':
      return node.parts.reduceRight((after, part) => assemble(part, after, states), next);
    case 'either':
      return add({ type: 'split', next: node.parts.map((part) => assemble(part, next, states)) });
    case 'repeat': {
      let after = next;
      if (node.max === Number.POSITIVE_INFINITY) {
        const ways = [next];
        const loop = add({ type: 'split', next: ways });
        ways.unshift(assemble(node.part, loop, states));
        after = loop;
      } else
        for (let count = node.min; count < node.max; count += 1)
          after = add({ type: 'split', next: [assemble(node.part, after, states), next] });
      for (let count = 0; count < node.min; count += 1) after = assemble(node.part, after, states);
      return after;
    }
  }
}

function run(states: readonly State[], first: number, text: string, isWhole: boolean): boolean {
  const chars = [...text];
  let current = new Set<number>();
  for (let position = 0; position <= chars.length; position += 1) {
    if (position === 0 || !isWhole) follow(states, first, position, chars.length, current);
    if (current.has(0) && (!isWhole || position === chars.length)) return true;
    const char = chars[position];
    if (char === undefined) break;
    const after = new Set<number>();
    for (const index of current) {
      const state = states[index];
      if (state?.type === 'char' && state.test(char)) follow(states, state.next, position + 1, chars.length, after);
    }
    current = after;
  }
  return false;
}

/** Adds a state and all that it reaches without reading. */
function follow(states: readonly State[], from: number, position: number, length: number, into: Set<number>): void {
  const open = [from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (into.has(index)) continue;
    into.add(index);
    const state = states[index];
    if (state?.type === 'split') open.push(...state.next);
    if (state?.type === 'start' && position === 0) open.push(state.next);
    if (state?.type === 'end' && position === length) open.push(state.next);
  }
}

const isDigit: CharTest = (char) => char >= '0' && char <= '9';
const isWord: CharTest = (char) => /^\w$/.test(char);
const isSpace: CharTest = (char) => /^[\t\n\f\r ]$/.test(char);
const classes: Readonly<Record<string, CharTest>> = {
  d: isDigit,
  D: (char) => !isDigit(char),
  w: isWord,
  W: (char) => !isWord(char),
  s: isSpace,
  S: (char) => !isSpace(char),
};
const controls: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\u0007' };
const named: Readonly<Record<string, RegExp>> = {
  alnum: /^[0-9A-Za-z]$/,
  alpha: /^[A-Za-z]$/,
  digit: /^[0-9]$/,
  lower: /^[a-z]$/,
  upper: /^[A-Z]$/,
  punct: /^[!-/:-@[-`{-~]$/,
  space: /^[\t\n\v\f\r ]$/,
  word: /^\w$/,
  xdigit: /^[0-9A-Fa-f]$/,
};

/** Reads one pattern. Groups may nest as deep as the pattern is long, which is short. */
class PatternReader {
  readonly #chars: readonly string[];
  #at = 0;
  #isCaseless = false;

  constructor(source: string) {
    this.#chars = [...source];
  }

  read(): Node {
    const node = this.#either();
    if (this.#at < this.#chars.length) throw new PatternFault('unexpected )');
    return node;
  }

  #take(text: string): boolean {
    if (!this.#chars.slice(this.#at, this.#at + text.length).join('').startsWith(text)) return false;
    this.#at += text.length;
    return true;
  }

  #next(): string {
    const char = this.#chars[this.#at];
    if (char === undefined) throw new PatternFault('the pattern ends too early');
    this.#at += 1;
    return char;
  }

  #either(): Node {
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { type: 'either', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    for (let char = this.#chars[this.#at]; char !== undefined && char !== '|' && char !== ')'; char = this.#chars[this.#at])
      parts.push(this.#repeated());
    return { type: 'sequence', parts };
  }

  #repeated(): Node {
    const part = this.#atom();
    let result = part;
    let count = 0;
    for (let range = this.#range(); range !== undefined; range = this.#range()) {
      count += 1;
      if (count > 1) throw new PatternFault('invalid nested repetition operator');
      this.#take('?');
      result = { type: 'repeat', part: result, min: range[0], max: range[1] };
    }
    return result;
  }

  #range(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    const match = /^\{(\d{1,5})(,(\d{0,5}))?\}/.exec(this.#chars.slice(this.#at, this.#at + 14).join(''));
    if (match === null) return undefined;
    this.#at += match[0].length;
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (min > MAX_REPETITIONS || (max > MAX_REPETITIONS && max !== Number.POSITIVE_INFINITY) || min > max)
      throw new PatternFault(`invalid repeat count ${match[0]}`);
    return [min, max];
  }

  #atom(): Node {
    const char = this.#next();
    if (char === '(') return this.#group();
    if (char === '[') return this.#char(this.#class());
    if (char === '.') return this.#char((other) => other !== '\n');
    if (char === '^') return { type: 'start' };
    if (char === '$') return { type: 'end' };
    if (char === '*' || char === '+' || char === '?') throw new PatternFault(`missing argument to repetition operator: ${char}`);
    if (char !== '\\') return this.#char((other) => other === char);
    const escaped = this.#next();
    if (escaped === 'A') return { type: 'start' };
    if (escaped === 'z') return { type: 'end' };
    const test = classes[escaped];
    if (test !== undefined) return this.#char(test);
    const plain = controls[escaped] ?? this.#escaped(escaped);
    return this.#char((other) => other === plain);
  }

  #char(test: CharTest): Node {
    if (!this.#isCaseless) return { type: 'char', test };
    return { type: 'char', test: (char) => test(char.toLowerCase()) || test(char.toUpperCase()) };
  }

  #escaped(char: string): string {
    if (/^[0-9A-Za-z]$/.test(char)) throw new PatternFault(`invalid escape sequence: \\${char}`);
    return char;
  }

  #group(): Node {
    const before = this.#isCaseless;
    if (this.#take('?i)')) {
      this.#isCaseless = true;
      return { type: 'empty' };
    }
    if (this.#take('?i:')) this.#isCaseless = true;
    else if (!this.#take('?:') && this.#take('?'))
      throw new PatternFault('groups that begin with (? are not supported, except (?: and (?i');
    const node = this.#either();
    if (!this.#take(')')) throw new PatternFault('missing closing )');
    this.#isCaseless = before;
    return node;
  }

  #class(): CharTest {
    const isNegated = this.#take('^');
    const tests: CharTest[] = [];
    for (let count = 0; count === 0 || !this.#take(']'); count += 1) tests.push(this.#classItem());
    const isMember: CharTest = (char) => tests.some((test) => test(char));
    return isNegated ? (char) => !isMember(char) : isMember;
  }

  #classItem(): CharTest {
    if (this.#take('[:')) {
      const name = this.#chars.slice(this.#at).join('').split(':]', 1)[0] ?? '';
      const set = Object.hasOwn(named, name) ? named[name] : undefined;
      if (set === undefined) throw new PatternFault('invalid character class range');
      this.#at += name.length + 2;
      return (char) => set.test(char);
    }
    const from = this.#next();
    const test = from === '\\' ? classes[this.#chars[this.#at] ?? ''] : undefined;
    if (test !== undefined) {
      this.#at += 1;
      return test;
    }
    const low = this.#classChar(from);
    if (this.#chars[this.#at] !== '-' || this.#chars[this.#at + 1] === ']') return (char) => char === low;
    this.#at += 1;
    const high = this.#classChar(this.#next());
    if (low > high) throw new PatternFault(`invalid character class range: ${low}-${high}`);
    return (char) => char >= low && char <= high;
  }

  #classChar(char: string): string {
    if (char !== '\\') return char;
    const escaped = this.#next();
    return controls[escaped] ?? this.#escaped(escaped);
  }
}
