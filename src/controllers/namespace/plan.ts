// Decides what a namespace that is asked to go does next, and what it reports of what is left (Kubernetes, "Namespaces" and the
// conditions of NamespaceStatus).
import type { Action } from '../../model/action.ts';
import { withCondition } from '../../model/conditions.ts';
import { finalizersOf, isEnding, NAMESPACE_FINALIZER } from '../../model/deletion.ts';
import { kindNaming } from '../../model/kinds.generated.ts';
import { displayKey, type Kind, keyOf, type NamespaceStatus, type Stored, type StoredOf } from '../../model/resource.ts';
import type { Plan } from '../../runtime/controller.ts';
import { nextToGo } from './content.ts';

/** Objects that are deleted in one pass, so that no transaction grows without bound. */
const MAX_DELETIONS_PER_PASS = 100;

/** A namespace and what is in it; both are empty while nothing asks it to go. */
export interface NamespaceObserved {
  readonly content: readonly Stored[];
  readonly events: readonly StoredOf<'Event'>[];
}

/** The next step. */
export function planNamespace(namespace: StoredOf<'Namespace'>, observed: NamespaceObserved, now: number): Plan<'Namespace'> {
  if (!isEnding(namespace)) return { actions: [], status: { phase: 'Active' } };
  const { content, events } = observed;
  const status: NamespaceStatus = { phase: 'Terminating', conditions: conditionsOf(namespace, content, now) };
  const going = content.length === 0 ? events : nextToGo(content);
  const actions = going.slice(0, MAX_DELETIONS_PER_PASS).map((resource) => deletion(resource, namespace.metadata.name));
  if (content.length > 0 || events.length > 0)
    return { actions, status, ...(going.length > actions.length || content.length === 0 ? { checkAgainAfterMs: 1 } : {}) };
  const spec = {
    ...namespace.spec,
    finalizers: (namespace.spec?.finalizers ?? []).filter((name) => name !== NAMESPACE_FINALIZER),
  };
  const message = `namespace ${namespace.metadata.name} is empty`;
  return { actions: [{ type: 'update', resource: { ...namespace, spec }, reason: 'NamespaceEmpty', message }], status };
}

function deletion(resource: Stored, namespace: string): Action {
  const key = keyOf(resource);
  const quiet = resource.kind === 'Event' ? { isQuiet: true as const } : {};
  const message = `${displayKey(key)} goes with namespace ${namespace}`;
  return { type: 'delete', key, uid: resource.metadata.uid, ...quiet, reason: 'NamespaceDeleted', message };
}

function conditionsOf(
  namespace: StoredOf<'Namespace'>,
  content: readonly Stored[],
  now: number,
): NonNullable<NamespaceStatus['conditions']> {
  const remaining = counted(content.map(({ kind }) => resourceName(kind)));
  const finalizers = counted(content.flatMap(finalizersOf));
  const facts = [
    ok('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    ok('NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'),
    ok('NamespaceDeletionContentFailure', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'),
    remaining.length === 0
      ? ok('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed')
      : {
          type: 'NamespaceContentRemaining',
          status: 'True' as const,
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${remaining.map(([name, count]) => `${name} has ${count} resource instances`).join(', ')}`,
        },
    finalizers.length === 0
      ? ok('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished')
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'True' as const,
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${finalizers.map(([name, count]) => `${name} in ${count} resource instances`).join(', ')}`,
        },
  ];
  return facts.reduce((conditions, fact) => withCondition(conditions, fact, now), namespace.status?.conditions ?? []);
}

function ok(type: string, reason: string, message: string): { type: string; status: 'False'; reason: string; message: string } {
  return { type, status: 'False', reason, message };
}

/** `pods.`, `deployments.apps`: plural and group, as Kubernetes writes them here. */
function resourceName(kind: Kind): string {
  const { plural, apiVersion }: { plural: string; apiVersion: string } = kindNaming[kind];
  return `${plural}.${apiVersion.includes('/') ? apiVersion.split('/', 1)[0] : ''}`;
}

function counted(names: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
