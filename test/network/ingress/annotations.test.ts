// What annotations mean, and what is told of those that mean nothing here.
import { expect, test } from 'vitest';
import { readAnnotations } from '../../../src/model/ingress/annotations.ts';
import { servingOf } from '../../../src/model/ingress/class.ts';
import { findingsOf } from '../../../src/model/ingress/findings.ts';
import { DEFAULT_SETTINGS, type IngressSettings } from '../../../src/model/ingress/settings.ts';
import { aClass, anIngress, aService, backend, inputOf, rule } from './objects.ts';

const n = 'nginx.ingress.kubernetes.io/';
const t = 'traefik.ingress.kubernetes.io/';

test.each<[string, Record<string, string>, Partial<IngressSettings>]>([
  ['nothing', {}, {}],
  ['others', { 'alb.ingress.kubernetes.io/scheme': 'internal', app: 'x' }, {}],
  ['no redirect', { [`${n}ssl-redirect`]: 'false' }, { redirectsToTls: false }],
  ['a size', { [`${n}proxy-body-size`]: '8m' }, { maxBodyBytes: 8_388_608 }],
  ['no limit', { [`${n}proxy-body-size`]: '0' }, {}],
  [
    'times',
    { [`${n}proxy-read-timeout`]: '3600', [`${n}proxy-connect-timeout`]: '5s' },
    { readTimeoutSeconds: 3600, connectTimeoutSeconds: 5 },
  ],
  [
    'networks',
    { [`${n}whitelist-source-range`]: '10.0.0.0/8, 192.0.2.1,\n2001:db8::/32' },
    { sources: ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'] },
  ],
  [
    'users',
    { [`${n}auth-type`]: 'basic', [`${n}auth-secret`]: 'ops/users', [`${n}auth-realm`]: 'Staff only' },
    { auth: { secret: { namespace: 'ops', name: 'users' }, isMap: false }, realm: 'Staff only' },
  ],
  ['gRPC', { [`${n}backend-protocol`]: 'grpc' }, { protocol: 'GRPC' }],
  ['away', { [`${n}temporal-redirect`]: 'https://x.example/a' }, { redirect: { location: 'https://x.example/a', code: 302 } }],
  ['web', { [`${t}router.entrypoints`]: 'web,websecure' }, { redirectsToTls: false }],
  ['websecure', { [`${t}router.entrypoints`]: 'websecure', [`${t}router.tls`]: 'true' }, { forcesTls: true }],
])('%s', (_name, annotations, settings) => {
  expect(readAnnotations(annotations)).toEqual({ settings: { ...DEFAULT_SETTINGS, ...settings }, findings: [] });
});

test.each<[string, string, string, string]>([
  [
    `${n}configuration-snippet`,
    'more_set_headers "a: b";',
    'error',
    'is a piece of an nginx configuration, and there is no nginx here',
  ],
  [`${n}upstream-hash-by`, '$remote_addr', 'error', 'is not done by Holdfast; use affinity: cookie'],
  [`${n}no-such-thing`, 'x', 'error', 'is not understood by Holdfast'],
  [`${n}ssl-redirect`, 'yes', 'error', 'must be "true" or "false", and is "yes"'],
  [`${n}proxy-body-size`, '8 MB', 'error', 'must be a size such as 8m'],
  [`${n}backend-protocol`, 'FCGI', 'error', 'must be HTTP, HTTPS, GRPC or GRPCS'],
  [`${n}auth-type`, 'digest', 'error', 'must be basic, and is "digest"'],
  [`${n}permanent-redirect`, 'https://$host/', 'error', 'has the variable $host: only $request_uri is understood'],
  [`${n}rewrite-target`, '/a b', 'error', 'must be a path'],
  [`${n}proxy-buffering`, 'on', 'note', 'has no effect: answers are passed on as they come'],
  [`${t}router.middlewares`, 'shop-strip@kubernetescrd', 'error', 'names Middlewares, a kind of Traefik'],
  [`${t}router.entrypoints`, 'metrics', 'error', 'names the entry point "metrics": there are web and websecure'],
  ['cert-manager.io/cluster-issuer', 'letsencrypt', 'note', 'Holdfast itself asks for the certificates'],
])('%s: %s', (annotation, value, severity, message) => {
  const { findings } = readAnnotations({ [annotation]: value });
  expect(findings).toEqual([{ annotation, severity, message: expect.stringContaining(message) }]);
});

const plain = anIngress({ rules: [rule('a.example', ['/', 'Prefix', 'web'])] });
const ofClass = (ingressClassName: string): typeof plain => anIngress({ ...plain.spec, ingressClassName });
const nginxClass = aClass('public', 'k8s.io/ingress-nginx');
const foreign = aClass('alb', 'ingress.k8s.aws/alb', true);

test.each([
  ['no class at all', plain, [], { isServed: true }],
  ['a known name', ofClass('nginx'), [], { isServed: true }],
  [
    'the old annotation',
    anIngress(plain.spec, { annotations: { 'kubernetes.io/ingress.class': 'traefik' } }),
    [foreign],
    { isServed: true },
  ],
  ['our class', ofClass('ours'), [aClass('ours', 'holdfast.dev/ingress')], { isServed: true }],
  [
    'in the place of nginx',
    ofClass('public'),
    [nginxClass],
    { isServed: true, note: 'Holdfast serves class "public" in the place of ingress-nginx' },
  ],
  [
    'the default class of another',
    plain,
    [foreign, nginxClass],
    { isServed: false, reason: expect.stringContaining('ingress.k8s.aws/alb') },
  ],
  ['no default class', plain, [nginxClass], { isServed: false, reason: expect.stringContaining('it names no class') }],
  [
    'an unknown class',
    ofClass('edge'),
    [],
    { isServed: false, reason: expect.stringContaining('there is no IngressClass "edge"') },
  ],
])('%s', (_name, ingress, classes, expected) => {
  expect(servingOf(ingress, classes)).toEqual(expected);
});

test('findings: what is missing, and what an older Ingress has', () => {
  const older = anIngress({ rules: [rule('a.example', ['/', 'Prefix', 'web'])] }, { name: 'older' });
  const newer = anIngress(
    {
      rules: [rule('a.example', ['/', 'Prefix', 'web'], ['/x', 'Prefix', 'gone'], ['/y', 'Prefix', 'web', 'admin'])],
      tls: [{ hosts: ['a.example'], secretName: 'cert' }],
      defaultBackend: backend('web'),
    },
    {
      name: 'newer',
      age: 1,
      annotations: { [`${n}auth-type`]: 'basic', [`${n}auth-secret`]: 'users', [`${n}server-snippet`]: 'x' },
    },
  );
  const facts = inputOf({ ingresses: [newer, older], services: [aService('web')] });
  expect(findingsOf(older, facts)).toEqual([]);
  expect(findingsOf(newer, facts)).toEqual([
    { reason: 'Conflict', message: 'path "/" of host "a.example" is routed by ingress shop/older, which is older' },
    { reason: 'Unsupported', message: expect.stringContaining(`${n}server-snippet is a piece of an nginx configuration`) },
    { reason: 'NoService', message: 'there is no Service "gone" in namespace "shop"; a.example/x answers 503' },
    { reason: 'NoService', message: 'Service "web" has no port admin, but 80 ("http"); a.example/y answers 503' },
    { reason: 'NoCertificate', message: 'there is no Secret "cert": a.example get a certificate that Holdfast signed itself' },
    { reason: 'NoUsers', message: 'there is no Secret "users" with its users: nobody is let in' },
  ]);
});

test('findings: users whose passwords cannot be checked', () => {
  const guarded = anIngress(plain.spec, { annotations: { [`${n}auth-type`]: 'basic', [`${n}auth-secret`]: 'users' } });
  const withUsers = (auth: string): ReturnType<typeof findingsOf> =>
    findingsOf(
      guarded,
      inputOf({
        ingresses: [guarded],
        services: [aService('web')],
        secrets: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'users', namespace: 'shop' }, stringData: { auth } }],
      }),
    );
  expect(withUsers('ann:$6$abc$defghijk')).toEqual([]);
  expect(withUsers('ann:$6$abc$defghijk\nbob:$apr1$abc$def')).toEqual([
    { reason: 'NoUsers', message: expect.stringContaining('Secret "users" has passwords that cannot be checked') },
  ]);
});
