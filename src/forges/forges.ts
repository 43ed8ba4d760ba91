// What forges and the repositories on them are told: what became of commits, and that they go back.
import type { ReconcileOptions } from '../cli/parts.ts';
import type { Reverting } from '../signals/reverts/reverter.ts';
import type { StatusTelling } from '../signals/statuses/reporter.ts';
import { commitStatuses } from './commit-statuses.ts';
import { type RevertingParts, reverting } from './reverts.ts';

/** Throws UsageFault when the command line's repository cannot have the statuses that are wanted. */
export function forgeParts(
  options: ReconcileOptions,
  parts: RevertingParts,
): { readonly statuses: StatusTelling; readonly reverting: Reverting } {
  return { statuses: commitStatuses(options, parts.root), reverting: reverting(options, parts) };
}
