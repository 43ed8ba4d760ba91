// The resolver of a pod (Kubernetes, "DNS for Services and Pods": Pod's DNS policy and config). Where the cluster has DNS, the sandbox's own
// program writes /etc/resolv.conf before anything else: the engine would put its own resolver there, which is one hop more, and its own
// search list. All containers of the pod share that file. On the host's network the engine writes a copy of its own as it is told. Pure.
import { CLUSTER_DOMAIN } from '../../model/cluster-domain.ts';
import type { PodDNSConfigOption, StoredOf } from '../../model/resource.ts';
import type { ResolverSettings } from '../engine/container-engine.ts';

/** Limits of the C library, which Kubernetes keeps. */
const MAX_SERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;
const CLUSTER_OPTIONS = ['ndots:5'];
const RESOLVER_FILE = '/etc/resolv.conf';

/** What is known of names on this node. */
export interface ResolverFacts {
  /** Absent when the engine resolves the names of pods. */
  readonly network?: { readonly dnsAddress: string };
  /** The resolver of the host. */
  readonly hostResolver?: ResolverSettings;
  /** Whether DNS of the cluster is not to be had, so that the engine resolves after all. */
  readonly isWithoutNames?: boolean;
}

/** The resolver that the engine gives a pod's sandbox; undefined leaves all to the engine. */
export function resolverOf(pod: StoredOf<'Pod'>, facts: ResolverFacts = {}): ResolverSettings | undefined {
  const { dnsConfig = {}, dnsPolicy, hostNetwork } = pod.spec;
  const whole = podResolver(pod, facts);
  // Without wishes of its own, such a pod has what the engine copies from its host.
  const isAsHost = hostNetwork === true && !isOfCluster(pod) && dnsPolicy !== 'None' && Object.keys(dnsConfig).length === 0;
  if (whole !== undefined && !isAsHost) return hostNetwork === true ? whole : undefined;
  const base = isOfCluster(pod) ? clusterSearches(pod) : [];
  const servers = [...new Set(dnsConfig.nameservers)].slice(0, MAX_SERVERS);
  const searches = fitting([...base, ...(dnsConfig.searches ?? [])]);
  const options = merged(isOfCluster(pod) ? CLUSTER_OPTIONS : [], dnsConfig.options);
  const settings: ResolverSettings = {
    ...(servers.length === 0 ? {} : { servers }),
    ...(searches.length === 0 && dnsPolicy !== 'None' ? {} : { searches }),
    ...(options.length === 0 ? {} : { options }),
  };
  return Object.keys(settings).length === 0 ? undefined : settings;
}

/**
 * What the program of a pod's sandbox is started with, so that it writes the resolver file: the path, the text, and two words that tell this
 * from its other uses. Empty when the file stays as the engine makes it.
 */
export function resolverArgs(pod: StoredOf<'Pod'>, facts: ResolverFacts): readonly string[] {
  const whole = pod.spec.hostNetwork === true ? undefined : podResolver(pod, facts);
  return whole === undefined ? [] : [RESOLVER_FILE, resolverText(whole), 'resolv.conf', 'written'];
}

/** The text of a resolver file (resolv.conf(5)). */
export function resolverText({ servers = [], searches = [], options = [] }: ResolverSettings): string {
  const lines = [
    ...servers.map((server) => `nameserver ${server}`),
    ...(searches.length === 0 ? [] : [`search ${searches.join(' ')}`]),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** The whole resolver of a pod where the cluster has DNS; undefined when the engine knows better what its host has. */
export function podResolver(pod: StoredOf<'Pod'>, facts: ResolverFacts): Required<ResolverSettings> | undefined {
  const { network, hostResolver, isWithoutNames = false } = facts;
  if (network === undefined || isWithoutNames) return undefined;
  const { dnsConfig = {}, dnsPolicy } = pod.spec;
  const host = isReachable(hostResolver) ? hostResolver : undefined;
  if (!isOfCluster(pod) && dnsPolicy !== 'None' && host === undefined) return undefined;
  const base: ResolverSettings = isOfCluster(pod)
    ? {
        servers: [network.dnsAddress],
        searches: [...clusterSearches(pod), ...(hostResolver?.searches ?? [])],
        options: CLUSTER_OPTIONS,
      }
    : dnsPolicy === 'None'
      ? {}
      : (host ?? {});
  return {
    servers: [...new Set([...(base.servers ?? []), ...(dnsConfig.nameservers ?? [])])].slice(0, MAX_SERVERS),
    searches: fitting([...(base.searches ?? []), ...(dnsConfig.searches ?? [])]),
    options: merged(base.options ?? [], dnsConfig.options),
  };
}

/** Whether pods can ask the host's own servers: not those on its loopback, which are not theirs. */
function isReachable(resolver: ResolverSettings | undefined): resolver is ResolverSettings {
  const { servers = [] } = resolver ?? {};
  return servers.length > 0 && !servers.some((server) => server.startsWith('127.') || server === '::1');
}

/** On the host's network, ClusterFirst means the host's resolver, as the name of the other policy says. */
function isOfCluster({ spec: { dnsPolicy = 'ClusterFirst', hostNetwork } }: StoredOf<'Pod'>): boolean {
  return dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && hostNetwork !== true);
}

function clusterSearches({ metadata: { namespace = 'default' } }: StoredOf<'Pod'>): readonly string[] {
  return [`${namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN];
}

/** The first domains that fit, each once. */
function fitting(domains: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const domain of [...new Set(domains)].slice(0, MAX_SEARCHES)) {
    if ([...kept, domain].join(' ').length > MAX_SEARCH_CHARACTERS) break;
    kept.push(domain);
  }
  return kept;
}

/** Options of the pod replace those of the same name. */
function merged(base: readonly string[], own: readonly PodDNSConfigOption[] = []): readonly string[] {
  const nameOf = (option: string): string => option.split(':')[0] ?? option;
  const options = new Map(base.map((option) => [nameOf(option), option]));
  for (const { name, value } of own) options.set(name, value === undefined || value === '' ? name : `${name}:${value}`);
  return [...options.values()];
}
