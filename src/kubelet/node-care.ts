// What a kubelet does for its node from time to time beside the work on pods, under keys of its queue: it looks after the images, and at
// how much of the disk pods use.
import type { StoredOf } from '../model/resource.ts';
import type { WorkQueue, WorkResult } from '../runtime/work-queue.ts';
import type { EngineCalls } from './engine/engine-calls.ts';
import { FIRST_MEASURE_MS, StorageEviction } from './eviction/storage-eviction.ts';
import { IMAGE_CARE_MS, ImageCare } from './images/image-care.ts';
import type { ImageManager } from './images/images.ts';
import type { KubeletOptions } from './kubelet-options.ts';
import type { PodTable } from './pod-table.ts';

const IMAGES_KEY = 'images';
const DISK_KEY = 'disk';

/** What it is made from. */
export interface NodeCareParts extends Pick<KubeletOptions, 'store' | 'clock' | 'logger' | 'cluster' | 'gauge'> {
  readonly calls: EngineCalls;
  readonly images: ImageManager;
  readonly pods: PodTable;
  readonly queue: WorkQueue;
  readonly nodeName: string;
  /** The engine's data directory on its host. */
  readonly rootDirectory: string;
  readonly wake: (uids: readonly string[]) => void;
}

export class NodeCare {
  readonly #parts: NodeCareParts;
  readonly #images: ImageCare;
  readonly #disk: StorageEviction;

  constructor(parts: NodeCareParts) {
    const { images, logger, queue, wake, gauge = () => Promise.resolve(undefined) } = parts;
    this.#parts = parts;
    this.#images = new ImageCare({ ...parts, gauge });
    this.#disk = new StorageEviction({ ...parts, wake: (uid) => wake([uid]) });
    images.onPulled((reference) => {
      void this.#images.pulled(reference).catch((error: unknown) => {
        logger.error({ error, reference }, 'could not note a pulled image');
      });
    });
    queue.addAfter(IMAGES_KEY, IMAGE_CARE_MS);
  }

  isKey(key: string): boolean {
    return key === IMAGES_KEY || key === DISK_KEY;
  }

  /** Hears of every pod of the node that was written. */
  heard(pod: StoredOf<'Pod'>): void {
    if (this.#disk.concerns(pod)) this.#parts.queue.addAfter(DISK_KEY, FIRST_MEASURE_MS);
  }

  /** The work on one of its keys; no key is worked on twice at once. */
  async work(key: string): Promise<WorkResult> {
    if (key === DISK_KEY) {
      const checkAgainAfterMs = await this.#disk.look();
      return checkAgainAfterMs === undefined ? {} : { checkAgainAfterMs };
    }
    await this.#images.look(await this.#parts.calls.list());
    return { checkAgainAfterMs: IMAGE_CARE_MS };
  }
}
