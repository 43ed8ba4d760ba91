// A pod as the label of its sandbox remembers it. A parsing edge.
import type { ObjectMeta, PodSpec, StoredOf } from '../../model/resource.ts';
import { toRfc3339 } from '../../model/time.ts';
import type { ContainerSeen } from '../engine/container-engine.ts';
import { POD_JSON_LABEL, POD_UID_LABEL, ROLE_LABEL } from '../labels.ts';

/** A pod as a sandbox remembers it. */
export interface RememberedPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
}

/** Reads the pod from a sandbox's labels; undefined when it cannot be read. */
export function podOfSandbox(seen: ContainerSeen): RememberedPod | undefined {
  const uid = seen.labels[POD_UID_LABEL];
  const json = seen.labels[POD_JSON_LABEL];
  if (seen.labels[ROLE_LABEL] !== 'sandbox' || uid === undefined || json === undefined) return undefined;
  try {
    // The label was written by podJson, and the store is the same version of the schema or a newer one.
    const { metadata, spec } = JSON.parse(json) as { metadata?: ObjectMeta; spec?: PodSpec };
    if (metadata?.name === undefined || spec?.containers === undefined) return undefined;
    return { uid, namespace: metadata.namespace ?? 'default', name: metadata.name, metadata, spec };
  } catch {
    return undefined;
  }
}

/** The pod of containers that are in no store any more, as one that is being deleted; undefined when no sandbox of it remembers it. */
export function rememberedPod(seen: readonly ContainerSeen[]): StoredOf<'Pod'> | undefined {
  const pod = seen.map(podOfSandbox).find((each) => each !== undefined);
  if (pod === undefined) return undefined;
  const { uid, namespace, name, spec, metadata } = pod;
  const times = { creationTimestamp: toRfc3339(0), deletionTimestamp: toRfc3339(0) };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name, namespace, uid, generation: 1, resourceVersion: '0', ...times },
    spec,
  };
}
