// What the scheduler's tests share: a pod placed among others, as one word or sentence.
import { findCondition } from '../../src/model/conditions.ts';
import type { Container, PodSpec, StoredOf } from '../../src/model/resource.ts';
import { planSchedule } from '../../src/scheduler/schedule.ts';
import { type SchedulingFacts, Seating } from '../../src/scheduler/seating.ts';
import { aNode, START_MS } from '../support/builders.ts';

export const NOW = START_MS + 60_000;

/** A container that requests this much. */
export const requests = (cpu?: string, memory?: string): Partial<Container> => ({
  resources: { requests: { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) } },
});

/** A container that publishes a port of the host. */
export const port = (hostPort: number, options: { protocol?: 'TCP' | 'UDP'; hostIP?: string } = {}): Partial<Container> => ({
  ports: [{ containerPort: 80, hostPort, ...options }],
});

/** A node with a zone, labelled as every node is. */
export function zoned(name: string, zone: string, labels: Record<string, string> = {}): StoredOf<'Node'> {
  return aNode({ name, labels: { 'kubernetes.io/hostname': name, zone, ...labels } });
}

/** A node with taints. */
export function tainted(name: string, ...taints: NonNullable<NonNullable<StoredOf<'Node'>['spec']>['taints']>): StoredOf<'Node'> {
  return { ...aNode({ name }), spec: { taints } };
}

/** Where a pod goes among the others, or why nowhere, without what is said of preemption. */
export function placed(
  pod: StoredOf<'Pod'>,
  nodes: readonly StoredOf<'Node'>[],
  others: readonly StoredOf<'Pod'>[] = [],
  more: Partial<SchedulingFacts> = {},
): string {
  const seating = new Seating({ nodes, pods: [...others, pod], ...more });
  const plan = planSchedule(pod, { nodes, budgets: [], seating }, NOW);
  const bound = plan.actions.find((action) => action.type === 'update');
  if (bound?.type === 'update' && bound.resource.kind === 'Pod') return `on ${bound.resource.spec.nodeName}`;
  const message = findCondition(plan.status?.conditions, 'PodScheduled')?.message ?? 'nothing';
  return message.replace(/ preemption: [^.]*\./, '');
}

type Term = NonNullable<
  NonNullable<NonNullable<PodSpec['affinity']>['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>[number];

/** A term of affinity to pods with this label `app`. */
export function toApp(app: string, topologyKey = 'zone', more: Partial<Term> = {}): Term {
  return { topologyKey, labelSelector: { matchLabels: { app } }, ...more };
}

/** Affinity to pods, or away from them, that has to be met. */
export function required(kind: 'podAffinity' | 'podAntiAffinity', ...terms: Term[]): Partial<PodSpec> {
  return { affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: terms } } };
}
