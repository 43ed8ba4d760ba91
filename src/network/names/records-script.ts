// A change of records → the script that makes it (nsupdate(1), RFC 2136). What one name has changes in one message, so that nobody who asks
// meanwhile hears of no such name. Pure.

import { quoted } from '../change-script.ts';
import type { Records } from '../fragment.ts';
import type { NodeNetwork } from '../node-network.ts';
import { DNS_LIBRARY } from './dns-library.ts';
import { zoneOf, zonesOf } from './zones.ts';

/** A message is at most 64 KiB, and no record of ours needs more than 160 bytes in it (RFC 1035, 4.2.2). */
const MAX_MESSAGE_RECORDS = 400;
/** Its text goes through a pipe, which takes 64 KiB before anybody reads. Bytes and characters are the same here. */
const MAX_MESSAGE_BYTES = 48 * 1024;

/**
 * The script for a node's network container. The files of the records must have been written before it runs, in the same script or before:
 * the server reads them when it starts, or when it does not take the change. It exits with 0 when the server answers with the change, and waits
 * for nothing else: a server that did not take it is brought in line aside. To run it again is harmless. Records outside of the node's zones, such as the reverse of an address elsewhere, are left out.
 */
export function recordsScript(node: NodeNetwork, added: Records, removed: Records): string {
  const messages = updateMessages(node, added, removed);
  if (messages.length === 0) return '';
  const texts = messages.map(({ zone, lines }) =>
    quoted([`server ${node.dnsAddress}`, `zone ${zone}`, ...lines, 'send'].join('\n')),
  );
  return `. ${DNS_LIBRARY}\nnames_update ${texts.join(' \\\n')}\n`;
}

/**
 * The script that makes the server answer with what the files of the records say and nothing else, whatever it has. It goes on answering
 * meanwhile. The time grows with the number of records: about a second for ten thousand.
 */
export function recordsSyncScript(): string {
  return `. ${DNS_LIBRARY}\nnames_sync\n`;
}

/** The script that tells whether the server has all records by now, which it is brought in line with aside. It exits with 0 when it has. */
export function recordsCheckScript(): string {
  return `. ${DNS_LIBRARY}\nnames_catch_up\n`;
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
  let bytes = 0;
  const put = (lines: readonly string[]): void => {
    const size = sizeOf(lines);
    const last = messages.at(-1);
    const fits = last !== undefined && last.length + lines.length <= MAX_MESSAGE_RECORDS && bytes + size <= MAX_MESSAGE_BYTES;
    if (fits) last.push(...lines);
    else messages.push([...lines]);
    bytes = fits ? bytes + size : size;
  };
  for (const { deletions, additions } of changes) {
    const isBig =
      deletions.length + additions.length > MAX_MESSAGE_RECORDS || sizeOf([...deletions, ...additions]) > MAX_MESSAGE_BYTES;
    if (isBig) for (const line of [...additions, ...deletions]) put([line]);
    else put([...deletions, ...additions]);
  }
  return messages;
}

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
