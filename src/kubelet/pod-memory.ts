// What the kubelet remembers of one pod between two looks at it: the containers as last seen, and what cannot be read back from them.
// All of it may be lost at any time; planning then reads it anew or does a harmless step again.
import type { ContainerSeen, EngineEvent } from './engine/container-engine.ts';
import type { StepFailure, VolumeVersion } from './environment.ts';
import type { StopState } from './plan/remembered.ts';
import { hasEnded, isAlive } from './plan/runs.ts';

/** First wait after a step that failed in a way that waiting may cure. */
const FAILURE_FIRST_MS = 1_000;
const FAILURE_MAX_MS = 300_000;
/** Notes that are remembered as told; after that they may be told twice. */
const MAX_TOLD = 1_000;
/** A clock that differs by less from what passed was not set: it drifts. */
const SET_MS = 1_000;

/** Memory of one pod. */
export class PodMemory {
  namespace: string;
  name: string;
  /** As last seen, by id. */
  readonly seen = new Map<string, ContainerSeen>();
  /** Containers that are to be looked at before anything is decided. */
  readonly dirty = new Set<string>();
  /** Containers that are being looked at right now, with what was heard of them since that began. */
  readonly looks = new Map<string, EngineEvent[]>();
  volumes = new Set<string>();
  readonly preparedSandboxes = new Set<string>();
  /** Sandboxes that were plugged in in this process. */
  readonly pluggedSandboxes = new Set<string>();
  /** Whether a sandbox of the pod could not be plugged in: it has Docker's network from then on. */
  isUnpluggable = false;
  readonly volumeVersions = new Map<string, VolumeVersion>();
  readonly stops = new Map<string, StopState>();
  readonly failures = new Map<string, StepFailure>();
  readonly lastWords = new Map<string, string>();
  /** Containers whose creation has succeeded in this process. */
  readonly made = new Set<string>();
  /** When each running container was first seen to run, and each that has ended to have ended, by this machine's clock. */
  readonly starts = new Map<string, number>();
  readonly endings = new Map<string, number>();
  /** Since when the pod is active; undefined before that is known. */
  activeSinceMs: number | undefined;
  /** Containers that were seen before they ran: their start was seen too. */
  readonly #unstarted = new Set<string>();
  /** Keys of notes that were told. */
  readonly #told = new Set<string>();
  /** Time of day minus time passed; it changes when somebody sets the clock. */
  #offsetMs: number | undefined;
  /** When the first pass began of those that broke off in a row. */
  #silentSinceMs: number | undefined;
  isWaitingForImages = false;
  /** Why the pod is to be evicted; undefined when it is not. Once its status says so this is needed no more. */
  evictionMessage: string | undefined;
  /** Since when it is known that the pod is to leave, while clients are still led to it. */
  leaving: { readonly since: string; readonly sinceMs: number } | undefined;
  /** Grows when a pass begins and when it ends, so that a listing can tell whether it is older than what is remembered. */
  passes = 0;

  constructor(namespace: string, name: string) {
    this.namespace = namespace;
    this.name = name;
  }

  /** A container that was just looked at. */
  saw(seen: ContainerSeen): void {
    const before = this.seen.get(seen.id)?.startedAtMs ?? 0;
    // Started once more by hand: what was in the memory of a sandbox is gone.
    const isStartedAnew = before > 0 && before !== seen.startedAtMs;
    if (isStartedAnew && this.preparedSandboxes.delete(seen.id)) this.volumeVersions.clear();
    if (isStartedAnew) this.pluggedSandboxes.delete(seen.id);
    this.seen.set(seen.id, seen);
    if (seen.state === 'created') this.#unstarted.add(seen.id);
  }

  /** A container that is gone, with all that was remembered of it. */
  lost(id: string): void {
    this.seen.delete(id);
    this.dirty.delete(id);
    this.#unstarted.delete(id);
    for (const map of [this.stops, this.starts, this.endings, this.lastWords]) map.delete(id);
    this.preparedSandboxes.delete(id);
    this.pluggedSandboxes.delete(id);
    this.made.delete(id);
  }

  /** Whether a note has been told already; it counts as told from now on. */
  tells(key: string): boolean {
    if (this.#told.has(key)) return false;
    if (this.#told.size >= MAX_TOLD) this.#told.clear();
    this.#told.add(key);
    return true;
  }

  /**
   * Notes what runs and what has ended by now, by this machine's clock: the engine's may be another. When somebody has set the clock since
   * the last time (`elapsedMs`: see Clock), all that is remembered moves along, so that no wait ends early and none becomes longer.
   * `startTime`: the pod's, epoch milliseconds.
   */
  keepTime(now: number, elapsedMs: number, startTime: number | undefined): void {
    const offsetMs = now - elapsedMs;
    const byMs = offsetMs - (this.#offsetMs ?? offsetMs);
    if (Math.abs(byMs) >= SET_MS) this.#shift(byMs);
    if (this.#offsetMs === undefined || Math.abs(byMs) >= SET_MS) this.#offsetMs = offsetMs;
    this.activeSinceMs ??= startTime === undefined ? undefined : Math.min(startTime, now);
    for (const seen of this.seen.values()) this.#keepTimeOf(seen, now);
  }

  #keepTimeOf(seen: ContainerSeen, now: number): void {
    const { id, startedAtMs, finishedAtMs, createdAtMs } = seen;
    if (isAlive(seen)) {
      this.endings.delete(id);
      if (!this.starts.has(id)) this.starts.set(id, this.#unstarted.has(id) ? now : Math.min(startedAtMs, now));
    } else if (hasEnded(seen) && !this.endings.has(id)) {
      const wasSeen = this.starts.has(id) || this.#unstarted.has(id);
      this.endings.set(id, wasSeen ? now : Math.min(finishedAtMs > 0 ? finishedAtMs : createdAtMs, now));
    }
  }

  #shift(byMs: number): void {
    for (const map of [this.starts, this.endings]) for (const [id, atMs] of map) map.set(id, atMs + byMs);
    for (const [part, failure] of this.failures) this.failures.set(part, { ...failure, retryAtMs: failure.retryAtMs + byMs });
    for (const [id, stop] of this.stops) this.stops.set(id, shifted(stop, byMs));
    if (this.activeSinceMs !== undefined) this.activeSinceMs += byMs;
    if (this.#silentSinceMs !== undefined) this.#silentSinceMs += byMs;
  }

  /** A container is to end, within this grace; one that ends already can get less time, but no more. */
  beginStop(id: string, order: Pick<StopState, 'graceMs' | 'restart' | 'isCrash'>, now: number): void {
    const before = this.stops.get(id);
    const deadlineMs = now + order.graceMs;
    this.stops.set(
      id,
      before === undefined
        ? { ...order, beganAtMs: now, deadlineMs }
        : { ...before, graceMs: order.graceMs, deadlineMs: Math.min(deadlineMs, before.deadlineMs) },
    );
  }

  /** A pass that began then broke off because the engine did not answer. */
  brokeOff(beganAtMs: number): void {
    this.#silentSinceMs ??= beganAtMs;
  }

  /** The engine answers. What could not be asked to stop meanwhile has as much of its grace as it had before. */
  answered(now: number): void {
    const lostMs = now - (this.#silentSinceMs ?? now);
    this.#silentSinceMs = undefined;
    if (lostMs <= 0) return;
    for (const [id, stop] of this.stops) {
      if (stop.termAtMs !== undefined || stop.killAtMs !== undefined) continue;
      this.stops.set(id, { ...stop, deadlineMs: stop.deadlineMs + Math.min(lostMs, now - stop.beganAtMs) });
    }
  }

  /** A signal was sent to a container. */
  signalled(id: string, how: 'stop' | 'kill', now: number): void {
    const stop = this.stops.get(id) ?? { graceMs: 0, restart: false, isCrash: false, beganAtMs: now, deadlineMs: now };
    this.stops.set(id, { ...stop, ...(how === 'kill' ? { killAtMs: now } : { termAtMs: now }) });
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

function shifted(stop: StopState, byMs: number): StopState {
  const { beganAtMs, deadlineMs, termAtMs, killAtMs } = stop;
  return {
    ...stop,
    beganAtMs: beganAtMs + byMs,
    deadlineMs: deadlineMs + byMs,
    ...(termAtMs === undefined ? {} : { termAtMs: termAtMs + byMs }),
    ...(killAtMs === undefined ? {} : { killAtMs: killAtMs + byMs }),
  };
}

/** Whether two views of a container differ in anything that matters to a plan. */
export function hasChanged(before: ContainerSeen | undefined, now: ContainerSeen): boolean {
  return before === undefined || JSON.stringify(before) !== JSON.stringify(now);
}
