// What planning a pod can ask for: engine steps and the plan that holds them. Plain data, a closed union; perform.ts carries it out.
import type { Container, LifecycleHandler, PodStatus, ResourceKey } from '../../model/resource.ts';
import type { ContainerSpec, FileEntry, VolumeSpec } from '../engine/container-engine.ts';
import type { ImageRequest } from '../images/images.ts';
import type { ProbeKind, ReportedBefore } from '../probes/probe-state.ts';
import type { AskedPod } from '../probes/prober.ts';
import type { SubPath } from '../volumes/sub-paths.ts';
import type { VolumeStep } from '../volumes/volume-steps.ts';
import type { HookKind } from './remembered.ts';

/** Where the last words of a container are, and how much of them is wanted. */
export interface LastWordsSource {
  readonly path: string;
  readonly maxBytes: number;
  /** The end of its output instead, when the file has nothing; absent when that is not asked for. */
  readonly log?: { readonly maxBytes: number; readonly maxLines: number };
}

/** Something to tell as an event. */
export interface Note {
  readonly reason: string;
  readonly message: string;
  readonly severity: 'Normal' | 'Warning';
}

/** A note about a state rather than a step: told once for each key. */
export interface KeyedNote extends Note {
  readonly key: string;
}

/** One call, or one short row of calls, on the engine. All of them are harmless when done twice. */
export type PodStep = (
  | { readonly type: 'prepare-node' }
  /** `content`: the name in the pod of a config volume, which is empty when it has just been made. */
  | { readonly type: 'ensure-volume'; readonly volume: VolumeSpec; readonly content?: string }
  /** `isStarted`: and started at once, before any further step. */
  | { readonly type: 'create-sandbox'; readonly spec: ContainerSpec; readonly isStarted?: boolean }
  | { readonly type: 'start-sandbox'; readonly id: string }
  /** Gives a sandbox of Docker's without a network its own; see SandboxPlug. */
  | {
      readonly type: 'plug-sandbox';
      readonly id: string;
      readonly address: string;
      readonly directory: string;
      readonly files: Readonly<Record<string, string>>;
    }
  | VolumeStep
  | ({ readonly type: 'prepare-image' } & ImageRequest)
  | {
      readonly type: 'create-container';
      readonly container: string;
      readonly spec: ContainerSpec;
      /** Parts of volumes that have to be there first, if the container mounts any. */
      readonly subPaths?: readonly SubPath[];
      /** Files that have to be in the sandbox first, below TERMINATION_DIRECTORY. */
      readonly terminationFiles?: readonly FileEntry[];
    }
  | { readonly type: 'start-container'; readonly container: string; readonly id: string }
  /** Reads what a container that has ended left to be told (see last-words.ts). */
  | { readonly type: 'read-last-words'; readonly id: string; readonly source: LastWordsSource }
  /** Begins a hook of a running container; what becomes of it is seen later. */
  | {
      readonly type: 'run-hook';
      readonly id: string;
      readonly hook: HookKind;
      readonly container: Container;
      readonly handler: LifecycleHandler;
      /** Address of the pod, for hooks that do not name another. */
      readonly podIP: string;
      readonly pod: AskedPod;
    }
  /** Notes that a container is to end, or that it has less grace than it was given. No call on the engine. */
  | {
      readonly type: 'begin-stop';
      readonly id: string;
      readonly graceMs: number;
      readonly restart: boolean;
      readonly isCrash: boolean;
    }
  | { readonly type: 'kill'; readonly id: string; readonly how: 'stop' | 'kill' }
  /** Writes this status now: others must know before the next steps are taken. */
  | { readonly type: 'report'; readonly status: PodStatus }
  | { readonly type: 'remove'; readonly id: string }
  | { readonly type: 'remove-volume'; readonly name: string }
  | { readonly type: 'remove-pod'; readonly key: ResourceKey; readonly uid: string }
) & {
  /** Told when the step is done. */
  readonly note?: Note;
};

/** A container to be probed. */
export interface ProbeTarget {
  readonly containerId: string;
  readonly container: Container;
  readonly kinds: readonly ProbeKind[];
  readonly podIP: string;
  readonly pod: AskedPod;
  /** When it was first seen to run, epoch milliseconds. */
  readonly startedAtMs: number;
  readonly before: ReportedBefore;
}

/** The decision of one step of a pod's life. */
export interface PodPlan {
  /** To be carried out in this order, then the pod is planned again; empty when there is nothing to do now. */
  readonly steps: readonly PodStep[];
  readonly notes: readonly KeyedNote[];
  /** Absent when there is no pod, or it is about to be removed. */
  readonly status?: PodStatus;
  readonly checkAgainAfterMs?: number;
  readonly probesToRun: readonly ProbeTarget[];
  /** Whether the pod waits for an image. */
  readonly isWaitingForImages: boolean;
}
