// On which node the volume of a claim is made that does not wait for a pod (Kubernetes, volumeBindingMode Immediate). Pure.
import { isConditionTrue } from '../../model/conditions.ts';
import { hashOf } from '../../model/hash.ts';
import type { StoredOf } from '../../model/resource.ts';
import type { ClaimClass } from '../../model/storage-classes.ts';
import { canMakeOn, SELECTED_NODE_ANNOTATION } from '../../model/volume-topology.ts';
import type { StoredClaim } from './facts.ts';

/**
 * The node that was selected before, as long as it is there; else a ready one that the class allows. Claims are spread over the nodes, each
 * always to the same one.
 */
export function selectNode(
  claim: StoredClaim,
  claimClass: ClaimClass,
  nodes: readonly StoredOf<'Node'>[],
): StoredOf<'Node'> | undefined {
  const before = claim.metadata.annotations?.[SELECTED_NODE_ANNOTATION];
  const selected = nodes.find(({ metadata }) => metadata.name === before);
  if (selected !== undefined) return selected;
  const rank = ({ metadata }: StoredOf<'Node'>): string => hashOf([claim.metadata.uid, metadata.name]);
  return nodes
    .filter((node) => isConditionTrue(node.status?.conditions, 'Ready') && node.spec?.unschedulable !== true)
    .filter((node) => canMakeOn(claimClass, node))
    .toSorted((a, b) => rank(a).localeCompare(rank(b)))[0];
}
