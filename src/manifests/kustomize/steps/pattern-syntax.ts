// The syntax of RE2's regular expressions, as far as names and images need it, read into a tree.

/** RE2's limit for `{n,m}`. */
const MAX_REPETITIONS = 1000;

/** Whether a character is meant. */
export type CharTest = (char: string) => boolean;

/** What a pattern is made of. */
export type PatternNode =
  | { readonly type: 'char'; readonly test: CharTest }
  | { readonly type: 'start' }
  | { readonly type: 'end' }
  | { readonly type: 'empty' }
  | { readonly type: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly type: 'either'; readonly parts: readonly PatternNode[] }
  | { readonly type: 'repeat'; readonly part: PatternNode; readonly min: number; readonly max: number };

/** What is wrong with a pattern, in RE2's words where it has some. */
export class PatternFault extends Error {}

/** The tree of a pattern. Throws a `PatternFault`. */
export function readPattern(source: string): PatternNode {
  return new PatternReader(source).read();
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
    this.#chars = Array.from(source);
  }

  read(): PatternNode {
    const node = this.#either();
    if (this.#at < this.#chars.length) throw new PatternFault('unexpected )');
    return node;
  }

  #take(text: string): boolean {
    if (
      !this.#chars
        .slice(this.#at, this.#at + text.length)
        .join('')
        .startsWith(text)
    )
      return false;
    this.#at += text.length;
    return true;
  }

  #next(): string {
    const char = this.#chars[this.#at];
    if (char === undefined) throw new PatternFault('the pattern ends too early');
    this.#at += 1;
    return char;
  }

  #either(): PatternNode {
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { type: 'either', parts };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    for (let char = this.#chars[this.#at]; char !== undefined && char !== '|' && char !== ')'; char = this.#chars[this.#at])
      parts.push(this.#repeated());
    return { type: 'sequence', parts };
  }

  #repeated(): PatternNode {
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

  #atom(): PatternNode {
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

  #char(test: CharTest): PatternNode {
    if (!this.#isCaseless) return { type: 'char', test };
    return { type: 'char', test: (char) => test(char.toLowerCase()) || test(char.toUpperCase()) };
  }

  #escaped(char: string): string {
    if (/^[0-9A-Za-z]$/.test(char)) throw new PatternFault(`invalid escape sequence: \\${char}`);
    return char;
  }

  #group(): PatternNode {
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
    for (let count = 0; count === 0 || !this.#take(']'); count += 1) {
      if (this.#at >= this.#chars.length) throw new PatternFault('missing closing ]');
      tests.push(this.#classItem());
    }
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
