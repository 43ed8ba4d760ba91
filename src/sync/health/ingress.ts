// Whether an Ingress is served: it has an address, as Argo CD judges it, and what it leads to is there.
import { findCondition } from '../../model/conditions.ts';
import { readyEndpoints } from '../../model/endpoint-slice.ts';
import { doorsOf, takenDoors } from '../../model/ingress/doors.ts';
import { findingsOf, type IngressFinding } from '../../model/ingress/findings.ts';
import { NETWORK_UNAVAILABLE } from '../../model/node.ts';
import { displayKey, keyOf, type StoredOf } from '../../model/resource.ts';
import { isExternalName } from '../../model/service.ts';
import type { StoreReader } from '../../store/store.ts';
import { type Health, healthy, progressing } from './verdict.ts';

/** Findings that keep an Ingress from being what it says; the others are told by `why`. */
const grave: ReadonlySet<IngressFinding['reason']> = new Set(['NoService', 'Unsupported', 'DoorTaken']);

/** One that nobody here serves is as it will ever be. */
export function ingressHealth(ingress: StoredOf<'Ingress'>, reader: StoreReader): Health {
  const findings = ingressFindings(ingress, reader);
  if (findings.some(({ reason }) => reason === 'NotServed')) return healthy;
  const worst = findings.find(({ reason }) => grave.has(reason));
  if (worst !== undefined) return progressing(worst.message);
  const addresses = ingress.status?.loadBalancer?.ingress ?? [];
  return addresses.length > 0 ? healthy : progressing('no node serves it yet: it has no address');
}

/** What is to be told of an Ingress, as lines; and of nodes that could not be told of a change. */
export function ingressLines(ingress: StoredOf<'Ingress'>, reader: StoreReader): readonly string[] {
  const stale = reader.list('Node').flatMap(({ metadata, status }) => {
    const condition = findCondition(status?.conditions, NETWORK_UNAVAILABLE);
    return condition?.reason === 'NetworkStale' ? [`node ${metadata.name}: ${condition.message ?? ''}`] : [];
  });
  return [...ingressFindings(ingress, reader).map(({ message }) => message), ...nobodyLines(ingress, reader), ...stale];
}

/** Services that are there, and lead nowhere. */
function nobodyLines({ metadata, spec }: StoredOf<'Ingress'>, reader: StoreReader): readonly string[] {
  const namespace = metadata.namespace ?? 'default';
  const paths = (spec.rules ?? []).flatMap(({ http }) => http?.paths ?? []);
  const names = [spec.defaultBackend, ...paths.map(({ backend }) => backend)].map((backend) => backend?.service?.name ?? '');
  const slices = reader.list('EndpointSlice', namespace);
  return [...new Set(names)].flatMap((name) => {
    const service = name === '' ? undefined : reader.get('Service', namespace, name);
    if (service === undefined || isExternalName(service.spec) || readyEndpoints(slices, name).length > 0) return [];
    return [
      `${displayKey(keyOf(service))} leads nowhere, so that its routes answer 503: holdfast why ${displayKey(keyOf(service))} tells why`,
    ];
  });
}

function ingressFindings(ingress: StoredOf<'Ingress'>, reader: StoreReader): readonly IngressFinding[] {
  return findingsOf(ingress, {
    ingresses: reader.list('Ingress'),
    classes: reader.list('IngressClass'),
    service: (namespace, name) => reader.get('Service', namespace, name),
    secret: (namespace, name) => reader.get('Secret', namespace, name),
    takenDoors: takenDoors(doorsOf(reader.list('Node')), reader.list('Service')),
  });
}
