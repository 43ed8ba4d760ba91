// The frame of a node: the tables of the cluster with their base chains, maps and sets, composed of what each planner needs. It stands as long
// as the node is the same; fragments fill it. A table that nobody needs is not made.
import type { TableBodies } from './fragment.ts';
import type { NodeNetwork } from './node-network.ts';
import { tableOf } from './plan-change.ts';

/** A set that every table has and that stays empty: asking for it tells whether the table is there, at the same cost however much else there is. */
export const FRAME_MARK = 'frame';

const CHAIN = /^chain (\S+) \{$/;

/**
 * One transaction that makes the frame where there is none and replaces the rules of its chains where there is one; elements stay, and so do the
 * chains of fragments. The kernel refuses it when a map or a base chain was declared otherwise: then only `replacingText` helps.
 */
export function frameText(node: Pick<NodeNetwork, 'cluster'>, parts: readonly TableBodies[]): string {
  const tables = bodiesOf(node, parts);
  const flushed = tables.flatMap(({ head, lines }) => chainsOf(lines).map((chain) => `flush chain ${head} ${chain}`));
  const bodies = tables.flatMap(tableLines);
  // Once so that there is something to flush.
  return toText([...bodies, ...flushed, ...bodies]);
}

/** The declarations alone, for tables that are not there: the frame's file, which a boot reads (see boot/rules.ts). */
export function frameDeclarations(node: Pick<NodeNetwork, 'cluster'>, parts: readonly TableBodies[]): string {
  return toText(bodiesOf(node, parts).flatMap(tableLines));
}

/**
 * All that a node shall hold, as one transaction that replaces whatever its tables hold now. Elements that two fragments claim must have been
 * decided: `rules` are the texts of the fragments' files.
 */
export function replacingText(
  node: Pick<NodeNetwork, 'cluster'>,
  parts: readonly TableBodies[],
  rules: Iterable<string>,
): string {
  // Only what is there can be deleted.
  const cleared = bodiesOf(node, parts).flatMap(({ head }) => [`add table ${head}`, `delete table ${head}`]);
  return toText(cleared) + frameDeclarations(node, parts) + [...rules].join('');
}

interface Table {
  /** `ip hf-shop`. */
  readonly head: string;
  readonly lines: readonly string[];
}

function bodiesOf(node: Pick<NodeNetwork, 'cluster'>, parts: readonly TableBodies[]): readonly Table[] {
  const table = tableOf(node);
  // The one that most do without comes first, so that the first line of a frame tells whether there are two (see boot/rules.ts).
  return [
    { head: `bridge ${table}`, lines: parts.flatMap(({ bridge = [] }) => bridge) },
    { head: `ip ${table}`, lines: parts.flatMap(({ ip }) => ip) },
  ];
}

function tableLines({ head, lines }: Table): readonly string[] {
  if (lines.length === 0) return [];
  return [`table ${head} {`, `  set ${FRAME_MARK} { type mark; }`, ...lines.map((line) => `  ${line}`), '}'];
}

function chainsOf(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => CHAIN.exec(line)?.[1] ?? []);
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
