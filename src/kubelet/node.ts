// The Node of this kubelet: what it has, and whether its engine answers. Written only when something changed; there are no heartbeats.
import { findCondition, withCondition } from '../model/conditions.ts';
import { canonicalJson } from '../model/hash.ts';
import { DOORS_ANNOTATION } from '../model/ingress/doors.ts';
import { GPU_LABEL } from '../model/node-fit.ts';
import type { NodeStatus, StoredOf } from '../model/resource.ts';
import type { Store, StoreReader } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { PodNetwork } from './addresses/pod-network.ts';
import type { EngineInfo } from './engine/container-engine.ts';
import type { KubeletOptions, NetworkChoices } from './kubelet-options.ts';
import { POD_RANGE_LABEL, SERVICE_RANGE_LABEL } from './labels.ts';

/** Every node runs Linux: containers of other systems need another engine. */
const OPERATING_SYSTEM = 'linux';

/** Pods that a node takes on; Kubernetes' default. */
const MAX_PODS = '110';

/**
 * What an engine said of itself holds for so long before it is asked anew, though a restart may change anything of it, and a reload of its
 * configuration the runtimes. To say it costs Docker 20.10 two programs and 11 ms.
 */
const SAID_MS = 2_000;

/** The same, when that was a moment ago. A clock that was set back since then tells nothing. */
export function whatItJustSaid(said: KubeletOptions['engineSaid'], nowMs: number): EngineInfo | undefined {
  const ageMs = said === undefined ? -1 : nowMs - said.atMs;
  return ageMs >= 0 && ageMs <= SAID_MS ? said?.info : undefined;
}

/** Whether the engine answers. */
export interface Reachability {
  readonly isReachable: boolean;
  /** Why not. */
  readonly message: string;
}

/**
 * The labels that every node has (Kubernetes, "Well-Known Labels"); the beta ones because manifests still ask for them. An engine with
 * NVIDIA's runtime has the label that NVIDIA's feature discovery would set: Docker does not tell how many GPUs there are.
 */
export function nodeLabels(
  name: string,
  { architecture, runtimes }: Pick<EngineInfo, 'architecture' | 'runtimes'>,
): Readonly<Record<string, string>> {
  return {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': OPERATING_SYSTEM,
    'kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': OPERATING_SYSTEM,
    'beta.kubernetes.io/arch': architecture,
    ...(runtimes.includes('nvidia') ? { [GPU_LABEL]: 'true' } : {}),
  };
}

/** The status of a node. Pure. */
export function nodeStatus(
  before: NodeStatus | undefined,
  info: EngineInfo,
  name: string,
  address: string,
  reachability: Reachability,
  now: number,
): NodeStatus {
  const amounts = { cpu: String(info.cpus), memory: String(info.memoryBytes), pods: MAX_PODS };
  const { isReachable, message } = reachability;
  const ready = {
    type: 'Ready',
    status: isReachable ? ('True' as const) : ('False' as const),
    reason: isReachable ? 'KubeletReady' : 'EngineUnreachable',
    message: isReachable ? 'the Docker Engine answers' : message,
  };
  return {
    capacity: amounts,
    allocatable: amounts,
    conditions: withCondition(before?.conditions, ready, now),
    addresses: [
      { type: 'Hostname', address: name },
      { type: 'InternalIP', address },
    ],
    nodeInfo: {
      containerRuntimeVersion: `docker://${info.version}`,
      operatingSystem: info.operatingSystem,
      kernelVersion: info.kernelVersion,
      architecture: info.architecture,
      engineID: info.id,
    },
  };
}

/**
 * The name of the node that an engine was registered as. Hosts get other names (a new lease, an engine in a container); the node must
 * not, because its pods are bound to it by name.
 */
export function nodeOfEngine(store: Pick<StoreReader, 'list'>, engineId: string): string | undefined {
  const isSame = ({ status }: StoredOf<'Node'>): boolean => engineId !== '' && status?.nodeInfo?.engineID === engineId;
  return store.list('Node').find(isSame)?.metadata.name;
}

/** What the Node remembers of the network of its pods. A node that has none any more keeps what it had: its pods may still be there. */
function networkRecord(
  network: PodNetwork | undefined,
  doors: NetworkChoices['ingressPorts'],
): {
  readonly spec: NonNullable<StoredOf<'Node'>['spec']>;
  readonly annotations: Readonly<Record<string, string>>;
} {
  if (network === undefined) return { spec: {}, annotations: {} };
  const { slice, podRange, serviceRange } = network;
  return {
    spec: { podCIDR: slice, podCIDRs: [slice] },
    annotations: {
      [POD_RANGE_LABEL]: podRange,
      [SERVICE_RANGE_LABEL]: serviceRange,
      ...(doors === undefined ? {} : { [DOORS_ANNOTATION]: `${doors.httpPort},${doors.httpsPort}` }),
    },
  };
}

/** Keeps the Node resource. */
export class NodeReporter {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #network: PodNetwork | undefined;
  readonly #doors: NetworkChoices['ingressPorts'];
  readonly #addressNow: () => Promise<string | undefined>;
  #address: string;
  #info: EngineInfo;

  constructor(options: {
    store: Store;
    clock: Clock;
    name: string;
    address: string;
    /** Where the node is now; undefined when that is not known. */
    addressNow: () => Promise<string | undefined>;
    info: EngineInfo;
    network?: PodNetwork | undefined;
    /** Where the network serves Ingresses. */
    doors?: NetworkChoices['ingressPorts'];
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#name = options.name;
    this.#address = options.address;
    this.#addressNow = options.addressNow;
    this.#network = options.network;
    this.#doors = options.doors;
    this.#info = options.info;
  }

  /**
   * Creates the Node unless it is there, with the labels that every node has and the ranges of its pods' network, and reports the engine as
   * reachable.
   */
  async register(): Promise<void> {
    const node = this.#node();
    const name = this.#name;
    const labels = { ...node?.metadata.labels, ...nodeLabels(name, this.#info) };
    const ranges = networkRecord(this.#network, this.#doors);
    const annotations = { ...node?.metadata.annotations, ...ranges.annotations };
    const metadata = { labels, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) };
    const spec = { ...node?.spec, ...ranges.spec };
    if (node === undefined)
      await this.#store.write([
        { op: 'create', resource: { apiVersion: 'v1', kind: 'Node', metadata: { name, ...metadata }, spec } },
      ]);
    else await this.#store.write([{ op: 'update', resource: { ...node, metadata: { ...node.metadata, ...metadata }, spec } }]);
    await this.#report({ isReachable: true, message: '' });
  }

  /** The engine answers; `info` when it was asked who it is. */
  reachable(info?: EngineInfo): Promise<void> {
    if (info !== undefined) this.#info = info;
    return this.#report({ isReachable: true, message: '' });
  }

  /** Where the node is reached, as it was looked at last. */
  get address(): string {
    return this.#address;
  }

  /** The engine answers, and the node is looked at again. Yields whether it is reached at another address than before. */
  async look(): Promise<boolean> {
    const before = this.#address;
    this.#address = (await this.#addressNow()) ?? before;
    await this.reachable();
    return this.#address !== before;
  }

  /** The engine does not answer. The first message stands until it does again. */
  unreachable(message: string): Promise<void> {
    if (findCondition(this.#node()?.status?.conditions, 'Ready')?.status === 'False') return Promise.resolve();
    return this.#report({ isReachable: false, message });
  }

  #node(): StoredOf<'Node'> | undefined {
    return this.#store.get('Node', '', this.#name);
  }

  async #report(reachability: Reachability): Promise<void> {
    const node = this.#node();
    if (node === undefined) return;
    const status = nodeStatus(node.status, this.#info, this.#name, this.#address, reachability, this.#clock.now());
    if (canonicalJson(status) === canonicalJson(node.status ?? {})) return;
    await this.#store.write([
      { op: 'updateStatus', key: { kind: 'Node', namespace: '', name: this.#name }, uid: node.metadata.uid, status },
    ]);
  }
}
