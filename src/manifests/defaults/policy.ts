// The defaults of namespaces and of what limits them (Kubernetes, pkg/apis/core/v1/defaults.go and pkg/apis/scheduling/v1).
import type {
  LimitRange,
  LimitRangeItem,
  ObjectMeta,
  PriorityClass,
  ResourceAmounts,
  ResourceQuota,
  RuntimeClass,
} from '../../model/resource.ts';
import { checkDnsLabel } from '../rules/syntax.ts';

/** Kubernetes labels every namespace with its name, so that selectors can name it. A wrong name is told once, as the name. */
export function labelNamespace(metadata: ObjectMeta): void {
  if (metadata.name === undefined || checkDnsLabel(metadata.name) !== undefined) return;
  metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
}

/** A ResourceQuota: amounts as text. */
export function defaultResourceQuota({ spec }: ResourceQuota): void {
  inText(spec?.hard);
}

/** A LimitRange: what containers get by default follows from its bounds where it is not said. */
export function defaultLimitRange({ spec }: LimitRange): void {
  for (const item of spec?.limits ?? []) {
    for (const amounts of [item.min, item.max, item.default, item.defaultRequest, item.maxLimitRequestRatio]) inText(amounts);
    if (item.type === 'Container') defaultContainerLimits(item);
  }
}

function defaultContainerLimits(item: LimitRangeItem): void {
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}

/** A PriorityClass. */
export function defaultPriorityClass(resource: PriorityClass): void {
  resource.preemptionPolicy ??= 'PreemptLowerPriority';
}

/** A RuntimeClass: amounts as text. */
export function defaultRuntimeClass({ overhead }: RuntimeClass): void {
  inText(overhead?.podFixed);
}

function inText(amounts: ResourceAmounts | undefined): void {
  for (const [name, amount] of Object.entries(amounts ?? {}))
    if (amounts !== undefined && typeof amount === 'number') amounts[name] = String(amount);
}
