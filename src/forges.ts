// What forges and the repositories on them are told: what became of commits, and that they go back.

import type { ReconcileOptions } from './cli/parts.ts';
import { commitStatuses } from './commit-statuses.ts';
import type { ControlPlaneParts } from './control-plane.ts';
import { type RevertingParts, reverting } from './reverts.ts';

/** Throws UsageFault when the command line's repository cannot have the statuses that are wanted. */
export function forgeParts(options: ReconcileOptions, parts: RevertingParts): Pick<ControlPlaneParts, 'statuses' | 'reverting'> {
  return { statuses: commitStatuses(options, parts.root), reverting: reverting(options, parts) };
}
