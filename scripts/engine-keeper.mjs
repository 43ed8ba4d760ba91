// Keeps one private Docker Engine: starts it in a folder of its own, says where it listens, and takes everything away when its
// standard input ends. That happens also when the process that wants the engine is killed, so no engine is ever left behind.
// Standard output is one line of JSON: { host } or { error }.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callEngine, dockerRequest, whyNoEngine } from './engine-api.mjs';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 100;
const LOG_TAIL_LINES = 20;

const folder = mkdtempSync(join(tmpdir(), 'holdfast-engine-'));
const host = `unix://${join(folder, 'docker.sock')}`;
const logFile = join(folder, 'log');
/** Addresses of our own, cut small: many networks, and apart from other engines on this host (Docker itself avoids routes in use). */
const slice = 64 + Math.floor(Math.random() * 128);
/** The default network's bridge. Not docker0: it is shared by all engines of a host, and `--bridge none` would even remove it. */
const bridge = `hf-${process.pid}`;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const state = { isEnding: false, isExited: false };
const ended = new Promise((resolve) => {
  const end = () => {
    state.isEnding = true;
    resolve();
  };
  process.stdin.on('end', end).on('error', end).resume();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
});

ip('link', 'add', bridge, 'type', 'bridge');
ip('address', 'add', `10.${slice}.255.1/24`, 'dev', bridge);
ip('link', 'set', bridge, 'up');
const log = openSync(logFile, 'w');
// It starts itself again for every namespace it makes, and collects garbage of each start: seldom is enough for what lives for minutes.
const daemon = spawn('dockerd', daemonArguments(), { stdio: ['ignore', log, log], env: { GOGC: '400', ...process.env } });
closeSync(log);
daemon.on('error', (error) => {
  state.isExited = true;
  answer({ error: `dockerd cannot be run: ${error.message}` });
});
daemon.on('exit', () => {
  state.isExited = true;
});

await ready();
await ended;
await stop();
process.exit(0);

function daemonArguments() {
  // Not the host's configuration.
  const configuration = join(folder, 'daemon.json');
  writeFileSync(configuration, '{}');
  const options = {
    host,
    'data-root': join(folder, 'data'),
    'exec-root': join(folder, 'exec'),
    pidfile: join(folder, 'pid'),
    'config-file': configuration,
    'default-address-pool': `base=10.${slice}.0.0/16,size=24`,
    'shutdown-timeout': 5,
    bridge,
    // The packet filter and the namespaces of a system's containerd are shared by all engines of a host, too.
    iptables: false,
    ip6tables: false,
    'containerd-namespace': `holdfast-${process.pid}`,
    'containerd-plugins-namespace': `holdfast-plugins-${process.pid}`,
  };
  return Object.entries(options).map(([name, value]) => `--${name}=${value}`);
}

async function ready() {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!state.isEnding && (await whyNoEngine(host)) !== undefined) {
    const reason = state.isExited
      ? 'dockerd ended'
      : Date.now() > deadline
        ? `dockerd did not answer within ${START_TIMEOUT_MS / 1000} s`
        : '';
    if (reason !== '') {
      answer({ error: `${reason}. The end of its log:\n${tailOfLog()}` });
      await stop();
      process.exit(1);
    }
    await pause(POLL_MS);
  }
  answer({ host });
}

/** Harmless when it fails: what was to be removed is gone, and what could not be made shows in the engine's log. */
function ip(...args) {
  spawnSync('ip', args, { stdio: 'ignore' });
}

function answer(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function tailOfLog() {
  return readFileSync(logFile, 'utf8').trim().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}

async function stop() {
  const nothing = { bridges: [], clusters: [] };
  const left = state.isExited ? nothing : await removeContainersAndNetworks().catch(() => nothing);
  daemon.kill('SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (!state.isExited && Date.now() < deadline) await pause(POLL_MS);
  if (!state.isExited) daemon.kill('SIGKILL');
  killLeftovers();
  for (const name of [bridge, ...left.bridges]) ip('link', 'delete', name);
  for (const cluster of left.clusters) removeTables(cluster);
  for (const mount of mountsBelowFolder()) spawnSync('umount', ['--lazy', mount], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/**
 * At once and by force: the engine's own shutdown asks each container politely. Returns what may be left in the kernel: bridges, and the clusters that
 * had a network and were not uninstalled.
 */
async function removeContainersAndNetworks() {
  const containers = await dockerRequest(host, 'GET', '/containers/json?all=1');
  await Promise.allSettled(
    containers.map(({ Id }) => callEngine(host, 'DELETE', `/containers/${Id}?force=1&v=1`, { timeoutMs: 10_000 })),
  );
  const networks = (await dockerRequest(host, 'GET', '/networks')).filter(({ Driver }) => Driver === 'bridge');
  await Promise.allSettled(networks.map(({ Id }) => callEngine(host, 'DELETE', `/networks/${Id}`, { timeoutMs: 10_000 })));
  const names = containers.flatMap(({ Names }) => Names);
  return {
    bridges: networks.map(({ Id, Options }) => Options?.['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`),
    clusters: names.flatMap((name) => /^\/hf\.(.+)\._network$/.exec(name)?.[1] ?? []),
  };
}

/** Rules of a test that was killed would catch the packets of the next one that has its addresses. */
function removeTables(cluster) {
  const { stdout } = spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' });
  for (const line of (stdout ?? '').split('\n')) {
    const [, family, name = ''] = line.split(' ');
    if (name === `hf-${cluster}` || name.startsWith(`hf-${cluster}.`))
      spawnSync('nft', ['delete', 'table', family, name], { stdio: 'ignore' });
  }
}

/** What the daemon started and did not end: its containerd, and containers' shims. All of them name our folder. */
function killLeftovers() {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    try {
      if (readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(folder)) process.kill(Number(entry), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Deepest first. */
function mountsBelowFolder() {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return points.filter((point) => point.startsWith(`${folder}/`)).toReversed();
}
