// Rules for Deployments, ReplicaSets and ReplicationControllers (Kubernetes, pkg/apis/apps/validation and ReplicationController in core),
// and what they share with the other workloads.
import type {
  Deployment,
  DeploymentSpec,
  LabelSelector,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
} from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required, unsupported } from '../report.ts';
import { checkAmount, checkCount, checkShare } from './amount.ts';
import { checkLabels, checkSelector } from './metadata.ts';
import { checkPodTemplate } from './pod.ts';

const templatePath: Path = ['spec', 'template'];
const selectorPath: Path = ['spec', 'selector'];
const anyPolicy = ['Always', 'OnFailure', 'Never'];

/** A Deployment after its defaults are set. */
export function checkDeployment({ spec }: Deployment, report: Report): void {
  checkCount(spec.replicas, ['spec', 'replicas'], report);
  checkCount(spec.minReadySeconds, ['spec', 'minReadySeconds'], report);
  checkCount(spec.revisionHistoryLimit, ['spec', 'revisionHistoryLimit'], report);
  checkSelectorAndTemplate(spec, 'Deployment', report);
  checkStrategy(spec, report);
  const { progressDeadlineSeconds = 600, minReadySeconds = 0 } = spec;
  const where = ['spec', 'progressDeadlineSeconds'];
  checkCount(progressDeadlineSeconds, where, report);
  if (progressDeadlineSeconds >= 0 && progressDeadlineSeconds <= minReadySeconds)
    report(where, 'Invalid', invalid(progressDeadlineSeconds, 'must be greater than minReadySeconds'));
}

/** A ReplicaSet after its defaults are set. */
export function checkReplicaSet({ spec }: ReplicaSet, report: Report): void {
  const { template } = spec;
  checkCount(spec.replicas, ['spec', 'replicas'], report);
  checkCount(spec.minReadySeconds, ['spec', 'minReadySeconds'], report);
  if (template === undefined) report(templatePath, 'Required', required());
  else checkSelectorAndTemplate({ selector: spec.selector, template }, 'ReplicaSet', report);
}

/** A ReplicationController after its defaults are set. Its selector is a map of labels. */
export function checkReplicationController({ spec }: ReplicationController, report: Report): void {
  const { selector, template } = spec;
  checkCount(spec.replicas, ['spec', 'replicas'], report);
  checkCount(spec.minReadySeconds, ['spec', 'minReadySeconds'], report);
  checkLabels(selector, selectorPath, report);
  if (selector === undefined) report(selectorPath, 'Required', required());
  if (template === undefined) {
    report(templatePath, 'Required', required());
    return;
  }
  checkMatch(selector === undefined ? undefined : { matchLabels: selector }, template, report);
  checkTemplate(template, 'ReplicationController', report);
}

/** A selector that selects something, and the template whose pods it must select. */
export function checkSelectorAndTemplate(
  { selector, template }: { selector: LabelSelector; template: PodTemplateSpec },
  kind: string,
  report: Report,
): void {
  const isEmpty = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  checkSelector(selector, selectorPath, report);
  if (isEmpty) report(selectorPath, 'Invalid', invalid({}, `empty selector is invalid for ${kind.toLowerCase()}`));
  else checkMatch(selector, template, report);
  checkTemplate(template, kind, report);
}

/** Whether a selector, if there is one, selects the pods of a template. */
export function checkMatch(selector: LabelSelector | undefined, template: PodTemplateSpec, report: Report): void {
  const labels = template.metadata?.labels;
  if (selector !== undefined && !matchesSelector(selector, labels))
    report(
      [...templatePath, 'metadata', 'labels'],
      'Invalid',
      invalid(labels ?? {}, '`selector` does not match template `labels`'),
    );
}

/** A template of pods that run for ever. */
function checkTemplate(template: PodTemplateSpec, kind: string, report: Report): void {
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec;
  if (restartPolicy !== 'Always')
    report([...templatePath, 'spec', 'restartPolicy'], 'Invalid', unsupported(restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined)
    report(
      [...templatePath, 'spec', 'activeDeadlineSeconds'],
      'Invalid',
      forbidden(`activeDeadlineSeconds in ${kind === 'Deployment' ? 'ReplicaSet' : kind} is not Supported`),
    );
  checkPodTemplate(template, templatePath, report, anyPolicy);
}

function checkStrategy({ strategy }: DeploymentSpec, report: Report): void {
  const path = ['spec', 'strategy', 'rollingUpdate'];
  const { type, rollingUpdate } = strategy ?? {};
  if (rollingUpdate === undefined) return;
  if (type === 'Recreate') {
    report(path, 'Invalid', forbidden("may not be specified when strategy `type` is 'Recreate'"));
    return;
  }
  const { maxUnavailable = '25%', maxSurge = '25%' } = rollingUpdate;
  const unavailable = checkShare(maxUnavailable, [...path, 'maxUnavailable'], report);
  const surge = checkAmount(maxSurge, [...path, 'maxSurge'], report);
  if (unavailable === 0 && surge === 0)
    report([...path, 'maxUnavailable'], 'Invalid', invalid(maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
}
