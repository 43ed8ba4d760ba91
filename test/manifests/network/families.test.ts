// What a cluster of one family says of the other one, and of what Services cannot do here: refused with the way out, or told.
import { expect, test } from 'vitest';
import { loadText, told } from '../../support/manifest-text.ts';

const service = (spec: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ${spec.replaceAll('; ', '\n  ')}\n`;
const port = 'ports: [{port: 80}]';
const policy = (spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\nspec: {podSelector: {}, ${spec}}\n`;
const pod = (ports: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: c, image: busybox, ports: ${ports}}]\n`;
const sctp = "is not supported yet: Services lead TCP and UDP; use one of them, or give the pods' own addresses to the programs";
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
    'an IPv6 address of a load balancer',
    service(`${port}; type: LoadBalancer; loadBalancerIP: fd00::7`),
    [
      `error UnsupportedField a.yaml:7:3 spec.loadBalancerIP: "fd00::7" is not supported: ${family}; leave it out, or ask for an IPv4 address`,
    ],
  ],
  [
    'both families by their names',
    service(`${port}; ipFamilies: [IPv4, IPv6]; ipFamilyPolicy: PreferDualStack`),
    [
      `error UnsupportedField a.yaml:6:22 spec.ipFamilies[1]: "IPv6" is not supported: ${family}; leave ipFamilies out`,
      `note NoEffect a.yaml:7:3 spec.ipFamilyPolicy: the Service gets an IPv4 address and no other: ${family}`,
    ],
  ],
  [
    'addresses of both',
    service(`${port}; clusterIP: 10.96.0.9; clusterIPs: [10.96.0.9, "fd00::9"]`),
    [
      `error UnsupportedField a.yaml:7:27 spec.clusterIPs[1]: "fd00::9" is not supported: ${family}; leave it out, or ask for an IPv4 address`,
    ],
  ],
  [
    'IPv6 without an address of its own',
    service(`clusterIP: None; ${port}; ipFamilies: [IPv6]`),
    [`error UnsupportedField a.yaml:7:16 spec.ipFamilies[0]: "IPv6" is not supported: ${family}; leave ipFamilies out`],
  ],
  [
    'a network of IPv6 that a policy lets in',
    policy('ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: "::/0", except: ["fd00::/8"]}}]}]'),
    [`note NoEffect a.yaml:4:84 spec.ingress[0].from[1].ipBlock.cidr: "::/0" is nobody: ${family}`],
  ],
  [
    'a network of IPv6 that a policy lets out to',
    policy('egress: [{to: [{ipBlock: {cidr: "2001:db8::/32"}}]}]'),
    [`note NoEffect a.yaml:4:51 spec.egress[0].to[0].ipBlock.cidr: "2001:db8::/32" is nobody: ${family}`],
  ],
  [
    'SCTP that a policy lets in, by number, range, all and name',
    policy(
      'ingress: [{ports: [{protocol: SCTP, port: 80}, {protocol: SCTP, port: 90, endPort: 99}, {protocol: SCTP}, {protocol: SCTP, port: dia}]}]',
    ),
    [],
  ],
  ['SCTP of a container, for itself and on its host', pod('[{containerPort: 80, protocol: SCTP, hostPort: 80}]'), []],
  ['a port at an IPv6 address of the host', pod('[{containerPort: 80, hostPort: 80, hostIP: "fd00::1"}]'), []],
  [
    'SCTP on ports of nodes',
    service('type: NodePort; ports: [{port: 80, protocol: SCTP, nodePort: 30080}]'),
    [`error UnsupportedField a.yaml:6:22 spec.ports[0].protocol: protocol "SCTP" ${sctp}`],
  ],
  [
    'SCTP without an address of its own',
    service('clusterIP: None; ports: [{port: 80, protocol: SCTP}]'),
    [`error UnsupportedField a.yaml:6:22 spec.ports[0].protocol: protocol "SCTP" ${sctp}`],
  ],
  [
    'SCTP of Endpoints',
    'apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\nsubsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 1, protocol: SCTP}]}]\n',
    [`error UnsupportedField a.yaml:4:59 subsets[0].ports[0].protocol: protocol "SCTP" ${sctp}`],
  ],
  [
    'SCTP of an EndpointSlice',
    'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web}\naddressType: IPv4\nendpoints: []\nports: [{port: 1, protocol: SCTP}]\n',
    [`error UnsupportedField a.yaml:6:19 ports[0].protocol: protocol "SCTP" ${sctp}`],
  ],
  [
    'an EndpointSlice of IPv6',
    'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web}\naddressType: IPv6\nendpoints: []\n',
    [
      `error UnsupportedField a.yaml:4:1 addressType: addressType "IPv6" is not supported yet: ${pods}; give IPv4 addresses with addressType IPv4`,
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
