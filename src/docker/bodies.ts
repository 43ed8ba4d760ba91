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
}

export type LabelsBody = Readonly<Record<string, string>> | null;

export interface ContainerBody {
  readonly Id?: string;
  readonly Name?: string;
  readonly Image?: string;
  readonly Created?: string;
  readonly State?: {
    readonly Status?: string;
    readonly ExitCode?: number;
    readonly OOMKilled?: boolean;
    readonly Error?: string;
    readonly StartedAt?: string;
    readonly FinishedAt?: string;
  };
  readonly Config?: { readonly Image?: string; readonly Labels?: LabelsBody; readonly StopSignal?: string };
  readonly HostConfig?: {
    readonly NetworkMode?: string;
    readonly Memory?: number;
    readonly NanoCpus?: number;
    readonly CpuShares?: number;
    readonly RestartPolicy?: { readonly Name?: string };
  };
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, { readonly IPAddress?: string } | null>> | null };
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

export interface VolumesBody {
  readonly Volumes?: readonly NamedBody[] | null;
}

export interface IdBody {
  readonly Id?: string;
}

export interface ExecBody {
  readonly Running?: boolean;
  readonly ExitCode?: number | null;
}

/** One line of the progress of a pull or an import. */
export interface ProgressBody {
  readonly error?: string;
  readonly errorDetail?: { readonly code?: number; readonly message?: string };
}
