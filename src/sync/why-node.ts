// What a node has left, and whom it keeps away, as lines for a person. Pure.
import { amountOf, formatAmount } from '../model/admission/amounts.ts';
import { podAmounts } from '../model/admission/pod-resources.ts';
import { taintsOf } from '../model/node-fit.ts';
import { isFinished } from '../model/pod-phase.ts';
import type { Quantity, StoredOf } from '../model/resource.ts';
import type { StoreReader } from '../store/store.ts';

/** Amounts that are there, how much of them the pods on the node request, and the taints. */
export function nodeLines(node: StoredOf<'Node'>, reader: StoreReader): readonly string[] {
  const pods = reader.list('Pod').filter((pod) => pod.spec.nodeName === node.metadata.name && !isFinished(pod));
  const requested = new Map<string, number>([['pods', pods.length]]);
  for (const { spec } of pods)
    for (const [resource, amount] of Object.entries(podAmounts(spec, 'requests')))
      requested.set(resource, (requested.get(resource) ?? 0) + amount);
  const allocatable: [string, Quantity | undefined][] = Object.entries(node.status?.allocatable ?? {});
  const taken = allocatable.map(([resource, quantity]) => {
    const amount = (count: number): string => formatAmount(resource, count);
    return `${resource} ${amount(requested.get(resource) ?? 0)} of ${amount(amountOf(resource, quantity))}`;
  });
  const taints = taintsOf(node).map(({ key, value = '', effect }) => `${key}${value === '' ? '' : `=${value}`}:${effect}`);
  return [
    ...(taken.length === 0 ? [] : [`its pods request ${taken.join(', ')}`]),
    ...(taints.length === 0 ? [] : [`pods that do not tolerate it are kept away by ${taints.join(', ')}`]),
  ];
}
