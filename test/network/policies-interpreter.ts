// Carries out the rules of policies as the kernel would (nft(8)), for new connections: the frame's base chains in the order of their priorities,
// maps, sets and jumps. Knows the words that the planner uses, and fails on every other one.
import { contains, parseAddress, parseRange } from '../../src/model/ipv4.ts';
import type { Rules, TableBodies } from '../../src/network/fragment.ts';

/** The first packet of a connection, as the hook of forwarded packets sees it. */
export interface Packet {
  readonly from: string;
  readonly to: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp';
  /** 0 for icmp. */
  readonly port: number;
}

type Verdict = 'accept' | 'drop' | 'return';

/** Whether a packet passes the frame with the rules of all fragments in it. Throws on text that is no rule, and on names that do not exist. */
export function passes(frame: TableBodies, fragments: readonly Rules[], packet: Packet): boolean {
  const table = tableOf(frame, fragments);
  const base = [...table.chains].filter(([, lines]) => lines[0]?.startsWith('type filter hook forward') === true);
  const ordered = base.toSorted(([, a], [, b]) => priorityOf(a) - priorityOf(b));
  return ordered.every(([name]) => run(table, name, packet) !== 'drop');
}

interface Table {
  readonly chains: ReadonlyMap<string, readonly string[]>;
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

function tableOf(frame: TableBodies, fragments: readonly Rules[]): Table {
  const chains = new Map<string, readonly string[]>();
  const elements = new Map<string, Map<string, string>>();
  const text = frame.ip.join('\n');
  for (const [, name = ''] of text.matchAll(/^(?:set|map) (\S+) \{.*\}$/gm)) elements.set(name, new Map());
  for (const [, name = '', body = ''] of text.matchAll(/^chain (\S+) \{\n([^}]*)\n\}$/gm))
    chains.set(
      name,
      body.split('\n').map((line) => line.trim()),
    );
  for (const rules of fragments) {
    for (const [name, lines] of rules.chains) putNew(chains, name, lines);
    for (const name of rules.sets.keys()) putNew(elements, name, new Map());
  }
  for (const rules of fragments)
    for (const [name, entries] of rules.elements)
      for (const [key, value] of entries)
        if (existing(elements, name).get(key) !== value) putNew(existing(elements, name), key, value);
  return { chains, elements };
}

function putNew<V>(map: Map<string, V>, name: string, value: V): void {
  if (map.has(name)) throw new Error(`${name} is there twice`);
  map.set(name, value);
}

function existing<V>(map: ReadonlyMap<string, V>, name: string): V {
  const found = map.get(name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

function priorityOf(lines: readonly string[]): number {
  return Number(/priority (-?\d+);/.exec(lines[0] ?? '')?.[1]);
}

/** Runs a chain; `return` when it came to its end. */
function run(table: Table, chain: string, packet: Packet): Verdict {
  for (const line of existing(table.chains, chain)) {
    const verdict = runLine(table, line, packet);
    if (verdict !== 'continue') return verdict;
  }
  return 'return';
}

function runLine(table: Table, line: string, packet: Packet): Verdict | 'continue' {
  if (/^(type filter hook|ct state established)/.test(line)) return 'continue';
  let rest = line;
  for (;;) {
    const step = take(table, rest, packet);
    if (step.kind === 'no') return 'continue';
    if (step.kind === 'verdict') return follow(table, step.text, packet);
    rest = step.rest;
  }
}

type Step = { kind: 'no' } | { kind: 'yes'; rest: string } | { kind: 'verdict'; text: string };

const FIELD = String.raw`(?:ip saddr|ip daddr|meta l4proto|th dport|(?:tcp|udp|sctp) dport)`;
const LOOKUP = new RegExp(String.raw`^(${FIELD}(?: \. ${FIELD})*) (vmap )?(!= )?(@\S+|\{[^}]*\}|[\w./-]+)(?: |$)`);

function take(table: Table, text: string, packet: Packet): Step {
  if (/^(accept|counter drop|(jump|goto) \S+)$/.test(text)) return { kind: 'verdict', text };
  const match = LOOKUP.exec(text);
  if (match === null) throw new Error(`not understood: ${text}`);
  const [whole, fields = '', isMap, isNegated, set = ''] = match;
  const values = fields.split(' . ').map((field) => valueOf(field, packet));
  const rest = text.slice(whole.length);
  // A header that the packet does not have matches nothing, negated or not.
  if (values.includes(undefined)) return { kind: 'no' };
  const key = values.join(' . ');
  if (isMap !== undefined) {
    const verdict = existing(table.elements, set.slice(1)).get(key);
    return verdict === undefined ? { kind: 'no' } : { kind: 'verdict', text: verdict };
  }
  const members = set.startsWith('@') ? [...existing(table.elements, set.slice(1)).keys()] : set.replace(/[{} ]/g, '').split(',');
  const isIn = members.some((member) => covers(member, key));
  return isIn === (isNegated === undefined) ? { kind: 'yes', rest } : { kind: 'no' };
}

function valueOf(field: string, { from, to, protocol, port }: Packet): string | undefined {
  if (field === 'ip saddr') return from;
  if (field === 'ip daddr') return to;
  if (field === 'meta l4proto') return protocol;
  if (protocol === 'icmp' || (field !== 'th dport' && field !== `${protocol} dport`)) return undefined;
  return String(port);
}

function covers(member: string, value: string): boolean {
  const [first, last] = /^(\d+)-(\d+)$/.exec(member)?.slice(1).map(Number) ?? [];
  if (first !== undefined && last !== undefined) return first <= Number(value) && Number(value) <= last;
  const [low, high] = member.split('-').map(parseAddress);
  const number = parseAddress(value);
  if (low !== undefined && high !== undefined && number !== undefined) return low <= number && number <= high;
  const range = member.includes('/') ? parseRange(member) : undefined;
  const address = parseAddress(value);
  return range !== undefined && address !== undefined ? contains(range, address) : member === value;
}

function follow(table: Table, verdict: string, packet: Packet): Verdict | 'continue' {
  if (verdict === 'accept') return 'accept';
  if (verdict === 'counter drop') return 'drop';
  const [how, chain = ''] = verdict.split(' ');
  const result = run(table, chain, packet);
  return how === 'jump' && result === 'return' ? 'continue' : result;
}
