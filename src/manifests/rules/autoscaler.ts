// Rules for HorizontalPodAutoscalers (Kubernetes, pkg/apis/autoscaling/validation).
import { parseQuantity } from '../../model/quantity.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  MetricTargetReference,
  ScalingPolicy,
  ScalingRules,
} from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required } from '../report.ts';
import { eachOf, holds } from './fault.ts';
import { checkSelector } from './metadata.ts';
import { checkPathSegment } from './names.ts';
import { checkQuantity } from './quantity.ts';

const MAX_PERIOD_SECONDS = 1800;
const MAX_WINDOW_SECONDS = 3600;

/** The field that each type of metric is told in. */
const sources = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
} as const;

/** An autoscaler after its defaults are set. */
export function checkAutoscaler({ spec }: HorizontalPodAutoscaler, report: Report): void {
  checkReplicas(spec, report);
  checkTargetReference(spec.scaleTargetRef, ['spec', 'scaleTargetRef'], report);
  for (const [metric, path] of eachOf(spec.metrics, ['spec', 'metrics'])) checkMetric(metric, path, report);
  for (const direction of ['scaleUp', 'scaleDown'] as const) {
    const rules = spec.behavior?.[direction];
    if (rules !== undefined) checkRules(rules, ['spec', 'behavior', direction], report);
  }
}

function checkReplicas({ minReplicas = 1, maxReplicas }: HorizontalPodAutoscalerSpec, report: Report): void {
  if (minReplicas < 1) report(['spec', 'minReplicas'], 'Invalid', invalid(minReplicas, 'must be greater than or equal to 1'));
  const where = ['spec', 'maxReplicas'];
  if (maxReplicas < 1) report(where, 'Invalid', invalid(maxReplicas, 'must be greater than 0'));
  else if (maxReplicas < minReplicas)
    report(where, 'Invalid', invalid(maxReplicas, 'must be greater than or equal to `minReplicas`'));
}

function checkTargetReference({ apiVersion = '', kind, name }: MetricTargetReference, path: Path, report: Report): void {
  if (apiVersion.split('/').length > 2)
    report([...path, 'apiVersion'], 'Invalid', invalid(apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  holds(checkPathSegment(kind), kind, [...path, 'kind'], report);
  holds(checkPathSegment(name), name, [...path, 'name'], report);
}

/** A metric has the field of its type, and no other. */
function checkMetric(metric: MetricSpec, path: Path, report: Report): void {
  const expected = sources[metric.type];
  if (metric[expected] === undefined)
    report([...path, expected], 'Required', required('must populate information for the given metric source'));
  for (const source of Object.values(sources))
    if (source !== expected && metric[source] !== undefined)
      report([...path, source], 'Invalid', forbidden('must populate the given metric source only'));
  const { resource, containerResource, pods, object, external } = metric;
  if (resource !== undefined) checkResourceTarget(resource.target, [...path, 'resource', 'target'], report);
  if (containerResource !== undefined)
    checkResourceTarget(containerResource.target, [...path, 'containerResource', 'target'], report);
  if (object !== undefined) {
    checkTargetReference(object.describedObject, [...path, 'object', 'describedObject'], report);
    checkIdentifier(object.metric, [...path, 'object', 'metric'], report);
    checkTarget(object.target, [...path, 'object', 'target'], report);
    requireValue(object.target, [...path, 'object', 'target'], 'must set either a target value or averageValue', report);
  }
  if (external !== undefined) {
    const here = [...path, 'external', 'target'];
    checkIdentifier(external.metric, [...path, 'external', 'metric'], report);
    checkTarget(external.target, here, report);
    requireValue(external.target, here, 'must set either a target value for metric or a per-pod target', report);
    if (external.target.value !== undefined && external.target.averageValue !== undefined)
      report([...here, 'value'], 'Invalid', forbidden('may not set both a target value for metric and a per-pod target'));
  }
  if (pods === undefined) return;
  checkIdentifier(pods.metric, [...path, 'pods', 'metric'], report);
  checkTarget(pods.target, [...path, 'pods', 'target'], report);
  if (pods.target.averageValue === undefined)
    report([...path, 'pods', 'target', 'averageValue'], 'Required', required('must specify a positive target averageValue'));
}

function requireValue({ value, averageValue }: MetricTarget, path: Path, detail: string, report: Report): void {
  if (value === undefined && averageValue === undefined) report([...path, 'averageValue'], 'Required', required(detail));
}

function checkResourceTarget(target: MetricTarget, path: Path, report: Report): void {
  checkTarget(target, path, report);
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined)
    report([...path, 'averageUtilization'], 'Required', required('must set either a target raw value or a target utilization'));
  if (averageUtilization !== undefined && averageValue !== undefined)
    report([...path, 'averageValue'], 'Invalid', forbidden('may not set both a target raw value and a target utilization'));
}

function checkTarget(target: MetricTarget, path: Path, report: Report): void {
  for (const field of ['value', 'averageValue'] as const) {
    const quantity = target[field];
    if (quantity === undefined) continue;
    const amount = parseQuantity(quantity);
    if (amount === undefined) checkQuantity(quantity, [...path, field], report);
    else if (amount <= 0) report([...path, field], 'Invalid', invalid(quantity, 'must be positive'));
  }
  const { averageUtilization = 1 } = target;
  if (averageUtilization < 1)
    report([...path, 'averageUtilization'], 'Invalid', invalid(averageUtilization, 'must be greater than 0'));
}

function checkIdentifier({ name, selector }: MetricIdentifier, path: Path, report: Report): void {
  holds(checkPathSegment(name), name, [...path, 'name'], report);
  if (selector !== undefined) checkSelector(selector, [...path, 'selector'], report);
}

function checkRules({ stabilizationWindowSeconds: window, policies, tolerance }: ScalingRules, path: Path, report: Report): void {
  const where = [...path, 'stabilizationWindowSeconds'];
  if (window !== undefined && window < 0) report(where, 'Invalid', invalid(window, 'must be greater than or equal to zero'));
  if (window !== undefined && window > MAX_WINDOW_SECONDS)
    report(where, 'Invalid', invalid(window, `must be less than or equal to ${MAX_WINDOW_SECONDS}`));
  if (tolerance !== undefined) checkQuantity(tolerance, [...path, 'tolerance'], report);
  for (const [policy, here] of eachOf(policies, [...path, 'policies'])) checkPolicy(policy, here, report);
}

function checkPolicy({ value, periodSeconds }: ScalingPolicy, path: Path, report: Report): void {
  if (value <= 0) report([...path, 'value'], 'Invalid', invalid(value, 'must be greater than zero'));
  const where = [...path, 'periodSeconds'];
  if (periodSeconds <= 0) report(where, 'Invalid', invalid(periodSeconds, 'must be greater than zero'));
  else if (periodSeconds > MAX_PERIOD_SECONDS)
    report(where, 'Invalid', invalid(periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`));
}
