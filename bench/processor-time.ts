// The processor time of processes, which tells what a request costs even where other programs want the processors too.
import { readdirSync, readFileSync } from 'node:fs';
import { dockerRequest } from '../scripts/engine-api.mjs';

interface Top {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
}

/** The processes of a container that run a program, by their numbers on the engine's host, which must be this one. */
export async function processesIn(dockerHost: string, container: string, program: string): Promise<readonly number[]> {
  const { Titles, Processes } = (await dockerRequest(dockerHost, 'GET', `/containers/${container}/top`)) as Top;
  const [pid, command] = [Titles.indexOf('PID'), Titles.findIndex((title) => /^(CMD|COMMAND)$/.test(title))];
  return Processes.filter((line) => line[command]?.split(' ')[0]?.endsWith(program) === true).map((line) => Number(line[pid]));
}

/** Seconds that processes have run so far, in the kernel or not (Linux, "Scheduler Statistics"). */
export function processorSeconds(pids: readonly number[]): number {
  const nanoseconds = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((task) =>
      Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    ),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}
