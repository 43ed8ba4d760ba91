// What is looked at from a node, how, and what is said of the answers.
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { describe, expect, test } from 'vitest';
import type { Stored } from '../../../src/model/resource.ts';
import { checkResults, checkScript } from '../../../src/network/check/check-script.ts';
import { type Check, judgeCheck, planChecks } from '../../../src/network/check/plan-checks.ts';
import type { StoreReader } from '../../../src/store/store.ts';
import { aCondition, aNode, aPod } from '../../support/builders.ts';
import { anIngress, backend, rule } from '../ingress/objects.ts';
import { anEndpoint, anUnready, aService, aSlice } from '../services/service-objects.ts';

/** What is told apart here. */
type Listed = { readonly kind: string; readonly metadata: { readonly namespace?: string } };
const storeOf = (...all: readonly object[]): StoreReader =>
  ({
    list: (kind: string, namespace?: string) =>
      (all as readonly Listed[]).filter(
        (each) => each.kind === kind && (namespace === undefined || each.metadata.namespace === namespace),
      ),
  }) as unknown as StoreReader;
const sliceOf = (...endpoints: readonly ReturnType<typeof anEndpoint>[]): Stored => {
  const slice = aSlice(endpoints);
  return { ...slice, metadata: { ...slice.metadata, labels: { 'kubernetes.io/service-name': 'web' } } };
};
const told = (checks: readonly Check[]): readonly unknown[] => checks.map(({ what, probe, expected }) => [what, probe, expected]);
const NO_POD = { nothingBecause: 'not probed: none of them is ready and says in its manifest at which TCP port it listens' };
const NOBODY = { nothingBecause: 'no pod behind it is ready' };

describe('looked at', () => {
  test('is a ready pod of every node', () => {
    const made = aPod({ name: 'web-1', namespace: 'shop', nodeName: 'a' });
    const [container] = made.spec.containers;
    if (container === undefined) throw new Error('a pod has a container');
    const spec = { ...made.spec, nodeName: 'a', containers: [{ ...container, ports: [{ containerPort: 8080 }] }] };
    const status = { podIP: '10.244.1.7', conditions: [aCondition('Ready', 'True')] };
    const ready = { ...made, spec, status };
    const unready = { ...ready, status: { ...status, conditions: [aCondition('Ready', 'False')] } };
    const node = aNode({ name: 'a' });
    expect(told(planChecks(storeOf(node, unready, ready)))).toEqual([
      ['pods of node a (web-1)', { type: 'tcp', address: '10.244.1.7', port: 8080 }, 'answer'],
    ]);
    const untold = ['pods of node a', { type: 'none' }, NO_POD];
    expect(told(planChecks(storeOf(node, unready)))).toEqual([untold]);
    expect(told(planChecks(storeOf(node, { ...ready, spec: { ...spec, hostNetwork: true } })))).toEqual([untold]);
  });

  test('are the address and the name of a Service', () => {
    const named = { type: 'name', name: 'web.shop.svc.cluster.local', addresses: ['10.96.0.7'] };
    const address = { type: 'tcp', address: '10.96.0.7', port: 80 };
    expect(told(planChecks(storeOf(aService(), sliceOf(anEndpoint(3)))))).toEqual([
      ['service shop/web:80', address, 'answer'],
      ['name web.shop.svc.cluster.local', named, 'answer'],
    ]);
    expect(told(planChecks(storeOf(aService(), sliceOf(anUnready(3)))))).toEqual([
      ['service shop/web:80', address, NOBODY],
      ['name web.shop.svc.cluster.local', named, 'answer'],
    ]);
  });

  test('are the ports of every protocol that can be probed', () => {
    const ports = [
      { port: 53, protocol: 'UDP' as const },
      { port: 9, protocol: 'SCTP' as const },
    ];
    expect(told(planChecks(storeOf(aService({ ports }), sliceOf(anEndpoint(3))))).slice(0, 2)).toEqual([
      ['service shop/web:53/UDP', { type: 'udp', address: '10.96.0.7', port: 53 }, 'answer'],
      ['service shop/web:9/SCTP', { type: 'none' }, { nothingBecause: 'not probed: there is no probe for SCTP' }],
    ]);
    expect(told(planChecks(storeOf(aService({ ports }), sliceOf(anUnready(3)))))[0]).toEqual([
      'service shop/web:53/UDP',
      { type: 'udp', address: '10.96.0.7', port: 53 },
      NOBODY,
    ]);
  });

  test('are the pods of a headless Service by its name', () => {
    const headless = aService({ clusterIP: 'None' });
    const probe = { type: 'name', name: 'web.shop.svc.cluster.local' };
    expect(told(planChecks(storeOf(headless, sliceOf(anEndpoint(4), anEndpoint(3)))))).toEqual([
      ['name web.shop.svc.cluster.local', { ...probe, addresses: ['10.244.1.3', '10.244.1.4'] }, 'answer'],
    ]);
    expect(told(planChecks(storeOf(headless)))).toEqual([
      ['name web.shop.svc.cluster.local', { ...probe, addresses: [] }, NOBODY],
    ]);
  });

  test('is a name elsewhere, whatever its address', () => {
    const service = aService({ type: 'ExternalName', externalName: 'a.example' });
    expect(told(planChecks(storeOf(service)))).toEqual([
      [
        'name web.shop.svc.cluster.local',
        { type: 'name', name: 'web.shop.svc.cluster.local', addresses: [], alias: 'a.example' },
        'answer',
      ],
    ]);
  });

  test('are the paths of an Ingress', () => {
    const spec = {
      tls: [{ hosts: ['a.example'], secretName: 'a' }],
      rules: [rule('a.example', ['/x', 'Prefix', 'web']), rule('*.b.example', ['/', 'Prefix', 'web'])],
      defaultBackend: backend('web'),
    };
    const ingress = anIngress(spec, { name: 'shop' });
    expect(told(planChecks(storeOf(ingress)))).toEqual([
      ['ingress shop/shop https://a.example/x', { type: 'http', host: 'a.example', path: '/x', isTls: true }, 'answer'],
      ['ingress shop/shop http://*.b.example/', { type: 'http', host: 'any.b.example', path: '/', isTls: false }, 'answer'],
      [
        'ingress shop/shop https://a.example/ (default backend)',
        { type: 'http', host: 'a.example', path: '/', isTls: true },
        'answer',
      ],
    ]);
  });

  test('is the default backend of an Ingress without rules', () => {
    const ingress = anIngress({ defaultBackend: backend('web') }, { name: 'shop' });
    expect(told(planChecks(storeOf(ingress)))).toEqual([
      ['ingress shop/shop http://*/ (default backend)', { type: 'http', host: '', path: '/', isTls: false }, 'answer'],
    ]);
  });

  test('is no Ingress that somebody else serves, which is said', () => {
    const ingress = anIngress({ ingressClassName: 'other', defaultBackend: backend('web') }, { name: 'shop' });
    const because = 'not probed: there is no IngressClass "other": declare it with controller holdfast.dev/ingress';
    expect(told(planChecks(storeOf(ingress)))).toEqual([['ingress shop/shop', { type: 'none' }, { nothingBecause: because }]]);
  });
});

describe('what NetworkPolicies restrict', () => {
  const podOf = (name: string, app: string, address: string): object => {
    const made = aPod({ name, namespace: 'shop', nodeName: 'a' });
    const [container] = made.spec.containers;
    if (container === undefined) throw new Error('a pod has a container');
    const spec = { ...made.spec, nodeName: 'a', containers: [{ ...container, ports: [{ containerPort: 8080 }] }] };
    const status = { podIP: address, conditions: [aCondition('Ready', 'True')] };
    return { ...made, metadata: { ...made.metadata, labels: { app } }, spec, status };
  };
  const policy = (app: string, policyTypes: readonly string[]): object => ({
    kind: 'NetworkPolicy',
    metadata: { name: app, namespace: 'shop' },
    spec: { podSelector: { matchLabels: { app } }, policyTypes },
  });
  const [closed, open] = [podOf('closed-1', 'closed', '10.244.1.3'), podOf('open-1', 'open', '10.244.1.4')];
  const node = aNode({ name: 'a' });

  test('is not probed where another pod of the node is not restricted', () => {
    const what = (...all: readonly object[]): readonly string[] => planChecks(storeOf(node, ...all)).map((check) => check.what);
    expect(what(closed, open)).toEqual(['pods of node a (closed-1)']);
    expect(what(closed, open, policy('closed', ['Ingress']))).toEqual(['pods of node a (open-1)']);
    expect(what(closed, open, policy('closed', ['Egress']))).toEqual(['pods of node a (closed-1)']);
  });

  test('says so when it is not reached', () => {
    const checks = planChecks(storeOf(node, closed, policy('closed', ['Ingress']), aService(), sliceOf(anEndpoint(3))));
    const [ofNode, ofService] = checks.map((check) => judgeCheck(check, { exitCode: 1, output: '' }).message);
    const words = '; NetworkPolicies of namespace shop restrict who reaches its pods';
    expect([ofNode, ofService]).toEqual([`no connection to 10.244.1.3:8080${words}`, `no connection to 10.96.0.7:80${words}`]);
    expect(checks.map((check) => judgeCheck(check, { exitCode: 0, output: '' }).message).slice(0, 2)).toEqual(['', '']);
    // What policies keep out is dropped: a refusal comes from somewhere else.
    const refused = {
      exitCode: 1,
      output: '2026/01/01 00:00:00 socat[7] E connect(5, AF=2 10.96.0.7:80, 16): Connection refused',
    };
    expect(checks.map((check) => judgeCheck(check, refused).message)[1]).toBe(
      'no connection to 10.96.0.7:80: Connection refused',
    );
  });
});

const tcp: Check = { what: 'a', probe: { type: 'tcp', address: '127.0.0.1', port: 9 }, expected: 'answer' };
const name: Check = {
  what: 'b',
  probe: { type: 'name', name: 'web.shop', addresses: ['10.0.0.1', '10.0.0.2'] },
  expected: 'answer',
};
const alias: Check = {
  what: 'e',
  probe: { type: 'name', name: 'out.shop', addresses: [], alias: 'a.example' },
  expected: 'answer',
};
const udp: Check = { what: 'u', probe: { type: 'udp', address: '127.0.0.1', port: 9 }, expected: 'answer' };
const none: Check = { what: 'n', probe: { type: 'none' }, expected: { nothingBecause: 'not probed: why' } };
const http: Check = { what: 'c', probe: { type: 'http', host: "it's", path: '/%41', isTls: false }, expected: 'answer' };

test.each<[string, Check, number, string, string]>([
  ['a connection', tcp, 0, '', ''],
  [
    'a refused one',
    tcp,
    1,
    '2026/01/01 00:00:00 socat[7] E connect(5, AF=2 127.0.0.1:9, 16): Connection refused',
    'no connection to 127.0.0.1:9: Connection refused',
  ],
  [
    'one that nobody answers',
    tcp,
    1,
    '2026/01/01 00:00:00 socat[7] E connecting to AF=2 127.0.0.1:9: Connection timed out',
    'no connection to 127.0.0.1:9: Connection timed out',
  ],
  ['one that says nothing', tcp, 1, '', 'no connection to 127.0.0.1:9'],
  [
    'a refused datagram',
    udp,
    1,
    '2026/01/01 00:00:00 socat[7] E read(5, 0x1, 8192): Connection refused',
    'a datagram was refused at 127.0.0.1:9: Connection refused',
  ],
  ['the right name', name, 0, '10.0.0.2\n10.0.0.1\n', ''],
  ['another address', name, 0, '10.0.0.2\n', 'web.shop is 10.0.0.2, and should be 10.0.0.1 10.0.0.2'],
  ['no address', name, 0, '', "web.shop is not known to the node's DNS"],
  ['no address of what a name stands for', alias, 0, '', "a.example, which out.shop stands for, is not known to the node's DNS"],
  ['an answer', http, 0, 'HTTP/1.1 404 Not Found\r\n', ''],
  [
    'one of the proxy alone',
    http,
    0,
    'HTTP/1.1 503 Service Unavailable\r\n',
    'answered with 503: no pod behind it took the request',
  ],
  ['none', http, 0, '', 'the Ingress port of the host does not answer'],
])('%s is judged', (_, check, exitCode, output, message) => {
  expect(judgeCheck(check, { exitCode, output })).toEqual({ check, isRight: message === '', message });
});

test('a datagram that is not refused is right, and not more is said of it', () => {
  const message = 'it was not refused; whether it was understood cannot be seen from outside';
  expect(judgeCheck(udp, { exitCode: 0, output: '' })).toEqual({ check: udp, isRight: true, message });
});

test('what is not probed says so', () => {
  expect(judgeCheck(none, { exitCode: 0, output: '' })).toEqual({ check: none, isRight: true, message: 'not probed: why' });
});

test('a datagram is refused where nobody listens, and taken where somebody does', async () => {
  const listener = createSocket('udp4');
  await new Promise<void>((done) => {
    listener.bind(0, '127.0.0.1', done);
  });
  const { port } = listener.address();
  const at = (to: number): Check => ({ what: 'u', probe: { type: 'udp', address: '127.0.0.1', port: to }, expected: 'answer' });
  const look = (check: Check): string | undefined =>
    checkResults([check], execFileSync('bash', ['-c', checkScript([check], '127.0.0.1')], { encoding: 'utf8' }))[0]?.message;
  expect(look(at(port))).toMatch(/^it was not refused/);
  listener.close();
  expect(look(at(port))).toMatch(/^a datagram was refused at 127\.0\.0\.1:\d+: Connection refused$/);
});

test('where nobody is there, silence is right', () => {
  const check: Check = { ...tcp, expected: NOBODY };
  expect(judgeCheck(check, { exitCode: 1, output: '' })).toEqual({ check, isRight: true, message: 'no pod behind it is ready' });
});

test('the script makes every probe, more than at one time, and its output is read back', () => {
  const checks = [http, name, ...Array.from({ length: 20 }, () => tcp)];
  // The programs, as words that tell how they were called.
  const programs = `socat() { case "$*" in *:9,*) echo "E refused"; return 1 ;; *) cat; esac; }
nslookup() { printf 'Server: x\\nAddress: 10.9.9.9\\n\\nName: %s\\nAddress: 10.0.0.1\\nAddress: 10.0.0.2\\n' "$2"; }
timeout() { shift; "$@"; }
`;
  const output = execFileSync('bash', ['-c', programs + checkScript(checks, '10.96.0.10')], { encoding: 'utf8' });
  const results = checkResults(checks, output);
  expect(results.map(({ message }) => message)).toEqual([
    'the Ingress port of the host does not answer',
    '',
    ...Array.from({ length: 20 }, () => 'no connection to 127.0.0.1:9: refused'),
  ]);
  // What was sent came back from the program that stands for the proxy.
  expect(output).toContain('GET /%41 HTTP/1.1');
  expect(results.map(({ check }) => check)).toEqual(checks);
});

test('a probe of which nothing was heard has failed', () => {
  expect(checkResults([tcp], '')).toEqual([{ check: tcp, isRight: false, message: 'no connection to 127.0.0.1:9' }]);
});
