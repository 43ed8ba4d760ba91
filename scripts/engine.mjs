// A Docker Engine for tests, demo and benchmarks: the one of DOCKER_HOST or of the usual socket, else, as root, a private one that is
// started here and taken away afterwards. No dependencies: it runs before packages exist.
// `node scripts/engine.mjs -- COMMAND…` runs a command with DOCKER_HOST set.
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hostOfEnvironment, whyNoEngine } from './engine-api.mjs';
import { ensureDebianPackages } from './packages.mjs';

export { callEngine, dockerRequest } from './engine-api.mjs';
export { ensureDebianPackages } from './packages.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** How long the callback may take to end after a signal. */
const GRACE_MS = 15_000;

/**
 * Calls `callback(dockerHost, signal)` with an engine and returns what it returns. Without an engine, and without the means to start one, it
 * prints what is missing and returns 1. On Ctrl-C (or SIGTERM, SIGHUP) the signal is aborted; when the callback has ended the private engine
 * is removed, and the process exits with 128 and the signal's number.
 */
export function withEngine(callback) {
  return withEngines(1, ([host], signal) => callback(host, signal));
}

/** The same with several engines, `callback(dockerHosts, signal)`: `count` private ones, or the one that is there already. */
export async function withEngines(count, callback) {
  const stopped = new AbortController();
  let received;
  const onSignal = (name) => {
    received ??= name;
    stopped.abort(new Error(`stopped by ${name}`));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  let engines = [];
  try {
    engines = await findEngines(count);
    if (engines.length === 0) return 1;
    const hosts = engines.map(({ host }) => host);
    const result = callback(hosts, stopped.signal);
    return await Promise.race([result, gaveUp(stopped.signal)]);
  } finally {
    await Promise.all(engines.map((engine) => engine.stop()));
    for (const name of SIGNALS) process.off(name, onSignal);
    if (received !== undefined) process.exit(128 + constants.signals[received]);
  }
}

function gaveUp(signal) {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => setTimeout(resolve, GRACE_MS, 1).unref(), { once: true });
  });
}

async function findEngines(count) {
  const host = hostOfEnvironment();
  const reason = await whyNoEngine(host);
  if (reason === undefined) return [{ host, stop: async () => {} }];
  // A named engine that is not there is a mistake to tell, not to paper over.
  if (process.env.DOCKER_HOST)
    return refuse(`No Docker Engine answers at DOCKER_HOST (${reason}).`, 'Start it, or unset DOCKER_HOST.');
  if (process.getuid?.() !== 0)
    return refuse(
      `A Docker Engine is needed, and none can be used (${reason}).`,
      'Start one and set DOCKER_HOST, or join the group docker, or run this as root: then a private engine is started for the time needed.',
    );
  try {
    if (spawnSync('dockerd', ['--version']).status !== 0) await ensureDebianPackages(['docker.io', 'iptables']);
    if (spawnSync('ip', ['-V']).status !== 0) await ensureDebianPackages(['iproute2']);
    return await startPrivateEngines(count);
  } catch (error) {
    return refuse(`No Docker Engine answers (${reason}), and a private one could not be started: ${error.message}`);
  }
}

function refuse(...lines) {
  for (const line of lines) console.error(line);
  return [];
}

async function startPrivateEngines(count) {
  console.error(
    count === 1 ? 'Starting a private Docker Engine for this run…' : `Starting ${count} private Docker Engines for this run…`,
  );
  const started = await Promise.allSettled(Array.from({ length: count }, startPrivateEngine));
  const failed = started.find(({ status }) => status === 'rejected');
  if (failed === undefined) return started.map(({ value }) => value);
  await Promise.all(started.map(({ value }) => value?.stop()));
  throw failed.reason;
}

async function startPrivateEngine() {
  const keeper = spawn(process.execPath, [join(dirname(fileURLToPath(import.meta.url)), 'engine-keeper.mjs')], {
    // Apart from our process group: Ctrl-C is for us, and the keeper ends when its standard input does.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => keeper.on('exit', resolve));
  keeper.stdin.on('error', () => {});
  const line = await new Promise((resolve) => {
    createInterface({ input: keeper.stdout })
      .once('line', resolve)
      .once('close', () => resolve('{"error":"its keeper ended"}'));
  });
  const { host, error } = JSON.parse(line);
  const stop = async () => {
    keeper.stdin.end();
    await exited;
  };
  if (error === undefined) return { host, stop };
  await stop();
  throw new Error(error);
}

/** Runs a command with the engine's address in its environment; signals are handed on to it. */
async function runCommand([command, ...args]) {
  return await withEngine(
    (host, signal) =>
      new Promise((resolve) => {
        const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, DOCKER_HOST: host } });
        signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
        child.on('error', (error) => {
          console.error(`${command} cannot be run: ${error.message}`);
          resolve(127);
        });
        child.on('exit', (code, name) => resolve(code ?? 128 + constants.signals[name]));
      }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [separator, ...command] = process.argv.slice(2);
  if (separator !== '--' || command.length === 0) {
    console.error('usage: node scripts/engine.mjs -- COMMAND…');
    process.exit(2);
  }
  process.exitCode = await runCommand(command);
}
