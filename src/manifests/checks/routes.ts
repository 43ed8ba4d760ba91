// Hosts and paths that two Ingresses route.
import type { HTTPIngressPath, Ingress } from '../../model/resource.ts';
import type { ObjectSet, Spot, Tell } from './object-set.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
/** A second Ingress for a part of the requests of a first one. */
const CANARY_ANNOTATION = 'nginx.ingress.kubernetes.io/canary';

interface Route extends Spot {
  readonly entry: HTTPIngressPath;
}

/** Ingresses of one class are one table of routes, whatever their namespaces: which of two equal entries counts is left to chance. */
export function checkRoutes(set: ObjectSet, tell: Tell): void {
  const routes = new Map<string, Route>();
  for (const at of set.ofKind('Ingress')) {
    const { metadata, spec } = at.resource;
    if (metadata.annotations?.[CANARY_ANNOTATION] === 'true') continue;
    for (const [index, { host = '', http }] of (spec.rules ?? []).entries()) {
      for (const [place, entry] of (http?.paths ?? []).entries()) {
        // None of the first three has a blank in it.
        const key = `${classOf(at.resource)} ${host} ${entry.pathType} ${pathOf(entry)}`;
        const other = routes.get(key);
        const route: Route = { at, path: ['spec', 'rules', index, 'http', 'paths', place, 'path'], entry };
        if (other === undefined) routes.set(key, route);
        else if (other.at !== at && !leadsTo(route, other)) {
          const where = `path "${pathOf(entry)}" (${entry.pathType}) of ${host === '' ? 'all hosts' : `host "${host}"`}`;
          const message = (name: string): string => `${where} is routed by ${name} already`;
          tell({ at, path: route.path, severity: 'error', reason: 'Conflict', message, other });
        }
      }
    }
  }
}

/** Whether two routes lead to the same place: then it does not matter which of them counts. */
function leadsTo(one: Route, other: Route): boolean {
  return (
    one.at.key.namespace === other.at.key.namespace &&
    JSON.stringify(backendOf(one.entry)) === JSON.stringify(backendOf(other.entry))
  );
}

function backendOf({ backend: { service, resource } }: HTTPIngressPath): readonly unknown[] {
  const { name, number } = service?.port ?? {};
  return [service?.name, name, number, resource?.apiGroup, resource?.kind, resource?.name];
}

function classOf({ metadata, spec }: Ingress): string {
  return spec.ingressClassName ?? metadata.annotations?.[CLASS_ANNOTATION] ?? '';
}

/** A prefix means the same with a slash at its end and without. */
function pathOf({ path = '', pathType }: HTTPIngressPath): string {
  return pathType === 'Prefix' && path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
