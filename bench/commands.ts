// What a person waits for at the command line.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Figure, medianOf } from './figures.ts';
import { MANY, manyManifests } from './manifests.ts';

export interface CommandOptions {
  readonly folder: string;
  readonly repeats: number;
  readonly say: (text: string) => void;
}

/** Start of the command, and `validate` over a thousand files. */
export async function measureCommands({ folder, repeats, say }: CommandOptions): Promise<Figure[]> {
  say('commands');
  const manifests = join(folder, 'validate');
  for (const [path, content] of Object.entries(manyManifests())) {
    mkdirSync(dirname(join(manifests, path)), { recursive: true });
    writeFileSync(join(manifests, path), content);
  }
  return [
    medianOf({ id: 'node-start', title: 'node starting and ending', unit: 'ms' }, times(repeats, ['-e', ''])),
    medianOf({ id: 'help', title: 'holdfast --help', unit: 'ms' }, times(repeats, [mainFile(), '--help'])),
    medianOf(
      { id: 'validate', title: `holdfast validate, ${MANY} manifests`, unit: 'ms' },
      times(repeats, [mainFile(), 'validate', manifests]),
    ),
  ];
}

function mainFile(): string {
  return join(import.meta.dirname, '..', 'dist', 'main.js');
}

function times(repeats: number, args: readonly string[]): number[] {
  return Array.from({ length: repeats }, () => {
    const startedAt = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
    return performance.now() - startedAt;
  });
}
