// Containers, init containers and ephemeral containers: names, ports, and what each kind may have.
import { expect, test } from 'vitest';
import { containerFaults, podFaults } from './pod-faults.ts';

const main = '  containers: [{name: c, image: "i:1"}]\n';
const notForInit = 'Forbidden: may not be set for init containers without restartPolicy=Always';
const notForEphemeral = 'Forbidden: cannot be set for an Ephemeral Container';
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

test.each<[string, string, string[]]>([
  ['one name twice', '  containers: [{name: c, image: i}, {name: c, image: i}]\n', ['containers[1].name: Duplicate value: "c"']],
  ['a bad name', '  containers: [{name: C, image: i}]\n', [`containers[0].name: Invalid value: "C": ${label}`]],
  [
    'a long name',
    `  containers: [{name: ${'c'.repeat(64)}, image: i}]\n`,
    [`containers[0].name: Invalid value: "${'c'.repeat(64)}": must be no more than 63 characters`],
  ],
  [
    'an init container of that name',
    `${main}  initContainers: [{name: c, image: i}]\n`,
    ['initContainers[0].name: Duplicate value: "c"'],
  ],
  [
    'an ephemeral container of that name',
    `${main}  ephemeralContainers: [{name: c, image: i}]\n`,
    ['ephemeralContainers[0].name: Duplicate value: "c"'],
  ],
  ['an init container without an image', `${main}  initContainers: [{name: i}]\n`, ['initContainers[0].image: Required value']],
  [
    'blanks around an image of an init container',
    `${main}  initContainers: [{name: i, image: "i "}]\n`,
    ['initContainers[0].image: Invalid value: "i ": must not have leading or trailing whitespace'],
  ],
  [
    'probes and hooks of an init container',
    `${main}  initContainers: [{name: i, image: i, livenessProbe: {tcpSocket: {port: 1}}, readinessProbe: {tcpSocket: {port: 1}}, startupProbe: {tcpSocket: {port: 1}}, lifecycle: {preStop: {sleep: {seconds: 1}}}}]\n`,
    [
      `initContainers[0].livenessProbe: ${notForInit}`,
      `initContainers[0].readinessProbe: ${notForInit}`,
      `initContainers[0].startupProbe: ${notForInit}`,
      `initContainers[0].lifecycle: ${notForInit}`,
    ],
  ],
  [
    'resizing an init container',
    `${main}  initContainers: [{name: i, image: i, resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]}]\n`,
    ['initContainers[0].resizePolicy: Forbidden: must not be set for init containers'],
  ],
  [
    'probes of a sidecar are judged',
    `${main}  initContainers: [{name: i, image: i, restartPolicy: Always, livenessProbe: {}}]\n`,
    ['initContainers[0].livenessProbe: Required value: must specify a handler type'],
  ],
  ['another restart policy of an init container', `${main}  initContainers: [{name: i, image: i, restartPolicy: Never}]\n`, []],
  [
    'a restart policy that there is nowhere',
    `${main}  initContainers: [{name: i, image: i, restartPolicy: Alway}]\n`,
    ['initContainers[0].restartPolicy: "Alway" is not one of Always, OnFailure, Never. Did you mean "Always"?'],
  ],
  ['a restart policy of an ordinary container', '  containers: [{name: c, image: i, restartPolicy: Always}]\n', []],
  [
    'restart rules without a policy',
    '  containers: [{name: c, image: i, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]}]\n',
    ['containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used'],
  ],
  [
    'a restart rule about nothing',
    '  containers: [{name: c, image: i, restartPolicy: Never, restartPolicyRules: [{action: Restart}]}]\n',
    ['containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified'],
  ],
  [
    'what ephemeral containers have not',
    `${main}  ephemeralContainers: [{name: e, image: i, ports: [{containerPort: 1}], resources: {limits: {cpu: 1}}, livenessProbe: {exec: {command: [a]}}, volumeMounts: [{name: v, mountPath: /v, subPath: s}]}]\n  volumes: [{name: v}]\n`,
    [
      `ephemeralContainers[0].ports: ${notForEphemeral}`,
      `ephemeralContainers[0].resources: ${notForEphemeral}`,
      `ephemeralContainers[0].livenessProbe: ${notForEphemeral}`,
      `ephemeralContainers[0].volumeMounts[0].subPath: ${notForEphemeral}`,
    ],
  ],
  [
    'an ephemeral container that looks at nothing',
    `${main}  ephemeralContainers: [{name: e, image: i, targetContainerName: z}]\n`,
    ['ephemeralContainers[0].targetContainerName: Not found: "z"'],
  ],
  [
    'one host port of two containers',
    '  containers: [{name: a, image: i, ports: [{containerPort: 1, hostPort: 80}]}, {name: b, image: i, ports: [{containerPort: 2, hostPort: 80}]}]\n',
    ['containers[1].ports[0].hostPort: Duplicate value: "TCP//80"'],
  ],
  [
    'one host port twice in an init container',
    `${main}  initContainers: [{name: i, image: i, ports: [{containerPort: 1, hostPort: 80}, {containerPort: 2, hostPort: 80}]}]\n`,
    ['initContainers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
  ],
  [
    'one host port of an init container and another',
    '  containers: [{name: c, image: i, ports: [{containerPort: 1, hostPort: 80}]}]\n  initContainers: [{name: i, image: i, ports: [{containerPort: 2, hostPort: 80}]}]\n',
    [],
  ],
  [
    'one host port at two addresses or protocols',
    '  containers: [{name: c, image: i, ports: [{containerPort: 1, hostPort: 80}, {containerPort: 1, hostPort: 80, protocol: UDP}, {containerPort: 1, hostPort: 80, hostIP: 10.0.0.1}]}]\n',
    [],
  ],
])('%s', (_name, spec, faults) => {
  expect(podFaults(spec)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  [
    'a number that is none',
    '[{containerPort: 65536}]',
    ['ports[0].containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive'],
  ],
  ['no number', '[{name: a}]', ['ports[0].containerPort: Required value']],
  ['number zero', '[{containerPort: 0}]', ['ports[0].containerPort: Required value']],
  [
    'a host port that is none',
    '[{containerPort: 1, hostPort: -1}]',
    ['ports[0].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive'],
  ],
  [
    'an unknown protocol',
    '[{containerPort: 1, protocol: tcp}]',
    ['ports[0].protocol: "tcp" is not one of TCP, UDP, SCTP. Did you mean "TCP"?'],
  ],
  [
    'a long name',
    '[{containerPort: 1, name: abcdefghijklmnop}]',
    ['ports[0].name: Invalid value: "abcdefghijklmnop": must be no more than 15 characters'],
  ],
  [
    'a name in capitals',
    '[{containerPort: 1, name: Http}]',
    ['ports[0].name: Invalid value: "Http": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'],
  ],
  [
    'a name with two hyphens',
    '[{containerPort: 1, name: a--b}]',
    ['ports[0].name: Invalid value: "a--b": must not contain consecutive hyphens'],
  ],
  [
    'a name with a hyphen at its end',
    '[{containerPort: 1, name: a-}]',
    ['ports[0].name: Invalid value: "a-": must not begin or end with a hyphen'],
  ],
  ['the same name twice', '[{containerPort: 1, name: a}, {containerPort: 2, name: a}]', ['ports[1].name: Duplicate value: "a"']],
  ['the same number twice', '[{containerPort: 1}, {containerPort: 1, protocol: UDP}]', []],
])('ports: %s', (_name, ports, faults) => {
  expect(containerFaults(`      ports: ${ports}\n`)).toEqual(faults);
});

test('the network of the host publishes ports as they are', () => {
  expect(containerFaults('      ports: [{containerPort: 80, hostPort: 81}]\n', '  hostNetwork: true\n')).toEqual([
    'ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
  ]);
  expect(
    containerFaults('      ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81}]\n', '  hostNetwork: true\n'),
  ).toEqual([]);
  expect(containerFaults('      ports: [{containerPort: 80}, {containerPort: 80, name: b}]\n', '  hostNetwork: true\n')).toEqual([
    'ports[1].hostPort: Duplicate value: "TCP//80"',
  ]);
});
