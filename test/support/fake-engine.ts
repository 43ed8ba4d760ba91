// A Docker Engine in memory, on virtual time. Trusted because the contract suite runs on it too.
import { isIP } from 'node:net';
import {
  ConnectFailure,
  type ConnectTarget,
  type ContainerEngine,
  type ContainerSeen,
  type ContainerSpec,
  type DiskUse,
  EngineError,
  type EngineEvent,
  type EngineInfo,
  type ExecResult,
  type FileEntry,
  type FileSeen,
  type ImageSeen,
  type LogChunk,
  type LogOptions,
  type NetworkSeen,
  type NetworkSpec,
  type PodStream,
  type PullRequest,
  type VolumeSeen,
  type VolumeSpec,
} from '../../src/kubelet/engine/container-engine.ts';
import { type Clock, sleep } from '../../src/system/clock.ts';
import { type FakeContainer, isAlive, seen } from './fake-container.ts';
import { FakeEngineControls } from './fake-engine-controls.ts';
import { giveTree, listDirectory, lookAt } from './fake-files.ts';
import { fakeStream } from './fake-stream.ts';
import { EXIT_BY_SIGKILL, EXIT_BY_SIGTERM, FAKE_IMAGE_BYTES, FakeWorld, identity } from './fake-world.ts';

export interface FakeEngineOptions {
  readonly clock: Clock;
  readonly id?: string;
  readonly name?: string;
  /** References that the engine has from the start. */
  readonly images?: Iterable<string>;
  /** Virtual time that starting a container takes; 0 when absent. A start whose caller gave up happens all the same. */
  readonly startMs?: number;
}

const GIB = 2 ** 30;
/** Exit code of our own helper program, and of any program, that failed. */
const FAILURE = 1;

export class FakeEngine extends FakeEngineControls implements ContainerEngine {
  readonly #options: FakeEngineOptions;

  constructor(options: FakeEngineOptions) {
    super(new FakeWorld(options.clock, options.id ?? 'fake-engine'));
    this.#options = options;
    for (const reference of options.images ?? []) this.world.images.set(reference, `sha256:${identity(reference)}`);
  }

  info(signal: AbortSignal): Promise<EngineInfo> {
    return this.#call('info', [], false, signal, () => ({
      id: this.#options.id ?? 'fake-engine',
      name: this.world.hostName ?? this.#options.name ?? 'fake-node',
      version: '20.10.24',
      apiVersion: '1.41',
      operatingSystem: 'Debian GNU/Linux 12 (bookworm)',
      kernelVersion: '6.1.0',
      architecture: 'amd64',
      cpus: 4,
      memoryBytes: 8 * GIB,
      enforces: this.world.enforces,
      runtimes: ['runc'],
      cgroupVersion: 2 as const,
      securityOptions: ['apparmor', 'seccomp'],
      rootDirectory: '/var/lib/docker',
    }));
  }

  list(signal: AbortSignal): Promise<readonly ContainerSeen[]> {
    return this.#call('list', [], false, signal, () => this.containers());
  }

  inspect(id: string, signal: AbortSignal): Promise<ContainerSeen | undefined> {
    return this.#call('inspect', [id], false, signal, () => {
      const container = this.world.containers.get(id);
      return container === undefined || container.isForeign ? undefined : seen(container);
    });
  }

  create(spec: ContainerSpec, signal: AbortSignal): Promise<string> {
    return this.#call('create', [spec], true, signal, () => {
      const holder = [...this.world.containers.values()].find((container) => container.settings.name === spec.name);
      if (holder === undefined) this.world.addressMustBeKnownFree(spec);
      if (holder === undefined) return this.world.add(spec).id;
      const isSame = !holder.isForeign && Object.entries(spec.labels).every(([key, value]) => holder.spec.labels[key] === value);
      if (isSame) return holder.id;
      throw new EngineError('Conflict', `the container name ${spec.name} is in use by container ${holder.id.slice(0, 12)}`);
    });
  }

  async start(id: string, signal: AbortSignal): Promise<void> {
    await this.#call('start', [id], true, signal, async () => {
      const container = this.ours(id);
      const takesMs = this.#options.startMs ?? 0;
      if (takesMs === 0) return this.world.start(container);
      const started = sleep(this.world.clock, takesMs).then(() => this.world.start(this.ours(id)));
      return await Promise.race([started, this.#hang(signal)]);
    });
  }

  kill(id: string, how: 'stop' | 'kill', signal: AbortSignal): Promise<void> {
    return this.#call('kill', [id, how], true, signal, () => {
      const container = this.find(id);
      if (container === undefined || !isAlive(container)) return;
      if (container.state === 'paused') this.#resume(container);
      if (how === 'kill') return this.world.exit(container, EXIT_BY_SIGKILL);
      const { ignoresTerm = false, termTakesMs = 0 } = this.world.behaviour(container);
      if (ignoresTerm) return;
      if (termTakesMs === 0) this.world.exit(container, EXIT_BY_SIGTERM);
      else this.world.later(container, termTakesMs, () => this.world.exit(container, EXIT_BY_SIGTERM));
    });
  }

  remove(id: string, signal: AbortSignal): Promise<void> {
    return this.#call('remove', [id], true, signal, () => {
      const container = this.find(id);
      if (container !== undefined) this.world.drop(container);
    });
  }

  exec(
    id: string,
    command: readonly string[],
    maxOutputBytes: number,
    signal: AbortSignal,
    onOutput: (chunk: LogChunk) => void = () => {},
  ): Promise<ExecResult> {
    return this.#call('exec', [id, command], false, signal, () => {
      const container = this.ours(id);
      if (container.state !== 'running') throw new EngineError('Conflict', `container ${id} is not running`);
      const [program, from, to] = command;
      if (program === '/holdfast' && from !== undefined && to !== undefined && command.length === 3)
        return { exitCode: this.world.rename(container, from, to) ? 0 : FAILURE, output: '' };
      const result = this.world.behaviour(container).execResult?.(command, seen(container)) ?? {
        exitCode: 0,
        output: '',
        errors: '',
      };
      const [out, err] = [Buffer.from(result.output), Buffer.from(result.errors ?? '')];
      if (out.length > 0) onOutput({ stream: 'stdout', bytes: out });
      if (err.length > 0) onOutput({ stream: 'stderr', bytes: err });
      return { exitCode: result.exitCode, output: Buffer.concat([out, err]).subarray(0, maxOutputBytes).toString() };
    });
  }

  connect(id: string, { address, port, onBegin }: ConnectTarget, signal: AbortSignal): Promise<PodStream> {
    return this.#call('connect', [id, address, port], false, signal, () => {
      const container = this.ours(id);
      if (container.state !== 'running') throw new EngineError('Conflict', `container ${id} is not running`);
      if (isIP(address) === 0) throw new EngineError('Invalid', `${address} is no IP address`);
      if (this.cannotRelay.has(id)) throw new EngineError('Invalid', `container ${id} cannot relay`);
      onBegin?.();
      const serve = this.listeners.get(`${address}:${port}`);
      if (serve === undefined) throw new ConnectFailure('ECONNREFUSED', `connect ECONNREFUSED ${address}:${port}`);
      return fakeStream(serve, signal);
    });
  }

  async *logs(id: string, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogChunk> {
    const container = await this.#call('logs', [id, options], false, signal, () => this.ours(id));
    const known = container.logLines.filter(({ atMs }) => atMs >= (options.sinceMs ?? 0));
    const wanted =
      options.tailLines === undefined ? known : known.slice(known.length - Math.min(options.tailLines, known.length));
    const chunks = wanted.map(({ chunk }) => chunk);
    if (options.follow && isAlive(container)) yield* container.logReaders.read(chunks, signal);
    else yield* chunks;
  }

  putFiles(id: string, directory: string, files: readonly FileEntry[], signal: AbortSignal): Promise<void> {
    return this.#call('putFiles', [id, directory, files], true, signal, () => this.world.put(this.ours(id), directory, files));
  }

  readLink(id: string, path: string, signal: AbortSignal): Promise<string | undefined> {
    return this.#call('readLink', [id, path], false, signal, () => {
      const place = this.world.at(this.ours(id), path);
      return place.files.get(place.path)?.target;
    });
  }

  stat(id: string, path: string, signal: AbortSignal): Promise<FileSeen | undefined> {
    return this.#call('stat', [id, path], false, signal, () => {
      const place = this.world.at(this.ours(id), path);
      return lookAt(place.files, place.path);
    });
  }

  listFiles(id: string, directory: string, signal: AbortSignal): Promise<ReadonlyMap<string, FileSeen> | undefined> {
    return this.#call('listFiles', [id, directory], false, signal, () => {
      const place = this.world.at(this.ours(id), directory);
      return listDirectory(place.files, place.path);
    });
  }

  readFile(id: string, path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#call('readFile', [id, path, maxBytes], false, signal, () => {
      const place = this.world.at(this.ours(id), path);
      const { type, content = new Uint8Array() } = place.files.get(place.path) ?? {};
      return type === 'file' ? content.subarray(Math.max(0, content.length - maxBytes)) : undefined;
    });
  }

  giveToGroup(id: string, directory: string, gid: number, signal: AbortSignal): Promise<void> {
    return this.#call('giveToGroup', [id, directory, gid], true, signal, () => {
      const container = this.ours(id);
      if (container.state !== 'running') throw new EngineError('Conflict', `container ${id} is not running`);
      const place = this.world.at(container, directory);
      giveTree(place.files, place.path, gid);
    });
  }

  copyImage(reference: string, id: string, directory: string, signal: AbortSignal): Promise<void> {
    return this.#call('copyImage', [reference, id, directory], true, signal, () => {
      if (!this.world.images.has(reference)) throw new EngineError('NotFound', `No such image: ${reference}`);
      const content = Buffer.from(reference);
      this.world.put(this.ours(id), directory, [{ path: 'image', type: 'file', mode: 0o644, content }]);
    });
  }

  image(reference: string, signal: AbortSignal): Promise<ImageSeen | undefined> {
    return this.#call('image', [reference], false, signal, () => this.world.imageSeen(reference));
  }

  listImages(signal: AbortSignal): Promise<readonly ImageSeen[]> {
    return this.#call('listImages', [], false, signal, () =>
      [...new Set(this.world.images.values())].flatMap((id) => this.world.imageSeen(id) ?? []),
    );
  }

  removeImage(id: string, signal: AbortSignal): Promise<void> {
    return this.#call('removeImage', [id], true, signal, () => {
      if ([...this.world.containers.values()].some(({ imageId }) => imageId === id))
        throw new EngineError('Conflict', `image ${id} is in use`);
      for (const [reference, its] of this.world.images) if (its === id) this.world.images.delete(reference);
    });
  }

  pull({ reference, onProgress }: PullRequest, signal: AbortSignal): Promise<void> {
    return this.#call('pull', [reference], true, signal, async () => {
      const { pull = 'ok' } = this.world.behaviours.get(reference) ?? {};
      if (pull === 'hang') await this.#hang(signal);
      if (pull === 'unreachable') throw new EngineError('Unreachable', `registry of ${reference}: connection refused`);
      if (pull === 'missing') throw new EngineError('ImageUnavailable', `manifest for ${reference} not found: manifest unknown`);
      onProgress?.({ completedBytes: FAKE_IMAGE_BYTES, totalBytes: FAKE_IMAGE_BYTES });
      this.world.images.set(reference, `sha256:${identity(reference)}`);
    });
  }

  importImage(
    reference: string,
    rootFileSystem: readonly FileEntry[],
    config: { entrypoint: readonly string[] },
    signal: AbortSignal,
  ): Promise<void> {
    return this.#call('importImage', [reference, rootFileSystem, config], true, signal, () => {
      this.world.imageFiles.set(reference, new Map(rootFileSystem.map((entry) => [`/${entry.path}`, entry])));
      this.world.images.set(reference, `sha256:${identity(reference)}`);
    });
  }

  networks(signal: AbortSignal): Promise<readonly NetworkSeen[]> {
    return this.#call('networks', [], false, signal, () => this.world.networksSeen());
  }

  ensureNetwork(spec: NetworkSpec, signal: AbortSignal): Promise<void> {
    return this.#call('ensureNetwork', [spec], !this.world.networks.has(spec.name), signal, () => this.world.network(spec));
  }

  removeNetwork(name: string, signal: AbortSignal): Promise<void> {
    return this.#call('removeNetwork', [name], true, signal, () => {
      this.world.mustBeOurs(name);
      const user = [...this.world.containers.values()].find((one) => isAlive(one) && one.settings.networks.includes(name));
      if (user !== undefined) throw new EngineError('Conflict', `network ${name} has active endpoints`);
      this.world.networks.delete(name);
    });
  }

  listVolumes(signal: AbortSignal): Promise<readonly VolumeSeen[]> {
    return this.#call('listVolumes', [], false, signal, () => this.volumes());
  }

  ensureVolume(spec: VolumeSpec, signal: AbortSignal): Promise<void> {
    return this.#call('ensureVolume', [spec], !this.world.volumes.has(spec.name), signal, () => {
      this.world.mustBeOurs(spec.name);
      this.world.volume(spec.name, spec.labels, spec.inMemory, { driver: spec.driver, options: spec.options });
    });
  }

  removeVolume(name: string, signal: AbortSignal): Promise<void> {
    return this.#call('removeVolume', [name], true, signal, () => {
      this.world.mustBeOurs(name);
      const uses = (one: FakeContainer): boolean => one.spec.mounts.some((it) => it.type === 'volume' && it.volume === name);
      if ([...this.world.containers.values()].some(uses)) throw new EngineError('Conflict', `volume ${name} is in use`);
      this.world.volumes.delete(name);
    });
  }

  diskUse(signal: AbortSignal): Promise<DiskUse> {
    return this.#call('diskUse', [], false, signal, () => this.diskInUse());
  }

  async *events(sinceMs: number, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    await this.#call('events', [sinceMs], false, signal, () => undefined);
    const backlog = this.world.events.filter(({ atMs }) => atMs >= sinceMs).map(({ event }) => event);
    yield* this.world.eventReaders.read(backlog, signal);
  }

  async #call<T>(
    name: string,
    args: readonly unknown[],
    isWrite: boolean,
    signal: AbortSignal,
    effect: () => T | Promise<T>,
  ): Promise<T> {
    this.calls.push({ name, isWrite });
    if (signal.aborted) throw new EngineError('Unreachable', `${name}: given up`, { cause: signal.reason });
    const fault = this.faults(name, args);
    if (fault instanceof EngineError) throw fault;
    if (fault === 'hang') return await this.#hang(signal);
    const result = await effect();
    if (fault === 'late-success') throw new EngineError('Unreachable', `${name}: the connection broke before the answer came`);
    return result;
  }

  #hang(signal: AbortSignal): Promise<never> {
    return new Promise((_resolve, reject) => {
      const giveUp = (): void => reject(new EngineError('Unreachable', 'no answer', { cause: signal.reason }));
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  #resume(container: FakeContainer): void {
    container.state = 'running';
    this.world.emit(container, 'unpause');
  }
}
