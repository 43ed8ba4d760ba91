// The floor: the same containers as a pod has, made through the Docker API directly, without anybody deciding anything.
import { dockerRequest } from '../scripts/engine-api.mjs';
import { CLUSTER_LABEL, POD_UID_LABEL } from '../src/kubelet/labels.ts';

/** As many in flight as the kubelet has. */
const IN_FLIGHT = 8;

/** Bodies of `POST /containers/create`, as Holdfast sent them for a pod of one container. */
export interface PodBodies {
  readonly sandbox: CreateBody;
  readonly app: CreateBody;
}

export interface CreateBody {
  readonly Labels: Readonly<Record<string, string>>;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** A pod that was made by hand. */
export interface FloorPod {
  readonly sandboxId: string;
  readonly appId: string;
}

export class Floor {
  readonly #host: string;
  readonly #bodies: PodBodies;
  /** Labels what is made. */
  readonly cluster: string;
  #made = 0;

  /** `cluster` must be nobody else's: what carries it is removed. */
  constructor(host: string, bodies: PodBodies, cluster: string) {
    this.#host = host;
    this.#bodies = bodies;
    this.cluster = cluster;
  }

  /** The network of its pods; Holdfast's own exists as well before anything is timed. */
  async prepare(): Promise<void> {
    const body = { Name: this.cluster, Driver: 'bridge', Labels: { [CLUSTER_LABEL]: this.cluster } };
    await dockerRequest(this.#host, 'POST', '/networks/create', body);
  }

  /** Makes so many pods, eight at a time, each as a row of four calls: create and start the sandbox, create and start the container. */
  async bringUp(count: number): Promise<FloorPod[]> {
    const made: FloorPod[] = [];
    let left = count;
    const work = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        made.push(await this.#makePod());
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, work));
    return made;
  }

  /** Creates and starts one more container like the pods' in an existing sandbox. */
  async addContainer(sandboxId: string): Promise<string> {
    const namespaces = { NetworkMode: `container:${sandboxId}`, IpcMode: `container:${sandboxId}` };
    return await this.#run({ ...this.#bodies.app, HostConfig: { ...this.#bodies.app.HostConfig, ...namespaces } });
  }

  async #makePod(): Promise<FloorPod> {
    const { sandbox } = this.#bodies;
    const sandboxId = await this.#run({ ...sandbox, HostConfig: { ...sandbox.HostConfig, NetworkMode: this.cluster } });
    return { sandboxId, appId: await this.addContainer(sandboxId) };
  }

  async #run(body: CreateBody): Promise<string> {
    this.#made += 1;
    const labelled = { ...body, Labels: { ...body.Labels, [CLUSTER_LABEL]: this.cluster } };
    const answer = await dockerRequest(this.#host, 'POST', `/containers/create?name=${this.cluster}-${this.#made}`, labelled);
    const { Id } = answer as { Id: string };
    await dockerRequest(this.#host, 'POST', `/containers/${Id}/start`);
    return Id;
  }
}

/** A container of a listing. */
export interface ListedContainer {
  readonly Id: string;
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** The containers of a cluster's pods. */
export async function podContainersOf(host: string, cluster: string): Promise<readonly ListedContainer[]> {
  return (await containersOf(host, cluster)).filter(({ Labels }) => Labels[POD_UID_LABEL] !== undefined);
}

/** All containers of a cluster, that of its network too. */
async function containersOf(host: string, cluster: string): Promise<readonly ListedContainer[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${CLUSTER_LABEL}=${cluster}`] }));
  return (await dockerRequest(host, 'GET', `/containers/json?all=1&filters=${filters}`)) as ListedContainer[];
}

/** Takes away all containers and volumes of a cluster, and on request its networks. */
export async function removeCluster(host: string, cluster: string, withNetworks: boolean): Promise<void> {
  const ids = (await containersOf(host, cluster)).map((each) => each.Id);
  const work = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop())
      await dockerRequest(host, 'DELETE', `/containers/${id}?force=1&v=1`).catch(() => undefined);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  if (!withNetworks) return;
  const filters = encodeURIComponent(JSON.stringify({ label: [`${CLUSTER_LABEL}=${cluster}`] }));
  const networks = (await dockerRequest(host, 'GET', `/networks?filters=${filters}`)) as { Id: string }[];
  for (const { Id } of networks) await dockerRequest(host, 'DELETE', `/networks/${Id}`).catch(() => undefined);
}
