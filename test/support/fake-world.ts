// What a fake engine holds, and what happens in it by itself: programs that end, addresses, events. No port here.
import { createHash } from 'node:crypto';
import type {
  ContainerSpec,
  EngineEvent,
  FileEntry,
  ImageSeen,
  LogChunk,
  NetworkSeen,
  NetworkSpec,
} from '../../src/kubelet/engine/container-engine.ts';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { PLUG_ADDRESS_LABEL } from '../../src/kubelet/labels.ts';
import { overlaps, parseRange } from '../../src/model/ipv4.ts';
import type { Clock } from '../../src/system/clock.ts';
import { Broadcast } from './broadcast.ts';
import { type Behaviour, type FakeContainer, isAlive, newContainer } from './fake-container.ts';
import { type Files, locate, putEntry, rename } from './fake-files.ts';

export const EXIT_BY_SIGTERM = 143;
export const EXIT_BY_SIGKILL = 137;
/** Size of every image. */
export const FAKE_IMAGE_BYTES = 1_000_000;
const EXIT_CANNOT_START = 127;
const FIRST_ADDRESS = (10 << 24) | (244 << 16) | 2;
const LAST_ADDRESS = (10 << 24) | (244 << 16) | 0xfffe;

interface FakeVolume {
  readonly labels: Readonly<Record<string, string>>;
  readonly inMemory: boolean;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly files: Files;
}

/** A name for an object, the same in every run. */
export function identity(...parts: readonly unknown[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

/** The machine behind a fake engine. */
export class FakeWorld {
  readonly clock: Clock;
  readonly seed: string;
  readonly containers = new Map<string, FakeContainer>();
  readonly volumes = new Map<string, FakeVolume>();
  readonly networks = new Map<string, NetworkSpec>();
  /** Ranges of networks that the engine does not show and refuses to use again, as those of another engine on the same host. */
  readonly hiddenRanges = new Set<string>();
  /** Addresses that containers of somebody else have. */
  readonly occupied = new Set<string>();
  /** Names of networks and volumes that are somebody else's. */
  readonly foreignNames = new Set<string>();
  /** Reference to id. */
  readonly images = new Map<string, string>();
  /** What images of our own hold, by reference. */
  readonly imageFiles = new Map<string, Files>();
  readonly behaviours = new Map<string, Behaviour>();
  /** Names of containers that were started in a sandbox with nothing in its network namespace. */
  readonly cutOff: string[] = [];
  readonly host: Files = new Map();
  /** The host's name once it was given another one. */
  hostName: string | undefined;
  /** What the kernel can hold containers to; the rest is dropped without a word, as Docker does. */
  enforces = { memory: true, cpuShares: true, pids: true };
  readonly events: { readonly atMs: number; readonly event: EngineEvent }[] = [];
  readonly eventReaders = new Broadcast<EngineEvent>();
  #created = 0;
  #started = 0;
  readonly #addresses = new Set<number>();
  readonly #scratch = new Map<string, Files>();

  constructor(clock: Clock, seed: string) {
    this.clock = clock;
    this.seed = seed;
  }

  behaviour(container: FakeContainer): Behaviour {
    return this.behaviours.get(container.spec.image) ?? {};
  }

  /** An image by reference or id. */
  imageSeen(reference: string): ImageSeen | undefined {
    const id = [...this.images].find((entry) => entry.includes(reference))?.[1];
    if (id === undefined) return undefined;
    const names = [...this.images].filter(([, its]) => its === id).map(([name]) => name);
    const user = names.map((name) => this.behaviours.get(name)?.user).find((its) => its !== undefined) ?? '';
    return {
      id,
      tags: names.filter((name) => !name.includes('@')).toSorted(),
      digests: names.filter((name) => name.includes('@')).toSorted(),
      sizeBytes: FAKE_IMAGE_BYTES,
      user,
      labels: {},
    };
  }

  add(spec: ContainerSpec, isForeign = false): FakeContainer {
    const imageId = this.images.get(spec.image);
    if (imageId === undefined) throw new EngineError('NotFound', `No such image: ${spec.image}`);
    this.#created += 1;
    const id = identity(this.seed, spec.name, this.#created);
    const container = newContainer(spec, id, imageId, this.clock.now(), isForeign);
    const { memory, cpuShares, pids } = this.enforces;
    const dropped = {
      ...(memory ? {} : { memoryBytes: 0 }),
      ...(cpuShares ? {} : { cpuShares: 0 }),
      ...(pids ? {} : { pidsLimit: 0 }),
    };
    container.settings = { ...container.settings, ...dropped };
    for (const mount of spec.mounts) {
      if (mount.type === 'volume' && !this.#scratch.has(mount.volume)) this.volume(mount.volume);
      if (mount.type === 'scratch') container.scratchVolumes[mount.target] = this.#newScratch(id, mount.target, spec.image);
    }
    this.containers.set(id, container);
    this.emit(container, 'create');
    return container;
  }

  /** Docker makes a missing volume when a container names it. */
  volume(
    name: string,
    labels: Readonly<Record<string, string>> = {},
    inMemory = false,
    {
      driver = 'local',
      options = {},
    }: { driver?: string | undefined; options?: Readonly<Record<string, string>> | undefined } = {},
  ): FakeVolume {
    const made = { labels, inMemory, driver, options, createdAtMs: this.clock.now(), files: new Map() };
    const volume = this.volumes.get(name) ?? made;
    this.volumes.set(name, volume);
    return volume;
  }

  /** Files of a volume that belongs to one container. */
  scratch(name: string): Files {
    return this.#scratch.get(name) ?? new Map<string, FileEntry>();
  }

  #newScratch(id: string, target: string, image: string): string {
    const name = identity('scratch', id, target);
    const below = [...(this.imageFiles.get(image) ?? [])].filter(([path]) => path.startsWith(`${target}/`));
    this.#scratch.set(name, new Map(below.map(([path, entry]) => [path.slice(target.length), entry])));
    return name;
  }

  /** All networks, as the port shows them. */
  networksSeen(): readonly NetworkSeen[] {
    const foreign = [...this.foreignNames].map((name): NetworkSpec => ({ name, labels: {} }));
    return [...this.networks.values(), ...foreign].map(({ name, labels, addresses, bridge = `br-${name}` }) => ({
      name,
      labels,
      subnets: addresses === undefined ? [] : [addresses.subnet],
      gateway: addresses?.gateway ?? '',
      bridge,
    }));
  }

  /** A network of ours, made unless it is there. */
  network(spec: NetworkSpec): void {
    this.mustBeOurs(spec.name);
    if (this.networks.has(spec.name)) return;
    const wanted = parseRange(spec.addresses?.subnet ?? '');
    const used = [...this.networks.values()].map(({ addresses }) => addresses?.subnet ?? '');
    const isTaken = [...used, ...this.hiddenRanges].map(parseRange).some((one) => one && wanted && overlaps(one, wanted));
    if (isTaken) throw new EngineError('Invalid', 'Pool overlaps with other one on this address space');
    this.networks.set(spec.name, spec);
  }

  /** Somebody else's networks and volumes are in the way, and are left alone. */
  mustBeOurs(name: string): void {
    if (this.foreignNames.has(name)) throw new EngineError('Conflict', `${name} exists and is not one of ours`);
  }

  start(container: FakeContainer): void {
    if (container.state === 'running') return;
    if (container.state === 'paused') throw new EngineError('Conflict', 'cannot start a paused container, try unpause instead');
    const { network } = container.spec;
    if (network.type === 'sandbox' && this.containers.get(network.containerId)?.state !== 'running')
      throw new EngineError('Conflict', `cannot join network of a non running container: ${network.containerId}`);
    this.#addressMustBeFree(container);
    const problem = this.behaviour(container).startError ?? this.#obstacle(container);
    if (problem !== undefined) {
      container.error = problem;
      container.exitCode = EXIT_CANNOT_START;
      throw new EngineError('StartFailed', problem);
    }
    Object.assign(container, { state: 'running', startedAtMs: this.clock.now(), exitCode: 0, isOomKilled: false, error: '' });
    this.#started += 1;
    Object.assign(container, { pid: this.#started, isPlugged: false });
    if (network.type === 'network') container.ip = network.address ?? this.#takeAddress(this.networks.get(network.name));
    if (network.type === 'bare') container.ip = container.spec.labels[PLUG_ADDRESS_LABEL] ?? '';
    const home = network.type === 'sandbox' ? this.containers.get(network.containerId) : undefined;
    if (home?.spec.network.type === 'bare' && !home.isPlugged) this.cutOff.push(container.settings.name);
    const { exitAfterMs, exitCode = 0, prints = [] } = this.behaviour(container);
    for (const line of prints) this.print(container, line, 'stdout');
    if (exitAfterMs !== undefined) this.later(container, exitAfterMs, () => this.exit(container, exitCode));
    this.emit(container, 'start');
  }

  /** A container that Docker gives no network must not have the address of one that it gave one. */
  addressMustBeKnownFree({ network, labels }: ContainerSpec): void {
    if (network.type !== 'bare') return;
    if (!this.networks.has(network.name)) throw new EngineError('NotFound', `No such network: ${network.name}`);
    const address = labels[PLUG_ADDRESS_LABEL] ?? '';
    const isKnown = [...this.containers.values()].some((other) => other.ip === address && other.spec.network.type === 'network');
    if (isKnown || this.occupied.has(address)) throw new EngineError('AddressInUse', `a container has the address ${address}`);
  }

  #addressMustBeFree(container: FakeContainer): void {
    const { network } = container.spec;
    const address = network.type === 'network' ? network.address : undefined;
    const isFree = address === undefined || ![...this.containers.values()].some((other) => other.ip === address);
    if (isFree && !this.occupied.has(address ?? '')) return;
    throw new EngineError('AddressInUse', 'Address already in use');
  }

  #obstacle(container: FakeContainer): string | undefined {
    const { network, ports } = container.spec;
    if (network.type === 'network' && !this.networks.has(network.name)) return `network ${network.name} not found`;
    const taken = ports.find((port) =>
      [...this.containers.values()].some(
        (other) =>
          other !== container &&
          isAlive(other) &&
          other.spec.ports.some((held) => held.hostPort === port.hostPort && held.protocol === port.protocol),
      ),
    );
    return taken === undefined ? undefined : `Bind for ${taken.hostIP}:${taken.hostPort} failed: port is already allocated`;
  }

  /** Does something later in the present run of a container. */
  later(container: FakeContainer, delayMs: number, callback: () => void): void {
    container.timers.push(this.clock.after(delayMs, callback));
  }

  /** The program ends. */
  exit(container: FakeContainer, exitCode: number, isOomKilled = false): void {
    if (!isAlive(container)) return;
    for (const cancel of container.timers) cancel();
    container.timers = [];
    this.#releaseAddress(container.ip);
    Object.assign(container, { state: 'exited', finishedAtMs: this.clock.now(), exitCode, isOomKilled, ip: '' });
    container.logReaders.end();
    this.#unmount(container);
    if (isOomKilled) this.emit(container, 'oom');
    this.emit(container, 'die');
  }

  /** What is in memory is there as long as something that runs mounts it. */
  #unmount({ spec }: FakeContainer): void {
    const mounts = (one: FakeContainer, name: string): boolean =>
      one.spec.mounts.some((mount) => mount.type === 'volume' && mount.volume === name);
    for (const mount of spec.mounts) {
      const volume = mount.type === 'volume' ? this.volumes.get(mount.volume) : undefined;
      if (mount.type !== 'volume' || volume?.inMemory !== true) continue;
      if (![...this.containers.values()].some((one) => isAlive(one) && mounts(one, mount.volume))) volume.files.clear();
    }
  }

  /** The program writes a line. */
  print(container: FakeContainer, text: string, stream: LogChunk['stream']): void {
    const chunk: LogChunk = { stream, bytes: Buffer.from(`${text}\n`) };
    container.logLines.push({ atMs: this.clock.now(), chunk });
    container.logReaders.send(chunk);
  }

  drop(container: FakeContainer): void {
    this.exit(container, EXIT_BY_SIGKILL);
    container.logReaders.end();
    this.containers.delete(container.id);
    for (const name of Object.values(container.scratchVolumes)) this.#scratch.delete(name);
    this.emit(container, 'destroy');
  }

  emit(container: FakeContainer, action: string): void {
    if (container.isForeign) return;
    const event: EngineEvent = { containerId: container.id, labels: container.spec.labels, action };
    this.events.push({ atMs: this.clock.now(), event });
    this.eventReaders.send(event);
  }

  at(container: FakeContainer, path: string): { files: Files; path: string } {
    return locate(path, container.spec.mounts, {
      own: container.files,
      volume: (name) => this.#scratch.get(name) ?? this.volume(name).files,
      scratch: (target) => this.scratch(container.scratchVolumes[target] ?? ''),
      host: this.host,
    });
  }

  put(container: FakeContainer, directory: string, entries: readonly FileEntry[]): void {
    for (const entry of entries) {
      const place = this.at(container, `${directory}/${entry.path}`);
      putEntry(place.files, '/', { ...entry, path: place.path });
    }
  }

  rename(container: FakeContainer, from: string, to: string): boolean {
    const source = this.at(container, from);
    const destination = this.at(container, to);
    return source.files === destination.files && rename(source.files, source.path, destination.path);
  }

  #takeAddress(network: NetworkSpec | undefined): string {
    const first = parseRange(network?.addresses?.dynamic ?? '')?.base ?? FIRST_ADDRESS;
    for (let address = first; address <= LAST_ADDRESS; address += 1)
      if (!this.#addresses.has(address)) {
        this.#addresses.add(address);
        return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
      }
    throw new EngineError('Failed', 'no available IPv4 addresses on this network');
  }

  #releaseAddress(ip: string): void {
    if (ip !== '') this.#addresses.delete(ip.split('.').reduce((address, part) => (address << 8) | Number(part), 0));
  }
}
