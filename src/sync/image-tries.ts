// Counts how often an image that cannot be had was asked for, so that it is asked for again later, ever less often.

const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 300_000;

export class ImageTries {
  #commit = '';
  #tries = 0;
  #nextMs: number | undefined;

  /** The name of the try for a commit at this time: a new one once the last has failed and its wait is over. */
  attempt(commit: string, now: number): string {
    if (commit !== this.#commit) {
      this.#commit = commit;
      this.#tries = 0;
      this.#nextMs = undefined;
    }
    if (this.#nextMs !== undefined && now >= this.#nextMs) {
      this.#tries += 1;
      this.#nextMs = undefined;
    }
    return this.#tries === 0 ? commit : `${commit}#${this.#tries}`;
  }

  /** The try of this commit has failed for good. */
  failed(commit: string, now: number): void {
    if (commit !== this.#commit || this.#nextMs !== undefined) return;
    this.#nextMs = now + Math.min(FIRST_WAIT_MS * 2 ** this.#tries, LONGEST_WAIT_MS);
  }

  /** When the next try is due, in epoch milliseconds. */
  get nextMs(): number | undefined {
    return this.#nextMs;
  }
}
