// Lets go of pods whose end needs no counting any more: those that are counted, and those whose Job is gone (Kubernetes, "Job tracking
// with finalizers").
import type { Action } from '../../model/action.ts';
import { withoutFinalizer } from '../../model/deletion.ts';
import { JOB_TRACKING_FINALIZER } from '../../model/job.ts';
import { controllerOf, displayKey, keyOf, type ResourceKey, type Stored } from '../../model/resource.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { isOwnerGone, isRecovered, namespaceOf } from '../claims.ts';
import { isTracked, type StoredPod } from './facts.ts';

/** Takes the finalizer off. */
export function untracked(pod: StoredPod): Action {
  const message = `${displayKey(keyOf(pod))} needs no counting any more`;
  return { type: 'update', resource: withoutFinalizer(pod, JOB_TRACKING_FINALIZER), reason: 'Counted', message, isQuiet: true };
}

function podsOf(store: StoreReader, job: Stored): readonly ResourceKey[] {
  return store.listOwned('Pod', job.metadata.uid).map(keyOf);
}

/** Frees the pods of Jobs that are gone. What was rebuilt from Docker waits: its Job may be on its way. */
export const jobPodRelease: Controller<'Pod', { readonly isAbandoned: boolean }> = {
  name: 'job-controller',
  kind: 'Pod',
  // While the Job is there, its pods are its own business: it changes with each of them.
  wakes: (changed, store) =>
    changed.kind === 'Job' && store.get('Job', namespaceOf(changed), changed.metadata.name)?.metadata.uid !== changed.metadata.uid
      ? podsOf(store, changed)
      : [],
  observe(store, pod) {
    const owner = controllerOf(pod);
    return { isAbandoned: owner === undefined || isOwnerGone(store, namespaceOf(pod), owner) };
  },
  plan: (pod, { isAbandoned }) => ({
    actions: isAbandoned && isTracked(pod) && !isRecovered(pod) ? [untracked(pod)] : [],
  }),
};
