// What a syncer is made of.
import type { ApplicationSpec } from '../model/resource.ts';
import type { TimeKeeping } from '../runtime/kept-time.ts';
import type { StoreFeed } from '../runtime/store-feed.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { Ids } from '../system/ids.ts';
import type { Logger } from '../system/logger.ts';
import type { CommitSource } from './commit-source.ts';
import type { OrderDesk } from './gates/orders.ts';
import type { ImagePreparer, ManifestLoader, PlacementCheck, Witnesses } from './ports.ts';

/** One application, and all that it needs. */
export interface SyncerParts extends Witnesses {
  /** `isDeclared`: another application writes the spec; of it only `repo` and `revision` are for this one to say. */
  readonly application: { readonly name: string; readonly spec: ApplicationSpec; readonly isDeclared?: boolean };
  readonly store: Store;
  /** Tells what changes in the store. */
  readonly feed: StoreFeed;
  readonly source: CommitSource;
  readonly load: ManifestLoader;
  readonly images: ImagePreparer;
  readonly checkPlacement: PlacementCheck;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** How often the source is asked. */
  readonly intervalMs: number;
  /** Ends with the newest commit: `outcome` settles. */
  readonly once?: boolean;
  /**
   * Whether what the store says of pods was seen by this run of the controller. Until then nothing is judged healthy or lost; call
   * `wake` when it becomes true. Always true when absent.
   */
  readonly isObserved?: () => boolean;
  /** Who sees that the clock was set; nobody does when absent. */
  readonly keptTime?: TimeKeeping | undefined;
  /** What people say beside Git; nobody says anything when absent. */
  readonly orders?: OrderDesk;
  /** For how long what commits remove can be brought back, where an application does not say. */
  readonly softDelete?: string | undefined;
  /** What a commit waits for besides, one line each: other applications. */
  readonly dependencies?: () => readonly string[];
  /** Hears that something new is known of the source. */
  readonly onSource?: () => void;
  /** Hears how many objects were put right that somebody changed behind Git's back. */
  readonly onRepair?: (objects: number) => void;
}
