// What a test sees of a fake engine, and does to it behind our back.
import {
  type ContainerSeen,
  type ContainerSpec,
  type DiskUse,
  EngineError,
  type FileEntry,
  type LiveSettings,
  type LogChunk,
  type VolumeSeen,
} from '../../src/kubelet/engine/container-engine.ts';
import { type Behaviour, type FakeContainer, seen } from './fake-container.ts';
import { readText } from './fake-files.ts';
import { EXIT_BY_SIGTERM, type FakeWorld } from './fake-world.ts';
import { plainContainer } from './plain-container.ts';

/** What goes wrong in one call: an error instead of the effect, no answer ever, or the effect and then no answer. */
export type Fault = EngineError | 'hang' | 'late-success' | undefined;

const FOREIGN_IMAGE = 'somebody-elses:1';
const FOREIGN_CONTAINER: ContainerSpec = {
  name: '',
  image: FOREIGN_IMAGE,
  labels: {},
  ...plainContainer,
  network: { type: 'network', name: 'bridge' },
};

/** The half of the fake engine that is not the port. */
export class FakeEngineControls {
  /** Consulted before every call; a test replaces it. */
  faults: (call: string, args: readonly unknown[]) => Fault = () => undefined;
  /** Every call in order; `isWrite` when it changed what the engine holds. Probes by `exec` do not. */
  readonly calls: { readonly name: string; readonly isWrite: boolean }[] = [];
  /** What listens inside pods, by `address:port`: takes a piece of what it is sent and says what it answers; `end` hangs up. */
  readonly listeners = new Map<string, (bytes: Uint8Array) => Uint8Array | 'end'>();
  /** Sandboxes from before they could relay. */
  readonly cannotRelay = new Set<string>();
  protected readonly world: FakeWorld;

  constructor(world: FakeWorld) {
    this.world = world;
  }

  /** The host gets another name. */
  renameHost(name: string): void {
    this.world.hostName = name;
  }

  /** The engine cannot enforce these, as a rootless one, or one whose kernel has no control groups for them. */
  cannotEnforce(...resources: readonly ('memory' | 'cpuShares' | 'pids')[]): void {
    for (const resource of resources) this.world.enforces = { ...this.world.enforces, [resource]: false };
  }

  /** How the programs of an image, and its registry, behave from now on. */
  behave(image: string, behaviour: Behaviour): void {
    this.world.behaviours.set(image, behaviour);
  }

  /** What the plug of the node does for a running container: files, and something in its network namespace. False when that is not its process. */
  plugIn(id: string, pid: number, directory: string, files: readonly FileEntry[]): boolean {
    const container = this.world.containers.get(id);
    if (container?.state !== 'running' || container.pid !== pid) return false;
    this.world.put(container, directory, files);
    container.isPlugged = true;
    return true;
  }

  /** Names of containers that were started in a sandbox with nothing in its network namespace. */
  get cutOff(): readonly string[] {
    return this.world.cutOff;
  }

  /** Our containers, oldest first. */
  containers(): readonly ContainerSeen[] {
    return [...this.world.containers.values()].filter((container) => !container.isForeign).map(seen);
  }

  /** What a container was made from. */
  spec(id: string): ContainerSpec {
    return this.ours(id).spec;
  }

  volumes(): readonly VolumeSeen[] {
    return [...this.world.volumes].map(([name, { labels, driver, options, createdAtMs }]) => ({
      name,
      labels,
      driver,
      options,
      createdAtMs,
    }));
  }

  networkNames(): readonly string[] {
    return [...this.world.networks.keys()];
  }

  images(): readonly string[] {
    return [...this.world.images.keys()];
  }

  /** Forgets an image, as `docker rmi` does. */
  removeImageByHand(reference: string): void {
    this.world.images.delete(reference);
  }

  /** Text of a file as the container reads it, links followed; undefined when it is not there. */
  textOf(id: string, path: string): string | undefined {
    const place = this.world.at(this.ours(id), path);
    return readText(place.files, place.path);
  }

  /** Files of a volume by absolute path within it. */
  volumeFiles(name: string): ReadonlyMap<string, FileEntry> {
    return this.world.volumes.get(name)?.files ?? new Map();
  }

  /** What volumes on disk and the containers' own layers hold. */
  protected diskInUse(): DiskUse {
    const bytesOf = (files: ReadonlyMap<string, FileEntry>): number =>
      [...files.values()].reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
    const onDisk = [...this.world.volumes].filter(([, { inMemory, options }]) => !inMemory && Object.keys(options).length === 0);
    return {
      volumes: new Map(onDisk.map(([name, { files }]) => [name, bytesOf(files)])),
      containers: new Map(this.containers().map(({ id }) => [id, bytesOf(this.ours(id).files)])),
    };
  }

  /** The program writes a line of output. */
  print(id: string, text: string, stream: LogChunk['stream'] = 'stdout'): void {
    this.world.print(this.ours(id), text, stream);
  }

  /** The program ends by itself. */
  crash(id: string, exitCode: number, isOomKilled = false): void {
    this.world.exit(this.ours(id), exitCode, isOomKilled);
  }

  /** `docker stop` behind our back. */
  stopByHand(id: string): void {
    this.world.exit(this.ours(id), EXIT_BY_SIGTERM);
  }

  /** `docker restart` behind our back. */
  restartByHand(id: string): void {
    const container = this.ours(id);
    this.world.exit(container, EXIT_BY_SIGTERM);
    this.world.start(container);
  }

  /** `docker rm -f` behind our back. */
  removeByHand(id: string): void {
    this.world.drop(this.ours(id));
  }

  pause(id: string): void {
    const container = this.ours(id);
    if (container.state !== 'running') return;
    container.state = 'paused';
    this.world.emit(container, 'pause');
  }

  /** `docker update`, `rename`, `network connect` behind our back. */
  edit(id: string, settings: Partial<LiveSettings>): void {
    const container = this.ours(id);
    container.settings = { ...container.settings, ...settings };
    this.world.emit(
      container,
      settings.name === undefined ? (settings.networks === undefined ? 'update' : 'disconnect') : 'rename',
    );
  }

  /** Somebody on the same host uses a range, which the engine does not show and does not give. */
  hideRange(range: string): void {
    this.world.hiddenRanges.add(range);
  }

  /** A container of somebody else takes an address on a network of ours. */
  occupyAddress(address: string): void {
    this.world.occupied.add(address);
  }

  /** `docker network rm` behind our back. */
  loseNetwork(name: string): void {
    this.world.networks.delete(name);
  }

  /** Something of somebody else on the same engine, which can collide by name. Returns its id. */
  addForeign(kind: 'container' | 'network' | 'volume', name: string): string {
    if (kind !== 'container') {
      this.world.foreignNames.add(name);
      return name;
    }
    this.world.images.set(FOREIGN_IMAGE, FOREIGN_IMAGE);
    return this.world.add({ ...FOREIGN_CONTAINER, name }, true).id;
  }

  /** Is a container that is not ours still there? */
  hasForeign(id: string): boolean {
    return this.world.containers.get(id)?.isForeign === true;
  }

  /** Every event stream breaks, as when the engine restarts. */
  breakEvents(): void {
    this.world.eventReaders.end(new EngineError('Unreachable', 'the event stream broke'));
  }

  /** Every event stream stays open and says nothing more, as when the other end is gone without a word. */
  deafenEvents(): void {
    this.world.eventReaders.deafen();
  }

  /** How many calls changed something. */
  get writes(): number {
    return this.calls.filter(({ isWrite }) => isWrite).length;
  }

  /** True as long as no call has tried to remove a container, a volume or a network. */
  get deletedNothing(): boolean {
    return !this.calls.some(({ name }) => name.startsWith('remove'));
  }

  /** Ours or nothing; Conflict for a container of somebody else. */
  protected find(id: string): FakeContainer | undefined {
    const container = this.world.containers.get(id);
    if (container?.isForeign === true) throw new EngineError('Conflict', `container ${id} is not one of ours`);
    return container;
  }

  /** Ours; NotFound when it is gone. */
  protected ours(id: string): FakeContainer {
    const container = this.find(id);
    if (container === undefined) throw new EngineError('NotFound', `No such container: ${id}`);
    return container;
  }
}
