// One node: the kubelet that runs its pods, and its part of the network, put together and ended in order. A process may have several, over one
// store. Knows the rooms kubelet and network, decides nothing.

import type { ContainerEngine, EngineInfo } from '../kubelet/engine/container-engine.ts';
import type { DiskGauge } from '../kubelet/images/image-care.ts';
import type { ImageManager } from '../kubelet/images/images.ts';
import { Kubelet } from '../kubelet/kubelet.ts';
import type { Prober } from '../kubelet/probes/prober.ts';
import type { NodeSettings } from '../kubelet/spec/resources.ts';
import type { Keyring } from '../model/registry.ts';
import { allQuiet, type Quiet } from '../runtime/watch-store.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import { withDeadline } from '../system/deadline.ts';
import type { Ids } from '../system/ids.ts';
import type { Logger } from '../system/logger.ts';
import { ClusterTraffic } from './cluster-traffic.ts';
import { type NetworkParts, NetworkPlane } from './network-plane.ts';

/** What a node is made of. */
export interface NodeParts {
  readonly cluster: string;
  readonly store: Store;
  readonly engine: ContainerEngine;
  readonly prober: Prober;
  /** Credentials for registries that serve every pod. */
  readonly nodeKeyring?: Keyring;
  /** What pods may ask of this node, and what none may exceed. */
  readonly nodeSettings?: NodeSettings;
  /** What the engine said of itself when it was connected to, and when. */
  readonly engineSaid?: { readonly info: EngineInfo; readonly atMs: number };
  /** How full the engine's disk is, where that can be known. */
  readonly gauge?: DiskGauge;
  /** How this node takes part in the network; not at all when absent. */
  readonly network?: NetworkParts;
  /** When absent: the name that the engine's node has, or else the engine's host name. */
  readonly nodeName?: string;
  /** The address at which other hosts reach this one, when it was given. */
  readonly nodeAddress?: string;
  /** Shared by the nodes of a process; of this node alone when absent. */
  readonly traffic?: ClusterTraffic;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

/** A node that works. */
export interface NodePlane extends Quiet {
  readonly kubelet: Kubelet;
  /** For whoever wants images there before their pods are. */
  readonly images: ImageManager;
  /** Resolves when pods and network of the node are as the store says, or when that takes too long to wait for. */
  settled(): Promise<void>;
  /** Stops working: containers go on, and so does what the network has programmed. */
  stop(): Promise<void>;
}

const SETTLE_DEADLINE_MS = 15_000;
const NO_NETWORK: NetworkParts = { mode: 'none', reason: 'NetworkDisabled', message: 'this node has no network container' };

/**
 * Starts a node: what its engine remembers comes into the store before anything else looks at it. Rejects with the engine's error when that does
 * not answer, and with the store's; nothing runs then.
 */
export async function startNode(parts: NodeParts): Promise<NodePlane> {
  const {
    cluster,
    store,
    clock,
    ids,
    logger,
    network: networkParts = NO_NETWORK,
    traffic = new ClusterTraffic(),
    ...rest
  } = parts;
  const shared = { cluster, store, clock, ids, logger };
  const network = new NetworkPlane({ ...shared, parts: networkParts });
  const joined = traffic.join(network.traffic);
  const choices = network.choices === undefined ? {} : { network: network.choices };
  const kubelet = new Kubelet({
    ...shared,
    ...rest,
    ...choices,
    traffic: joined.traffic,
    claimName: (name) => joined.claim(name),
  });
  const stop = async (): Promise<void> => {
    // Together: pods that are begun may wait for the network.
    await Promise.all([kubelet.stop(), network.stop()]);
    joined.leave();
  };
  try {
    await kubelet.start();
    await network.start(kubelet);
  } catch (error) {
    await stop();
    throw error;
  }
  const inLine = (what: string, part: Quiet): Promise<void> =>
    withDeadline(clock, `bringing the ${what} in line`, SETTLE_DEADLINE_MS, () => part.idle()).catch((error: unknown) =>
      logger.warn({ error }, `behind: ${what}`),
    );
  const settled = async (): Promise<void> => {
    // Files of pods follow a commit that is live already.
    await inLine('pods', kubelet);
    await inLine('network', allQuiet(network.quiet()));
  };
  return { kubelet, images: kubelet.images, settled, stop, ...allQuiet([kubelet, ...network.quiet()]) };
}
