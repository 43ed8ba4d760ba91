// A change as a script for a node's network container. The kernel comes first, so that a full disk does not keep traffic from where it should go;
// then the files that a boot reads, the names and the flows. While a script is under way there is a mark, so that one that broke off is known:
// then everything is sent. The session holds the lock while it runs.
import type { Fragments, Records, TableBodies } from './fragment.ts';
import { frameDeclarations, frameText, replacingText } from './frame.ts';
import { STATE_DIRECTORY } from './node-container.ts';
import type { NodeNetwork } from './node-network.ts';
import { type Change, isEmptyChange, planChange, tableOf } from './plan-change.ts';
import { flowsScript } from './services/flows-script.ts';

/** There while the kernel may hold something else than the files say. */
export const UNFINISHED_FILE = 'unfinished';
export const FRAME_FILE = 'frame.nft';
/** Directories of the fragments' files. */
export const FRAGMENT_DIRECTORIES = ['rules', 'records', 'memory'] as const;

/** What a script ends with, beside 0. After all but the names' everything is to be sent. */
export const SCRIPT_FAULTS = {
  /** The kernel refused the transaction; nothing was changed. */
  rules: 1,
  /** The kernel has it, the files do not: no space on the disk. */
  files: 3,
  /** All is done but for the names: the container itself brings them in line with the files. */
  names: 4,
  /** Flows that lead to endpoints which are gone could not be found. */
  flows: 5,
} as const;
const AFTER_RULES: ReadonlySet<number> = new Set([SCRIPT_FAULTS.files, SCRIPT_FAULTS.names, SCRIPT_FAULTS.flows]);

/** Whether a script that ended so has changed the kernel before: new connections go where they should. */
export function areRulesInForce(exitCode: number): boolean {
  return AFTER_RULES.has(exitCode);
}

/** What goes with a change. */
export interface ScriptOptions {
  /** Makes a script that changes records, run after their files were written. Nothing is done for records without. */
  readonly records?: (added: Records, removed: Records) => string;
  /** Makes the names as the files say, when what there is is not known: in a full sync it takes the place of `records`. */
  readonly allRecords?: () => string;
  /** Where the state lies. */
  readonly directory?: string;
}

/**
 * The script of a change; empty when there is nothing to do. With `frame` the frame is replaced in the same transaction: it must be one that
 * `frameText` can replace, or the kernel refuses it.
 */
export function changeScript(
  change: Change,
  node: NodeNetwork,
  options: ScriptOptions = {},
  frame?: readonly TableBodies[],
): string {
  if (isEmptyChange(change) && frame === undefined) return '';
  const files = new Map(change.files.written);
  if (frame !== undefined) files.set(FRAME_FILE, frameDeclarations(node, frame));
  const rules = (frame === undefined ? '' : frameText(node, frame)) + change.rules;
  const removal = change.files.removed.length === 0 ? '' : `rm -f ${change.files.removed.join(' ')}`;
  return wholeScript(rules, files, removal, change, node, options);
}

/**
 * The script that makes a node hold the frame and these fragments and nothing else, whatever it holds. Clients that stay with their endpoint
 * are forgotten; connections go on.
 */
export function fullSyncScript(
  fragments: Fragments,
  frame: readonly TableBodies[],
  node: NodeNetwork,
  options: ScriptOptions = {},
): string {
  const change = planChange(new Map(), fragments, node);
  const { written } = change.files;
  // As a boot reads them: what a fragment refers to is in one with a lower id.
  const rules = [...written.keys()].filter((path) => path.startsWith('rules/')).toSorted();
  const files = new Map([...written, [FRAME_FILE, frameDeclarations(node, frame)]]);
  const strangers = `ls ${FRAGMENT_DIRECTORIES.map((each) => `-d ${each}/*`).join(' ')} 2>/dev/null >next/there
printf '%s' ${quoted([...written.keys()].map((path) => `${path}\n`).join(''))} >next/kept &&
awk 'NR == FNR { kept[$0] = 1; next } !($0 in kept)' next/kept next/there | xargs -r rm -f`;
  const { allRecords } = options;
  const whole = allRecords === undefined ? options : { ...options, records: allRecords };
  return wholeScript(
    replacingText(
      node,
      frame,
      rules.map((path) => written.get(path) ?? ''),
    ),
    files,
    strangers,
    change,
    node,
    whole,
  );
}

/** One word of the shell, whatever it contains. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function wholeScript(
  rules: string,
  files: ReadonlyMap<string, string>,
  removal: string,
  change: Change,
  node: NodeNetwork,
  { records, directory = STATE_DIRECTORY }: ScriptOptions,
): string {
  const { added, removed } = change.records;
  const names = added.length + removed.length === 0 ? '' : (records?.(new Set(added), new Set(removed)) ?? '');
  const flows = flowsScript(change.flows);
  const steps = [
    `cd ${quoted(directory)} || exit ${SCRIPT_FAULTS.files}`,
    'status=0 named=0',
    `: >${UNFINISHED_FILE}`,
    rules === '' ? '' : `printf '%s' ${quoted(rules)} | nft -f - || exit ${SCRIPT_FAULTS.rules}`,
    filesScript(files, removal),
    names === '' ? '' : `(\n${names}\n) || named=${SCRIPT_FAULTS.names}`,
    flows === '' ? '' : `(\n${flows}) || status=${SCRIPT_FAULTS.flows}`,
    cleanupScript(change.unusedChains, node),
    `[ $status = 0 ] || exit $status\nrm -rf next ${UNFINISHED_FILE}`,
    'exit $named',
  ];
  // A shell of its own, so that `exit` does not end the session.
  return `(\n${steps.filter((step) => step !== '').join('\n')}\n)\n`;
}

/** Files are written aside and moved, so that none is ever half there. */
function filesScript(files: ReadonlyMap<string, string>, removal: string): string {
  const directories = FRAGMENT_DIRECTORIES.filter((each) => [...files.keys()].some((path) => path.startsWith(`${each}/`)));
  const moves = directories.map((each) => `mv -f next/${each}/* ${each}/`);
  if (files.has(FRAME_FILE)) moves.push(`mv -f next/${FRAME_FILE} ${FRAME_FILE}`);
  const steps = [
    'rm -rf next',
    `mkdir -p ${FRAGMENT_DIRECTORIES.map((each) => `${each} next/${each}`).join(' ')}`,
    ...[...files].map(([path, text]) => `printf '%s' ${quoted(text)} >next/${path}`),
    ...moves,
    removal,
  ];
  if (files.size === 0 && removal === '') return '';
  return `{\n${steps.filter((step) => step !== '').join(' &&\n')}\n} || status=${SCRIPT_FAULTS.files}`;
}

/**
 * Deletes chains that nothing leads to. The kernel refuses one that is in use again; before 6.2 it may also refuse one whose last reference went
 * a moment ago: then once more later, without making anybody wait.
 */
function cleanupScript(chains: readonly string[], node: NodeNetwork): string {
  if (chains.length === 0) return '';
  const lines = chains.map((chain) => `delete chain ip ${tableOf(node)} ${chain}\n`);
  return `unused=${quoted(lines.join(''))}
if ! printf '%s' "$unused" | nft -f - 2>/dev/null; then
  (sleep 2; echo "$unused" | while read -r each; do [ -z "$each" ] || nft "$each"; done) >/dev/null 2>&1 </dev/null 9>&- &
fi`;
}
