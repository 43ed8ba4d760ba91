// The annotations of Traefik and cert-manager.
import type { Reader } from './annotation-reader.ts';
import { mustBe, noEffect, refused } from './values.ts';

const TRAEFIK = 'traefik.ingress.kubernetes.io/';
const doors: ReadonlyMap<string, 'http' | 'https'> = new Map([
  ['web', 'http'],
  ['http', 'http'],
  ['websecure', 'https'],
  ['https', 'https'],
]);

/** The doors of Holdfast are those that Traefik's own chart has: web (http) and websecure (https). */
const entryPoints: Reader = (value, draft) => {
  const names = value.split(',').map((name) => name.trim());
  const foreign = names.find((name) => !doors.has(name));
  if (foreign !== undefined) return { refused: `names the entry point "${foreign}": there are web and websecure` };
  const wanted = new Set(names.map((name) => doors.get(name)));
  if (wanted.has('http')) draft.redirectsToTls = false;
  else draft.forcesTls = true;
  return undefined;
};

const tlsOnly: Reader = (value, draft) => {
  if (value !== 'true' && value !== 'false') return { refused: `must be "true" or "false", and is "${value}"` };
  if (value === 'true') draft.forcesTls = true;
  return undefined;
};

const issuer: Reader = () => ({
  note: 'Holdfast itself asks for the certificates, by ACME, when it is started with --acme-email; the issuer is not looked at',
});

/** Readers by the full name of the annotation. */
export const otherAnnotations: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [`${TRAEFIK}router.entrypoints`, entryPoints],
  [`${TRAEFIK}router.tls`, tlsOnly],
  [`${TRAEFIK}router.tls.certresolver`, issuer],
  [
    `${TRAEFIK}router.middlewares`,
    refused(
      'names Middlewares, a kind of Traefik that Holdfast does not have; say it with annotations of nginx.ingress.kubernetes.io, such as rewrite-target, auth-type or whitelist-source-range',
    ),
  ],
  [`${TRAEFIK}router.priority`, refused('is not done by Holdfast: the longest path of the most specific host wins; take it out')],
  [`${TRAEFIK}router.pathmatcher`, mustBe('PathPrefix', 'is not done by Holdfast; set pathType')],
  ['cert-manager.io/cluster-issuer', issuer],
  ['cert-manager.io/issuer', issuer],
  ['cert-manager.io/acme-challenge-type', mustBe('http01', 'must be http01: Holdfast proves hosts over http')],
  ['cert-manager.io/issuer-kind', noEffect('Holdfast itself is the issuer')],
  ['cert-manager.io/issuer-group', noEffect('Holdfast itself is the issuer')],
  ['cert-manager.io/common-name', noEffect('certificates are asked for by the hosts of spec.tls')],
  ['cert-manager.io/duration', noEffect('the ACME server says how long a certificate lives')],
  ['cert-manager.io/renew-before', noEffect('a certificate is renewed after two thirds of its life')],
  ['cert-manager.io/private-key-algorithm', mustBe('ECDSA', 'keys are ECDSA; take it out')],
  ['cert-manager.io/revision-history-limit', noEffect('there are no requests of cert-manager to keep')],
  ['acme.cert-manager.io/http01-edit-in-place', noEffect('the proof is answered for every host')],
  ['acme.cert-manager.io/http01-ingress-class', noEffect('the proof is answered for every host')],
]);
