// Networks and volumes: had when needed, left alone when they are somebody else's.
import {
  type DiskUse,
  EngineError,
  type NetworkSeen,
  type NetworkSpec,
  type VolumeSeen,
  type VolumeSpec,
} from '../kubelet/engine/container-engine.ts';
import { CLUSTER_LABEL } from '../kubelet/labels.ts';
import type { DiskUseBody, NamedBody, NetworkBody, VolumesBody } from './bodies.ts';
import type { Connection } from './connection.ts';
import { RefusedByEngine } from './failures.ts';
import { toDiskUse, toNetworkBody, toNetworkSeen, toVolumeBody, toVolumeSeen } from './mapping.ts';

type Kind = 'network' | 'volume';

/** Networks and volumes of one cluster on one engine. */
export class Storage {
  readonly #connection: Connection;
  readonly #cluster: string;

  constructor(connection: Connection, cluster: string) {
    this.#connection = connection;
    this.#cluster = cluster;
  }

  /** See ContainerEngine.networks. */
  async networks(signal: AbortSignal): Promise<readonly NetworkSeen[]> {
    const request = { what: 'list the networks', method: 'GET', path: '/networks', expect: [200], signal } as const;
    return (await this.#connection.json<readonly NetworkBody[]>(request)).map(toNetworkSeen);
  }

  /** See ContainerEngine.ensureNetwork. */
  async ensureNetwork(spec: NetworkSpec, signal: AbortSignal): Promise<void> {
    const { name } = spec;
    if (await this.#isOurs('network', name, signal)) return;
    const request = { what: `create network ${name}`, method: 'POST', path: '/networks/create', expect: [201, 409] } as const;
    const { ApiVersion = '' } = await this.#connection.version(signal);
    try {
      const body = toNetworkBody(spec, this.#cluster, ApiVersion);
      const { status } = await this.#connection.call({ ...request, body, signal });
      if (status === 409) await this.#isOurs('network', name, signal);
    } catch (error) {
      // That another network has the subnet or the bridge is any status.
      const isChosen = spec.addresses !== undefined || spec.bridge !== undefined;
      if (!isChosen || !(error instanceof EngineError) || !(error.cause instanceof RefusedByEngine)) throw error;
      throw error.cause.status === 503 ? error : new EngineError('Invalid', error.message, { cause: error });
    }
  }

  /** See ContainerEngine.removeNetwork. */
  async removeNetwork(name: string, signal: AbortSignal): Promise<void> {
    await this.#remove('network', name, signal);
  }

  async listVolumes(signal: AbortSignal): Promise<readonly VolumeSeen[]> {
    const body = await this.#connection.json<VolumesBody>({
      what: 'list the volumes',
      method: 'GET',
      path: '/volumes',
      query: { filters: { label: [`${CLUSTER_LABEL}=${this.#cluster}`] } },
      expect: [200],
      signal,
    });
    return (body.Volumes ?? []).map(toVolumeSeen);
  }

  /** See ContainerEngine.ensureVolume. Conflict when somebody else's has the name. */
  async ensureVolume(spec: VolumeSpec, signal: AbortSignal): Promise<void> {
    if (await this.#isOurs('volume', spec.name, signal)) return;
    const request = { what: `create volume ${spec.name}`, method: 'POST', path: '/volumes/create', expect: [201, 200] } as const;
    try {
      await this.#connection.call({ ...request, body: toVolumeBody(spec, this.#cluster), signal });
    } catch (error) {
      // A missing driver is 404, and options that a driver refuses are any status.
      const isChosen = spec.driver !== undefined || spec.options !== undefined;
      if (!isChosen || !(error instanceof EngineError) || !(error.cause instanceof RefusedByEngine)) throw error;
      throw error.cause.status === 503 ? error : new EngineError('Invalid', error.message, { cause: error });
    }
  }

  /** See ContainerEngine.removeVolume. */
  async removeVolume(name: string, signal: AbortSignal): Promise<void> {
    await this.#remove('volume', name, signal);
  }

  /** See ContainerEngine.diskUse. Engines before API 1.42 also measure the images, whatever they are asked. */
  async diskUse(signal: AbortSignal): Promise<DiskUse> {
    const query = { type: ['volume', 'container'] };
    const request = { what: 'measure volumes and containers', method: 'GET', path: '/system/df', query, expect: [200] } as const;
    return toDiskUse(await this.#connection.json<DiskUseBody>({ ...request, signal }), this.#cluster);
  }

  async #remove(kind: Kind, name: string, signal: AbortSignal): Promise<void> {
    if (!(await this.#isOurs(kind, name, signal))) return;
    const path = `/${kind}s/${encodeURIComponent(name)}`;
    await this.#connection.call({ what: `remove ${kind} ${name}`, method: 'DELETE', path, expect: [204, 404], signal });
  }

  /** False when there is none of that name; throws Conflict when it is somebody else's. */
  async #isOurs(kind: Kind, name: string, signal: AbortSignal): Promise<boolean> {
    const what = `inspect ${kind} ${name}`;
    const path = `/${kind}s/${encodeURIComponent(name)}`;
    const { status, bytes } = await this.#connection.call({ what, method: 'GET', path, expect: [200, 404], signal });
    if (status === 404) return false;
    const body = JSON.parse(bytes.toString()) as NamedBody;
    // Docker also finds a network by the beginning of its id.
    if (body.Name !== name) return false;
    if (body.Labels?.[CLUSTER_LABEL] === this.#cluster) return true;
    throw new EngineError('Conflict', `${kind} ${name} exists and does not belong to cluster ${this.#cluster}`);
  }
}
