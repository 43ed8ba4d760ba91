// The real program: `holdfast reconcile` as a process of its own, watched through what it prints.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const LIVE_TIMEOUT_MS = 180_000;
/** Fields of /proc/PID/stat, counted from the one behind the name (proc(5)), in ticks of a hundredth of a second. */
const USER_TICKS_FIELD = 11;
const SYSTEM_TICKS_FIELD = 12;
const MS_PER_TICK = 10;

export interface ReconcilerOptions {
  readonly repo: string;
  readonly dataDir: string;
  readonly cluster: string;
  readonly dockerHost: string;
  /** Further arguments of `holdfast reconcile`. */
  readonly args?: readonly string[];
  /** Further options of node, such as a profiler. */
  readonly nodeOptions?: readonly string[];
}

/** Takes everything of a cluster from the engine and its host, but volumes of claims. Harmless when there is nothing. */
export async function uninstall(dockerHost: string, cluster: string, folder: string): Promise<void> {
  const main = join(import.meta.dirname, '..', 'dist', 'main.js');
  const args = [main, 'uninstall', '--yes', '--pods', '--cluster', cluster, '--data-dir', join(folder, 'uninstall')];
  await promisify(execFile)(process.execPath, args, { env: { ...process.env, DOCKER_HOST: dockerHost, HOLDFAST_LOG: '' } });
}

export class Reconciler {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #lines: string[] = [];
  readonly #waiters = new Set<() => void>();
  #hasExited = false;

  constructor({ repo, dataDir, cluster, dockerHost, args = [], nodeOptions = [] }: ReconcilerOptions) {
    const main = join(import.meta.dirname, '..', 'dist', 'main.js');
    const options = ['--repo', repo, '--data-dir', dataDir, '--cluster', cluster, '--application', 'bench', '--timeout', '3m'];
    this.#child = spawn(process.execPath, [...nodeOptions, main, 'reconcile', ...options, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DOCKER_HOST: dockerHost, NO_COLOR: '1', HOLDFAST_LOG: '' },
    });
    const endWithUs = (): void => void this.#child.kill('SIGINT');
    process.once('exit', endWithUs);
    this.#exited = new Promise((resolve) => {
      this.#child.on('exit', () => {
        process.off('exit', endWithUs);
        this.#hasExited = true;
        for (const wake of this.#waiters) wake();
        resolve();
      });
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#hear(line));
  }

  #hear(line: string): void {
    this.#lines.push(line);
    for (const wake of this.#waiters) wake();
  }

  /** Resolves with the time, in epoch milliseconds, at which it says that the commit is live: applied and healthy. */
  async live(commitId: string): Promise<number> {
    const short = commitId.slice(0, 7);
    const deadline = Date.now() + LIVE_TIMEOUT_MS;
    for (;;) {
      if (this.#lines.some((line) => line.startsWith(`live ${short}`))) return Date.now();
      const bad = this.#lines.find((line) => /^(refused|not applied|rolled back|failed) /.test(line));
      if (this.#hasExited || bad !== undefined || Date.now() > deadline) {
        const said = this.#lines.slice(-15).join('\n');
        throw new Error(`holdfast reconcile did not make ${short} live; the end of what it said:\n${said}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiters.delete(wake);
          resolve();
        };
        this.#waiters.add(wake);
      });
    }
  }

  /** Resident memory in megabytes (10^6 bytes). */
  residentMegabytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid ?? 0}/status`, 'utf8');
    return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
  }

  /** Processor time that it has used, in milliseconds. */
  cpuMs(): number {
    // The name of the program, in parentheses, may hold anything; the numbers follow it.
    const stat = readFileSync(`/proc/${this.#child.pid ?? 0}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[USER_TICKS_FIELD]) + Number(fields[SYSTEM_TICKS_FIELD])) * MS_PER_TICK;
  }

  /** Ends it as Ctrl-C does; containers go on. */
  async stop(): Promise<void> {
    if (!this.#hasExited) this.#child.kill('SIGINT');
    await this.#exited;
  }
}
