// Rules for Jobs (Kubernetes, pkg/apis/batch/validation).
import type { Job, JobSpec } from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { Path } from '../place.ts';
import { invalid, type Report, required, tooLong, unsupported } from '../report.ts';
import { checkCount } from './amount.ts';
import { holds } from './fault.ts';
import { checkPodFailurePolicy, checkSuccessPolicy } from './job-policy.ts';
import { checkSelector } from './metadata.ts';
import { checkDomainPrefixedPath } from './names.ts';
import { checkPodTemplate } from './pod.ts';
import { checkDnsLabel, checkDnsSubdomain } from './syntax.ts';
import { checkMatch } from './workload.ts';

const MAX_INDEXED_PARALLELISM = 100_000;
const MAX_FAILED_INDEXES = 100_000;
/** Above this many completions with a limit per index, there must be less of everything else. */
const MANY_COMPLETIONS = 100_000;
const MAX_OF_MANY = 10_000;
const MAX_MANAGER_BYTES = 63;
const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;
const anyPolicy = ['Always', 'OnFailure', 'Never'];

/** A Job after its defaults are set. */
export function checkJob(job: Job, report: Report): void {
  const { metadata, spec } = job;
  checkJobSelector(job, report);
  checkJobSpec(spec, ['spec'], report);
  const { name = '' } = metadata;
  if (spec.completionMode !== 'Indexed' || (spec.completions ?? 0) <= 0 || checkDnsSubdomain(name) !== undefined) return;
  const host = `${name}-${(spec.completions ?? 0) - 1}`;
  if (checkDnsLabel(host) !== undefined)
    report(['metadata', 'name'], 'Invalid', invalid(name, `will not able to create pod with invalid DNS label: ${host}`));
}

/** The selector is made from the identity of the Job, unless the manifest takes that upon itself. */
function checkJobSelector({ metadata: { name = '' }, spec }: Job, report: Report): void {
  const { selector, manualSelector, template } = spec;
  if (selector !== undefined) checkSelector(selector, ['spec', 'selector'], report);
  if (manualSelector === true) {
    if (selector === undefined) report(['spec', 'selector'], 'Required', required());
    checkMatch(selector, template, report);
    return;
  }
  const generated = { 'job-name': name, 'batch.kubernetes.io/job-name': name };
  if (selector !== undefined && !matchesSelector(selector, generated))
    report(['spec', 'selector'], 'Invalid', invalid(selector, '`selector` not auto-generated'));
  const path = ['spec', 'template', 'metadata', 'labels'];
  for (const [key, value] of Object.entries(template.metadata?.labels ?? {})) {
    if (Object.hasOwn(generated, key) && value !== name) report([...path, key], 'Invalid', invalid(value, `must be '${name}'`));
    if (key === 'controller-uid' || key === 'batch.kubernetes.io/controller-uid')
      report(
        [...path, key],
        'Invalid',
        invalid(value, 'must be the uid of the Job, which it gets when it is created: leave the label out'),
      );
  }
}

/** What a Job and the template of one have in common. */
export function checkJobSpec(spec: JobSpec, path: Path, report: Report): void {
  for (const field of counts) checkCount(spec[field], [...path, field], report);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    report([...path, 'backoffLimitPerIndex'], 'Required', required('when maxFailedIndexes is specified'));
  if (spec.managedBy !== undefined) checkManager(spec.managedBy, [...path, 'managedBy'], report);
  if (spec.completionMode === 'Indexed') checkIndexed(spec, path, report);
  else
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy'] as const)
      if (spec[field] !== undefined)
        report([...path, field], 'Invalid', invalid(spec[field], 'requires indexed completion mode'));
  checkPodFailurePolicy(spec, [...path, 'podFailurePolicy'], report);
  if (spec.completionMode === 'Indexed') checkSuccessPolicy(spec, [...path, 'successPolicy'], report);
  if (spec.podFailurePolicy !== undefined && spec.podReplacementPolicy === 'TerminatingOrFailed')
    report([...path, 'podReplacementPolicy'], 'Invalid', unsupported(spec.podReplacementPolicy, ['Failed']));
  checkRestartPolicy(spec, [...path, 'template', 'spec', 'restartPolicy'], report);
  checkPodTemplate(spec.template, [...path, 'template'], report, anyPolicy);
}

function checkIndexed(spec: JobSpec, path: Path, report: Report): void {
  const { completions, parallelism = 1, maxFailedIndexes } = spec;
  if (completions === undefined) report([...path, 'completions'], 'Required', required('when completion mode is Indexed'));
  const refuse = (field: string, value: number, fault: string): void =>
    report([...path, field], 'Invalid', invalid(value, fault));
  const many = `when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  const isMany = (completions ?? 0) > MANY_COMPLETIONS && spec.backoffLimitPerIndex !== undefined;
  if (parallelism > MAX_INDEXED_PARALLELISM)
    refuse(
      'parallelism',
      parallelism,
      `must be less than or equal to ${MAX_INDEXED_PARALLELISM} when completion mode is Indexed`,
    );
  else if (isMany && parallelism > MAX_OF_MANY)
    refuse('parallelism', parallelism, `must be less than or equal to ${MAX_OF_MANY} ${many}`);
  if (maxFailedIndexes === undefined) {
    if (isMany)
      report(
        [...path, 'maxFailedIndexes'],
        'Required',
        required(`must be specified when completions is above ${MANY_COMPLETIONS}`),
      );
    return;
  }
  if (completions !== undefined && maxFailedIndexes > completions)
    refuse('maxFailedIndexes', maxFailedIndexes, 'must be less than or equal to completions');
  else if (isMany && maxFailedIndexes > MAX_OF_MANY)
    refuse('maxFailedIndexes', maxFailedIndexes, `must be less than or equal to ${MAX_OF_MANY} ${many}`);
  else if (maxFailedIndexes > MAX_FAILED_INDEXES)
    refuse('maxFailedIndexes', maxFailedIndexes, `must be less than or equal to ${MAX_FAILED_INDEXES}`);
}

/** The name of a controller. */
function checkManager(name: string, path: Path, report: Report): void {
  if (name.length > MAX_MANAGER_BYTES) report(path, 'Invalid', tooLong(MAX_MANAGER_BYTES));
  else holds(checkDomainPrefixedPath(name), name, path, report);
}

/** Pods that are always started again never end. */
function checkRestartPolicy({ template, podFailurePolicy }: JobSpec, path: Path, report: Report): void {
  const { restartPolicy = 'Always' } = template.spec;
  if (restartPolicy === 'Always') report(path, 'Required', required('valid values: "OnFailure", "Never"'));
  else if (restartPolicy !== 'Never' && podFailurePolicy !== undefined)
    report(path, 'Invalid', invalid(restartPolicy, 'only "Never" is supported when podFailurePolicy is specified'));
}
