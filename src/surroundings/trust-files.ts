// The keys that may sign commits, from the files that the command line names: outside the repository that they vouch for.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ReconcileOptions } from '../cli/parts.ts';
import { UsageFault } from '../cli/usage-fault.ts';
import type { TrustOptions } from '../git/verified-source.ts';
import { AnchorFault, type KeyFile, readAnchors } from '../trust/anchors.ts';

/** More is no folder of keys. */
const MAX_FILES = 1_000;

/**
 * What the options want to be verified; undefined for nothing. The files are read again for each commit, so that a key that was taken out counts
 * no more. Throws UsageFault when they cannot be read now.
 */
export async function trustOf(
  { verify, workingTree }: Pick<ReconcileOptions, 'verify' | 'workingTree'>,
  lastGood: () => string | undefined,
): Promise<TrustOptions | undefined> {
  if (verify === undefined) return undefined;
  if (workingTree) throw new UsageFault('--working-tree follows files that nobody has signed: leave it out, or --verify-keys');
  const places = verify.keys.map((path) => resolve(path));
  const read = (): readonly KeyFile[] => places.flatMap(filesAt);
  try {
    await readAnchors(read());
  } catch (error) {
    if (error instanceof AnchorFault) throw new UsageFault(`keys that may sign: ${error.message}`, { cause: error });
    throw error;
  }
  return { mode: verify.mode, readKeys: () => Promise.resolve().then(read), lastGood };
}

function filesAt(path: string): KeyFile[] {
  try {
    if (!statSync(path).isDirectory()) return [{ path, text: readFileSync(path, 'utf8') }];
    const names = readdirSync(path)
      .filter((name) => !name.startsWith('.'))
      .toSorted();
    if (names.length > MAX_FILES)
      throw new UsageFault(`${path} has ${names.length} files; at most ${MAX_FILES} are read as keys`);
    return names
      .map((name) => join(path, name))
      .filter((file) => statSync(file).isFile())
      .map((file) => ({ path: file, text: readFileSync(file, 'utf8') }));
  } catch (error) {
    if (error instanceof UsageFault) throw error;
    throw new UsageFault(`keys that may sign cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
