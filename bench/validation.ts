// What reading costs: ten thousand files validated in a fresh process, beside what the YAML parser alone needs for them.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Figure, medianOf } from './figures.ts';
import { FILES } from './validation-manifests.ts';

const TIMEOUT_MS = 120_000;
const run = promisify(execFile);

interface Timing {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function child<Result>(mode: 'yaml' | 'holdfast'): Promise<Result> {
  const script = fileURLToPath(new URL('./validation-child.ts', import.meta.url));
  const { stdout } = await run(process.execPath, ['--import', 'tsx', script, mode], { timeout: TIMEOUT_MS });
  return JSON.parse(stdout) as Result;
}

/** Pairs of processes, one after the other, so that both meet the same machine. */
export async function measureValidation({ repeats, say }: { repeats: number; say: (text: string) => void }): Promise<Figure[]> {
  say(`validating ${FILES} files`);
  const cold: number[] = [];
  const ratio: number[] = [];
  const warm: number[] = [];
  const memory: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const alone = await child<{ cold: Timing }>('yaml');
    const ours = await child<{ cold: Timing; warm: number[]; maxMegabytes: number }>('holdfast');
    cold.push(ours.cold.wallMs / 1000);
    ratio.push(ours.cold.cpuMs / alone.cold.cpuMs);
    warm.push(...ours.warm);
    memory.push(ours.maxMegabytes);
  }
  return [
    medianOf({ id: 'validate-cold', title: `${FILES} files validated in a fresh process`, unit: 's', target: 8 }, cold),
    medianOf({ id: 'validate-ratio', title: '  CPU, to that of the YAML parser alone', unit: 'ratio', target: 1.4 }, ratio),
    medianOf({ id: 'validate-warm', title: '  again after one file changed', unit: 'ms', target: 150 }, warm),
    medianOf({ id: 'validate-memory', title: '  largest memory of that process', unit: 'MB', target: 500 }, memory),
  ];
}
