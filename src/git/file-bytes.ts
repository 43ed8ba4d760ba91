// Contents that were read to verify a commit, kept for the reader that comes right after.

/** Kept at once, over all files. */
const MAX_TOTAL_BYTES = 32 * 1024 * 1024;
/** A file above this is read from disk when it is asked for. */
const MAX_FILE_BYTES = 1024 * 1024;

/** Holds contents by blob id, each until it is taken once. */
export class FileBytes {
  readonly #byId = new Map<string, Uint8Array>();
  #keptBytes = 0;
  #plannedBytes = 0;

  /** Whether content of this size is worth reading ahead; reserves the room when it is. */
  plan(sizeBytes: number): boolean {
    if (sizeBytes > MAX_FILE_BYTES || this.#plannedBytes + sizeBytes > MAX_TOTAL_BYTES) return false;
    this.#plannedBytes += sizeBytes;
    return true;
  }

  keep(id: string, bytes: Uint8Array): void {
    if (bytes.byteLength > MAX_FILE_BYTES || this.#keptBytes + bytes.byteLength > MAX_TOTAL_BYTES || this.#byId.has(id)) return;
    this.#byId.set(id, bytes);
    this.#keptBytes += bytes.byteLength;
  }

  /** The content, which is not kept any longer; a second taker reads it from disk. */
  take(id: string): Uint8Array | undefined {
    const bytes = this.#byId.get(id);
    if (bytes === undefined) return undefined;
    this.#byId.delete(id);
    this.#keptBytes -= bytes.byteLength;
    return bytes;
  }

  clear(): void {
    this.#byId.clear();
    this.#keptBytes = 0;
    this.#plannedBytes = 0;
  }
}
