// All Ingresses that are served, their Services and pods → what the proxy of a node holds: configuration, maps, certificates, and backends
// with a place for each pod. Pure: the same objects give the same plan, but that a pod stays in the place that it has.

import { hashOf } from '../../model/hash.ts';
import { readCertificate } from '../../model/ingress/certificates.ts';
import { servicePort } from '../../model/ingress/findings.ts';
import { type Route, type RouteTable, routeTable, type ServedIngress } from '../../model/ingress/routes.ts';
import { usersOf } from '../../model/ingress/users.ts';
import type { IngressClass, Secret, Service, StoredOf } from '../../model/resource.ts';
import type { NodeNetwork } from '../node-network.ts';
import { type BackendRules, backendHead, serverLines, serverOptions } from './backend-text.ts';
import { certificateList } from './certificate-list.ts';
import { DEFAULT_PORTS, frameText, NOT_FOUND } from './configuration.ts';
import { type RoutedBackend, routingOf } from './routing.ts';
import { assignSlots, type Slot, targetsOf } from './slots.ts';

/** What a plan is made from. */
export interface IngressInput {
  readonly ingresses: readonly StoredOf<'Ingress'>[];
  readonly classes: readonly IngressClass[];
  service(namespace: string, name: string): Service | undefined;
  /** The slices of a Service. */
  slices(namespace: string, service: string): readonly StoredOf<'EndpointSlice'>[];
  secret(namespace: string, name: string): Secret | undefined;
  readonly node: Pick<NodeNetwork, 'dnsAddress' | 'ingress'>;
  /** What the proxy holds now; absent when it holds nothing. */
  readonly held?: HeldBackends | undefined;
  /** Answers for ACME servers: by token, the key authorization (RFC 8555, section 8.1). */
  readonly challenges?: ReadonlyMap<string, string> | undefined;
  /** Where the proxy's sockets and files are. */
  readonly directory: string;
}

/** The places of the backends, by name. */
export type HeldBackends = ReadonlyMap<string, readonly Slot[]>;

/** One backend. */
export interface BackendPlan {
  /** All but its servers. */
  readonly head: string;
  /** The whole text. */
  readonly text: string;
  /** Empty for one that leads to a name of the DNS. */
  readonly slots: readonly Slot[];
}

/** What the proxy of a node should hold. */
export interface IngressPlan {
  /** Changes with everything that takes a reload. */
  readonly revision: string;
  /** Files by name, without certificates, backends and answers for ACME servers. */
  readonly files: ReadonlyMap<string, string>;
  /** PEM texts by file name. They hold keys. */
  readonly certificates: ReadonlyMap<string, string>;
  readonly backends: ReadonlyMap<string, BackendPlan>;
  readonly challenges: ReadonlyMap<string, string>;
  /** Whether there is anything to serve; else the proxy does not run, and its ports are free. */
  readonly isNeeded: boolean;
}

/** Plans the proxy of a node. */
export function ingressPlan(input: IngressInput): IngressPlan {
  const table = routeTable(input.ingresses, input.classes);
  const certificates = certificateList(table.served, (namespace, name) => {
    const secret = input.secret(namespace, name);
    return secret === undefined ? undefined : readCertificate(secret);
  });
  const backends = new BackendPlanner(input, certificates.tlsHosts);
  const routed = table.routes.map((route): RoutedBackend => ({ route, backend: backends.of(route) }));
  const defaults = defaultBackends(table, backends);
  const routing = routingOf(routed, new Set(defaults.byHost.keys()));
  const settings = table.served.map((its) => its.settings);
  const configuration = frameText({
    node: input.node,
    directory: input.directory,
    routing,
    defaultBackend: defaults.overall ?? NOT_FOUND,
    longestTimeoutSeconds: Math.max(0, ...settings.flatMap((its) => [its.readTimeoutSeconds ?? 0, its.sendTimeoutSeconds ?? 0])),
    resolvesNames: backends.hasNames,
  });
  const files = new Map([
    ['haproxy.cfg', configuration],
    ['certificates.list', certificates.list],
    ['maps/hosts.map', routing.maps.hosts],
    ['maps/exact.map', routing.maps.exact],
    ['maps/regex.map', routing.maps.regex],
    ['maps/prefix.map', routing.maps.prefix],
    ['maps/defaults.map', [...defaults.byHost].map(([host, backend]) => `${host} ${backend}\n`).join('')],
  ]);
  return {
    revision: hashOf([[...files], backends.structure()], 12),
    files,
    certificates: certificates.files,
    backends: backends.plans,
    challenges: input.challenges ?? new Map(),
    isNeeded: table.served.length > 0,
  };
}

function defaultBackends(
  { defaults }: RouteTable,
  backends: BackendPlanner,
): { readonly byHost: ReadonlyMap<string, string>; readonly overall: string | undefined } {
  const byHost = new Map<string, string>();
  // An Ingress without rules is meant for everything.
  const [overall] = defaults.toSorted((one, other) => Math.min(one.hosts.length, 1) - Math.min(other.hosts.length, 1));
  const named = (entry: (typeof defaults)[number]): string =>
    backends.of({ owner: entry.owner, host: entry.hosts[0] ?? '', match: 'Prefix', path: '', target: entry.target });
  for (const entry of defaults)
    for (const host of entry.hosts) if (host !== '' && !byHost.has(host)) byHost.set(host, named(entry));
  return { byHost, overall: overall === undefined ? undefined : named(overall) };
}

/** Gathers the backends of routes; those that do the same are one. */
class BackendPlanner {
  readonly plans = new Map<string, BackendPlan>();
  hasNames = false;
  readonly #input: IngressInput;
  readonly #tlsHosts: ReadonlySet<string>;
  readonly #names = new Map<string, string>();
  readonly #options: string[] = [];

  constructor(input: IngressInput, tlsHosts: ReadonlySet<string>) {
    this.#input = input;
    this.#tlsHosts = tlsHosts;
  }

  /** The backend of a route, by name. */
  of(route: Route): string {
    const { owner, target } = route;
    const { settings } = owner;
    const tail = target.type === 'service' ? `${target.name}:${target.port}` : 'app-root';
    const base = shortened(`${owner.namespace}:${owner.name}:${tail}`);
    const rewrite = rewriteOf(route);
    const redirectsToTls = settings.forcesTls || (settings.redirectsToTls && hasTls(route.host, this.#tlsHosts));
    const key = JSON.stringify([base, rewrite, redirectsToTls]);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = this.#freeName(base);
    this.#names.set(key, name);
    this.#plan(name, route, { redirectsToTls, ...(rewrite === undefined ? {} : { rewrite }) });
    return name;
  }

  /** What a reload is needed for when it changes. */
  structure(): unknown {
    return [[...this.plans].map(([name, { head, slots }]) => [name, head, slots.length]), this.#options];
  }

  #freeName(base: string): string {
    let name = base;
    for (let index = 2; this.plans.has(name); index += 1) name = `${base}:${index}`;
    return name;
  }

  #plan(name: string, { owner, target }: Route, part: Pick<BackendRules, 'redirectsToTls' | 'rewrite'>): void {
    const { namespace, settings } = owner;
    const service = target.type === 'service' ? this.#input.service(namespace, target.name) : undefined;
    const port = service === undefined || target.type !== 'service' ? undefined : servicePort(service, target.port);
    const external = target.type === 'service' ? externalOf(service, target.port) : undefined;
    if (external !== undefined) this.hasNames = true;
    const users = this.#users(owner);
    const rules: BackendRules = {
      settings,
      ...part,
      ...(target.type === 'app-root' ? { isAppRoot: true } : {}),
      ...(owner.findings.some(({ severity }) => severity === 'error') ? { isBroken: true } : {}),
      ...(users === undefined ? {} : { users }),
      ...(port?.appProtocol === 'kubernetes.io/h2c' ? { speaksH2: true } : {}),
      ...(external === undefined ? {} : { external }),
    };
    const slices = target.type === 'service' && port !== undefined ? this.#input.slices(namespace, target.name) : [];
    const hasSlots = target.type === 'service' && external === undefined;
    const slots = hasSlots ? assignSlots(this.#input.held?.get(name) ?? [], targetsOf(slices, port?.name ?? '')) : [];
    const { httpsPort } = this.#input.node.ingress ?? DEFAULT_PORTS;
    const head = backendHead(name, rules, httpsPort);
    this.#options.push(external === undefined ? serverOptions(rules) : serverLines([], rules));
    this.plans.set(name, { head, text: head + serverLines(slots, rules), slots });
  }

  /** Nobody comes in while the Secret is missing: the list is empty then. */
  #users({ namespace, settings: { auth } }: ServedIngress): BackendRules['users'] {
    if (auth === undefined) return undefined;
    const secret = this.#input.secret(auth.secret.namespace ?? namespace, auth.secret.name);
    return secret === undefined ? [] : usersOf(secret, auth);
  }
}

function externalOf(service: Service | undefined, port: string | number): BackendRules['external'] {
  const { type, externalName = '' } = service?.spec ?? {};
  if (service === undefined || type !== 'ExternalName' || externalName === '') return undefined;
  const number = typeof port === 'number' ? port : servicePort(service, port)?.port;
  return number === undefined ? undefined : { name: externalName.replace(/\.$/, ''), port: number };
}

/** The path is taken apart as the route compares it, and replaced as a whole, as ingress-nginx does. */
function rewriteOf({ owner, match, path }: Route): BackendRules['rewrite'] {
  const target = owner.settings.rewriteTarget;
  if (target === undefined || target === '') return undefined;
  const pattern = match === 'Regex' ? `(?i)^${path}.*$` : '^.*$';
  const plain = match === 'Regex' ? target : target.replace(/\$\d/g, '');
  return { pattern, target: plain.startsWith('/') || plain.startsWith('$') ? plain : `/${plain}` };
}

/** Whether a host of a route has a certificate of its own. */
function hasTls(host: string, tlsHosts: ReadonlySet<string>): boolean {
  return host !== '' && (tlsHosts.has(host) || tlsHosts.has(`*${host.slice(host.indexOf('.'))}`));
}

const LONGEST_NAME = 180;

/** Names are files too. */
function shortened(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 13)}-${hashOf(name, 12)}`;
}
