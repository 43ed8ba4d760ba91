// Which certificates to ask an ACME server for, and when (RFC 8555): those that spec.tls names and nobody brings, and those of ours that have
// lived two thirds of their life. Pure.
import { isNameFor, readCertificate } from '../../model/ingress/certificates.ts';
import { routeTable } from '../../model/ingress/routes.ts';
import type { IngressClass, Secret, StoredOf } from '../../model/resource.ts';

/** On Secrets that Holdfast had issued. Those without it are somebody else's, and are never written. */
export const ISSUED_ANNOTATION = 'holdfast.dev/issued-by';

/** A certificate to ask for. */
export interface CertificateOrder {
  readonly namespace: string;
  readonly secretName: string;
  readonly hosts: readonly string[];
  /** The oldest Ingress that asks for it: its events tell how it goes. */
  readonly ingress: StoredOf<'Ingress'>;
  readonly reason: string;
}

/** What came of asking for a certificate before. */
export interface Attempt {
  /** Times in a row that it failed. */
  readonly failures: number;
  /** Epoch milliseconds. */
  readonly lastMs: number;
}

export interface CertificateFacts {
  readonly ingresses: readonly StoredOf<'Ingress'>[];
  readonly classes: readonly IngressClass[];
  secret(namespace: string, name: string): Secret | undefined;
  /** Failures by `namespace/secret`. */
  readonly attempts: ReadonlyMap<string, Attempt>;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface CertificatePlan {
  readonly orders: readonly CertificateOrder[];
  /** Hosts that cannot be proven over HTTP. */
  readonly unprovable: readonly { readonly ingress: StoredOf<'Ingress'>; readonly message: string }[];
  /** When to plan again, in epoch milliseconds, if nothing happens before. */
  readonly nextMs: number;
}

const FIRST_PAUSE_MS = 60_000;
/** ACME servers count failures by the hour. */
const LONGEST_PAUSE_MS = 6 * 3_600_000;
const LONGEST_WAIT_MS = 12 * 3_600_000;

/** What there is to ask for now. */
export function planCertificates(facts: CertificateFacts): CertificatePlan {
  const orders: CertificateOrder[] = [];
  const unprovable: { ingress: StoredOf<'Ingress'>; message: string }[] = [];
  let nextMs = facts.now + LONGEST_WAIT_MS;
  const later = (ms: number): void => {
    nextMs = Math.min(nextMs, ms);
  };
  for (const { namespace, secretName, hosts, ingress } of wanted(facts)) {
    const due = dueOf(facts.secret(namespace, secretName), hosts, facts.now);
    if (due === undefined) continue;
    const wildcard = hosts.find((host) => host.startsWith('*'));
    if (wildcard !== undefined) {
      const message = `${wildcard} cannot be proven over HTTP: bring Secret "${secretName}", or name the hosts one by one`;
      unprovable.push({ ingress, message });
      continue;
    }
    const attempt = facts.attempts.get(`${namespace}/${secretName}`);
    const readyMs = Math.max(due.atMs, attempt === undefined ? 0 : attempt.lastMs + pauseAfter(attempt.failures));
    if (readyMs <= facts.now) orders.push({ namespace, secretName, hosts, ingress, reason: due.reason });
    else later(readyMs);
  }
  return { orders, unprovable, nextMs };
}

/** The wait after so many failures in a row. */
export function pauseAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
}

/** Secrets that Ingresses name, each once, with the hosts of all. */
function wanted({ ingresses, classes }: CertificateFacts): readonly Omit<CertificateOrder, 'reason'>[] {
  const found = new Map<string, Omit<CertificateOrder, 'reason'>>();
  for (const { ingress, namespace } of routeTable(ingresses, classes).served)
    for (const { hosts = [], secretName = '' } of ingress.spec.tls ?? []) {
      if (secretName === '' || hosts.length === 0) continue;
      const key = `${namespace}/${secretName}`;
      const before = found.get(key);
      const all = [...new Set([...(before?.hosts ?? []), ...hosts])];
      found.set(key, { namespace, secretName, hosts: all, ingress: before?.ingress ?? ingress });
    }
  return [...found.values()];
}

/** When a certificate has to be asked for, and why; undefined for one that is somebody else's. */
function dueOf(secret: Secret | undefined, hosts: readonly string[], now: number): { atMs: number; reason: string } | undefined {
  if (secret === undefined) return { atMs: now, reason: 'there is none' };
  if (secret.metadata.annotations?.[ISSUED_ANNOTATION] === undefined) return undefined;
  const read = readCertificate(secret);
  if (!read.ok) return { atMs: now, reason: read.message };
  const foreign = hosts.find((host) => !read.names.some((name) => isNameFor(name, host)));
  if (foreign !== undefined) return { atMs: now, reason: `it is not for ${foreign}` };
  return {
    atMs: read.notBeforeMs + ((read.notAfterMs - read.notBeforeMs) * 2) / 3,
    reason: 'it has lived two thirds of its life',
  };
}
