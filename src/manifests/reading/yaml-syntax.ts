// What the reader of YAML says of a syntax error, in words that tell somebody who never read the YAML specification what to change.

/** A syntax error as the reader tells it. */
export interface SyntaxFault {
  readonly code: string;
  readonly message: string;
  /** Where it noticed, counted in characters of the text. */
  readonly offset: number;
}

/** What to change, by the words that the reader begins with. */
const cures: readonly (readonly [beginning: string, told: string])[] = [
  ['Tabs are not allowed as indentation', 'tabs are not allowed as indentation; use spaces'],
  ['All mapping items must start', 'this line is indented differently from the lines it belongs to'],
  ['All sequence items must start', 'this line is indented differently from the other items of its list'],
  ['Sequence item without - indicator', 'this line is indented differently from the lines it belongs to'],
  [
    'Nested mappings are not allowed',
    'two "key: value" in one line; put the value in quotes, or begin a new line after the first colon',
  ],
  ['Implicit keys need to be on a single line', 'this line has no "key: value"; a colon is missing here or in a line below'],
  [
    'Implicit map keys need to be followed',
    'this line has no "key: value"; a colon is missing, or a space after "-", or indentation',
  ],
  ['Missing closing "quote', 'the text that was begun with " is never ended'],
  ["Missing closing 'quote", "the text that was begun with ' is never ended"],
  ['Flow map in block collection', 'the { above is not closed with }, or what is inside is not indented'],
  ['Flow sequence in block collection', 'the [ above is not closed with ], or what is inside is not indented'],
  ['Invalid escape sequence', 'is not an escape that YAML knows inside "…"; write \\\\ for a backslash, or use \'…\''],
];

const conflictMarker = /^(?:<{7}|={7}|>{7})(?: |\r?$)/;

/** One line about one fault. The text is the whole file. */
export function explainSyntax({ code, message, offset }: SyntaxFault, text: string): string {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(lineStart).split('\n', 1)[0] ?? '';
  if (conflictMarker.test(line)) return 'a merge conflict is not resolved here';
  const before = text.slice(lineStart, offset);
  if (before.endsWith('$') && text[offset] === '{') {
    const placeholder = /^\$\{[^}\n]*\}?/.exec(text.slice(offset - 1))?.[0] ?? '${';
    return `the braces of ${placeholder} are read as YAML's own here; put it in quotes`;
  }
  if (before.endsWith('ENC') && text[offset] === '[')
    return "the brackets of the encrypted value are read as YAML's own here; put it in quotes";
  const first = message.split('\n', 1)[0] ?? '';
  const told = cures.find(([beginning]) => first.startsWith(beginning))?.[1];
  if (told !== undefined)
    return first.startsWith('Invalid escape') ? `${first.slice('Invalid escape sequence '.length)} ${told}` : told;
  const plain = first.charAt(0).toLowerCase() + first.slice(1);
  if (code === 'BAD_SCALAR_START') return `${plain}; put the value in quotes`;
  return code === 'UNEXPECTED_TOKEN' ? `${plain}; is the text before it in quotes, and complete?` : plain;
}
