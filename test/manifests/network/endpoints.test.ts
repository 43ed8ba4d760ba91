// Endpoints, EndpointSlices and Leases: every mistake with what people are told.
import { expect, test } from 'vitest';
import { ip, label, qualified, subdomain } from '../../support/kubernetes-words.ts';
import { faultsOfKind } from '../../support/object-faults.ts';

const many = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(', ');

test.each<[string, string, string[]]>([
  [
    '1001 endpoints',
    `endpoints: [${many(1001, () => '{addresses: [10.0.0.1]}')}]`,
    ['endpoints: Too many: 1001: must have at most 1000 items'],
  ],
  ['1000 endpoints', `endpoints: [${many(1000, () => '{addresses: [10.0.0.1]}')}]`, []],
  [
    '101 addresses',
    `endpoints: [{addresses: [${many(101, () => '10.0.0.1')}]}]`,
    ['endpoints[0].addresses: Too many: 101: must have at most 100 items'],
  ],
  ['101 ports', `ports: [${many(101, (index) => `{name: p${index}}`)}]`, ['ports: Too many: 101: must have at most 100 items']],
  ['100 ports', `ports: [${many(100, (index) => `{name: p${index}}`)}]`, []],
])('EndpointSlice: %s', (_what, rest, faults) => {
  expect(faultsOfKind('EndpointSlice', 'discovery.k8s.io/v1', `addressType: IPv4\n${rest}`)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  ['right', 'subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}]}]', []],
  ['no subsets', 'subsets: []', []],
  [
    'no addresses',
    'subsets: [{ports: [{port: 80}]}]',
    ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  ],
  ['a bad address', 'subsets: [{addresses: [{ip: web}]}]', [`subsets[0].addresses[0].ip: Invalid value: "web": ${ip}`]],
  ['no address', 'subsets: [{addresses: [{hostname: a}]}]', ['subsets[0].addresses[0].ip: Required value']],
  [
    'loopback',
    'subsets: [{addresses: [{ip: 127.0.0.1}], notReadyAddresses: [{ip: "fe80::1"}]}]',
    [
      'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'subsets[0].notReadyAddresses[0].ip: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    ],
  ],
  [
    'bad names',
    'subsets: [{addresses: [{ip: 10.0.0.1, hostname: a.b, nodeName: A}]}]',
    [
      `subsets[0].addresses[0].hostname: Invalid value: "a.b": ${label}`,
      `subsets[0].addresses[0].nodeName: Invalid value: "A": ${subdomain}`,
    ],
  ],
  [
    'ports without names',
    'subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}, {name: b, port: 0}]}]',
    [
      'subsets[0].ports[0].name: Required value',
      'subsets[0].ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
  ],
  [
    'a bad port',
    'subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{name: A, port: 65536, appProtocol: "-"}]}]',
    [
      `subsets[0].ports[0].name: Invalid value: "A": ${label}`,
      'subsets[0].ports[0].port: Invalid value: 65536: must be between 1 and 65535, inclusive',
      `subsets[0].ports[0].appProtocol: Invalid value: "-": ${qualified}`,
    ],
  ],
  [
    'a bad protocol',
    'subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 80, protocol: ICMP}]}]',
    ['subsets[0].ports[0].protocol: "ICMP" is not one of TCP, UDP, SCTP.'],
  ],
])('Endpoints: %s', (_what, rest, faults) => {
  expect(faultsOfKind('Endpoints', 'v1', rest)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  [
    'right',
    'addressType: IPv4\nendpoints: [{addresses: [10.0.0.1], conditions: {ready: true}}]\nports: [{name: "", port: 80}]',
    [],
  ],
  ['nothing in it', 'addressType: IPv6', []],
  ['no type', 'endpoints: []', ['addressType: Required value']],
  ['a bad type', 'addressType: IP', ['addressType: "IP" is not one of IPv4, IPv6, FQDN.']],
  ['no addresses', 'addressType: IPv4\nendpoints: [{conditions: {}}]', ['endpoints[0].addresses: Required value']],
  [
    'an address of IPv6',
    'addressType: IPv4\nendpoints: [{addresses: ["fd00::1", 10.0.0.1]}]',
    ['endpoints[0].addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address'],
  ],
  [
    'an address of the other family',
    'addressType: IPv6\nendpoints: [{addresses: ["fd00::1", 10.0.0.1, "::ffff:10.0.0.1"]}]',
    [
      'endpoints[0].addresses[1]: Invalid value: "10.0.0.1": must be a valid IPv6 address',
      'endpoints[0].addresses[2]: Invalid value: "::ffff:10.0.0.1": must be a valid IPv6 address',
    ],
  ],
  [
    'special addresses',
    'addressType: IPv6\nendpoints: [{addresses: ["::1", "fe80::1"]}]',
    [
      'endpoints[0].addresses[0]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'endpoints[0].addresses[1]: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    ],
  ],
  [
    'bad domains',
    'addressType: FQDN\nendpoints: [{addresses: [a.example., db, A.example]}]',
    [
      'endpoints[0].addresses[1]: Invalid value: "db": should be a domain with at least two segments separated by dots',
      `endpoints[0].addresses[2]: Invalid value: "A.example": ${subdomain}`,
    ],
  ],
  [
    'bad names',
    'addressType: IPv4\nendpoints: [{addresses: [10.0.0.1], hostname: a.b}]\nports: [{name: A}, {name: ok, appProtocol: "a b"}]',
    [
      `endpoints[0].hostname: Invalid value: "a.b": ${label}`,
      `ports[0].name: Invalid value: "A": ${label}`,
      `ports[1].appProtocol: Invalid value: "a b": ${qualified}`,
    ],
  ],
  ['equal names', 'addressType: IPv4\nports: [{name: a, port: 1}, {name: a, port: 2}]', ['ports[1].name: Duplicate value: "a"']],
  ['unnamed ports', 'addressType: IPv4\nports: [{port: 1}, {port: 2}]', ['ports[1].name: Duplicate value: ""']],
  [
    'a bad port',
    'addressType: IPv4\nports: [{port: 0}]',
    ['ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive'],
  ],
  [
    'hints twice',
    'addressType: IPv4\nendpoints: [{addresses: [10.0.0.1], hints: {forZones: [{name: a}, {name: a}]}}]',
    ['endpoints[0].hints.forZones[1].name: Duplicate value: "a"'],
  ],
])('EndpointSlice: %s', (_what, rest, faults) => {
  expect(faultsOfKind('EndpointSlice', 'discovery.k8s.io/v1', rest)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  [
    'right',
    'spec: {holderIdentity: a, leaseDurationSeconds: 15, renewTime: "2024-01-02T03:04:05.000006Z", leaseTransitions: 0}',
    [],
  ],
  ['no spec', '', []],
  [
    'bad numbers',
    'spec: {leaseDurationSeconds: 0, leaseTransitions: -1}',
    [
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'a bad time',
    'spec: {acquireTime: yesterday}',
    ['spec.acquireTime: Invalid value: "yesterday": must be a time as in RFC 3339 (e.g. 2006-01-02T15:04:05.000000Z)'],
  ],
  [
    'a bad strategy',
    'spec: {strategy: Youngest}',
    ['spec.strategy: Unsupported value: "Youngest": supported values: "OldestEmulationVersion"'],
  ],
  [
    'a strategy of others',
    'spec: {strategy: example.com/a b}',
    [`spec.strategy: Invalid value: "example.com/a b": ${qualified}`],
  ],
  [
    'preferred without a strategy',
    'spec: {preferredHolder: b}',
    ['spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined'],
  ],
])('Lease: %s', (_what, rest, faults) => {
  expect(faultsOfKind('Lease', 'coordination.k8s.io/v1', rest)).toEqual(faults);
});
