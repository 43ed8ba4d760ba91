// What planning the volumes of a pod can ask for. Plain data; perform-volume-step.ts carries it out.
import type { FileEntry } from '../engine/container-engine.ts';
import type { VolumeVersion } from '../environment.ts';
import type { VolumeContent } from './layout.ts';

/** One short row of calls on the engine. All of them are harmless when done twice. */
export type VolumeStep =
  /** Everything that has to be in the volumes before the first container. */
  | {
      readonly type: 'fill-volumes';
      readonly sandboxId: string;
      /** Relative to the directory of all volumes in the sandbox. */
      readonly files: readonly FileEntry[];
      /** What the config volumes hold afterwards, by their name in the pod. */
      readonly versions: ReadonlyMap<string, VolumeVersion>;
      /** Docker volumes of claims that everybody may write to afterwards. */
      readonly opened: readonly string[];
      /** Directories that belong to a group afterwards, with all that is below, unless they do already. */
      readonly groups: readonly { readonly directory: string; readonly gid: number }[];
      readonly images: readonly { readonly directory: string; readonly reference: string }[];
      /** Files of the host that are made unless there is something of that name. */
      readonly hostFiles: readonly { readonly directory: string; readonly name: string }[];
    }
  | { readonly type: 'read-volume-version'; readonly sandboxId: string; readonly volume: string }
  | {
      readonly type: 'update-volume';
      readonly sandboxId: string;
      readonly volume: string;
      readonly held: VolumeVersion;
      readonly content: VolumeContent;
    };

export type StepOf<T extends VolumeStep['type']> = Extract<VolumeStep, { type: T }>;
