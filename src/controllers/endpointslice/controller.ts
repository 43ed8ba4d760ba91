// Endpoints of Services: keeps the EndpointSlices and the Endpoints of every Service equal to the pods that its selector matches, within
// milliseconds of a pod's change. Where traffic goes is for the network; it reads what is written here.
import { serviceNameOf } from '../../model/endpoint-slice.ts';
import { ZONE_LABEL } from '../../model/node.ts';
import { keyOf, type ResourceKey, type Stored, type StoredOf } from '../../model/resource.ts';
import { selectsPods } from '../../model/service.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { namespaceOf } from '../claims.ts';
import { isEndpoint } from './endpoint.ts';
import { planService, type ServiceObserved } from './plan.ts';

type Slice = StoredOf<'EndpointSlice'>;

function observeService(store: StoreReader, service: StoredOf<'Service'>): ServiceObserved {
  const namespace = namespaceOf(service);
  const pods = selectsPods(service.spec) ? store.podsWith(namespace, service.spec.selector ?? {}) : [];
  const zones = new Map<string, string>();
  for (const nodeName of new Set(pods.map(({ spec }) => spec.nodeName ?? ''))) {
    const node = store.get('Node', '', nodeName);
    const zone = node === undefined ? '' : zoneOf(node);
    if (zone !== '') zones.set(nodeName, zone);
  }
  return {
    pods,
    zones,
    slices: store.listOwned('EndpointSlice', service.metadata.uid),
    endpoints: store.get('Endpoints', namespace, service.metadata.name),
    isTaken: (name) => store.get('EndpointSlice', namespace, name) !== undefined,
  };
}

/** The Services that select the pod, and those that selected it before it changed: their slices hold it still. */
function wokenByPod(pod: StoredOf<'Pod'>, before: Stored | undefined, store: StoreReader): readonly ResourceKey[] {
  const states = before?.kind === 'Pod' ? [before, pod] : [pod];
  const names = new Set<string>();
  for (const state of states) {
    // What is no endpoint concerns nobody.
    if (!isEndpoint(state)) continue;
    for (const { spec, metadata } of store.servicesSelecting(namespaceOf(state), state.metadata.labels ?? {}))
      if (selectsPods(spec)) names.add(metadata.name);
  }
  return [...names].map((name) => ({ kind: 'Service', namespace: namespaceOf(pod), name }));
}

/** The Services with an endpoint on the node that is said to be in another zone than the node. Nodes tell of themselves often, and seldom move. */
function wokenByNode(node: StoredOf<'Node'>, before: Stored | undefined, store: StoreReader): readonly ResourceKey[] {
  const zone = zoneOf(node);
  if (before !== undefined && zoneOf(before) === zone) return [];
  const { name } = node.metadata;
  return store
    .list('EndpointSlice')
    .filter(({ endpoints }) => endpoints?.some((one) => one.nodeName === name && (one.zone ?? '') !== zone) === true)
    .flatMap((slice) => serviceKeyOf(slice));
}

function zoneOf({ metadata }: Stored): string {
  return metadata.labels?.[ZONE_LABEL] ?? '';
}

function serviceKeyOf(slice: Slice): readonly ResourceKey[] {
  const name = serviceNameOf(slice);
  return name === undefined ? [] : [{ kind: 'Service', namespace: namespaceOf(slice), name }];
}

/** The EndpointSlice controller and the Endpoints controller (Kubernetes, "EndpointSlices"). */
export const endpointSliceController: Controller<'Service', ServiceObserved> = {
  name: 'endpoint-slice-controller',
  kind: 'Service',
  wakes(changed, store, before) {
    if (changed.kind === 'Pod') return wokenByPod(changed, before, store);
    if (changed.kind === 'Node') return wokenByNode(changed, before, store);
    if (changed.kind === 'EndpointSlice') return serviceKeyOf(changed);
    return changed.kind === 'Endpoints' ? [{ ...keyOf(changed), kind: 'Service' }] : [];
  },
  observe: observeService,
  plan: planService,
};
