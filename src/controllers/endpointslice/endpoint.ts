// A pod as an endpoint of a Service (Kubernetes, "EndpointSlices": conditions, topology information; "Service": traffic distribution).
import type { Endpoint, EndpointHints, EndpointSlicePort, Service, StoredOf } from '../../model/resource.ts';
import { targetPortOf } from '../../model/service.ts';
import { isFinished, isReady, isTerminating } from '../pods.ts';

type Pod = StoredOf<'Pod'>;

/** The address of a pod; undefined while it has none. Pods on the network of their host have that one's. */
export function addressOf({ status }: Pod): string | undefined {
  const address = status?.podIP ?? status?.podIPs?.[0]?.ip ?? '';
  return address === '' ? undefined : address;
}

/** Whether a pod can be an endpoint: it has an address and has not ended. One that is about to end still is one. */
export function isEndpoint(pod: Pod): boolean {
  return !isFinished(pod) && addressOf(pod) !== undefined;
}

/**
 * The name of a pod below its Service, for DNS: only with `subdomain` equal to the name of the Service, which StatefulSets and careful
 * people set.
 */
export function hostnameOf({ spec }: Pod, service: StoredOf<'Service'>): string | undefined {
  const hostname = spec.hostname ?? '';
  return hostname !== '' && spec.subdomain === service.metadata.name ? hostname : undefined;
}

/** The endpoint; `zone` is that of the pod's node. The pod must be one. */
export function endpointOf(pod: Pod, service: StoredOf<'Service'>, zone: string | undefined): Endpoint {
  const serving = isReady(pod);
  const terminating = isTerminating(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const { nodeName = '' } = pod.spec;
  const hostname = hostnameOf(pod, service);
  const hints = ready ? hintsOf(service, nodeName, zone) : undefined;
  return {
    addresses: [addressOf(pod) ?? ''],
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === '' ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    ...(hints === undefined ? {} : { hints }),
    targetRef: {
      kind: 'Pod',
      namespace: pod.metadata.namespace ?? 'default',
      name: pod.metadata.name,
      uid: pod.metadata.uid,
    },
  };
}

function hintsOf({ spec }: Service, nodeName: string, zone: string | undefined): EndpointHints | undefined {
  if (spec.trafficDistribution === undefined) return undefined;
  const isNodeMeant = spec.trafficDistribution === 'PreferSameNode' && nodeName !== '';
  if (zone === undefined && !isNodeMeant) return undefined;
  return {
    ...(zone === undefined ? {} : { forZones: [{ name: zone }] }),
    ...(isNodeMeant ? { forNodes: [{ name: nodeName }] } : {}),
  };
}

/**
 * The ports of a Service as this pod serves them, in the order of the Service. A port whose name the pod does not have is left out, so that
 * pods with different ports end up in different slices.
 */
export function portsOf(pod: Pod, { spec }: Service): EndpointSlicePort[] {
  return (spec.ports ?? []).flatMap((servicePort): EndpointSlicePort[] => {
    const port = targetPortOf(servicePort, pod.spec);
    if (port === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return [{ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}
