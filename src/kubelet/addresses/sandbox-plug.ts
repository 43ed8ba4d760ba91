// The port to whoever gives running sandboxes their network where the engine has given them none: an engine takes twice the time for a sandbox on
// a network of its own. Which sandboxes are made so is decided in src/kubelet/spec/sandbox-way.ts.

/** A running sandbox, and what it is to have. */
export interface PlugRequest {
  readonly containerId: string;
  /** Its first process, as the engine's host counts. */
  readonly pid: number;
  readonly address: string;
  /** Where its files are written: texts by name. */
  readonly directory: string;
  readonly files: Readonly<Record<string, string>>;
}

/** The plug of a node. */
export interface SandboxPlug {
  /** Whether sandboxes can be plugged in now. */
  isReady(): boolean;
  /** Gives a sandbox its address, way out and files. Harmless when it has them. Rejects when that cannot be done now, or the signal is aborted. */
  plug(request: PlugRequest, signal: AbortSignal): Promise<void>;
}
