// An engine behind ssh, as the docker command reaches it: each connection is the user's own `ssh` program, which runs `docker system dial-stdio` over
// there and hands bytes through. Keys, agents, host keys, jumps and multiplexing are what the user's ssh configuration says; nobody is asked anything.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Agent, type ClientRequestArgs } from 'node:http';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { EngineError } from '../kubelet/engine/container-engine.ts';
import { describeDockerHost, type SshHost } from './docker-host.ts';
import { sshFault } from './ssh-fault.ts';

/** sshd turns away whoever comes when ten are logging in already (sshd_config, "MaxStartups"). */
const LOGINS_AT_ONCE = 4;
/** Whoever has logged in and hears nothing by then waits for something else. */
const LOGIN_MS = 5_000;
/** Connections that are kept for the next calls. */
const KEPT_CONNECTIONS = 4;
const KEPT_ERROR_CHARACTERS = 4_096;

/** The arguments of `ssh`. What the address does not say is left to the user's configuration. */
export function sshArguments({ user, hostname, port, socket }: SshHost): readonly string[] {
  return [
    // A password or a question would be asked once per connection, and by a process that has no terminal.
    '-oBatchMode=yes',
    '-oConnectTimeout=30',
    '-oServerAliveInterval=15',
    '-T',
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '--',
    hostname,
    'docker',
    ...(socket === undefined ? [] : ['--host', `unix://${socket}`]),
    'system',
    'dial-stdio',
  ];
}

/** Makes the connections of an engine behind ssh. */
export class SshAgent extends Agent {
  readonly #host: SshHost;
  #loggingIn = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(host: SshHost) {
    super({ keepAlive: true, maxFreeSockets: KEPT_CONNECTIONS });
    this.#host = host;
  }

  override createConnection(_options: ClientRequestArgs, callback?: (error: Error | null, stream: Duplex) => void): undefined {
    const begin = (): void => {
      this.#loggingIn += 1;
      const socket = new SshSocket(this.#host);
      let isOver = false;
      const over = (): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        this.#loggingIn -= 1;
        this.#waiting.shift()?.();
      };
      const timer = setTimeout(over, LOGIN_MS);
      timer.unref();
      socket.once('login', over);
      socket.once('close', over);
      callback?.(null, socket);
    };
    if (this.#loggingIn < LOGINS_AT_ONCE) begin();
    else this.#waiting.push(begin);
  }
}

/** One `ssh` as a socket, as far as HTTP needs one. It fails with an EngineError that says what ssh said. Emits `login` when it first hears anything. */
class SshSocket extends Duplex {
  readonly #host: SshHost;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #said = '';
  #hasHeard = false;

  constructor(host: SshHost) {
    super({ allowHalfOpen: true });
    this.#host = host;
    // A session of its own: Ctrl-C is for us, who have things to give back over this connection.
    this.#child = spawn('ssh', sshArguments(host), { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const { stdin, stdout, stderr } = this.#child;
    // Why it broke is told by how the program ends.
    stdin.on('error', () => {});
    stderr.on('data', (chunk: Buffer) => {
      this.#said = `${this.#said}${chunk.toString()}`.slice(-KEPT_ERROR_CHARACTERS);
    });
    stdout.on('data', (chunk: Buffer) => {
      if (!this.#hasHeard) this.emit('login');
      this.#hasHeard = true;
      if (!this.push(chunk)) stdout.pause();
    });
    // What comes after an end is an end: the program may wait for our end of it.
    stdout.once('end', () => {
      if (this.#hasHeard) this.push(null);
    });
    this.#child.once('error', (error) => this.#fail(sshFault({ error, said: '', code: null })));
    this.#child.once('close', (code) => {
      if (this.readableEnded) this.destroy();
      else if (code === 0) this.push(null);
      else this.#fail(sshFault({ said: this.#said, code }));
    });
  }

  #fail(why: string): void {
    this.destroy(new EngineError('Unreachable', `no Docker Engine answers at ${describeDockerHost(this.#host)}: ${why}`));
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#child.stdin.end(() => callback());
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#child.kill();
    callback(error);
  }

  /** ssh looks by itself whether the other side is there. */
  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    for (const stream of this.#streams()) stream.ref?.();
    this.#child.ref();
    return this;
  }

  unref(): this {
    for (const stream of this.#streams()) stream.unref?.();
    this.#child.unref();
    return this;
  }

  /** Pipes of a child are sockets, which types do not say. */
  #streams(): readonly { ref?(): void; unref?(): void }[] {
    const { stdin, stdout, stderr } = this.#child;
    return [stdin, stdout, stderr] as readonly { ref?(): void; unref?(): void }[];
  }
}
