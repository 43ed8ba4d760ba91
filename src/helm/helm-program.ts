// The user's own `helm`, found and run so that nothing of the user's is changed, nothing is waited for without end, and what it says stays
// bounded.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/** After SIGTERM, how long helm may take to end before SIGKILL. */
const KILL_AFTER_MS = 1_000;
/** What one run may print. */
export const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;

/** The environment of the process that asks. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How one run ended. */
export interface HelmRun {
  /** Undefined when it was ended from outside. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly isTimedOut: boolean;
  readonly isTooMuch: boolean;
  /** It could not be started at all: why. */
  readonly startFault?: string;
}

/** Where the program is: what HOLDFAST_HELM says, else the first `helm` in PATH; undefined when there is none that may be run. */
export async function findHelm(env: Environment): Promise<string | undefined> {
  const named = env['HOLDFAST_HELM'] ?? '';
  const name = named === '' ? 'helm' : named;
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const candidates = name.includes('/') ? [name] : folders.map((folder) => join(folder, name));
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      // The next folder may have it.
    }
  }
  return undefined;
}

/** What one run gets beside its arguments. */
export interface RunOptions {
  readonly cwd: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly deadlineMs: number;
}

/** Runs it to its end, whatever that is. Never rejects. */
export async function runHelm(path: string, args: readonly string[], { cwd, env, deadlineMs }: RunOptions): Promise<HelmRun> {
  // Loaded when the first chart is rendered: most repositories have none.
  const { execa } = await import('execa');
  const deadline = AbortSignal.timeout(deadlineMs);
  const child = execa(path, args, {
    cwd,
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    stripFinalNewline: false,
    // Never reached: see below.
    maxBuffer: 2 * MAX_OUTPUT_BYTES,
    forceKillAfterDelay: KILL_AFTER_MS,
    cancelSignal: deadline,
    // Its own process group, so that its plugins end with it.
    detached: true,
  });
  const { pid } = child;
  const end = (): void => endGroup(pid);
  deadline.addEventListener('abort', end, { once: true });
  let sizeBytes = 0;
  const count = (chunk: Uint8Array): void => {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > MAX_OUTPUT_BYTES) end();
  };
  child.stdout.on('data', count);
  child.stderr.on('data', count);
  const result = await child;
  deadline.removeEventListener('abort', end);
  end();
  const isStarted = result.exitCode !== undefined || result.signal !== undefined || result.isCanceled;
  return {
    exitCode: result.exitCode,
    stdout: result.stdout,
    stderr: result.stderr,
    isTimedOut: result.isCanceled || deadline.aborted,
    isTooMuch: sizeBytes > MAX_OUTPUT_BYTES,
    ...(isStarted ? {} : { startFault: result.code ?? 'unknown reason' }),
  };
}

/** Ends it and what it left running. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}
