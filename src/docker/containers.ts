// The life of containers: listed, looked at, created, started, ended, removed. Whatever does not carry the cluster's label is neither
// shown nor touched; other files of this room ask `own` before they touch a container.
import { type ContainerSeen, type ContainerSpec, EngineError } from '../kubelet/engine/container-engine.ts';
import { CLUSTER_LABEL, PLUG_ADDRESS_LABEL } from '../kubelet/labels.ts';
import type { ContainerBody, IdBody, MountBody, NetworkBody } from './bodies.ts';
import type { Connection } from './connection.ts';
import { toCreateBody } from './create-body.ts';
import { labelsOfOurs } from './event-stream.ts';
import { RefusedByEngine } from './failures.ts';
import { checkHostPaths } from './host-paths.ts';
import { toSeen } from './mapping.ts';
import { toEngineMounts } from './sub-paths.ts';

/** How many inspections a list has in flight. */
const PARALLEL_INSPECTIONS = 16;
const SHORT_ID = 12;
/** Docker has no status of its own for it. A port of the host that is taken has `bind: ` before these words. */
const ADDRESS_IN_USE = /(?<!bind: )address already in use$/i;

/** What is known of a container of ours without asking; it never changes. */
interface Known {
  readonly isTerminal: boolean;
  /** Absent as long as it has not been looked at. */
  readonly mounts?: readonly MountBody[];
}

/** The containers of one cluster on one engine. */
export class Containers {
  readonly #connection: Connection;
  readonly #cluster: string;
  /** Containers that were seen to be ours, so that the check costs no call. */
  #ours = new Map<string, Known>();

  constructor(connection: Connection, cluster: string) {
    this.#connection = connection;
    this.#cluster = cluster;
  }

  /** See ContainerEngine.list. */
  async list(signal: AbortSignal): Promise<readonly ContainerSeen[]> {
    const bodies = await this.#connection.json<readonly IdBody[]>({
      what: 'list the containers',
      method: 'GET',
      path: '/containers/json',
      query: { all: true, filters: { label: [`${CLUSTER_LABEL}=${this.#cluster}`] } },
      expect: [200],
      signal,
    });
    const ids = bodies.map((body) => body.Id ?? '').toReversed();
    // Lists lack exit codes and settings, so each is inspected.
    const seen: (ContainerSeen | undefined)[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let at = next++; at < ids.length; at = next++) seen[at] = await this.inspect(ids[at] ?? '', signal);
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL_INSPECTIONS, ids.length) }, work));
    const listed = new Set(ids);
    this.#ours = new Map([...this.#ours].filter(([id]) => listed.has(id)));
    return seen.filter((container) => container !== undefined);
  }

  /** See ContainerEngine.inspect. */
  async inspect(id: string, signal: AbortSignal): Promise<ContainerSeen | undefined> {
    const body = await this.body(id, signal);
    if (body === undefined || !this.#isOurs(body)) return undefined;
    this.#know(id, body);
    return toSeen(body);
  }

  /** See ContainerEngine.create. */
  async create(spec: ContainerSpec, signal: AbortSignal): Promise<string> {
    if (spec.network.type === 'bare') await this.#addressMustBeFree(spec.network.name, spec.labels[PLUG_ADDRESS_LABEL], signal);
    const mounts = await toEngineMounts(this.#connection, spec, (sandbox) => this.#mountsOf(sandbox, signal), signal);
    const { status, bytes } = await this.#connection.call({
      what: `create container ${spec.name}`,
      method: 'POST',
      path: '/containers/create',
      query: { name: spec.name },
      body: toCreateBody({ ...spec, mounts }, this.#cluster),
      expect: [201, 409],
      signal,
    });
    const id = status === 409 ? await this.#sameContainer(spec, signal) : ((JSON.parse(bytes.toString()) as IdBody).Id ?? '');
    this.#ours.set(id, { isTerminal: spec.terminal?.tty === true });
    try {
      await checkHostPaths(this.#connection, id, spec.mounts, signal);
    } catch (error) {
      await this.remove(id, signal);
      throw error;
    }
    return id;
  }

  /** Docker does not know of the address of a bare container, so that others may have been given it by name. */
  async #addressMustBeFree(network: string, address: string | undefined, signal: AbortSignal): Promise<void> {
    const path = `/networks/${encodeURIComponent(network)}`;
    const request = { what: `look at network ${network}`, method: 'GET', path, expect: [200, 404], signal } as const;
    const { status, bytes } = await this.#connection.call(request);
    if (status === 404) throw new EngineError('NotFound', `No such network: ${network}`);
    const { Containers } = JSON.parse(bytes.toString()) as NetworkBody;
    const user = Object.values(Containers ?? {}).find(({ IPv4Address }) => IPv4Address?.split('/')[0] === address);
    if (user !== undefined) throw new EngineError('AddressInUse', `container ${user.Name ?? ''} has the address ${address}`);
  }

  /** The name is taken: by what we want, made by a call whose answer was lost? */
  async #sameContainer(spec: ContainerSpec, signal: AbortSignal): Promise<string> {
    const holder = await this.body(spec.name, signal);
    const labels = holder?.Config?.Labels ?? {};
    const isSame =
      holder !== undefined && this.#isOurs(holder) && Object.entries(spec.labels).every(([key, value]) => labels[key] === value);
    if (isSame && holder.Id !== undefined) return holder.Id;
    const who = holder?.Id === undefined ? 'a container that is just going' : `container ${holder.Id.slice(0, SHORT_ID)}`;
    throw new EngineError('Conflict', `create container ${spec.name}: the name is in use by ${who}`);
  }

  /** See ContainerEngine.start. */
  async start(id: string, signal: AbortSignal): Promise<void> {
    await this.own(id, signal);
    try {
      await this.#act(id, 'start', [204, 304], signal);
    } catch (error) {
      const status = error instanceof EngineError && error.cause instanceof RefusedByEngine ? error.cause.status : undefined;
      if (status === undefined || status === 409 || status === 503) throw error;
      // 404 also stands for a missing network or program.
      if (status === 404 && (await this.body(id, signal)) === undefined) throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw new EngineError(ADDRESS_IN_USE.test(message) ? 'AddressInUse' : 'StartFailed', message, { cause: error });
    }
  }

  /** See ContainerEngine.kill. */
  async kill(id: string, how: 'stop' | 'kill', signal: AbortSignal): Promise<void> {
    const body = await this.body(id, signal);
    if (body === undefined) return;
    this.#mustBeOurs(body);
    const { state } = toSeen(body);
    if (state !== 'running' && state !== 'paused' && state !== 'restarting') return;
    if (state === 'paused') await this.#act(id, 'unpause', [204, 304, 404, 409, 500], signal);
    const name = how === 'kill' ? 'SIGKILL' : body.Config?.StopSignal || 'SIGTERM';
    // 404 and 409: it has ended meanwhile.
    await this.#act(id, 'kill', [204, 304, 404, 409], signal, { signal: name });
  }

  /** See ContainerEngine.remove. */
  async remove(id: string, signal: AbortSignal): Promise<void> {
    if (!this.#ours.has(id)) {
      const body = await this.body(id, signal);
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

  /** Before a call that touches a container: NotFound when it is gone, Conflict when it is somebody else's. */
  async own(id: string, signal: AbortSignal): Promise<Known> {
    const known = this.#ours.get(id);
    if (known !== undefined) return known;
    const body = await this.body(id, signal);
    if (body === undefined) throw new EngineError('NotFound', `No such container: ${id}`);
    this.#mustBeOurs(body);
    return this.#know(id, body);
  }

  /** Anybody's container by id or name; undefined when there is none. */
  async body(id: string, signal: AbortSignal): Promise<ContainerBody | undefined> {
    const path = `/containers/${encodeURIComponent(id)}/json`;
    const what = `inspect container ${id.slice(0, SHORT_ID)}`;
    const { status, bytes } = await this.#connection.call({ what, method: 'GET', path, expect: [200, 404], signal });
    if (status === 404) this.#ours.delete(id);
    return status === 404 ? undefined : (JSON.parse(bytes.toString()) as ContainerBody);
  }

  async #mountsOf(id: string, signal: AbortSignal): Promise<readonly MountBody[]> {
    const known = (await this.own(id, signal)).mounts;
    if (known !== undefined) return known;
    await this.inspect(id, signal);
    return this.#ours.get(id)?.mounts ?? [];
  }

  async #act(
    id: string,
    verb: string,
    expect: readonly number[],
    signal: AbortSignal,
    query: Record<string, string> = {},
  ): Promise<void> {
    const path = `/containers/${encodeURIComponent(id)}/${verb}`;
    const what = `${verb} container ${id.slice(0, SHORT_ID)}`;
    await this.#connection.call({ what, method: 'POST', path, query, expect, signal });
  }

  #know(id: string, body: ContainerBody): Known {
    const known = { isTerminal: body.Config?.Tty === true, mounts: body.Mounts ?? [] };
    this.#ours.set(id, known);
    return known;
  }

  #mustBeOurs(body: ContainerBody): void {
    if (this.#isOurs(body)) return;
    const name = `container ${(body.Id ?? '').slice(0, SHORT_ID)}`;
    throw new EngineError('Conflict', `${name} does not belong to cluster ${this.#cluster}`);
  }

  #isOurs(body: ContainerBody): boolean {
    return labelsOfOurs(body, this.#cluster) !== undefined;
  }
}
