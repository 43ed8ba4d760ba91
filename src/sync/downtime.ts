// Why what runs cannot stay available while a change is made, if it cannot. Pure; a plan tells it before anybody has agreed to it.
import type { Deployment } from '../model/resource.ts';
import { rolloutLimits } from '../model/rollout.ts';
import type { PlannedChange } from './planned.ts';

/**
 * Why there is a moment without any pod of this object, for people; undefined when there is none, or nothing runs of it. What Kubernetes
 * says of each kind: Deployments, "Strategy"; StatefulSets, "Rolling Updates"; DaemonSets, "Performing a Rolling Update".
 */
export function downtimeOf(change: PlannedChange): string | undefined {
  const { action, effect, live, next } = change;
  if (live === undefined || next === undefined || !isRunning(live)) return undefined;
  if (action === 'recreate') return recreationOf(live.kind);
  if (action !== 'update' || (effect !== 'restart' && effect !== 'rolling update')) return undefined;
  if (next.kind === 'Deployment') return ofDeployment(next);
  if (next.kind === 'StatefulSet' && (next.spec.replicas ?? 1) === 1)
    return 'it has one pod, and a StatefulSet never runs two pods of one name: the old one stops before the new one starts';
  const surge = next.kind === 'DaemonSet' ? (next.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0) : 1;
  return Number.parseInt(String(surge), 10) === 0
    ? 'on each node the old pod stops before the new one starts, because its maxSurge is 0'
    : undefined;
}

function ofDeployment(deployment: Pick<Deployment, 'spec'>): string | undefined {
  if (deployment.spec.strategy?.type === 'Recreate')
    return 'its strategy is Recreate, so all its pods stop before new ones start';
  const { replicas, maxUnavailable } = rolloutLimits(deployment);
  if (replicas === 0 || maxUnavailable < replicas) return undefined;
  const pods = replicas === 1 ? 'its one pod' : `all its ${replicas} pods`;
  return `maxUnavailable lets ${pods} stop before new ones are ready; with maxSurge, and maxUnavailable below replicas, it would stay up`;
}

function isRunning(live: NonNullable<PlannedChange['live']>): boolean {
  const isScaled = live.kind === 'Deployment' || live.kind === 'ReplicaSet' || live.kind === 'StatefulSet';
  return !(isScaled && live.spec.replicas === 0);
}

function recreationOf(kind: string): string | undefined {
  if (kind === 'Pod') return 'it stops before the one that takes its place starts: no two pods have one name';
  const isWorkload = kind === 'Deployment' || kind === 'ReplicaSet' || kind === 'DaemonSet';
  return isWorkload ? 'all its pods end, and those of another selector take their place' : undefined;
}
