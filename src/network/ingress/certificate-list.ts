// Which certificate answers for which host: the Secrets that spec.tls names, the oldest Ingress first (HAProxy, "crt-list").
import { isNameFor, type ReadCertificate } from '../../model/ingress/certificates.ts';
import type { ServedIngress } from '../../model/ingress/routes.ts';

export interface CertificateList {
  /** The text of certificates.list: the default certificate, then a line for each Secret. */
  readonly list: string;
  /** PEM texts by file name; the default certificate is not among them. */
  readonly files: ReadonlyMap<string, string>;
  /** Hosts that are served with TLS, whether their certificate is there or not. */
  readonly tlsHosts: ReadonlySet<string>;
}

/** The file of the certificate for hosts that have none. */
export const DEFAULT_CERTIFICATE = 'certificates/default.pem';

/** The list of all certificates. `read` yields undefined for a Secret that is not there. */
export function certificateList(
  served: readonly ServedIngress[],
  read: (namespace: string, name: string) => ReadCertificate | undefined,
): CertificateList {
  const files = new Map<string, string>();
  const hostsOf = new Map<string, string[]>();
  const taken = new Set<string>();
  const tlsHosts = new Set<string>();
  for (const { ingress, namespace } of served) {
    const ruleHosts = (ingress.spec.rules ?? []).flatMap(({ host = '' }) => (host === '' ? [] : [host]));
    for (const { hosts: written = [], secretName = '' } of ingress.spec.tls ?? []) {
      for (const host of written.length > 0 ? written : ruleHosts) tlsHosts.add(host);
      const found = secretName === '' ? undefined : read(namespace, secretName);
      if (found?.ok !== true) continue;
      const file = `certificates/${namespace}~${secretName}.pem`;
      files.set(file, found.pem);
      const wanted = written.length > 0 ? written : found.names;
      const free = wanted.filter((host) => !taken.has(host));
      for (const host of free) taken.add(host);
      hostsOf.set(file, [...(hostsOf.get(file) ?? []), ...free]);
    }
  }
  const lines = [...hostsOf]
    .filter(([, hosts]) => hosts.length > 0)
    .map(([file, hosts]) => [file, ...hosts, ...othersOf(hosts, taken).map((host) => `!${host}`)].join(' '));
  for (const [file, hosts] of hostsOf) if (hosts.length === 0) files.delete(file);
  return { list: [DEFAULT_CERTIFICATE, ...lines].map((line) => `${line}\n`).join(''), files, tlsHosts };
}

/**
 * Hosts that wildcards must leave to certificates of their own: where a client takes both kinds of keys, the proxy prefers a wildcard with an
 * ECDSA key to the host itself with an RSA key.
 */
function othersOf(hosts: readonly string[], taken: ReadonlySet<string>): readonly string[] {
  const wildcards = hosts.filter((host) => host.startsWith('*.'));
  const own = new Set(hosts);
  return [...taken].filter((host) => !own.has(host) && wildcards.some((wildcard) => isNameFor(wildcard, host))).toSorted();
}
