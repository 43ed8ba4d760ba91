// Endpoints as their pods are at this moment. Whoever writes slices is a moment behind the pods: a data plane that was planned from an old slice would
// lead new clients to a pod whose kubelet has seen that nobody is led to it, and has asked it to stop.
import { isConditionTrue } from '../../model/conditions.ts';
import { MANAGED_BY_LABEL, SLICE_MANAGER } from '../../model/endpoint-slice.ts';
import type { Endpoint, Stored, StoredOf } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';

type Slice = StoredOf<'EndpointSlice'>;

/** Looks at slices for several askers, and knows whom a change of a pod concerns that the slices may never tell of: it may be back as it was. */
export class CurrentSlices {
  /** By pod that was other than its slice said: who was told so. */
  readonly #askers = new Map<string, Set<string>>();

  /**
   * The slices of a Service without what its pods have taken back since they were written: pods that were deleted are about to end, others are
   * not ready, and those that are gone are left out. Nothing is better than a slice says. Slices that somebody else has written mean what they say.
   */
  of(
    asker: string,
    slices: readonly Slice[],
    service: StoredOf<'Service'> | undefined,
    store: Pick<StoreReader, 'get'>,
  ): readonly Slice[] {
    const isPublished = service?.spec.publishNotReadyAddresses === true;
    return slices.map((slice) => {
      if (slice.metadata.labels?.[MANAGED_BY_LABEL] !== SLICE_MANAGER) return slice;
      const before = slice.endpoints ?? [];
      const endpoints = before.flatMap((endpoint) => this.#current(asker, endpoint, isPublished, store));
      const isSame = endpoints.length === before.length && endpoints.every((endpoint, index) => endpoint === before[index]);
      return isSame ? slice : { ...slice, endpoints };
    });
  }

  /** The askers that a change of this resource concerns. */
  take(resource: Stored): readonly string[] {
    if (resource.kind !== 'Pod') return [];
    const key = keyOfPod(resource.metadata.namespace ?? 'default', resource.metadata.name);
    const askers = this.#askers.get(key);
    this.#askers.delete(key);
    return [...(askers ?? [])];
  }

  #current(asker: string, endpoint: Endpoint, isPublished: boolean, store: Pick<StoreReader, 'get'>): readonly Endpoint[] {
    const { targetRef, conditions = {} } = endpoint;
    if (targetRef?.kind !== 'Pod') return [endpoint];
    const { namespace = 'default', name = '' } = targetRef;
    const pod = store.get('Pod', namespace, name);
    if (pod === undefined || pod.metadata.uid !== targetRef.uid) return [];
    const isReady = isConditionTrue(pod.status?.conditions, 'Ready');
    const isTerminating = pod.metadata.deletionTimestamp !== undefined;
    const ready = conditions.ready !== false && (isPublished || (isReady && !isTerminating));
    const serving = conditions.serving !== false && isReady;
    const terminating = conditions.terminating === true || isTerminating;
    const isSame =
      ready === (conditions.ready ?? true) &&
      serving === (conditions.serving ?? true) &&
      terminating === (conditions.terminating ?? false);
    if (isSame) return [endpoint];
    const key = keyOfPod(namespace, name);
    this.#askers.set(key, (this.#askers.get(key) ?? new Set()).add(asker));
    return [{ ...endpoint, conditions: { ready, serving, terminating } }];
  }
}

const keyOfPod = (namespace: string, name: string): string => `${namespace}/${name}`;
