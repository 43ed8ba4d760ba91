// A real Git server over ssh on loopback: a private sshd with its own host key and one deploy key. Nothing of the machine's own ssh settings takes part.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';

const SSHD = '/usr/sbin/sshd';
const START_ATTEMPTS = 100;
const ATTEMPT_DELAY_MS = 50;

/** A running server. */
export interface GitSshServer {
  /** Of the folder that is served; repositories are at `<url>/<folder below dir>`. */
  readonly url: string;
  /** The deploy key. */
  readonly keyFile: string;
  /** A key that the server does not know. */
  readonly wrongKeyFile: string;
  /** Holds the server's host key. */
  readonly knownHostsFile: string;
  /** Holds another host key for the same address. */
  readonly wrongKnownHostsFile: string;
  /** For the real git client. */
  readonly env: Readonly<Record<string, string>>;
  /** How many connections were accepted. */
  connections(): Promise<number>;
  /** Harmless twice. */
  close(): Promise<void>;
}

/** Starts the server on 127.0.0.1 for the repositories below `dir`. The user is whoever runs the tests. `searchPath`: where programs are found. */
export async function startGitSshServer(options: { dir: string; port?: number; searchPath?: string }): Promise<GitSshServer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-sshd-'));
  const at = (name: string): string => join(folder, name);
  for (const key of ['host', 'other_host', 'deploy', 'wrong']) {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', at(key)]);
  }
  const port = options.port ?? (await freePort());
  await writeFile(at('authorized_keys'), await readFile(at('deploy.pub')), { mode: 0o600 });
  for (const [name, key] of [
    ['known_hosts', 'host'],
    ['wrong_known_hosts', 'other_host'],
  ] as const) {
    await writeFile(at(name), `[127.0.0.1]:${port} ${await readFile(at(`${key}.pub`), 'utf8')}`);
  }
  await writeFile(at('sshd_config'), configuration(at, port, options.searchPath));
  // sshd wants it when it runs as root.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(SSHD, ['-D', '-f', at('sshd_config'), '-E', at('log')], { stdio: 'ignore' });
  const log = (): Promise<string> => readFile(at('log'), 'utf8').catch(() => '');
  await waitUntilListening(child, port, log);
  return {
    url: `ssh://${userInfo().username}@127.0.0.1:${port}${options.dir.replace(/\/$/, '')}`,
    keyFile: at('deploy'),
    wrongKeyFile: at('wrong'),
    knownHostsFile: at('known_hosts'),
    wrongKnownHostsFile: at('wrong_known_hosts'),
    env: {
      GIT_SSH_COMMAND: `ssh -F /dev/null -i ${at('deploy')} -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${at('known_hosts')}`,
    },
    connections: async () => (await log()).split('\n').filter((line) => line.startsWith('Connection from ')).length,
    async close() {
      await ended(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(at: (name: string) => string, port: number, searchPath: string | undefined): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    `PidFile ${at('pid')}`,
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'UseDNS no',
    'LogLevel VERBOSE',
    // Tests open many short connections at once.
    'MaxStartups 100',
    ...(searchPath === undefined ? [] : [`SetEnv PATH=${searchPath}`]),
    '',
  ].join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function waitUntilListening(child: ChildProcess, port: number, log: () => Promise<string>): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt += 1) {
    if (failure !== undefined || child.exitCode !== null) break;
    if (await isListening(port)) return;
    await delay(ATTEMPT_DELAY_MS);
  }
  await ended(child);
  throw new Error(`sshd did not start: ${failure?.message ?? ''} ${await log()}`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await exit;
}
