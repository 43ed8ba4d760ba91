// The rules of a fragment as nft(8) reads them, one command a line, and the way back: what lies in a file of the network container is read again
// by a controller that was restarted.
import type { Rules } from './fragment.ts';

/** Elements that stand in one command. */
const MAX_ELEMENTS = 500;
const FLOW = '# flow ';
const COMMAND = /^add (?<what>set|map|chain|rule|element) ip \S+ (?<name>\S+)(?: (?<rest>.*))?$/;

type Elements = Rules['elements'];

/** `map` or `set`, by the type that is declared. */
export function sortOfSet(body: string): 'map' | 'set' {
  return /^type(?:of)? [^;]* : /.test(body) ? 'map' : 'set';
}

/** The commands that declare a set or map. */
export function addSetText(table: string, name: string, body: string): string {
  return `add ${sortOfSet(body)} ip ${table} ${name} { ${body} }`;
}

/** The commands that change elements: `add` or `delete`. */
export function elementTexts(verb: 'add' | 'delete', table: string, elements: Elements): readonly string[] {
  return [...elements].flatMap(([map, entries]) => {
    const texts = [...entries].map(([key, value]) => (value === '' || verb === 'delete' ? key : `${key} : ${value}`));
    const count = Math.ceil(texts.length / MAX_ELEMENTS);
    return Array.from({ length: count }, (_, index) => {
      const part = texts.slice(index * MAX_ELEMENTS, (index + 1) * MAX_ELEMENTS);
      return `${verb} element ip ${table} ${map} { ${part.join(', ')} }`;
    });
  });
}

/** All that makes a fragment's rules in a table that has the frame only; ends with a line break, empty for no rules. */
export function rulesText(table: string, rules: Rules): string {
  const lines = [
    ...[...(rules.flows ?? [])].map(([front, leads]) => `${FLOW}${front} : ${[...leads].join(', ')}`.trimEnd()),
    ...[...rules.sets].map(([name, body]) => addSetText(table, name, body)),
    ...[...rules.chains.keys()].map((chain) => `add chain ip ${table} ${chain}`),
    ...[...rules.chains].flatMap(([chain, texts]) => texts.map((text) => `add rule ip ${table} ${chain} ${text}`)),
    ...elementTexts('add', table, rules.elements),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** The rules that `rulesText` wrote. Undefined when the text is not of that form. */
export function readRules(text: string): Rules | undefined {
  const chains = new Map<string, string[]>();
  const sets = new Map<string, string>();
  const elements = new Map<string, Map<string, string>>();
  const flows = new Map<string, ReadonlySet<string>>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    if (line.startsWith(FLOW)) {
      const [front = '', leads = ''] = line.slice(FLOW.length).split(/ :(?: |$)/);
      flows.set(front, new Set(leads === '' ? [] : leads.split(', ')));
      continue;
    }
    const { what, name = '', rest = '' } = COMMAND.exec(line)?.groups ?? {};
    if (what === undefined) return undefined;
    if (what === 'chain') chains.set(name, []);
    else if (what === 'rule') chains.get(name)?.push(rest);
    else if (what === 'element') readElements(inBraces(rest), elements, name);
    else sets.set(name, inBraces(rest));
  }
  return { chains, sets, elements, ...(flows.size === 0 ? {} : { flows }) };
}

function inBraces(text: string): string {
  return text.replace(/^\{ /, '').replace(/ \}$/, '');
}

function readElements(text: string, elements: Map<string, Map<string, string>>, map: string): void {
  const entries = elements.get(map) ?? new Map<string, string>();
  elements.set(map, entries);
  for (const entry of text.split(', ')) {
    const [key = '', value = ''] = entry.split(' : ');
    entries.set(key, value);
  }
}
