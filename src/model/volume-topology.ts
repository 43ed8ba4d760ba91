// Where the claims of a pod let it be (Kubernetes, "Storage" filters of the scheduler: VolumeBinding, VolumeZone, VolumeRestrictions). Pure;
// choosing among the nodes that are left is the scheduler's.
import type { Pod } from './generated.ts';
import type { NodeFacts } from './node-fit.ts';
import { type PodClaim, podClaims, usesClaim } from './pod-claims.ts';
import { isFinished } from './pod-phase.ts';
import type { StoredOf } from './resource.ts';
import { type ClaimClass, classOfClaim } from './storage-classes.ts';
import { isReachedFrom, isReservedFor, namesClaim, smallestMatch } from './volume-matching.ts';

/** Annotation of a claim that waits: the node on which its volume is to be made. */
export const SELECTED_NODE_ANNOTATION = 'volume.kubernetes.io/selected-node';

const AFFINITY_CONFLICT = 'node(s) had volume node affinity conflict';
const NOTHING_TO_BIND = "node(s) didn't find available persistent volumes to bind";
const ONE_POD_ONLY = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';

/** What decides. The lists may hold more than matters: other namespaces, other pods, the pod itself. */
export interface VolumeFacts {
  readonly claims: readonly StoredOf<'PersistentVolumeClaim'>[];
  readonly volumes: readonly StoredOf<'PersistentVolume'>[];
  readonly classes: readonly StoredOf<'StorageClass'>[];
  readonly pods: readonly StoredOf<'Pod'>[];
  /** On paper, before a commit is applied: claims that are not there or not bound are on their way and keep the pod from nowhere. */
  readonly isDryRun?: boolean;
}

/** Where a pod can be for the sake of its claims. */
export interface VolumeNodeConstraint {
  /** Set when no node will do, whichever it is; in Kubernetes' words, without the `0/3 nodes are available:` in front. */
  readonly unschedulable?: string;
  /** Why the pod cannot be on this node, in Kubernetes' words; undefined when it can. */
  refusal(node: NodeFacts): string | undefined;
}

type StoredClaim = StoredOf<'PersistentVolumeClaim'>;
type StoredVolume = StoredOf<'PersistentVolume'>;
/** Why a node will not do for one claim; the volumes that claims before it would take are not free any more. */
type Check = (node: NodeFacts, taken: Set<string>) => string | undefined;

/**
 * The nodes that the claims of a pod leave to it. A bound claim: where its volume is. A claim that waits for its first consumer: where a
 * volume that fits is free, or can be made; or where a pod that uses it is already. A ReadWriteOncePod claim that another pod uses: nowhere.
 * Cheap for pods without claims.
 */
export function volumeNodeConstraint(pod: Pick<Pod, 'metadata' | 'spec'>, facts: VolumeFacts): VolumeNodeConstraint {
  const wanted = podClaims(pod);
  if (wanted.length === 0) return { refusal: () => undefined };
  const namespace = pod.metadata.namespace ?? 'default';
  const checks: Check[] = [];
  for (const each of wanted) {
    const claim = facts.claims.find(
      ({ metadata }) => metadata.name === each.claim && (metadata.namespace ?? 'default') === namespace,
    );
    const found = claim === undefined ? missing(each, facts) : checkOf(claim, pod, facts);
    if (typeof found === 'string') return { unschedulable: found, refusal: () => found };
    checks.push(found);
  }
  return {
    refusal(node) {
      const taken = new Set<string>();
      for (const check of checks) {
        const refusal = check(node, taken);
        if (refusal !== undefined) return refusal;
      }
      return undefined;
    },
  };
}

const anywhere: Check = () => undefined;

function missing({ claim, isEphemeral }: PodClaim, { isDryRun = false }: VolumeFacts): Check | string {
  if (isDryRun) return anywhere;
  return isEphemeral
    ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${claim}"`
    : `persistentvolumeclaim "${claim}" not found`;
}

function checkOf(claim: StoredClaim, pod: Pick<Pod, 'metadata' | 'spec'>, facts: VolumeFacts): Check | string {
  const { name, deletionTimestamp } = claim.metadata;
  if (deletionTimestamp !== undefined && facts.isDryRun !== true) return `persistentvolumeclaim "${name}" is being deleted`;
  const users = facts.pods.filter((other) => isUser(other, pod, claim));
  if (claim.spec.accessModes.includes('ReadWriteOncePod') && users.length > 0 && facts.isDryRun !== true)
    return () => ONE_POD_ONLY;
  const volume = boundVolume(claim, facts.volumes);
  if (volume !== undefined) return (node) => (isReachedFrom(volume, node) ? undefined : AFFINITY_CONFLICT);
  if (facts.isDryRun === true) return anywhere;
  if ((claim.spec.volumeName ?? '') !== '' && claim.status?.phase === 'Lost')
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName}"`;
  const claimClass = classOfClaim(claim, facts);
  if (claimClass.bindingMode === 'Immediate') return 'pod has unbound immediate PersistentVolumeClaims';
  return waitingCheck(claim, claimClass, users, facts.volumes);
}

/** Another pod on a node that uses the claim and has not ended. */
function isUser(other: StoredOf<'Pod'>, pod: Pick<Pod, 'metadata' | 'spec'>, { metadata }: StoredClaim): boolean {
  const { namespace = 'default', name } = other.metadata;
  const isSelf = name === pod.metadata.name && namespace === (pod.metadata.namespace ?? 'default');
  const isPlaced = (other.spec.nodeName ?? '') !== '';
  return (
    !isSelf &&
    !isFinished(other) &&
    isPlaced &&
    namespace === (metadata.namespace ?? 'default') &&
    usesClaim(other, metadata.name)
  );
}

/** The volume of a claim, also when only one of the two knows of the other yet, or the volume was kept for a claim of this name. */
function boundVolume(claim: StoredClaim, volumes: readonly StoredVolume[]): StoredVolume | undefined {
  const { volumeName = '' } = claim.spec;
  if (volumeName !== '') return volumes.find(({ metadata }) => metadata.name === volumeName);
  const reserved = volumes.find((volume) => isReservedFor(volume, claim));
  return reserved ?? volumes.find((volume) => isKeptFor(volume, claim));
}

function isKeptFor({ spec, status, metadata }: StoredVolume, claim: StoredClaim): boolean {
  const { claimRef, persistentVolumeReclaimPolicy = 'Retain' } = spec;
  if (claimRef === undefined || persistentVolumeReclaimPolicy !== 'Retain') return false;
  return status?.phase === 'Released' && metadata.deletionTimestamp === undefined && namesClaim(claimRef, claim);
}

/** A claim that waits for its first consumer: that is the pod, on this node. */
function waitingCheck(
  claim: StoredClaim,
  claimClass: ClaimClass,
  users: readonly StoredOf<'Pod'>[],
  volumes: readonly StoredVolume[],
): Check {
  const selected = claim.metadata.annotations?.[SELECTED_NODE_ANNOTATION] ?? users[0]?.spec.nodeName;
  return (node, taken) => {
    if (selected !== undefined && selected !== node.metadata.name) return AFFINITY_CONFLICT;
    const free = volumes.filter(({ metadata }) => !taken.has(metadata.name));
    const match = smallestMatch(claim, claimClass.name, free, node);
    if (match !== undefined) {
      taken.add(match.metadata.name);
      return undefined;
    }
    return canMakeOn(claimClass, node) ? undefined : NOTHING_TO_BIND;
  };
}

/** Whether a volume of the class can be made for a pod on this node. */
export function canMakeOn({ provisioning, allowedTopologies }: ClaimClass, node: NodeFacts): boolean {
  if (provisioning.type === 'none' || provisioning.type === 'faulty') return false;
  if (allowedTopologies.length === 0) return true;
  const labels: Readonly<Record<string, string>> = {
    'kubernetes.io/hostname': node.metadata.name ?? '',
    ...node.metadata.labels,
  };
  return allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? '')),
  );
}
