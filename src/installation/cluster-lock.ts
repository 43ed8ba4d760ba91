// One controller at a time for a cluster, over all machines that reach its engine: holds the lock on the engine while it lives. A holder that
// dies without giving it back is found out: at once where it is certain, and else when it has not said for a while that it lives.
import { UsageFault } from '../cli/usage-fault.ts';
import type { LockLook, LockSeen } from '../docker/engine-lock.ts';
import { EngineError } from '../kubelet/engine/container-engine.ts';
import { type Cancel, type Clock, sleep } from '../system/clock.ts';
import { DeadlineExceeded, withDeadline } from '../system/deadline.ts';

/** A holder says so often that it lives. */
export const RENEWAL_MS = 15_000;
/** One that has not said it for so long is dead. */
export const EXPIRY_MS = 45_000;
const LOOK_AGAIN_MS = 3_000;
/** After a renewal that failed, the next try. */
const RETRY_MS = 2_000;
const CALL_TIMEOUT_MS = 10_000;

/** What a lock is made of; see docker/engine-lock.ts. */
export interface LockShelf {
  look(signal: AbortSignal): Promise<LockLook>;
  take(holder: string, place: string, engineNow: number, signal: AbortSignal): Promise<string | undefined>;
  renew(id: string, engineNow: number, signal: AbortSignal): Promise<boolean>;
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** Where a holder runs, so that its successor on the same machine knows that it is dead. */
export interface LockPlace {
  /** The machine; empty when it cannot be told from others over its boots. */
  readonly machine: string;
  /** One start of it; empty when that is not known. */
  readonly boot: string;
  /** The lock file of the machine, which only one process can have. */
  readonly file: string;
}

export interface ClusterLock {
  /** Rejects with UsageFault when somebody else has taken the lock; never resolves. */
  readonly lost: Promise<never>;
  /** Gives it back. Harmless twice. */
  release(): Promise<void>;
}

export interface ClusterLockParts {
  readonly shelf: LockShelf;
  readonly cluster: string;
  /** For people: program, process, host. */
  readonly holder: string;
  readonly place: LockPlace;
  /** Nothing is written: that nobody else has the lock is enough. */
  readonly onlyLooks?: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What is never lost, and need not be given back. */
const NO_LOCK: ClusterLock = { lost: new Promise(() => {}), release: async () => {} };

/**
 * Takes the lock. When somebody has it, waits until that one has said that it lives, or is known to be dead. Throws UsageFault with the name of a
 * living holder, or when the engine refuses.
 */
export async function takeClusterLock(parts: ClusterLockParts): Promise<ClusterLock> {
  try {
    return await take(parts);
  } catch (error) {
    if (error instanceof EngineError || error instanceof DeadlineExceeded) throw new UsageFault(error.message, { cause: error });
    throw error;
  }
}

async function take(parts: ClusterLockParts): Promise<ClusterLock> {
  const { shelf, clock, holder, place, signal, onlyLooks = false } = parts;
  const call = <T>(ask: (inner: AbortSignal) => Promise<T>): Promise<T> =>
    withDeadline(clock, 'asking the engine for the lock of the cluster', CALL_TIMEOUT_MS, ask, signal);
  let watched: { readonly seen: LockSeen; readonly sinceMs: number } | undefined;
  for (;;) {
    const { seen, engineNow } = await call((inner) => shelf.look(inner));
    if (seen === undefined) {
      if (onlyLooks) return NO_LOCK;
      const id = await call((inner) => shelf.take(holder, JSON.stringify(place), engineNow, inner));
      if (id !== undefined) return lockOf(new HeldLock(parts, id));
      continue;
    }
    if (watched?.seen.id === seen.id && watched.seen.renewedAt !== seen.renewedAt) throw heldBy(parts.cluster, seen.holder);
    if (watched?.seen.id !== seen.id) watched = { seen, sinceMs: clock.elapsed() };
    const unchangedMs = clock.elapsed() - watched.sinceMs;
    // By the engine's clock alone nobody is dead: it may just have been set.
    const isOld = (engineNow - seen.renewedAt) * 1_000 > EXPIRY_MS && unchangedMs > RENEWAL_MS;
    const isOver = isDead(seen, place) || isOld || unchangedMs > EXPIRY_MS;
    if (isOver && onlyLooks) return NO_LOCK;
    if (isOver) await call((inner) => shelf.remove(seen.id, inner));
    else await sleep(clock, LOOK_AGAIN_MS, signal);
  }
}

function lockOf(held: HeldLock): ClusterLock {
  return { lost: held.lost, release: () => held.release() };
}

function heldBy(cluster: string, holder: string): UsageFault {
  return new UsageFault(
    `cluster "${cluster}" on this Docker Engine is held by ${holder}. Stop that one first, or use another --cluster`,
  );
}

/** Whether a holder is known to live no more: its machine was started anew since, or its successor has the file that it had locked. */
export function isDead(seen: LockSeen, { machine, boot, file }: LockPlace): boolean {
  let its: Partial<LockPlace>;
  try {
    its = JSON.parse(seen.place) as Partial<LockPlace>;
  } catch {
    return false;
  }
  // No two machines are started with the same id of their boot.
  if (boot !== '' && its.boot === boot) return its.file === file;
  return machine !== '' && its.machine === machine && boot !== '';
}

class HeldLock {
  readonly lost: Promise<never>;
  readonly #parts: ClusterLockParts;
  readonly #aborter = new AbortController();
  #id: string;
  #cancel: Cancel = () => {};
  #renewing: Promise<void> = Promise.resolve();
  #lose: (error: Error) => void = () => {};
  #isReleased = false;

  constructor(parts: ClusterLockParts, id: string) {
    this.#parts = parts;
    this.#id = id;
    this.lost = new Promise((_resolve, reject) => {
      this.#lose = reject;
    });
    // Nobody may be listening.
    this.lost.catch(() => {});
    this.#renewIn(RENEWAL_MS);
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#cancel();
    this.#aborter.abort(new Error('the lock was given back'));
    await this.#renewing;
    const { clock, shelf } = this.#parts;
    // Whoever comes next finds out that it is over, if this cannot be said.
    await withDeadline(clock, 'giving the lock back', CALL_TIMEOUT_MS, (signal) => shelf.remove(this.#id, signal)).catch(
      () => {},
    );
  }

  #renewIn(ms: number): void {
    this.#cancel = this.#parts.clock.after(ms, () => {
      this.#renewing = this.#renew().then(
        (isHeld) => (isHeld ? this.#renewIn(RENEWAL_MS) : undefined),
        () => (this.#isReleased ? undefined : this.#renewIn(RETRY_MS)),
      );
    });
  }

  /** Whether it is still held. */
  async #renew(): Promise<boolean> {
    const { clock, shelf, holder, place, cluster } = this.#parts;
    const call = <T>(ask: (inner: AbortSignal) => Promise<T>): Promise<T> =>
      withDeadline(clock, 'renewing the lock', CALL_TIMEOUT_MS, ask, this.#aborter.signal);
    const { seen, engineNow } = await call((inner) => shelf.look(inner));
    if (seen?.id === this.#id && (await call((inner) => shelf.renew(this.#id, engineNow, inner)))) return true;
    // It is gone: taken over, or swept away with other containers that do not run.
    const isFree = seen === undefined || seen.id === this.#id;
    const again = isFree ? await call((inner) => shelf.take(holder, JSON.stringify(place), engineNow, inner)) : undefined;
    if (again === undefined) {
      this.#lose(heldBy(cluster, seen?.holder ?? 'another controller'));
      return false;
    }
    this.#id = again;
    return true;
  }
}
