// A machine with nothing but the network container's scripts: namespaces of its own for network, processes and files, with the programs of
// this one. Needs root, and the Debian packages that scripts/test.mjs installs.
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { networkContainerSpec } from '../../src/network/boot/container-spec.ts';
import { SHELL_PRELUDE } from '../../src/network/boot/shell.ts';
import { dnsPart } from '../../src/network/names/dns-part.ts';
import type { NodeNetwork } from '../../src/network/node-network.ts';

const run = promisify(execFile);
const CLIENT = fileURLToPath(new URL('dns-client.mjs', import.meta.url));

export const NODE: NodeNetwork = {
  cluster: 'names',
  name: 'one',
  address: '192.168.7.1',
  bridge: 'hf-names',
  podRange: '10.244.0.0/24',
  gateway: '10.244.0.1',
  clusterRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
  dnsAddress: '10.96.0.10',
  nodePorts: { first: 30_000, last: 32_767 },
  peers: [],
};

/** What a client saw (see dns-client.mjs). */
export interface Seen {
  readonly asked: number;
  readonly answered: number;
  readonly lost: number;
  readonly empty: number;
  readonly codes: Readonly<Record<string, number>>;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** A client that runs until it is told to end. */
export interface Client {
  end(): Promise<Seen>;
  /** Resolves when it has ended by itself, after its `ms`. */
  ended(): Promise<Seen>;
}

export class DnsMachine {
  readonly root: string;
  /** What init and the server have said. */
  log = '';
  #init: ChildProcessWithoutNullStreams | undefined;
  #pid = '';
  #reader: ChildProcessWithoutNullStreams | undefined;
  readonly #clients = new Set<ChildProcessWithoutNullStreams>();

  private constructor(root: string) {
    this.root = root;
  }

  /** A machine that is off, with a resolver for the world outside at 127.0.0.9. */
  static async make(): Promise<DnsMachine> {
    const machine = new DnsMachine(await mkdtemp(join(tmpdir(), 'hf-names-')));
    await chmod(machine.root, 0o755);
    for (const folder of ['usr', 'bin', 'etc', 'dev', 'proc', 'run', 'tmp', 'state/records']) {
      await mkdir(join(machine.root, folder), { recursive: true });
    }
    for (const { path, content } of networkContainerSpec(NODE, 'none', [dnsPart(NODE)]).files) await machine.write(path, content);
    await machine.write('/etc/passwd', 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n');
    await machine.write('/etc/resolv.conf', 'nameserver 127.0.0.9\n');
    return machine;
  }

  async write(path: string, content: string): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await writeFile(join(this.root, path), content);
  }

  /** Starts init, as the engine starts the container, and waits until names are answered. */
  async boot(): Promise<void> {
    const root = this.root;
    const script = `set -e
mount --make-rprivate /
mount --rbind /usr ${root}/usr; mount --rbind /dev ${root}/dev; mount -t tmpfs tmpfs ${root}/dev/shm; mount -t proc proc ${root}/proc
for link in lib lib64 sbin; do ln -sfn usr/$link ${root}/$link; done
ln -sfn /usr/bin/busybox ${root}/bin/sh
ip link set lo up
ip address add 10.244.0.5/32 dev lo
exec chroot ${root} /bin/sh /holdfast/init >${root}/log 2>&1`;
    // What init says goes through a pipe, as in a container: its scripts open that again.
    await run('mkfifo', ['-m', '666', join(root, 'log')]).catch(() => undefined);
    // Open for writing as well, so that it does not end with what still dies of an earlier start.
    this.#reader = spawn('sh', ['-c', 'exec cat <>"$0"', join(root, 'log')]);
    this.#reader.stdout.on('data', (text: Buffer) => (this.log += text.toString()));
    const init = spawn('unshare', ['--mount', '--net', '--pid', '--fork', '--kill-child', 'sh', '-c', script]);
    init.stderr.on('data', (text: Buffer) => (this.log += text.toString()));
    init.on('exit', (code, signal) => (this.log += `the machine ended: ${code ?? signal}\n`));
    this.#init = init;
    await this.until('init to run', async () => {
      this.#pid = (await readFile(`/proc/${init.pid}/task/${init.pid}/children`, 'utf8')).trim();
      return this.#pid !== '' && (await readFile(`/proc/${this.#pid}/cmdline`, 'utf8')).startsWith('/bin/sh\0/holdfast/init');
    });
    await this.answers();
  }

  /** Waits until the server answers. */
  async answers(): Promise<void> {
    await this.until('an answer', async () => (await this.ask('dns-version.cluster.local', 'TXT')).includes('1.1.0'));
  }

  /** Cuts the power: everything in it dies, what is in memory is gone. */
  async stop(): Promise<void> {
    const init = this.#init;
    if (init === undefined) return;
    this.#init = undefined;
    this.#reader?.kill();
    await new Promise((resolve) => {
      init.on('exit', resolve);
      init.kill('SIGKILL');
    });
    await this.until('its end', async () => !(await isAlive(this.#pid)));
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.root, { recursive: true, force: true });
  }

  /** Runs a script as the controller does; yields its exit code and what it said. */
  async script(text: string): Promise<{ readonly exitCode: number; readonly output: string }> {
    const inner = ['-t', this.#pid, '-m', '-n', '-p', '-r', '-w', '/bin/sh', '-s'];
    const shell = spawn('setsid', ['nsenter', ...inner]);
    let output = '';
    shell.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    shell.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const exited = new Promise<number>((resolve) => shell.on('close', (code) => resolve(code ?? 1)));
    shell.stdin.end(`${SHELL_PRELUDE}\nlock\n${text}`);
    return { exitCode: await exited, output };
  }

  /** A program of this machine in the network of that one. */
  async inside(...command: readonly string[]): Promise<string> {
    return (await run('nsenter', ['-t', this.#pid, '-n', ...command])).stdout;
  }

  /** What dig(1) prints with +short, sorted; or the code of the answer when there is none. */
  async ask(name: string, type = 'A', ...more: readonly string[]): Promise<string> {
    const command = ['dig', `@${NODE.dnsAddress}`, '+tries=1', '+time=2', ...more, name, type];
    const output = await this.inside(...command).catch(() => '');
    const lines = output.split('\n').filter((line) => line !== '' && !line.startsWith(';'));
    const answer = lines.map((line) => line.split(/\s+/).slice(4).join(' ')).toSorted();
    const isAnswer = /ANSWER: [1-9]/.test(output);
    return isAnswer ? answer.join(', ') : (/status: (\w+)/.exec(output)?.[1] ?? 'nothing');
  }

  /** Starts a client (see dns-client.mjs) in its network; resolves when it has begun. */
  async client(mode: 'ask' | 'garbage' | 'upstream', options: object): Promise<Client> {
    const child = spawn('nsenter', ['-t', this.#pid, '-n', process.execPath, CLIENT, mode, JSON.stringify(options)]);
    this.#clients.add(child);
    let output = '';
    const ready = new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes('ready\n')) resolve();
      });
      child.stderr.on('data', (chunk: Buffer) => reject(new Error(chunk.toString())));
    });
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    await ready;
    const seen = async (): Promise<Seen> => {
      await ended;
      return JSON.parse(output.replace('ready\n', '')) as Seen;
    };
    return {
      ended: seen,
      end: async () => {
        child.stdin.on('error', () => undefined);
        child.stdin.end('end\n');
        return await seen();
      },
    };
  }

  /** Ends clients that a test that failed has left. */
  endClients(): void {
    for (const child of this.#clients) if (child.exitCode === null) child.kill('SIGKILL');
    this.#clients.clear();
  }

  async until(what: string, is: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 300; tries++) {
      if (await is().catch(() => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`waited in vain for ${what}; log:\n${this.log}`);
  }
}

async function isAlive(pid: string): Promise<boolean> {
  return await readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (text) => text !== '',
    () => false,
  );
}
