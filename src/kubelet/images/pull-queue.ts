// Pulls, a few at a time, each with the credentials that its askers have: all that match are tried, as Kubernetes does. Nothing is tried
// twice here; whoever still wants the image asks again.
import type { RegistryCredentials } from '../../model/registry.ts';
import type { PullProgress } from '../engine/container-engine.ts';
import { EngineError } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';

const MAX_PARALLEL_PULLS = 3;

/** A pull to be made. */
export interface PullJob {
  readonly reference: string;
  /** In the order in which they are tried; without any, the registry is asked without a name. */
  readonly credentials: readonly RegistryCredentials[];
  readonly onStart: () => void;
  readonly onProgress: (progress: PullProgress) => void;
  /** Called once. `error` is absent when the engine has the image. */
  readonly onEnd: (error: unknown) => void;
}

export class PullQueue {
  readonly #calls: EngineCalls;
  readonly #jobs: PullJob[] = [];
  #pulling = 0;

  constructor(calls: EngineCalls) {
    this.#calls = calls;
  }

  add(job: PullJob): void {
    this.#jobs.push(job);
    this.#pump();
  }

  #pump(): void {
    while (this.#pulling < MAX_PARALLEL_PULLS) {
      const job = this.#jobs.shift();
      if (job === undefined) return;
      this.#pulling += 1;
      job.onStart();
      void this.#pull(job)
        .then(
          () => undefined,
          (error: unknown) => error,
        )
        .then((error) => {
          this.#pulling -= 1;
          job.onEnd(error);
          this.#pump();
        });
    }
  }

  async #pull({ reference, credentials, onProgress }: PullJob): Promise<void> {
    const attempts = credentials.length === 0 ? [undefined] : credentials;
    for (const [index, each] of attempts.entries()) {
      try {
        return await this.#calls.pull({ reference, onProgress, ...(each === undefined ? {} : { credentials: each }) });
      } catch (error) {
        // Only the registry's refusal can be another's permission.
        const isRefused = error instanceof EngineError && error.fault === 'ImageUnavailable';
        if (!isRefused || index === attempts.length - 1) throw error;
      }
    }
  }
}
