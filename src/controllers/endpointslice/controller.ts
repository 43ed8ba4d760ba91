// Endpoints of Services: keeps the EndpointSlices and the Endpoints of every Service equal to the pods that its selector matches, within
// milliseconds of a pod's change. Where traffic goes is for the network; it reads what is written here.
import { keyOf, type ResourceKey, type StoredOf } from '../../model/resource.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';
import { namespaceOf } from '../claims.ts';
import { isEndpoint, ZONE_LABEL } from './endpoint.ts';
import { selectsPods, serviceNameOf } from './names.ts';
import { planService, type ServiceObserved } from './plan.ts';

type Slice = StoredOf<'EndpointSlice'>;

/** The uids of the objects that a slice holds. Slices never change, so they are counted once. */
const heldBy = new WeakMap<Slice, ReadonlySet<string>>();

function holds(slice: Slice, uid: string): boolean {
  let held = heldBy.get(slice);
  if (held === undefined) {
    held = new Set((slice.endpoints ?? []).flatMap(({ targetRef }) => targetRef?.uid ?? []));
    heldBy.set(slice, held);
  }
  return held.has(uid);
}

/** Matching by every label: the selector of a Service has nothing else. Not empty. */
function isSelected(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>> = {}): boolean {
  for (const name in selector) if (labels[name] !== selector[name]) return false;
  return true;
}

function observeService(store: StoreReader, service: StoredOf<'Service'>): ServiceObserved {
  const namespace = namespaceOf(service);
  const { selector = {} } = service.spec;
  const pods = selectsPods(service)
    ? store.list('Pod', namespace).filter(({ metadata }) => isSelected(selector, metadata.labels))
    : [];
  const zones = new Map<string, string>();
  for (const nodeName of new Set(pods.map(({ spec }) => spec.nodeName ?? ''))) {
    const zone = store.get('Node', '', nodeName)?.metadata.labels?.[ZONE_LABEL] ?? '';
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

/** The Services that select the pod, and those whose slices hold it still: its labels may have been others. */
function wokenByPod(pod: StoredOf<'Pod'>, store: StoreReader): readonly ResourceKey[] {
  const namespace = namespaceOf(pod);
  const names = new Set<string>();
  for (const slice of store.list('EndpointSlice', namespace)) {
    const name = holds(slice, pod.metadata.uid) ? serviceNameOf(slice) : undefined;
    if (name !== undefined) names.add(name);
  }
  // One that was never an endpoint and is none now concerns nobody.
  if (isEndpoint(pod)) {
    for (const service of store.list('Service', namespace))
      if (selectsPods(service) && isSelected(service.spec.selector ?? {}, pod.metadata.labels)) names.add(service.metadata.name);
  }
  return [...names].map((name) => ({ kind: 'Service', namespace, name }));
}

/** The Services with an endpoint on the node that is said to be in another zone than the node. */
function wokenByNode({ metadata }: StoredOf<'Node'>, store: StoreReader): readonly ResourceKey[] {
  const zone = metadata.labels?.[ZONE_LABEL] ?? '';
  return store
    .list('EndpointSlice')
    .filter(({ endpoints }) => endpoints?.some((one) => one.nodeName === metadata.name && (one.zone ?? '') !== zone) === true)
    .flatMap((slice) => serviceKeyOf(slice));
}

function serviceKeyOf(slice: Slice): readonly ResourceKey[] {
  const name = serviceNameOf(slice);
  return name === undefined ? [] : [{ kind: 'Service', namespace: namespaceOf(slice), name }];
}

/** The EndpointSlice controller and the Endpoints controller (Kubernetes, "EndpointSlices"). */
export const endpointSliceController: Controller<'Service', ServiceObserved> = {
  name: 'endpoint-slice-controller',
  kind: 'Service',
  wakes(changed, store) {
    if (changed.kind === 'Pod') return wokenByPod(changed, store);
    if (changed.kind === 'Node') return wokenByNode(changed, store);
    if (changed.kind === 'EndpointSlice') return serviceKeyOf(changed);
    return changed.kind === 'Endpoints' ? [{ ...keyOf(changed), kind: 'Service' }] : [];
  },
  observe: observeService,
  plan: planService,
};
