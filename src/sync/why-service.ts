// Why a Service leads where it does, or nowhere, as lines for a person. Pure.
import { findCondition, isConditionTrue } from '../model/conditions.ts';
import { readyEndpoints, SERVICE_NAME_LABEL } from '../model/endpoint-slice.ts';
import { NETWORK_UNAVAILABLE } from '../model/node.ts';
import { isFinished } from '../model/pod-phase.ts';
import { displayKey, keyOf, type StoredOf } from '../model/resource.ts';
import { matchesSelector } from '../model/selector.ts';
import { clusterAddressOf, hasSelector, isExternalName, isHeadless, nodePortsOf, targetPortOf } from '../model/service.ts';
import { announcersOf } from '../runtime/announcers.ts';
import type { StoreReader } from '../store/store.ts';
import { podHealth } from './health/pod.ts';
import { networkUnavailable } from './network-need.ts';
import { policiesInto } from './why-policy.ts';

/** Pods that are shown. */
const SHOWN_PODS = 10;

type Service = StoredOf<'Service'>;
type Pod = StoredOf<'Pod'>;

/** Its address, the pods behind it and what keeps the others away, and what its EndpointSlices say. */
export function serviceLines(service: Service, reader: StoreReader): readonly string[] {
  const { spec } = service;
  if (isExternalName(spec)) return [`it is another name for ${spec.externalName ?? ''}`];
  const missing = networkUnavailable(reader.list('Node'));
  return [
    addressLine(service),
    ...announcedLines(service, reader),
    ...(missing === undefined ? [] : [`no node leads anything to it: ${missing}`]),
    ...(hasSelector(spec) ? podLines(service, reader) : handLines(service, reader)),
  ];
}

function addressLine(service: Service): string {
  const { spec } = service;
  const ports = (spec.ports ?? []).map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`).join(', ');
  const at = isHeadless(spec)
    ? 'it has no address of its own: its name stands for the addresses of its pods'
    : `it has the address ${clusterAddressOf(service) ?? '(none yet)'}`;
  const nodePorts = nodePortsOf(service);
  const outside = [
    ...(nodePorts.length === 0 ? [] : [`node port ${nodePorts.join(', ')}`]),
    ...(spec.externalIPs ?? []),
    ...(service.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname = '' }) => ip ?? hostname),
  ];
  return `${at}${ports === '' ? '' : `, port ${ports}`}${outside.length === 0 ? '' : `; from outside ${outside.join(', ')}`}`;
}

/** Who answers for its addresses in the hosts' own subnets, and what keeps that one's host from being changed. */
function announcedLines(service: Service, reader: StoreReader): readonly string[] {
  return [...announcersOf(reader, service)].map(([address, announcer]) => {
    if (!('node' in announcer)) return `no node answers for ${address}: ${announcer.nobody}`;
    const network = findCondition(reader.get('Node', '', announcer.node)?.status?.conditions, NETWORK_UNAVAILABLE);
    const fault = network?.reason === 'NetworkStale' ? `; its network cannot be changed just now: ${network.message}` : '';
    return `node ${announcer.node} answers for ${address} in its subnet${fault}`;
  });
}

function podLines(service: Service, reader: StoreReader): readonly string[] {
  const { spec, metadata } = service;
  const namespace = metadata.namespace ?? 'default';
  const selector = spec.selector ?? {};
  const text = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
  const pods = reader
    .list('Pod', namespace)
    .filter((pod) => matchesSelector({ matchLabels: selector }, pod.metadata.labels) && !isFinished(pod));
  if (pods.length === 0) return [`it leads nowhere: no pod in namespace "${namespace}" has the labels ${text}`];
  const ready = pods.filter(isReady);
  const isSpared = spec.publishNotReadyAddresses === true;
  const head =
    ready.length === 0 && !isSpared
      ? `it leads nowhere: ${pods.length === 1 ? 'the only pod' : `none of the ${pods.length} pods`} with the labels ${text} is${pods.length === 1 ? ' not' : ''} ready`
      : `pods with the labels ${text}: ${pods.length}, ready ${ready.length}${isSpared ? '; it leads to the others too' : ''}`;
  return [
    head,
    ...unreadyLines(pods, reader),
    ...portLines(service, pods),
    ...sliceLines(service, ready, reader),
    ...restrictionLines(pods, reader),
  ];
}

/** Who is kept away waits in vain, which looks as if nobody were there. */
function restrictionLines(pods: readonly Pod[], reader: StoreReader): readonly string[] {
  const names = policiesInto(pods, reader);
  const [pod] = pods;
  if (names.length === 0 || pod === undefined) return [];
  const policies = names.map((name) => `networkpolicy/${name}`).join(', ');
  return [`whom its pods answer is restricted by ${policies}: holdfast why ${displayKey(keyOf(pod))} tells who is let in`];
}

function isReady({ status, metadata }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && isConditionTrue(status?.conditions, 'Ready');
}

function unreadyLines(pods: readonly Pod[], reader: StoreReader): readonly string[] {
  const unready = pods.filter((pod) => !isReady(pod));
  const lines = unready.slice(0, SHOWN_PODS).map((pod) => {
    const { state, message } = podHealth(pod, reader);
    const isGoing = pod.metadata.deletionTimestamp !== undefined;
    const why = isGoing ? 'it is being deleted' : message === '' ? state : message;
    return `  ${displayKey(keyOf(pod))} is not ready: ${why}`;
  });
  const rest = unready.length - lines.length;
  return rest > 0 ? [...lines, `  and ${rest} more pods`] : lines;
}

/** Ports by a name that the pods do not have. */
function portLines({ spec }: Service, pods: readonly Pod[]): readonly string[] {
  return (spec.ports ?? []).flatMap((port) => {
    const lacking = pods.filter((pod) => targetPortOf(port, pod.spec) === undefined);
    if (lacking.length === 0) return [];
    const [first] = lacking;
    const who = lacking.length === pods.length ? 'no container of its pods has' : `no container of ${first?.metadata.name} has`;
    const { protocol = 'TCP', targetPort = '' } = port;
    return [`port ${port.port}/${protocol} leads nowhere: ${who} a ${protocol} port named "${targetPort}"`];
  });
}

function sliceLines(service: Service, ready: readonly Pod[], reader: StoreReader): readonly string[] {
  const count = sliceAddresses(service, reader);
  if (count > 0) return [`addresses in its EndpointSlices that take traffic: ${count}`];
  return ready.length === 0
    ? []
    : ['its EndpointSlices have no address yet: their controller has not seen that the pods are ready'];
}

/** How many addresses take traffic. */
function sliceAddresses({ metadata }: Service, reader: StoreReader): number {
  const endpoints = readyEndpoints(reader.list('EndpointSlice', metadata.namespace ?? 'default'), metadata.name);
  return new Set(endpoints.flatMap(({ addresses }) => addresses)).size;
}

/** Without a selector, somebody has to say where it leads. */
function handLines(service: Service, reader: StoreReader): readonly string[] {
  const { name, namespace = 'default' } = service.metadata;
  const count = sliceAddresses(service, reader);
  if (count > 0) return [`it has no selector; addresses in its EndpointSlices that take traffic: ${count}`];
  const endpoints = reader.get('Endpoints', namespace, name);
  const written = (endpoints?.subsets ?? []).flatMap(({ addresses = [] }) => addresses).length;
  const remedy = `an Endpoints named ${name}, or an EndpointSlice with the label ${SERVICE_NAME_LABEL}: ${name}`;
  return written > 0
    ? [`it has no selector; addresses in its Endpoints: ${written}, which are in no EndpointSlice yet`]
    : [`it leads nowhere: it has no selector, and nothing gives it addresses; write ${remedy}`];
}
