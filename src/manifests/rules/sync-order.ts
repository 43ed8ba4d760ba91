// Rules for the annotations that say how a commit is applied: waves, hooks, what is never deleted, and what is kept.
import { PRUNE_ANNOTATION, prunePolicyFault, SOFT_DELETE_ANNOTATION, softDeleteFault } from '../../model/prune-policy.ts';
import type { Resource } from '../../model/resource.ts';
import { ARGO_HOOK_ANNOTATION, hookOf, isSkipped, orderFaults } from '../../model/sync-order.ts';
import { invalid, type Report } from '../report.ts';

/** Waves must be whole numbers, hooks must be Jobs that end, prune a word and soft-delete a time that is known; what two annotations say must agree. */
export function checkSyncOrder(resource: Resource, report: Report): void {
  for (const { annotation, message, isNote } of orderFaults(resource))
    if (isNote === true) report(['metadata', 'annotations', annotation], 'NoEffect', message, 'note');
    else report(['metadata', 'annotations', annotation], 'Invalid', message);
  const fault = prunePolicyFault(resource);
  if (fault !== undefined) report(['metadata', 'annotations', PRUNE_ANNOTATION], 'Invalid', fault);
  const keeping = softDeleteFault(resource);
  if (keeping !== undefined) report(['metadata', 'annotations', SOFT_DELETE_ANNOTATION], 'Invalid', keeping);
  if (resource.kind !== 'Job' || hookOf(resource) === undefined) return;
  const { suspend, parallelism } = resource.spec;
  const never = 'a hook is waited for, and so it would never end';
  if (suspend === true) report(['spec', 'suspend'], 'Invalid', invalid(suspend, never));
  if (parallelism === 0) report(['spec', 'parallelism'], 'Invalid', invalid(parallelism, never));
}

/** Whether a manifest asks to be left out of its commit; that is told. */
export function isLeftOut(resource: Resource, report: Report): boolean {
  if (!isSkipped(resource)) return false;
  const message = `the ${resource.kind} is left out, as its hook Skip asks for`;
  report(['metadata', 'annotations', ARGO_HOOK_ANNOTATION], 'NoEffect', message, 'note');
  return true;
}
