// Addresses and node ports for the Services of a plan, before anything is written: what a manifest asks for is had or refused, and what it
// leaves open is chosen, so that the plan says what will be. Pure.
import type { Service } from '../model/resource.ts';
import type { AllocationFault } from '../model/admission/service-allocation.ts';
import { allocatorOf } from '../runtime/address-records.ts';
import type { PolicyReader } from '../runtime/admission.ts';
import { comparable } from './applied.ts';
import { diffFields } from './diff.ts';
import type { PlannedChange } from './plan.ts';
import { isDue } from './writes.ts';

/** Changes with their Services complete, and those that cannot be made. */
export interface AllocatedChanges {
  readonly changes: readonly PlannedChange[];
  readonly refused: readonly { readonly change: PlannedChange; readonly fault: AllocationFault }[];
}

interface ServiceChange extends PlannedChange {
  readonly next: NonNullable<PlannedChange['next']> & Service;
}

/**
 * Fills in what the Services of these changes leave open. All that they let go is free first, then those that ask for a number get it, then
 * the rest is given out. `leaving` are deletions that happen in the same transaction. In time proportional to all Services, if one changes.
 */
export function allocateChanges(
  changes: readonly PlannedChange[],
  leaving: readonly PlannedChange[],
  live: PolicyReader,
): AllocatedChanges {
  const asking = changes.filter((change): change is ServiceChange => isDue(change) && change.next?.kind === 'Service');
  if (asking.length === 0) return { changes, refused: [] };
  const allocator = allocatorOf(live);
  for (const change of [...asking, ...leaving.filter(isDue)]) if (change.live?.kind === 'Service') allocator.release(change.live);
  const faults = new Map<PlannedChange, AllocationFault>();
  for (const change of asking) {
    const fault = allocator.claim(change.next);
    if (fault !== undefined) faults.set(change, fault);
  }
  const completed = new Map<PlannedChange, PlannedChange>();
  for (const change of asking) {
    if (faults.has(change)) continue;
    const result = allocator.complete(change.next);
    if (result.ok) completed.set(change, withService(change, result.service));
    else faults.set(change, result.fault);
  }
  return {
    changes: changes.flatMap((change) => (faults.has(change) ? [] : [completed.get(change) ?? change])),
    refused: [...faults].map(([change, fault]) => ({ change, fault })),
  };
}

/** What was given is told among the fields that change. */
function withService(change: PlannedChange, next: ServiceChange['next']): PlannedChange {
  if (next === change.next) return change;
  const { live } = change;
  return { ...change, next, ...(live === undefined ? {} : { fields: diffFields(comparable(live), comparable(next)) }) };
}
