// A change of records → the script that makes it (nsupdate(1), RFC 2136). What one name has changes in one message, so that nobody who asks
// meanwhile hears of no such name. Pure.
import type { Records } from '../fragment.ts';
import type { NodeNetwork } from '../node-network.ts';
import { DNS_LIBRARY } from './dns-part.ts';
import { zoneOf, zonesOf } from './zones.ts';

/** A message is at most 64 KiB, and no record of ours needs more than 160 bytes in it (RFC 1035, 4.2.2). */
const MAX_MESSAGE_RECORDS = 400;

/**
 * The script for a node's network container. The files of the records must have been written before it runs, in the same script or before:
 * the server reads them when it starts, or when it does not take the change. It exits with 0 when the server answers with the change. To run
 * it again is harmless. Records outside of the node's zones, such as the reverse of an address elsewhere, are left out.
 */
export function recordsScript(node: NodeNetwork, added: Records, removed: Records): string {
  const messages = updateMessages(node, added, removed);
  if (messages.length === 0) return '';
  const lines = messages.flatMap(({ zone, lines: changes }) => [`zone ${zone}`, ...changes, 'send']);
  return `. ${DNS_LIBRARY}\nnames_update <<'END'\nserver ${node.dnsAddress}\n${lines.join('\n')}\nEND\n`;
}

/**
 * The script that makes the server answer with what the files of the records say and nothing else, whatever it has. It goes on answering
 * meanwhile. The time grows with the number of records: about a second for ten thousand.
 */
export function recordsSyncScript(): string {
  return `. ${DNS_LIBRARY}\nnames_sync\n`;
}

interface Message {
  readonly zone: string;
  readonly lines: readonly string[];
}

function updateMessages(node: NodeNetwork, added: Records, removed: Records): readonly Message[] {
  const zones = zonesOf(node);
  const known = new Set(zones);
  const byZone = new Map<string, Change[]>(zones.map((zone) => [zone, []]));
  for (const change of changesOf(added, removed)) byZone.get(zoneOf(known, change.name) ?? '')?.push(change);
  return zones.flatMap((zone) => packed(byZone.get(zone) ?? []).map((lines) => ({ zone, lines })));
}

/** What becomes of one name: what goes, then what comes, since an alias and other records exclude each other. */
interface Change {
  readonly name: string;
  readonly deletions: string[];
  readonly additions: string[];
}

function changesOf(added: Records, removed: Records): readonly Change[] {
  const byName = new Map<string, Change>();
  const of = (record: string): Change => {
    const name = record.slice(0, record.indexOf(' '));
    const change = byName.get(name) ?? { name, deletions: [], additions: [] };
    byName.set(name, change);
    return change;
  };
  for (const record of removed) if (!added.has(record)) of(record).deletions.push(`update delete ${record}`);
  for (const record of added) of(record).additions.push(`update add ${record}`);
  return [...byName.values()];
}

/** Messages of whole names. A name too big for one has what comes first and what goes last, so that it is never without a record. */
function packed(changes: readonly Change[]): readonly (readonly string[])[] {
  const messages: string[][] = [];
  for (const { deletions, additions } of changes) {
    const lines = [...deletions, ...additions];
    const last = messages.at(-1);
    if (lines.length > MAX_MESSAGE_RECORDS) messages.push(...cut([...additions, ...deletions]));
    else if (last !== undefined && last.length + lines.length <= MAX_MESSAGE_RECORDS) last.push(...lines);
    else messages.push(lines);
  }
  return messages;
}

function cut(lines: readonly string[]): string[][] {
  const count = Math.ceil(lines.length / MAX_MESSAGE_RECORDS);
  return Array.from({ length: count }, (_, index) => lines.slice(index * MAX_MESSAGE_RECORDS, (index + 1) * MAX_MESSAGE_RECORDS));
}
