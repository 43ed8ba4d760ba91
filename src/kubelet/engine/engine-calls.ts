// Engine calls with their deadlines. Every call of this room to the engine goes through here, except streams.
import type { Clock } from '../../system/clock.ts';
import { withDeadline } from '../../system/deadline.ts';
import type {
  ContainerEngine,
  ContainerSeen,
  ContainerSpec,
  DiskUse,
  EngineInfo,
  ExecResult,
  FileEntry,
  FileSeen,
  ImageSeen,
  NetworkSeen,
  NetworkSpec,
  PullRequest,
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
const COPY_DEADLINE_MS = 600_000;
const NETWORK_DEADLINE_MS = 30_000;
const VOLUME_DEADLINE_MS = 30_000;
/** The files of a large host are walked through for long. */
const MEASURE_DEADLINE_MS = 120_000;
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
  stat(id: string, path: string): Promise<FileSeen | undefined>;
  listFiles(id: string, directory: string): Promise<ReadonlyMap<string, FileSeen> | undefined>;
  readFile(id: string, path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** The last lines of a container's output, at most the last `maxBytes` of them. */
  lastLines(id: string, maxLines: number, maxBytes: number): Promise<Uint8Array>;
  giveToGroup(id: string, directory: string, gid: number): Promise<void>;
  copyImage(reference: string, id: string, directory: string): Promise<void>;
  image(reference: string): Promise<ImageSeen | undefined>;
  listImages(): Promise<readonly ImageSeen[]>;
  removeImage(id: string): Promise<void>;
  pull(request: PullRequest): Promise<void>;
  importImage(reference: string, files: readonly FileEntry[], config: { entrypoint: readonly string[] }): Promise<void>;
  networks(): Promise<readonly NetworkSeen[]>;
  ensureNetwork(spec: NetworkSpec): Promise<void>;
  listVolumes(): Promise<readonly VolumeSeen[]>;
  ensureVolume(spec: VolumeSpec): Promise<void>;
  removeVolume(name: string): Promise<void>;
  diskUse(): Promise<DiskUse>;
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
    stat: (id, path) => bound(`looking at ${path}`, READ_DEADLINE_MS, (signal) => engine.stat(id, path, signal)),
    listFiles: (id, directory) =>
      bound(`listing ${directory}`, FILES_DEADLINE_MS, (signal) => engine.listFiles(id, directory, signal)),
    readFile: (id, path, maxBytes) =>
      bound(`reading ${path}`, READ_DEADLINE_MS, (signal) => engine.readFile(id, path, maxBytes, signal)),
    lastLines: (id, maxLines, maxBytes) =>
      bound('reading the last output of a container', READ_DEADLINE_MS, async (signal) => {
        let tail: Uint8Array = new Uint8Array();
        for await (const { bytes } of engine.logs(id, { follow: false, timestamps: false, tailLines: maxLines }, signal))
          tail = Buffer.concat([tail, bytes]).subarray(-maxBytes);
        return tail;
      }),
    giveToGroup: (id, directory, gid) =>
      bound('giving a volume to its group', COPY_DEADLINE_MS, (signal) => engine.giveToGroup(id, directory, gid, signal)),
    copyImage: (reference, id, directory) =>
      bound(`copying the files of ${reference}`, COPY_DEADLINE_MS, (signal) =>
        engine.copyImage(reference, id, directory, signal),
      ),
    image: (reference) => bound(`looking for image ${reference}`, READ_DEADLINE_MS, (signal) => engine.image(reference, signal)),
    listImages: () => bound('listing images', LIST_DEADLINE_MS, (signal) => engine.listImages(signal)),
    removeImage: (id) => bound(`removing image ${id}`, REMOVE_DEADLINE_MS, (signal) => engine.removeImage(id, signal)),
    pull: (request) => bound(`pulling ${request.reference}`, PULL_DEADLINE_MS, (signal) => engine.pull(request, signal)),
    importImage: (reference, files, config) =>
      bound(`importing ${reference}`, IMPORT_DEADLINE_MS, (signal) => engine.importImage(reference, files, config, signal)),
    networks: () => bound('listing networks', NETWORK_DEADLINE_MS, (signal) => engine.networks(signal)),
    ensureNetwork: (spec) =>
      bound(`creating network ${spec.name}`, NETWORK_DEADLINE_MS, (signal) => engine.ensureNetwork(spec, signal)),
    listVolumes: () => bound('listing volumes', LIST_DEADLINE_MS, (signal) => engine.listVolumes(signal)),
    ensureVolume: (spec) =>
      bound(`creating volume ${spec.name}`, VOLUME_DEADLINE_MS, (signal) => engine.ensureVolume(spec, signal)),
    removeVolume: (name) => bound(`removing volume ${name}`, VOLUME_DEADLINE_MS, (signal) => engine.removeVolume(name, signal)),
    diskUse: () => bound('measuring volumes and containers', MEASURE_DEADLINE_MS, (signal) => engine.diskUse(signal)),
  };
}
