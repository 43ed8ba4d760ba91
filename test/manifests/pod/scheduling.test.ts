// Where a pod may run: nodes, affinity, tolerations, spreading, gates; and the names that it goes by.
import { expect, test } from 'vitest';
import { podFaults } from './pod-faults.ts';

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const labelValue =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const ip = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

const nodes = (requirement: string): string =>
  `affinity: {nodeAffinity: {${required}: {nodeSelectorTerms: [{matchExpressions: [${requirement}]}]}}}`;
const node = `affinity.nodeAffinity.${required}.nodeSelectorTerms[0].matchExpressions[0]`;
const fields = (requirement: string): string =>
  `affinity: {nodeAffinity: {${required}: {nodeSelectorTerms: [{matchFields: [${requirement}]}]}}}`;
const field = `affinity.nodeAffinity.${required}.nodeSelectorTerms[0].matchFields[0]`;
const pods = (term: string): string => `affinity: {podAntiAffinity: {${required}: [${term}]}}`;
const pod = `affinity.podAntiAffinity.${required}[0]`;
const spread = (rest: string): string =>
  `topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, ${rest}}]`;

test.each<[string, string, string[]]>([
  ['a node', 'nodeName: Node_1', [`nodeName: Invalid value: "Node_1": ${subdomain}`]],
  ['a label of nodes', 'nodeSelector: {disk: "s s d"}', [`nodeSelector.disk: Invalid value: "s s d": ${labelValue}`]],
  [
    'a label of nodes that is a number',
    'nodeSelector: {rack: 1}',
    ['nodeSelector.rack: must be a string, not the number 1; put it in quotes'],
  ],
  [
    'classes',
    'priorityClassName: High, runtimeClassName: G_visor',
    [`priorityClassName: Invalid value: "High": ${subdomain}`, `runtimeClassName: Invalid value: "G_visor": ${subdomain}`],
  ],
  ['preemption', 'preemptionPolicy: Always', ['preemptionPolicy: "Always" is not one of PreemptLowerPriority, Never.']],
  [
    'no terms',
    `affinity: {nodeAffinity: {${required}: {}}}`,
    [`affinity.nodeAffinity.${required}.nodeSelectorTerms: Required value`],
  ],
  [
    'an operator',
    nodes('{key: a, operator: Equals, values: [b]}'),
    [`${node}.operator: "Equals" is not one of In, NotIn, Exists, DoesNotExist, Gt, Lt.`],
  ],
  [
    'In of nothing',
    nodes('{key: a, operator: In}'),
    [`${node}.values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`],
  ],
  [
    'Exists with values',
    nodes('{key: a, operator: Exists, values: [b]}'),
    [`${node}.values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`],
  ],
  [
    'Gt of two',
    nodes('{key: a, operator: Gt, values: ["1", "2"]}'),
    [`${node}.values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`],
  ],
  [
    'Lt of no number',
    nodes('{key: a, operator: Lt, values: [b]}'),
    [`${node}.values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`],
  ],
  ['a value', nodes('{key: a, operator: In, values: ["b c"]}'), [`${node}.values[0]: Invalid value: "b c": ${labelValue}`]],
  ['a key', nodes('{key: /a, operator: Exists}'), [`${node}.key: Invalid value: "/a": prefix part must be non-empty`]],
  ['a field', fields('{key: metadata.name, operator: In, values: [n1]}'), []],
  [
    'another field',
    fields('{key: spec.x, operator: Exists}'),
    [
      `${field}.key: Invalid value: "spec.x": not a valid field selector key`,
      `${field}.operator: Invalid value: "Exists": not a valid selector operator`,
    ],
  ],
  [
    'a field of two values',
    fields('{key: metadata.name, operator: In, values: [a, B]}'),
    [
      `${field}.values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
      `${field}.values[1]: Invalid value: "B": ${subdomain}`,
    ],
  ],
  [
    'a weight, and a value that is never met',
    `affinity: {nodeAffinity: {${preferred}: [{weight: 0, preference: {matchExpressions: [{key: a, operator: In, values: ["b c"]}]}}]}}`,
    [`affinity.nodeAffinity.${preferred}[0].weight: Invalid value: 0: must be in the range 1-100`],
  ],
  [
    'no preference',
    `affinity: {nodeAffinity: {${preferred}: [{weight: 1}]}}`,
    [`affinity.nodeAffinity.${preferred}[0].preference: Required value`],
  ],
  [
    'a weight of pods',
    `affinity: {podAffinity: {${preferred}: [{weight: 101, podAffinityTerm: {topologyKey: zone}}]}}`,
    [`affinity.podAffinity.${preferred}[0].weight: Invalid value: 101: must be in the range 1-100`],
  ],
  ['no topology', pods('{labelSelector: {matchLabels: {a: b}}}'), [`${pod}.topologyKey: Required value`]],
  [
    'a topology, a selector and a namespace',
    pods(
      '{topologyKey: /z, namespaces: [A], labelSelector: {matchExpressions: [{key: a, operator: In}]}, namespaceSelector: {matchLabels: {a: "b c"}}}',
    ),
    [
      `${pod}.topologyKey: Invalid value: "/z": prefix part must be non-empty`,
      `${pod}.namespaces[0]: Invalid value: "A": ${label}`,
      `${pod}.labelSelector.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      `${pod}.namespaceSelector.matchLabels.a: Invalid value: "b c": ${labelValue}`,
    ],
  ],
  [
    'keys without a selector',
    pods('{topologyKey: z, matchLabelKeys: [a], mismatchLabelKeys: [b]}'),
    [
      `${pod}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`,
      `${pod}.mismatchLabelKeys: Forbidden: must not be specified when labelSelector is not set`,
    ],
  ],
  [
    'keys twice',
    pods('{topologyKey: z, labelSelector: {matchLabels: {a: x}}, matchLabelKeys: [a, b], mismatchLabelKeys: [b]}'),
    [
      `${pod}.matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector`,
      `${pod}.matchLabelKeys[1]: Invalid value: "b": exists in both matchLabelKeys and mismatchLabelKeys`,
    ],
  ],
  [
    'a toleration of nothing',
    'tolerations: [{effect: NoSchedule}]',
    [
      'tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
  ['a toleration of everything', 'tolerations: [{operator: Exists}]', []],
  [
    'Exists with a value',
    'tolerations: [{key: a, operator: Exists, value: b}]',
    ['tolerations[0].value: Invalid value: "b": value must be empty when `operator` is \'Exists\''],
  ],
  ['a value of a taint', 'tolerations: [{key: a, value: "b c"}]', [`tolerations[0].value: Invalid value: "b c": ${labelValue}`]],
  [
    'an effect',
    'tolerations: [{key: a, effect: NoRun}]',
    ['tolerations[0].effect: "NoRun" is not one of NoSchedule, PreferNoSchedule, NoExecute.'],
  ],
  [
    'seconds without eviction',
    'tolerations: [{key: a, effect: NoSchedule, tolerationSeconds: 5}]',
    ['tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set'],
  ],
  [
    'a skew of nothing',
    'topologySpreadConstraints: [{maxSkew: 0, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, minDomains: 0}]',
    [
      'topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
      'topologySpreadConstraints[0].minDomains: Invalid value: 0: must be greater than zero',
      'topologySpreadConstraints[0].minDomains: Invalid value: 0: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
    ],
  ],
  [
    'what to do when it cannot be kept',
    'topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: Ignore}]',
    ['topologySpreadConstraints[0].whenUnsatisfiable: "Ignore" is not one of DoNotSchedule, ScheduleAnyway.'],
  ],
  [
    'nothing but a skew',
    'topologySpreadConstraints: [{maxSkew: 1}]',
    [
      'topologySpreadConstraints[0].topologyKey: Required value',
      'topologySpreadConstraints[0].whenUnsatisfiable: Required value',
    ],
  ],
  [
    'one spread twice',
    'topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}, {maxSkew: 2, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]',
    ['topologySpreadConstraints[1].topologyKey: Duplicate value: "{zone, DoNotSchedule}"'],
  ],
  [
    'keys of a spread',
    spread('matchLabelKeys: [a]'),
    ['topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set'],
  ],
  [
    'keys of a spread that are selected already',
    spread('labelSelector: {matchExpressions: [{key: a, operator: Exists}]}, matchLabelKeys: [a]'),
    ['topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector'],
  ],
  [
    'a policy',
    spread('nodeTaintsPolicy: Obey'),
    ['topologySpreadConstraints[0].nodeTaintsPolicy: "Obey" is not one of Honor, Ignore.'],
  ],
  [
    'gates',
    'schedulingGates: [{name: a}, {name: a}], nodeName: a, readinessGates: [{conditionType: "a b"}]',
    [
      'schedulingGates[1].name: Duplicate value: "a"',
      'nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
      "readinessGates[0].conditionType: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'host names',
    'hostname: a.b, subdomain: A',
    [`hostname: Invalid value: "a.b": ${label}`, `subdomain: Invalid value: "A": ${label}`],
  ],
  [
    'a whole host name',
    `hostnameOverride: ${'a'.repeat(65)}, hostNetwork: true, setHostnameAsFQDN: true`,
    [
      'hostnameOverride: Too long: may not be more than 64 bytes',
      'hostnameOverride: Forbidden: may not be specified when hostNetwork is true',
      'setHostnameAsFQDN: Forbidden: may not be specified when hostnameOverride is set',
    ],
  ],
  [
    'lines of the hosts file',
    'hostAliases: [{ip: 10.0.0.256, hostnames: [A]}, {hostnames: [b]}]',
    ['hostAliases[1].ip: Required value'],
  ],
  [
    'lines of the hosts file with addresses',
    'hostAliases: [{ip: 10.0.0.256, hostnames: [A]}]',
    [`hostAliases[0].ip: Invalid value: "10.0.0.256": ${ip}`, `hostAliases[0].hostnames[0]: Invalid value: "A": ${subdomain}`],
  ],
  ['no resolver', 'dnsPolicy: None', ['dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None']],
  [
    'a resolver without a server',
    'dnsPolicy: None, dnsConfig: {searches: [a]}',
    ['dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None'],
  ],
  [
    'a policy of names',
    'dnsPolicy: Cluster',
    ['dnsPolicy: "Cluster" is not one of ClusterFirst, Default, ClusterFirstWithHostNet, None.'],
  ],
  [
    'four servers, one of them none',
    'dnsConfig: {nameservers: [1.1.1.1, 1.0.0.1, 8.8.8.8, dns]}',
    [
      'dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.0.0.1","8.8.8.8","dns"]: must not have more than 3 nameservers',
      `dnsConfig.nameservers[3]: Invalid value: "dns": ${ip}`,
    ],
  ],
  ['search domains', 'dnsConfig: {searches: [., a.b., _c.d]}', []],
  [
    'a search domain',
    'dnsConfig: {searches: [A]}',
    [
      "dnsConfig.searches[0]: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com')",
    ],
  ],
  [
    '33 search domains',
    `dnsConfig: {searches: [${Array(33).fill('a').join(', ')}]}`,
    [`dnsConfig.searches: Invalid value: ${JSON.stringify(Array(33).fill('a'))}: must not have more than 32 search paths`],
  ],
  [
    'long search domains',
    `dnsConfig: {searches: [${Array(9).fill('a'.repeat(240)).join(', ')}]}`,
    [
      `dnsConfig.searches: Invalid value: ${JSON.stringify(Array(9).fill('a'.repeat(240)))}: must not have more than 2048 characters (including spaces) in the search list`,
    ],
  ],
  ['an option of the resolver', 'dnsConfig: {options: [{value: "2"}]}', ['dnsConfig.options[0].name: Required value']],
  [
    'a deadline',
    'activeDeadlineSeconds: 0',
    ['activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
  ],
  [
    'a grace',
    'terminationGracePeriodSeconds: -1',
    ['terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'a restart policy',
    'restartPolicy: always',
    ['restartPolicy: "always" is not one of Always, OnFailure, Never. Did you mean "Always"?'],
  ],
  ['an account', 'serviceAccountName: My_Robot', [`serviceAccountName: Invalid value: "My_Robot": ${subdomain}`]],
  ['one account under two names', 'serviceAccount: a, serviceAccountName: a', []],
  [
    'two accounts',
    'serviceAccount: a, serviceAccountName: b',
    ['serviceAccount: Invalid value: "a": must be the same as `serviceAccountName`, of which it is the old name'],
  ],
])('%s', (_name, spec, faults) => {
  expect(podFaults(`  {${spec}, containers: [{name: c, image: i}]}\n`).toSorted()).toEqual(faults.toSorted());
});
