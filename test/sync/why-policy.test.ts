// What `why` says of NetworkPolicies, of the pods that they restrict, and of what leads to those.
import { expect, test } from 'vitest';
import type { Kind, NetworkPolicy, Resource } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { explain } from '../../src/sync/why.ts';
import { aService } from '../support/a-service.ts';
import { aPod, asDesired, START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const pod = asDesired(aPod({ name: 'web', labels: { app: 'web' } }));
const policy = (name: string, spec: NetworkPolicy['spec']): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'default' },
  ...(spec === undefined ? {} : { spec }),
});
const label = (app: string): { matchLabels: Record<string, string> } => ({ matchLabels: { app } });
const deny = policy('deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
const api = policy('api', {
  podSelector: label('web'),
  ingress: [
    {
      from: [
        { podSelector: label('friend') },
        { namespaceSelector: { matchLabels: { team: 'ops' } }, podSelector: label('monitor') },
        { namespaceSelector: {} },
        { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
      ],
      ports: [{ port: 'http' }, { port: 8000, endPort: 8010, protocol: 'TCP' }, { protocol: 'UDP' }],
    },
  ],
});
const open = policy('open', { podSelector: label('web'), egress: [{}] });

async function told(kind: Kind, name: string, ...all: readonly Resource[]): Promise<readonly string[]> {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  expect(await store.write(all.map((resource) => ({ op: 'create', resource })))).toMatchObject({ ok: true });
  return explain({ kind, namespace: 'default', name }, store, START_MS);
}

const INTO = 'connections to it from other pods and from outside are dropped unless a NetworkPolicy lets them in:';
const OUT = 'connections that it makes are dropped unless a NetworkPolicy lets them out:';

test.each<[string, readonly Resource[], readonly string[]]>([
  ['none', [pod], []],
  ['one for others', [pod, policy('other', { podSelector: label('other') })], []],
  [
    'one that lets nobody in and out',
    [pod, deny],
    [INTO, '  networkpolicy/deny lets in nobody', OUT, '  networkpolicy/deny lets it reach nobody'],
  ],
  [
    'some that let some in',
    [pod, api, policy('more', { podSelector: {}, ingress: [{}] })],
    [
      INTO,
      '  networkpolicy/api lets in pods app=friend of its namespace; pods app=monitor of namespaces team=ops; all pods of all namespaces; addresses of 10.0.0.0/8 except 10.1.0.0/16, on http/TCP, 8000-8010/TCP, all UDP ports',
      '  networkpolicy/more lets in everybody',
    ],
  ],
  [
    'one with rules for what goes out alone, which restricts what comes in as well',
    [pod, open],
    [INTO, '  networkpolicy/open lets in nobody', OUT, '  networkpolicy/open lets it reach everybody'],
  ],
])('a pod with policies: %s', async (_what, objects, lines) => {
  const all = await told('Pod', 'web', ...objects);
  expect(all.filter((line) => /NetworkPolicy|networkpolicy/.test(line))).toEqual(lines);
});

test('a policy tells whom it is for, and what it lets through', async () => {
  expect((await told('NetworkPolicy', 'deny', pod, deny)).slice(2)).toEqual([
    'it restricts one pod: web',
    'networkpolicy/deny lets in nobody',
    'networkpolicy/deny lets it reach nobody',
  ]);
  expect((await told('NetworkPolicy', 'api', api)).slice(2, 3)).toEqual([
    'it restricts nobody: no pod in namespace "default" has the labels app=web',
  ]);
  expect((await told('NetworkPolicy', 'deny', deny)).slice(2, 3)).toEqual([
    'it restricts nobody: there is no pod in namespace "default"',
  ]);
});

test('a Service whose pods are restricted says so', async () => {
  const service = aService({ spec: { clusterIP: '10.96.3.4', selector: { app: 'web' }, ports: [{ port: 80 }] } });
  expect((await told('Service', 'web', pod, service, deny, api)).at(-1)).toBe(
    'whom its pods answer is restricted by networkpolicy/api, networkpolicy/deny: holdfast why pod/web tells who is let in',
  );
});
