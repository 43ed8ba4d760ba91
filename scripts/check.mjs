// The static checks: generated files are fresh, the format, lint with types, types, dead code. All of them run, two at a time; any of them fails.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensurePackages, root } from './setup.mjs';

ensurePackages();
const bin = (name) => join(root, 'node_modules', '.bin', name);
// Packages come from whichever registry the machine uses: the lock file names none.
const lockCheck =
  "if (/\"resolved\":/.test(require('fs').readFileSync('package-lock.json', 'utf8'))) throw new Error('package-lock.json names download addresses: run npm run lock')";
const checks = [
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']],
  ['generated files', process.execPath, [join(root, 'scripts/generate.mjs'), '--check']],
  ['dead code', bin('knip'), []],
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['format', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['lock file', process.execPath, ['-e', lockCheck]],
];
/** Most of them are programs of one thread. */
const AT_ONCE = 2;

/** Runs one check to its end, and prints its line, and what it said when it failed. */
function passes([name, command, args]) {
  return new Promise((resolve) => {
    const said = [];
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (bytes) => said.push(bytes));
    child.stderr.on('data', (bytes) => said.push(bytes));
    child.on('error', (error) => said.push(Buffer.from(`${error.message}\n`)));
    child.on('close', (status) => {
      console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
      if (status !== 0) console.log(Buffer.concat(said).toString());
      resolve(status === 0);
    });
  });
}

let failed = 0;
async function work() {
  for (let check = checks.shift(); check !== undefined; check = checks.shift()) if (!(await passes(check))) failed += 1;
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
process.exitCode = failed === 0 ? 0 : 1;
