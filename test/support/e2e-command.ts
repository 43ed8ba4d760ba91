// The real command, `dist/main.js`, as a child process: to its end, or as a controller in the background.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from './e2e-until.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const DEFAULT_DEADLINE_MS = 60_000;

/** The environment and the folder that a command runs in; nothing else of this process's own reaches it. */
export interface CommandPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** A program with its arguments that becomes the command, such as `unshare --net`. */
  readonly under?: readonly string[];
}

/** How a command ended. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is running. */
export interface RunningCommand {
  readonly pid: number;
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with how it ended. */
  readonly ended: Promise<CommandResult>;
  readonly hasEnded: boolean;
  signal(name: NodeJS.Signals): void;
  /** Resolves when standard error holds the text; rejects when that takes too long or the command has ended without it. */
  untilSays(text: string | RegExp, timeoutMs?: number): Promise<void>;
}

/** Starts the command. */
export function startCommand(args: readonly string[], place: CommandPlace): RunningCommand {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run the tests by \`npm test -- FILE\`, which builds it`);
  const [program = process.execPath, ...rest] = [...(place.under ?? []), process.execPath, MAIN, ...args];
  const child: ChildProcess = spawn(program, rest, { cwd: place.cwd, env: place.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  let end: CommandResult | undefined;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    written.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    written.stderr += text;
  });
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      end = { exitCode, signal, ...written };
      resolve(end);
    });
  });
  const contains = (text: string | RegExp): boolean =>
    typeof text === 'string' ? written.stderr.includes(text) : text.test(written.stderr);
  return {
    pid: child.pid ?? 0,
    get stdout() {
      return written.stdout;
    },
    get stderr() {
      return written.stderr;
    },
    ended,
    get hasEnded() {
      return end !== undefined;
    },
    signal: (name) => void child.kill(name),
    async untilSays(text, timeoutMs) {
      const options = { ...(timeoutMs === undefined ? {} : { timeoutMs }), explain: () => written.stderr };
      const isSaidOrOver = (): boolean => contains(text) || end !== undefined;
      await until(`holdfast ${args.join(' ')} says ${text}`, isSaidOrOver, Boolean, options);
      if (!contains(text)) throw new Error(`holdfast ${args.join(' ')} ended without saying ${text}:\n${written.stderr}`);
    },
  };
}

/** Runs the command to its end. One that takes longer than the deadline is killed, and the promise rejects with what it had written. */
export async function runCommand(
  args: readonly string[],
  place: CommandPlace,
  deadlineMs = DEFAULT_DEADLINE_MS,
): Promise<CommandResult> {
  const running = startCommand(args, place);
  const timer = setTimeout(() => running.signal('SIGKILL'), deadlineMs);
  const result = await running.ended;
  clearTimeout(timer);
  if (result.signal === 'SIGKILL')
    throw new Error(`holdfast ${args.join(' ')} did not end within ${deadlineMs / 1000} s:\n${result.stdout}\n${result.stderr}`);
  return result;
}
