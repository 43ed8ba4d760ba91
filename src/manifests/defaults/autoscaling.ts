// The defaults of HorizontalPodAutoscalers (Kubernetes, pkg/apis/autoscaling/v2/defaults.go).
import type { HorizontalPodAutoscaler, MetricSpec, MetricTarget, ScalingPolicy, ScalingRules } from '../../model/resource.ts';

/** An autoscaler: one without metrics looks at the processors, and a behaviour that says little is filled in. */
export function defaultAutoscaler({ spec }: HorizontalPodAutoscaler): void {
  spec.minReplicas ??= 1;
  spec.metrics ??= [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];
  for (const metric of spec.metrics) defaultTarget(targetOf(metric));
  const { behavior } = spec;
  if (behavior === undefined) return;
  behavior.scaleUp = withDefaults(
    behavior.scaleUp,
    [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
    0,
  );
  behavior.scaleDown = withDefaults(behavior.scaleDown, [{ type: 'Percent', value: 100, periodSeconds: 15 }]);
}

function targetOf({ resource, containerResource, pods, object, external }: MetricSpec): MetricTarget | undefined {
  return (resource ?? containerResource ?? pods ?? object ?? external)?.target;
}

function defaultTarget(target: MetricTarget | undefined): void {
  if (typeof target?.value === 'number') target.value = String(target.value);
  if (typeof target?.averageValue === 'number') target.averageValue = String(target.averageValue);
}

function withDefaults(given: ScalingRules | undefined, policies: ScalingPolicy[], windowSeconds?: number): ScalingRules {
  const rules: ScalingRules = { ...given };
  rules.selectPolicy ??= 'Max';
  rules.policies ??= policies;
  if (windowSeconds !== undefined) rules.stabilizationWindowSeconds ??= windowSeconds;
  if (typeof rules.tolerance === 'number') rules.tolerance = String(rules.tolerance);
  return rules;
}
