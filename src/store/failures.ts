// Why a store cannot be used. Messages are for the person who runs Holdfast.

/** The store cannot be opened or written: folder, permission, disk, another process, a newer format. */
export class StoreUnavailable extends Error {
  readonly code = 'STORE_UNAVAILABLE';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreUnavailable';
  }
}

/** The store can be read but what it says cannot be trusted: damaged, tampered with, or sealed with another key. */
export class StoreCorrupt extends Error {
  readonly code = 'STORE_CORRUPT';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreCorrupt';
  }
}
