// Rules for the names and the resolver of a pod, and for the namespaces of the host (Kubernetes, validatePodDNSConfig and its like).
import type { PodDNSConfig, PodSpec } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required, tooLong } from '../report.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import { checkDnsLabel, checkDnsSubdomain, checkIp, checkSearchDomain } from './syntax.ts';

/** Limits of the C library. */
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;
/** The longest host name of Linux. */
const MAX_HOST_NAME = 64;

const BESIDE_LOOPBACK =
  'on a host whose own resolver listens on its loopback alone they take the place of its servers, instead of following them';

/** Host name, hosts file, resolver and host namespaces. */
export function checkPodNetwork(spec: PodSpec, path: Path, report: Report): void {
  holdsIfGiven(spec.hostname, checkDnsLabel, [...path, 'hostname'], report);
  holdsIfGiven(spec.subdomain, checkDnsLabel, [...path, 'subdomain'], report);
  checkHostNameOverride(spec, path, report);
  for (const [{ ip, hostnames }, here] of eachOf(spec.hostAliases, [...path, 'hostAliases'])) {
    holds(checkIp(ip), ip, [...here, 'ip'], report);
    for (const [name, place] of eachOf(hostnames, [...here, 'hostnames'])) holds(checkDnsSubdomain(name), name, place, report);
  }
  checkResolver(spec, [...path, 'dnsConfig'], report);
  if (spec.hostUsers === false)
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC'] as const)
      if (spec[field] === true) report([...path, field], 'Invalid', forbidden('when `pod.Spec.HostUsers` is false'));
}

function checkHostNameOverride({ hostnameOverride: name, ...spec }: PodSpec, path: Path, report: Report): void {
  if (name === undefined) return;
  const here = [...path, 'hostnameOverride'];
  if (name.length > MAX_HOST_NAME) report(here, 'Invalid', tooLong(MAX_HOST_NAME));
  holds(checkDnsSubdomain(name), name, here, report);
  if (spec.hostNetwork === true) report(here, 'Invalid', forbidden('may not be specified when hostNetwork is true'));
  if (spec.setHostnameAsFQDN === true)
    report([...path, 'setHostnameAsFQDN'], 'Invalid', forbidden('may not be specified when hostnameOverride is set'));
}

function checkResolver(
  { dnsPolicy = 'ClusterFirst', dnsConfig, hostNetwork = false }: PodSpec,
  path: Path,
  report: Report,
): void {
  if (dnsPolicy === 'None' && dnsConfig === undefined)
    report(path, 'Required', required('must provide `dnsConfig` when `dnsPolicy` is None'));
  else if (dnsPolicy === 'None' && dnsConfig?.nameservers === undefined)
    report([...path, 'nameservers'], 'Required', required('must provide at least one DNS nameserver when `dnsPolicy` is None'));
  if (dnsConfig !== undefined) checkDnsConfig(dnsConfig, path, report);
  const isOfHost = dnsPolicy === 'Default' || (dnsPolicy === 'ClusterFirst' && hostNetwork);
  if (isOfHost && dnsConfig?.nameservers !== undefined) report([...path, 'nameservers'], 'NoEffect', BESIDE_LOOPBACK, 'note');
}

function checkDnsConfig({ nameservers = [], searches = [] }: PodDNSConfig, path: Path, report: Report): void {
  const tell = (field: string, value: unknown, fault: string): void => report([...path, field], 'Invalid', invalid(value, fault));
  if (nameservers.length > MAX_NAMESERVERS)
    tell('nameservers', nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`);
  for (const [address, here] of eachOf(nameservers, [...path, 'nameservers'])) holds(checkIp(address), address, here, report);
  if (searches.length > MAX_SEARCHES) tell('searches', searches, `must not have more than ${MAX_SEARCHES} search paths`);
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS)
    tell(
      'searches',
      searches,
      `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`,
    );
  for (const [domain, here] of eachOf(searches, [...path, 'searches'])) holds(checkSearchDomain(domain), domain, here, report);
}
