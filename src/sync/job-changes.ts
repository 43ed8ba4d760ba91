// What cannot be changed in a Job that exists (Kubernetes, pkg/apis/batch/validation, ValidateJobSpecUpdate). Pure.
import { isDeepStrictEqual } from 'node:util';
import { fixedJobFields } from '../model/job.ts';
import type { Job, PodTemplateSpec } from '../model/resource.ts';

/** The fixed fields that differ, as paths. */
export function changedJobFields(next: Job, live: Job): readonly string[] {
  const [wanted, has] = [fixedJobFields(next.spec), fixedJobFields(live.spec)];
  const fields = new Set([...Object.keys(wanted), ...Object.keys(has)]) as Set<keyof typeof wanted>;
  const isUnborn = live.spec.suspend === true && live.status?.startTime === undefined;
  return [...fields]
    .filter((field) => !isDeepStrictEqual(wanted[field], has[field]))
    .filter((field) => field !== 'completions' || (wanted.completions !== undefined && has.completions !== undefined))
    .filter((field) => field !== 'template' || !isUnborn || !isSameButForPlace(next.spec.template, live.spec.template))
    .map((field) => `spec.${field}`);
}

/** A Job that waits and never ran may still be sent elsewhere (Kubernetes, "Mutable Scheduling Directives"). */
function isSameButForPlace(next: PodTemplateSpec, live: PodTemplateSpec): boolean {
  return isDeepStrictEqual(withoutPlace(next), withoutPlace(live));
}

function withoutPlace({ metadata, spec }: PodTemplateSpec): object {
  const { labels: _labels, annotations: _annotations, ...rest } = metadata ?? {};
  const { nodeSelector: _node, tolerations: _tolerations, affinity: _affinity, schedulingGates: _gates, ...other } = spec;
  return { ...rest, spec: other };
}
