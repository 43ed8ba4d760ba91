// A model of nftables, as far as the rules of Services go: transactions are carried out or refused as the kernel does, packets are judged.
import { contains, parseAddress, parseRange } from '../../../src/model/ipv4.ts';

interface Chain {
  readonly hook?: string;
  readonly rules: string[];
}

/** One table of family ip. */
export interface Table {
  readonly chains: Map<string, Chain>;
  readonly sets: Map<string, { readonly body: string; readonly elements: Map<string, string> }>;
}

export interface Packet {
  readonly hook: 'prerouting' | 'output';
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly port: number;
  /** Addresses of the node. */
  readonly own: readonly string[];
  /** What numgen draws, before the modulus; undefined while the chain is being replaced: the kernel finds nothing in the maps of the old rules then. */
  readonly draw: number | undefined;
}

export type Verdict =
  | { readonly kind: 'to'; readonly address: string; readonly port: number; readonly isMasked: boolean }
  | { readonly kind: 'refused' | 'dropped' | 'passed' };

const COMMAND = /^(?<verb>add|delete|flush) (?<what>\w+) (?<family>ip|bridge) (?<table>\S+)(?: (?<name>\S+))?(?: (?<rest>.*))?$/;

export const newTable = (): Table => ({ chains: new Map(), sets: new Map() });

/** The table after a transaction; throws where the kernel would refuse it. */
export function apply(before: Table, text: string): Table {
  const table: Table = {
    chains: new Map([...before.chains].map(([name, chain]) => [name, { ...chain, rules: [...chain.rules] }])),
    sets: new Map([...before.sets].map(([name, { body, elements }]) => [name, { body, elements: new Map(elements) }])),
  };
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (!line.startsWith('table ')) {
      command(table, line);
      continue;
    }
    const end = lines.indexOf('}', index);
    if (line.startsWith('table ip '))
      declare(
        table,
        lines.slice(index + 1, end).map((each) => each.slice(2)),
      );
    index = end;
  }
  for (const [name, { rules }] of table.chains) for (const rule of rules) checkReferences(table, `${name}: ${rule}`, rule);
  for (const [name, { elements }] of table.sets)
    for (const [key, value] of elements) checkReferences(table, `${name}: ${key}`, value);
  return table;
}

/** The same for tables that hold the same. */
export function canonical({ chains, sets }: Table): unknown {
  const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { chains: sorted(chains), sets: sorted(sets).map(([name, { body, elements }]) => [name, body, sorted(elements)]) };
}

function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`refused: ${what}`);
  return value;
}

function command(table: Table, line: string): void {
  const { verb, what, family, name = '', rest = '' } = need(COMMAND.exec(line)?.groups, line);
  if (family === 'bridge') return;
  const inBraces = rest.replace(/^\{ /, '').replace(/ \}$/, '');
  if (what === 'table') {
    if (verb === 'delete') for (const map of [table.chains, table.sets]) map.clear();
  } else if (what === 'chain') {
    if (verb === 'add') table.chains.set(name, table.chains.get(name) ?? { rules: [] });
    else need(table.chains.get(name), line).rules.length = 0;
    if (verb === 'delete') table.chains.delete(name);
  } else if (what === 'rule') need(table.chains.get(name), line).rules.push(rest);
  else if (what === 'element') {
    const { elements } = need(table.sets.get(name), line);
    for (const entry of inBraces.split(', ')) {
      const [key = '', value = ''] = entry.split(' : ');
      if (verb === 'delete') {
        if (!elements.delete(key)) throw new Error(`refused: ${line}`);
      } else if (elements.has(key) && elements.get(key) !== value) throw new Error(`refused: ${line}`);
      else elements.set(key, value);
    }
  } else if (verb === 'add') {
    const known = table.sets.get(name);
    if (known !== undefined && known.body !== inBraces) throw new Error(`refused: ${line}`);
    table.sets.set(name, known ?? { body: inBraces, elements: new Map() });
  } else if (!table.sets.delete(name)) throw new Error(`refused: ${line}`);
}

function declare(table: Table, lines: readonly string[]): void {
  let open: Chain | undefined;
  for (const line of lines) {
    const chain = /^chain (\S+) \{$/.exec(line)?.[1];
    const set = /^(?:map|set) (\S+) \{ (.*) \}$/.exec(line);
    if (chain !== undefined) {
      open = table.chains.get(chain) ?? { rules: [] };
      table.chains.set(chain, open);
    } else if (set !== null) command(table, `add set ip t ${set[1]} { ${set[2]} }`);
    else if (line === '}') open = undefined;
    else if (line.startsWith('  type ')) {
      const [name] = [...table.chains].find(([, each]) => each === open) ?? [''];
      open = { hook: line.trim(), rules: open?.rules ?? [] };
      table.chains.set(name, open);
    } else open?.rules.push(line.trim());
  }
}

function checkReferences(table: Table, where: string, text: string): void {
  for (const [, chain = ''] of text.matchAll(/goto ([^\s,}]+)/g)) need(table.chains.get(chain), `no chain ${chain} for ${where}`);
  for (const [, set = ''] of text.matchAll(/@(\S+)/g)) need(table.sets.get(set), `no set ${set} for ${where}`);
}

/** What becomes of the first packet of a connection. */
export function judge(table: Table, packet: Packet): Verdict {
  const state = new Judgement(table, packet);
  return state.judge();
}

class Judgement {
  readonly #table: Table;
  readonly #packet: Packet;
  #destination: string;
  #port: number;
  #mark = 0;
  #isTranslated = false;
  #isMasked = false;

  constructor(table: Table, packet: Packet) {
    this.#table = table;
    this.#packet = packet;
    this.#destination = packet.destination;
    this.#port = packet.port;
  }

  judge(): Verdict {
    const { hook } = this.#packet;
    for (const chain of [`nat-${hook}`, `unassigned-${hook}`, 'nat-postrouting']) {
      const end = this.#chain(chain);
      if (end === 'refused' || end === 'dropped') return { kind: end };
    }
    if (!this.#isTranslated) return { kind: 'passed' };
    return { kind: 'to', address: this.#destination, port: this.#port, isMasked: this.#isMasked };
  }

  #chain(name: string): string {
    for (const rule of need(this.#table.chains.get(name), name).rules) {
      const end = this.#rule(rule);
      if (end !== 'next') return end;
    }
    return 'accepted';
  }

  /** Consumes conditions from the left, then acts. */
  #rule(rule: string): string {
    let rest = rule;
    for (;;) {
      const condition = this.#condition(rest);
      if (condition === undefined) break;
      if (!condition.holds) return 'next';
      rest = condition.rest;
    }
    return this.#statement(rest);
  }

  #condition(text: string): { readonly holds: boolean; readonly rest: string } | undefined {
    const { source, own, protocol, destination } = this.#packet;
    const after = (match: RegExpExecArray, holds: boolean): { holds: boolean; rest: string } => ({
      holds,
      rest: text.slice(match[0].length),
    });
    const twice = /^ip saddr \. ip daddr @(\S+) /.exec(text);
    if (twice !== null) return after(twice, this.#elements(twice[1]).has(`${source} . ${this.#destination}`));
    const local = /^fib (saddr|daddr) type local /.exec(text);
    if (local !== null) return after(local, own.includes(local[1] === 'saddr' ? source : this.#destination));
    const address = /^(ct original ip daddr|ip saddr|ip daddr) (!= )?(\{ [^}]* \}|@\S+|\d[\d./]*) /.exec(text);
    if (address !== null) {
      const [, field, not, set = ''] = address;
      const value = field === 'ip saddr' ? source : field === 'ip daddr' ? this.#destination : destination;
      return after(address, this.#isIn(value, set) === (not === undefined));
    }
    const l4 = /^meta l4proto (tcp|udp|sctp) /.exec(text);
    if (l4 !== null) return after(l4, l4[1] === protocol);
    const translated = /^ct status dnat /.exec(text);
    if (translated !== null) return after(translated, this.#isTranslated);
    const marked = /^meta mark & (0x\w+) != 0 /.exec(text);
    return marked === null ? undefined : after(marked, (this.#mark & Number(marked[1])) !== 0);
  }

  #statement(text: string): string {
    const { protocol, draw } = this.#packet;
    const named = /^(ip daddr \. )?meta l4proto \. th dport vmap @(\S+)$/.exec(text);
    if (named !== null) {
      const key = `${named[1] === undefined ? '' : `${this.#destination} . `}${protocol} . ${this.#port}`;
      const verdict = this.#elements(named[2]).get(key);
      return verdict === undefined ? 'next' : this.#statement(verdict);
    }
    const drawn = /^(dnat ip addr \. port to )?numgen random mod (\d+) v?map \{ (.*) \}$/.exec(text);
    if (drawn !== null) {
      const slots = (drawn[3] ?? '').split(', ').map((slot) => slot.split(' : ')[1] ?? '');
      if (slots.length !== Number(drawn[2])) throw new Error(`slots: ${text}`);
      if (draw === undefined) return 'next';
      const choice = slots[draw % slots.length] ?? '';
      return drawn[1] === undefined ? this.#statement(choice) : this.#translate(choice.split(' . '));
    }
    const mark = /^meta mark set meta mark ([|&]) (0x\w+)(?: (.*))?$/.exec(text);
    if (mark !== null) {
      const bits = Number(mark[2]);
      this.#mark = mark[1] === '|' ? this.#mark | bits : this.#mark & bits;
      return mark[3] === undefined ? 'next' : this.#statement(mark[3]);
    }
    if (text.startsWith('dnat to ')) return this.#translate(text.slice('dnat to '.length).split(':'));
    if (text.startsWith('goto ')) return this.#chain(text.slice('goto '.length));
    if (text.startsWith('reject')) return 'refused';
    if (text.startsWith('update @')) {
      this.#elements(/^update @(\S+)/.exec(text)?.[1]).set(this.#packet.source, '');
      return 'next';
    }
    if (text.startsWith('masquerade')) {
      this.#isMasked = true;
      return 'accepted';
    }
    if (text === 'drop') return 'dropped';
    throw new Error(`a rule that the model does not know: ${text}`);
  }

  #translate([address = '', port = '']: readonly string[]): string {
    this.#destination = address;
    this.#port = Number(port);
    this.#isTranslated = true;
    return 'accepted';
  }

  #elements(name = ''): Map<string, string> {
    return need(this.#table.sets.get(name), name).elements;
  }

  #isIn(address: string, set: string): boolean {
    if (set.startsWith('@')) return this.#elements(set.slice(1)).has(address);
    const number = parseAddress(address) ?? -1;
    const ranges = set.replace(/^\{ | \}$/g, '').split(', ');
    return ranges.some((range) =>
      contains(parseRange(range.includes('/') ? range : `${range}/32`) ?? { base: 0, prefix: 32 }, number),
    );
  }
}
