// A real HAProxy below a folder of its own, fed by the scripts that the network container gets and started by its service script.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IngressInput, type IngressPlan, ingressPlan } from '../../../src/network/ingress/plan.ts';
import { applyScript, EXIT_STALE, ingressEndpointScript, stateScript } from '../../../src/network/ingress/scripts.ts';
import { selfSignedCertificate } from '../../../src/network/ingress/self-signed.ts';
import { ingressServiceScript } from '../../../src/network/ingress/service-script.ts';
import { type IngressState, readState } from '../../../src/network/ingress/state.ts';
import { inputOf, type Scene } from './objects.ts';

export interface ShellResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a script of busybox sh, without blocking this process. */
export async function runScript(script: string): Promise<ShellResult> {
  const child = spawn('busybox', ['sh'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(script);
  const exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  return { exitCode, output };
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return address !== null && typeof address === 'object' ? address.port : 0;
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
    return new RunningProxy(await freePort(), await freePort());
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

  /** Sends what differs, as the controller does. */
  async apply(scene: Scene, more: Partial<IngressInput> = {}): Promise<ShellResult> {
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
    while (this.#isWanted && !existsSync(this.flag)) await new Promise((resolve) => setTimeout(resolve, 20));
    if (this.#child !== undefined || !this.#isWanted) return;
    const script = join(this.directory, 'service');
    writeFileSync(script, ingressServiceScript(this.directory));
    const child = spawn('busybox', ['sh', script], { stdio: 'ignore' });
    this.#child = child;
    child.on('close', () => {
      this.#child = undefined;
      if (this.#isWanted) void this.start();
    });
  }

  /** As when the container is killed. */
  async kill(): Promise<void> {
    this.#isWanted = false;
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** As when the container starts again: from files alone. */
  async boot(): Promise<void> {
    this.#isWanted = true;
    await this.start();
    await this.isUp();
  }

  /** Waits until the proxy answers. */
  async isUp(): Promise<void> {
    for (;;) {
      if (this.ask('admin.sock', 'show info').includes('Pid:')) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  ask(socket: string, command: string): string {
    return spawnSync('socat', ['-t2', '-', `UNIX-CONNECT:${join(this.directory, socket)}`], {
      input: `${command}\n`,
    }).stdout.toString();
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  problem(): string {
    const path = join(this.directory, 'problem');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }
}
