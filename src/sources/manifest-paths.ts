// Reads manifests from files and folders on disk, committed or not, for `holdfast validate` and `holdfast render`. Bases may lie anywhere in the
// repository around them, and nothing outside of it is ever read.
import { createHash } from 'node:crypto';
import { promises as fs, lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { type ValidatedPaths } from '../cli/parts.ts';
import { UsageFault } from '../cli/usage-fault.ts';
import type { LoaderOptions, LoadResult, SnapshotFile, SnapshotFiles } from '../manifests/load.ts';
import { createManifestLoader } from '../manifests/loader.ts';
import type { Problem } from '../manifests/problem.ts';
import { workTreeOf } from '../surroundings/repository-path.ts';

/** The name under which standard input appears in problems; its ending makes it a manifest. */
const STDIN_NAME = 'stdin.yaml';
const kustomizationNames: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** A path of the command line. */
interface Wanted {
  /** As it was given. */
  readonly given: string;
  /** Within `top`, with forward slashes. */
  readonly root: string;
  /** The repository around it, or what stands for one: no path leads out of it. */
  readonly top: string;
  /** Standard input: what is in it. */
  readonly bytes?: Uint8Array;
}

/**
 * Reads and validates. Every kustomization is judged as a set of its own, and the plain files as another. Throws UsageFault for a path that
 * is not there or cannot be read.
 */
export async function loadPaths(
  paths: readonly string[],
  readStdin: () => Promise<Uint8Array>,
  options: LoaderOptions = {},
): Promise<ValidatedPaths> {
  const tops = new Map<string, Wanted[]>();
  for (const path of new Set(paths)) {
    const wanted = path === '-' ? { ...standardInput(), bytes: await readStdin() } : locate(path);
    tops.set(wanted.top, [...(tops.get(wanted.top) ?? []), wanted]);
  }
  const results: ValidatedPaths[] = [];
  for (const [top, wanted] of tops) results.push(await loadBelow(top, wanted, options));
  const [only, ...others] = results;
  if (only !== undefined && others.length === 0) return only;
  return {
    manifests: results.flatMap(({ manifests }) => manifests),
    problems: results.flatMap(({ problems }) => problems),
    fileCount: results.reduce((sum, { fileCount }) => sum + fileCount, 0),
  };
}

async function loadBelow(top: string, wanted: readonly Wanted[], options: LoaderOptions): Promise<ValidatedPaths> {
  const loader = createManifestLoader({ areSetsJudged: true, ...options, sets: 'apart', root: wanted.map(({ root }) => root) });
  const found = await Promise.all(
    wanted.map(({ root, bytes }) => (bytes === undefined ? filesBelow(top, root) : Promise.resolve([inMemory(bytes)]))),
  );
  const files = [...new Map(found.flat().map((file) => [file.path, file])).values()];
  const snapshot: SnapshotFiles = { files, filesBelow: (folder) => filesBelow(top, folder) };
  const result = await loader.load(snapshot);
  const fileCount = files.filter(({ path, type }) => type === 'file' && loader.isWanted(path)).length;
  return { ...shownAsGiven(result, top, wanted), fileCount };
}

function standardInput(): Wanted {
  return { given: STDIN_NAME, root: STDIN_NAME, top: process.cwd() };
}

function locate(given: string): Wanted {
  try {
    const real = realpathSync(given);
    const isFolder = statSync(real).isDirectory();
    // A kustomization is built, whether its folder is named or its file.
    const isBuilt = !isFolder && kustomizationNames.includes(basename(real));
    const place = isBuilt ? dirname(real) : real;
    const top = topOf(isFolder || isBuilt ? place : dirname(place));
    return { given: isBuilt ? dirname(given) : given, root: slashed(relative(top, place)), top };
  } catch (error) {
    throw unreadable(given, error);
  }
}

/** The work tree around a folder; without one the current folder when it is around it, else the folder itself. */
function topOf(folder: string): string {
  const around = workTreeOf(folder);
  if (around !== undefined) return around;
  const current = realpathSync('.');
  const isWithin = folder === current || folder.startsWith(current === sep ? sep : current + sep);
  return isWithin && current !== sep ? current : folder;
}

const slashed = (path: string): string => (sep === '/' ? path : path.replaceAll(sep, '/'));

/** What is below a folder of the repository, or what is in the way there. */
async function filesBelow(top: string, folder: string): Promise<readonly SnapshotFile[]> {
  let at = '';
  for (const part of folder.split('/').filter((each) => each !== '')) {
    if (part === '.git' || part === '..') return [];
    at = at === '' ? part : `${at}/${part}`;
    const found = await fs.lstat(join(top, at)).catch((error: unknown) => {
      if (isAbsent(error)) return undefined;
      throw unreadable(join(top, at), error);
    });
    if (found?.isDirectory() === true) continue;
    if (found?.isSymbolicLink() === true) return [linkOnDisk(top, at)];
    return found?.isFile() === true ? [fileOnDisk(top, at)] : [];
  }
  const files: SnapshotFile[] = [];
  const open = [at];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const entry of await entriesOf(join(top, next))) {
      const path = next === '' ? entry.name : `${next}/${entry.name}`;
      if (entry.isSymbolicLink()) files.push(linkOnDisk(top, path));
      else if (entry.isFile()) files.push(fileOnDisk(top, path));
      else if (entry.isDirectory() && entry.name !== '.git') open.push(path);
    }
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function entriesOf(folder: string): Promise<Awaited<ReturnType<typeof readFolder>>> {
  try {
    return await readFolder(folder);
  } catch (error) {
    throw unreadable(folder, error);
  }
}

const readFolder = (folder: string) => fs.readdir(folder, { withFileTypes: true });

/** Every file is read once: its path is as good as a hash of it. */
function fileOnDisk(top: string, path: string): SnapshotFile {
  const sizeBytes = lstatSync(join(top, path), { throwIfNoEntry: false })?.size ?? 0;
  return { path, blobId: path, sizeBytes, type: 'file', read: () => readOrFail(join(top, path), (place) => fs.readFile(place)) };
}

function linkOnDisk(top: string, path: string): SnapshotFile {
  const read = async (place: string): Promise<Uint8Array> => Buffer.from(slashed(await fs.readlink(place)));
  return { path, blobId: path, type: 'symlink', read: () => readOrFail(join(top, path), read) };
}

function inMemory(bytes: Uint8Array): SnapshotFile {
  const blobId = createHash('sha256').update(bytes).digest('hex');
  return { path: STDIN_NAME, blobId, sizeBytes: bytes.length, type: 'file', read: () => Promise.resolve(bytes) };
}

async function readOrFail(place: string, read: (place: string) => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await read(place);
  } catch (error) {
    throw unreadable(place, error);
  }
}

/** Paths as the user would write them: what is below a path that was given begins as that does. */
function shownAsGiven(result: LoadResult, top: string, wanted: readonly Wanted[]): LoadResult {
  const known = new Map<string, string>();
  const shown = (path: string): string => {
    const before = known.get(path);
    if (before !== undefined || path === '') return before ?? '';
    const around = wanted.find(({ root }) => root === '' || path === root || path.startsWith(`${root}/`));
    const isShort = around === undefined && wanted.every(({ given }) => !isAbsolute(given));
    const here =
      around === undefined ? (isShort ? relative(realpathSync('.'), join(top, path)) : join(top, path)) : asGiven(around, path);
    known.set(path, here);
    return here;
  };
  return {
    ...result,
    manifests: result.manifests.map((manifest) => {
      const { locate: find, kustomization } = manifest;
      return {
        ...manifest,
        file: shown(manifest.file),
        ...(kustomization === undefined ? {} : { kustomization: shown(kustomization) }),
        ...(find === undefined
          ? {}
          : {
              locate: (path) => {
                const place = find(path);
                return { ...place, file: shown(place.file) };
              },
            }),
      };
    }),
    problems: result.problems.map((problem): Problem => ({ ...problem, file: shown(problem.file) })),
  };
}

function asGiven({ given, root }: Wanted, path: string): string {
  const rest = root === '' ? path : path.slice(root.length + 1);
  return rest === '' ? given : join(given, rest);
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

function unreadable(path: string, error: unknown): UsageFault {
  if (error instanceof UsageFault) return error;
  if (isAbsent(error)) return new UsageFault(`there is no file or folder ${path}`, { cause: error });
  return new UsageFault(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
