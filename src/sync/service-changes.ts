// Addresses and node ports for the Services of a plan, before anything is written: what a manifest asks for is had or refused, and what it
// leaves open is chosen, so that the plan says what will be. Pure.
import type { Manifest } from '../manifests/load.ts';
import { formatPath } from '../manifests/place.ts';
import type { Problem } from '../manifests/problem.ts';
import type { AllocationFault } from '../model/admission/service-allocation.ts';
import { keyOf, keyString, type Service } from '../model/resource.ts';
import { nodePortsOf } from '../model/service.ts';
import { allocatorOf } from '../runtime/address-records.ts';
import type { PolicyReader } from '../runtime/policy-reader.ts';
import { comparable } from './applied.ts';
import { diffFields } from './diff.ts';
import type { PlanInput, PlannedChange } from './planned.ts';
import { byWave } from './waves.ts';
import { isDue } from './writes.ts';

/**
 * The changes with the addresses of their Services. What cannot be had refuses a commit, at the field that asks; later, when the commit was
 * admitted, it has to be waited for. `pruned` are the deletions of the plan.
 */
export function allocateServices(
  applied: readonly PlannedChange[],
  pruned: readonly PlannedChange[],
  { desired, live, mode, isOnPaper }: Pick<PlanInput, 'desired' | 'live' | 'mode' | 'isOnPaper'>,
): { readonly changes: readonly PlannedChange[]; readonly problems: readonly Problem[] } {
  if (isOnPaper === true) return { changes: applied, problems: [] };
  // What a bad commit brought goes in the same transaction, so its numbers are free.
  const { changes, refused } = allocateChanges(applied, mode === 'rollback' ? pruned : [], live);
  if (refused.length === 0) return { changes, problems: [] };
  if (mode !== 'commit') {
    const waiting = refused.map(({ change, fault }) => ({ ...change, waitsFor: fault.message }));
    return { changes: [...changes, ...waiting].toSorted(byWave), problems: [] };
  }
  const problems = refused.flatMap(({ change, fault }) => {
    const manifest = desired.find(({ resource }) => keyString(keyOf(resource)) === keyString(change.key));
    return manifest === undefined ? [] : [conflictAt(manifest, fault, pruned)];
  });
  return { changes, problems };
}

/** The fault at the field that asks. Who goes with the same commit goes too late: when everything else of it is healthy. */
function conflictAt(manifest: Manifest, { path, message, holder }: AllocationFault, pruned: readonly PlannedChange[]): Problem {
  const place = manifest.locate?.(path) ?? { file: manifest.file, line: manifest.line, column: 1 };
  const isLeaving = pruned.some(({ key }) => key.kind === 'Service' && `${key.namespace}/${key.name}` === holder);
  const remedy = isLeaving
    ? '; that one goes when the commit is healthy: take it out in one commit, and put this one in with the next'
    : '';
  return { severity: 'error', reason: 'Conflict', ...place, field: formatPath(path), message: `${message}${remedy}` };
}

/** Changes with their Services complete, and those that cannot be made. */
interface AllocatedChanges {
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
function allocateChanges(
  changes: readonly PlannedChange[],
  leaving: readonly PlannedChange[],
  live: PolicyReader,
): AllocatedChanges {
  const asking = changes.filter((change): change is ServiceChange => isDue(change) && change.next?.kind === 'Service');
  if (asking.length === 0) return { changes, refused: [] };
  const allocator = allocatorOf(live);
  for (const change of [...asking, ...leaving.filter(isDue)]) if (change.live?.kind === 'Service') allocator.release(change.live);
  const faults = new Map<PlannedChange, AllocationFault>();
  // Whoever keeps what it has is not to blame for who asks for the same.
  for (const change of asking.toSorted((one, other) => asksForNew(one) - asksForNew(other))) {
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

/** 0 for a Service that asks for no number but those that it has, 1 for one that asks for others, 2 for one that is not there yet. */
function asksForNew({ live, next }: ServiceChange): 0 | 1 | 2 {
  if (live?.kind !== 'Service') return 2;
  const had = new Set(nodePortsOf(live));
  return nodePortsOf(next).every((port) => had.has(port)) ? 0 : 1;
}

/** What was given is told among the fields that change. */
function withService(change: PlannedChange, next: ServiceChange['next']): PlannedChange {
  if (next === change.next) return change;
  const { live } = change;
  return { ...change, next, ...(live === undefined ? {} : { fields: diffFields(comparable(live), comparable(next)) }) };
}
