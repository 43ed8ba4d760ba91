// What a kubelet is built from. Types only.
import type { ClusterRanges } from '../model/cluster-ranges.ts';
import type { Keyring } from '../model/registry.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { Ids } from '../system/ids.ts';
import type { Logger } from '../system/logger.ts';
import type { HostFacts } from './addresses/pod-network.ts';
import type { SandboxPlug } from './addresses/sandbox-plug.ts';
import type { ContainerEngine, EngineInfo } from './engine/container-engine.ts';
import type { DiskGauge } from './images/image-care.ts';
import type { ImageManager } from './images/images.ts';
import type { Prober } from './probes/prober.ts';
import type { NodeSettings } from './spec/resources.ts';
import type { Traffic } from './traffic.ts';

/** What the operator chose for the network of pods, and what is known of the host. */
export interface NetworkChoices {
  readonly wishes?: Partial<ClusterRanges>;
  /** Asked before ranges are chosen, and for the address at every look at the node. What it rejects with, `start` rejects with. */
  readonly hostFacts?: (signal: AbortSignal) => Promise<HostFacts>;
  /** The ports of the host on which Ingresses are served; the Node tells them. */
  readonly ingressPorts?: { readonly httpPort: number; readonly httpsPort: number };
  /** Called whenever the node is made ready for its first pods; they wait for it. */
  readonly prepare?: () => Promise<void>;
  /** What sandboxes are plugged in by; absent when they have Docker's network. */
  readonly plug?: SandboxPlug;
  /** Whether DNS of the cluster is there, or will be in a moment; it is when absent. Pods that begin without it have the engine's. */
  readonly hasNames?: () => boolean;
}

/** The outside of a kubelet, and its settings. */
export interface KubeletOptions {
  readonly store: Store;
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly cluster: string;
  /** When absent: the name that the engine's node has, or else the engine's host name. */
  readonly nodeName?: string;
  /** Takes the name for this node alone; false when another node of the process has it. Every name is free when absent. */
  readonly claimName?: (nodeName: string) => boolean;
  /** What pods see as the address of their host. When absent: what the host says, now and whenever it is looked at, or what the node had before. */
  readonly nodeAddress?: string;
  /** The network that pods have their addresses from. When absent, the engine gives them some, and resolves their names. */
  readonly network?: NetworkChoices;
  readonly prober: Prober;
  readonly resyncMs?: number;
  readonly concurrency?: number;
  /** Shared with preflight, so that an image is pulled once; an own one when absent. */
  readonly images?: ImageManager;
  /** Credentials for registries that serve every pod. */
  readonly nodeKeyring?: Keyring;
  /** What the engine said of itself when it was connected to. It is asked anew unless that was a moment ago. */
  readonly engineSaid?: { readonly info: EngineInfo; readonly atMs: number };
  /** How full the engine's disk is. Without it no image is ever removed. */
  readonly gauge?: DiskGauge;
  /** Who still leads clients to pods; nobody when absent. */
  readonly traffic?: Traffic;
  /** What pods may ask of this node, and what none may exceed. */
  readonly nodeSettings?: NodeSettings;
}
