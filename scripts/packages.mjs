// Installs Debian packages that tests and demo need, when they are missing and we are root. No dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

/** Debian asks it before a package's scripts start a service; 101 forbids. We start what we need ourselves, and nothing else. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';
/** Services that packages bring and that nobody wants on this machine: the next start of the system must not start them either. */
const UNWANTED_SERVICES = { bind9: 'named', haproxy: 'haproxy' };

/** The packages are there afterwards; rejects with an Error that says what to install when that cannot be done here. */
export async function ensureDebianPackages(names) {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const list = missing.join(' ');
  if (spawnSync('apt-get', ['--version']).status !== 0)
    throw new Error(`Missing: ${list}. This system has no apt-get; install the equivalents by hand.`);
  if (process.getuid?.() !== 0)
    throw new Error(`Missing: ${list}. Install with: sudo apt-get install --no-install-recommends ${list}`);
  console.error(`Installing Debian packages: ${list}…`);
  const isPolicyOurs = !existsSync(SERVICE_POLICY);
  if (isPolicyOurs) writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    aptGet('update', '-qq');
    aptGet('install', '-y', '-qq', '--no-install-recommends', ...missing);
  } finally {
    if (isPolicyOurs) rmSync(SERVICE_POLICY, { force: true });
  }
  const unwanted = missing.flatMap((name) => UNWANTED_SERVICES[name] ?? []);
  if (unwanted.length > 0) spawnSync('systemctl', ['disable', '--quiet', ...unwanted], { stdio: 'ignore' });
  const still = missing.filter((name) => !isInstalled(name));
  if (still.length > 0) throw new Error(`apt-get did not install ${still.join(' ')}.`);
}

function isInstalled(name) {
  const { stdout, status } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' });
  return status === 0 && stdout === 'installed';
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status === 0) return;
  const tail = `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
  throw new Error(`apt-get ${args[0]} failed:\n${tail}`);
}
