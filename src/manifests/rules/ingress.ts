// Rules for Ingresses and their classes (Kubernetes, pkg/apis/networking/validation).
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressClass,
  IngressClassParameters,
  IngressRule,
  IngressTLS,
} from '../../model/resource.ts';
import type { Path } from '../place.ts';
import { forbidden, invalid, type Report, required, tooLong } from '../report.ts';
import { familyOf } from './address.ts';
import { eachOf, holds, holdsIfGiven } from './fault.ts';
import { checkDns1035Label, checkDomainPrefixedPath, checkPathSegment, checkWildcardSubdomain } from './names.ts';
import { checkDnsLabel, checkDnsSubdomain, checkPortName, checkPortNumber, type Fault } from './syntax.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const MAX_CONTROLLER = 250;
const invalidSequences = ['//', '/./', '/../', '%2f', '%2F'];
const invalidEndings = ['/..', '/.'];

/** Hosts, paths, backends and certificates. */
export function checkIngress({ metadata, spec }: Ingress, report: Report): void {
  const { rules, defaultBackend, tls, ingressClassName } = spec;
  if (rules === undefined && defaultBackend === undefined)
    report(['spec'], 'Invalid', 'Invalid value: either `defaultBackend` or `rules` must be specified');
  if (defaultBackend !== undefined) checkBackend(defaultBackend, ['spec', 'defaultBackend'], report);
  for (const [rule, here] of eachOf(rules, ['spec', 'rules'])) checkRule(rule, here, report);
  for (const [entry, here] of eachOf(tls, ['spec', 'tls'])) checkTls(entry, here, report);
  holdsIfGiven(ingressClassName, checkDnsSubdomain, ['spec', 'ingressClassName'], report);
  const annotation = metadata.annotations?.[CLASS_ANNOTATION];
  if (annotation !== undefined && ingressClassName !== undefined && annotation !== ingressClassName)
    report(
      ['metadata', 'annotations', CLASS_ANNOTATION],
      'Invalid',
      invalid(annotation, 'must match `ingressClassName` when both are specified'),
    );
}

function checkHost(host: string): Fault {
  return host.includes('*') ? checkWildcardSubdomain(host) : checkDnsSubdomain(host);
}

function checkRule({ host, http }: IngressRule, path: Path, report: Report): void {
  if (host !== undefined) {
    const isAddress = familyOf(host) !== undefined;
    holds(isAddress ? 'must be a DNS name, not an IP address' : checkHost(host), host, [...path, 'host'], report);
  }
  for (const [entry, here] of eachOf(http?.paths, [...path, 'http', 'paths'])) checkPath(entry, here, report);
}

function checkPath({ path = '', pathType, backend }: HTTPIngressPath, here: Path, report: Report): void {
  const place = [...here, 'path'];
  const isLoose = pathType === 'ImplementationSpecific';
  if (!path.startsWith('/') && !(isLoose && path === '')) report(place, 'Invalid', invalid(path, 'must be an absolute path'));
  if (!isLoose) {
    for (const sequence of invalidSequences)
      if (path.includes(sequence)) report(place, 'Invalid', invalid(path, `must not contain '${sequence}'`));
    for (const ending of invalidEndings)
      if (path.endsWith(ending)) report(place, 'Invalid', invalid(path, `cannot end with '${ending}'`));
  }
  checkBackend(backend, [...here, 'backend'], report);
}

function checkBackend({ service, resource }: IngressBackend, path: Path, report: Report): void {
  if (service !== undefined && resource !== undefined)
    report(path, 'Invalid', 'Invalid value: cannot set both resource and service backends');
  else if (resource !== undefined) checkTypedReference(resource, [...path, 'resource'], report);
  else if (service === undefined) report(path, 'Invalid', 'Invalid value: resource or service backend is required');
  else {
    holds(checkDns1035Label(service.name), service.name, [...path, 'service', 'name'], report);
    const { name, number } = service.port ?? {};
    const here = [...path, 'service', 'port'];
    if (name !== undefined && number !== undefined)
      report(here, 'Invalid', 'Invalid value: cannot set both port name & port number');
    else if (name === undefined && number === undefined) report(path, 'Required', required('port name or number is required'));
    else {
      holdsIfGiven(name, checkPortName, [...here, 'name'], report);
      holdsIfGiven(number, checkPortNumber, [...here, 'number'], report);
    }
  }
}

/** Group, kind and name of another object. */
function checkTypedReference(
  { apiGroup, kind, name }: { readonly apiGroup?: string; readonly kind: string; readonly name: string },
  path: Path,
  report: Report,
): void {
  holdsIfGiven(apiGroup, checkDnsSubdomain, [...path, 'apiGroup'], report);
  holds(checkPathSegment(kind), kind, [...path, 'kind'], report);
  holds(checkPathSegment(name), name, [...path, 'name'], report);
}

function checkTls({ hosts, secretName }: IngressTLS, path: Path, report: Report): void {
  for (const [host, here] of eachOf(hosts, [...path, 'hosts'])) holds(checkHost(host), host, here, report);
  holdsIfGiven(secretName, checkDnsSubdomain, [...path, 'secretName'], report);
}

/** The controller of a class and its parameters, after the defaults are set. */
export function checkIngressClass({ spec }: IngressClass, report: Report): void {
  if (spec === undefined) {
    report(['spec', 'controller'], 'Required', required());
    return;
  }
  const { controller, parameters } = spec;
  if (controller.length > MAX_CONTROLLER) report(['spec', 'controller'], 'Invalid', tooLong(MAX_CONTROLLER));
  else holds(checkDomainPrefixedPath(controller), controller, ['spec', 'controller'], report);
  if (parameters !== undefined) checkParameters(parameters, ['spec', 'parameters'], report);
}

function checkParameters(parameters: IngressClassParameters, path: Path, report: Report): void {
  const { scope, namespace } = parameters;
  checkTypedReference(parameters, path, report);
  const here = [...path, 'namespace'];
  if (scope === 'Cluster') {
    if (namespace !== undefined) report(here, 'Invalid', forbidden("`parameters.scope` is set to 'Cluster'"));
  } else if (namespace === undefined) report(here, 'Required', required("`parameters.scope` is set to 'Namespace'"));
  else holds(checkDnsLabel(namespace), namespace, here, report);
}
