// A dry run of the scheduler for a commit: seats on paper the pods that it would bring, and says which objects have none. Pods that
// stay as they are keep their nodes; pods that the commit replaces make room. Nothing is changed by asking.
import { canonicalJson } from '../model/hash.ts';
import type { Desired, PodSpec, ResourceOf, StoredOf } from '../model/resource.ts';
import { controllerOf, displayKey, keyOf, keyString, TEMPLATE_HASH_LABEL } from '../model/resource.ts';
import { rolloutLimits, templateHash } from '../model/rollout.ts';
import { fromRfc3339 } from '../model/time.ts';
import { type Choice, choose } from './choose.ts';
import { type Candidate, candidateOf, occupy, type Room, roomsWith } from './room.ts';

type StoredPod = StoredOf<'Pod'>;

/** An object of the commit that wants pods. */
interface Claimant {
  readonly key: string;
  readonly replicas: number;
  /** What each pod to be seated needs. */
  readonly candidate: Candidate;
  /** Pods that stay where they are. */
  readonly kept: readonly StoredPod[];
  /** Pods that give way to new ones, or are too many. */
  readonly outdated: readonly StoredPod[];
  /** The rollout cannot take an old pod away before a new one is available. */
  readonly needsSurge: boolean;
}

function isPlaced(pod: StoredPod): boolean {
  return pod.spec.nodeName !== undefined && pod.spec.nodeName !== '';
}

/** Whether a pod holds its seat: not ended, and not on its way out; one that should be gone by now and is not does. */
function isSeated(pod: StoredPod, now: number): boolean {
  const { deletionTimestamp } = pod.metadata;
  const isLeaving = deletionTimestamp !== undefined && fromRfc3339(deletionTimestamp) > now;
  return isPlaced(pod) && !isLeaving && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed';
}

function candidateFor(resource: Desired, spec: PodSpec): Candidate {
  const pod = { kind: 'Pod', metadata: resource.metadata, spec } as const;
  return { ...candidateOf(pod, keyString(keyOf(resource))), name: displayKey(keyOf(resource)) };
}

function isOwnedBySet(pod: StoredPod, namespace: string, name: string): boolean {
  const owner = controllerOf(pod);
  return owner?.kind === 'ReplicaSet' && owner.name === name && keyOf(pod).namespace === namespace;
}

function claimDeployment(deployment: Desired<ResourceOf<'Deployment'>>, pods: readonly StoredPod[]): Claimant {
  const { namespace, name } = keyOf(deployment);
  const key = keyString(keyOf(deployment));
  const limits = rolloutLimits(deployment);
  const hash = templateHash(deployment);
  const own = pods.filter((pod) => isOwnedBySet(pod, namespace, `${name}-${pod.metadata.labels?.[TEMPLATE_HASH_LABEL]}`));
  // While a Deployment is paused, its pods stay what they are.
  const isKept = (pod: StoredPod): boolean =>
    deployment.spec.paused === true || pod.metadata.labels?.[TEMPLATE_HASH_LABEL] === hash;
  const kept = own.filter(isKept).slice(0, limits.replicas);
  return {
    key,
    replicas: deployment.spec.paused === true ? kept.length : limits.replicas,
    candidate: candidateFor(deployment, deployment.spec.template.spec),
    kept,
    outdated: own.filter((pod) => !kept.includes(pod)),
    needsSurge: limits.maxSurge > 0 && limits.maxUnavailable === 0 && own.length >= limits.replicas,
  };
}

function claimSet(set: Desired<ResourceOf<'ReplicaSet'>>, pods: readonly StoredPod[]): Claimant | undefined {
  if (set.spec.template === undefined) return undefined;
  const { namespace, name } = keyOf(set);
  const key = keyString(keyOf(set));
  const replicas = set.spec.replicas ?? 1;
  const own = pods.filter((pod) => isOwnedBySet(pod, namespace, name));
  const candidate = candidateFor(set, set.spec.template.spec);
  return { key, replicas, candidate, kept: own.slice(0, replicas), outdated: own.slice(replicas), needsSurge: false };
}

function claimPod(wanted: Desired<ResourceOf<'Pod'>>, pods: readonly StoredPod[]): Claimant {
  const key = keyString(keyOf(wanted));
  const existing = pods.find((pod) => keyString(keyOf(pod)) === key);
  const withoutNode = ({ nodeName: _nodeName, ...spec }: PodSpec): string => canonicalJson(spec);
  const isSame =
    existing !== undefined &&
    withoutNode(existing.spec) === withoutNode(wanted.spec) &&
    (wanted.spec.nodeName === undefined || wanted.spec.nodeName === existing.spec.nodeName);
  const own = existing === undefined ? [] : [existing];
  const candidate = candidateFor(wanted, wanted.spec);
  return { key, replicas: 1, candidate, kept: isSame ? own : [], outdated: isSame ? [] : own, needsSurge: false };
}

function claim(resource: Desired, pods: readonly StoredPod[]): Claimant | undefined {
  if (resource.kind === 'Deployment') return claimDeployment(resource, pods);
  if (resource.kind === 'ReplicaSet') return claimSet(resource, pods);
  return resource.kind === 'Pod' ? claimPod(resource, pods) : undefined;
}

function explain(candidate: Candidate, choice: Choice, rooms: readonly Room[]): string {
  if (choice.room !== undefined) return '';
  const { nodeName } = candidate;
  if (nodeName !== undefined && !rooms.some((room) => room.node.metadata.name === nodeName)) {
    const names = rooms.map((room) => room.node.metadata.name).slice(0, 10);
    return `it names node "${nodeName}", which does not exist; there ${names.length === 0 ? 'are no nodes' : `is ${names.join(', ')}`}.`;
  }
  return [choice.message, ...choice.details].join(' ');
}

/** Seats what is missing; a sentence when not all of it has a place. */
function seat({ candidate, replicas, kept }: Claimant, rooms: readonly Room[]): string | undefined {
  const missing = Math.max(0, replicas - kept.length);
  for (let seated = 0; seated < missing; seated++) {
    const choice = choose(candidate, rooms);
    if (choice.room === undefined) {
      const which = replicas === 1 ? 'Its pod has' : `${missing - seated} of its ${replicas} pods have`;
      return `${which} no place: ${explain(candidate, choice, rooms)}`;
    }
    occupy(choice.room, candidate);
  }
  return undefined;
}

/** Whether one pod more fits while all old ones are there; a sentence when it does not. */
function checkSurge({ candidate }: Claimant, rooms: readonly Room[]): string | undefined {
  const choice = choose(candidate, rooms);
  if (choice.room !== undefined) return undefined;
  return (
    `A rolling update with maxUnavailable 0 starts a new pod before it stops an old one, and the new pod has no place: ${explain(candidate, choice, rooms)} ` +
    'Use strategy Recreate, or maxUnavailable 1.'
  );
}

/**
 * Where the pods of a commit would go. One entry per object of which not all pods have a place, with its key (`Deployment/shop/web`)
 * and a sentence; empty when all have. Two states are tried: the end of the commit, when every old pod is gone; and, for a rolling
 * update that may not miss a pod, its beginning, with one new pod beside the old ones.
 *
 * `pods` are all pods of the cluster. Those that belong to the wanted objects do not stand in the way of their successors; those that have
 * ended or are leaving by their deletionTimestamp do not count; a pod that ought to be gone at `now` and is not, does.
 */
export function checkPlacement(
  wanted: readonly Desired[],
  nodes: readonly StoredOf<'Node'>[],
  pods: readonly StoredPod[],
  now: number,
): { key: string; message: string }[] {
  const seated = pods.filter((pod) => isSeated(pod, now));
  const present = seated.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const claimants = wanted.flatMap((resource) => claim(resource, present) ?? []);
  const kept = new Set(claimants.flatMap((claimant) => claimant.kept));
  const owned = new Set(claimants.flatMap((claimant) => [...claimant.kept, ...claimant.outdated]));
  const staying = seated.filter((pod) => !owned.has(pod) || kept.has(pod));

  const rooms = roomsWith(nodes, staying);
  const problems: { key: string; message: string }[] = [];
  for (const claimant of claimants) {
    const isRolling = claimant.needsSurge && claimant.replicas > claimant.kept.length;
    // A rollout that also scales down has shrunk to the wanted number before it starts.
    const beside = claimant.outdated.slice(0, claimant.replicas - claimant.kept.length);
    const message =
      seat(claimant, rooms) ?? (isRolling ? checkSurge(claimant, roomsWith(nodes, [...staying, ...beside])) : undefined);
    if (message !== undefined) problems.push({ key: claimant.key, message });
  }
  return problems;
}
