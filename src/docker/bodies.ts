// What we read from the Docker Engine's answers (API 1.41 and later). Everything is optional: engines differ, and an absent field
// must not become a crash. Only the mapping gives it meaning.

export interface VersionBody {
  readonly Version?: string;
  readonly ApiVersion?: string;
  readonly MinAPIVersion?: string;
}

export interface InfoBody {
  readonly ID?: string;
  readonly Name?: string;
  readonly ServerVersion?: string;
  readonly OperatingSystem?: string;
  readonly KernelVersion?: string;
  readonly Architecture?: string;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly MemoryLimit?: boolean;
  readonly CPUShares?: boolean;
  readonly PidsLimit?: boolean;
  readonly Runtimes?: Readonly<Record<string, unknown>> | null;
  readonly CgroupVersion?: string;
  /** Such as `name=seccomp,profile=default`. */
  readonly SecurityOptions?: readonly string[] | null;
  readonly DockerRootDir?: string;
}

export type LabelsBody = Readonly<Record<string, string>> | null;

export interface ContainerBody {
  readonly Id?: string;
  readonly Name?: string;
  readonly Image?: string;
  readonly Created?: string;
  readonly State?: {
    readonly Status?: string;
    readonly Pid?: number;
    readonly ExitCode?: number;
    readonly OOMKilled?: boolean;
    readonly Error?: string;
    readonly StartedAt?: string;
    readonly FinishedAt?: string;
  };
  readonly Config?: {
    readonly Image?: string;
    readonly Labels?: LabelsBody;
    readonly StopSignal?: string;
    readonly NetworkDisabled?: boolean;
    readonly Tty?: boolean;
  };
  readonly HostConfig?: HostConfigBody;
  readonly Mounts?: readonly MountBody[] | null;
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, AttachmentBody | null>> | null };
}

/** A container on a network. */
export interface AttachmentBody {
  readonly IPAddress?: string;
  /** What it was given when it was created. */
  readonly IPAMConfig?: { readonly IPv4Address?: string } | null;
}

/** A mount as it was made. `Source` is a path on the engine's host. */
export interface MountBody {
  readonly Type?: string;
  readonly Name?: string;
  readonly Source?: string;
  readonly Destination?: string;
}

/** What can be edited on a living container. */
export interface HostConfigBody {
  readonly NetworkMode?: string;
  readonly Memory?: number;
  readonly MemorySwap?: number;
  readonly MemoryReservation?: number;
  readonly NanoCpus?: number;
  readonly CpuShares?: number;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly CpuRealtimePeriod?: number;
  readonly CpuRealtimeRuntime?: number;
  readonly CpusetCpus?: string;
  readonly CpusetMems?: string;
  readonly BlkioWeight?: number;
  readonly PidsLimit?: number | null;
  readonly RestartPolicy?: { readonly Name?: string };
}

export interface EventBody {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: LabelsBody };
}

/** A network or a volume. */
export interface NamedBody {
  readonly Name?: string;
  readonly Labels?: LabelsBody;
}

export interface NetworkBody extends NamedBody {
  readonly Id?: string;
  readonly Driver?: string;
  readonly Options?: LabelsBody;
  /** Of an inspected one, those that are connected and run, by id. */
  readonly Containers?: Readonly<Record<string, { readonly Name?: string; readonly IPv4Address?: string }>> | null;
  readonly IPAM?: { readonly Config?: readonly { readonly Subnet?: string; readonly Gateway?: string }[] | null } | null;
}

export interface VolumeBody extends NamedBody {
  readonly Driver?: string;
  readonly Mountpoint?: string;
  readonly CreatedAt?: string;
  readonly Options?: LabelsBody;
}

/** An inspected image, or one of a list, which lacks `Config`. */
export interface ImageBody {
  readonly Id?: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
  readonly Size?: number;
  readonly Labels?: LabelsBody;
  readonly Config?: { readonly User?: string; readonly Labels?: LabelsBody } | null;
}

/** Of `GET /system/df`. */
export interface DiskUseBody {
  readonly Volumes?: readonly (NamedBody & { readonly UsageData?: { readonly Size?: number } | null })[] | null;
  /** `SizeRw` is left out when it is 0. */
  readonly Containers?: readonly { readonly Id?: string; readonly Labels?: LabelsBody; readonly SizeRw?: number }[] | null;
}

export interface VolumesBody {
  readonly Volumes?: readonly VolumeBody[] | null;
}

export interface IdBody {
  readonly Id?: string;
}

export interface ExecBody {
  readonly Running?: boolean;
  readonly ExitCode?: number | null;
}

/** One line of the progress of a pull, an import or a load. */
export interface ProgressBody {
  /** What a load says, such as `Loaded image: name:tag`. */
  readonly stream?: string;
  /** The layer that it is about. */
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly code?: number; readonly message?: string };
}
