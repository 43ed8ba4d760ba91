// NetworkPolicies: every mistake with what people are told.
import { expect, test } from 'vitest';
import { cidr, labelValue, qualified } from '../../support/kubernetes-words.ts';
import { faultsOfKind } from '../../support/object-faults.ts';

test.each<[string, string, string[]]>([
  ['everything denied', '{podSelector: {}}', []],
  ['everything allowed', '{podSelector: {}, ingress: [{}], egress: [{}], policyTypes: [Ingress, Egress]}', []],
  [
    'a bad selector',
    '{podSelector: {matchLabels: {app: "a b"}, matchExpressions: [{key: a, operator: In}]}}',
    [
      `spec.podSelector.matchLabels.app: Invalid value: "a b": ${labelValue}`,
      "spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
  ],
  [
    'a bad policy type',
    '{podSelector: {}, policyTypes: [ingress]}',
    ['spec.policyTypes[0]: "ingress" is not one of Ingress, Egress. Did you mean "Ingress"?'],
  ],
  [
    'three policy types',
    '{podSelector: {}, policyTypes: [Ingress, Egress, Ingress]}',
    ['spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes'],
  ],
  ['no peer', '{podSelector: {}, ingress: [{from: [{}]}]}', ['spec.ingress[0].from[0]: Required value: must specify a peer']],
  [
    'two kinds of peers',
    '{podSelector: {}, egress: [{to: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}',
    ['spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer'],
  ],
  [
    'pods of namespaces',
    '{podSelector: {}, ingress: [{from: [{podSelector: {}, namespaceSelector: {matchLabels: {a: b}}}]}]}',
    [],
  ],
  [
    'a bad peer',
    '{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {"a b": c}}}]}]}',
    [`spec.ingress[0].from[0].namespaceSelector.matchLabels[a b]: Invalid value: "a b": ${qualified}`],
  ],
  [
    'no network',
    '{podSelector: {}, egress: [{to: [{ipBlock: {except: [10.0.0.0/8]}}]}]}',
    ['spec.egress[0].to[0].ipBlock.cidr: Required value'],
  ],
  [
    'a bad network',
    '{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.1, except: [x]}}]}]}',
    [`spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.1": ${cidr}`],
  ],
  [
    'exceptions',
    '{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.0.0.0/8, 11.0.0.0/16, 0.0.0.0/0, "fd00::/16", x]}}]}]}',
    [
      'spec.egress[0].to[0].ipBlock.except[1]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
      'spec.egress[0].to[0].ipBlock.except[2]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
      'spec.egress[0].to[0].ipBlock.except[3]: Invalid value: "0.0.0.0/0": must be a strict subset of `cidr`',
      'spec.egress[0].to[0].ipBlock.except[4]: Invalid value: "fd00::/16": must be a strict subset of `cidr`',
      `spec.egress[0].to[0].ipBlock.except[5]: Invalid value: "x": ${cidr}`,
    ],
  ],
  [
    'exceptions of the other family',
    '{podSelector: {}, egress: [{to: [{ipBlock: {cidr: "fd00::/8", except: ["fd00:1::/32", "fe80::/10"]}}]}]}',
    ['spec.egress[0].to[0].ipBlock.except[1]: Invalid value: "fe80::/10": must be a strict subset of `cidr`'],
  ],
  [
    'bad ports',
    '{podSelector: {}, ingress: [{ports: [{port: 0}, {port: "80"}]}]}',
    [
      'spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ingress[0].ports[1].port: Invalid value: "80": must contain at least one letter (a-z)',
    ],
  ],
  [
    'a bad protocol',
    '{podSelector: {}, ingress: [{ports: [{protocol: tcp}]}]}',
    ['spec.ingress[0].ports[0].protocol: "tcp" is not one of TCP, UDP, SCTP. Did you mean "TCP"?'],
  ],
  [
    'ranges',
    '{podSelector: {}, egress: [{ports: [{port: 80, endPort: 90}, {port: 80, endPort: 79}, {port: web, endPort: 90}, {endPort: 90}, {port: 80, endPort: 70000}]}]}',
    [
      'spec.egress[0].ports[1].endPort: Invalid value: 79: must be greater than or equal to `port`',
      'spec.egress[0].ports[2].endPort: Invalid value: 90: may not be specified when `port` is non-numeric',
      'spec.egress[0].ports[3].endPort: Invalid value: 90: may not be specified when `port` is not specified',
      'spec.egress[0].ports[4].endPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
  ],
])('NetworkPolicy: %s', (_what, rest, faults) => {
  expect(faultsOfKind('NetworkPolicy', 'networking.k8s.io/v1', `spec: ${rest}`)).toEqual(faults);
});
