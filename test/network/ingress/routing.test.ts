// The maps and rules of the proxy against a direct reading of Kubernetes' words: for any Ingresses, every request goes where they say.
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredOf } from '../../../src/model/resource.ts';
import { type IngressPlan, ingressPlan } from '../../../src/network/ingress/plan.ts';
import { ask, closePods } from './backends.ts';
import { anIngress, backend, inputOf, type PathLine, rule } from './objects.ts';
import { RunningProxy } from './running-proxy.ts';

const hosts = ['', 'a.example', 'b.a.example', '*.a.example', '*.example'];
const paths = ['/', '/a', '/a/', '/a/b', '/a/bb', '/b', '/a/b/c'];
const types = ['Exact', 'Prefix', 'ImplementationSpecific'] as const;

const aPath = fc.tuple(
  fc.constantFrom(...paths),
  fc.constantFrom(...types),
  fc.constantFrom('s1', 's2', 's3'),
) as fc.Arbitrary<PathLine>;
const anyIngress = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...hosts), fc.array(aPath, { minLength: 1, maxLength: 3 })), { maxLength: 3 }),
    fc.option(fc.constantFrom('s4', 's5'), { nil: undefined }),
  )
  .map(([rules, fallback]) => ({
    rules: rules.map(([host, lines]) => rule(host, ...lines)),
    ...(fallback === undefined ? {} : { defaultBackend: backend(fallback) }),
  }));
const anyPattern = fc
  .tuple(fc.constantFrom(...hosts), fc.constantFrom('/a.*', '/[ab]/?', '/.+/b', '/'), fc.constantFrom('s6', 's7'))
  .map(([host, path, service]) => rule(host, [path, 'ImplementationSpecific', service]));
/** Each may have expressions for paths. */
const anySet = fc
  .array(fc.tuple(anyIngress, fc.option(anyPattern, { freq: 3, nil: undefined })), { minLength: 1, maxLength: 4 })
  .map((all) =>
    all.map(([spec, pattern], index) => {
      if (pattern === undefined) return anIngress(spec, { name: `i${index}`, age: index });
      const annotations = { 'nginx.ingress.kubernetes.io/use-regex': 'true' };
      return anIngress({ ...spec, rules: [pattern] }, { name: `i${index}`, age: index, annotations });
    }),
  );
const anyRequest = fc.record({
  host: fc.constantFrom(
    'a.example',
    'b.a.example',
    'c.a.example',
    'd.c.a.example',
    'x.test',
    'A.example:80',
    'C.a.Example',
    'b.a.example:81',
  ),
  path: fc.constantFrom(...paths, '/a/b/', '/c', '/abc', '/a//b', '/%61/b', '/A/b', '/a/.b', '/.well-known/x', '/a%2Fb/c'),
});

/**
 * Kubernetes' reading: "Ingress rules", "Path types", "Multiple matches", "Hostname wildcards". Which Ingress and Service get the request.
 * Expressions are compared as ingress-nginx does: from the beginning, whatever the case, the longest first.
 */
function meant(ingresses: readonly StoredOf<'Ingress'>[], host: string, path: string): string {
  const name = host.split(':', 1)[0]?.toLowerCase() ?? '';
  const asked = decodeURIComponent(path).replace(/\/+/g, '/');
  const elements = (text: string): string[] => text.split('/').filter((element) => element !== '');
  const hostRank = (pattern: string): number => {
    if (pattern === '') return 1;
    if (pattern === name) return 3;
    const isWildcard = pattern.startsWith('*.') && name.split('.').slice(1).join('.') === pattern.slice(2);
    return isWildcard ? 2 : 0;
  };
  const matches = ingresses.flatMap((ingress, age) =>
    (ingress.spec.rules ?? []).flatMap(({ host: pattern = '', http }, line) =>
      (http?.paths ?? []).flatMap((entry, place) => {
        const isExact = entry.pathType === 'Exact';
        const isPattern = !isExact && ingress.metadata.annotations !== undefined;
        const wanted = elements(entry.path ?? '');
        const length = isPattern ? (entry.path ?? '').length : wanted.join('/').length + Math.min(wanted.length, 1);
        const isMatch = isExact
          ? asked === entry.path
          : isPattern
            ? new RegExp(`^${entry.path}`, 'i').test(asked)
            : wanted.every((element, at) => elements(asked)[at] === element);
        const rank = hostRank(pattern);
        const to = `${ingress.metadata.name} ${entry.backend.service?.name}`;
        return isMatch && rank > 0 ? [{ to, order: [-rank, isExact ? 0 : 1, -length, isPattern ? 0 : 1, age, line, place] }] : [];
      }),
    ),
  );
  const [best] = matches.toSorted((one, other) => {
    const at = one.order.findIndex((value, index) => value !== other.order[index]);
    return at === -1 ? 0 : (one.order[at] ?? 0) - (other.order[at] ?? 0);
  });
  if (best !== undefined) return best.to;
  const defaults = ingresses.filter(({ spec }) => spec.defaultBackend !== undefined);
  const own = (rank: number): StoredOf<'Ingress'> | undefined =>
    defaults.find(({ spec }) => (spec.rules ?? []).some(({ host: pattern = '' }) => hostRank(pattern) === rank));
  const chosen = own(3) ?? own(2) ?? defaults.find(({ spec }) => (spec.rules ?? []).length === 0) ?? defaults[0];
  return chosen === undefined ? 'nobody' : `${chosen.metadata.name} ${chosen.spec.defaultBackend?.service?.name}`;
}

let proxy: RunningProxy;
beforeAll(async () => {
  proxy = await RunningProxy.open();
});
afterAll(async () => {
  await proxy.close();
  await closePods();
});

/** A proxy whose backends tell their names. */
async function served(ingresses: readonly StoredOf<'Ingress'>[]): Promise<void> {
  const plan = ingressPlan(
    inputOf(
      { ingresses },
      {
        directory: proxy.directory,
        node: { dnsAddress: '127.0.0.1', ingress: { httpPort: proxy.httpPort, httpsPort: proxy.httpsPort } },
      },
    ),
  );
  const backends = [...plan.backends.keys()].map(
    (name) =>
      [
        name,
        {
          head: '',
          slots: [],
          text: `backend ${name}\n  http-request return status 200 content-type text/plain string ${name}\n`,
        },
      ] as const,
  );
  const result = await proxy.send({ ...plan, backends: new Map(backends) });
  expect(result.output).toMatch(/^SERVING/);
}

test('every request goes where a reading of the rules says', async () => {
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(anySet, fc.array(anyRequest, { minLength: 20, maxLength: 40 }), async (ingresses, requests) => {
      await served(ingresses);
      for (const { host, path } of requests) {
        const { status, body } = await ask(proxy.httpPort, `${host}${path}`);
        const [, ingress, service] = body.split(':');
        asked += 1;
        expect([host, path, status === 404 ? 'nobody' : `${ingress} ${service}`]).toEqual([
          host,
          path,
          meant(ingresses, host, path),
        ]);
      }
    }),
    { numRuns: 12, endOnFailure: true },
  );
  expect(asked).toBeGreaterThan(100);
});

/** JavaScript has flags for a whole expression only. The hosts here are in small letters. */
function regexOf(key: string): RegExp {
  return key.includes('(?i:') ? new RegExp(key.replace('(?i:', '(?:'), 'i') : new RegExp(key);
}

/** What the frontend's rules make of a request, read from the maps of a plan as the proxy does. */
function mapped({ files }: IngressPlan, host: string, path: string): string {
  const entries = (name: string): string[][] =>
    (files.get(`maps/${name}.map`) ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' '));
  const name = host.split(':', 1)[0]?.toLowerCase() ?? '';
  const clean = decodeURIComponent(path).replace(/\/+/g, '/');
  const levels = [name, name.replace(/^[^./]+[.]/, '*.'), ''];
  for (const level of levels) {
    const word = level === '' ? '/' : entries('hosts').find(([key]) => key === level)?.[1];
    if (word === undefined) continue;
    if (word.length > 1) return word;
    const exact = entries('exact').find(([key]) => key === level + clean);
    const [longest] = entries('prefix')
      .filter(([key = '']) => `${level}${clean}/`.startsWith(key))
      .toSorted(([one = ''], [other = '']) => other.length - one.length);
    const pattern = entries('regex').find(([key = '']) => regexOf(key).test(level + clean));
    const found = exact ?? pattern ?? longest;
    if (found !== undefined) return found[1] ?? '';
  }
  const own = levels.slice(0, 2).map((level) => entries('defaults').find(([key]) => key === level)?.[1]);
  const overall = /default_backend (\S+)/.exec(files.get('haproxy.cfg') ?? '')?.[1];
  return own.find((backendName) => backendName !== undefined) ?? overall ?? '';
}

test('the maps mean what the rules say', () => {
  fc.assert(
    fc.property(anySet, fc.array(anyRequest, { minLength: 5, maxLength: 20 }), (ingresses, requests) => {
      const plan = ingressPlan(inputOf({ ingresses }));
      for (const { host, path } of requests) {
        const [, ingress, service] = mapped(plan, host, path).split(':');
        const reached = ingress === undefined ? 'nobody' : `${ingress} ${service}`;
        expect([host, path, reached]).toEqual([host, path, meant(ingresses, host, path)]);
      }
    }),
    { numRuns: 300 },
  );
});

test('no text of an Ingress breaks the configuration', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 12 });
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 4, maxLength: 4 }), ([a = '', b = '', c = '', d = '']) => {
      const names = [
        'rewrite-target',
        'auth-realm',
        'whitelist-source-range',
        'permanent-redirect',
        'app-root',
        'cors-allow-origin',
        'auth-secret',
      ];
      const annotations = Object.fromEntries(
        names.map((name, index) => [`nginx.ingress.kubernetes.io/${name}`, [a, b, c, d][index % 4] ?? '']),
      );
      const ingress = anIngress(
        { rules: [rule('a.example', [`/${a}`, 'Prefix', 'web'], [`/${b}`, 'ImplementationSpecific', 'web'])] },
        {
          annotations: {
            ...annotations,
            'nginx.ingress.kubernetes.io/enable-cors': 'true',
            'nginx.ingress.kubernetes.io/use-regex': c.length > 6 ? 'true' : 'false',
          },
        },
      );
      const plan = ingressPlan(inputOf({ ingresses: [ingress] }));
      const lines = [...plan.files.values(), ...[...plan.backends.values()].map(({ text }) => text)].join('\n').split('\n');
      const words = /^( *#| {2}[a-z]| {2}[.](if defined[(]HOLDFAST_IPV6[)]|endif)$|[a-z]|$|certificates\/|\^|\*|\/)/;
      expect(lines.filter((line) => !words.test(line) || /\p{Cc}/u.test(line))).toEqual([]);
    }),
  );
});
