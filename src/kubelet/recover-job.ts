// A Job rebuilt from what its pods remember of it. It has its uid again, so its pods are its own and are counted anew; it stays without an
// owner and waits until a commit or its CronJob claims it.
import { JOB_MEMORY_ANNOTATION } from '../model/job.ts';
import { type Job, type JobSpec, type ObjectMeta, type OwnerReference, RECOVERED_ANNOTATION } from '../model/resource.ts';

/** The Job that a pod names as its owner; undefined when the pod does not remember it. */
export function recoveredJob(owner: OwnerReference, namespace: string, pod: ObjectMeta): Job | undefined {
  const text = pod.annotations?.[JOB_MEMORY_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    // A parsing edge: the annotation was written by the Job controller of this version of the schema or an older one.
    const { metadata = {}, spec, startTime } = JSON.parse(text) as { metadata?: ObjectMeta; spec?: JobSpec; startTime?: string };
    if (spec?.template === undefined) return undefined;
    const { labels, annotations } = metadata;
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: owner.name,
        namespace,
        ...(labels === undefined ? {} : { labels }),
        annotations: { ...annotations, [RECOVERED_ANNOTATION]: 'true' },
      },
      spec,
      ...(startTime === undefined ? {} : { status: { startTime } }),
    };
  } catch {
    return undefined;
  }
}
