// Rules for ResourceQuotas (Kubernetes, ValidateResourceQuotaSpec in pkg/apis/core/validation).
import { parseQuantity } from '../../model/quantity.ts';
import type { ResourceQuota, ResourceQuotaSpec, ScopeRequirement } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { invalid, type Report, required } from '../report.ts';
import { eachOf, holds } from './fault.ts';
import { checkQuantity } from './quantity.ts';
import { checkQuotaResource, fitsScope, isWhole } from './resource-name.ts';

const contradictions = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;
const existing: ReadonlySet<string> = new Set([
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'CrossNamespacePodAffinity',
]);

/** A quota after its defaults are set. */
export function checkResourceQuota({ spec }: ResourceQuota, report: Report): void {
  if (spec === undefined) return;
  for (const [name, amount] of Object.entries(spec.hard ?? {})) {
    const path = ['spec', 'hard', name];
    if (!holds(checkQuotaResource(name), name, path, report)) continue;
    if (checkQuantity(amount, path, report) && isWhole(name) && !Number.isInteger(parseQuantity(amount)))
      report(path, 'Invalid', invalid(amount, 'must be an integer'));
  }
  const { scopes } = spec;
  if (scopes !== undefined) checkScopes(scopes, scopes, spec, ['spec', 'scopes'], report);
  const requirements = spec.scopeSelector?.matchExpressions;
  const path = ['spec', 'scopeSelector', 'matchExpressions'];
  for (const [requirement, here] of eachOf(requirements, path)) checkRequirement(requirement, here, report);
  if (requirements !== undefined) {
    const names = requirements.map(({ scopeName }) => scopeName);
    checkScopes(names, requirements, spec, path, report);
  }
}

/** Scopes that what is counted fits into, and that do not contradict each other. */
function checkScopes(scopes: readonly string[], written: unknown, { hard }: ResourceQuotaSpec, path: Path, report: Report): void {
  const counted = Object.keys(hard ?? {});
  if (scopes.some((scope) => counted.some((name) => !fitsScope(name, scope))))
    report(path, 'Invalid', invalid(written, 'unsupported scope applied to resource'));
  if (contradictions.some((pair) => pair.every((scope) => scopes.includes(scope))))
    report(path, 'Invalid', invalid(written, 'conflicting scopes'));
}

function checkRequirement({ scopeName, operator, values }: ScopeRequirement, path: Path, report: Report): void {
  if (existing.has(scopeName) && operator !== 'Exists')
    report(
      [...path, 'operator'],
      'Invalid',
      invalid(
        operator,
        "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
      ),
    );
  const isListed = operator === 'In' || operator === 'NotIn';
  const where = [...path, 'values'];
  if (isListed && values === undefined)
    report(where, 'Required', required("must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
  if (!isListed && values !== undefined)
    report(where, 'Invalid', invalid(values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
}
