// NetworkPolicies as rules: their text, and what they let through.
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { NetworkPolicy } from '../../src/model/resource.ts';
import type { Fragment } from '../../src/network/fragment.ts';
import { policyFrame } from '../../src/network/policies/policies.ts';
import { type PolicyPod, policyPod } from '../../src/network/policies/policy-pod.ts';
import { aContainer, aPod } from '../support/builders.ts';
import { type Packet, passes } from './policies-interpreter.ts';
import { allFragments, allRules, aPolicy, aPolicyPod, rulesText } from './policies-scene.ts';

type Spec = NonNullable<NetworkPolicy['spec']>;

const web = aPolicyPod('shop/web', '10.244.1.5', { app: 'web' }, [{ name: 'http', protocol: 'TCP', port: 8080 }]);
const web2 = aPolicyPod('shop/web2', '10.244.1.6', { app: 'web' }, [{ name: 'http', protocol: 'TCP', port: 9090 }]);
const db = aPolicyPod('shop/db', '10.244.1.7', { app: 'db' });
const farDb = aPolicyPod('shop/far-db', '10.244.2.7', { app: 'db' });
const probe = aPolicyPod('metrics/probe', '10.244.2.8', { app: 'probe' }, [{ name: 'http', protocol: 'TCP', port: 7070 }]);
const pods = [web, web2, db, farDb, probe];
const namespaces = { shop: { team: 'a' }, metrics: { team: 'b' } };

const textOf = (fragments: ReadonlyMap<string, Fragment>): string =>
  [...fragments].map(([id, { rules }]) => `# ${id}\n${rulesText(rules)}`).join('\n\n');

describe('the text', () => {
  test('of the frame', () => {
    expect(policyFrame().ip.join('\n')).toMatchInlineSnapshot(`
      "set policy-known { type ipv4_addr; }
      set policy-guarded { type ipv4_addr; flags interval; }
      set policy-self { type ipv4_addr . ipv4_addr; }
      map policy-egress { type ipv4_addr : verdict; }
      chain policy-egress-check {
        type filter hook forward priority -6; policy accept;
        ct state established,related accept
        ip saddr . ip daddr @policy-self accept
        ip saddr vmap @policy-egress
        ip saddr @policy-guarded ip saddr != @policy-known counter drop
      }
      map policy-ingress { type ipv4_addr : verdict; }
      chain policy-ingress-check {
        type filter hook forward priority -5; policy accept;
        ct state established,related accept
        ip saddr . ip daddr @policy-self accept
        ip daddr vmap @policy-ingress
        ip daddr @policy-guarded ip daddr != @policy-known counter drop
      }"
    `);
  });

  test('of a policy with all sorts of peers and ports', () => {
    const policy = aPolicy('all-sorts', {
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [
            { podSelector: { matchLabels: { app: 'db' } } },
            { namespaceSelector: { matchLabels: { team: 'b' } }, podSelector: {} },
            { ipBlock: { cidr: '192.168.0.0/16', except: ['192.168.1.0/24', '192.168.1.7/32', '192.168.2.1/32'] } },
          ],
          ports: [
            { port: 80, protocol: 'TCP' },
            { port: 81, endPort: 90 },
            { port: 8000 },
            { port: 'http' },
            { protocol: 'UDP' },
          ],
        },
      ],
      egress: [
        { to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ port: 53, protocol: 'UDP' }] },
        { to: [{ ipBlock: { cidr: '::/0' } }] },
      ],
    });
    expect(textOf(allFragments([policy], pods, namespaces))).toMatchInlineSnapshot(`
      "# policies
      elements policy-guarded: 10.244.1.2-10.244.1.247

      # policies/shop/all-sorts
      set policy-peers-01b4eead70-shop/all-sorts { type ipv4_addr; }
      set policy-peers-62b2a78a01-shop/all-sorts { type ipv4_addr; }
      set policy-ports-9390c68e30-shop/all-sorts/tcp/http { type ipv4_addr . inet_proto . inet_service; }
      chain policy-ingress-843a4344db-shop/all-sorts {
        ip saddr @policy-peers-01b4eead70-shop/all-sorts tcp dport { 80-90, 8000 } accept
        ip saddr @policy-peers-01b4eead70-shop/all-sorts meta l4proto udp accept
        ip saddr @policy-peers-01b4eead70-shop/all-sorts ip daddr . meta l4proto . th dport @policy-ports-9390c68e30-shop/all-sorts/tcp/http accept
        ip saddr @policy-peers-62b2a78a01-shop/all-sorts tcp dport { 80-90, 8000 } accept
        ip saddr @policy-peers-62b2a78a01-shop/all-sorts meta l4proto udp accept
        ip saddr @policy-peers-62b2a78a01-shop/all-sorts ip daddr . meta l4proto . th dport @policy-ports-9390c68e30-shop/all-sorts/tcp/http accept
        ip saddr 192.168.0.0/16 ip saddr != { 192.168.1.0/24, 192.168.2.1 } tcp dport { 80-90, 8000 } accept
        ip saddr 192.168.0.0/16 ip saddr != { 192.168.1.0/24, 192.168.2.1 } meta l4proto udp accept
        ip saddr 192.168.0.0/16 ip saddr != { 192.168.1.0/24, 192.168.2.1 } ip daddr . meta l4proto . th dport @policy-ports-9390c68e30-shop/all-sorts/tcp/http accept
      }
      chain policy-egress-b6bad2b1b7-shop/all-sorts {
        udp dport 53 accept
      }

      # policy-groups/shop/egress-ecc95af6fe
      chain policy-egress-of-51e25b8785-shop/all-sorts {
        jump policy-egress-b6bad2b1b7-shop/all-sorts
        counter drop
      }

      # policy-groups/shop/ingress-ecc95af6fe
      chain policy-ingress-of-b9d095642c-shop/all-sorts {
        jump policy-ingress-843a4344db-shop/all-sorts
        counter drop
      }

      # policy-pods/metrics/10.244.2.8
      elements policy-peers-62b2a78a01-shop/all-sorts: 10.244.2.8

      # policy-pods/shop/10.244.1.5
      elements policy-known: 10.244.1.5
      elements policy-ingress: 10.244.1.5 : goto policy-ingress-of-b9d095642c-shop/all-sorts
      elements policy-egress: 10.244.1.5 : goto policy-egress-of-51e25b8785-shop/all-sorts
      elements policy-self: 10.244.1.5 . 10.244.1.5
      elements policy-ports-9390c68e30-shop/all-sorts/tcp/http: 10.244.1.5 . tcp . 8080

      # policy-pods/shop/10.244.1.6
      elements policy-known: 10.244.1.6
      elements policy-ingress: 10.244.1.6 : goto policy-ingress-of-b9d095642c-shop/all-sorts
      elements policy-egress: 10.244.1.6 : goto policy-egress-of-51e25b8785-shop/all-sorts
      elements policy-self: 10.244.1.6 . 10.244.1.6
      elements policy-ports-9390c68e30-shop/all-sorts/tcp/http: 10.244.1.6 . tcp . 9090

      # policy-pods/shop/10.244.1.7
      elements policy-known: 10.244.1.7
      elements policy-peers-01b4eead70-shop/all-sorts: 10.244.1.7

      # policy-pods/shop/10.244.2.7
      elements policy-peers-01b4eead70-shop/all-sorts: 10.244.2.7"
    `);
  });

  test('of pods with several policies, which share chains', () => {
    const deny = aPolicy('deny', { podSelector: {}, policyTypes: ['Ingress'] });
    const open = aPolicy('open', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress: [{}] });
    expect(textOf(allFragments([open, deny], pods, namespaces))).toMatchInlineSnapshot(`
      "# policies
      elements policy-guarded: 10.244.1.2-10.244.1.247

      # policies/shop/deny
      chain policy-ingress-f43d33f03c-shop/deny {

      }

      # policies/shop/open
      chain policy-ingress-0c3489517a-shop/open {
        accept
      }

      # policy-groups/shop/ingress-a86f60e87d
      chain policy-ingress-of-eacfa9cf79-shop/deny_open {
        jump policy-ingress-f43d33f03c-shop/deny
        jump policy-ingress-0c3489517a-shop/open
        counter drop
      }

      # policy-groups/shop/ingress-f8554755cf
      chain policy-ingress-of-ec4b0fe7e1-shop/deny {
        jump policy-ingress-f43d33f03c-shop/deny
        counter drop
      }

      # policy-pods/shop/10.244.1.5
      elements policy-known: 10.244.1.5
      elements policy-ingress: 10.244.1.5 : goto policy-ingress-of-eacfa9cf79-shop/deny_open
      elements policy-self: 10.244.1.5 . 10.244.1.5

      # policy-pods/shop/10.244.1.6
      elements policy-known: 10.244.1.6
      elements policy-ingress: 10.244.1.6 : goto policy-ingress-of-eacfa9cf79-shop/deny_open
      elements policy-self: 10.244.1.6 . 10.244.1.6

      # policy-pods/shop/10.244.1.7
      elements policy-known: 10.244.1.7
      elements policy-ingress: 10.244.1.7 : goto policy-ingress-of-ec4b0fe7e1-shop/deny
      elements policy-self: 10.244.1.7 . 10.244.1.7"
    `);
  });
});

test('a pod that comes is a fragment of its own, of elements only, and changes no other', () => {
  const policies = [
    aPolicy('a', {
      podSelector: {},
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 'http' }] }],
    }),
  ];
  const before = allFragments(policies, [web, db, farDb]);
  const after = allFragments(policies, [web, web2, db, farDb]);
  expect([...after].filter(([id, fragment]) => !isDeepStrictEqual(fragment, before.get(id))).map(([id]) => id)).toEqual([
    'policy-pods/shop/10.244.1.6',
  ]);
  const { chains, sets } = after.get('policy-pods/shop/10.244.1.6')?.rules ?? {};
  expect([chains?.size, sets?.size]).toEqual([0, 0]);
});

test('policies of pods of other nodes make no rules here', () => {
  const fragments = allFragments(
    [aPolicy('metrics/deny', { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] })],
    pods,
  );
  expect([...fragments.keys()]).toEqual([
    'policies',
    'policy-pods/shop/10.244.1.5',
    'policy-pods/shop/10.244.1.6',
    'policy-pods/shop/10.244.1.7',
  ]);
});

const allowed: [string, Record<string, Spec>, [PolicyPod | string, PolicyPod | string, number, boolean][]][] = [
  ['without policies everything passes, also what nobody knows', {}, [['10.244.1.99', web, 80, true]]],
  [
    'an address of the node that nobody knows is closed while there are policies',
    { 'other/any': { podSelector: {} } },
    [
      ['10.244.1.99', db, 80, false],
      ['203.0.113.1', '10.244.1.99', 80, false],
      ['203.0.113.1', web, 80, true],
      ['10.244.2.99', web, 80, true],
    ],
  ],
  [
    'default deny of what comes in',
    { deny: { podSelector: {} } },
    [
      [probe, web, 80, false],
      ['203.0.113.1', web, 80, false],
      [web, probe, 80, true],
      [web, web, 80, true],
    ],
  ],
  [
    'default deny of what goes out',
    { deny: { podSelector: {}, policyTypes: ['Egress'] } },
    [
      [web, probe, 80, false],
      [web, '203.0.113.1', 80, false],
      [probe, web, 80, true],
      [web, web, 80, true],
    ],
  ],
  [
    'rules for what goes out restrict what goes out, also without types',
    { out: { podSelector: {}, egress: [{ to: [{ podSelector: {} }] }] } },
    [
      [web, farDb, 80, true],
      [web, probe, 80, false],
    ],
  ],
  [
    'no types and an empty list of rules restrict only what comes in',
    { out: { podSelector: {}, egress: [], policyTypes: [] } },
    [
      [web, probe, 80, true],
      [probe, web, 80, false],
    ],
  ],
  [
    'policies add up',
    {
      deny: { podSelector: {} },
      db: {
        podSelector: { matchLabels: { app: 'db' } },
        ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
      },
      port: { podSelector: { matchLabels: { app: 'db' } }, ingress: [{ ports: [{ port: 9000 }] }] },
    },
    [
      [web, db, 5432, true],
      [probe, db, 5432, false],
      [probe, db, 9000, true],
      [db, web, 9000, false],
    ],
  ],
  [
    'a name stands for the number that each pod gives it',
    { named: { podSelector: {}, ingress: [{ ports: [{ port: 'http' }] }] } },
    [
      [probe, web, 8080, true],
      [probe, web, 9090, false],
      [probe, web2, 9090, true],
      [probe, web2, 8080, false],
      [probe, db, 8080, false],
    ],
  ],
  [
    'a port between two that are allowed',
    { ports: { podSelector: {}, ingress: [{ ports: [{ port: 82 }, { port: 80 }] }] } },
    [
      [probe, web, 80, true],
      [probe, web, 81, false],
      [probe, web, 82, true],
    ],
  ],
  [
    'a name of what goes out is that of the destination, wherever it is',
    { named: { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Egress'], egress: [{ ports: [{ port: 'http' }] }] } },
    [
      [db, web, 8080, true],
      [db, web2, 8080, false],
      [db, probe, 7070, true],
      [db, farDb, 7070, false],
    ],
  ],
  [
    'namespaces by the label that all of them have',
    {
      by: {
        podSelector: {},
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'metrics' } } }] }],
      },
    },
    [
      [probe, web, 80, true],
      [db, web, 80, false],
    ],
  ],
];

test.each(allowed)('%s', (_what, specs, packets) => {
  const rules = allRules(
    Object.entries(specs).map(([name, spec]) => aPolicy(name, spec)),
    pods,
    namespaces,
  );
  const addressOf = (end: PolicyPod | string): string => (typeof end === 'string' ? end : end.address);
  for (const [from, to, port, isExpected] of packets) {
    const packet: Packet = { from: addressOf(from), to: addressOf(to), protocol: 'tcp', port };
    expect([packet, passes(policyFrame(), rules, packet)]).toEqual([packet, isExpected]);
  }
});

describe('which pods policies see', () => {
  const running = { nodeName: 'one', phase: 'Running', status: { podIP: '10.244.1.5' } } as const;

  test.each([
    ['a running one', aPod(running), '10.244.1.5'],
    ['one without a node', aPod({ status: { podIP: '10.244.1.5' } }), undefined],
    ['one without an address', aPod({ nodeName: 'one' }), undefined],
    ['one on the network of its host', aPod({ ...running, spec: { hostNetwork: true } }), undefined],
    ['one that has ended', aPod({ ...running, phase: 'Succeeded' }), undefined],
    ['one that has failed', aPod({ ...running, phase: 'Failed' }), undefined],
    ['one that is asked to go', aPod({ ...running, deletionTimestamp: '2026-01-01T00:00:00Z' }), '10.244.1.5'],
  ])('%s', (_what, pod, address) => {
    expect(policyPod(pod)?.address).toBe(address);
  });

  test('one whose address is known before it has started', () => {
    expect(policyPod(aPod({ nodeName: 'one' }), '10.244.1.9')?.address).toBe('10.244.1.9');
  });

  test('with the named ports of its containers and sidecars', () => {
    const ports = (name: string, containerPort: number): object => ({ ports: [{ name, containerPort }, { containerPort: 1 }] });
    const pod = aPod({
      ...running,
      spec: {
        containers: [aContainer(ports('http', 80))],
        initContainers: [
          aContainer({ name: 'side', restartPolicy: 'Always', ...ports('proxy', 81) }),
          aContainer({ name: 'init', ...ports('gone', 82) }),
        ],
      },
    });
    expect(policyPod(pod)?.ports).toEqual([
      { name: 'http', protocol: 'TCP', port: 80 },
      { name: 'proxy', protocol: 'TCP', port: 81 },
    ]);
  });
});
