// The kubelet's view of a Docker Engine. Declared here, implemented by the docker room and by the fake in the tests; one contract
// suite holds both to it. Naked calls: no retries inside, every call ends when its signal is aborted.

import type { RegistryCredentials } from '../../model/registry.ts';

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
  readonly enforces: { readonly memory: boolean; readonly cpuShares: boolean; readonly pids: boolean };
  /** Names of the OCI runtimes that it knows, `runc` among them. */
  readonly runtimes: readonly string[];
  readonly cgroupVersion: 1 | 2;
  /** What it confines with: `apparmor`, `seccomp`, `selinux`; and `rootless`, `userns`. */
  readonly securityOptions: readonly string[];
  /** Whether a bind that is read-only is so all the way down (Docker 25 on Linux 5.12). */
  readonly isRecursivelyReadOnly: boolean;
  /** Its data directory on its host. */
  readonly rootDirectory: string;
}

/** What a path of the host can be asked to be. */
export type HostPathKind = 'directory' | 'file' | 'socket' | 'char-device' | 'block-device';

/** How mounts made later spread between host and container (mount(8), shared subtrees). */
export type MountPropagation = 'private' | 'host-to-container' | 'bidirectional';

/** A mount of a container. */
export type Mount =
  /** A volume of its own, which begins with what its image has at that path and goes when it is removed. */
  | { readonly type: 'scratch'; readonly target: string }
  | {
      readonly type: 'volume';
      readonly volume: string;
      readonly target: string;
      readonly readOnly: boolean;
      /**
       * A file or directory of the volume instead of its root: a clean relative path that exists. It is mounted without following
       * symbolic links out of the volume: Invalid when one of its parts is such a link.
       */
      readonly subPath?: string;
      /** Nobody but this kubelet writes the names in this volume, so `subPath` can hold no links and needs no look. */
      readonly isSubPathPlain?: true;
      /** Absent: private. */
      readonly propagation?: MountPropagation;
    }
  | {
      readonly type: 'bind';
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      /** Whether a missing source becomes a directory; otherwise the container cannot be created without it. */
      readonly create: boolean;
      /** The container is not created (Invalid) when the source is something else. Absent: anything will do. */
      readonly mustBe?: HostPathKind;
      /** Absent: private. */
      readonly propagation?: MountPropagation;
    };

/** A port that the sandbox publishes on the host. */
export interface PublishedPort {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostPort: number;
  readonly hostIP: string;
}

/** What a container may do, and as whom (Kubernetes, "Configure a Security Context for a Pod or Container"). */
export interface SecuritySettings {
  /** `uid` or `uid:gid`; absent leaves the image's user. */
  readonly user?: string;
  /** Further groups of the first process. */
  readonly groups: readonly number[];
  readonly isPrivileged: boolean;
  /** Names without `CAP_`; `ALL` is allowed in both. */
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  readonly isRootReadOnly: boolean;
  readonly noNewPrivileges: boolean;
  /** The engine's default profile, none, or a profile as JSON text. */
  readonly seccomp: 'default' | 'unconfined' | { readonly profile: string };
  /** The engine's default profile, none, or a profile that is loaded on the host. */
  readonly appArmor: 'default' | 'unconfined' | { readonly profile: string };
  /** SELinux labels as Docker's `label=` options have them, such as `level:s0:c1`. */
  readonly seLinux: readonly string[];
  /** Whether /proc is shown whole: nothing masked, nothing read-only. */
  readonly isProcUnmasked: boolean;
}

/** A device of the host, or devices that a driver hands out (Docker, "--gpus"). */
export type DeviceRequest =
  | { readonly type: 'path'; readonly path: string }
  /** `count` -1 means all. */
  | { readonly type: 'driver'; readonly driver: string; readonly count: number; readonly capabilities: readonly string[] };

/** The resolver of a sandbox; what is absent is left to the engine. */
export interface ResolverSettings {
  readonly servers?: readonly string[];
  readonly searches?: readonly string[];
  /** As in resolv.conf: `ndots:5`. */
  readonly options?: readonly string[];
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
  /** The network of a sandbox, or the sandbox whose network namespace is joined. `host`: that of the host, for sandboxes only. */
  readonly network:
    | { readonly type: 'network'; readonly name: string }
    | { readonly type: 'host' }
    | { readonly type: 'sandbox'; readonly containerId: string };
  /** Whose processes it sees: its own (absent), the host's, or those of the sandbox and all that share with it. */
  readonly processes?: 'host' | 'sandbox';
  /** Whose System V IPC and shared memory it has: the sandbox's (absent; a sandbox shares its own), or the host's. */
  readonly ipc?: 'host';
  /** Host name; sandboxes only, and not on the host's network. */
  readonly hostname?: string;
  /** Sandboxes only: makes the hosts file name the pod `hostname.domainname hostname`. */
  readonly domainname?: string;
  /** Sandboxes only. */
  readonly resolver?: ResolverSettings;
  /** Further entries of the hosts file; sandboxes only. */
  readonly hosts?: readonly { readonly ip: string; readonly name: string }[];
  /** Kernel parameters of its namespaces; sandboxes only. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** An OCI runtime of the engine; absent for its default. */
  readonly runtime?: string;
  /** Absent: the engine's defaults, as the image's user. */
  readonly security?: SecuritySettings;
  readonly devices?: readonly DeviceRequest[];
  /** Whether it has a terminal, and a standard input that stays open (`once`: until the first client is gone). */
  readonly terminal?: { readonly tty: boolean; readonly stdin: 'closed' | 'open' | 'once' };
  /** The signal that asks it to stop, such as `SIGUSR1`; absent leaves the image's. */
  readonly stopSignal?: string;
  /** 0 or absent means no limit. */
  readonly pidsLimit?: number;
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
  /** 0 when there is none. */
  readonly pidsLimit: number;
  /** Docker's own restart policy; ours is always `no`. */
  readonly restartPolicy: string;
  /** Names of the networks that a sandbox is connected to, `host` for that of the host; empty for others. */
  readonly networks: readonly string[];
  /** What else was set that no ContainerSpec can ask for, as `cpusetCpus=0-1`; empty unless somebody edited it. */
  readonly others: readonly string[];
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
  /** Names of its scratch volumes, by where they are mounted; absent when it has none. */
  readonly scratchVolumes?: Readonly<Record<string, string>>;
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
  /** Owner and group; 0 when absent. */
  readonly uid?: number;
  readonly gid?: number;
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

/** An image that the engine has. */
export interface ImageSeen {
  readonly id: string;
  /** `name:tag` references; empty for a dangling one. */
  readonly tags: readonly string[];
  /** `name@sha256:…` references; empty for one that was never pulled. */
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** The user that the image names: empty for root, a number, a name, either with `:group`. Lists may leave it empty: ask `image`. */
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** How far a pull is, over all layers that are known by now. */
export interface PullProgress {
  readonly completedBytes: number;
  readonly totalBytes: number;
}

/** What to pull, and how. */
export interface PullRequest {
  readonly reference: string;
  readonly credentials?: RegistryCredentials;
  readonly onProgress?: (progress: PullProgress) => void;
}

/** What is at a path in a container. */
export interface FileSeen {
  readonly type: 'file' | 'directory' | 'symlink' | 'socket' | 'char-device' | 'block-device' | 'other';
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Target of a symbolic link, else empty. */
  readonly target: string;
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
  /** What is at a path in a container, symbolic links not followed; undefined when there is nothing. */
  stat(id: string, path: string, signal: AbortSignal): Promise<FileSeen | undefined>;
  /**
   * What a directory of a container holds, one level deep, by name; undefined when there is no such directory. Everything below is read
   * through: meant for small directories, such as the volumes of ConfigMaps.
   */
  listFiles(id: string, directory: string, signal: AbortSignal): Promise<ReadonlyMap<string, FileSeen> | undefined>;
  /** The last `maxBytes` of a regular file in a container, running or ended; undefined when there is none. */
  readFile(id: string, path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /**
   * Gives a directory of a container and all below it to a group, readable and writable for it, directories with the setgid bit
   * (Kubernetes, "fsGroup"). The container is a running sandbox. The root comes last, so that its group tells that all was done. Reads
   * past all the data: meant for volumes whose root does not belong to the group yet.
   */
  giveToGroup(id: string, directory: string, gid: number, signal: AbortSignal): Promise<void>;
  /** Copies all files of an image that the engine has below a directory of a container. */
  copyImage(reference: string, id: string, directory: string, signal: AbortSignal): Promise<void>;

  /** An image by tag, digest or id; undefined when the engine does not have it. */
  image(reference: string, signal: AbortSignal): Promise<ImageSeen | undefined>;
  /** All images of the engine, also those that others brought. */
  listImages(signal: AbortSignal): Promise<readonly ImageSeen[]>;
  /** Removes an image with all its tags. Harmless when it is gone; Conflict when a container uses it. */
  removeImage(id: string, signal: AbortSignal): Promise<void>;
  /** Pulls an image. ImageUnavailable when that cannot succeed by itself. */
  pull(request: PullRequest, signal: AbortSignal): Promise<void>;
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
  /** Creates the volume unless it is there. Invalid when there is no such driver, or it refuses the options. */
  ensureVolume(spec: VolumeSpec, signal: AbortSignal): Promise<void>;
  /** Harmless when it is gone; Conflict when it is in use. */
  removeVolume(name: string, signal: AbortSignal): Promise<void>;

  /**
   * Events of our containers since this time (epoch milliseconds). Ends with an EngineError when the connection breaks: relist, and
   * call again. Ends quietly with the signal.
   */
  events(sinceMs: number, signal: AbortSignal): AsyncIterable<EngineEvent>;
}
