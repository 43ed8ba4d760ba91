// The routes of all Ingresses that Holdfast serves, as one table (Kubernetes, "Ingress rules", "Path types"). Of all routes whose host and
// path match a request, that of the most specific host counts: its own before a wildcard before none; among these an exact path before the
// longest. Where two Ingresses have the same host and path, the older one counts, as with ingress-nginx. Pure.
import type { Ingress, IngressBackend, IngressClass, Stored, StoredOf } from '../resource.ts';
import { type AnnotationFinding } from './annotation-reader.ts';
import { readAnnotations } from './annotations.ts';
import { servingOf } from './class.ts';
import type { IngressSettings } from './settings.ts';

/** How a route's path is compared: as a whole, element by element, or as a regular expression from its beginning. */
export type Match = 'Exact' | 'Prefix' | 'Regex';

/** An Ingress that is served. */
export interface ServedIngress {
  readonly ingress: StoredOf<'Ingress'>;
  readonly namespace: string;
  readonly name: string;
  readonly settings: IngressSettings;
  /** What its annotations ask for in vain; with an error among them its routes answer 503. */
  readonly findings: readonly AnnotationFinding[];
}

/** Where a route leads. */
export type Target =
  | { readonly type: 'service'; readonly name: string; readonly port: string | number }
  /** The root of a host is sent to the path that app-root names. */
  | { readonly type: 'app-root' };

/** One line of the table. */
export interface Route {
  readonly owner: ServedIngress;
  /** A host, `*.` and a domain for one more label, or nothing for all hosts. */
  readonly host: string;
  readonly match: Match;
  /** Percent-encoding is taken off. A prefix has no slash at its end: the root is empty. */
  readonly path: string;
  readonly target: Target;
}

/** Where requests go that no route takes. */
export interface DefaultRoute {
  readonly owner: ServedIngress;
  /** The hosts of the Ingress; empty when it has no rules. */
  readonly hosts: readonly string[];
  readonly target: Target;
}

/** A route that is not in the table, and why. */
export interface LostRoute {
  readonly ingress: StoredOf<'Ingress'>;
  readonly reason: 'Conflict' | 'Unsupported';
  readonly message: string;
}

export interface RouteTable {
  /** The oldest first. */
  readonly served: readonly ServedIngress[];
  readonly routes: readonly Route[];
  readonly defaults: readonly DefaultRoute[];
  readonly lost: readonly LostRoute[];
}

const REGEX_CHARACTERS = /[()*+?[\]{}|^$\\]/;
/** What regular expressions may be made of, so that they mean the same in every engine; no look-behind, no flags. */
const SAFE_REGEX =
  /^(?:[\w/.*+?()|^$\-~%,:;=@!&{}]|\\[^\sA-Za-z0-9]|\\[dwsbDWSB]|\[\^?(?:[\w/.*+?()|^$\-~%,:;=@!&{}]|\\[^\sA-Za-z0-9]|\\[dwsDWS])+\])*$/;

/** The table of all Ingresses. */
export function routeTable(ingresses: readonly StoredOf<'Ingress'>[], classes: readonly IngressClass[]): RouteTable {
  const served = ingresses.toSorted(byAge).flatMap((ingress) => servedIngress(ingress, classes));
  const routes = new Map<string, Route>();
  const lost: LostRoute[] = [];
  const add = (route: Route): void => {
    const key = `${route.match} ${route.host}${route.path}`;
    const other = routes.get(key);
    if (other === undefined) routes.set(key, route);
    else if (other.owner !== route.owner)
      lost.push({ ingress: route.owner.ingress, reason: 'Conflict', message: conflict(route, other) });
  };
  for (const owner of served) for (const route of routesOf(owner, lost)) add(route);
  return { served, routes: [...routes.values()], defaults: served.flatMap(defaultsOf), lost };
}

function servedIngress(ingress: StoredOf<'Ingress'>, classes: readonly IngressClass[]): readonly ServedIngress[] {
  if (!servingOf(ingress, classes).isServed) return [];
  const { namespace = 'default', name, annotations } = ingress.metadata;
  return [{ ingress, namespace, name, ...readAnnotations(annotations) }];
}

/** The oldest first; those of one moment by namespace and name. */
function byAge(one: Stored<Ingress>, other: Stored<Ingress>): number {
  const [left, right] = [one, other].map(
    ({ metadata }) => `${metadata.creationTimestamp} ${metadata.namespace ?? 'default'}/${metadata.name}`,
  ) as [string, string];
  return left < right ? -1 : left > right ? 1 : 0;
}

function* routesOf(owner: ServedIngress, lost: LostRoute[]): Generator<Route> {
  const { spec } = owner.ingress;
  const { appRoot } = owner.settings;
  for (const { host = '', http } of spec.rules ?? []) {
    if (appRoot !== undefined) yield { owner, host, match: 'Exact', path: '/', target: { type: 'app-root' } };
    for (const { path = '', pathType, backend } of http?.paths ?? []) {
      const target = targetOf(backend);
      const compared = target === undefined ? resourceBackend : comparison(path === '' ? '/' : path, pathType, owner.settings);
      if (typeof compared === 'string')
        lost.push({ ingress: owner.ingress, reason: 'Unsupported', message: `path "${path}": ${compared}` });
      else if (target !== undefined) yield { owner, host, ...compared, target };
    }
  }
}

const resourceBackend = 'its backend is a resource, and Holdfast leads to Services only';

function targetOf({ service }: IngressBackend): Target | undefined {
  const port = service?.port?.name ?? service?.port?.number;
  return service === undefined || port === undefined ? undefined : { type: 'service', name: service.name, port };
}

/** How a path is compared, or why it cannot be. */
export function comparison(
  path: string,
  pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific',
  settings: Pick<IngressSettings, 'usesRegex' | 'rewriteTarget'>,
): Pick<Route, 'match' | 'path'> | string {
  const isPattern = settings.usesRegex || (settings.rewriteTarget !== undefined && REGEX_CHARACTERS.test(path));
  if (isPattern && pathType !== 'Exact')
    return isSafeRegex(path) ? { match: 'Regex', path } : 'is not a regular expression that Holdfast understands';
  const decoded = decode(path);
  if (/[\s\p{Cc}]/u.test(decoded)) return 'has blanks or control characters, which cannot be routed';
  return pathType === 'Exact' ? { match: 'Exact', path: decoded } : { match: 'Prefix', path: decoded.replace(/\/+$/, '') };
}

function isSafeRegex(path: string): boolean {
  if (!SAFE_REGEX.test(path) || /\(\?(?![:=!])/.test(path)) return false;
  try {
    return new RegExp(path) instanceof RegExp;
  } catch {
    return false;
  }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function defaultsOf(owner: ServedIngress): readonly DefaultRoute[] {
  const { defaultBackend, rules = [] } = owner.ingress.spec;
  const target = defaultBackend === undefined ? undefined : targetOf(defaultBackend);
  return target === undefined ? [] : [{ owner, hosts: [...new Set(rules.map(({ host = '' }) => host))], target }];
}

function conflict(route: Route, other: Route): string {
  const host = route.host === '' ? 'all hosts' : `host "${route.host}"`;
  const path = route.path === '' ? '/' : route.path;
  return `path "${path}" of ${host} is routed by ingress ${other.owner.namespace}/${other.owner.name}, which is older`;
}
