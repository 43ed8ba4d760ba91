// Services: every mistake with what people are told.
import { expect, test } from 'vitest';
import { cidr, dns1035, ip, label, labelValue, qualified, subdomain } from '../../support/kubernetes-words.ts';
import { faultsOfKind } from '../../support/object-faults.ts';

test.each<[string, string, string[]]>([
  ['right', '{selector: {a: b}, ports: [{port: 80, targetPort: web}]}', []],
  ['no ports', '{selector: {a: b}}', ['spec.ports: Required value']],
  ['without an address and without ports', '{clusterIP: None, selector: {a: b}}', []],
  [
    'port 0',
    '{ports: [{port: 0, targetPort: 80}]}',
    ['spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive'],
  ],
  ['a port that is a word', '{ports: [{port: web}]}', ['spec.ports[0].port: must be a whole number, not the string "web"']],
  ['unnamed ports', '{ports: [{port: 80}, {name: b, port: 81}]}', ['spec.ports[0].name: Required value']],
  ['equal names', '{ports: [{name: a, port: 80}, {name: a, port: 81}]}', ['spec.ports[1].name: Duplicate value: "a"']],
  ['a bad name', '{ports: [{name: A_b, port: 80}]}', [`spec.ports[0].name: Invalid value: "A_b": ${label}`]],
  [
    'equal ports',
    '{ports: [{name: a, port: 80}, {name: b, port: 80}]}',
    ['spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}'],
  ],
  ['equal ports of two protocols', '{ports: [{name: a, port: 80}, {name: b, port: 80, protocol: UDP}]}', []],
  [
    'a bad protocol',
    '{ports: [{port: 80, protocol: tcp}]}',
    ['spec.ports[0].protocol: "tcp" is not one of TCP, UDP, SCTP. Did you mean "TCP"?'],
  ],
  [
    'a targetPort out of range',
    '{ports: [{port: 80, targetPort: 70000}]}',
    ['spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  ],
  [
    'a targetPort in quotes',
    '{ports: [{port: 80, targetPort: "8080"}]}',
    ['spec.ports[0].targetPort: Invalid value: "8080": must contain at least one letter (a-z)'],
  ],
  [
    'a bad appProtocol',
    '{ports: [{port: 80, appProtocol: "a b"}]}',
    [`spec.ports[0].appProtocol: Invalid value: "a b": ${qualified}`],
  ],
  [
    'nodePort of ClusterIP',
    '{ports: [{port: 80, nodePort: 30080}]}',
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  ['nodePort 0', '{ports: [{port: 80, nodePort: 0}]}', []],
  [
    'nodePort out of range',
    '{type: NodePort, ports: [{port: 80, nodePort: 80}]}',
    [
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
  ],
  [
    'equal nodePorts',
    '{type: NodePort, ports: [{name: a, port: 80, nodePort: 30080}, {name: b, port: 81, nodePort: 30080}]}',
    ['spec.ports[1].nodePort: Duplicate value: 30080'],
  ],
  [
    'equal nodePorts of two protocols',
    '{type: NodePort, ports: [{name: a, port: 80, nodePort: 30080}, {name: b, port: 80, protocol: UDP, nodePort: 30080}]}',
    [],
  ],
  [
    'a bad type',
    '{type: Nodeport, ports: [{port: 80}]}',
    ['spec.type: "Nodeport" is not one of ClusterIP, NodePort, LoadBalancer, ExternalName. Did you mean "NodePort"?'],
  ],
  [
    'the port of the kubelet',
    '{type: LoadBalancer, ports: [{port: 10250}]}',
    ['spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet'],
  ],
  ['a bad selector', '{selector: {app: "a b"}, ports: [{port: 80}]}', [`spec.selector.app: Invalid value: "a b": ${labelValue}`]],
  ['an unknown field', '{port: 80, ports: [{port: 80}]}', ['spec.port: unknown field "port". Did you mean "ports"?']],
  [
    'a bad distribution',
    '{trafficDistribution: PreferClosest, ports: [{port: 80}]}',
    [
      'spec.trafficDistribution: "PreferClosest" is not one of PreferClose, PreferSameZone, PreferSameNode. Did you mean "PreferClose"?',
    ],
  ],
])('Service: %s', (_what, rest, faults) => {
  expect(faultsOfKind('Service', 'v1', `spec: ${rest}`)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  [
    'None of NodePort',
    '{type: NodePort, clusterIP: None, ports: [{port: 80}]}',
    ['spec.clusterIP: Invalid value: "None": may not be set to \'None\' for NodePort services'],
  ],
  [
    'None of LoadBalancer',
    '{type: LoadBalancer, clusterIP: None, ports: [{port: 80}]}',
    ['spec.clusterIP: Invalid value: "None": may not be set to \'None\' for LoadBalancer services'],
  ],
  ['ExternalName without a name', '{type: ExternalName}', ['spec.externalName: Required value']],
  [
    'ExternalName with a bad name',
    '{type: ExternalName, externalName: a_b.example}',
    [`spec.externalName: Invalid value: "a_b.example": ${subdomain}`],
  ],
  ['ExternalName with a dot at the end', '{type: ExternalName, externalName: a.example.}', []],
  [
    'ExternalName with an address',
    '{type: ExternalName, externalName: a.example, clusterIP: 10.96.0.1, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack}',
    [
      'spec.clusterIP: Forbidden: may not be set for ExternalName services',
      'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
      'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
    ],
  ],
  ['a bad clusterIP', '{clusterIP: none, ports: [{port: 80}]}', [`spec.clusterIP: Invalid value: "none": ${ip}`]],
  ['an empty clusterIP', '{clusterIP: "", ports: [{port: 80}]}', []],
  [
    'addresses that differ',
    '{clusterIP: 10.96.0.1, clusterIPs: [10.96.0.2], ports: [{port: 80}]}',
    ['spec.clusterIPs: Invalid value: ["10.96.0.2"]: first value must match `clusterIP`'],
  ],
  [
    'addresses without the first',
    '{clusterIPs: [10.96.0.2], ports: [{port: 80}]}',
    ['spec.clusterIPs: Invalid value: ["10.96.0.2"]: must be empty when `clusterIP` is not specified'],
  ],
  [
    'None beside an address',
    '{clusterIP: None, clusterIPs: [None, 10.96.0.2], ports: [{port: 80}]}',
    ['spec.clusterIPs: Invalid value: ["None","10.96.0.2"]: \'None\' must be the first and only value'],
  ],
  [
    'two addresses of one family',
    '{clusterIP: 10.96.0.1, clusterIPs: [10.96.0.1, 10.96.0.2], ports: [{port: 80}]}',
    ['spec.clusterIPs: Invalid value: ["10.96.0.1","10.96.0.2"]: may specify no more than one IP for each IP family'],
  ],
  ['two addresses', '{clusterIP: 10.96.0.1, clusterIPs: [10.96.0.1, "fd00::1"], ports: [{port: 80}]}', []],
  [
    'three addresses',
    '{clusterIP: 10.96.0.1, clusterIPs: [10.96.0.1, "fd00::1", 10.96.0.2], ports: [{port: 80}]}',
    [
      'spec.clusterIPs: Invalid value: ["10.96.0.1","fd00::1","10.96.0.2"]: may only hold up to 2 values',
      'spec.clusterIPs: Invalid value: ["10.96.0.1","fd00::1","10.96.0.2"]: may specify no more than one IP for each IP family',
    ],
  ],
  [
    'an address of another family',
    '{clusterIP: "fd00::1", ipFamilies: [IPv4], ports: [{port: 80}]}',
    ['spec.clusterIP: Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[0]`'],
  ],
  [
    'a family twice',
    '{ipFamilies: [IPv4, IPv4], ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}',
    ['spec.ipFamilies[1]: Duplicate value: "IPv4"'],
  ],
  [
    'two families for one',
    '{ipFamilies: [IPv4, IPv6], ipFamilyPolicy: SingleStack, ports: [{port: 80}]}',
    [
      'spec.ipFamilyPolicy: Invalid value: "SingleStack": must be RequireDualStack or PreferDualStack when multiple ipFamilies are specified',
    ],
  ],
  [
    'bad external addresses',
    '{externalIPs: [10.0.0.256, 010.0.0.1, "fe80::1%eth0", 10.0.0.0/8], ports: [{port: 80}]}',
    [
      `spec.externalIPs[0]: Invalid value: "10.0.0.256": ${ip}`,
      `spec.externalIPs[1]: Invalid value: "010.0.0.1": ${ip}`,
      `spec.externalIPs[2]: Invalid value: "fe80::1%eth0": ${ip}`,
      `spec.externalIPs[3]: Invalid value: "10.0.0.0/8": ${ip}`,
    ],
  ],
  [
    'special external addresses',
    '{externalIPs: [127.0.0.1, "::1", 169.254.169.254, "fe80::1", 0.0.0.0, "::", 224.0.0.1, "ff02::1", "::ffff:127.0.0.1"], ports: [{port: 80}]}',
    [
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'spec.externalIPs[1]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'spec.externalIPs[2]: Invalid value: "169.254.169.254": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'spec.externalIPs[3]: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'spec.externalIPs[4]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
      'spec.externalIPs[5]: Invalid value: "::": may not be unspecified (::)',
      'spec.externalIPs[6]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      'spec.externalIPs[7]: Invalid value: "ff02::1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      'spec.externalIPs[8]: Invalid value: "::ffff:127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  ],
])('type and addresses: %s', (_what, rest, faults) => {
  expect(faultsOfKind('Service', 'v1', `spec: ${rest}`)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  [
    'ranges of ClusterIP',
    '{loadBalancerSourceRanges: [10.0.0.0/8], ports: [{port: 80}]}',
    ["spec.loadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"],
  ],
  [
    'bad ranges',
    '{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0, " 10.0.0.0/8 ", 10.0.0.0/33, "fd00::/8"], ports: [{port: 80}]}',
    [
      `spec.loadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": ${cidr}`,
      `spec.loadBalancerSourceRanges[2]: Invalid value: "10.0.0.0/33": ${cidr}`,
    ],
  ],
  [
    'fields of LoadBalancer',
    '{allocateLoadBalancerNodePorts: false, loadBalancerClass: a.b/c, ports: [{port: 80}]}',
    [
      "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
  ],
  [
    'a bad class',
    '{type: LoadBalancer, loadBalancerClass: "a b", ports: [{port: 80}]}',
    [`spec.loadBalancerClass: Invalid value: "a b": ${qualified}`],
  ],
  [
    'settings of affinity None',
    '{sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}, ports: [{port: 80}]}',
    ['spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is None'],
  ],
  [
    'affinity of 0 seconds',
    '{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}, ports: [{port: 80}]}',
    ['spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400'],
  ],
  [
    'affinity of more than a day',
    '{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86401}}, ports: [{port: 80}]}',
    ['spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400'],
  ],
  [
    'affinity of a day',
    '{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86400}}, ports: [{port: 80}]}',
    [],
  ],
  [
    'externalTrafficPolicy of ClusterIP',
    '{externalTrafficPolicy: Local, ports: [{port: 80}]}',
    ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
  ],
  [
    'externalTrafficPolicy with external addresses',
    '{externalTrafficPolicy: Local, externalIPs: [10.0.0.1], ports: [{port: 80}]}',
    [],
  ],
  [
    'healthCheckNodePort of NodePort',
    '{type: NodePort, healthCheckNodePort: 30100, ports: [{port: 80}]}',
    [
      "spec.healthCheckNodePort: Invalid value: 30100: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
  ],
  [
    'healthCheckNodePort out of range',
    '{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 80, ports: [{port: 80}]}',
    [
      'spec.healthCheckNodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
  ],
])('traffic: %s', (_what, rest, faults) => {
  expect(faultsOfKind('Service', 'v1', `spec: ${rest}`)).toEqual(faults);
});

test.each<[string, string, string[], string?]>([
  ['a digit first', 'spec: {ports: [{port: 80}]}', [`metadata.name: Invalid value: "1web": ${dns1035}`], '1web'],
  ['a dot', 'spec: {ports: [{port: 80}]}', [`metadata.name: Invalid value: "web.shop": ${dns1035}`], 'web.shop'],
  ['right', 'spec: {ports: [{port: 80}]}', [], 'web-1'],
])('name: %s', (_what, rest, faults, name) => {
  expect(faultsOfKind('Service', 'v1', rest, name)).toEqual(faults);
});
