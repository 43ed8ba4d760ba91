// What a pod asks for as a whole (Kubernetes, "Resource sharing within containers" and the quality of service of pods).
import type { Container, PodSpec } from '../generated.ts';
import { containersOf, isSidecar } from '../workload.ts';
import { type Amounts, added, amountsOf } from './amounts.ts';

/** Resources that may be given for the pod as a whole (Kubernetes, "Pod-level resource specification"). */
const OF_WHOLE_POD = /^(cpu|memory|hugepages-.*)$/;

type Side = 'requests' | 'limits';

/** A container's amounts; a limit counts as the request where there is none. */
export function containerAmounts(container: Pick<Container, 'resources'>, side: Side): Amounts {
  const { requests, limits } = container.resources ?? {};
  return amountsOf(side === 'limits' ? limits : { ...limits, ...requests });
}

/**
 * The most that a pod asks for at any time of its life: an init container runs beside the sidecars before it, the main ones beside all of
 * them. What is given for the whole pod goes before the sum; the overhead of its runtime class comes on top.
 */
export function podAmounts({ containers, initContainers = [], resources, overhead }: PodSpec, side: Side): Amounts {
  let sidecars: Amounts = {};
  let most: Amounts = {};
  for (const container of initContainers) {
    const own = containerAmounts(container, side);
    const running = added(sidecars, own);
    if (isSidecar(container)) sidecars = running;
    most = greatest(most, running);
  }
  most = greatest(
    most,
    containers.reduce((sum, container) => added(sum, containerAmounts(container, side)), sidecars),
  );
  const whole = Object.entries(containerAmounts({ resources: resources ?? {} }, side)).filter(([name]) =>
    OF_WHOLE_POD.test(name),
  );
  const total = { ...most, ...Object.fromEntries(whole) };
  const counted = Object.entries(amountsOf(overhead)).filter(([name]) => side === 'requests' || total[name] !== undefined);
  return added(total, Object.fromEntries(counted));
}

function greatest(one: Amounts, other: Amounts): Amounts {
  const most: Record<string, number> = { ...one };
  for (const [resource, amount] of Object.entries(other)) most[resource] = Math.max(most[resource] ?? 0, amount);
  return most;
}

/** Whether no container asks for processors or memory, nor is limited in them (Kubernetes, "BestEffort"). */
export function isBestEffort(spec: PodSpec): boolean {
  const all = [...containersOf(spec).map(({ resources }) => resources), spec.resources];
  return all.every((resources) =>
    [resources?.requests, resources?.limits].every((amounts) =>
      Object.entries(amountsOf(amounts)).every(([name, amount]) => !/^(cpu|memory)$/.test(name) || amount === 0),
    ),
  );
}
