// The pods of a Job: what each is called and told, and which are to be made now.
import { canonicalJson } from '../../model/hash.ts';
import {
  JOB_INDEX_ANNOTATION,
  JOB_MEMORY_ANNOTATION,
  JOB_NAME_LABEL,
  JOB_TRACKING_FINALIZER,
  JOB_UID_LABEL,
} from '../../model/job.ts';
import type { Container, Pod, PodSpec } from '../../model/resource.ts';
import { generatedName, podFromTemplate } from '../new-pod.ts';
import {
  INDEX_FAILURES_ANNOTATION,
  INDEX_IGNORED_ANNOTATION,
  indexFailures,
  isLimitedPerIndex,
  type StoredJob,
  type StoredPod,
} from './facts.ts';
import { judgeFailure } from './policies.ts';

/** Longest generated name that still is a DNS label, without its suffix of five. */
const MAX_BASE_LENGTH = 58;
const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';

/** A pod that is one of many alike. */
export function anyPod(job: StoredJob, suffix: string): Pod {
  return tracked(job, podFromTemplate(job, job.spec.template, generatedName(job, suffix)), {});
}

/** The pod of an index. `replaced` is the failed one whose place it takes. */
export function podOfIndex(job: StoredJob, index: number, replaced: StoredPod | undefined, suffix: string): Pod {
  const part = `-${index}-`;
  const name = `${job.metadata.name.slice(0, MAX_BASE_LENGTH - part.length)}${part}${suffix}`;
  const pod = podFromTemplate(job, job.spec.template, name);
  const mark = { [JOB_INDEX_ANNOTATION]: String(index) };
  const labelled: Pod = {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, ...mark } },
    spec: withIndexVariable({ ...pod.spec, hostname: `${job.metadata.name}-${index}` }),
  };
  return tracked(job, labelled, { ...mark, ...failureMarks(job, replaced) });
}

/** What every pod of a Job carries: its labels, the finalizer that keeps it until it is counted, and the memory of the Job. */
function tracked(job: StoredJob, pod: Pod, annotations: Record<string, string>): Pod {
  const { name, uid } = job.metadata;
  const own = { [JOB_UID_LABEL]: uid, [JOB_NAME_LABEL]: name, 'controller-uid': uid, 'job-name': name };
  const finalizers = (pod.metadata.finalizers ?? []).filter((finalizer) => finalizer !== JOB_TRACKING_FINALIZER);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: { ...pod.metadata.labels, ...(job.spec.manualSelector === true ? {} : own) },
      annotations: { ...pod.metadata.annotations, ...annotations, [JOB_MEMORY_ANNOTATION]: memoryOf(job) },
      finalizers: [...finalizers, JOB_TRACKING_FINALIZER],
    },
  };
}

/** Enough to make the Job anew when nothing but its pods is left. */
function memoryOf({ metadata: { labels, annotations }, spec, status }: StoredJob): string {
  return canonicalJson({ metadata: { labels, annotations }, spec, startTime: status?.startTime });
}

/** The failures of an index are handed on from pod to pod. */
function failureMarks(job: StoredJob, replaced: StoredPod | undefined): Record<string, string> {
  if (!isLimitedPerIndex(job)) return {};
  if (replaced === undefined) return { [INDEX_FAILURES_ANNOTATION]: '0' };
  const { counted, ignored } = indexFailures(replaced);
  const { isCounted } = judgeFailure(job, replaced);
  const ignoredNow = ignored + (isCounted ? 0 : 1);
  return {
    [INDEX_FAILURES_ANNOTATION]: String(counted + (isCounted ? 1 : 0)),
    ...(ignoredNow === 0 ? {} : { [INDEX_IGNORED_ANNOTATION]: String(ignoredNow) }),
  };
}

function withIndexVariable(spec: PodSpec): PodSpec {
  const told = (container: Container): Container => {
    if (container.env?.some(({ name }) => name === INDEX_VARIABLE) === true) return container;
    const fieldRef = { fieldPath: `metadata.labels['${JOB_INDEX_ANNOTATION}']` };
    return { ...container, env: [...(container.env ?? []), { name: INDEX_VARIABLE, valueFrom: { fieldRef } }] };
  };
  const [first, ...others] = spec.containers;
  return {
    ...spec,
    containers: [told(first), ...others.map(told)],
    ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(told) }),
  };
}
