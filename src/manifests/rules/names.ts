// Forms of names that only some kinds have, in Kubernetes' words (apimachinery, util/validation and api/validation/path), and which kind
// has which. Every function returns what is wrong, or undefined.
import type { Kind } from '../../model/resource.ts';
import { checkDnsLabel, checkDnsSubdomain, type Fault } from './syntax.ts';

const dns1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const wildcard = '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const dns1035Pattern = new RegExp(`^${dns1035}$`);
const wildcardPattern = new RegExp(`^${wildcard}$`);
const httpPathPattern = new RegExp(`^${httpPath}$`);

/** Labels that begin with a letter: names of Services, and of versions and plurals of custom resources. */
export function checkDns1035Label(name: string): Fault {
  if (name.length > 63) return 'must be no more than 63 characters';
  if (dns1035Pattern.test(name)) return undefined;
  return `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${dns1035}')`;
}

/** Domains whose first part is a star. */
export function checkWildcardSubdomain(name: string): Fault {
  if (name.length > 253) return 'must be no more than 253 characters';
  if (wildcardPattern.test(name)) return undefined;
  return `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '${wildcard}')`;
}

/** Names that are a part of a path and have no other rule, such as those of roles. */
export function checkPathSegment(name: string): Fault {
  if (name === '.' || name === '..') return `may not be '${name}'`;
  const wrong = ['/', '%'].find((character) => name.includes(character));
  return wrong === undefined ? undefined : `may not contain '${wrong}'`;
}

/** Names of webhooks: a domain of at least three parts. */
export function checkFullyQualifiedName(name: string): Fault {
  const fault = checkDnsSubdomain(name);
  if (fault !== undefined) return fault;
  return name.split('.').length < 3 ? 'should be a domain with at least three segments separated by dots' : undefined;
}

/** Domain names of the outside, perhaps with a dot at the end: at least two parts. */
export function checkFullyQualifiedDomain(name: string): Fault {
  const domain = name.endsWith('.') ? name.slice(0, -1) : name;
  const fault = checkDnsSubdomain(domain);
  if (fault !== undefined) return fault;
  return domain.split('.').length < 2 ? 'should be a domain with at least two segments separated by dots' : undefined;
}

/** Names of controllers: a domain, a slash and a path. */
export function checkDomainPrefixedPath(name: string): Fault {
  const slash = name.indexOf('/');
  if (slash < 1 || slash === name.length - 1) return 'must be a domain-prefixed path (such as "acme.io/foo")';
  const fault = checkDnsSubdomain(name.slice(0, slash));
  if (fault !== undefined) return fault;
  return httpPathPattern.test(name.slice(slash + 1)) ? undefined : `Invalid path (regex used for validation is '${httpPath}')`;
}

const formOfName: Readonly<Partial<Record<Kind, (name: string) => Fault>>> = {
  Namespace: checkDnsLabel,
  // Its pods are named after it, and their names are host names.
  StatefulSet: checkDnsLabel,
  Service: checkDns1035Label,
  Role: checkPathSegment,
  RoleBinding: checkPathSegment,
  ClusterRole: checkPathSegment,
  ClusterRoleBinding: checkPathSegment,
  APIService: checkPathSegment,
};

/** The name of an object of a kind. */
export function checkObjectName(kind: Kind, name: string): Fault {
  return (formOfName[kind] ?? checkDnsSubdomain)(name);
}
