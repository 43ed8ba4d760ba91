// What keeps an Ingress from being what it says: a class that nobody serves, routes that another one has, Services, ports, certificates and
// users that are missing. Told as events, by `why` and to whoever waits for the Ingress. Pure.
import type { Ingress, IngressClass, Secret, Service, StoredOf } from '../resource.ts';
import { readAnnotations } from './annotations.ts';
import { AUTH_SECRET } from './annotations-nginx.ts';
import { isNameFor, readCertificate } from './certificates.ts';
import { servingOf } from './class.ts';
import { type RouteTable, routeTable } from './routes.ts';
import { hasUncheckedUsers, USERS_KEY, usersOf } from './users.ts';

/** What the findings are taken from. */
export interface IngressFacts {
  readonly ingresses: readonly StoredOf<'Ingress'>[];
  readonly classes: readonly IngressClass[];
  service(namespace: string, name: string): Service | undefined;
  secret(namespace: string, name: string): Secret | undefined;
  /** Where requests for Ingresses go elsewhere (see doors.ts). */
  readonly takenDoors?: readonly string[];
}

/** Something that is not as the Ingress says. */
export interface IngressFinding {
  readonly reason: 'NotServed' | 'Conflict' | 'Unsupported' | 'NoService' | 'NoCertificate' | 'NoUsers' | 'DoorTaken' | 'StandIn';
  readonly message: string;
}

/** What is to be told of one Ingress. */
export function findingsOf(ingress: StoredOf<'Ingress'>, facts: IngressFacts): readonly IngressFinding[] {
  const serving = servingOf(ingress, facts.classes);
  if (!serving.isServed) return [{ reason: 'NotServed', message: serving.reason }];
  const all = tableOf(facts).lost;
  return [
    ...all.filter((its) => its.ingress.metadata.uid === ingress.metadata.uid).map(({ reason, message }) => ({ reason, message })),
    ...readAnnotations(ingress.metadata.annotations)
      .findings.filter(({ severity }) => severity === 'error')
      .map(({ annotation, message }): IngressFinding => ({ reason: 'Unsupported', message: `${annotation} ${message}` })),
    ...(facts.takenDoors ?? []).map((message) => ({ reason: 'DoorTaken' as const, message })),
    ...serviceFindings(ingress, facts),
    ...secretFindings(ingress, ingress.metadata.namespace ?? 'default', (namespace, name) => facts.secret(namespace, name)).map(
      ({ reason, message }) => ({
        reason,
        message,
      }),
    ),
    ...(serving.note === undefined ? [] : [{ reason: 'StandIn' as const, message: serving.note }]),
  ];
}

/** The last table: whoever looks at all Ingresses asks for the same one each time, and making it takes as long as there are Ingresses. */
let last: (Pick<IngressFacts, 'ingresses' | 'classes'> & { readonly table: RouteTable }) | undefined;

function tableOf({ ingresses, classes }: IngressFacts): RouteTable {
  const isSame = last !== undefined && isSameList(last.ingresses, ingresses) && isSameList(last.classes, classes);
  if (last === undefined || !isSame) last = { ingresses, classes, table: routeTable(ingresses, classes) };
  return last.table;
}

/** Objects of the store are replaced and never changed. */
function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index]);
}

function serviceFindings({ metadata, spec }: StoredOf<'Ingress'>, facts: IngressFacts): readonly IngressFinding[] {
  const namespace = metadata.namespace ?? 'default';
  const backends = [
    { backend: spec.defaultBackend, at: 'its default backend answers' },
    ...(spec.rules ?? []).flatMap(({ host = '*', http }) =>
      (http?.paths ?? []).map(({ backend, path = '/' }) => ({ backend, at: `${host}${path} answers` })),
    ),
  ];
  const told = new Map<string, string>();
  for (const { backend, at } of backends) {
    const { name, port } = backend?.service ?? {};
    if (name === undefined) continue;
    const service = facts.service(namespace, name);
    const wanted = port?.name ?? port?.number;
    const fault =
      service === undefined
        ? `there is no Service "${name}" in namespace "${namespace}"`
        : service.spec.type !== 'ExternalName' && wanted !== undefined && servicePort(service, wanted) === undefined
          ? `Service "${name}" has no port ${wanted}${portsText(service)}`
          : undefined;
    if (fault !== undefined) told.set(fault, told.has(fault) ? 'its routes answer' : at);
  }
  return [...told].map(([fault, who]) => ({ reason: 'NoService', message: `${fault}; ${who} 503` }));
}

/** The ports that an Ingress may name instead. */
function portsText({ spec }: Service): string {
  const ports = (spec.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  const words = ports.map(({ name = '', port }) => (name === '' ? String(port) : `${port} ("${name}")`));
  return words.length === 0 ? '' : `, but ${words.join(', ')}`;
}

/** The port of a Service by name or number; TCP only. */
export function servicePort(
  service: Service,
  wanted: string | number,
): NonNullable<Service['spec']['ports']>[number] | undefined {
  const ports = (service.spec.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  return ports.find(({ name, port }) => (typeof wanted === 'string' ? name === wanted : port === wanted));
}

/** What is not as an Ingress says about a Secret that it names, and where it does so. */
interface SecretFinding extends IngressFinding {
  readonly path: readonly (string | number)[];
  /** Whether there is no such Secret. */
  readonly isMissing: boolean;
  /** Whether it asks for something that is not done here. */
  readonly isUnsupported: boolean;
}

/** What is wrong with the Secrets of an Ingress in a namespace: its certificates and its users. */
export function secretFindings(ingress: Ingress, namespace: string, secretOf: IngressFacts['secret']): readonly SecretFinding[] {
  return [...tlsFindings(ingress, namespace, secretOf), ...authFindings(ingress, namespace, secretOf)];
}

function tlsFindings({ spec }: Ingress, namespace: string, secretOf: IngressFacts['secret']): readonly SecretFinding[] {
  return (spec.tls ?? []).flatMap(({ hosts = [], secretName = '' }, index): SecretFinding[] => {
    if (secretName === '') return [];
    const whom = hosts.length === 0 ? 'its hosts' : hosts.join(', ');
    const secret = secretOf(namespace, secretName);
    const instead = `${whom} get a certificate that Holdfast signed itself`;
    const found = (message: string): SecretFinding[] => [
      {
        reason: 'NoCertificate',
        message,
        path: ['spec', 'tls', index, 'secretName'],
        isMissing: secret === undefined,
        isUnsupported: false,
      },
    ];
    if (secret === undefined) return found(`there is no Secret "${secretName}": ${instead}`);
    const read = readCertificate(secret);
    if (!read.ok) return found(`Secret "${secretName}" cannot be used, ${read.message}: ${instead}`);
    const foreign = hosts.filter((host) => !read.names.some((name) => isNameFor(name, host)));
    return foreign.length === 0 ? [] : found(`the certificate of Secret "${secretName}" is not for ${foreign.join(', ')}`);
  });
}

function authFindings({ metadata }: Ingress, own: string, secretOf: IngressFacts['secret']): readonly SecretFinding[] {
  const { auth } = readAnnotations(metadata.annotations).settings;
  if (auth === undefined) return [];
  const { name, namespace = own } = auth.secret;
  const secret = secretOf(namespace, name);
  const found = (message: string, isUnsupported = false): SecretFinding[] => [
    {
      reason: 'NoUsers',
      message,
      path: ['metadata', 'annotations', AUTH_SECRET],
      isMissing: secret === undefined,
      isUnsupported,
    },
  ];
  if (secret === undefined) return found(`there is no Secret "${name}" with its users: nobody is let in`);
  if (hasUncheckedUsers(secret, auth))
    return found(
      `Secret "${name}" has passwords that cannot be checked ($apr1$ or {SHA}), and their users are not let in: make them with htpasswd -B`,
      true,
    );
  if (usersOf(secret, auth).length > 0) return [];
  return found(`Secret "${name}" has no users${auth.isMap ? '' : ` under its key "${USERS_KEY}"`}: nobody is let in`);
}
