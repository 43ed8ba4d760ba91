// What the containers of a pod request together (Kubernetes, "Sidecar containers": resource sharing within containers).
import { parseQuantity } from '../../model/quantity.ts';
import type { Container, PodSpec, Quantity } from '../../model/resource.ts';

type Totals = Map<string, number>;

/**
 * The highest request of each resource at any time of the pod's life: init containers run one by one beside the sidecars that were
 * started before them, all other containers run together with every sidecar. Amounts that cannot be read count as nothing.
 */
export function totalRequests({ containers, initContainers }: PodSpec): ReadonlyMap<string, number> {
  const sidecars: Totals = new Map();
  const highest: Totals = new Map();
  for (const container of initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      add(container, sidecars);
      raise(highest, sidecars);
    } else {
      const together = new Map(sidecars);
      add(container, together);
      raise(highest, together);
    }
  }
  const together = new Map(sidecars);
  for (const container of containers) add(container, together);
  raise(highest, together);
  return highest;
}

function add({ resources }: Container, totals: Totals): void {
  const requests: [string, Quantity][] = Object.entries(resources?.requests ?? {});
  for (const [resource, quantity] of requests) totals.set(resource, (totals.get(resource) ?? 0) + (parseQuantity(quantity) ?? 0));
}

function raise(highest: Totals, totals: Totals): void {
  for (const [resource, amount] of totals) highest.set(resource, Math.max(amount, highest.get(resource) ?? 0));
}

const units: readonly (readonly [string, number])[] = [
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
];

/** An amount as a quantity: processors in thousandths where they are no whole number, bytes in the largest unit that fits. */
export function plainAmount(resource: string, amount: number): string {
  if (resource === 'cpu') return Number.isInteger(amount) ? String(amount) : `${Math.round(amount * 1000)}m`;
  const [suffix, size] = units.find(([, factor]) => amount > 0 && amount % factor === 0) ?? ['', 1];
  return `${amount / size}${suffix}`;
}
