// Rules for Deployments and ReplicaSets (Kubernetes, pkg/apis/apps/validation).
import type {
  Deployment,
  DeploymentSpec,
  IntOrString,
  LabelSelector,
  PodTemplateSpec,
  ReplicaSet,
} from '../../model/resource.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required, unsupported } from '../report.ts';
import { checkLabelsAndAnnotations, checkSelector } from './metadata.ts';
import { checkPodSpec } from './pod.ts';

const notNegative = 'must be greater than or equal to 0';

/** A Deployment after its defaults are set. */
export function checkDeployment({ spec }: Deployment, report: Report): void {
  checkCount(spec.replicas, ['spec', 'replicas'], report);
  checkCount(spec.minReadySeconds, ['spec', 'minReadySeconds'], report);
  checkCount(spec.revisionHistoryLimit, ['spec', 'revisionHistoryLimit'], report);
  checkSelectorAndTemplate(spec.selector, spec.template, 'deployment', report);
  checkStrategy(spec, report);
  const { progressDeadlineSeconds = 600, minReadySeconds = 0 } = spec;
  const where = ['spec', 'progressDeadlineSeconds'];
  if (progressDeadlineSeconds < 0) report(where, 'Invalid', invalid(progressDeadlineSeconds, notNegative));
  else if (progressDeadlineSeconds <= minReadySeconds)
    report(where, 'Invalid', invalid(progressDeadlineSeconds, 'must be greater than minReadySeconds'));
}

/** A ReplicaSet after its defaults are set. */
export function checkReplicaSet({ spec }: ReplicaSet, report: Report): void {
  checkCount(spec.replicas, ['spec', 'replicas'], report);
  checkCount(spec.minReadySeconds, ['spec', 'minReadySeconds'], report);
  if (spec.template === undefined) report(['spec', 'template'], 'Required', required());
  else checkSelectorAndTemplate(spec.selector, spec.template, 'replicaset', report);
}

function checkCount(value: number | undefined, path: Path, report: Report): void {
  if (value !== undefined && value < 0) report(path, 'Invalid', invalid(value, notNegative));
}

function checkSelectorAndTemplate(selector: LabelSelector, template: PodTemplateSpec, kind: string, report: Report): void {
  const labels = template.metadata?.labels;
  const isEmpty = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  checkSelector(selector, ['spec', 'selector'], report);
  if (isEmpty) report(['spec', 'selector'], 'Invalid', invalid({}, `empty selector is invalid for ${kind}`));
  else if (!matchesSelector(selector, labels))
    report(
      ['spec', 'template', 'metadata', 'labels'],
      'Invalid',
      invalid(labels ?? {}, '`selector` does not match template `labels`'),
    );
  checkLabelsAndAnnotations(template.metadata ?? {}, ['spec', 'template', 'metadata'], report);
  const { restartPolicy } = template.spec;
  if (restartPolicy !== 'Always')
    report(['spec', 'template', 'spec', 'restartPolicy'], 'Invalid', unsupported(restartPolicy ?? '', ['Always']));
  checkPodSpec(template.spec, ['spec', 'template', 'spec'], report);
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
  const unavailable = checkAmount(maxUnavailable, [...path, 'maxUnavailable'], report);
  const surge = checkAmount(maxSurge, [...path, 'maxSurge'], report);
  if (unavailable === 0 && surge === 0)
    report([...path, 'maxUnavailable'], 'Invalid', invalid(maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  if (typeof maxUnavailable === 'string' && unavailable !== undefined && unavailable > 100)
    report([...path, 'maxUnavailable'], 'Invalid', invalid(maxUnavailable, 'must not be greater than 100%'));
}

/** The number, of pods or per cent, or undefined when it is neither. */
function checkAmount(amount: IntOrString, path: Path, report: Report): number | undefined {
  if (typeof amount === 'number') {
    checkCount(amount, path, report);
    return amount;
  }
  if (/^[0-9]+%$/.test(amount)) return Number(amount.slice(0, -1));
  report(
    path,
    'Invalid',
    invalid(
      amount,
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ),
  );
  return undefined;
}
