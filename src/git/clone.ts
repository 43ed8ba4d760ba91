// A bare repository of our own on disk: what was fetched from one server. A cache, so any doubt about it is answered by making it anew. A new one is
// made aside and moved into place when it is complete; whoever is killed in between leaves nothing that could be taken for a clone.
import { createHash, randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as git from 'isomorphic-git';
import type { Clock } from '../system/clock.ts';
import { codeOf, FETCH_TIMEOUT_MS } from './faults.ts';

/** Every fetch adds a pack, and every read looks through all of them. More than this, and the next fetch makes the clone anew. */
const MAX_PACKS = 64;
/** Where the commits are noted that arrived whole. */
const HAVE_REFS = 'refs/holdfast';

const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tfilemode = false\n\tbare = true\n';

/** The folder for what is fetched from `url`, which holds no credentials. */
export const cloneDirectory = (cacheDir: string, url: string): string =>
  join(cacheDir, `${createHash('sha256').update(url).digest('hex').slice(0, 32)}.git`);

/** Whether there is a clone. */
export async function hasClone(gitdir: string): Promise<boolean> {
  try {
    await fs.access(join(gitdir, 'HEAD'));
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Whether so many packs have gathered that the next fetch had better make the clone anew. */
export async function isCrowded(gitdir: string): Promise<boolean> {
  const names = await fs.readdir(join(gitdir, 'objects', 'pack')).catch(() => []);
  return names.filter((name) => name.endsWith('.pack')).length > MAX_PACKS;
}

/** Makes a clone: `fill` gets an empty bare repository, and only when it succeeds that takes the place of whatever was there. */
export async function makeClone(gitdir: string, clock: Clock, fill: (gitdir: string) => Promise<void>): Promise<void> {
  await fs.mkdir(dirname(gitdir), { recursive: true, mode: 0o700 });
  await removeLeftovers(gitdir, clock);
  const fresh = `${gitdir}.new-${randomBytes(6).toString('hex')}`;
  try {
    await initialise(fresh);
    await fill(fresh);
    await replace(gitdir, fresh);
  } finally {
    await fs.rm(fresh, { recursive: true, force: true });
  }
}

async function initialise(gitdir: string): Promise<void> {
  for (const folder of ['objects/pack', 'objects/info', 'refs/heads', 'refs/tags']) {
    await fs.mkdir(join(gitdir, folder), { recursive: true, mode: 0o700 });
  }
  await fs.writeFile(join(gitdir, 'config'), CONFIG);
  // Names a branch that is never made, so that git commands see a repository and no state.
  await fs.writeFile(join(gitdir, 'HEAD'), 'ref: refs/heads/none\n');
}

async function replace(gitdir: string, fresh: string): Promise<void> {
  const old = `${gitdir}.old-${randomBytes(6).toString('hex')}`;
  await fs.rename(gitdir, old).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
  await fs.rename(fresh, gitdir);
  await fs.rm(old, { recursive: true, force: true });
}

/** What a killed process left behind. Younger ones may belong to another process that is at work. */
async function removeLeftovers(gitdir: string, clock: Clock): Promise<void> {
  const folder = dirname(gitdir);
  for (const name of await fs.readdir(folder)) {
    if (!name.startsWith(`${basename(gitdir)}.`)) continue;
    const made = (await fs.stat(join(folder, name)).catch(() => undefined))?.mtimeMs;
    if (made !== undefined && clock.now() - made > 2 * FETCH_TIMEOUT_MS)
      await fs.rm(join(folder, name), { recursive: true, force: true });
  }
}

/** The commits that are here with all their history. */
export async function haves(gitdir: string): Promise<readonly string[]> {
  const options = { fs: { promises: fs }, gitdir };
  const refs = await git.listRefs({ ...options, filepath: HAVE_REFS });
  const ids = await Promise.all(refs.map((ref) => git.resolveRef({ ...options, ref: `${HAVE_REFS}/${ref}` }).catch(() => '')));
  return [...new Set(ids.filter((id) => id !== ''))];
}

/** Notes that a commit has arrived whole. One note per revision, so that a moving branch leaves no trail. */
export async function noteHave(gitdir: string, revision: string, commitId: string): Promise<void> {
  const name = createHash('sha256').update(revision).digest('hex').slice(0, 16);
  const folder = join(gitdir, HAVE_REFS, 'have');
  const aside = join(gitdir, `have-${randomBytes(6).toString('hex')}`);
  await fs.mkdir(folder, { recursive: true });
  await fs.writeFile(aside, `${commitId}\n`);
  await fs.rename(aside, join(folder, name));
}

const queues = new Map<string, Promise<unknown>>();

/** One writer per folder in this process, in the order of asking. A call whose signal is aborted while it waits does nothing. */
export async function exclusively<T>(gitdir: string, signal: AbortSignal, perform: () => Promise<T>): Promise<T> {
  const turn = (queues.get(gitdir) ?? Promise.resolve()).then(() => {
    signal.throwIfAborted();
    return perform();
  });
  // Whoever comes next waits for the end, whatever it is.
  const settled = Promise.allSettled([turn]);
  queues.set(gitdir, settled);
  try {
    return await turn;
  } finally {
    if (queues.get(gitdir) === settled) queues.delete(gitdir);
  }
}
