// Images on the node: present, being pulled, or failed and waiting. Asking never waits. Kubernetes, "Images": a failing pull is repeated
// after 10 s, then twice as long each time, up to 5 min.
import type { Clock } from '../../system/clock.ts';
import type { Logger } from '../../system/logger.ts';
import { type ContainerEngine, EngineError } from '../engine/container-engine.ts';
import { type EngineCalls, engineCalls } from '../engine/engine-calls.ts';
import type { ImageProgress } from '../environment.ts';
import type { PullPolicy } from '../plan/steps.ts';

const MAX_PARALLEL_PULLS = 3;
const PULL_BACK_OFF_FIRST_MS = 10_000;
const PULL_BACK_OFF_MAX_MS = 300_000;
/** A pull this young serves every wish of policy Always: pods of one rollout do not each ask the registry anew. */
const FRESH_PULL_MS = 10_000;
/** For so long an image that was seen counts as there: images are removed behind our back, by people and by clean-up jobs. */
const SEEN_FOR_MS = 30_000;
/** Wishes that are remembered; the oldest are forgotten. */
const MAX_WISHES = 2_000;

interface Failure {
  readonly message: string;
  readonly isFinal: boolean;
  readonly atMs: number;
  readonly count: number;
}

interface ImageRecord {
  readonly reference: string;
  /** Undefined when nobody has looked. */
  isPresent: boolean | undefined;
  /** When the engine last said that it is there. */
  seenAtMs: number;
  pulledAtMs: number;
  /** Of the last pull. */
  pullFailure: Failure | undefined;
  /** Of the last look: no answer, or (final) not there although it must not be pulled. */
  lookFailure: Failure | undefined;
  work: 'none' | 'looking' | 'queued' | 'pulling';
}

/** The images of one node. */
export class ImageManager {
  readonly #calls: EngineCalls;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #aborter = new AbortController();
  readonly #records = new Map<string, ImageRecord>();
  /** Wishes of policy Always that have been granted. */
  readonly #granted = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #queue: ImageRecord[] = [];
  #pulling = 0;
  #working = 0;
  #waiters: (() => void)[] = [];

  constructor({ engine, clock, logger }: { engine: ContainerEngine; clock: Clock; logger: Logger }) {
    this.#calls = engineCalls(engine, clock, this.#aborter.signal);
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * How far the image is, starting what is needed. `attempt` names the wish: under policy Always each attempt is served by one pull
   * of its own time. A failed pull is repeated by asking again at `retryAtMs` or later. What is said to be present was there at most
   * `seenForMs` ago; whoever makes a container at once, and is told if it is not, may take any age.
   */
  prepare(image: string, policy: PullPolicy, attempt: string, seenForMs = SEEN_FOR_MS): ImageProgress {
    const record = this.#record(image);
    // A clock that went back makes no answer younger.
    const isSeenLately = Math.abs(this.#clock.now() - record.seenAtMs) <= seenForMs;
    if (record.isPresent === true && record.work === 'none' && !isSeenLately) record.isPresent = undefined;
    const wish = `${image} ${attempt}`;
    if (policy === 'Always') {
      const isGranted = this.#granted.has(wish);
      if (isGranted && record.isPresent === true) return { state: 'present' };
      if (isGranted && record.isPresent === undefined && record.work === 'none') return this.#lookState(record);
      if (
        record.pulledAtMs > 0 &&
        Math.abs(this.#clock.now() - record.pulledAtMs) <= FRESH_PULL_MS &&
        record.isPresent === true
      ) {
        this.#grant(wish);
        return { state: 'present' };
      }
      return this.#pullState(record);
    }
    if (record.isPresent === true) return { state: 'present' };
    if (record.work !== 'none') return { state: 'pulling', isDownloading: record.work !== 'looking' };
    if (policy === 'Never') return this.#neverState(record);
    return record.isPresent === undefined && record.lookFailure?.isFinal !== true
      ? this.#lookState(record)
      : this.#pullState(record);
  }

  /** The engine turned out not to have the image. */
  forget(image: string): void {
    const record = this.#records.get(image);
    if (record === undefined) return;
    record.isPresent = undefined;
    record.pulledAtMs = 0;
    for (const wish of this.#granted) if (wish.startsWith(`${image} `)) this.#granted.delete(wish);
  }

  /** Calls back whenever an image's state has changed; returns what ends that. */
  onChange(callback: () => void): () => void {
    this.#listeners.add(callback);
    return () => this.#listeners.delete(callback);
  }

  isIdle(): boolean {
    return this.#working === 0;
  }

  /** Resolves when nothing is being looked for or pulled. */
  idle(): Promise<void> {
    return this.isIdle() ? Promise.resolve() : new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#aborter.abort(new Error('the kubelet stopped'));
    this.#listeners.clear();
  }

  #record(reference: string): ImageRecord {
    let record = this.#records.get(reference);
    if (record === undefined) {
      record = {
        reference,
        isPresent: undefined,
        seenAtMs: 0,
        pulledAtMs: 0,
        pullFailure: undefined,
        lookFailure: undefined,
        work: 'none',
      };
      this.#records.set(reference, record);
    }
    return record;
  }

  #grant(wish: string): void {
    this.#granted.add(wish);
    if (this.#granted.size <= MAX_WISHES) return;
    for (const oldest of this.#granted) {
      this.#granted.delete(oldest);
      return;
    }
  }

  #lookState(record: ImageRecord): ImageProgress {
    const failed = this.#waiting(record.lookFailure);
    if (failed !== undefined) return failed;
    this.#look(record);
    return { state: 'pulling', isDownloading: false };
  }

  /** Somebody may load the image by hand, so it is looked for again from time to time. */
  #neverState(record: ImageRecord): ImageProgress {
    if (record.isPresent === undefined) return this.#lookState(record);
    const message = `Container image "${record.reference}" is not present with pull policy of Never`;
    record.lookFailure = this.#failure(record.lookFailure, message, true);
    record.isPresent = undefined;
    return this.#waiting(record.lookFailure) ?? this.#lookState(record);
  }

  #failure(before: Failure | undefined, message: string, isFinal: boolean): Failure {
    return { message, isFinal, atMs: this.#clock.now(), count: (before?.count ?? 0) + 1 };
  }

  /** A failure that is too young for another try. */
  #waiting(failure: Failure | undefined): ImageProgress | undefined {
    if (failure === undefined) return undefined;
    const { message, isFinal, atMs, count } = failure;
    const retryAtMs = atMs + Math.min(PULL_BACK_OFF_FIRST_MS * 2 ** Math.min(count - 1, 20), PULL_BACK_OFF_MAX_MS);
    const now = this.#clock.now();
    // A failure of the future is from before the clock was set back.
    return now >= atMs && now < retryAtMs ? { state: 'failed', message, isFinal, retryAtMs, failures: count } : undefined;
  }

  #pullState(record: ImageRecord): ImageProgress {
    if (record.work !== 'none') return { state: 'pulling', isDownloading: record.work !== 'looking' };
    const failed = this.#waiting(record.pullFailure);
    if (failed !== undefined) return failed;
    record.work = 'queued';
    this.#working += 1;
    this.#queue.push(record);
    this.#pump();
    return { state: 'pulling', isDownloading: true };
  }

  #look(record: ImageRecord): void {
    record.work = 'looking';
    this.#working += 1;
    void this.#calls
      .image(record.reference)
      .then((id) => {
        record.isPresent = id !== undefined;
        record.seenAtMs = this.#clock.now();
        if (record.isPresent || record.lookFailure?.isFinal !== true) record.lookFailure = undefined;
      })
      .catch((error: unknown) => {
        record.lookFailure = this.#failure(record.lookFailure, error instanceof Error ? error.message : String(error), false);
        this.#logger.debug({ image: record.reference, error }, 'could not look for image');
      })
      .finally(() => this.#done(record));
  }

  #pump(): void {
    while (this.#pulling < MAX_PARALLEL_PULLS) {
      const record = this.#queue.shift();
      if (record === undefined) return;
      this.#pulling += 1;
      record.work = 'pulling';
      void this.#pull(record).finally(() => {
        this.#pulling -= 1;
        this.#done(record);
        this.#pump();
      });
    }
  }

  async #pull(record: ImageRecord): Promise<void> {
    const startedAtMs = this.#clock.now();
    try {
      await this.#calls.pull(record.reference);
      record.isPresent = true;
      record.pulledAtMs = this.#clock.now();
      record.seenAtMs = record.pulledAtMs;
      record.pullFailure = undefined;
      record.lookFailure = undefined;
      this.#logger.info({ image: record.reference, tookMs: record.pulledAtMs - startedAtMs }, 'pulled image');
    } catch (error) {
      if (this.#aborter.signal.aborted) return;
      const isFinal = error instanceof EngineError && error.fault === 'ImageUnavailable';
      record.pullFailure = this.#failure(record.pullFailure, error instanceof Error ? error.message : String(error), isFinal);
      this.#logger.warn({ image: record.reference, error }, 'could not pull image');
    }
  }

  #done(record: ImageRecord): void {
    record.work = 'none';
    this.#working -= 1;
    if (!this.#aborter.signal.aborted) for (const tell of this.#listeners) tell();
    if (!this.isIdle()) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const tell of waiters) tell();
  }
}
