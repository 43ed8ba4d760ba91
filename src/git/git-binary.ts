// The git program, run so that nothing of the user's configuration, of a repository's hooks or of a terminal can take part.
import { SourceError } from '../sync/commit-source.ts';

/** After SIGTERM, how long a child may take to end before SIGKILL. */
const KILL_AFTER_MS = 2_000;
/** Output of one run: file contents are asked for in portions below this. */
const MAX_OUTPUT_BYTES = 128 * 1024 * 1024;

/** How one run ended. */
export interface GitRun {
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The git program. */
export interface GitBinary {
  /**
   * Runs `git <args>` to its end, whatever the exit code. Throws SourceError ToolMissing when there is no such program, and the signal's
   * reason when it was aborted; the child and its own children are killed then.
   */
  run(args: readonly string[], options: GitRunOptions): Promise<GitRun>;
}

/** What a run gets beside its arguments. */
export interface GitRunOptions {
  readonly signal?: AbortSignal;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What ssh and git need of the environment; the rest could change what they do. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'SSH_AUTH_SOCK', 'SystemRoot'];

/** In front of every command. */
const SAFE_CONFIG = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.multiPackIndex=false',
  'protocol.ext.allow=never',
  'safe.directory=*',
  'gc.autoDetach=false',
  'maintenance.autoDetach=false',
  'transfer.fsckObjects=false',
].flatMap((setting) => ['-c', setting]);

/** The program at `path`; a bare name is looked up in PATH. */
export function gitBinary(path = 'git'): GitBinary {
  return { run: (args, options) => run(path, args, options) };
}

async function run(path: string, args: readonly string[], options: GitRunOptions): Promise<GitRun> {
  // Loaded when the program is needed: most repositories never need it.
  const { execa } = await import('execa');
  options.signal?.throwIfAborted();
  const child = execa(path, [...SAFE_CONFIG, ...args], {
    // A working folder that always exists: with a missing one, a program that is there looks missing.
    cwd: '/',
    env: environment(options.env),
    extendEnv: false,
    encoding: 'buffer',
    reject: false,
    stripFinalNewline: false,
    maxBuffer: MAX_OUTPUT_BYTES,
    forceKillAfterDelay: KILL_AFTER_MS,
    // Its own process group, so that ssh ends with git.
    detached: true,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  const killGroup = (): void => endGroup(child.pid);
  options.signal?.addEventListener('abort', killGroup, { once: true });
  try {
    const result = await child;
    options.signal?.throwIfAborted();
    if (result.code === 'ENOENT' || result.code === 'EACCES') throw toolMissing(path, result.cause);
    return { exitCode: result.exitCode, stdout: Buffer.from(result.stdout), stderr: Buffer.from(result.stderr).toString('utf8') };
  } finally {
    options.signal?.removeEventListener('abort', killGroup);
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended already.
  }
}

function environment(extra: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return {
    ...env,
    // Messages are matched, so they must be in English.
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS_REQUIRE: 'never',
    // Nothing is fetched unless the command allows its transport by name.
    GIT_ALLOW_PROTOCOL: 'none',
    ...extra,
  };
}

function toolMissing(path: string, cause: unknown): SourceError {
  const how =
    'Debian and Ubuntu: apt-get install git openssh-client; Alpine: apk add git openssh-client; Fedora: dnf install git';
  return new SourceError('ToolMissing', `the program "${path}" is needed for repositories over ssh and was not found. ${how}`, {
    cause,
  });
}
