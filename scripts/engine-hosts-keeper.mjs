// Keeps several Docker hosts on this machine: each has namespaces of its own for network, mounts, processes and name, and an engine in them. They
// are joined by a namespace that is their switch or their router, and a client stands outside. Needs root. Everything is taken away when standard
// input ends, which happens also when the process that wants the hosts is killed.
// Argument: JSON of { count, layout }. Standard output is lines of JSON: first { hosts, client } or { error }; then for each line { id, act, host } of
// standard input one { id } or { id, error }.
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { whyNoEngine } from './engine-api.mjs';
import { ensureDebianPackages } from './packages.mjs';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
const POLL_MS = 20;
const LOG_TAIL_LINES = 20;
const NAMES = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
/** What the first process of a host does: mounts as after a boot, then it waits for the processes that others leave behind. */
const INIT = `set -e
hostname "$1"
mkdir -p "$2"
mount --rbind /sys/fs/cgroup "$2"
mount -t sysfs sysfs /sys
mount --rbind "$2" /sys/fs/cgroup
umount -l "$2"
mount -t tmpfs tmpfs /run
mount --make-rshared /
ip link set lo up
# The kernel hands down what this machine has. A host that forwards only since its engine told it to has the engine's policy, too: DROP.
echo 0 >/proc/sys/net/ipv4/ip_forward
echo ready
while :; do sleep 3600 & wait $! || :; done`;

const { count, layout } = JSON.parse(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-hosts-'));
const prefix = `hf-${process.pid}`;
const fabric = `${prefix}-fabric`;
const client = { name: 'client', namespace: `${prefix}-client`, address: '198.19.0.10' };
const isRouted = layout === 'routed';
const hosts = NAMES.slice(0, count).map((name, index) => ({
  name,
  namespace: `${prefix}-${name}`,
  folder: join(folder, name),
  dockerHost: `unix://${join(folder, name, 'docker.sock')}`,
  port: `host${index}`,
  // A machine keeps its hardware address when it boots: others remember it for a while.
  mac: `02:00:c6:12:00:${String(index + 10)}`,
  // 198.18.0.0/15 is for tests of networks (RFC 2544): nobody's, and Docker takes none of it for its own.
  address: isRouted ? `198.18.${index + 1}.10` : `198.18.0.${index + 10}`,
  gateway: isRouted ? `198.18.${index + 1}.1` : '198.18.0.1',
  cgroup: `/holdfast-${process.pid}-${name}`,
  init: undefined,
  engine: undefined,
}));
const acts = { stopEngine, startEngine, reboot };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const state = { isEnding: false };
/** Acts that are under way. */
const underWay = new Set();
const ended = new Promise((resolve) => {
  const end = () => {
    state.isEnding = true;
    resolve();
  };
  createInterface({ input: process.stdin })
    .on('line', (line) => void serve(JSON.parse(line)))
    .on('close', end);
  process.stdin.on('error', end);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
});

try {
  await ensureTools();
  makeFabric();
  await Promise.all(hosts.map(boot));
  answer({
    hosts: hosts.map(({ name, namespace, dockerHost, address, port }) => ({ name, namespace, dockerHost, address, port })),
    client,
    fabric,
  });
} catch (error) {
  answer({ error: error.message });
  state.isEnding = true;
}
if (!state.isEnding) await ended;
await Promise.all(underWay);
await Promise.all(hosts.map(powerOff));
for (const namespace of [fabric, client.namespace, ...hosts.map((host) => host.namespace)])
  tryRun('ip', 'netns', 'delete', namespace);
for (const host of hosts) removeCgroups(host);
rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
process.exit(0);

async function serve({ id, act, host: name }) {
  const done = acts[act](hosts.find((host) => host.name === name)).then(
    () => answer({ id }),
    (error) => answer({ id, error: error.message }),
  );
  underWay.add(done);
  await done;
  underWay.delete(done);
}

async function ensureTools() {
  if (process.getuid?.() !== 0) throw new Error('hosts in namespaces can be made by root only');
  if (spawnSync('dockerd', ['--version']).status !== 0) await ensureDebianPackages(['docker.io']);
  if (spawnSync('iptables', ['--version']).status !== 0) await ensureDebianPackages(['iptables']);
  if (spawnSync('ip', ['-V']).status !== 0) await ensureDebianPackages(['iproute2']);
}

/** The switch, or the router, and the client behind it. */
function makeFabric() {
  for (const namespace of [fabric, client.namespace]) {
    run('ip', 'netns', 'add', namespace);
    run('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
  }
  inNamespace(fabric, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  if (!isRouted) {
    run('ip', '-n', fabric, 'link', 'add', 'switch', 'type', 'bridge');
    run('ip', '-n', fabric, 'address', 'add', '198.18.0.1/24', 'dev', 'switch');
    run('ip', '-n', fabric, 'link', 'set', 'switch', 'up');
  }
  run('ip', '-n', fabric, 'link', 'add', 'client', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', client.namespace);
  run('ip', '-n', fabric, 'address', 'add', '198.19.0.1/24', 'dev', 'client');
  run('ip', '-n', fabric, 'link', 'set', 'client', 'up');
  join24(client.namespace, client.address, '198.19.0.1');
}

function join24(namespace, address, gateway) {
  run('ip', '-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0');
  run('ip', '-n', namespace, 'link', 'set', 'eth0', 'up');
  run('ip', '-n', namespace, 'route', 'add', 'default', 'via', gateway);
}

/** A namespace that nobody has used, its link, the first process, the engine. */
async function boot(host) {
  const { namespace, port, mac, address, gateway } = host;
  mkdirSync(host.folder, { recursive: true });
  run('ip', 'netns', 'add', namespace);
  run('ip', '-n', fabric, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'address', mac, 'netns', namespace);
  if (isRouted) run('ip', '-n', fabric, 'address', 'add', `${gateway}/24`, 'dev', port);
  else run('ip', '-n', fabric, 'link', 'set', port, 'master', 'switch');
  run('ip', '-n', fabric, 'link', 'set', port, 'up');
  join24(namespace, address, gateway);
  await startInit(host);
  await startEngine(host);
}

async function startInit(host) {
  const own = ['--mount', '--pid', '--uts', '--fork', '--kill-child', '--mount-proc'];
  const init = ['sh', '-c', INIT, 'init', host.name, join(host.folder, 'cgroup')];
  const child = spawn('nsenter', [`--net=/run/netns/${host.namespace}`, 'unshare', ...own, ...init], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  host.init = { child, exited: exitOf(child) };
  const output = [];
  child.stderr.on('data', (chunk) => output.push(chunk));
  const isReady = new Promise((resolve) => child.stdout.once('data', () => resolve(true)));
  if ((await Promise.race([isReady, host.init.exited])) !== true)
    throw new Error(`host ${host.name} did not boot: ${Buffer.concat(output)}`);
  // The process that unshare has started: processes that enter the host's namespaces enter by it.
  host.init.pid = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
}

async function startEngine(host) {
  if (host.engine !== undefined) return;
  const configuration = join(host.folder, 'daemon.json');
  writeFileSync(configuration, '{}');
  const options = {
    host: host.dockerHost,
    'data-root': join(host.folder, 'data'),
    'config-file': configuration,
    'cgroup-parent': host.cgroup,
    'shutdown-timeout': 5,
  };
  const logFile = join(host.folder, 'log');
  const log = openSync(logFile, 'a');
  const daemon = ['dockerd', ...Object.entries(options).map(([name, value]) => `--${name}=${value}`)];
  const child = spawn('nsenter', [...entering(host), ...daemon], { stdio: ['ignore', log, log] });
  closeSync(log);
  const engine = { exited: exitOf(child), isExited: false };
  host.engine = engine;
  void engine.exited.then(() => {
    engine.isExited = true;
    if (host.engine === engine) host.engine = undefined;
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!state.isEnding && (await whyNoEngine(host.dockerHost)) !== undefined) {
    if (engine.isExited || Date.now() > deadline) {
      const tail = readFileSync(logFile, 'utf8').trim().split('\n').slice(-LOG_TAIL_LINES).join('\n');
      throw new Error(
        `the engine of host ${host.name} ${engine.isExited ? 'ended' : 'did not answer'}. The end of its log:\n${tail}`,
      );
    }
    await pause(POLL_MS);
  }
}

/** As the host's service manager stops it: containers are ended with it. */
async function stopEngine(host) {
  const { engine } = host;
  if (engine === undefined) return;
  tryRun('nsenter', ...entering(host), 'sh', '-c', 'kill $(cat /run/docker.pid)');
  const isOver = await Promise.race([engine.exited.then(() => true), pause(STOP_TIMEOUT_MS)]);
  if (isOver !== true) throw new Error(`the engine of host ${host.name} did not end`);
}

/** As when the power goes: nothing is told to end. What is on disk stays; processes, mounts, and all that the kernel held are gone. */
async function reboot(host) {
  await powerOff(host);
  // The link first, since a namespace takes its time to go.
  run('ip', '-n', fabric, 'link', 'delete', host.port);
  run('ip', 'netns', 'delete', host.namespace);
  removeCgroups(host);
  await boot(host);
}

/** The kernel ends all processes of a process namespace with its first one. */
async function powerOff({ init, engine }) {
  init?.child.kill('SIGKILL');
  await init?.exited;
  await engine?.exited;
}

function entering({ init }) {
  return [`--target=${init.pid}`, '--net', '--mount', '--pid', '--uts'];
}

function removeCgroups({ cgroup }) {
  for (const controller of existsSync('/sys/fs/cgroup/cgroup.procs') ? ['.'] : readdirSync('/sys/fs/cgroup'))
    removeCgroup(join('/sys/fs/cgroup', controller, cgroup));
}

/** Only empty ones can go, and theirs are: whoever was in them has been ended. */
function removeCgroup(path) {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  try {
    rmdirSync(path);
  } catch {
    // Somebody is just leaving it. An empty directory that stays does no harm.
  }
}

function exitOf(child) {
  return new Promise((resolve) => child.on('exit', () => resolve('exited')).on('error', () => resolve('failed')));
}

function inNamespace(namespace, ...command) {
  run('nsenter', `--net=/run/netns/${namespace}`, ...command);
}

function run(program, ...args) {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')}: ${error?.message ?? stderr.trim()}`);
}

function tryRun(program, ...args) {
  spawnSync(program, args, { stdio: 'ignore' });
}

function answer(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
