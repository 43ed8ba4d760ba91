import type { Manifest } from './load.ts';
import type { Admission } from './object.ts';
import type { Problem } from './problem.ts';

/** Objects that are applied together. */
export interface AdmittedSet {
  readonly admissions: readonly Admission[];
  /** Problems of no single object. */
  readonly problems: readonly Problem[];
  /** Custom resources and kinds that only a cluster has are left out with a note, not refused. */
  readonly skipUnknownKinds: boolean;
  /** What the policies that bind the set say of its objects. */
  readonly judge?: (manifests: readonly Manifest[]) => readonly Problem[];
  /** Policies that stand in the set. */
  readonly policies?: readonly unknown[];
}
