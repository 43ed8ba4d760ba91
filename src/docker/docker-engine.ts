// The kubelet's ContainerEngine on a real Docker Engine: its parts put together. Naked calls, one after the other: no retries, no
// waiting for a state, no decisions (the kubelet's), and nothing that does not carry the cluster's label is shown or touched.
import type {
  ConnectTarget,
  ContainerEngine,
  ContainerSeen,
  ContainerSpec,
  DiskUse,
  EngineEvent,
  EngineInfo,
  ExecResult,
  FileEntry,
  FileSeen,
  ImageSeen,
  LogChunk,
  LogOptions,
  NetworkSeen,
  NetworkSpec,
  PodStream,
  PullRequest,
  VolumeSeen,
  VolumeSpec,
} from '../kubelet/engine/container-engine.ts';
import type { Clock } from '../system/clock.ts';
import type { InfoBody } from './bodies.ts';
import { Connection } from './connection.ts';
import { Containers } from './containers.ts';
import type { DockerHost } from './docker-host.ts';
import { followEvents, labelsOfOurs } from './event-stream.ts';
import { giveTreeToGroup, listFilesIn, putFilesInto, readFileIn, readLinkIn, statIn } from './files.ts';
import { copyImageInto } from './image-files.ts';
import { findImage, importRootFileSystem, listAllImages, pullImage, removeOneImage } from './images.ts';
import { execIn, logsOf } from './inside.ts';
import { toInfo } from './mapping.ts';
import { connectFrom } from './relay.ts';
import { Storage } from './storage.ts';

export interface DockerEngineOptions {
  /** Value of the label holdfast.dev/cluster on all that this engine shows and touches. */
  readonly cluster: string;
  readonly host: DockerHost;
  readonly clock: Clock;
}

/** Connects to a Docker Engine; nothing is called yet. Throws Invalid when the TLS files cannot be read. */
export function createDockerEngine(options: DockerEngineOptions): ContainerEngine {
  return new DockerEngine(options);
}

class DockerEngine implements ContainerEngine {
  readonly #connection: Connection;
  readonly #cluster: string;
  readonly #clock: Clock;
  readonly #containers: Containers;
  readonly #storage: Storage;

  constructor({ cluster, host, clock }: DockerEngineOptions) {
    this.#connection = new Connection(host);
    this.#cluster = cluster;
    this.#clock = clock;
    this.#containers = new Containers(this.#connection, cluster);
    this.#storage = new Storage(this.#connection, cluster);
  }

  async info(signal: AbortSignal): Promise<EngineInfo> {
    const version = await this.#connection.version(signal);
    const request = { what: 'read the engine', method: 'GET', path: '/info', expect: [200], signal } as const;
    return toInfo(await this.#connection.json<InfoBody>(request), version);
  }

  list(signal: AbortSignal): Promise<readonly ContainerSeen[]> {
    return this.#containers.list(signal);
  }

  inspect(id: string, signal: AbortSignal): Promise<ContainerSeen | undefined> {
    return this.#containers.inspect(id, signal);
  }

  create(spec: ContainerSpec, signal: AbortSignal): Promise<string> {
    return this.#containers.create(spec, signal);
  }

  start(id: string, signal: AbortSignal): Promise<void> {
    return this.#containers.start(id, signal);
  }

  kill(id: string, how: 'stop' | 'kill', signal: AbortSignal): Promise<void> {
    return this.#containers.kill(id, how, signal);
  }

  remove(id: string, signal: AbortSignal): Promise<void> {
    return this.#containers.remove(id, signal);
  }

  async exec(
    id: string,
    command: readonly string[],
    maxOutputBytes: number,
    signal: AbortSignal,
    onOutput: (chunk: LogChunk) => void = () => {},
  ): Promise<ExecResult> {
    await this.#containers.own(id, signal);
    return await execIn(this.#connection, this.#clock, id, command, { maxOutputBytes, onOutput }, signal);
  }

  async *logs(id: string, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogChunk> {
    const { isTerminal } = await this.#containers.own(id, signal);
    yield* logsOf(this.#connection, id, options, isTerminal, signal);
  }

  async connect(id: string, target: ConnectTarget, signal: AbortSignal): Promise<PodStream> {
    await this.#containers.own(id, signal);
    return await connectFrom(this.#connection, id, target, signal);
  }

  async putFiles(id: string, directory: string, files: readonly FileEntry[], signal: AbortSignal): Promise<void> {
    await this.#containers.own(id, signal);
    await putFilesInto(this.#connection, id, directory, files, signal);
  }

  async readLink(id: string, path: string, signal: AbortSignal): Promise<string | undefined> {
    await this.#containers.own(id, signal);
    return await readLinkIn(this.#connection, id, path, signal);
  }

  async stat(id: string, path: string, signal: AbortSignal): Promise<FileSeen | undefined> {
    await this.#containers.own(id, signal);
    return await statIn(this.#connection, id, path, signal);
  }

  async listFiles(id: string, directory: string, signal: AbortSignal): Promise<ReadonlyMap<string, FileSeen> | undefined> {
    await this.#containers.own(id, signal);
    return await listFilesIn(this.#connection, id, directory, signal);
  }

  async readFile(id: string, path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    await this.#containers.own(id, signal);
    return await readFileIn(this.#connection, id, path, maxBytes, signal);
  }

  async giveToGroup(id: string, directory: string, gid: number, signal: AbortSignal): Promise<void> {
    await this.#containers.own(id, signal);
    await giveTreeToGroup(this.#connection, this.#clock, id, directory, gid, signal);
  }

  async copyImage(reference: string, id: string, directory: string, signal: AbortSignal): Promise<void> {
    await this.#containers.own(id, signal);
    await copyImageInto(this.#connection, this.#containers, { cluster: this.#cluster, reference, id, directory }, signal);
  }

  image(reference: string, signal: AbortSignal): Promise<ImageSeen | undefined> {
    return findImage(this.#connection, reference, signal);
  }

  listImages(signal: AbortSignal): Promise<readonly ImageSeen[]> {
    return listAllImages(this.#connection, signal);
  }

  removeImage(id: string, signal: AbortSignal): Promise<void> {
    return removeOneImage(this.#connection, id, signal);
  }

  pull(request: PullRequest, signal: AbortSignal): Promise<void> {
    return pullImage(this.#connection, request, signal);
  }

  importImage(
    reference: string,
    rootFileSystem: readonly FileEntry[],
    config: { entrypoint: readonly string[] },
    signal: AbortSignal,
  ): Promise<void> {
    return importRootFileSystem(this.#connection, reference, rootFileSystem, config.entrypoint, signal);
  }

  networks(signal: AbortSignal): Promise<readonly NetworkSeen[]> {
    return this.#storage.networks(signal);
  }

  ensureNetwork(spec: NetworkSpec, signal: AbortSignal): Promise<void> {
    return this.#storage.ensureNetwork(spec, signal);
  }

  removeNetwork(name: string, signal: AbortSignal): Promise<void> {
    return this.#storage.removeNetwork(name, signal);
  }

  listVolumes(signal: AbortSignal): Promise<readonly VolumeSeen[]> {
    return this.#storage.listVolumes(signal);
  }

  ensureVolume(spec: VolumeSpec, signal: AbortSignal): Promise<void> {
    return this.#storage.ensureVolume(spec, signal);
  }

  removeVolume(name: string, signal: AbortSignal): Promise<void> {
    return this.#storage.removeVolume(name, signal);
  }

  diskUse(signal: AbortSignal): Promise<DiskUse> {
    return this.#storage.diskUse(signal);
  }

  events(sinceMs: number, signal: AbortSignal): AsyncIterable<EngineEvent> {
    return followEvents(this.#connection, this.#cluster, sinceMs, signal, async (id, itsSignal) => {
      const body = await this.#containers.body(id, itsSignal);
      return body === undefined ? undefined : labelsOfOurs(body, this.#cluster);
    });
  }
}
