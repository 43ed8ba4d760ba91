// A Service and the pods that it selects → its EndpointSlices and its Endpoints, both in one transaction. Pure.
import type { Action } from '../../model/action.ts';
import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL, SLICE_MANAGER } from '../../model/endpoint-slice.ts';
import { canonicalJson } from '../../model/hash.ts';
import { type Endpoint, type EndpointSlicePort, keyOf, type StoredOf } from '../../model/resource.ts';
import { isHeadless, selectsPods } from '../../model/service.ts';
import { fromRfc3339 } from '../../model/time.ts';
import type { Plan } from '../../runtime/controller.ts';
import { planEndpoints } from '../endpoints/plan.ts';
import { isActive, isReady, isUnseen } from '../pods.ts';
import { endpointOf, isEndpoint, portsOf } from './endpoint.ts';
import { HEADLESS_LABEL, ownLabels } from './names.ts';
import { type PortGroup, planSlices } from './pack.ts';

type Service = StoredOf<'Service'>;

/** Kubernetes' default (`--max-endpoints-per-slice`). */
export const MAX_ENDPOINTS_PER_SLICE = 100;

/**
 * How long a new Service waits to be told of pods that are on nodes already. After a lost store they run and serve, and nobody has said so
 * yet: a slice without them would take them out of service.
 */
const UNKNOWN_PODS_WAIT_MS = 30_000;

/** What is known around a Service. */
export interface ServiceObserved {
  /** Those that the selector matches, by name. */
  readonly pods: readonly StoredOf<'Pod'>[];
  /** The zones of the nodes that are in one, by the node's name. */
  readonly zones: ReadonlyMap<string, string>;
  /** The slices that the Service owns, by name. */
  readonly slices: readonly StoredOf<'EndpointSlice'>[];
  /** The Endpoints of the Service's name, whoever wrote them. */
  readonly endpoints: StoredOf<'Endpoints'> | undefined;
  /** Whether the namespace has a slice of this name. */
  readonly isTaken: (name: string) => boolean;
}

/** What is to be done about the endpoints of a Service. Terminating pods are in slices, and in no Endpoints. */
export function planService(service: Service, observed: ServiceObserved, now: number): Plan<'Service'> {
  const { slices, endpoints, pods } = observed;
  if (service.metadata.deletionTimestamp !== undefined) return { actions: [] };
  if (!selectsPods(service.spec)) return { actions: withdrawal(service, observed) };
  const waitMs = fromRfc3339(service.metadata.creationTimestamp) + UNKNOWN_PODS_WAIT_MS - now;
  if (slices.length === 0 && waitMs > 0 && pods.some(isUnknown)) return { actions: [], checkAgainAfterMs: waitMs };
  const serving = pods.filter(isEndpoint);
  return {
    actions: [
      ...planSlices(slices, groupsOf(service, serving, observed.zones), {
        owner: service,
        labels: sliceLabels(service),
        maxEndpoints: MAX_ENDPOINTS_PER_SLICE,
        isTaken: observed.isTaken,
      }),
      ...planEndpoints(service, serving, endpoints),
    ],
  };
}

/** Whether it may serve although nobody says so: its node has not spoken of it, or it is older than the store and was not probed since. */
function isUnknown(pod: StoredOf<'Pod'>): boolean {
  if (!isActive(pod)) return false;
  const { startTime } = pod.status ?? {};
  const isOlder = startTime !== undefined && fromRfc3339(startTime) < fromRfc3339(pod.metadata.creationTimestamp);
  return isUnseen(pod) || (isOlder && !isReady(pod));
}

function sliceLabels(service: Service): Record<string, string> {
  return {
    ...ownLabels(service.metadata.labels),
    ...(isHeadless(service.spec) ? { [HEADLESS_LABEL]: '' } : {}),
    [SERVICE_NAME_LABEL]: service.metadata.name,
    [MANAGED_BY_LABEL]: SLICE_MANAGER,
  };
}

function groupsOf(service: Service, pods: readonly StoredOf<'Pod'>[], zones: ReadonlyMap<string, string>): readonly PortGroup[] {
  const groups = new Map<string, { ports: readonly EndpointSlicePort[]; endpoints: Endpoint[] }>();
  for (const pod of pods) {
    const ports = portsOf(pod, service);
    const key = canonicalJson(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    group.endpoints.push(endpointOf(pod, service, zones.get(pod.spec.nodeName ?? '')));
  }
  return [...groups.values()].map((group): PortGroup => ({ addressType: 'IPv4', ...group }));
}

/** A Service that selects no pods any more: what was written for its pods must not stay, for their addresses go to others. */
function withdrawal(service: Service, { slices, endpoints }: ServiceObserved): Action[] {
  const isOurs = endpoints?.metadata.ownerReferences?.some(({ uid }) => uid === service.metadata.uid) === true;
  return [...slices, ...(isOurs ? [endpoints] : [])].map((object): Action => {
    const message = 'its Service selects no pods any more';
    return { type: 'delete', key: keyOf(object), uid: object.metadata.uid, reason: 'EndpointsChanged', message, isQuiet: true };
  });
}
