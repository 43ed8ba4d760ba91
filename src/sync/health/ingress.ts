// Whether an Ingress is served: it has an address, as Argo CD judges it, and what it leads to is there.
import { findCondition } from '../../model/conditions.ts';
import { findingsOf, type IngressFinding } from '../../model/ingress/findings.ts';
import type { StoredOf } from '../../model/resource.ts';
import type { StoreReader } from '../../store/store.ts';
import { type Health, healthy, progressing } from './verdict.ts';

/** Findings that keep an Ingress from being what it says; the others are told by `why`. */
const grave: ReadonlySet<IngressFinding['reason']> = new Set(['NoService', 'Unsupported']);

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
    const condition = findCondition(status?.conditions, 'NetworkUnavailable');
    return condition?.reason === 'NetworkStale' ? [`node ${metadata.name}: ${condition.message ?? ''}`] : [];
  });
  return [...ingressFindings(ingress, reader).map(({ message }) => message), ...stale];
}

function ingressFindings(ingress: StoredOf<'Ingress'>, reader: StoreReader): readonly IngressFinding[] {
  return findingsOf(ingress, {
    ingresses: reader.list('Ingress'),
    classes: reader.list('IngressClass'),
    service: (namespace, name) => reader.get('Service', namespace, name),
    secret: (namespace, name) => reader.get('Secret', namespace, name),
  });
}
