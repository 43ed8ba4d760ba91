// A real HAProxy below a folder of its own, fed by the scripts that the network container gets and started by its service script.
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IngressInput, type IngressPlan, ingressPlan } from '../../../src/network/ingress/plan.ts';
import { applyScript, EXIT_STALE, ingressEndpointScript, stateScript } from '../../../src/network/ingress/scripts.ts';
import { selfSignedCertificate } from '../../../src/network/ingress/self-signed.ts';
import { ingressServiceScript } from '../../../src/network/ingress/service-script.ts';
import { type IngressState, readState } from '../../../src/network/ingress/state.ts';
import { inputOf, type Scene } from './objects.ts';

/** How long a proxy on a busy machine may take to answer. */
const ANSWER_MS = 30_000;
const ASK_AGAIN_MS = 20;

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));

export interface ShellResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a script of busybox sh, without blocking this process. */
export async function runScript(script: string): Promise<ShellResult> {
  return ended(spawn('busybox', ['sh']), script);
}

/** What a program said until it ended, once it was given its input. */
async function ended(child: ChildProcessWithoutNullStreams, input: string): Promise<ShellResult> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  // A program may end without having read all.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
  return { exitCode, output };
}

/** Two ports that nobody listens on. */
async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()] as const;
  const listen = (server: Server): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
  // Both are taken before one is given back, so that they are two.
  const ports = await Promise.all([listen(servers[0]), listen(servers[1])]);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** The proxy and what it holds. */
export class RunningProxy {
  readonly directory = mkdtempSync(join(tmpdir(), 'ingress-'));
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly defaultCertificate = selfSignedCertificate(['default.example'], Date.now());
  #child: ChildProcess | undefined;
  #isWanted = true;
  /** What was sent last. */
  reloads = 0;
  runtimeChanges = 0;

  private constructor(httpPort: number, httpsPort: number) {
    this.httpPort = httpPort;
    this.httpsPort = httpsPort;
  }

  static async open(): Promise<RunningProxy> {
    return new RunningProxy(...(await freePorts()));
  }

  get flag(): string {
    return join(this.directory, 'enabled');
  }

  plan(scene: Scene, more: Partial<IngressInput> = {}, held?: IngressState): IngressPlan {
    return ingressPlan(
      inputOf(scene, {
        node: { dnsAddress: '127.0.0.1', ingress: { httpPort: this.httpPort, httpsPort: this.httpsPort } },
        directory: this.directory,
        held: held?.backends,
        ...more,
      }),
    );
  }

  async state(): Promise<IngressState | undefined> {
    return readState((await runScript(stateScript(this.directory))).output);
  }

  /** Sends what differs, as the controller does; an error when the proxy does not take it. */
  async apply(scene: Scene, more: Partial<IngressInput> = {}): Promise<ShellResult> {
    const result = await this.tryToApply(scene, more);
    if (result.exitCode !== 0) throw new Error(`applying ended with ${result.exitCode}: ${result.output}`);
    return result;
  }

  /** Sends what differs, and tells what came of it. */
  async tryToApply(scene: Scene, more: Partial<IngressInput> = {}): Promise<ShellResult> {
    const held = await this.state();
    const plan = this.plan(scene, more, held);
    if (held?.revision === plan.revision && this.#child !== undefined) {
      const script = ingressEndpointScript(held, plan, this.directory);
      if (script === undefined) return { exitCode: 0, output: '' };
      const result = await runScript(script);
      this.runtimeChanges += 1;
      if (result.exitCode !== EXIT_STALE) return result;
    }
    return this.send(plan);
  }

  /** Sends a whole plan. */
  async send(plan: IngressPlan): Promise<ShellResult> {
    this.reloads += 1;
    const applied = runScript(applyScript(plan, this.defaultCertificate, this.directory, this.flag));
    void this.start();
    return applied;
  }

  /** Plays the part of the container's first process: has the service run while its flag is there. */
  async start(): Promise<void> {
    while (this.#isWanted && !existsSync(this.flag)) await soon();
    if (this.#child !== undefined || !this.#isWanted) return;
    const script = join(this.directory, 'service');
    writeFileSync(script, ingressServiceScript(this.directory));
    // A group of its own, so that all its processes can be ended at once.
    const child = spawn('busybox', ['sh', script], { stdio: 'ignore', detached: true });
    this.#child = child;
    child.on('close', () => {
      this.#child = undefined;
      if (this.#isWanted) void this.start();
    });
  }

  /** As when the container is killed, with every process in it. */
  async kill(): Promise<void> {
    this.#isWanted = false;
    const child = this.#child;
    if (child?.pid === undefined) return;
    const isOver = new Promise((resolve) => child.on('close', resolve));
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
    await isOver;
  }

  /** As when the container starts again: from files alone. */
  async boot(): Promise<void> {
    this.#isWanted = true;
    await this.start();
    await this.isUp();
  }

  /** Waits until the proxy answers. */
  async isUp(): Promise<void> {
    await this.#told('admin.sock', 'show info', /^Pid: (\d+)$/m);
  }

  /** How often the proxy was reloaded since its first process began. */
  async generation(): Promise<number> {
    return Number(await this.#told('master.sock', 'show proc', /^\d+\s+master\s+(\d+)\s/m));
  }

  /**
   * The first group of what a socket tells, asked until that is there: a process that begins or is reloaded answers nothing, or only
   * later. An error when it does not come at all.
   */
  async #told(socket: 'admin.sock' | 'master.sock', command: string, words: RegExp): Promise<string> {
    const giveUpAt = Date.now() + ANSWER_MS;
    for (;;) {
      const answer = await this.#ask(socket, command);
      const found = words.exec(answer)?.[1];
      if (found !== undefined) return found;
      if (Date.now() > giveUpAt) throw new Error(`${socket} was asked for "${command}" and told: ${answer}`);
      await soon();
    }
  }

  async #ask(socket: string, command: string): Promise<string> {
    return (await ended(spawn('socat', ['-t10', '-', `UNIX-CONNECT:${join(this.directory, socket)}`]), `${command}\n`)).output;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
