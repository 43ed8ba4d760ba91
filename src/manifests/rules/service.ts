// Rules for Services (Kubernetes, ValidateService and the allocation of node ports). What has an address belongs to service-address.ts.
import type { Service, ServicePort, ServiceSpec } from '../../model/resource.ts';
import { isHeadless, LOAD_BALANCER_CLASS, NODE_PORTS } from '../../model/service.ts';
import type { Path } from '../place.ts';
import { duplicate, forbidden, invalid, type Report, required } from '../report.ts';
import { checkCidr, checkIpAddress, checkNonSpecialIp, familyOf } from './address.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import { checkLabels } from './metadata.ts';
import { checkClusterAddresses, checkFamilies, refuseIpv6 } from './service-address.ts';
import { checkDnsLabel, checkDnsSubdomain, checkPortName, checkPortNumber, checkQualifiedName, type Fault } from './syntax.ts';

const KUBELET_PORT = 10250;
const MAX_AFFINITY_SECONDS = 86400;
const SOURCE_RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';

const spec: Path = ['spec'];
const at = (...path: Path): Path => [...spec, ...path];
const onlyBalanced = forbidden("may only be used when `type` is 'LoadBalancer'");

/** A Service after its defaults are set. */
export function checkService(service: Service, report: Report): void {
  const { selector } = service.spec;
  checkType(service.spec, report);
  checkPorts(service.spec, report);
  checkLabels(selector, at('selector'), report);
  checkAffinity(service.spec, report);
  checkClusterAddresses(service.spec, report);
  checkFamilies(service.spec, report);
  for (const [ip, here] of eachOf(service.spec.externalIPs, at('externalIPs')))
    if (holds(checkIpAddress(ip) ?? checkNonSpecialIp(ip), ip, here, report) && familyOf(ip) === 'IPv6')
      refuseIpv6(ip, here, "give the node's IPv4 address", report);
  checkSourceRanges(service, report);
  checkBalancer(service.spec, report);
  checkExternalTraffic(service.spec, report);
}

function checkType(service: ServiceSpec, report: Report): void {
  const { type, ports = [], externalName = '' } = service;
  if (ports.length === 0 && !isHeadless(service) && type !== 'ExternalName') report(at('ports'), 'Required', required());
  if (isHeadless(service) && (type === 'LoadBalancer' || type === 'NodePort')) {
    const field = service.clusterIP === undefined ? at('clusterIPs', 0) : at('clusterIP');
    report(field, 'Invalid', invalid('None', `may not be set to 'None' for ${type} services`));
  }
  if (type === 'LoadBalancer')
    for (const [{ port }, here] of eachOf(ports, at('ports')))
      if (port === KUBELET_PORT)
        report(here, 'Invalid', invalid(port, `may not expose port ${port} externally since it is used by kubelet`));
  if (type !== 'ExternalName') return;
  for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) {
    const written = field === 'clusterIPs' && service.clusterIP !== undefined ? 'clusterIP' : field;
    if (service[field] !== undefined) report(at(written), 'Invalid', forbidden('may not be set for ExternalName services'));
  }
  const name = externalName.endsWith('.') ? externalName.slice(0, -1) : externalName;
  if (name === '') report(at('externalName'), 'Required', required());
  else holds(checkDnsSubdomain(name), name, at('externalName'), report);
}

function checkPorts({ type, ports = [] }: ServiceSpec, report: Report): void {
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  for (const [port, here] of eachOf(ports, at('ports'))) {
    const { name, nodePort, protocol = 'TCP' } = port;
    if (name === undefined && ports.length > 1) report([...here, 'name'], 'Required', required());
    if (name !== undefined) {
      holds(checkDnsLabel(name), name, [...here, 'name'], report);
      if (names.has(name)) report([...here, 'name'], 'Duplicate', duplicate(name));
      names.add(name);
    }
    checkPort(port, here, report);
    const key = `${protocol} ${port.port}`;
    if (numbers.has(key)) report(here, 'Duplicate', duplicate({ protocol, port: port.port }));
    numbers.add(key);
    if (nodePort === undefined) continue;
    if (type === 'ClusterIP') report([...here, 'nodePort'], 'Invalid', forbidden("may not be used when `type` is 'ClusterIP'"));
    else holds(checkNodePort(nodePort), nodePort, [...here, 'nodePort'], report);
    if (nodePorts.has(`${protocol} ${nodePort}`)) report([...here, 'nodePort'], 'Duplicate', duplicate(nodePort));
    nodePorts.add(`${protocol} ${nodePort}`);
  }
}

function checkPort({ port, targetPort, appProtocol }: ServicePort, path: Path, report: Report): void {
  holds(checkPortNumber(port), port, [...path, 'port'], report);
  const check = (target: string | number): Fault =>
    typeof target === 'number' ? checkPortNumber(target) : checkPortName(target);
  holdsIfGiven(targetPort, check, [...path, 'targetPort'], report);
  holdsIfGiven(appProtocol, checkQualifiedName, [...path, 'appProtocol'], report);
}

function checkNodePort(port: number): Fault {
  return port >= NODE_PORTS.first && port <= NODE_PORTS.last
    ? undefined
    : `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.first}-${NODE_PORTS.last}`;
}

function checkAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec, report: Report): void {
  const here = at('sessionAffinityConfig');
  if (sessionAffinity === 'None') {
    if (sessionAffinityConfig !== undefined) report(here, 'Invalid', forbidden('must not be set when session affinity is None'));
    return;
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (seconds === undefined) report(here, 'Required', required('when session affinity type is ClientIP'));
  else if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS)
    report(
      [...here, 'clientIP', 'timeoutSeconds'],
      'Invalid',
      invalid(seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`),
    );
}

/** The field, or the annotation that was there before it. Blanks around a network do not count. */
function checkSourceRanges({ metadata, spec: { type, loadBalancerSourceRanges } }: Service, report: Report): void {
  const here = at('loadBalancerSourceRanges');
  if (loadBalancerSourceRanges !== undefined) {
    if (type !== 'LoadBalancer') report(here, 'Invalid', onlyBalanced);
    const ranges = [...eachOf(loadBalancerSourceRanges, here)].filter(([range, place]) =>
      holds(checkCidr(range.trim()), range, place, report),
    );
    const others = ranges.filter(([range]) => familyOf(range.trim().split('/')[0] ?? '') === 'IPv6');
    // Without one of IPv4 nothing would be kept out.
    for (const [range, place] of others)
      if (others.length === ranges.length) refuseIpv6(range, place, 'give the IPv4 networks that may reach it', report);
      else
        report(
          place,
          'NoEffect',
          `${JSON.stringify(range)} lets nobody in: the Service has an IPv4 address and no other`,
          'note',
        );
    return;
  }
  const annotation = metadata.annotations?.[SOURCE_RANGES_ANNOTATION];
  if (annotation === undefined) return;
  const place: Path = ['metadata', 'annotations', SOURCE_RANGES_ANNOTATION];
  if (type !== 'LoadBalancer') report(place, 'Invalid', onlyBalanced);
  if (annotation.trim() === '') return;
  for (const range of annotation.split(',')) holds(checkCidr(range.trim()), range.trim(), place, report);
}

function checkBalancer({ type, allocateLoadBalancerNodePorts, loadBalancerClass }: ServiceSpec, report: Report): void {
  if (type === 'LoadBalancer') {
    const here = at('loadBalancerClass');
    const isName = holdsIfGiven(loadBalancerClass, checkQualifiedName, here, report);
    if (isName && (loadBalancerClass ?? LOAD_BALANCER_CLASS) !== LOAD_BALANCER_CLASS)
      report(
        here,
        'UnsupportedField',
        `no load balancer of the class ${JSON.stringify(loadBalancerClass)} is here; leave the field out`,
      );
    return;
  }
  for (const [field, value] of Object.entries({ allocateLoadBalancerNodePorts, loadBalancerClass }))
    if (value !== undefined) report(at(field), 'Invalid', onlyBalanced);
}

/** Whether the Service can be reached from outside: through a load balancer, on ports of nodes, or at addresses of nodes. */
export function isExternallyAccessible({ type, externalIPs = [] }: ServiceSpec): boolean {
  return type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0);
}

function checkExternalTraffic(service: ServiceSpec, report: Report): void {
  const { type, externalTrafficPolicy: policy, healthCheckNodePort: port } = service;
  if (policy !== undefined && !isExternallyAccessible(service))
    report(at('externalTrafficPolicy'), 'Invalid', invalid(policy, 'may only be set for externally-accessible services'));
  if (port === undefined) return;
  const onlyLocal = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
  const isLocal = type === 'LoadBalancer' && policy === 'Local';
  holds(isLocal ? checkNodePort(port) : onlyLocal, port, at('healthCheckNodePort'), report);
}
