// Which address and which node ports a Service gets, what is refused, and what stays.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServiceAllocator, withAllocated } from '../../../src/model/admission/service-allocation.ts';
import { parseAddress, parseRange } from '../../../src/model/ipv4.ts';
import type { IPAddress, Service, ServiceSpec } from '../../../src/model/resource.ts';
import { clusterAddressOf, needsClusterAddress, needsNodePorts, nodePortsOf } from '../../../src/model/service.ts';
import { addressRecord, DEFAULT_SERVICE_RANGE } from '../../../src/model/service-address.ts';
import { aService } from '../../support/a-service.ts';

interface Facts {
  readonly services?: readonly Service[];
  readonly records?: readonly IPAddress[];
  readonly range?: string;
}

function allocatorWith({ services = [], records = [], range = '10.96.0.0/16' }: Facts = {}): ServiceAllocator {
  return new ServiceAllocator({ range: parseRange(range) ?? DEFAULT_SERVICE_RANGE, services, records });
}

/** The Service as it is stored, or why it is refused. */
function given(service: Service, facts: Facts = {}): Service | string {
  const allocator = allocatorWith(facts);
  const fault = allocator.claim(service);
  if (fault !== undefined) return `${fault.path.join('.')}: ${fault.message}`;
  const result = allocator.complete(service);
  return result.ok ? result.service : `${result.fault.path.join('.')}: ${result.fault.message}`;
}

function specOf(service: Service | string): ServiceSpec {
  if (typeof service === 'string') throw new Error(service);
  return service.spec;
}

const web = aService();
const nodePort = (...ports: number[]): ServiceSpec => ({
  type: 'NodePort',
  ports: ports.map((port, index) => ({ name: `p${index}`, port: 80 + index, ...(port === 0 ? {} : { nodePort: port }) })),
});

test('an address of the upper part, the same every time', () => {
  const { clusterIP = '', clusterIPs } = specOf(given(web));
  expect(clusterIPs).toEqual([clusterIP]);
  expect(parseAddress(clusterIP)).toBeGreaterThanOrEqual(parseAddress('10.96.1.1') ?? 0);
  expect(parseAddress(clusterIP)).toBeLessThanOrEqual(parseAddress('10.96.255.254') ?? 0);
  expect(specOf(given(web))).toEqual(specOf(given(web)));
});

test('the next free one, when another Service has it', () => {
  const first = specOf(given(web)).clusterIP ?? '';
  const other = aService({ name: 'other', spec: { clusterIP: first, clusterIPs: [first] } });
  expect(parseAddress(specOf(given(web, { services: [other] })).clusterIP ?? '')).toBe((parseAddress(first) ?? 0) + 1);
});

test('a name for another name has nothing', () => {
  const spec: ServiceSpec = { type: 'ExternalName', externalName: 'db.example' };
  expect(specOf(given(aService({ spec })))).toEqual(aService({ spec }).spec);
});

test.each<[string, ServiceSpec, Partial<ServiceSpec>]>([
  ['a headless Service keeps None', { clusterIP: 'None', clusterIPs: ['None'] }, { clusterIP: 'None' }],
  ['what is asked for', { clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'] }, { clusterIP: '10.96.0.7' }],
  ['a node port that is asked for', { clusterIP: '10.96.0.7', ...nodePort(30080) }, nodePort(30080)],
  [
    'no node ports for a load balancer that wants none',
    { clusterIP: '10.96.0.7', type: 'LoadBalancer', allocateLoadBalancerNodePorts: false },
    { ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] },
  ],
])('%s', (_what, spec, expected) => {
  const service = given(aService({ spec }));
  expect(specOf(service)).toMatchObject(expected);
});

test('one number with two protocols has one node port', () => {
  const ports = [
    { name: 'tcp', port: 53, protocol: 'TCP' as const },
    { name: 'udp', port: 53, protocol: 'UDP' as const },
    { name: 'metrics', port: 9153, protocol: 'TCP' as const },
  ];
  const [tcp, udp, metrics] = specOf(given(aService({ spec: { type: 'NodePort', ports } }))).ports ?? [];
  expect(tcp?.nodePort).toBe(udp?.nodePort);
  expect(tcp?.nodePort).toBeGreaterThanOrEqual(30086);
  expect(metrics?.nodePort).not.toBe(tcp?.nodePort);
});

const holder = aService({ name: 'old', namespace: 'shop', spec: { clusterIP: '10.96.0.7', ...nodePort(30080) } });
const kept = addressRecord('10.96.0.9', { namespace: 'shop', name: 'db', nodePorts: 'TCP/80=30090' }, true);
const leave = 'leave clusterIP out to be given a free one';

test.each<[string, ServiceSpec, string]>([
  [
    'an address in use',
    { clusterIP: '10.96.0.7' },
    `spec.clusterIP: address 10.96.0.7 cannot be had: it is in use by service/old in shop; ${leave}`,
  ],
  [
    'an address outside the range',
    { clusterIP: '10.0.0.7' },
    `spec.clusterIP: address 10.0.0.7 cannot be had: it is not in the valid range 10.96.0.0/16; ${leave}`,
  ],
  [
    'the last address of the range',
    { clusterIP: '10.96.255.255' },
    `spec.clusterIP: address 10.96.255.255 cannot be had: it is not in the valid range 10.96.0.0/16; ${leave}`,
  ],
  [
    'the address of DNS',
    { clusterIP: '10.96.0.10' },
    `spec.clusterIP: address 10.96.0.10 cannot be had: DNS of the cluster answers there; ${leave}`,
  ],
  [
    'the first address',
    { clusterIP: '10.96.0.1' },
    `spec.clusterIP: address 10.96.0.1 cannot be had: the first address of the range is kept free, as Kubernetes has it for its API; ${leave}`,
  ],
  [
    'an address that is kept',
    { clusterIP: '10.96.0.9' },
    `spec.clusterIP: address 10.96.0.9 cannot be had: it is kept for service/db in shop, which had it before; ${leave}`,
  ],
  [
    'a node port in use',
    nodePort(0, 30080),
    'spec.ports.1.nodePort: node port 30080 cannot be had: it is in use by service/old in shop; leave nodePort out to be given a free one',
  ],
  [
    'a node port that is kept',
    nodePort(30090),
    'spec.ports.0.nodePort: node port 30090 cannot be had: it is kept for service/db in shop, which had it before; leave nodePort out to be given a free one',
  ],
])('refused: %s', (_what, spec, expected) => {
  expect(given(aService({ spec }), { services: [holder], records: [kept] })).toBe(expected);
});

test('a full range says so', () => {
  const facts = { range: '10.9.0.0/28' };
  const services: Service[] = [];
  for (let index = 0; index < 12; index++) {
    const service = given(aService({ name: `s${index}` }), { ...facts, services });
    if (typeof service !== 'string') services.push(service);
  }
  expect(new Set(services.map((service) => clusterAddressOf(service))).size).toBe(12);
  expect(given(web, { ...facts, services })).toBe('spec.clusterIP: no address is left in the range 10.9.0.0/28 of the cluster');
});

test('a Service that comes back gets what was kept for it', () => {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' as const }];
  const db = aService({ name: 'db', namespace: 'shop', spec: { type: 'NodePort', ports } });
  expect(specOf(given(db, { records: [kept] }))).toMatchObject({
    clusterIP: '10.96.0.9',
    ports: [{ ...ports[0], nodePort: 30090 }],
  });
  const asking = aService({ name: 'db', namespace: 'shop', spec: { clusterIP: '10.96.0.9' } });
  expect(specOf(given(asking, { records: [kept] })).clusterIP).toBe('10.96.0.9');
});

test('a record that is not kept holds nothing', () => {
  const stale = addressRecord('10.96.0.9', { namespace: 'shop', name: 'db', nodePorts: '' });
  expect(specOf(given(aService({ spec: { clusterIP: '10.96.0.9' } }), { records: [stale] })).clusterIP).toBe('10.96.0.9');
});

test('what one lets go of another may ask for', () => {
  const allocator = allocatorWith({ services: [holder] });
  allocator.release(holder);
  expect(allocator.claim(aService({ spec: { clusterIP: '10.96.0.7', ...nodePort(30080) } }))).toBeUndefined();
});

const given1 = { clusterIP: '10.96.3.4', clusterIPs: ['10.96.3.4'] };
test.each<[string, ServiceSpec, ServiceSpec, ServiceSpec]>([
  ['an address', { ports: [] }, given1, { ports: [], ...given1 }],
  ['another address that is asked for', { clusterIP: '10.96.0.5' }, given1, { clusterIP: '10.96.0.5' }],
  ['no address, for a name', { type: 'ExternalName' }, given1, { type: 'ExternalName' }],
  ['no address, after a headless one', {}, { clusterIP: 'None', clusterIPs: ['None'] }, {}],
  ['node ports by name', nodePort(0, 0), { ...given1, ...nodePort(31000, 31001) }, { ...given1, ...nodePort(31000, 31001) }],
  ['a node port that moves', nodePort(31001, 0), nodePort(31000, 31001), nodePort(31001, 0)],
  ['no node ports any more', { ports: [{ port: 80 }] }, { ...given1, ...nodePort(31000) }, { ...given1, ports: [{ port: 80 }] }],
])('kept: %s', (_what, next, live, expected) => {
  expect(withAllocated(next, live)).toEqual(expected);
});

const anySpec: fc.Arbitrary<ServiceSpec> = fc.record(
  {
    type: fc.constantFrom('ClusterIP' as const, 'NodePort' as const, 'LoadBalancer' as const, 'ExternalName' as const),
    clusterIP: fc.constantFrom('None', '10.9.0.2', '10.9.0.5', '10.9.0.30'),
    allocateLoadBalancerNodePorts: fc.boolean(),
    ports: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c'),
        port: fc.constantFrom(53, 80),
        protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
        nodePort: fc.constantFrom(0, 0, 0, 30000, 30001),
      }),
      { selector: ({ name }) => name },
    ),
  },
  { requiredKeys: ['type', 'ports'] },
);

test('never two Services with one address or node port, and what is given stays', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), anySpec), { maxLength: 40 }), (turns) => {
      const there = new Map<string, Service>();
      for (const [number, spec] of turns) {
        const name = `s${number}`;
        const live = there.get(name);
        const wanted = aService({ name, spec: live === undefined ? spec : withAllocated(spec, live.spec) });
        const facts = { services: [...there.values()], range: '10.9.0.0/27' };
        const allocator = allocatorWith(facts);
        if (live !== undefined) allocator.release(live);
        if (allocator.claim(wanted) !== undefined) continue;
        const result = allocator.complete(wanted);
        if (!result.ok) continue;
        expect(clusterAddressOf(result.service) === undefined).toBe(!needsClusterAddress(spec));
        const open = (result.service.spec.ports ?? []).filter(({ nodePort = 0 }) => nodePort === 0);
        expect(needsNodePorts(spec) ? open : []).toEqual([]);
        there.set(name, result.service);
        // A second pass over the same manifest changes nothing.
        expect(withAllocated(spec, result.service.spec).clusterIP).toBe(result.service.spec.clusterIP);
        const all = [...there.values()];
        const addresses = all.flatMap((service) => clusterAddressOf(service) ?? []);
        expect(new Set(addresses).size).toBe(addresses.length);
        const ports = all.flatMap((service) => nodePortsOf(service));
        expect(new Set(ports).size).toBe(ports.length);
      }
    }),
    { numRuns: 300 },
  );
});
