// Looks after the images of a node from time to time: removes what nobody needs when the disk gets full, and tells of tags that moved
// under running containers. What goes is decided in collection.ts.
import { keyOf, type StoredOf } from '../../model/resource.ts';
import { allContainersOf, podSpecOf } from '../../model/workload.ts';
import { eventWrites } from '../../runtime/events.ts';
import { type Report } from '../../runtime/report.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../../system/clock.ts';
import type { Logger } from '../../system/logger.ts';
import { type ContainerSeen, EngineError, type ImageSeen } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import { CONTAINER_LABEL, POD_UID_LABEL, ROLE_LABEL } from '../labels.ts';
import { type DiskUsage, movedTags, planCollection, type RunningImage } from './collection.ts';

/** How often it looks; Kubernetes' own period. */
export const IMAGE_CARE_MS = 300_000;
/** On the Node: the references that were pulled for its pods, as a JSON list. Only those are ever removed. */
const PULLED_ANNOTATION = 'holdfast.dev/pulled-images';
/** References that are remembered; the oldest are forgotten, and their images stay. */
const MAX_PULLED = 500;
const COMPONENT = 'kubelet';

/** Tells how full the disk of the engine is; undefined when that cannot be known from here. */
export type DiskGauge = (rootDirectory: string) => Promise<DiskUsage | undefined>;

export interface ImageCareOptions {
  readonly store: Store;
  readonly calls: EngineCalls;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  readonly rootDirectory: string;
  readonly gauge: DiskGauge;
}

export class ImageCare {
  readonly #options: ImageCareOptions;
  readonly #lastUsedMs = new Map<string, number>();
  /** Moves that were told, as `container id → image id`. */
  readonly #told = new Map<string, string>();

  constructor(options: ImageCareOptions) {
    this.#options = options;
  }

  /** Remembers that an image was pulled for a pod of this node. */
  async pulled(reference: string): Promise<void> {
    const { store } = this.#options;
    const node = this.#node();
    const before = this.#pulled(node);
    if (node === undefined || before.includes(reference)) return;
    const annotation = JSON.stringify([...before, reference].slice(-MAX_PULLED));
    const annotations = { ...node.metadata.annotations, [PULLED_ANNOTATION]: annotation };
    const result = await store.write([{ op: 'update', resource: { ...node, metadata: { ...node.metadata, annotations } } }]);
    // Somebody wrote the node at the same time: once more, on what it is now.
    if (!result.ok && result.why === 'conflict') await this.pulled(reference);
  }

  /** One look. `seen` are all containers of the cluster on this engine. */
  async look(seen: readonly ContainerSeen[]): Promise<void> {
    const { calls, clock } = this.#options;
    const images = await calls.listImages();
    const now = clock.now();
    const used = new Set(seen.map((each) => each.imageId));
    for (const { id } of images) if (used.has(id) || !this.#lastUsedMs.has(id)) this.#lastUsedMs.set(id, now);
    const known = new Set(images.map(({ id }) => id));
    for (const id of this.#lastUsedMs.keys()) if (!known.has(id)) this.#lastUsedMs.delete(id);
    await this.#tellMoved(seen, images);
    await this.#collect(images, used, now);
  }

  #node(): StoredOf<'Node'> | undefined {
    return this.#options.store.get('Node', '', this.#options.nodeName);
  }

  #pulled(node: StoredOf<'Node'> | undefined): readonly string[] {
    try {
      const list: unknown = JSON.parse(node?.metadata.annotations?.[PULLED_ANNOTATION] ?? '[]');
      return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
    } catch {
      return [];
    }
  }

  /** References that some object of the store may start a container from. */
  #wanted(): Set<string> {
    const { store } = this.#options;
    const kinds = [
      'Pod',
      'Deployment',
      'ReplicaSet',
      'ReplicationController',
      'StatefulSet',
      'DaemonSet',
      'Job',
      'CronJob',
    ] as const;
    const wanted = new Set<string>();
    for (const kind of kinds) {
      for (const resource of store.list(kind)) {
        const spec = podSpecOf(resource);
        if (spec === undefined) continue;
        for (const { image } of allContainersOf(spec)) wanted.add(image);
        for (const { image } of spec.volumes ?? []) if (image?.reference !== undefined) wanted.add(image.reference);
      }
    }
    return wanted;
  }

  async #collect(images: readonly ImageSeen[], used: ReadonlySet<string>, now: number): Promise<void> {
    const { gauge, rootDirectory } = this.#options;
    const disk = await gauge(rootDirectory);
    if (disk === undefined) return;
    const pulled = new Set(this.#pulled(this.#node()));
    const wanted = this.#wanted();
    const plan = planCollection({ images, disk, pulled, wanted, used, lastUsedMs: this.#lastUsedMs, now });
    if (plan.toFreeBytes === 0) return;
    let freed = 0;
    for (const image of plan.candidates) {
      if (freed >= plan.toFreeBytes) break;
      if (await this.#remove(image)) freed += image.sizeBytes;
    }
    if (freed >= plan.toFreeBytes) return;
    await this.#tellNode({
      reason: 'FreeDiskSpaceFailed',
      message: `Failed to garbage collect required amount of images. Attempted to free ${plan.toFreeBytes} bytes, but only found ${freed} bytes eligible to free.`,
      severity: 'Warning',
      component: COMPONENT,
    });
  }

  /** False when a container of somebody else uses it. */
  async #remove(image: ImageSeen): Promise<boolean> {
    const { calls, logger } = this.#options;
    try {
      await calls.removeImage(image.id);
    } catch (error) {
      if (error instanceof EngineError && error.fault === 'Conflict') return false;
      throw error;
    }
    logger.info({ image: image.tags[0] ?? image.id, bytes: image.sizeBytes }, 'removed unused image');
    return true;
  }

  async #tellNode(report: Report): Promise<void> {
    const { store, clock } = this.#options;
    const node = this.#node();
    if (node !== undefined) await store.write(eventWrites(store, node, report, clock.now()));
  }

  async #tellMoved(seen: readonly ContainerSeen[], images: readonly ImageSeen[]): Promise<void> {
    const { store, clock } = this.#options;
    const running = seen.flatMap((each): readonly RunningImage[] => {
      if (each.state !== 'running' || each.labels[ROLE_LABEL] !== 'container') return [];
      const { [POD_UID_LABEL]: podUid = '', [CONTAINER_LABEL]: container = '' } = each.labels;
      return [{ podUid, containerId: each.id, container, reference: each.image, imageId: each.imageId }];
    });
    const alive = new Set(running.map(({ containerId }) => containerId));
    for (const id of this.#told.keys()) if (!alive.has(id)) this.#told.delete(id);
    for (const { running: each, nowId, message } of movedTags(running, images)) {
      if (this.#told.get(each.containerId) === nowId) continue;
      this.#told.set(each.containerId, nowId);
      const pod = store.list('Pod').find(({ metadata }) => metadata.uid === each.podUid);
      if (pod === undefined) continue;
      const report: Report = { reason: 'ImageTagMoved', message, severity: 'Warning', component: COMPONENT };
      const result = await store.write(eventWrites(store, pod, report, clock.now()));
      if (!result.ok) this.#options.logger.debug({ key: keyOf(pod), why: result.why }, 'could not tell of a moved tag');
    }
  }
}
