// What a commit asks of the network that its nodes do not have: found out before anything is touched. Pure.
import { findCondition } from '../model/conditions.ts';
import { NETWORK_UNAVAILABLE } from '../model/node.ts';
import type { Kind, Node, Resource } from '../model/resource.ts';

const needy: ReadonlySet<Kind> = new Set<Kind>(['Service', 'Ingress', 'NetworkPolicy']);

/**
 * Why an object cannot do anything here: a Service (its name needs DNS, whatever its type), an Ingress or a NetworkPolicy where every node
 * says that it has no network (condition NetworkUnavailable). Undefined for all other objects, and as long as no node is known.
 */
export function networkFault(
  { kind }: Pick<Resource, 'kind'>,
  nodes: readonly Pick<Node, 'metadata' | 'status'>[],
): string | undefined {
  if (!needy.has(kind)) return undefined;
  const why = networkUnavailable(nodes);
  return why === undefined
    ? undefined
    : `${kind === 'Ingress' ? 'an' : 'a'} ${kind} needs the network of the nodes, which is not there: ${why}`;
}

/** What the nodes say when none of them has a network; undefined when one has, or when there is no node yet. */
export function networkUnavailable(nodes: readonly Pick<Node, 'metadata' | 'status'>[]): string | undefined {
  const conditions = nodes.map(({ status }) => findCondition(status?.conditions, NETWORK_UNAVAILABLE));
  if (conditions.length === 0 || conditions.some((condition) => condition?.status !== 'True')) return undefined;
  const told = [...new Set(conditions.map((condition) => condition?.message ?? '').filter((message) => message !== ''))];
  const remedy = 'start Holdfast without --network none on an engine that can have it, or publish the pods with hostPort';
  return `${told.length === 0 ? 'no node says why' : told.join('; ')}; ${remedy}`;
}
