// Rules for NetworkPolicies (Kubernetes, pkg/apis/networking/validation).
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required } from '../report.ts';
import { checkCidr, familyOf, isStrictlyInside } from './address.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import { checkSelector } from './metadata.ts';
import { ONE_FAMILY } from './service-address.ts';
import { checkPortName, checkPortNumber, type Fault } from './syntax.ts';

/** Selectors, peers and ports. */
export function checkNetworkPolicy({ spec }: NetworkPolicy, report: Report): void {
  if (spec?.podSelector !== undefined) checkSelector(spec.podSelector, ['spec', 'podSelector'], report);
  for (const [{ from, ports }, here] of eachOf(spec?.ingress, ['spec', 'ingress'])) {
    for (const [port, place] of eachOf(ports, [...here, 'ports'])) checkPort(port, place, report);
    for (const [peer, place] of eachOf(from, [...here, 'from'])) checkPeer(peer, place, report);
  }
  for (const [{ to, ports }, here] of eachOf(spec?.egress, ['spec', 'egress'])) {
    for (const [port, place] of eachOf(ports, [...here, 'ports'])) checkPort(port, place, report);
    for (const [peer, place] of eachOf(to, [...here, 'to'])) checkPeer(peer, place, report);
  }
  const { policyTypes = [] } = spec ?? {};
  if (policyTypes.length > 2)
    report(['spec', 'policyTypes'], 'Invalid', invalid(policyTypes, 'may not specify more than two policyTypes'));
}

function checkPort({ port, endPort }: NetworkPolicyPort, path: Path, report: Report): void {
  if (typeof port === 'number') holds(checkPortNumber(port), port, [...path, 'port'], report);
  else holdsIfGiven(port, checkPortName, [...path, 'port'], report);
  holdsIfGiven(endPort, (end) => checkEndPort(end, port), [...path, 'endPort'], report);
}

function checkEndPort(end: number, port: string | number | undefined): Fault {
  if (port === undefined) return 'may not be specified when `port` is not specified';
  if (typeof port === 'string') return 'may not be specified when `port` is non-numeric';
  return end < port ? 'must be greater than or equal to `port`' : checkPortNumber(end);
}

function checkPeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: Path, report: Report): void {
  for (const [field, selector] of Object.entries({ podSelector, namespaceSelector }))
    if (selector !== undefined) checkSelector(selector, [...path, field], report);
  if (ipBlock !== undefined) checkBlock(ipBlock, [...path, 'ipBlock'], report);
  const hasSelector = podSelector !== undefined || namespaceSelector !== undefined;
  if (!hasSelector && ipBlock === undefined) report(path, 'Required', required('must specify a peer'));
  if (hasSelector && ipBlock !== undefined) report(path, 'Invalid', forbidden('may not specify both ipBlock and another peer'));
}

function checkBlock({ cidr, except }: IPBlock, path: Path, report: Report): void {
  if (!holds(checkCidr(cidr), cidr, [...path, 'cidr'], report)) return;
  // What Kubernetes makes of it on a cluster of one family, and nobody is told there.
  if (familyOf(cidr.split('/')[0] ?? '') === 'IPv6')
    report([...path, 'cidr'], 'NoEffect', `${JSON.stringify(cidr)} is nobody: ${ONE_FAMILY}`, 'note');
  for (const [network, here] of eachOf(except, [...path, 'except'])) {
    const isInside = checkCidr(network) !== undefined || isStrictlyInside(network, cidr);
    holds(checkCidr(network) ?? (isInside ? undefined : 'must be a strict subset of `cidr`'), network, here, report);
  }
}
