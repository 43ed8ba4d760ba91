// Which images may go, and which tags have moved under running containers. Kubernetes, "Garbage collection of unused containers and
// images": above 85 % of the disk, images that nothing uses go, the longest unused first, until 80 % are left. Only what was pulled here
// for a pod goes: a host has images of other people, too. Pure.
import type { ImageSeen } from '../engine/container-engine.ts';

/** From this part of the disk on images are removed, and down to that one. */
const HIGH_THRESHOLD = 0.85;
const LOW_THRESHOLD = 0.8;
/** An image that was used this lately stays: the next pod of a rollout may need it. */
const MIN_UNUSED_MS = 120_000;

/** The file system on which the engine keeps its images. */
export interface DiskUsage {
  readonly usedBytes: number;
  readonly capacityBytes: number;
}

export interface CollectionInput {
  readonly images: readonly ImageSeen[];
  readonly disk: DiskUsage;
  /** References that were pulled for pods of this node. */
  readonly pulled: ReadonlySet<string>;
  /** References that some workload names: they may be needed any moment. */
  readonly wanted: ReadonlySet<string>;
  /** Ids of images that containers were made from. */
  readonly used: ReadonlySet<string>;
  /** When each image was last used, or first seen, by id; epoch milliseconds. */
  readonly lastUsedMs: ReadonlyMap<string, number>;
  readonly now: number;
}

export interface Collection {
  /** To be removed in this order until `toFreeBytes` are free. */
  readonly candidates: readonly ImageSeen[];
  /** 0 when there is room enough. */
  readonly toFreeBytes: number;
}

/** The images to remove; none below the threshold. */
export function planCollection(input: CollectionInput): Collection {
  const { disk, images, pulled, wanted, used, lastUsedMs, now } = input;
  if (disk.capacityBytes <= 0 || disk.usedBytes < disk.capacityBytes * HIGH_THRESHOLD) return { candidates: [], toFreeBytes: 0 };
  const names = ({ id, tags, digests }: ImageSeen): readonly string[] => [id, ...tags, ...digests];
  const since = ({ id }: ImageSeen): number => lastUsedMs.get(id) ?? now;
  const candidates = images
    .filter((image) => names(image).some((name) => pulled.has(name)) && !used.has(image.id))
    .filter((image) => !names(image).some((name) => wanted.has(name)))
    .filter((image) => now - since(image) >= MIN_UNUSED_MS)
    .toSorted((a, b) => since(a) - since(b) || (a.id < b.id ? -1 : 1));
  return { candidates, toFreeBytes: Math.ceil(disk.usedBytes - disk.capacityBytes * LOW_THRESHOLD) };
}

/** A running container and the image that it was made from. */
export interface RunningImage {
  readonly podUid: string;
  readonly containerId: string;
  readonly container: string;
  /** As the pod names it. */
  readonly reference: string;
  readonly imageId: string;
}

/** A container whose image the tag no longer names. */
export interface MovedTag {
  readonly running: RunningImage;
  readonly nowId: string;
  readonly message: string;
}

/** The full name under which an engine lists a reference: `nginx` is `nginx:latest`. Undefined for a digest, which cannot move. */
export function tagOf(reference: string): string | undefined {
  if (reference.includes('@') || reference.startsWith('sha256:')) return undefined;
  const short = reference.replace(/^(docker\.io\/library\/|docker\.io\/)/, '');
  return /:[^/]*$/.test(short) ? short : `${short}:latest`;
}

const SHOWN_ID = 19;

/** Containers that run an image whose tag names another one by now: the next restart would bring something else. */
export function movedTags(running: readonly RunningImage[], images: readonly ImageSeen[]): readonly MovedTag[] {
  const byTag = new Map(images.flatMap(({ id, tags }) => tags.map((tag): [string, string] => [tag, id])));
  return running.flatMap((each): readonly MovedTag[] => {
    const tag = tagOf(each.reference);
    const nowId = tag === undefined ? undefined : byTag.get(tag);
    if (nowId === undefined || nowId === each.imageId || each.imageId === '') return [];
    const message =
      `Container ${each.container} runs ${each.reference} as ${each.imageId.slice(0, SHOWN_ID)}, but the tag names ` +
      `${nowId.slice(0, SHOWN_ID)} on this node now: a restart would bring that`;
    return [{ running: each, nowId, message }];
  });
}
