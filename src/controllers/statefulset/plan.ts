// Decides the next step of one StatefulSet: which pods and claims it makes, which pods go, and what it reports. Claims are never deleted
// here, and a pod whose node is gone is never doubled: its name is taken until it is known to have ended.
import type { Action } from '../../model/action.ts';
import type { StatefulSet, StoredOf } from '../../model/resource.ts';
import type { Plan } from '../../runtime/controller.ts';
import { planClaims } from '../claims.ts';
import { availableInMs, isFinished, isTerminating } from '../pods.ts';
import { planHistory, planRevisionClaims, removeOldest } from '../revisions/history.ts';
import { wantedReplicas } from './identity.ts';
import type { StatefulSetObserved } from './observe.ts';
import { HASH_LABEL, type Pass, readPass, revisionNameOf } from './seats.ts';
import { reportStatus } from './status.ts';
import { MAX_CHANGES_PER_PASS, roll, type Step, shrink, tendSeats } from './steps.ts';

const DEFAULT_REVISION_HISTORY_LIMIT = 10;

/** Pods that may be unavailable during a rolling update: 1 when nothing is said, a share rounded down, and never none. */
export function maxUnavailableOf(set: Pick<StatefulSet, 'spec'>): number {
  const text = String(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1);
  const amount = text.endsWith('%') ? Math.floor((Number(text.slice(0, -1)) * wantedReplicas(set)) / 100) : Number(text);
  return Math.max(1, amount);
}

/** Scaling comes before updating, as in Kubernetes; when pods are ordered, each waits for what comes before it. */
function nextSteps(pass: Pass): Step[] {
  const tended = tendSeats(pass);
  if (pass.isOrdered && !tended.isDone) return [tended];
  const shrunk = shrink(pass);
  if (pass.isOrdered && !shrunk.isDone) return [tended, shrunk];
  return [tended, shrunk, roll(pass, maxUnavailableOf(pass.set))];
}

/** Revisions that nobody has any more, beyond the limit. */
function cleanUp({ set, observed, current, update }: Pass): Action[] {
  const limit = set.spec.revisionHistoryLimit ?? DEFAULT_REVISION_HISTORY_LIMIT;
  const live = new Set([current.name, update.name, ...observed.owned.map(revisionNameOf)]);
  const old = observed.history.owned.filter((revision) => !live.has(revision.metadata.name));
  return removeOldest(old, old.length - limit, limit);
}

/** At most so many objects made and deleted in one pass. */
function cut(actions: readonly Action[]): { readonly taken: readonly Action[]; readonly isCut: boolean } {
  let changes = 0;
  const end = actions.findIndex((action) => {
    if (action.type === 'create' || action.type === 'delete') changes += 1;
    return changes > MAX_CHANGES_PER_PASS;
  });
  return end === -1 ? { taken: actions, isCut: false } : { taken: actions.slice(0, end), isCut: true };
}

/** The next step of a StatefulSet (Kubernetes, "StatefulSets"). `checkAgainAfterMs` is the time until a pod becomes available or may be replaced. */
export function planStatefulSet(set: StoredOf<'StatefulSet'>, observed: StatefulSetObserved, now: number): Plan<'StatefulSet'> {
  const isEnding = set.metadata.deletionTimestamp !== undefined;
  const claims = [
    ...planClaims(
      set,
      set.spec.selector,
      observed.owned.filter((pod) => !isFinished(pod)),
      observed.orphans,
    ),
    ...planRevisionClaims(set, set.spec.selector, observed.history),
  ];
  if (claims.length > 0 && !isEnding) return { actions: claims, checkAgainAfterMs: 0 };
  const history = planHistory(set, observed.history, HASH_LABEL);
  if (history === 'waiting') return { actions: [] };
  const pass = readPass(set, observed, history, now);
  const status = reportStatus(pass, history.collisionCount);
  if (isEnding) return { actions: [], status };

  const steps = nextSteps(pass);
  const { taken, isCut } = cut(steps.flatMap(({ actions }) => actions));
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const availability = observed.owned
    .filter((pod) => !isTerminating(pod))
    .map((pod) => availableInMs(pod, minReadySeconds, now) ?? 0);
  const waits = [...steps.flatMap(({ waitMs }) => waitMs ?? []), ...availability.filter((wait) => wait > 0)];
  const checkAgainAfterMs = isCut ? 0 : waits.length > 0 ? Math.min(...waits) : undefined;
  return {
    actions: [...history.actions, ...taken, ...cleanUp(pass)],
    status,
    ...(checkAgainAfterMs === undefined ? {} : { checkAgainAfterMs }),
  };
}
