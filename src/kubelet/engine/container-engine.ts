// The kubelet's view of a Docker Engine. Declared here, implemented by the docker room and by the fake in the tests; one contract
// suite holds both to it. Naked calls: no retries inside, every call ends when its signal is aborted.

import type { RegistryCredentials } from '../../model/registry.ts';
import { FaultError } from '../../system/fault-error.ts';
import type { ContainerSeen, ContainerSpec } from './container.ts';
import type { NetworkSeen, NetworkSpec } from './network.ts';
import type { DiskUse, VolumeSeen, VolumeSpec } from './volume.ts';

export type {
  ContainerSeen,
  ContainerSpec,
  DeviceRequest,
  HostPathKind,
  LiveSettings,
  Mount,
  MountPropagation,
  PublishedPort,
  ResolverSettings,
  SecuritySettings,
} from './container.ts';
export type { NetworkSeen, NetworkSpec } from './network.ts';
export type { DiskUse, VolumeSeen, VolumeSpec } from './volume.ts';

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
  /** Its data directory on its host. */
  readonly rootDirectory: string;
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

/** Where a connection from inside a pod leads. */
export interface ConnectTarget {
  /** An IP address as the pod's network knows it. */
  readonly address: string;
  readonly port: number;
  /** Called when the engine has done its part, and the attempt to connect begins. */
  readonly onBegin?: () => void;
}

/** A connection that stands. */
export interface PodStream {
  /** What comes in, until the other side ends. Read once. Throws EngineError when the engine is lost or the call's signal is aborted. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Resolves when the bytes are on their way; what the other side does not take any more is lost without a word. Never rejects. */
  send(bytes: Uint8Array): Promise<void>;
  /** Ends it, both ways at once, also what was sent and has not gone out. Harmless when it has ended. */
  close(): void;
}

/** Nobody took a connection. */
export class ConnectFailure extends Error {
  /** As the system names it, such as ECONNREFUSED. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'ConnectFailure';
    this.code = code;
  }
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
  /** The engine could not start the container, or a bare one cannot be created, because another one has the address that it is to have. */
  | 'AddressInUse'
  | 'Invalid'
  | 'Failed';

/** An engine call failed. */
export class EngineError extends FaultError<EngineFault> {
  override readonly name = 'EngineError';
  readonly code = 'ENGINE_ERROR';
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
  /** Runs a command in a running container. `onOutput` is told all that it prints, piece by piece as it comes, however much there is. */
  exec(
    id: string,
    command: readonly string[],
    maxOutputBytes: number,
    signal: AbortSignal,
    onOutput?: (chunk: LogChunk) => void,
  ): Promise<ExecResult>;
  logs(id: string, options: LogOptions, signal: AbortSignal): AsyncIterable<LogChunk>;
  /**
   * Opens a TCP connection from inside a running sandbox, on its network. It ends with the signal, whenever that is aborted. Waits for the
   * other side as long as the system does. ConnectFailure when there is no connection; Invalid when the sandbox is from before it could do
   * that, or the address is none.
   */
  connect(id: string, target: ConnectTarget, signal: AbortSignal): Promise<PodStream>;

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

  /** All networks of the engine, also those of others. */
  networks(signal: AbortSignal): Promise<readonly NetworkSeen[]>;
  /**
   * Creates the bridge network unless it is there, as it may be. Conflict when somebody else's has the name; Invalid when the engine does
   * not take what was chosen for it: a subnet that another network has, a bridge that there is.
   */
  ensureNetwork(spec: NetworkSpec, signal: AbortSignal): Promise<void>;
  removeNetwork(name: string, signal: AbortSignal): Promise<void>;
  /** All our volumes. */
  listVolumes(signal: AbortSignal): Promise<readonly VolumeSeen[]>;
  /** Creates the volume unless it is there. Invalid when there is no such driver, or it refuses the options. */
  ensureVolume(spec: VolumeSpec, signal: AbortSignal): Promise<void>;
  /** Harmless when it is gone; Conflict when it is in use. */
  removeVolume(name: string, signal: AbortSignal): Promise<void>;
  /** Measures what lies on the disk. Walks through all files, also those of others: it can take minutes, and two at once may be refused. */
  diskUse(signal: AbortSignal): Promise<DiskUse>;

  /**
   * Events of our containers since this time (epoch milliseconds). Ends with an EngineError when the connection breaks: relist, and
   * call again. Ends quietly with the signal.
   */
  events(sinceMs: number, signal: AbortSignal): AsyncIterable<EngineEvent>;
}
