// Ingresses: tells at which addresses they are served, and what keeps them from being what they say. The proxies of the nodes are configured
// by the network room; this one only reports.
import type { Action } from '../../model/action.ts';
import { isConditionTrue } from '../../model/conditions.ts';
import { doorsOf, takenDoors } from '../../model/ingress/doors.ts';
import { findingsOf, type IngressFinding } from '../../model/ingress/findings.ts';
import { internalAddressOf, NETWORK_UNAVAILABLE } from '../../model/node.ts';
import { keyOf, type ResourceKey, type Stored, type StoredOf } from '../../model/resource.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { StoreReader } from '../../store/store.ts';

/** What the status and the events of an Ingress are made from. */
export interface IngressObserved {
  /** Addresses of the nodes whose proxies can serve it. */
  readonly addresses: readonly string[];
  readonly findings: readonly IngressFinding[];
  /** Messages of the events that it has already. */
  readonly told: ReadonlySet<string>;
}

const severities: Readonly<Record<IngressFinding['reason'], 'Normal' | 'Warning'>> = {
  NotServed: 'Normal',
  StandIn: 'Normal',
  Conflict: 'Warning',
  Unsupported: 'Warning',
  NoService: 'Warning',
  NoCertificate: 'Warning',
  NoUsers: 'Warning',
  DoorTaken: 'Warning',
};

function observe(store: StoreReader, ingress: StoredOf<'Ingress'>): IngressObserved {
  const namespace = ingress.metadata.namespace ?? 'default';
  return {
    addresses: store
      .list('Node')
      .filter(isServing)
      .flatMap((node) => internalAddressOf(node) ?? []),
    findings: findingsOf(ingress, {
      ingresses: store.list('Ingress'),
      classes: store.list('IngressClass'),
      service: (space, name) => store.get('Service', space, name),
      secret: (space, name) => store.get('Secret', space, name),
      takenDoors: takenDoors(doorsOf(store.list('Node')), store.list('Service')),
    }),
    told: new Set(
      store
        .list('Event', namespace)
        .filter((event) => event.involvedObject.uid === ingress.metadata.uid)
        .map(({ message }) => message),
    ),
  };
}

/** A node that is there and has a network. */
function isServing({ status }: StoredOf<'Node'>): boolean {
  return isConditionTrue(status?.conditions, 'Ready') && !isConditionTrue(status?.conditions, NETWORK_UNAVAILABLE);
}

function woken(changed: Stored, store: StoreReader): readonly ResourceKey[] {
  const { kind } = changed;
  if (kind === 'Node' || kind === 'IngressClass' || kind === 'Ingress') return store.list('Ingress').map(keyOf);
  if (kind === 'Service' && changed.status?.loadBalancer !== undefined) return store.list('Ingress').map(keyOf);
  if (kind !== 'Service' && kind !== 'Secret') return [];
  return store.list('Ingress', changed.metadata.namespace ?? 'default').map(keyOf);
}

/** Reports addresses and findings of Ingresses. */
export const ingressController: Controller<'Ingress', IngressObserved> = {
  name: 'ingress-controller',
  kind: 'Ingress',
  wakes: woken,
  observe,
  plan(ingress, { addresses, findings, told }) {
    const isServed = !findings.some(({ reason }) => reason === 'NotServed');
    const known = [...new Set(addresses)].toSorted();
    const status =
      isServed && known.length > 0 ? { loadBalancer: { ingress: known.map((ip) => ({ ip })) } } : { loadBalancer: {} };
    const actions = findings
      .filter(({ message }) => !told.has(message))
      .map(({ reason, message }): Action => ({ type: 'report', severity: severities[reason], reason, message }));
    // One that somebody else serves has the status that that one gives it.
    return isServed || ingress.status !== undefined ? { actions, status } : { actions };
  },
};
