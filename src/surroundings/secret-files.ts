// The files that `holdfast secrets` works on: read and replaced in one step, and opened in the user's editor without leaving plain text behind.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import {
  access,
  chmod,
  constants,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type EditedFile, type SecretFiles } from '../cli/parts.ts';
import { UsageFault } from '../cli/usage-fault.ts';

/** What the files live in. */
export interface FileSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C: an editor that runs is stopped, and its file removed. */
  readonly interrupted: AbortSignal;
  /** Folders to keep a plain text in while it is edited, the best first; those that are not there are passed over. */
  readonly memoryFolders?: readonly string[];
  readonly question?: (text: string, signal: AbortSignal) => Promise<void>;
}

const MAX_FILE_BYTES = 4 * 1024 * 1024;
const PRIVATE_MODE = 0o600;
const RULES_NAME = '.sops.yaml';

/** The files of this machine. */
export function createSecretFiles(surroundings: FileSurroundings): SecretFiles {
  return {
    read: readBytes,
    replace: replaceFile,
    create: createFile,
    findRules,
    // What knows keys is loaded only when there is something to open.
    readKeys: async (options) => {
      const { readDecryptionKeys } = await import('./age-keys.ts');
      return readDecryptionKeys(surroundings.env, options);
    },
    random: (length) => randomBytes(length),
    edit: async (path, bytes, work) => await editPrivately(path, bytes, work, surroundings),
    question: async (text) => await (surroundings.question ?? ask)(text, surroundings.interrupted),
  };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) throw new UsageFault(`${path} has ${size} bytes; at most ${MAX_FILE_BYTES} are read`);
    return await readFile(path);
  } catch (error) {
    throw fileFault(path, error);
  }
}

/** A file that is read meanwhile is seen as it was or as it will be, never in between; its mode stays, and a link to it as well. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const target = await realpath(path);
    const { mode } = await stat(target);
    const next = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
    try {
      await writeDurably(next, bytes, PRIVATE_MODE);
      await chmod(next, mode & 0o7777);
      await rename(next, target);
    } finally {
      await rm(next, { force: true });
    }
  } catch (error) {
    throw fileFault(path, error);
  }
}

async function createFile(path: string, bytes: Uint8Array, isPrivate: boolean): Promise<void> {
  try {
    if (isPrivate) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeDurably(path, bytes, isPrivate ? PRIVATE_MODE : 0o666);
  } catch (error) {
    throw fileFault(path, error);
  }
}

/** The file must not be there before. */
async function writeDurably(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function findRules(path: string): ReturnType<SecretFiles['findRules']> {
  const file = resolve(path);
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const found = join(folder, RULES_NAME);
    try {
      const text = await readFile(found, 'utf8');
      return { file: found, text, path: relative(folder, file).split(sep).join('/') };
    } catch (error) {
      if (!isCode(error, 'ENOENT', 'ENOTDIR')) throw fileFault(found, error);
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** Plain text goes into a folder of our own, in memory where there is such a place, and is gone afterwards however this ends. */
async function editPrivately<T>(
  path: string,
  bytes: Uint8Array,
  work: (file: EditedFile) => Promise<T>,
  surroundings: FileSurroundings,
): Promise<T> {
  const folder = await mkdtemp(join(await memoryFolder(surroundings), 'holdfast-secrets-'));
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  // A second Ctrl-C, or a terminal that is closed, ends the process at once.
  const onHangUp = (): void => process.exit(129);
  process.on('exit', removeNow);
  process.on('SIGHUP', onHangUp);
  try {
    const file = join(folder, basename(path));
    await writeFile(file, bytes, { mode: PRIVATE_MODE, flag: 'wx' });
    return await work({
      open: async () => await runEditor(file, surroundings),
      read: async () => {
        // An editor may have put another file in its place.
        const found = await lstat(file).catch(() => undefined);
        if (found?.isFile() !== true) throw new UsageFault('the editor left no file behind; nothing was changed');
        return await readBytes(file);
      },
    });
  } finally {
    process.off('exit', removeNow);
    process.off('SIGHUP', onHangUp);
    await rm(folder, { recursive: true, force: true });
  }
}

async function memoryFolder({ env, memoryFolders }: FileSurroundings): Promise<string> {
  for (const folder of memoryFolders ?? [env['XDG_RUNTIME_DIR'] ?? '', '/dev/shm']) {
    if (folder === '') continue;
    try {
      await access(folder, constants.W_OK | constants.X_OK);
      return folder;
    } catch {
      // The next one may do.
    }
  }
  return tmpdir();
}

/** VISUAL, else EDITOR, else vi; words behind the program are its arguments, as git takes them. */
async function runEditor(file: string, { env, interrupted }: FileSurroundings): Promise<void> {
  const editor = [env['VISUAL'], env['EDITOR']].find((name) => name !== undefined && name.trim() !== '') ?? 'vi';
  // A signal must reach the editor itself; only a command of several parts needs a shell around it.
  const isSimple = !/[;&|]|^\s*\w+=/.test(editor);
  const command = `${isSimple ? 'exec ' : ''}${editor} "$1"`;
  const child = spawn('/bin/sh', ['-c', command, 'sh', file], { stdio: 'inherit', env: { ...env } });
  const stop = (): void => void child.kill('SIGTERM');
  interrupted.addEventListener('abort', stop, { once: true });
  try {
    const code = await new Promise<number | null>((done, fail) => {
      child.on('error', fail);
      child.on('exit', done);
      if (interrupted.aborted) stop();
    });
    interrupted.throwIfAborted();
    if (code === 127) throw new UsageFault(`there is no editor "${editor}"; set EDITOR to one`);
    if (code !== 0)
      throw new UsageFault(
        `the editor "${editor}" ended with ${code === null ? 'a signal' : `code ${code}`}; nothing was changed`,
      );
  } finally {
    interrupted.removeEventListener('abort', stop);
  }
}

async function ask(text: string, signal: AbortSignal): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<never>((_done, fail) => {
    terminal.on('SIGINT', () => fail(new UsageFault('given up; nothing was changed')));
    terminal.on('close', () => fail(new UsageFault('given up; nothing was changed')));
  });
  try {
    await Promise.race([terminal.question(text, { signal }), closed]);
  } finally {
    closed.catch(() => {});
    terminal.close();
  }
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function fileFault(path: string, error: unknown): UsageFault {
  if (error instanceof UsageFault) return error;
  if (isCode(error, 'ENOENT', 'ENOTDIR')) return new UsageFault(`there is no file ${path}`, { cause: error });
  if (isCode(error, 'EEXIST')) return new UsageFault(`${path} is there already; it is not overwritten`, { cause: error });
  if (isCode(error, 'EISDIR')) return new UsageFault(`${path} is a folder; name files`, { cause: error });
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return new UsageFault(`${path} cannot be read or written: ${code}`, { cause: error });
}
