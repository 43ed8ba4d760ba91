// The static checks: generated files are fresh, the format, lint with types, types, dead code. All of them run; any of them fails.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensurePackages, root } from './setup.mjs';

ensurePackages();
const bin = (name) => join(root, 'node_modules', '.bin', name);
// Packages come from whichever registry the machine uses: the lock file names none.
const lockCheck =
  "if (/\"resolved\":/.test(require('fs').readFileSync('package-lock.json', 'utf8'))) throw new Error('package-lock.json names download addresses: run npm run lock')";
const checks = [
  ['lock file', process.execPath, ['-e', lockCheck]],
  ['generated files', process.execPath, [join(root, 'scripts/generate.mjs'), '--check']],
  ['format', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']],
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['dead code', bin('knip'), []],
];
let failed = 0;
for (const [name, command, args] of checks) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (status !== 0) {
    failed += 1;
    console.log(stdout + stderr);
  }
}
process.exit(failed === 0 ? 0 : 1);
