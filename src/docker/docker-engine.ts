// The kubelet's ContainerEngine on a real Docker Engine. Naked calls, one after the other: no retries, no waiting for a state, no
// decisions (the kubelet's), and nothing that does not carry the cluster's label is shown or touched.
import {
  type ContainerEngine,
  type ContainerSeen,
  type ContainerSpec,
  EngineError,
  type EngineEvent,
  type EngineInfo,
  type ExecResult,
  type FileEntry,
  type LogChunk,
  type LogOptions,
  type VolumeSeen,
  type VolumeSpec,
} from '../kubelet/engine/container-engine.ts';
import { CLUSTER_LABEL } from '../kubelet/labels.ts';
import type { Clock } from '../system/clock.ts';
import type { ContainerBody, IdBody, InfoBody } from './bodies.ts';
import { Connection, type EngineRequest } from './connection.ts';
import type { DockerHost } from './docker-host.ts';
import { followEvents, labelsOfOurs } from './event-stream.ts';
import { RefusedByEngine } from './failures.ts';
import { checkHostPaths } from './host-paths.ts';
import { findImage, importRootFileSystem, pullImage } from './images.ts';
import { execIn, logsOf, putFilesInto, readLinkIn } from './inside.ts';
import { toCreateBody, toInfo, toSeen } from './mapping.ts';
import { Storage } from './storage.ts';

export interface DockerEngineOptions {
  /** Value of the label holdfast.dev/cluster on all that this engine shows and touches. */
  readonly cluster: string;
  readonly host: DockerHost;
  readonly clock: Clock;
}

/** How many inspections a list has in flight. */
const PARALLEL_INSPECTIONS = 16;
const SHORT_ID = 12;

/** Connects to a Docker Engine; nothing is called yet. Throws Invalid when the TLS files cannot be read. */
export function createDockerEngine(options: DockerEngineOptions): ContainerEngine {
  return new DockerEngine(options);
}

class DockerEngine implements ContainerEngine {
  readonly #connection: Connection;
  readonly #cluster: string;
  readonly #clock: Clock;
  readonly #storage: Storage;
  /** Ids that were seen to be ours, so that the check costs no call. */
  #ours = new Set<string>();

  constructor({ cluster, host, clock }: DockerEngineOptions) {
    this.#connection = new Connection(host);
    this.#cluster = cluster;
    this.#clock = clock;
    this.#storage = new Storage(this.#connection, cluster);
  }

  async info(signal: AbortSignal): Promise<EngineInfo> {
    const version = await this.#connection.version(signal);
    const request: EngineRequest = { what: 'read the engine', method: 'GET', path: '/info', expect: [200], signal };
    return toInfo(await this.#connection.json<InfoBody>(request), version);
  }

  async list(signal: AbortSignal): Promise<readonly ContainerSeen[]> {
    const query = { all: true, filters: { label: [`${CLUSTER_LABEL}=${this.#cluster}`] } };
    const request: EngineRequest = {
      what: 'list the containers',
      method: 'GET',
      path: '/containers/json',
      query,
      expect: [200],
      signal,
    };
    const ids = (await this.#connection.json<readonly IdBody[]>(request)).map((body) => body.Id ?? '').toReversed();
    // Lists lack exit codes and settings, so each is inspected.
    const seen: (ContainerSeen | undefined)[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let at = next++; at < ids.length; at = next++) seen[at] = await this.inspect(ids[at] ?? '', signal);
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL_INSPECTIONS, ids.length) }, work));
    this.#ours = new Set(ids);
    return seen.filter((container) => container !== undefined);
  }

  async inspect(id: string, signal: AbortSignal): Promise<ContainerSeen | undefined> {
    const body = await this.#inspectAny(id, signal);
    if (body === undefined || !this.#isOurs(body)) return undefined;
    this.#ours.add(id);
    return toSeen(body);
  }

  async create(spec: ContainerSpec, signal: AbortSignal): Promise<string> {
    const { status, bytes } = await this.#connection.call({
      what: `create container ${spec.name}`,
      method: 'POST',
      path: '/containers/create',
      query: { name: spec.name },
      body: toCreateBody(spec, this.#cluster),
      expect: [201, 409],
      signal,
    });
    const id = status === 409 ? await this.#sameContainer(spec, signal) : ((JSON.parse(bytes.toString()) as IdBody).Id ?? '');
    this.#ours.add(id);
    try {
      await checkHostPaths(this.#connection, id, spec.mounts, signal);
    } catch (error) {
      await this.remove(id, signal);
      throw error;
    }
    return id;
  }

  /** The name is taken: by what we want, made by a call whose answer was lost? */
  async #sameContainer(spec: ContainerSpec, signal: AbortSignal): Promise<string> {
    const holder = await this.#inspectAny(spec.name, signal);
    const labels = holder?.Config?.Labels ?? {};
    const isSame =
      holder !== undefined && this.#isOurs(holder) && Object.entries(spec.labels).every(([key, value]) => labels[key] === value);
    if (isSame && holder.Id !== undefined) return holder.Id;
    const who = holder?.Id === undefined ? 'a container that is just going' : `container ${holder.Id.slice(0, SHORT_ID)}`;
    throw new EngineError('Conflict', `create container ${spec.name}: the name is in use by ${who}`);
  }

  async start(id: string, signal: AbortSignal): Promise<void> {
    await this.#own(id, signal);
    try {
      await this.#act(id, 'start', [204, 304], signal);
    } catch (error) {
      const status = error instanceof EngineError && error.cause instanceof RefusedByEngine ? error.cause.status : undefined;
      if (status === undefined || status === 409 || status === 503) throw error;
      // 404 also stands for a missing network or program.
      if (status === 404 && (await this.#inspectAny(id, signal)) === undefined) throw error;
      throw new EngineError('StartFailed', error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  async kill(id: string, how: 'stop' | 'kill', signal: AbortSignal): Promise<void> {
    const body = await this.#inspectAny(id, signal);
    if (body === undefined) return;
    this.#mustBeOurs(body);
    const { state } = toSeen(body);
    if (state !== 'running' && state !== 'paused' && state !== 'restarting') return;
    if (state === 'paused') await this.#act(id, 'unpause', [204, 304, 404, 409, 500], signal);
    const name = how === 'kill' ? 'SIGKILL' : body.Config?.StopSignal || 'SIGTERM';
    // 404 and 409: it has ended meanwhile.
    await this.#act(id, 'kill', [204, 304, 404, 409], signal, { signal: name });
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    if (!this.#ours.has(id)) {
      const body = await this.#inspectAny(id, signal);
      if (body === undefined) return;
      this.#mustBeOurs(body);
    }
    const path = `/containers/${encodeURIComponent(id)}`;
    const what = `remove container ${id.slice(0, SHORT_ID)}`;
    const query = { force: true, v: true };
    const { status } = await this.#connection.call({ what, method: 'DELETE', path, query, expect: [204, 404, 409], signal });
    // 409: another removal is under way.
    if (status === 409) await this.#act(id, 'wait', [200, 404], signal, { condition: 'removed' });
    this.#ours.delete(id);
  }

  async exec(id: string, command: readonly string[], maxOutputBytes: number, signal: AbortSignal): Promise<ExecResult> {
    await this.#own(id, signal);
    return await execIn(this.#connection, this.#clock, id, command, maxOutputBytes, signal);
  }

  async *logs(id: string, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogChunk> {
    await this.#own(id, signal);
    yield* logsOf(this.#connection, id, options, signal);
  }

  async putFiles(id: string, directory: string, files: readonly FileEntry[], signal: AbortSignal): Promise<void> {
    await this.#own(id, signal);
    await putFilesInto(this.#connection, id, directory, files, signal);
  }

  async readLink(id: string, path: string, signal: AbortSignal): Promise<string | undefined> {
    await this.#own(id, signal);
    return await readLinkIn(this.#connection, id, path, signal);
  }

  image(reference: string, signal: AbortSignal): Promise<string | undefined> {
    return findImage(this.#connection, reference, signal);
  }

  pull(reference: string, signal: AbortSignal): Promise<void> {
    return pullImage(this.#connection, reference, signal);
  }

  importImage(
    reference: string,
    rootFileSystem: readonly FileEntry[],
    config: { entrypoint: readonly string[] },
    signal: AbortSignal,
  ): Promise<void> {
    return importRootFileSystem(this.#connection, reference, rootFileSystem, config.entrypoint, signal);
  }

  ensureNetwork(name: string, labels: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    return this.#storage.ensureNetwork(name, labels, signal);
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

  events(sinceMs: number, signal: AbortSignal): AsyncIterable<EngineEvent> {
    return followEvents(this.#connection, this.#cluster, sinceMs, signal, async (id, itsSignal) => {
      const body = await this.#inspectAny(id, itsSignal);
      return body === undefined ? undefined : labelsOfOurs(body, this.#cluster);
    });
  }

  async #act(
    id: string,
    verb: string,
    expect: readonly number[],
    signal: AbortSignal,
    query: Record<string, string> = {},
  ): Promise<void> {
    const path = `/containers/${encodeURIComponent(id)}/${verb}`;
    await this.#connection.call({
      what: `${verb} container ${id.slice(0, SHORT_ID)}`,
      method: 'POST',
      path,
      query,
      expect,
      signal,
    });
  }

  async #inspectAny(id: string, signal: AbortSignal): Promise<ContainerBody | undefined> {
    const path = `/containers/${encodeURIComponent(id)}/json`;
    const what = `inspect container ${id.slice(0, SHORT_ID)}`;
    const { status, bytes } = await this.#connection.call({ what, method: 'GET', path, expect: [200, 404], signal });
    if (status === 404) this.#ours.delete(id);
    return status === 404 ? undefined : (JSON.parse(bytes.toString()) as ContainerBody);
  }

  /** Before a call that touches a container: NotFound when it is gone, Conflict when it is somebody else's. */
  async #own(id: string, signal: AbortSignal): Promise<void> {
    if (this.#ours.has(id)) return;
    const body = await this.#inspectAny(id, signal);
    if (body === undefined) throw new EngineError('NotFound', `No such container: ${id}`);
    this.#mustBeOurs(body);
    this.#ours.add(id);
  }

  #mustBeOurs(body: ContainerBody): void {
    if (!this.#isOurs(body))
      throw new EngineError(
        'Conflict',
        `container ${(body.Id ?? '').slice(0, SHORT_ID)} does not belong to cluster ${this.#cluster}`,
      );
  }

  #isOurs(body: ContainerBody): boolean {
    return labelsOfOurs(body, this.#cluster) !== undefined;
  }
}
