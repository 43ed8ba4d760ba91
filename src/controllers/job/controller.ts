// Jobs: run pods until enough of them have succeeded. Where they run and how, and when a container is started again within its pod, is for
// the scheduler and the kubelets.

import { jobEnd, jobIdentity, jobSelector } from '../../model/job.ts';
import { APPLICATION_ANNOTATION, controllerOf, keyOf, type ResourceKey, type StoredOf } from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { isOrphan, isOwnerGone, namespaceOf } from '../claims.ts';
import { isFinished } from '../pods.ts';
import type { StoredJob, StoredPod } from './facts.ts';
import { type JobObserved, planJob } from './plan.ts';

function observeJob(store: StoreReader, job: StoredJob): JobObserved {
  const selector = jobSelector(job);
  const pods = store.list('Pod', namespaceOf(job));
  return {
    owned: store.listOwned('Pod', job.metadata.uid),
    orphans: pods.filter((pod) => matchesSelector(selector, pod.metadata.labels) && isOrphan(store, pod)),
    hasPredecessors: pods.some((pod) => isPredecessor(pod, job)),
    isRemembered: isRemembered(store, job),
  };
}

/** A pod of a Job that had this name before and has not ended. */
function isPredecessor(pod: StoredPod, { metadata: { name, uid } }: StoredJob): boolean {
  const owner = controllerOf(pod);
  return owner?.kind === 'Job' && owner.name === name && owner.uid !== uid && !isFinished(pod);
}

/** A Job that no application wants is remembered by nobody and needs not be. */
function isRemembered(store: StoreReader, job: StoredJob): boolean {
  const name = job.metadata.annotations?.[APPLICATION_ANNOTATION];
  const inventory = name === undefined ? [] : (store.get('Application', '', name)?.status?.inventory ?? []);
  const { kind, namespace, name: jobName } = keyOf(job);
  const entry = inventory.find((each) => each.kind === kind && each.namespace === namespace && each.name === jobName);
  return entry === undefined || entry.finished?.identity === jobIdentity(job.spec);
}

function wokenByPod(pod: StoredPod, store: StoreReader): readonly ResourceKey[] {
  const namespace = namespaceOf(pod);
  const owner = controllerOf(pod);
  // By its name alone: a Job of the same name waits for the pods of the one before it.
  if (owner?.kind === 'Job') return [{ kind: 'Job', namespace, name: owner.name }];
  if (owner !== undefined && !isOwnerGone(store, namespace, owner)) return [];
  return store
    .list('Job', namespace)
    .filter((job) => matchesSelector(jobSelector(job), pod.metadata.labels))
    .map(keyOf);
}

/** Ended Jobs with a time to live wait until their application remembers them. */
function wokenByApplication({ metadata: { name } }: StoredOf<'Application'>, store: StoreReader): readonly ResourceKey[] {
  return store
    .list('Job')
    .filter((job) => job.spec.ttlSecondsAfterFinished !== undefined && jobEnd(job) !== undefined)
    .filter((job) => job.metadata.annotations?.[APPLICATION_ANNOTATION] === name)
    .map(keyOf);
}

/** The Job controller (Kubernetes, "Jobs"). */
export const jobController: Controller<'Job', JobObserved> = {
  name: 'job-controller',
  kind: 'Job',
  wakes(changed, store) {
    if (changed.kind === 'Pod') return wokenByPod(changed, store);
    return changed.kind === 'Application' ? wokenByApplication(changed, store) : [];
  },
  observe: observeJob,
  plan: planJob,
};
