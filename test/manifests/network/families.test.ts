// What a cluster of one family says of the other one, and of what Services cannot do here: refused with the way out, or told.
import { expect, test } from 'vitest';
import { loadText, told } from '../../support/manifest-text.ts';

const service = (spec: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ${spec.replaceAll('; ', '\n  ')}\n`;
const port = 'ports: [{port: 80}]';
const family = 'pods and Services have IPv4 addresses alone';
const pods = 'Pods and Services have IPv4 addresses alone';

test.each<[string, string, string[]]>([
  ['nothing', service(port), []],
  ['IPv4', service(`${port}; ipFamilies: [IPv4]; ipFamilyPolicy: SingleStack`), []],
  [
    'IPv6',
    service(`${port}; ipFamilies: [IPv6]`),
    [`error UnsupportedField a.yaml:6:16 spec.ipFamilies[0]: "IPv6" is not supported: ${family}; leave ipFamilies out`],
  ],
  [
    'both, if there are',
    service(`${port}; ipFamilyPolicy: PreferDualStack`),
    [`note NoEffect a.yaml:6:3 spec.ipFamilyPolicy: the Service gets an IPv4 address and no other: ${family}`],
  ],
  [
    'both',
    service(`${port}; ipFamilyPolicy: RequireDualStack`),
    [
      `error UnsupportedField a.yaml:6:3 spec.ipFamilyPolicy: ipFamilyPolicy "RequireDualStack" is not supported yet: ${pods}; use PreferDualStack or leave the field out`,
    ],
  ],
  [
    'an IPv6 address',
    service(`${port}; clusterIP: fd00::7`),
    [
      `error UnsupportedField a.yaml:6:3 spec.clusterIP: "fd00::7" is not supported: ${family}; leave it out, or ask for an IPv4 address`,
    ],
  ],
  [
    'an external IPv6 address',
    service(`${port}; externalIPs: [fd00::7]`),
    [
      `error UnsupportedField a.yaml:6:17 spec.externalIPs[0]: "fd00::7" is not supported: ${family}; give the node's IPv4 address`,
    ],
  ],
  [
    'source ranges of IPv6 alone, which would keep out nobody',
    service(`${port}; type: LoadBalancer; loadBalancerSourceRanges: ["2001:db8::/32"]`),
    [
      `error UnsupportedField a.yaml:7:30 spec.loadBalancerSourceRanges[0]: "2001:db8::/32" is not supported: ${family}; give the IPv4 networks that may reach it`,
    ],
  ],
  [
    'source ranges of both',
    service(`${port}; type: LoadBalancer; loadBalancerSourceRanges: ["::/0", 192.0.2.0/24]`),
    [
      'note NoEffect a.yaml:7:30 spec.loadBalancerSourceRanges[0]: "::/0" lets nobody in: the Service has an IPv4 address and no other',
    ],
  ],
  [
    'a loopback address',
    service(`${port}; externalIPs: [127.0.0.1]`),
    [
      'error Invalid a.yaml:6:17 spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  ],
  [
    'SCTP',
    service('ports: [{port: 80, protocol: SCTP}]'),
    [
      'error UnsupportedField a.yaml:5:22 spec.ports[0].protocol: protocol "SCTP" is not supported yet: Services lead TCP and UDP; use one of them, or give the pods\' own addresses to the programs',
    ],
  ],
  [
    'checks of a load balancer',
    service(`${port}; type: LoadBalancer; externalTrafficPolicy: Local; healthCheckNodePort: 32000`),
    [
      "error UnsupportedField a.yaml:8:3 spec.healthCheckNodePort: healthCheckNodePort is not supported yet: Nothing answers such checks on the nodes; leave it out, and let a load balancer in front of them check the Service's own port",
    ],
  ],
  [
    'a class of load balancer',
    service(`${port}; type: LoadBalancer; loadBalancerClass: example.com/lb`),
    [
      'error UnsupportedField a.yaml:7:3 spec.loadBalancerClass: no load balancer of the class "example.com/lb" is here; leave the field out',
    ],
  ],
  ['our class of load balancer', service(`${port}; type: LoadBalancer; loadBalancerClass: holdfast.dev/load-balancer`), []],
  [
    'Endpoints with an IPv6 address',
    'apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\nsubsets: [{addresses: [{ip: "fd00::7"}]}]\n',
    [`error UnsupportedField a.yaml:4:25 subsets[0].addresses[0].ip: "fd00::7" is not supported: ${family}; give IPv4 addresses`],
  ],
  [
    'an EndpointSlice of names',
    'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web}\naddressType: FQDN\nendpoints: [{addresses: [db.example]}]\n',
    [
      'error UnsupportedField a.yaml:4:1 addressType: addressType "FQDN" is not supported yet: Traffic is led to addresses, not to names; make the Service of type ExternalName, or give addresses with addressType IPv4',
    ],
  ],
])('%s', (_what, text, expected) => {
  expect(told(loadText(text))).toEqual(expected);
});
