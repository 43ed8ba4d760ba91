// Any policies and any packet: what the rules let through, compared with a plain reading of what Kubernetes says.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NetworkPolicy } from '../../src/model/resource.ts';
import { policyFrame } from '../../src/network/policies/policies.ts';
import { type Packet, passes } from './policies-interpreter.ts';
import { isAllowed } from './policies-reading.ts';
import { allRules, aPolicy, aPolicyPod } from './policies-scene.ts';

type Spec = NonNullable<NetworkPolicy['spec']>;

const labels = fc.constantFrom<Record<string, string>>({}, { a: '1' }, { a: '2' }, { b: '1' }, { a: '1', b: '1' });
const selector = labels.map((matchLabels) => ({ matchLabels }));
const names = ['x', 'y'];
const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP');
const number = fc.integer({ min: 1, max: 6 });
const ports = fc.array(
  fc.oneof(
    protocol.map((each) => ({ protocol: each })),
    fc.record({ protocol, port: number }),
    fc.record({ protocol, port: fc.constantFrom(...names) }),
    fc.tuple(protocol, number, number).map(([each, a, b]) => ({ protocol: each, port: Math.min(a, b), endPort: Math.max(a, b) })),
  ),
  { maxLength: 4 },
);
const peer = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ namespaceSelector: selector, podSelector: selector }),
  fc
    .constantFrom<NonNullable<NonNullable<NonNullable<Spec['ingress']>[number]['from']>[number]['ipBlock']>>(
      { cidr: '0.0.0.0/0' },
      { cidr: '0.0.0.0/0', except: ['10.244.0.0/16'] },
      { cidr: '10.244.1.0/28', except: ['10.244.1.2/32', '10.244.1.2/31', '10.244.1.4/32'] },
      { cidr: '203.0.113.0/24', except: ['203.0.113.0/25'] },
    )
    .map((ipBlock) => ({ ipBlock })),
);
const peers = fc.array(peer, { maxLength: 3 });
const policy = fc.record({
  podSelector: selector,
  policyTypes: fc.subarray<'Ingress' | 'Egress'>(['Ingress', 'Egress'], { minLength: 1 }),
  ingress: fc.array(fc.record({ from: peers, ports }), { maxLength: 2 }),
  egress: fc.array(fc.record({ to: peers, ports }), { maxLength: 2 }),
});
const pod = fc.record({
  labels,
  namespace: fc.constantFrom('n', 'm'),
  ports: fc.uniqueArray(
    fc.record({ name: fc.constantFrom(...names), protocol: fc.constantFrom<'TCP' | 'UDP'>('TCP', 'UDP'), port: number }),
    { maxLength: 2, selector: ({ name }) => name },
  ),
});
const cluster = fc.record({
  policies: fc.array(fc.tuple(fc.constantFrom('n', 'm'), policy), { maxLength: 4 }),
  pods: fc.array(pod, { minLength: 1, maxLength: 6 }),
  n: labels,
  m: labels,
});

test('a packet passes when a plain reading of the policies lets it', () => {
  fc.assert(
    fc.property(
      cluster,
      fc.array(fc.tuple(fc.nat(8), fc.nat(8), fc.constantFrom<Packet['protocol']>('tcp', 'udp', 'sctp', 'icmp'), number), {
        minLength: 30,
        maxLength: 30,
      }),
      (drawn, packets) => {
        const policies = drawn.policies.map(([namespace, spec], index) => aPolicy(`${namespace}/p${index}`, spec));
        const all = drawn.pods.map(({ namespace, ...each }, index) =>
          aPolicyPod(`${namespace}/p${index}`, `10.244.${1 + (index % 2)}.${2 + Math.floor(index / 2)}`, each.labels, each.ports),
        );
        const spaces = { n: drawn.n, m: drawn.m };
        const rules = allRules(policies, all, spaces);
        const addresses = [...all.map(({ address }) => address), '203.0.113.1', '203.0.113.200'];
        const local = all.filter(({ node }) => node === 'one').map(({ address }) => address);
        for (const [from, to, kind, port] of packets) {
          const packet: Packet = {
            from: addresses[from % addresses.length] ?? '',
            to: addresses[to % addresses.length] ?? '',
            protocol: kind,
            port: kind === 'icmp' ? 0 : port,
          };
          // What stays outside of the pods is nobody's to judge.
          expect([packet, passes(policyFrame(), rules, packet)]).toEqual([
            packet,
            isAllowed(
              { policies, pods: all.map((each) => ({ ...each, labels: { ...each.labels } })), namespaces: spaces },
              packet,
              local,
            ),
          ]);
        }
      },
    ),
    { numRuns: 400 },
  );
});
