// Rules for the virtual addresses of a Service (Kubernetes, ValidateServiceClusterIPsRelatedFields), and what a cluster of one family, which
// is IPv4, says of the other one.
import type { ServiceSpec } from '../../model/resource.ts';
import { isHeadless } from '../../model/service.ts';
import type { Path } from '../place.ts';
import { duplicate, invalid, type Report } from '../report.ts';
import { checkIpAddress, familyOf } from './address.ts';
import { eachOf, holds } from './fault.ts';

/** Why nothing of IPv6 can be had. */
export const ONE_FAMILY = 'pods and Services have IPv4 addresses alone';

/** Tells that a value of the other family cannot be had, and what to do instead. */
export function refuseIpv6(value: string, path: Path, remedy: string, report: Report): void {
  report(path, 'UnsupportedField', `${JSON.stringify(value)} is not supported: ${ONE_FAMILY}; ${remedy}`);
}

/** What asks for IPv6 is refused; what would merely like it gets IPv4, as on every cluster of one family. */
export function checkFamilies(service: ServiceSpec, report: Report): void {
  const { ipFamilies, clusterIPs = [], ipFamilyPolicy, loadBalancerIP = '' } = service;
  for (const [family, here] of eachOf(ipFamilies, ['spec', 'ipFamilies']))
    if (family === 'IPv6') refuseIpv6(family, here, 'leave ipFamilies out', report);
  for (const [index, address] of clusterIPs.entries())
    if (familyOf(address) === 'IPv6' && ipFamilies?.includes('IPv6') !== true)
      refuseIpv6(address, addressPath(service, index), 'leave it out, or ask for an IPv4 address', report);
  if (familyOf(loadBalancerIP) === 'IPv6')
    refuseIpv6(loadBalancerIP, ['spec', 'loadBalancerIP'], 'leave it out, or ask for an IPv4 address', report);
  if (ipFamilyPolicy === 'PreferDualStack')
    report(['spec', 'ipFamilyPolicy'], 'NoEffect', `the Service gets an IPv4 address and no other: ${ONE_FAMILY}`, 'note');
}

/** Addresses and families, together. A Service of type ExternalName has none, which is judged with its type. */
export function checkClusterAddresses(service: ServiceSpec, report: Report): void {
  const { type, clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = service;
  if (type === 'ExternalName') return;
  const path: Path = ['spec', 'clusterIPs'];
  if (clusterIP === undefined && clusterIPs.length > 0)
    report(path, 'Invalid', invalid(clusterIPs, 'must be empty when `clusterIP` is not specified'));
  if (clusterIP !== undefined && clusterIPs[0] !== clusterIP)
    report(path, 'Invalid', invalid(clusterIPs, 'first value must match `clusterIP`'));
  for (const [family, here] of eachOf(ipFamilies, ['spec', 'ipFamilies']))
    if (ipFamilies.indexOf(family) !== here.at(-1)) report(here, 'Duplicate', duplicate(family));
  for (const [field, values] of Object.entries({ clusterIPs, ipFamilies }))
    if (ipFamilyPolicy === 'SingleStack' && values.length > 1)
      report(
        ['spec', 'ipFamilyPolicy'],
        'Invalid',
        invalid(ipFamilyPolicy, `must be RequireDualStack or PreferDualStack when multiple ${field} are specified`),
      );
  if (!areAddresses(service, report)) return;
  const families = clusterIPs.map(familyOf);
  if (clusterIPs.length > 2) report(path, 'Invalid', invalid(clusterIPs, 'may only hold up to 2 values'));
  if (clusterIPs.length > 1 && new Set(families).size !== clusterIPs.length)
    report(path, 'Invalid', invalid(clusterIPs, 'may specify no more than one IP for each IP family'));
  if (isHeadless(service)) return;
  for (const [index, family] of ipFamilies.entries())
    if (families[index] !== undefined && families[index] !== family)
      report(
        addressPath(service, index),
        'Invalid',
        invalid(clusterIPs[index], `expected an ${family} value as indicated by \`ipFamilies[${index}]\``),
      );
}

/** Whether every entry is an address, or the only one is None. */
function areAddresses(service: ServiceSpec, report: Report): boolean {
  const { clusterIPs = [] } = service;
  let areRight = true;
  for (const [index, address] of clusterIPs.entries()) {
    if (index === 0 && address === 'None') {
      if (clusterIPs.length === 1) continue;
      report(['spec', 'clusterIPs'], 'Invalid', invalid(clusterIPs, "'None' must be the first and only value"));
      areRight = false;
    } else if (!holds(checkIpAddress(address), address, addressPath(service, index), report)) areRight = false;
  }
  return areRight;
}

/** The first address is most often written as `clusterIP` alone. */
function addressPath({ clusterIP, clusterIPs = [] }: ServiceSpec, index: number): Path {
  return clusterIP === clusterIPs[0] && index === 0 ? ['spec', 'clusterIP'] : ['spec', 'clusterIPs', index];
}
