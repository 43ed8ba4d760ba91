// The writes that take a pod from its node for the sake of somebody else, and say so on it (Kubernetes, "Pod disruption conditions"). Must
// not decide who goes.
import type { EvictAction } from '../model/action.ts';
import { withCondition } from '../model/conditions.ts';
import type { StoredOf } from '../model/resource.ts';
import type { StoreReader, Write } from '../store/store.ts';
import { deletionWrite } from './deletion.ts';
import type { Telling } from './events.ts';

const DISRUPTION_TARGET = 'DisruptionTarget';

/** The pod that an eviction is about, if it is still that one. */
function targetOf(store: StoreReader, { key, uid }: EvictAction): StoredOf<'Pod'> | undefined {
  const pod = store.get('Pod', key.namespace, key.name);
  return pod?.metadata.uid === uid ? pod : undefined;
}

/** The writes of one eviction: why, and the deletion. Undefined for a pod that is gone or going. `now` is epoch milliseconds. */
export function evictWrites(store: StoreReader, action: EvictAction, now: number): readonly Write[] | undefined {
  const pod = targetOf(store, action);
  const deletion = pod === undefined ? undefined : deletionWrite(pod, now);
  if (pod === undefined || deletion === undefined) return undefined;
  const { uid, resourceVersion } = pod.metadata;
  const conditions = withCondition(pod.status?.conditions, { type: DISRUPTION_TARGET, status: 'True', ...action.condition }, now);
  return [{ op: 'updateStatus', key: action.key, uid, resourceVersion, status: { ...pod.status, conditions } }, deletion];
}

/** The event of an eviction, told about the pod that goes. */
export function evictionTelling(store: StoreReader, action: EvictAction, component: string): readonly Telling[] {
  const pod = targetOf(store, action);
  const { reason, message } = action;
  return pod === undefined ? [] : [{ about: pod, report: { reason, message, severity: 'Normal', component } }];
}
