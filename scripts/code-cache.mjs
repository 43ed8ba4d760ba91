// Keeps what V8 makes of the bundle, so that commands need not compile it. Run with the arguments of a command, it runs that command and keeps the
// code of what it needed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './setup.mjs';

const dist = join(root, 'dist');

/** Runs a few commands for what they load. How they end does not matter: what has no code kept is compiled when it is needed. */
export function keepCode() {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-build-'));
  const examples = join(root, 'examples-repo');
  // There is no engine: everything that a controller is made of has been loaded by the time it finds out.
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    HOLDFAST_DATA_DIR: join(folder, 'data'),
    DOCKER_HOST: `unix://${join(folder, 'none')}`,
  };
  for (const command of [['--help'], ['validate', examples], ['reconcile', '--once', '--repo', examples]])
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...command], { env, stdio: 'ignore', timeout: 60_000 });
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const require = createRequire(import.meta.url);
  const loader = require(join(dist, 'load.cjs'));
  process.on('exit', loader.keepCode);
  require(join(dist, 'main.js'));
}
