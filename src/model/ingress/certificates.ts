// Certificates in Secrets of type kubernetes.io/tls: whether they can be served, and what for (Kubernetes, "TLS Secrets"). Pure.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Secret } from '../resource.ts';

/** A certificate with its chain and key, as one PEM text; or why there is none. Messages never hold the key. */
export type ReadCertificate =
  | {
      readonly ok: true;
      readonly pem: string;
      /** The names that it is for: DNS names of its subjectAltName, else its common name. */
      readonly names: readonly string[];
      /** Epoch milliseconds. */
      readonly notBeforeMs: number;
      readonly notAfterMs: number;
    }
  | { readonly ok: false; readonly message: string };

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const MAX_CHAIN = 10;

/** Reads the certificate of a Secret. Costs some tenths of a millisecond: keep the answer. */
export function readCertificate(secret: Secret): ReadCertificate {
  const [certificate, key] = ['tls.crt', 'tls.key'].map((name) => valueOf(secret, name)) as [
    string | undefined,
    string | undefined,
  ];
  if (certificate === undefined || key === undefined) return { ok: false, message: 'it has no tls.crt and tls.key' };
  try {
    const chain = (certificate.match(BLOCK) ?? []).slice(0, MAX_CHAIN).map((block) => new X509Certificate(block));
    const [first] = chain;
    if (first === undefined) return { ok: false, message: 'its tls.crt is not a certificate' };
    const privateKey = createPrivateKey(key);
    if (!first.checkPrivateKey(privateKey)) return { ok: false, message: 'its tls.key is not the key of its tls.crt' };
    const pem = [...chain.map(String), String(privateKey.export({ type: 'pkcs8', format: 'pem' }))]
      .map((part) => `${part.trim()}\n`)
      .join('');
    return {
      ok: true,
      pem,
      names: namesOf(first),
      notBeforeMs: Date.parse(first.validFrom),
      notAfterMs: Date.parse(first.validTo),
    };
  } catch {
    return { ok: false, message: 'its tls.crt or tls.key cannot be read' };
  }
}

function namesOf({ subjectAltName = '', subject }: X509Certificate): readonly string[] {
  const names = [...subjectAltName.matchAll(/DNS:([^,\s"]+)/g)].map(([, name = '']) => name.toLowerCase());
  const common = /^CN=(.+)$/m.exec(subject)?.[1];
  return names.length > 0 || common === undefined ? names : [common.toLowerCase()];
}

/** The text of a key of a Secret. */
export function valueOf({ data, stringData }: Secret, name: string): string | undefined {
  const plain = stringData?.[name];
  if (plain !== undefined) return plain;
  const encoded = data?.[name];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}

/** Whether a name of a certificate is for a host; a wildcard stands for one label (RFC 6125, section 6.4.3). */
export function isNameFor(name: string, host: string): boolean {
  return name === host || (name.startsWith('*.') && host.slice(host.indexOf('.')) === name.slice(1));
}
