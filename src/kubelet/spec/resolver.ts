// The resolver of a pod (Kubernetes, "DNS for Services and Pods": Pod's DNS policy and config). The engine's own resolver answers until a
// cluster has one; search domains and options are those of Kubernetes from the start. Pure.
import type { PodDNSConfigOption, StoredOf } from '../../model/resource.ts';
import type { ResolverSettings } from '../engine/container-engine.ts';
import { CLUSTER_DOMAIN } from './namespaces.ts';

/** Limits of the C library, which Kubernetes keeps. */
const MAX_SERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;
const CLUSTER_OPTIONS: readonly PodDNSConfigOption[] = [{ name: 'ndots', value: '5' }];

/** The resolver of a pod's sandbox; undefined leaves all to the engine. */
export function resolverOf(pod: StoredOf<'Pod'>): ResolverSettings | undefined {
  const { dnsConfig = {}, dnsPolicy = 'ClusterFirst', hostNetwork } = pod.spec;
  // On the host's network, ClusterFirst means the host's resolver, as the name of the other policy says.
  const isOfCluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && hostNetwork !== true);
  const namespace = pod.metadata.namespace ?? 'default';
  const base = isOfCluster ? [`${namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN] : [];
  const servers = [...new Set(dnsConfig.nameservers)].slice(0, MAX_SERVERS);
  const searches = fitting([...new Set([...base, ...(dnsConfig.searches ?? [])])]);
  const options = merged(isOfCluster ? CLUSTER_OPTIONS : [], dnsConfig.options);
  const isAlone = dnsPolicy === 'None';
  const settings: ResolverSettings = {
    ...(servers.length === 0 ? {} : { servers }),
    ...(searches.length === 0 && !isAlone ? {} : { searches }),
    ...(options.length === 0 ? {} : { options }),
  };
  return Object.keys(settings).length === 0 ? undefined : settings;
}

/** The first domains that fit. */
function fitting(domains: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const domain of domains.slice(0, MAX_SEARCHES)) {
    if ([...kept, domain].join(' ').length > MAX_SEARCH_CHARACTERS) break;
    kept.push(domain);
  }
  return kept;
}

/** Options of the pod replace those of the same name. */
function merged(base: readonly PodDNSConfigOption[], own: readonly PodDNSConfigOption[] = []): readonly string[] {
  const options = new Map([...base, ...own].map(({ name, value }) => [name, value]));
  return [...options].map(([name, value]) => (value === undefined || value === '' ? name : `${name}:${value}`));
}
