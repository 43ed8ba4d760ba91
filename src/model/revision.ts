// The names of the revisions of StatefulSets and DaemonSets: equal templates have equal names, in every pass and after a lost store, so
// that a pod tells by its label which template it came from (Kubernetes, "ControllerRevision").
import type { DaemonSet, PodTemplateSpec, StatefulSet } from './generated.ts';
import { hashOf } from './hash.ts';
import { parseQuantity } from './quantity.ts';

/** Label of the pods of StatefulSets (the name of their revision) and of DaemonSets (its hash). */
export const REVISION_HASH_LABEL = 'controller-revision-hash';

/** Maps in a template that say nothing when they are empty. */
const emptyMeansAbsent: ReadonlySet<string> = new Set([
  'labels',
  'annotations',
  'nodeSelector',
  'matchLabels',
  'requests',
  'limits',
  'resources',
]);
/** Maps of amounts: `1` and `1000m` are the same. */
const amountMaps: ReadonlySet<string> = new Set(['requests', 'limits']);

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function amount(value: unknown): unknown {
  return typeof value === 'string' || typeof value === 'number' ? (parseQuantity(value) ?? value) : value;
}

function normal(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((entry) => normal(entry, ''));
  if (!isMap(value)) return value ?? undefined;
  const entries = Object.entries(value)
    .map(([name, entry]): [string, unknown] => [name, amountMaps.has(key) ? amount(entry) : normal(entry, name)])
    .filter(([, entry]) => entry !== undefined);
  return entries.length === 0 && emptyMeansAbsent.has(key) ? undefined : Object.fromEntries(entries);
}

/** The hash of a template: the same for templates that mean the same. A collision count makes it another one. */
export function templateRevisionHash(template: PodTemplateSpec, collisionCount = 0): string {
  const told = normal(template, '');
  return collisionCount === 0 ? hashOf(told) : hashOf({ template: told, collisionCount });
}

/** Whether two templates mean the same, however they are written. */
export function isSameTemplate(one: PodTemplateSpec, other: PodTemplateSpec): boolean {
  return one === other || templateRevisionHash(one) === templateRevisionHash(other);
}

/** The value of `controller-revision-hash` that pods of the current template of a StatefulSet carry: the name of its revision. */
export function statefulSetRevision({ metadata, spec, status }: Pick<StatefulSet, 'metadata' | 'spec' | 'status'>): string {
  return `${metadata.name ?? ''}-${templateRevisionHash(spec.template, status?.collisionCount)}`;
}

/** The value of `controller-revision-hash` that pods of the current template of a DaemonSet carry. */
export function daemonSetRevision({ spec, status }: Pick<DaemonSet, 'spec' | 'status'>): string {
  return templateRevisionHash(spec.template, status?.collisionCount);
}
