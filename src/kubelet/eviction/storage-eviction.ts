// Looks from time to time at how much disk the pods of a node use, when one of them may use only so much, and remembers which are to be
// evicted. What is too much is decided in storage-limits.ts; how such a pod ends, with every other end in plan/plan-ending.ts.
import { isFinished } from '../../model/pod-phase.ts';
import type { StoredOf } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import type { Clock } from '../../system/clock.ts';
import { DeadlineExceeded } from '../../system/deadline.ts';
import type { Logger } from '../../system/logger.ts';
import { type DiskUse, EngineError } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import { CONTAINER_LABEL } from '../labels.ts';
import { podVolumeName } from '../names.ts';
import { isAlive } from '../plan/runs.ts';
import type { PodMemory } from '../pod-memory.ts';
import { isHeldToDisk, isOnDisk, type PodDiskUse, whyEvict } from './storage-limits.ts';

/** How often it measures; the kubelet's own period for volumes. */
const MEASURE_MS = 60_000;
/** A pod is measured so soon after it was bound and after it runs: what it writes at once is not found a minute later. */
export const FIRST_MEASURE_MS = 5_000;
/** After a measurement comes a pause of so many times what it took, since it reads past everything on the disk. */
const PAUSES = 9;

export interface StorageEvictionOptions {
  readonly store: StoreReader;
  readonly calls: Pick<EngineCalls, 'diskUse'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  readonly cluster: string;
  readonly pods: { get(uid: string): PodMemory | undefined };
  /** A pod is to be worked on. */
  readonly wake: (uid: string) => void;
}

export class StorageEviction {
  readonly #options: StorageEvictionOptions;
  /** The phase in which each pod that is held to a limit was last heard of, by uid. */
  readonly #phases = new Map<string, string>();
  /** By the time that passes. */
  #notBeforeMs = 0;

  constructor(options: StorageEvictionOptions) {
    this.#options = options;
  }

  /** Whether a pod that was written is a reason to measure soon: it has come to this node or begun to run, with a limit. */
  concerns(pod: StoredOf<'Pod'>): boolean {
    if (!this.#isHeld(pod)) return false;
    const { phase = 'Pending' } = pod.status ?? {};
    if (this.#phases.get(pod.metadata.uid) === phase) return false;
    this.#phases.set(pod.metadata.uid, phase);
    return true;
  }

  /** One look; after how long the next one is due, undefined when there is nothing to look for. The engine's failure evicts nobody. */
  async look(): Promise<number | undefined> {
    const { calls, clock, logger } = this.#options;
    const held = this.#held();
    const uids = new Set(held.map(({ metadata }) => metadata.uid));
    for (const uid of this.#phases.keys()) if (!uids.has(uid)) this.#phases.delete(uid);
    if (held.length === 0) return undefined;
    const beganMs = clock.elapsed();
    if (beganMs < this.#notBeforeMs) return this.#notBeforeMs - beganMs;
    try {
      this.#judge(await calls.diskUse());
    } catch (error) {
      if (!(error instanceof EngineError || error instanceof DeadlineExceeded)) throw error;
      logger.warn({ error }, 'could not measure what pods have on the disk: no pod is evicted for it');
    }
    const pauseMs = (clock.elapsed() - beganMs) * PAUSES;
    this.#notBeforeMs = clock.elapsed() + Math.max(pauseMs, FIRST_MEASURE_MS);
    return Math.max(pauseMs, MEASURE_MS);
  }

  #held(): readonly StoredOf<'Pod'>[] {
    return this.#options.store.list('Pod').filter((pod) => this.#isHeld(pod));
  }

  #isHeld(pod: StoredOf<'Pod'>): boolean {
    const { spec, metadata } = pod;
    if (spec.nodeName !== this.#options.nodeName || !isHeldToDisk(spec)) return false;
    return metadata.deletionTimestamp === undefined && !isFinished(pod);
  }

  #judge(use: DiskUse): void {
    const { logger, pods, wake } = this.#options;
    // Those of now: the measurement may have taken long.
    for (const pod of this.#held()) {
      const { uid, namespace, name } = pod.metadata;
      const memory = pods.get(uid);
      if (memory === undefined || memory.evictionMessage !== undefined) continue;
      const message = whyEvict(pod.spec, this.#useOf(pod, memory, use));
      if (message === undefined) continue;
      memory.evictionMessage = message;
      logger.warn({ pod: `${namespace}/${name}`, uid, message }, 'evicting a pod');
      wake(uid);
    }
  }

  #useOf({ spec, metadata }: StoredOf<'Pod'>, { seen }: PodMemory, use: DiskUse): PodDiskUse {
    const { namespace = 'default', name: pod, uid } = metadata;
    const identity = { cluster: this.#options.cluster, namespace, pod, uid };
    const volumes = new Map<string, number>();
    for (const { name } of (spec.volumes ?? []).filter(isOnDisk)) {
      const bytes = use.volumes.get(podVolumeName(identity, name));
      if (bytes !== undefined) volumes.set(name, bytes);
    }
    const containers = new Map<string, number>();
    for (const each of seen.values()) {
      const container = each.labels[CONTAINER_LABEL];
      const bytes = use.containers.get(each.id);
      if (container !== undefined && bytes !== undefined && isAlive(each)) containers.set(container, bytes);
    }
    return { volumes, containers };
  }
}
