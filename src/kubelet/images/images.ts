// Images on the node: present, being pulled, or failed and waiting. Asking never waits. Kubernetes, "Images": a failing pull is repeated
// after 10 s, then twice as long each time, up to 5 min.
import type { Keyring, RegistryCredentials } from '../../model/registry.ts';
import { credentialsFor } from '../../model/registry.ts';
import type { Clock } from '../../system/clock.ts';
import type { Logger } from '../../system/logger.ts';
import { type ContainerEngine, EngineError } from '../engine/container-engine.ts';
import { type EngineCalls, engineCalls } from '../engine/engine-calls.ts';
import type { ImageProgress } from '../environment.ts';
import {
  type Failure,
  type ImageRecord,
  nameOfCredentials,
  newRecord,
  presentState,
  waitingState,
  workingState,
} from './image-record.ts';
import { PullQueue } from './pull-queue.ts';

/** When an image is pulled (Kubernetes, "Image pull policy"). */
export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** A pull this young serves every wish of policy Always: pods of one rollout do not each ask the registry anew. */
const FRESH_PULL_MS = 10_000;
/** For so long an image that was seen counts as there: images are removed behind our back, by people and by clean-up jobs. */
const SEEN_FOR_MS = 30_000;
/** Progress is told when it has grown by this part of the whole: more often would only wake everybody. */
const TOLD_PART = 0.1;
/** Wishes that are remembered; the oldest are forgotten. */
const MAX_WISHES = 2_000;

/** An image that somebody wants. */
export interface ImageRequest {
  readonly image: string;
  readonly policy: PullPolicy;
  /** Names the wish: under policy Always each is served by one pull of its own time. */
  readonly wish: string;
  /** Of the asker's pull secrets, in the order in which they are tried. Those of the node come after them. */
  readonly credentials?: readonly RegistryCredentials[];
}

export interface ImageManagerOptions {
  readonly engine: ContainerEngine;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Credentials that serve every pod (Kubernetes, "Configuring nodes to authenticate to a private registry"). */
  readonly nodeKeyring?: Keyring;
}

/** The images of one node. */
export class ImageManager {
  readonly #calls: EngineCalls;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #nodeKeyring: Keyring;
  readonly #aborter = new AbortController();
  readonly #records = new Map<string, ImageRecord>();
  /** Wishes of policy Always that have been granted. */
  readonly #granted = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #pullListeners = new Set<(reference: string) => void>();
  readonly #pulls: PullQueue;
  #working = 0;
  #waiters: (() => void)[] = [];

  constructor({ engine, clock, logger, nodeKeyring = [] }: ImageManagerOptions) {
    this.#calls = engineCalls(engine, clock, this.#aborter.signal);
    this.#clock = clock;
    this.#logger = logger;
    this.#nodeKeyring = nodeKeyring;
    this.#pulls = new PullQueue(this.#calls);
  }

  /**
   * How far the image is, starting what is needed. A failed pull is repeated by asking again at `retryAtMs` or later. What is said to be
   * present was there at most `seenForMs` ago; whoever makes a container at once, and is told if it is not, may take any age.
   */
  prepare(request: ImageRequest, seenForMs = SEEN_FOR_MS): ImageProgress {
    const record = this.#record(request.image);
    const now = this.#clock.now();
    // A clock that went back makes no answer younger.
    const isSeenLately = Math.abs(now - record.seenAtMs) <= seenForMs;
    if (record.isPresent === true && record.work === 'none' && !isSeenLately) record.isPresent = undefined;
    if (request.policy === 'Always') return this.#alwaysState(record, request);
    if (record.isPresent === true) return presentState(record);
    if (record.work !== 'none') return workingState(record);
    if (request.policy === 'Never') return this.#neverState(record);
    return record.isPresent === undefined && record.lookFailure?.isFinal !== true
      ? this.#lookState(record)
      : this.#pullState(record, request);
  }

  /** What has failed may be tried again at once. */
  forgetFailures(): void {
    for (const record of this.#records.values()) {
      record.pullFailures.clear();
      record.lookFailure = undefined;
    }
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

  /** Calls back with the reference of each image that was pulled. */
  onPulled(callback: (reference: string) => void): void {
    this.#pullListeners.add(callback);
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
    this.#pullListeners.clear();
  }

  #record(reference: string): ImageRecord {
    const record = this.#records.get(reference) ?? newRecord(reference);
    this.#records.set(reference, record);
    return record;
  }

  #alwaysState(record: ImageRecord, request: ImageRequest): ImageProgress {
    const wish = `${request.image} ${request.wish}`;
    const isGranted = this.#granted.has(wish);
    if (isGranted && record.isPresent === true) return presentState(record);
    if (isGranted && record.isPresent === undefined && record.work === 'none') return this.#lookState(record);
    const isFresh = record.pulledAtMs > 0 && Math.abs(this.#clock.now() - record.pulledAtMs) <= FRESH_PULL_MS;
    if (!isFresh || record.isPresent !== true) return this.#pullState(record, request);
    this.#grant(wish);
    return presentState(record);
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
    const failed = waitingState(record.lookFailure, this.#clock.now());
    if (failed !== undefined) return failed;
    this.#look(record);
    return workingState(record);
  }

  /** Somebody may load the image by hand, so it is looked for again from time to time. */
  #neverState(record: ImageRecord): ImageProgress {
    if (record.isPresent === undefined) return this.#lookState(record);
    const message = `Container image "${record.reference}" is not present with pull policy of Never`;
    record.lookFailure = this.#failure(record.lookFailure, message, true);
    record.isPresent = undefined;
    return waitingState(record.lookFailure, this.#clock.now()) ?? this.#lookState(record);
  }

  #failure(before: Failure | undefined, message: string, isFinal: boolean): Failure {
    return { message, isFinal, atMs: this.#clock.now(), count: (before?.count ?? 0) + 1 };
  }

  #pullState(record: ImageRecord, { image, credentials = [] }: ImageRequest): ImageProgress {
    if (record.work !== 'none') return workingState(record);
    const all = [...credentials, ...credentialsFor(image, [this.#nodeKeyring])];
    const failed = waitingState(record.pullFailures.get(nameOfCredentials(all)), this.#clock.now());
    if (failed !== undefined) return failed;
    record.work = 'queued';
    this.#working += 1;
    this.#pull(record, all);
    return workingState(record);
  }

  #look(record: ImageRecord): void {
    record.work = 'looking';
    this.#working += 1;
    void this.#calls
      .image(record.reference)
      .then((image) => this.#saw(record, image))
      .catch((error: unknown) => {
        record.lookFailure = this.#failure(record.lookFailure, messageOf(error), false);
        this.#logger.debug({ image: record.reference, error }, 'could not look for image');
      })
      .finally(() => this.#done(record));
  }

  #saw(record: ImageRecord, image: ImageRecord['image']): void {
    record.isPresent = image !== undefined;
    record.image = image;
    record.seenAtMs = this.#clock.now();
    if (record.isPresent || record.lookFailure?.isFinal !== true) record.lookFailure = undefined;
  }

  #pull(record: ImageRecord, credentials: readonly RegistryCredentials[]): void {
    const { reference } = record;
    const name = nameOfCredentials(credentials);
    let startedAtMs = 0;
    this.#pulls.add({
      reference,
      credentials,
      onStart: () => {
        record.work = 'pulling';
        startedAtMs = this.#clock.now();
      },
      onProgress: (progress) => {
        const told = record.progress?.completedBytes ?? 0;
        record.progress = progress;
        if (progress.completedBytes - told >= progress.totalBytes * TOLD_PART) this.#tell();
      },
      onEnd: (error) => {
        record.progress = undefined;
        if (error === undefined) {
          this.#logger.info({ image: reference, tookMs: this.#clock.now() - startedAtMs }, 'pulled image');
          for (const tell of this.#pullListeners) tell(reference);
          this.#pulled(record);
          return;
        }
        if (!this.#aborter.signal.aborted) {
          const isFinal = error instanceof EngineError && error.fault === 'ImageUnavailable';
          record.pullFailures.set(name, this.#failure(record.pullFailures.get(name), messageOf(error), isFinal));
          this.#logger.warn({ image: reference, error }, 'could not pull image');
        }
        this.#done(record);
      },
    });
  }

  /** What the image is, beside being there, is asked after the pull; not to know it holds nothing up. */
  #pulled(record: ImageRecord): void {
    void this.#calls
      .image(record.reference)
      .then((image) => {
        record.image = image;
      })
      .catch((error: unknown) => this.#logger.debug({ image: record.reference, error }, 'could not look for image'))
      .finally(() => {
        record.isPresent = true;
        record.pulledAtMs = this.#clock.now();
        record.seenAtMs = record.pulledAtMs;
        record.pullFailures.clear();
        record.lookFailure = undefined;
        this.#done(record);
      });
  }

  #tell(): void {
    if (!this.#aborter.signal.aborted) for (const tell of this.#listeners) tell();
  }

  #done(record: ImageRecord): void {
    record.work = 'none';
    this.#working -= 1;
    this.#tell();
    if (!this.isIdle()) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const tell of waiters) tell();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
