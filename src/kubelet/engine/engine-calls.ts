// Engine calls with their deadlines. Every call of this room to the engine goes through here, except streams.
import type { Clock } from '../../system/clock.ts';
import { withDeadline } from '../../system/deadline.ts';
import type {
  ContainerEngine,
  ContainerSeen,
  ContainerSpec,
  EngineInfo,
  ExecResult,
  FileEntry,
  VolumeSeen,
  VolumeSpec,
} from './container-engine.ts';

const READ_DEADLINE_MS = 15_000;
const LIST_DEADLINE_MS = 30_000;
const CREATE_DEADLINE_MS = 60_000;
const START_DEADLINE_MS = 60_000;
const SIGNAL_DEADLINE_MS = 15_000;
const REMOVE_DEADLINE_MS = 60_000;
const FILES_DEADLINE_MS = 30_000;
const IMPORT_DEADLINE_MS = 120_000;
const NETWORK_DEADLINE_MS = 30_000;
const VOLUME_DEADLINE_MS = 30_000;
export const PULL_DEADLINE_MS = 600_000;

/** The engine, each call bound to a deadline and to the caller's signal. Rejects with EngineError or DeadlineExceeded. */
export interface EngineCalls {
  info(): Promise<EngineInfo>;
  list(): Promise<readonly ContainerSeen[]>;
  inspect(id: string): Promise<ContainerSeen | undefined>;
  create(spec: ContainerSpec): Promise<string>;
  start(id: string): Promise<void>;
  kill(id: string, how: 'stop' | 'kill'): Promise<void>;
  remove(id: string): Promise<void>;
  exec(id: string, command: readonly string[], maxOutputBytes: number, timeoutMs: number): Promise<ExecResult>;
  putFiles(id: string, directory: string, files: readonly FileEntry[]): Promise<void>;
  readLink(id: string, path: string): Promise<string | undefined>;
  image(reference: string): Promise<string | undefined>;
  pull(reference: string): Promise<void>;
  importImage(reference: string, files: readonly FileEntry[], config: { entrypoint: readonly string[] }): Promise<void>;
  ensureNetwork(name: string, labels: Readonly<Record<string, string>>): Promise<void>;
  listVolumes(): Promise<readonly VolumeSeen[]>;
  ensureVolume(spec: VolumeSpec): Promise<void>;
  removeVolume(name: string): Promise<void>;
}

/** Binds an engine to a clock and a signal. */
export function engineCalls(engine: ContainerEngine, clock: Clock, outer: AbortSignal): EngineCalls {
  const bound = <T>(what: string, timeoutMs: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    withDeadline(clock, what, timeoutMs, call, outer);
  return {
    info: () => bound('asking the engine who it is', READ_DEADLINE_MS, (signal) => engine.info(signal)),
    list: () => bound('listing containers', LIST_DEADLINE_MS, (signal) => engine.list(signal)),
    inspect: (id) => bound('looking at a container', READ_DEADLINE_MS, (signal) => engine.inspect(id, signal)),
    create: (spec) => bound(`creating ${spec.name}`, CREATE_DEADLINE_MS, (signal) => engine.create(spec, signal)),
    start: (id) => bound('starting a container', START_DEADLINE_MS, (signal) => engine.start(id, signal)),
    kill: (id, how) => bound('stopping a container', SIGNAL_DEADLINE_MS, (signal) => engine.kill(id, how, signal)),
    remove: (id) => bound('removing a container', REMOVE_DEADLINE_MS, (signal) => engine.remove(id, signal)),
    exec: (id, command, maxOutputBytes, timeoutMs) =>
      bound(`command ${JSON.stringify(command.join(' '))}`, timeoutMs, (signal) =>
        engine.exec(id, command, maxOutputBytes, signal),
      ),
    putFiles: (id, directory, files) =>
      bound('writing the files of a volume', FILES_DEADLINE_MS, (signal) => engine.putFiles(id, directory, files, signal)),
    readLink: (id, path) => bound('reading a link', READ_DEADLINE_MS, (signal) => engine.readLink(id, path, signal)),
    image: (reference) => bound(`looking for image ${reference}`, READ_DEADLINE_MS, (signal) => engine.image(reference, signal)),
    pull: (reference) => bound(`pulling ${reference}`, PULL_DEADLINE_MS, (signal) => engine.pull(reference, signal)),
    importImage: (reference, files, config) =>
      bound(`importing ${reference}`, IMPORT_DEADLINE_MS, (signal) => engine.importImage(reference, files, config, signal)),
    ensureNetwork: (name, labels) =>
      bound(`creating network ${name}`, NETWORK_DEADLINE_MS, (signal) => engine.ensureNetwork(name, labels, signal)),
    listVolumes: () => bound('listing volumes', LIST_DEADLINE_MS, (signal) => engine.listVolumes(signal)),
    ensureVolume: (spec) =>
      bound(`creating volume ${spec.name}`, VOLUME_DEADLINE_MS, (signal) => engine.ensureVolume(spec, signal)),
    removeVolume: (name) => bound(`removing volume ${name}`, VOLUME_DEADLINE_MS, (signal) => engine.removeVolume(name, signal)),
  };
}
