// ResourceQuotas: reports what a namespace uses of each (Kubernetes, "Resource Quotas"). It holds nobody back: admission does, which counts for
// itself and does not wait for this status.

import type { Amounts } from '../../model/admission/amounts.ts';
import { amountsOf, formatAmount } from '../../model/admission/amounts.ts';
import { countedKinds } from '../../model/admission/quota.ts';
import { isNamespaced, keyOf, type ResourceAmounts } from '../../model/resource.ts';
import { usedOf } from '../../runtime/admission.ts';
import type { Controller } from '../../runtime/controller.ts';
import { namespaceOf } from '../claims.ts';

export const resourceQuotaController: Controller<'ResourceQuota', Amounts> = {
  name: 'resourcequota-controller',
  kind: 'ResourceQuota',
  wakes(changed, store) {
    if (!isNamespaced(changed.kind) || changed.kind === 'Event') return [];
    return store
      .list('ResourceQuota', namespaceOf(changed))
      .filter(({ spec = {} }) => countedKinds(spec).includes(changed.kind))
      .map(keyOf);
  },
  observe: (store, quota) => usedOf(store, quota, namespaceOf(quota)),
  plan({ spec = {} }, used) {
    const { hard = {} } = spec;
    return { actions: [], status: { hard, used: inText(used, hard) } };
  },
};

/** Amounts as text; those that are equal to their limit are written as that is. */
function inText(used: Amounts, hard: ResourceAmounts): ResourceAmounts {
  const limits = amountsOf(hard);
  return Object.fromEntries(
    Object.entries(used).map(([name, amount]) => [
      name,
      amount > 0 && amount === limits[name] ? (hard[name] ?? formatAmount(name, amount)) : formatAmount(name, amount),
    ]),
  );
}
