// What a node holds already, found out by a controller that was started anew: the names and hashes of its files, and the contents of those that are
// not as they should be. From these come the fragments that are to be changed, so that only differences are sent. Pure.
import { Buffer } from 'node:buffer';
import { digestOf } from '../model/hash.ts';
import { FRAGMENT_DIRECTORIES, FRAME_FILE, quoted, UNFINISHED_FILE } from './change-script.ts';
import { type Fragment, type Fragments, NO_RULES, type TableBodies } from './fragment.ts';
import { frameDeclarations } from './frame.ts';
import { STATE_DIRECTORY } from './node-container.ts';
import type { NodeNetwork } from './node-network.ts';
import { filesOfFragment, planChange } from './plan-change.ts';
import { readRules } from './rules-text.ts';

/** Hashes (SHA-256, hexadecimal) by path of file, relative to the state's directory. */
export type Listing = ReadonlyMap<string, string>;

const LISTED = /^([0-9a-f]{64}) [ *](\S+)$/;
const HEAD = /^@ (\d+) (\S+)\n/;

/** A script that lists what a node holds. */
export function listingScript(directory: string = STATE_DIRECTORY): string {
  const globs = FRAGMENT_DIRECTORIES.map((each) => `${each}/*`).join(' ');
  return `(cd ${quoted(directory)} && [ ! -e ${UNFINISHED_FILE} ] && sha256sum ${FRAME_FILE} ${globs} 2>/dev/null)\ntrue\n`;
}

/**
 * What that script printed. Undefined when the node holds nothing or a script broke off, so that the kernel may hold something else than the
 * files: then everything is to be sent.
 */
export function readListing(output: string): Listing | undefined {
  const matches = output.split('\n').map((line) => LISTED.exec(line));
  const listing = new Map(
    matches.flatMap((match): [string, string][] => (match === null ? [] : [[match[2] ?? '', match[1] ?? '']])),
  );
  return listing.has(FRAME_FILE) ? listing : undefined;
}

/** Whether the node has this frame. */
export function holdsFrame(listing: Listing, frame: readonly TableBodies[], node: NodeNetwork): boolean {
  return listing.get(FRAME_FILE) === digestOf(frameDeclarations(node, frame));
}

/** The files of fragments that are not as they should be, whose contents are needed to know what to change. */
export function filesToRead(listing: Listing, fragments: Fragments, node: NodeNetwork): readonly string[] {
  const { written } = planChange(new Map(), fragments, node).files;
  return [...listing]
    .filter(([path, hash]) => path !== FRAME_FILE && hash !== digestOf(written.get(path) ?? ''))
    .map(([path]) => path);
}

/** A script that prints these files. */
export function contentsScript(paths: readonly string[], directory: string = STATE_DIRECTORY): string {
  if (paths.length === 0) return 'true\n';
  return `(cd ${quoted(directory)} && for file in ${paths.join(' ')}; do
  echo "@ $(wc -c <$file) $file" && cat $file || exit 1
done)\n`;
}

/** What that script printed: texts by path. Undefined when it broke off. */
export function readContents(output: string): ReadonlyMap<string, string> | undefined {
  const contents = new Map<string, string>();
  // Sizes are in bytes.
  let rest = Buffer.from(output);
  while (rest.length > 0) {
    const head = HEAD.exec(rest.toString('utf8', 0, 512));
    if (head === null) return undefined;
    const from = Buffer.byteLength(head[0]);
    const size = Number(head[1]);
    if (rest.length < from + size) return undefined;
    contents.set(head[2] ?? '', rest.toString('utf8', from, from + size));
    rest = rest.subarray(from + size);
  }
  return contents;
}

/**
 * The fragments that a node holds, to be given to planChange as what was before; those that are as they should be are the same objects as in
 * `fragments`. Undefined when a file cannot be read: then everything is to be sent.
 */
export function heldFragments(
  listing: Listing,
  contents: ReadonlyMap<string, string>,
  fragments: Fragments,
  node: NodeNetwork,
): Fragments | undefined {
  const { written } = planChange(new Map(), fragments, node).files;
  const held = new Map<string, Fragment>();
  const ids = new Set([...fragments.keys(), ...[...listing.keys()].filter((path) => path !== FRAME_FILE).map(idOfFile)]);
  for (const id of ids) {
    const wanted = fragments.get(id);
    const paths = filesOfFragment(id);
    const all = [paths.rules, paths.records, paths.memory];
    if (all.every((path) => !listing.has(path))) continue;
    const isSame = all.every((path) => listing.get(path) === (written.has(path) ? digestOf(written.get(path) ?? '') : undefined));
    if (isSame && wanted !== undefined) held.set(id, wanted);
    else {
      const textOf = (path: string): string | undefined => (listing.has(path) ? (contents.get(path) ?? written.get(path)) : '');
      const fragment = fragmentOf(textOf(paths.rules), textOf(paths.records), textOf(paths.memory));
      if (fragment === undefined) return undefined;
      held.set(id, fragment);
    }
  }
  return held;
}

function fragmentOf(rules: string | undefined, records: string | undefined, memory: string | undefined): Fragment | undefined {
  if (rules === undefined || records === undefined || memory === undefined) return undefined;
  const read = rules === '' ? NO_RULES : readRules(rules);
  if (read === undefined) return undefined;
  return {
    rules: read,
    records: new Set(records.split('\n').filter((line) => line !== '')),
    ...(memory === '' ? {} : { memory: memory.trimEnd() }),
  };
}

function idOfFile(path: string): string {
  return path.slice(path.indexOf('/') + 1, path.lastIndexOf('.')).replaceAll('~', '/');
}
