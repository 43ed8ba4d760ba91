// Installs Debian packages that tests and demo need, when they are missing and we are root. No dependencies.
import { spawnSync } from 'node:child_process';

/** Ends with an Error that says what to install when it cannot be done here. */
export async function ensureDebianPackages(names) {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const list = missing.join(' ');
  if (process.getuid?.() !== 0) throw new Error(`Missing: ${list}. Install with: sudo apt-get install ${list}`);
  if (spawnSync('apt-get', ['--version']).status !== 0)
    throw new Error(`Missing: ${list}. This system has no apt-get; install the equivalent packages by hand.`);
  console.error(`Installing Debian packages: ${list}…`);
  // A policy that says 101 keeps maintainer scripts from starting services; it is put in place only where there is none.
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing]);
  const still = missing.filter((name) => !isInstalled(name));
  if (still.length > 0) throw new Error(`apt-get could not install ${still.join(' ')}`);
}

function isInstalled(name) {
  const { stdout, status } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' });
  return status === 0 && stdout === 'installed';
}

function run(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const { status, stdout, stderr } = spawnSync(command, args, { env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status === 0) return;
  const tail = `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
  throw new Error(`${command} ${args[0]} failed:\n${tail}`);
}
