// A container as the kubelet asks for it, and as it is seen: plain data of the ContainerEngine port.

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
  /**
   * The network of a sandbox, with the address that it is to have there (absent leaves the choice to the engine), or the sandbox whose network
   * namespace is joined. `host`: that of the host, for sandboxes only. `bare`: a sandbox's own with nothing in it, of which the engine's network
   * code knows nothing; it is plugged in when it runs (see SandboxPlug), beside the containers of that network, with the address that its label
   * PLUG_ADDRESS_LABEL says.
   */
  readonly network:
    | { readonly type: 'network'; readonly name: string; readonly address?: string }
    | { readonly type: 'host' }
    | { readonly type: 'bare'; readonly name: string }
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
  /** Address of a running sandbox on its network, or that it is plugged in with; empty otherwise. */
  readonly ip: string;
  /** The address that a sandbox was given when it was created, whether it runs or not; absent when the engine chooses one. */
  readonly address?: string;
  /** The first process of a running sandbox that is to be plugged in, as the engine's host counts; absent for others. */
  readonly pid?: number;
  /** Names of its scratch volumes, by where they are mounted; absent when it has none. */
  readonly scratchVolumes?: Readonly<Record<string, string>>;
  readonly settings: LiveSettings;
}
