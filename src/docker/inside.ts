// What is done inside a container: commands and their output. Whose container it is has been checked before.
import type { ExecResult, LogChunk, LogOptions } from '../kubelet/engine/container-engine.ts';
import { type Clock, sleep } from '../system/clock.ts';
import type { ExecBody, IdBody } from './bodies.ts';
import { type Connection, chunksOf, type EngineRequest } from './connection.ts';
import { toEngineError } from './failures.ts';
import { demultiplex } from './frames.ts';

/** Pause between looks at a command whose output has ended before its exit code was recorded. */
const EXEC_POLL_MS = 10;
const SHORT_ID = 12;

/** See ContainerEngine.exec. Docker cannot end a command: one that is given up runs on in its container. */
export async function execIn(
  connection: Connection,
  clock: Clock,
  id: string,
  command: readonly string[],
  { maxOutputBytes, onOutput }: { readonly maxOutputBytes: number; readonly onOutput?: (chunk: LogChunk) => void },
  signal: AbortSignal,
): Promise<ExecResult> {
  const what = `run ${command[0] ?? ''} in container ${id.slice(0, SHORT_ID)}`;
  const body = { Cmd: command, AttachStdout: true, AttachStderr: true };
  const created = await connection.json<IdBody>({ what, method: 'POST', path: pathOf(id, 'exec'), body, expect: [201], signal });
  const exec = `/exec/${created.Id ?? ''}`;
  const pieces: Uint8Array[] = [];
  let room = maxOutputBytes;
  const start = { Detach: false, Tty: false };
  for await (const chunk of output(connection, {
    what,
    method: 'POST',
    path: `${exec}/start`,
    body: start,
    expect: [200],
    signal,
  })) {
    onOutput?.(chunk);
    if (room > 0) pieces.push(chunk.bytes.subarray(0, room));
    room -= Math.min(room, chunk.bytes.length);
  }
  for (;;) {
    const state = await connection.json<ExecBody>({ what, method: 'GET', path: `${exec}/json`, expect: [200], signal });
    if (state.Running !== true && typeof state.ExitCode === 'number')
      return { exitCode: state.ExitCode, output: Buffer.concat(pieces).toString() };
    try {
      await sleep(clock, EXEC_POLL_MS, signal);
    } catch (error) {
      throw toEngineError(error, what, connection.address);
    }
  }
}

/** See ContainerEngine.logs. Ends quietly with the signal. A terminal has one stream, which is not multiplexed. */
export async function* logsOf(
  connection: Connection,
  id: string,
  options: LogOptions,
  isTerminal: boolean,
  signal: AbortSignal,
): AsyncGenerator<LogChunk> {
  const { follow, timestamps, tailLines, sinceMs } = options;
  const since = sinceMs === undefined ? {} : { since: (sinceMs / 1000).toFixed(3) };
  const tail = tailLines === undefined ? 'all' : String(tailLines);
  const query = { stdout: true, stderr: true, follow, timestamps, tail, ...since };
  const what = `read the logs of container ${id.slice(0, SHORT_ID)}`;
  try {
    const request: EngineRequest = { what, method: 'GET', path: pathOf(id, 'logs'), query, expect: [200], signal };
    yield* output(connection, request, isTerminal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function* output(connection: Connection, request: EngineRequest, isTerminal = false): AsyncGenerator<LogChunk> {
  try {
    const chunks = chunksOf(await connection.open(request));
    if (isTerminal) for await (const bytes of chunks) yield { stream: 'stdout', bytes };
    else yield* demultiplex(chunks);
  } catch (error) {
    throw toEngineError(error, request.what, connection.address);
  }
}

function pathOf(id: string, rest: string): string {
  return `/containers/${encodeURIComponent(id)}/${rest}`;
}
