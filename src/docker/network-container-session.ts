// Scripts in the network container through one command that is kept open: a shell reads them from its input, one after the other, and writes what
// came of each. Starting a command through the engine takes 60 ms and more, a script in the open shell a few.
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { RUN_DIRECTORY, SHELL_PRELUDE } from '../network/boot/shell.ts';
import { MAX_SCRIPT_OUTPUT_BYTES, NodeContainerError, type ScriptResult } from '../network/node-container.ts';
import type { IdBody } from './bodies.ts';
import type { Connection } from './connection.ts';
import { demultiplex } from './frames.ts';

const WHAT = 'run a script in the network container';
const MAX_ANSWER_LINE_BYTES = 100;
const LINE_END = 10;

/** Which shell runs the scripts of whoever keeps the node's network. */
const OWNER_FILE = `${RUN_DIRECTORY}/owner`;

/**
 * A request is a line with number and length, and the script. The script is one compound command: of one that is cut off in the middle nothing
 * runs. It gets its input from nowhere, so that it cannot eat the next request, and a background command of it holds nobody up. The shell of an
 * owner ends when another owner has come: its script may have waited for the lock, and whoever sent it has long looked at what there is since.
 */
const shell = (isLocking: boolean): string => `${SHELL_PRELUDE}
${isLocking ? `mkdir -p ${RUN_DIRECTORY}` : 'lock() { :; }; unlock() { :; }'}
work=/dev/shm/session.$$
mkdir -p $work
trap 'rm -rf $work' EXIT
is_owner() {
  owner=''
  read -r owner 2>/dev/null <${OWNER_FILE}
  [ "$owner" = "$OWNER" ]
}
[ -z "$OWNER" ] || { lock; echo "$OWNER" >${OWNER_FILE}; unlock; }
while read -r number length; do
  dd bs="$length" count=1 iflag=fullblock of=$work/script 2>/dev/null || exit 1
  lock
  [ -z "$OWNER" ] || is_owner || exit 1
  (unlock; cd /; . $work/script) </dev/null >$work/output 2>&1
  code=$?
  unlock
  size=0
  [ ! -s $work/output ] || size=$(wc -c <$work/output)
  [ "$size" -le ${MAX_SCRIPT_OUTPUT_BYTES} ] || size=${MAX_SCRIPT_OUTPUT_BYTES}
  echo "$number $code $size"
  [ "$size" = 0 ] || head -c "$size" $work/output
done
`;

/** One open shell. Its owner lets one script run at a time. */
export class NetworkContainerSession {
  readonly #address: string;
  readonly #socket: Duplex;
  readonly #output: AsyncIterator<Uint8Array>;
  #pending: Buffer = Buffer.alloc(0);
  #number = 0;
  #isOpen = true;
  /** Asked for before it is needed, so that the end of an idle shell is noticed. */
  #next: Promise<IteratorResult<Uint8Array>>;

  private constructor(connection: Connection, socket: Duplex) {
    this.#address = connection.address;
    this.#socket = socket;
    this.#output = outputOf(socket);
    this.#next = this.#ask();
  }

  /**
   * Opens a shell in a running container; that of an owner takes the place of any other owner's. `isLocking`: its scripts wait for those that run in
   * the container beside it. Throws EngineError: NotFound or Conflict when it does not run.
   */
  static async open(
    connection: Connection,
    id: string,
    { isOwner, isLocking }: { readonly isOwner: boolean; readonly isLocking: boolean },
    signal: AbortSignal,
  ): Promise<NetworkContainerSession> {
    // From the environment, so that a list of processes stays readable.
    const Cmd = ['/bin/sh', '-c', 'text=$SESSION; unset SESSION; eval "$text"'];
    const body = {
      Cmd,
      Env: [`SESSION=${shell(isLocking)}`, `OWNER=${isOwner ? randomUUID() : ''}`],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: false,
    };
    const path = `/containers/${encodeURIComponent(id)}/exec`;
    const created = await connection.json<IdBody>({ what: WHAT, method: 'POST', path, body, expect: [201], signal });
    // The stream lives on when the signal of the call that it was opened for is aborted.
    const opening = new AbortController();
    const giveUp = (): void => opening.abort(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      const start = { what: WHAT, method: 'POST', path: `/exec/${created.Id ?? ''}/start`, signal: opening.signal } as const;
      return new NetworkContainerSession(connection, await connection.hijack({ ...start, body: { Detach: false, Tty: false } }));
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Whether it can take a script, as far as is known. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Runs a script. When it is given up, or the stream breaks, the session is over: its next answer would be that of this script. */
  async run(script: string, signal: AbortSignal): Promise<ScriptResult> {
    const end = (): void => this.close();
    signal.addEventListener('abort', end, { once: true });
    try {
      signal.throwIfAborted();
      const number = (this.#number += 1);
      const text = `{ :\n${script}\n}\n`;
      this.#socket.write(`${number} ${Buffer.byteLength(text)}\n${text}`);
      const [answered, exitCode, length] = (await this.#line()).split(' ').map(Number);
      if (answered !== number || exitCode === undefined || length === undefined) throw new Error('its answer cannot be read');
      return { exitCode, output: (await this.#take(length)).toString() };
    } catch (error) {
      this.close();
      const why = signal.aborted ? `given up: ${reasonOf(signal)}` : error instanceof Error ? error.message : String(error);
      throw new NodeContainerError('Unreachable', `${WHAT} at ${this.#address}: ${why}`, { cause: error });
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  /** Ends the shell after what it does just now. */
  close(): void {
    this.#isOpen = false;
    this.#socket.destroy();
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#pending.indexOf(LINE_END);
      if (end >= 0) {
        const line = (await this.#take(end + 1)).toString();
        return line.slice(0, -1);
      }
      if (this.#pending.length > MAX_ANSWER_LINE_BYTES) throw new Error('its answer cannot be read');
      await this.#more();
    }
  }

  async #take(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let missing = length;
    for (;;) {
      const piece = this.#pending.subarray(0, missing);
      this.#pending = this.#pending.subarray(piece.length);
      missing -= piece.length;
      pieces.push(piece);
      if (missing === 0) return pieces.length === 1 ? piece : Buffer.concat(pieces);
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const next = await this.#next;
    if (next.done === true) throw new Error('its shell has ended');
    this.#next = this.#ask();
    this.#pending = this.#pending.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#pending, next.value]);
  }

  #ask(): Promise<IteratorResult<Uint8Array>> {
    const asked = this.#output.next();
    asked.then(
      ({ done }) => {
        if (done === true) this.close();
      },
      () => this.close(),
    );
    return asked;
  }
}

async function* outputOf(socket: Duplex): AsyncGenerator<Uint8Array> {
  for await (const { stream, bytes } of demultiplex(socket as AsyncIterable<Buffer>)) if (stream === 'stdout') yield bytes;
}

/** Why a signal was aborted, in words. */
export function reasonOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason.message : 'cancelled';
}
