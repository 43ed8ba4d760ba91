// Load on Services and Ingresses from a process of its own, so that what the test does is not in its way.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Load, LoadSeen } from './load-process.ts';

const PROGRAM = fileURLToPath(new URL('load-process.ts', import.meta.url));
const STOP_TIMEOUT_MS = 15_000;

/** A load that is on. */
export interface RunningLoad {
  /** Ends it and tells what was seen, in the order of the loads. Harmless when it is called again. */
  stop(): Promise<readonly LoadSeen[]>;
}

/** Puts load on servers until it is stopped. */
export function startLoad(loads: readonly Load[]): RunningLoad {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, JSON.stringify(loads)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<readonly LoadSeen[]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(said) as LoadSeen[]) : reject(new Error(`the load ended with ${code}: ${said}`)),
    );
  });
  // Whoever stops it hears of it.
  ended.catch(() => {});
  return {
    async stop() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      const seen = await ended;
      clearTimeout(timer);
      return seen;
    },
  };
}
