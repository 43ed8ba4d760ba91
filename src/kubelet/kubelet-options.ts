// What a kubelet is built from. Types only.
import type { Keyring } from '../model/registry.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { Ids } from '../system/ids.ts';
import type { Logger } from '../system/logger.ts';
import type { ContainerEngine } from './engine/container-engine.ts';
import type { DiskGauge } from './images/image-care.ts';
import type { ImageManager } from './images/images.ts';
import type { Prober } from './probes/prober.ts';
import type { NodeSettings } from './spec/resources.ts';

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
  /** What pods see as the address of their host. */
  readonly nodeAddress?: string;
  readonly prober: Prober;
  readonly resyncMs?: number;
  readonly concurrency?: number;
  /** Shared with preflight, so that an image is pulled once; an own one when absent. */
  readonly images?: ImageManager;
  /** Credentials for registries that serve every pod. */
  readonly nodeKeyring?: Keyring;
  /** How full the engine's disk is. Without it no image is ever removed. */
  readonly gauge?: DiskGauge;
  /** What pods may ask of this node, and what none may exceed. */
  readonly nodeSettings?: NodeSettings;
}
