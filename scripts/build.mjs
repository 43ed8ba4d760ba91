// Compiles src/ to dist/, unless dist/ is already newer than every source.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './setup.mjs';

const stamp = join(root, 'dist', '.built');

function newestSource() {
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Math.max(
    ...[...sources, join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json')].map((file) => statSync(file).mtimeMs),
  );
}

/** Leaves a runnable dist/main.js, or ends the process with the compiler's messages. */
export function ensureBuilt() {
  if (existsSync(stamp) && statSync(stamp).mtimeMs > newestSource()) return;
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    console.error('The build failed.');
    process.exit(1);
  }
  for (const command of ['main.js', 'reconcile.js']) chmodSync(join(root, 'dist', command), 0o755);
  writeFileSync(stamp, '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureBuilt();
