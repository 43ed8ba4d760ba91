// What planning a pod can ask for: engine steps and the plan that holds them. Plain data, a closed union; perform.ts carries it out.
import type { Container, PodStatus, ResourceKey } from '../../model/resource.ts';
import type { ContainerSpec, FileEntry, VolumeSpec } from '../engine/container-engine.ts';
import type { ProbeKind, ReportedBefore } from '../probes/probe-state.ts';

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

/** When an image is pulled (Kubernetes, "Image pull policy"). */
export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** One call, or one short row of calls, on the engine. All of them are harmless when done twice. */
export type PodStep = (
  | { readonly type: 'prepare-node' }
  | { readonly type: 'ensure-volume'; readonly volume: VolumeSpec }
  | { readonly type: 'create-sandbox'; readonly spec: ContainerSpec }
  | { readonly type: 'start-sandbox'; readonly id: string }
  | {
      readonly type: 'fill-volumes';
      readonly sandboxId: string;
      readonly files: readonly FileEntry[];
      /** What the config volumes hold afterwards, by their name in the pod. */
      readonly versions: ReadonlyMap<string, { readonly version: string; readonly names: readonly string[] }>;
      /** Docker volumes of claims that everybody may write to afterwards. */
      readonly opened: readonly string[];
    }
  | { readonly type: 'read-volume-version'; readonly sandboxId: string; readonly volume: string }
  | {
      readonly type: 'update-volume';
      readonly sandboxId: string;
      readonly volume: string;
      readonly oldVersion: string;
      readonly version: string;
      readonly names: readonly string[];
      readonly files: readonly FileEntry[];
      /** Names that get a link now. */
      readonly newNames: readonly string[];
      /** Names of which it is not known whether they have a link. */
      readonly unsureNames: readonly string[];
      /** Names whose link goes. */
      readonly goneNames: readonly string[];
    }
  | { readonly type: 'prepare-image'; readonly image: string; readonly policy: PullPolicy; readonly wish: string }
  | { readonly type: 'create-container'; readonly container: string; readonly spec: ContainerSpec }
  | { readonly type: 'start-container'; readonly container: string; readonly id: string }
  | { readonly type: 'kill'; readonly id: string; readonly how: 'stop' | 'kill'; readonly restart: boolean }
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
  /** Epoch milliseconds. */
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
