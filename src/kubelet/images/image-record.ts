// What is remembered of one image of the node, and what it amounts to. Facts and their reading; nobody is called here.
import { hashOf } from '../../model/hash.ts';
import type { RegistryCredentials } from '../../model/registry.ts';
import type { ImageSeen, PullProgress } from '../engine/container-engine.ts';
import type { ImageProgress } from '../environment.ts';

const PULL_BACK_OFF_FIRST_MS = 10_000;
const PULL_BACK_OFF_MAX_MS = 300_000;

/** A look or a pull that failed. */
export interface Failure {
  readonly message: string;
  readonly isFinal: boolean;
  readonly atMs: number;
  /** In a row, from 1. */
  readonly count: number;
}

export interface ImageRecord {
  readonly reference: string;
  /** Undefined when nobody has looked. */
  isPresent: boolean | undefined;
  /** What the engine said of it when it was there. */
  image: ImageSeen | undefined;
  /** When the engine last said that it is there. */
  seenAtMs: number;
  pulledAtMs: number;
  /** Of the last pull with certain credentials: who has others is not held up by them. */
  readonly pullFailures: Map<string, Failure>;
  /** Of the last look: no answer, or (final) not there although it must not be pulled. */
  lookFailure: Failure | undefined;
  work: 'none' | 'looking' | 'queued' | 'pulling';
  /** Of the pull under way. */
  progress: PullProgress | undefined;
}

export function newRecord(reference: string): ImageRecord {
  return {
    reference,
    isPresent: undefined,
    image: undefined,
    seenAtMs: 0,
    pulledAtMs: 0,
    pullFailures: new Map(),
    lookFailure: undefined,
    work: 'none',
    progress: undefined,
  };
}

/** A name for credentials that tells nothing of them. */
export function nameOfCredentials(credentials: readonly RegistryCredentials[]): string {
  return credentials.length === 0 ? '' : hashOf(credentials);
}

export function presentState({ image }: ImageRecord): ImageProgress {
  return image === undefined ? { state: 'present' } : { state: 'present', image };
}

export function workingState({ work, progress }: ImageRecord): ImageProgress {
  const isDownloading = work !== 'looking';
  return progress === undefined ? { state: 'pulling', isDownloading } : { state: 'pulling', isDownloading, progress };
}

/** A failure that is too young for another try; undefined for an older one. */
export function waitingState(failure: Failure | undefined, now: number): ImageProgress | undefined {
  if (failure === undefined) return undefined;
  const { message, isFinal, atMs, count } = failure;
  const retryAtMs = atMs + Math.min(PULL_BACK_OFF_FIRST_MS * 2 ** Math.min(count - 1, 20), PULL_BACK_OFF_MAX_MS);
  // A failure of the future is from before the clock was set back.
  return now >= atMs && now < retryAtMs ? { state: 'failed', message, isFinal, retryAtMs, failures: count } : undefined;
}
