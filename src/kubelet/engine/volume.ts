// A Docker volume: what the kubelet asks for, what it sees, and how much there is in it. Plain data.

/** A volume to have. */
export interface VolumeSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Keep it in memory (tmpfs) rather than on the host's disk. */
  readonly inMemory: boolean;
  /** Limit of a volume in memory; 0 for none. */
  readonly sizeBytes: number;
  /** A volume driver of the engine; absent for `local`. */
  readonly driver?: string;
  /** Options for the driver, such as `type`, `o` and `device` of the local one; they replace what `inMemory` stands for. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface VolumeSeen {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  /** Epoch milliseconds; 0 when the driver does not tell. */
  readonly createdAtMs: number;
}

/** What of the host's disk is in use, in bytes. */
export interface DiskUse {
  /** Our volumes that lie on it, by name; one that the engine cannot measure is not there. */
  readonly volumes: ReadonlyMap<string, number>;
  /** What our containers have written into their own layers, by id. */
  readonly containers: ReadonlyMap<string, number>;
}
