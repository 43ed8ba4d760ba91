// A lost store is rebuilt from what the sandboxes remember: their pods, with the same uid, and the ReplicaSets and Jobs that own those. Nothing
// that runs is touched. What a commit does not want is taken away later, by the usual ways.
import { hashOf } from '../model/hash.ts';
import {
  APPLICATION_ANNOTATION,
  controllerOf,
  type ObjectMeta,
  type OwnerReference,
  type Pod,
  RECOVERED_ANNOTATION,
  type ReplicaSet,
  type Stored,
  type StoredOf,
} from '../model/resource.ts';
import type { Store, StoreReader, Write, WriteRefusal } from '../store/store.ts';
import type { Logger } from '../system/logger.ts';
import type { ContainerSeen } from './engine/container-engine.ts';
import { podOfSandbox, type RememberedPod } from './plan/remembered-pod.ts';
import { recoveredJob } from './recover-job.ts';

/** How often a refused recovery is planned anew: more nodes than this do not begin at the same moment. */
const ATTEMPTS = 20;

/** One transaction each: a ReplicaSet or Job with its pods, or a pod that nobody owns. */
export type Recovery = readonly Write[];

function marked(annotations: ObjectMeta['annotations']): Record<string, string> {
  return { ...annotations, [RECOVERED_ANNOTATION]: 'true' };
}

/** It is on this node whatever the node was called then: its containers were seen here. */
function recoveredPod(remembered: RememberedPod, nodeName: string): Pod {
  const { name, namespace, labels, annotations, ownerReferences } = remembered.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: name ?? remembered.name,
      namespace: namespace ?? 'default',
      ...(labels === undefined ? {} : { labels }),
      annotations: marked(annotations),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
    spec: { ...remembered.spec, nodeName },
  };
}

/** The annotations of a pod that its template had: without what Holdfast adds to pods. */
function templateAnnotations(annotations: ObjectMeta['annotations']): Record<string, string> {
  const own = Object.entries(annotations ?? {}).filter(([key]) => key !== APPLICATION_ANNOTATION && key !== RECOVERED_ANNOTATION);
  return Object.fromEntries(own);
}

function recoveredReplicaSet(owner: OwnerReference, pods: readonly RememberedPod[]): ReplicaSet | undefined {
  const first = pods[0];
  if (first === undefined) return undefined;
  const { nodeName: _placed, ...spec } = first.spec;
  const labels = first.metadata.labels ?? {};
  const annotations = templateAnnotations(first.metadata.annotations);
  const application = first.metadata.annotations?.[APPLICATION_ANNOTATION];
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: owner.name,
      namespace: first.namespace,
      labels,
      annotations: marked(application === undefined ? {} : { [APPLICATION_ANNOTATION]: application }),
    },
    spec: {
      replicas: pods.length,
      selector: { matchLabels: labels },
      template: { metadata: { labels, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) }, spec },
    },
  };
}

/** Another node has rebuilt it from its own pods: it wants these as well, or they would be too many. */
function moreReplicas(set: StoredOf<'ReplicaSet'>, count: number): readonly Write[] {
  if (set.metadata.annotations?.[RECOVERED_ANNOTATION] === undefined) return [];
  return [{ op: 'update', resource: { ...set, spec: { ...set.spec, replicas: (set.spec.replicas ?? 0) + count } } }];
}

/** What has to be written so that every sandbox has its pod. Empty when the store knows them all. Pure. */
export function planRecovery(store: StoreReader, seen: readonly ContainerSeen[], nodeName: string): readonly Recovery[] {
  const lost = new Map<string, RememberedPod>();
  for (const each of seen) {
    const pod = podOfSandbox(each);
    // A pod of that name with another uid has taken its place: what is left of the old one is an orphan.
    if (pod !== undefined && store.get('Pod', pod.namespace, pod.name) === undefined)
      lost.set(`${pod.namespace}/${pod.name}`, pod);
  }
  const groups = new Map<string, { owner: OwnerReference | undefined; pods: RememberedPod[] }>();
  for (const [key, pod] of lost) {
    const owner = controllerOf(pod);
    const isShared = owner?.kind === 'ReplicaSet' || owner?.kind === 'Job';
    const group = isShared ? hashOf([pod.namespace, owner.uid]) : key;
    const { pods } = groups.get(group) ?? { pods: [] };
    groups.set(group, { owner, pods: [...pods, pod] });
  }
  return [...groups.values()].map(({ owner, pods }) => [
    ...ownerWrites(store, owner, pods),
    ...pods.map((pod): Write => ({ op: 'create', resource: recoveredPod(pod, nodeName), uid: pod.uid })),
  ]);
}

function ownerWrites(store: StoreReader, owner: OwnerReference | undefined, pods: readonly RememberedPod[]): readonly Write[] {
  const namespace = pods[0]?.namespace ?? 'default';
  if (owner?.kind === 'Job') {
    const job =
      store.get('Job', namespace, owner.name) === undefined ? recoveredJob(owner, namespace, pods[0]?.metadata ?? {}) : undefined;
    return job === undefined ? [] : [{ op: 'create', resource: job, uid: owner.uid }];
  }
  if (owner?.kind !== 'ReplicaSet') return [];
  const known = store.get('ReplicaSet', namespace, owner.name);
  if (known !== undefined) return moreReplicas(known, pods.length);
  const replicaSet = recoveredReplicaSet(owner, pods);
  return replicaSet === undefined ? [] : [{ op: 'create', resource: replicaSet, uid: owner.uid }];
}

/** Rebuilds what the store lost; to be done before anything else looks at the containers. Returns how many pods came back. */
export async function recover(store: Store, seen: readonly ContainerSeen[], nodeName: string, logger: Logger): Promise<number> {
  let pods = 0;
  // A write is refused when another node rebuilt the same owner meanwhile: then there is a new plan for what is left.
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const refused: WriteRefusal[] = [];
    for (const writes of planRecovery(store, seen, nodeName)) {
      const result = await store.write(writes);
      if (!result.ok) refused.push(result);
      else pods += told(result.resources, logger);
    }
    if (refused.length === 0) break;
    for (const { key, why, message } of attempt < ATTEMPTS ? [] : refused)
      logger.error({ key, why, message }, 'could not rebuild a lost pod');
  }
  return pods;
}

/** Tells what was rebuilt, and counts the pods among it. */
function told(resources: readonly (Stored | undefined)[], logger: Logger): number {
  for (const resource of resources) logger.info({ kind: resource?.kind, name: resource?.metadata.name }, 'rebuilt from Docker');
  return resources.filter((resource) => resource?.kind === 'Pod').length;
}
