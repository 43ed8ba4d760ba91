// Rules for Endpoints and EndpointSlices (Kubernetes, ValidateEndpoints and pkg/apis/discovery/validation).
import type { Endpoint, EndpointAddress, EndpointPort, EndpointSlice, Endpoints } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { duplicate, type Report, required, tooMany } from '../report.ts';
import { checkIpAddress, checkNonSpecialIp, familyOf } from './address.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import { checkFullyQualifiedDomain } from './names.ts';
import { refuseIpv6 } from './service-address.ts';
import { checkDnsLabel, checkDnsSubdomain, checkPortNumber, checkQualifiedName, type Fault } from './syntax.ts';

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 100;

/** Addresses and ports of a Service, by hand. */
export function checkEndpoints({ subsets }: Endpoints, report: Report): void {
  for (const [{ addresses, notReadyAddresses, ports = [] }, here] of eachOf(subsets, ['subsets'])) {
    if (addresses === undefined && notReadyAddresses === undefined)
      report(here, 'Required', required('must specify `addresses` or `notReadyAddresses`'));
    for (const [address, place] of eachOf(addresses, [...here, 'addresses'])) checkAddress(address, place, report);
    for (const [address, place] of eachOf(notReadyAddresses, [...here, 'notReadyAddresses']))
      checkAddress(address, place, report);
    for (const [port, place] of eachOf(ports, [...here, 'ports'])) checkPort(port, ports.length > 1, place, report);
  }
}

function checkAddress({ ip, hostname, nodeName }: EndpointAddress, path: Path, report: Report): void {
  const here = [...path, 'ip'];
  if (holds(checkIpAddress(ip) ?? checkNonSpecialIp(ip), ip, here, report) && familyOf(ip) === 'IPv6')
    refuseIpv6(ip, here, 'give IPv4 addresses', report);
  holdsIfGiven(hostname, checkDnsLabel, [...path, 'hostname'], report);
  holdsIfGiven(nodeName, checkDnsSubdomain, [...path, 'nodeName'], report);
}

function checkPort({ name, port, appProtocol }: EndpointPort, needsName: boolean, path: Path, report: Report): void {
  if (name === undefined && needsName) report([...path, 'name'], 'Required', required());
  holdsIfGiven(name, checkDnsLabel, [...path, 'name'], report);
  holds(checkPortNumber(port), port, [...path, 'port'], report);
  holdsIfGiven(appProtocol, checkQualifiedName, [...path, 'appProtocol'], report);
}

/** A part of the addresses of a Service. */
export function checkEndpointSlice({ addressType, endpoints = [], ports = [] }: EndpointSlice, report: Report): void {
  if (endpoints.length > MAX_ENDPOINTS) report(['endpoints'], 'Invalid', tooMany(endpoints.length, MAX_ENDPOINTS));
  else for (const [endpoint, here] of eachOf(endpoints, ['endpoints'])) checkEndpoint(endpoint, addressType, here, report);
  if (ports.length > MAX_PORTS) {
    report(['ports'], 'Invalid', tooMany(ports.length, MAX_PORTS));
    return;
  }
  const names = new Set<string>();
  for (const [{ name = '', port, appProtocol }, here] of eachOf(ports, ['ports'])) {
    if (name !== '') holds(checkDnsLabel(name), name, [...here, 'name'], report);
    if (names.has(name)) report([...here, 'name'], 'Duplicate', duplicate(name));
    names.add(name);
    holdsIfGiven(port, checkPortNumber, [...here, 'port'], report);
    holdsIfGiven(appProtocol, checkQualifiedName, [...here, 'appProtocol'], report);
  }
}

function checkEndpoint(endpoint: Endpoint, type: EndpointSlice['addressType'], path: Path, report: Report): void {
  const { addresses, hostname, hints } = endpoint;
  const here = [...path, 'addresses'];
  if (addresses.length > MAX_ADDRESSES) report(here, 'Invalid', tooMany(addresses.length, MAX_ADDRESSES));
  for (const [address, place] of eachOf(addresses, here)) holds(checkOfType(address, type), address, place, report);
  holdsIfGiven(hostname, checkDnsLabel, [...path, 'hostname'], report);
  for (const list of ['forZones', 'forNodes'] as const) {
    const names = new Set<string>();
    for (const [{ name }, place] of eachOf(hints?.[list], [...path, 'hints', list])) {
      if (names.has(name)) report([...place, 'name'], 'Duplicate', duplicate(name));
      names.add(name);
    }
  }
}

function checkOfType(address: string, type: EndpointSlice['addressType']): Fault {
  if (type === 'FQDN') return checkFullyQualifiedDomain(address);
  return checkIpAddress(address, type) ?? checkNonSpecialIp(address);
}
