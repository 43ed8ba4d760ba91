// What the kubelet remembers of one pod between two looks at it: the containers as last seen, and what cannot be read back from them.
// All of it may be lost at any time; planning then reads it anew or does a harmless step again.
import type { ContainerSeen } from './engine/container-engine.ts';
import type { SentSignals, StepFailure, VolumeVersion } from './environment.ts';

/** First wait after a step that failed in a way that waiting may cure. */
const FAILURE_FIRST_MS = 1_000;
const FAILURE_MAX_MS = 300_000;
/** Notes that are remembered as told; after that they may be told twice. */
const MAX_TOLD = 1_000;

/** Memory of one pod. */
export class PodMemory {
  namespace: string;
  name: string;
  /** As last seen, by id. */
  readonly seen = new Map<string, ContainerSeen>();
  /** Containers that are to be looked at before anything is decided. */
  readonly dirty = new Set<string>();
  volumes = new Set<string>();
  readonly preparedSandboxes = new Set<string>();
  readonly volumeVersions = new Map<string, VolumeVersion>();
  readonly signals = new Map<string, SentSignals>();
  readonly failures = new Map<string, StepFailure>();
  /** When each container that has ended was first seen so, by this machine's clock. */
  readonly endings = new Map<string, number>();
  /** Keys of notes that were told. */
  readonly #told = new Set<string>();
  isWaitingForImages = false;
  /** Grows with every pass, so that a listing can tell whether it is older than what is remembered. */
  passes = 0;

  constructor(namespace: string, name: string) {
    this.namespace = namespace;
    this.name = name;
  }

  /** A container that was just looked at. */
  saw(seen: ContainerSeen): void {
    this.seen.set(seen.id, seen);
  }

  /** A container that is gone, with all that was remembered of it. */
  lost(id: string): void {
    this.seen.delete(id);
    this.dirty.delete(id);
    this.signals.delete(id);
    this.endings.delete(id);
    this.preparedSandboxes.delete(id);
  }

  /** Whether a note has been told already; it counts as told from now on. */
  tells(key: string): boolean {
    if (this.#told.has(key)) return false;
    if (this.#told.size >= MAX_TOLD) this.#told.clear();
    this.#told.add(key);
    return true;
  }

  /**
   * Notes which containers have ended by now. A time that lies ahead is from before the clock was set back, or from an engine whose clock
   * is ahead: it counts as now, so that no wait becomes longer than it was meant to be.
   */
  keepTime(now: number): void {
    for (const { id, state } of this.seen.values()) {
      if (state !== 'exited' && state !== 'dead') this.endings.delete(id);
      else this.endings.set(id, Math.min(this.endings.get(id) ?? now, now));
    }
    for (const [part, failure] of this.failures)
      if (failure.retryAtMs > now + FAILURE_MAX_MS) this.failures.set(part, { ...failure, retryAtMs: now });
    for (const [id, sent] of this.signals) {
      const { killAtMs } = sent;
      const past = {
        stopAtMs: Math.min(sent.stopAtMs, now),
        ...(killAtMs === undefined ? {} : { killAtMs: Math.min(killAtMs, now) }),
      };
      if (past.stopAtMs !== sent.stopAtMs || past.killAtMs !== killAtMs) this.signals.set(id, { ...sent, ...past });
    }
  }

  /** A step failed; it is tried again later each time. Several that fail at once count as one. */
  failed(part: string, reason: string, message: string, now: number): void {
    const before = this.failures.get(part);
    if (before !== undefined && now < before.retryAtMs) return;
    const failures = (before?.failures ?? 0) + 1;
    const delayMs = Math.min(FAILURE_FIRST_MS * 2 ** Math.min(failures - 1, 20), FAILURE_MAX_MS);
    this.failures.set(part, { reason, message, failures, retryAtMs: now + delayMs });
  }
}

/** Whether two views of a container differ in anything that matters to a plan. */
export function hasChanged(before: ContainerSeen | undefined, now: ContainerSeen): boolean {
  return before === undefined || JSON.stringify(before) !== JSON.stringify(now);
}
