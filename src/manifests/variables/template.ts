// The syntax of placeholders: text → literal parts and `${…}`. What Flux's post-build substitution understands (github.com/fluxcd/pkg,
// envsubst/README.md), with every other form refused instead of guessed. Knows no values.

/** What a placeholder does with the value of its variable. Words may hold placeholders themselves. */
export type Operation =
  | { readonly type: 'value' }
  | { readonly type: 'length' }
  /** `whenEmpty`: also when the variable is there and empty. */
  | { readonly type: 'default'; readonly whenEmpty: boolean; readonly word: Template }
  | { readonly type: 'case'; readonly isUpper: boolean; readonly isFirstOnly: boolean }
  | { readonly type: 'slice'; readonly from: Template; readonly length: Template | undefined }
  | { readonly type: 'trim'; readonly side: 'start' | 'end'; readonly isLongest: boolean; readonly pattern: Template }
  | {
      readonly type: 'replace';
      readonly where: 'first' | 'all' | 'start' | 'end';
      readonly text: Template;
      readonly by: Template;
    };

/** One `${…}`. */
export interface Placeholder {
  readonly name: string;
  readonly operation: Operation;
  /** As it is written, shortened. */
  readonly written: string;
}

/** Literal texts and placeholders, in order. */
export type Template = readonly (string | Placeholder)[];

/** How deep placeholders may stand inside each other. */
export const MAX_PLACEHOLDER_DEPTH = 10;
/** How much of a placeholder a message shows. */
const MAX_SHOWN = 60;
const nameStart = /[A-Za-z_]/;
const nameRest = /[A-Za-z0-9_]/;

/** What the name of a variable must be. */
export const VARIABLE_NAME_RULE = 'the name of a variable has letters, digits and "_", and does not begin with a digit';

/** Whether a text can be the name of a variable. */
export function isVariableName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** Takes a text apart. `$$` is a dollar, and a dollar without a brace is itself. A fault is one line that names the placeholder. */
export function parseTemplate(text: string): { readonly template: Template } | { readonly fault: string } {
  const reader = new Reader(text);
  const template = reader.text();
  return reader.fault === undefined ? { template } : { fault: reader.fault };
}

/** Which escapes a word knows: none in defaults and patterns, as in Flux. */
interface WordStyle {
  /** The characters that end it. */
  readonly end: string;
  readonly hasEscapes: boolean;
}

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  fault: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** What stands outside of placeholders. */
  text(): Template {
    const parts: (string | Placeholder)[] = [];
    let from = 0;
    while (this.fault === undefined) {
      const dollar = this.#text.indexOf('$', this.#at);
      if (dollar === -1) break;
      this.#at = dollar + 1;
      const next = this.#text[this.#at];
      if (next !== '$' && next !== '{') continue;
      if (next === '$') {
        parts.push(this.#text.slice(from, this.#at));
        this.#at += 1;
      } else {
        parts.push(this.#text.slice(from, dollar));
        this.#at = dollar;
        const placeholder = this.#placeholder();
        if (placeholder !== undefined) parts.push(placeholder);
      }
      from = this.#at;
    }
    parts.push(this.#text.slice(from));
    return parts.filter((part) => part !== '');
  }

  /** Stands on `${`. */
  #placeholder(): Placeholder | undefined {
    const start = this.#at;
    this.#at += 2;
    this.#depth += 1;
    if (this.#depth > MAX_PLACEHOLDER_DEPTH)
      return this.#fail(start, `placeholders stand inside each other deeper than ${MAX_PLACEHOLDER_DEPTH} levels`);
    const isLength = this.#skip('#');
    const name = this.#name();
    if (name === '') return this.#fail(start, `no variable is named; write $${this.#shown(start)} for the text itself`);
    const operation: Operation | undefined = isLength ? { type: 'length' } : this.#operation(start);
    if (operation === undefined || this.fault !== undefined) return undefined;
    if (!this.#skip('}')) return this.#notClosed(start);
    this.#depth -= 1;
    return { name, operation, written: this.#shown(start) };
  }

  #name(): string {
    const start = this.#at;
    if (nameStart.test(this.#text[start] ?? '')) while (nameRest.test(this.#text[this.#at] ?? '')) this.#at += 1;
    return this.#text.slice(start, this.#at);
  }

  /** What follows the name, up to the closing brace. */
  #operation(start: number): Operation | undefined {
    const next = this.#text[this.#at] ?? '';
    switch (next) {
      case '}':
        return { type: 'value' };
      case '^':
      case ',':
        this.#at += 1;
        return { type: 'case', isUpper: next === '^', isFirstOnly: !this.#skip(next) };
      case '=':
      case '-':
      case '+':
      case '?':
        return this.#default(start, false);
      case ':':
        this.#at += 1;
        return '=-+?'.includes(this.#text[this.#at] ?? ' ') ? this.#default(start, true) : this.#slice(start);
      case '#':
      case '%':
        return this.#trim(start, next);
      case '/':
        return this.#replace(start);
      default:
        return this.#notClosed(start);
    }
  }

  #default(start: number, whenEmpty: boolean): Operation | undefined {
    const sign = this.#text[this.#at] ?? '';
    this.#at += 1;
    const word = this.#word(start, { end: '}', hasEscapes: false });
    if (sign === '=' || sign === '-') return { type: 'default', whenEmpty, word };
    return this.#fail(start, `"${whenEmpty ? ':' : ''}${sign}" is not supported, as in Flux; a default is written :=`);
  }

  #slice(start: number): Operation | undefined {
    const from = this.#word(start, { end: ':}', hasEscapes: false });
    if (from.length === 0) return this.#fail(start, 'a position is missing after ":"');
    if (!this.#skip(':')) return { type: 'slice', from, length: undefined };
    const length = this.#word(start, { end: '}', hasEscapes: false });
    return length.length === 0 ? this.#fail(start, 'a length is missing after the second ":"') : { type: 'slice', from, length };
  }

  #trim(start: number, sign: '#' | '%'): Operation | undefined {
    this.#at += 1;
    const isLongest = this.#skip(sign);
    const pattern = this.#word(start, { end: '}', hasEscapes: false });
    if (pattern.length === 0) return this.#fail(start, `a pattern is missing after "${isLongest ? sign + sign : sign}"`);
    return { type: 'trim', side: sign === '#' ? 'start' : 'end', isLongest, pattern };
  }

  #replace(start: number): Operation | undefined {
    this.#at += 1;
    const where = this.#skip('/') ? 'all' : this.#skip('#') ? 'start' : this.#skip('%') ? 'end' : 'first';
    const text = this.#word(start, { end: '/}', hasEscapes: true });
    if (!this.#skip('/')) return this.#fail(start, 'a second "/" is missing: ${NAME/text/replacement}');
    if (text.length === 0 && (where === 'first' || where === 'all')) return this.#fail(start, 'the text to replace is missing');
    return { type: 'replace', where, text, by: this.#word(start, { end: '}', hasEscapes: true }) };
  }

  /** Reads up to a character that ends the word, or to a fault. */
  #word(start: number, { end, hasEscapes }: WordStyle): Template {
    const parts: (string | Placeholder)[] = [];
    let literal = '';
    while (this.fault === undefined) {
      const char = this.#text[this.#at];
      const next = this.#text[this.#at + 1];
      if (char === undefined) this.#notClosed(start);
      else if (char === '$' && next === '{') {
        parts.push(literal);
        literal = '';
        const placeholder = this.#placeholder();
        if (placeholder !== undefined) parts.push(placeholder);
      } else if (hasEscapes && ((char === '\\' && (next === '/' || next === '\\')) || (char === '$' && next === '$'))) {
        literal += next;
        this.#at += 2;
      } else if (end.includes(char)) break;
      else {
        literal += char;
        this.#at += 1;
      }
    }
    parts.push(literal);
    return parts.filter((part) => part !== '');
  }

  #skip(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #notClosed(start: number): undefined {
    const next = this.#text[this.#at];
    if (next === undefined) return this.#fail(start, 'the closing "}" is missing');
    return this.#fail(
      start,
      `${JSON.stringify(next)} is not expected after the name; write $${this.#shown(start)} for the text itself`,
    );
  }

  #fail(start: number, message: string): undefined {
    this.fault ??= `${this.#shown(start)}: ${message}`;
    return undefined;
  }

  /** The placeholder that begins at `start`, on one line. */
  #shown(start: number): string {
    const close = this.#text.indexOf('}', Math.max(start, this.#at - 1));
    const written = this.#text.slice(start, close === -1 ? undefined : close + 1).slice(0, MAX_SHOWN + 1);
    const line = written.replaceAll(/\s+/g, ' ');
    return written.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
  }
}
