// The kubelet's view of a Docker Engine. Declared here, implemented by the docker room and by the fake in the tests; one contract
// suite holds both to it. Naked calls: no retries inside, every call ends when its signal is aborted.

/** What the engine says of itself. */
export interface EngineInfo {
  /** The identity that the engine keeps over restarts. */
  readonly id: string;
  /** Host name of the engine. */
  readonly name: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly operatingSystem: string;
  readonly kernelVersion: string;
  /** `amd64` or `arm64`, as images name it. */
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /**
   * What of a container's resources it can enforce. The rest it drops without an error and shows as 0: a rootless engine without
   * delegated controllers, a kernel that was booted without memory control groups.
   */
  readonly enforces: { readonly memory: boolean; readonly cpuShares: boolean };
}

/** What a path of the host can be asked to be. */
export type HostPathKind = 'directory' | 'file' | 'socket';

/** A mount of a container. */
export type Mount =
  | { readonly type: 'volume'; readonly volume: string; readonly target: string; readonly readOnly: boolean }
  | {
      readonly type: 'bind';
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      /** Whether a missing source becomes a directory; otherwise the container cannot be created without it. */
      readonly create: boolean;
      /** The container is not created (Invalid) when the source is something else. Absent: anything will do. */
      readonly mustBe?: HostPathKind;
    };

/** A port that the sandbox publishes on the host. */
export interface PublishedPort {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostPort: number;
  readonly hostIP: string;
}

/** A container to create. The name is deterministic, so that creating it twice collides. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Replaces the image's entry point; absent keeps it. */
  readonly command?: readonly string[];
  /** Replaces the image's arguments; absent keeps them, unless `command` is set, which drops them (Kubernetes, "Define a Command"). */
  readonly args?: readonly string[];
  readonly workingDir?: string;
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly mounts: readonly Mount[];
  /** The network of a sandbox, or the sandbox whose network namespace is joined. */
  readonly network:
    | { readonly type: 'network'; readonly name: string }
    | { readonly type: 'sandbox'; readonly containerId: string };
  /** Host name; sandboxes only. */
  readonly hostname?: string;
  readonly ports: readonly PublishedPort[];
  /** 0 means no limit. */
  readonly memoryBytes: number;
  readonly nanoCpus: number;
  /** Relative weight; 2 is the least. 0 leaves the engine's default. */
  readonly cpuShares: number;
  /** -1000 (never killed) to 1000. */
  readonly oomScoreAdj: number;
}

/** What the engine lets be changed on a living container, as it stands. Differs from the ContainerSpec when somebody edited it. */
export interface LiveSettings {
  readonly name: string;
  readonly memoryBytes: number;
  readonly nanoCpus: number;
  readonly cpuShares: number;
  /** Docker's own restart policy; ours is always `no`. */
  readonly restartPolicy: string;
  /** Names of the networks that a sandbox is connected to; empty for others. */
  readonly networks: readonly string[];
}

/** One of our containers, as seen. */
export interface ContainerSeen {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly imageId: string;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead' | 'removing';
  /** Epoch milliseconds; 0 when it never was. */
  readonly createdAtMs: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly exitCode: number;
  readonly isOomKilled: boolean;
  /** The engine's word on why it could not start; usually empty. */
  readonly error: string;
  /** Address of a running sandbox on its network; empty otherwise. */
  readonly ip: string;
  readonly settings: LiveSettings;
}

/** Something happened to one of our containers. It only wakes; the truth is `inspect`. */
export interface EngineEvent {
  readonly containerId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Docker's word: create, start, die, destroy, oom, pause, unpause, update, rename, disconnect… */
  readonly action: string;
}

/** A file that is put into a container. */
export interface FileEntry {
  /** Relative to the directory it is put into. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly content?: Uint8Array;
  /** Target of a symbolic link. */
  readonly target?: string;
}

/** A volume to have. */
export interface VolumeSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Keep it in memory (tmpfs) rather than on the host's disk. */
  readonly inMemory: boolean;
  /** Limit of a volume in memory; 0 for none. */
  readonly sizeBytes: number;
}

export interface VolumeSeen {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ExecResult {
  readonly exitCode: number;
  /** Standard output and error, cut to `maxOutputBytes`. */
  readonly output: string;
}

export interface LogOptions {
  readonly follow: boolean;
  /** Only the last lines; all when absent. */
  readonly tailLines?: number;
  readonly sinceMs?: number;
  readonly timestamps: boolean;
}

/** A piece of a container's output. */
export interface LogChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

/** Closed list of what engine calls can end in, beside success. */
export type EngineFault =
  /** No answer: not running, no permission, connection cut, deadline. Worth another try. */
  | 'Unreachable'
  /** The container, volume, network or image is not there. */
  | 'NotFound'
  /** The name is taken, or the state does not allow it. */
  | 'Conflict'
  /** The image cannot be had: no such repository or tag, or no permission. */
  | 'ImageUnavailable'
  /** The engine could not start the container: no such command, port taken, bad mount. */
  | 'StartFailed'
  | 'Invalid'
  | 'Failed';

/** An engine call failed. */
export class EngineError extends Error {
  readonly code = 'ENGINE_ERROR';
  readonly fault: EngineFault;
  constructor(fault: EngineFault, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'EngineError';
    this.fault = fault;
  }
}

/** One Docker Engine, seen through one cluster: it never shows or touches what does not carry the cluster's label. */
export interface ContainerEngine {
  info(signal: AbortSignal): Promise<EngineInfo>;

  /** All our containers, in any state, complete. */
  list(signal: AbortSignal): Promise<readonly ContainerSeen[]>;
  /** One container, or undefined when it is gone. */
  inspect(id: string, signal: AbortSignal): Promise<ContainerSeen | undefined>;
  /** Creates a container and returns its id. The name taken by one of ours with equal labels: returns that one's id. Taken by another: Conflict. */
  create(spec: ContainerSpec, signal: AbortSignal): Promise<string>;
  /** Starts it; harmless when it runs. StartFailed when it cannot run. */
  start(id: string, signal: AbortSignal): Promise<void>;
  /** Sends a signal; `stop` is the image's own stop signal (SIGTERM unless it names another). Harmless when it does not run. A paused one is unpaused first. */
  kill(id: string, how: 'stop' | 'kill', signal: AbortSignal): Promise<void>;
  /** Kills if need be and removes, with anonymous volumes. Harmless when it is gone. */
  remove(id: string, signal: AbortSignal): Promise<void>;
  /** Runs a command in a running container. */
  exec(id: string, command: readonly string[], maxOutputBytes: number, signal: AbortSignal): Promise<ExecResult>;
  logs(id: string, options: LogOptions, signal: AbortSignal): AsyncIterable<LogChunk>;

  /** Puts files below a directory of a created or running container, replacing what is there. */
  putFiles(id: string, directory: string, files: readonly FileEntry[], signal: AbortSignal): Promise<void>;
  /** Target of a symbolic link in a container, or undefined when there is none. */
  readLink(id: string, path: string, signal: AbortSignal): Promise<string | undefined>;

  /** The image's id, or undefined when the engine does not have it. */
  image(reference: string, signal: AbortSignal): Promise<string | undefined>;
  /** Pulls an image. ImageUnavailable when that cannot succeed by itself. */
  pull(reference: string, signal: AbortSignal): Promise<void>;
  /** Makes an image of our own from a root file system; `reference` names it afterwards. */
  importImage(
    reference: string,
    rootFileSystem: readonly FileEntry[],
    config: { entrypoint: readonly string[] },
    signal: AbortSignal,
  ): Promise<void>;

  /** Creates the bridge network unless it is there. */
  ensureNetwork(name: string, labels: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>;
  removeNetwork(name: string, signal: AbortSignal): Promise<void>;
  /** All our volumes. */
  listVolumes(signal: AbortSignal): Promise<readonly VolumeSeen[]>;
  /** Creates the volume unless it is there. */
  ensureVolume(spec: VolumeSpec, signal: AbortSignal): Promise<void>;
  /** Harmless when it is gone; Conflict when it is in use. */
  removeVolume(name: string, signal: AbortSignal): Promise<void>;

  /**
   * Events of our containers since this time (epoch milliseconds). Ends with an EngineError when the connection breaks: relist, and
   * call again. Ends quietly with the signal.
   */
  events(sinceMs: number, signal: AbortSignal): AsyncIterable<EngineEvent>;
}
