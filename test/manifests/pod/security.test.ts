// Security settings of pods and containers, and what depends on the operating system.
import { expect, test } from 'vitest';
import { podFaults } from './pod-faults.ts';

const pod = (ofContainer: string, ofPod = '{}', rest = ''): string =>
  `  securityContext: ${ofPod}\n  containers: [{name: c, image: i, securityContext: ${ofContainer}}]\n${rest}`;
const c = 'containers[0].securityContext';
const range = 'must be between 0 and 2147483647, inclusive';
const sysctl =
  'must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const root = 'Invalid value: 0: must not be 0 when `runAsNonRoot` is true';
const windows = 'Forbidden: cannot be set for a windows pod';

test.each<[string, string, string[]]>([
  [
    'numbers',
    pod('{runAsUser: -1, runAsGroup: 2147483648}', '{runAsUser: -2, runAsGroup: -3, fsGroup: -4, supplementalGroups: [1, -5]}'),
    [
      `securityContext.runAsUser: Invalid value: -2: ${range}`,
      `securityContext.runAsGroup: Invalid value: -3: ${range}`,
      `securityContext.fsGroup: Invalid value: -4: ${range}`,
      `securityContext.supplementalGroups[1]: Invalid value: -5: ${range}`,
      `${c}.runAsUser: Invalid value: -1: ${range}`,
      `${c}.runAsGroup: Invalid value: 2147483648: ${range}`,
    ],
  ],
  ['no root, who is root', pod('{runAsNonRoot: true, runAsUser: 0}'), [`${c}.runAsUser: ${root}`]],
  ['no root in the pod, root in the container', pod('{runAsUser: 0}', '{runAsNonRoot: true}'), [`${c}.runAsUser: ${root}`]],
  [
    'no root in the container, root in the pod',
    pod('{runAsNonRoot: true}', '{runAsUser: 0}'),
    [`securityContext.runAsUser: ${root}`],
  ],
  ['a container that may be root', pod('{runAsNonRoot: false, runAsUser: 0}', '{runAsNonRoot: true}'), []],
  [
    'privileged without escalation',
    pod('{privileged: true, allowPrivilegeEscalation: false}'),
    [
      `${c}.allowPrivilegeEscalation: Invalid value: false: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
    ],
  ],
  [
    'the right of all rights without escalation',
    pod('{allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}}'),
    [
      `${c}.allowPrivilegeEscalation: Invalid value: false: cannot set \`allowPrivilegeEscalation\` to false and \`capabilities.Add\` CAP_SYS_ADMIN`,
    ],
  ],
  [
    'all of /proc',
    pod('{procMount: Unmasked}'),
    [`${c}.procMount: Invalid value: "Unmasked": \`hostUsers\` must be false to use \`Unmasked\``],
  ],
  ['all of /proc with own users', pod('{procMount: Unmasked}', '{}', '  hostUsers: false\n'), []],
  [
    'a seccomp profile without a type',
    pod('{seccompProfile: {localhostProfile: a}}'),
    [`${c}.seccompProfile.type: Required value`],
  ],
  [
    'a seccomp profile that is not named',
    pod('{seccompProfile: {type: Localhost}}'),
    [`${c}.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost`],
  ],
  [
    'a seccomp profile outside',
    pod('{seccompProfile: {type: Localhost, localhostProfile: ../a}}'),
    [`${c}.seccompProfile.localhostProfile: Invalid value: "../a": must not contain '..'`],
  ],
  [
    'a seccomp profile that is not asked for',
    pod('{}', '{seccompProfile: {type: RuntimeDefault, localhostProfile: a}}'),
    ['securityContext.seccompProfile.localhostProfile: Invalid value: "a": can only be set when seccomp type is Localhost'],
  ],
  [
    'AppArmor profiles',
    pod(
      '{appArmorProfile: {type: Unconfined, localhostProfile: a}}',
      '{appArmorProfile: {type: Localhost, localhostProfile: " a"}}',
    ),
    [
      'securityContext.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace',
      `${c}.appArmorProfile.localhostProfile: Invalid value: "a": can only be set when AppArmor type is Localhost`,
    ],
  ],
  [
    'an AppArmor profile that is not named',
    pod('{appArmorProfile: {type: Localhost}}'),
    [`${c}.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost`],
  ],
  [
    'an AppArmor profile of a long name',
    pod(`{appArmorProfile: {type: Localhost, localhostProfile: ${'a'.repeat(4096)}}}`),
    [`${c}.appArmorProfile.localhostProfile: Too long: may not be more than 4095 bytes`],
  ],
  [
    'values that there are not',
    pod('{procMount: Masked}', '{fsGroupChangePolicy: Never, supplementalGroupsPolicy: Add, seLinuxChangePolicy: Copy}'),
    [
      'securityContext.fsGroupChangePolicy: "Never" is not one of OnRootMismatch, Always.',
      'securityContext.supplementalGroupsPolicy: "Add" is not one of Merge, Strict.',
      'securityContext.seLinuxChangePolicy: "Copy" is not one of Recursive, MountOption.',
      `${c}.procMount: "Masked" is not one of Default, Unmasked.`,
    ],
  ],
  [
    'kernel parameters',
    pod(
      '{}',
      '{sysctls: [{name: Net.core, value: "1"}, {name: net.core.somaxconn, value: "1"}, {name: net/core/somaxconn, value: "2"}]}',
    ),
    [
      `securityContext.sysctls[0].name: Invalid value: "Net.core": ${sysctl}`,
      'securityContext.sysctls[2].name: Duplicate value: "net/core/somaxconn"',
    ],
  ],
  [
    'kernel parameters of the host',
    pod(
      '{}',
      '{sysctls: [{name: net.core.somaxconn, value: "1"}, {name: kernel.shmmax, value: "1"}, {name: vm.x, value: "1"}]}',
      '  hostNetwork: true\n  hostIPC: true\n',
    ),
    [
      'securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when \'hostNetwork\' is true',
      'securityContext.sysctls[1].name: Invalid value: "kernel.shmmax": may not be specified when \'hostIPC\' is true',
    ],
  ],
  [
    'processes of the pod and of the host',
    pod('{}', '{}', '  shareProcessNamespace: true\n  hostPID: true\n'),
    ['shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled'],
  ],
  [
    'own users in namespaces of the host',
    pod('{}', '{}', '  hostUsers: false\n  hostNetwork: true\n  hostPID: true\n  hostIPC: true\n'),
    [
      'hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false',
      'hostPID: Forbidden: when `pod.Spec.HostUsers` is false',
      'hostIPC: Forbidden: when `pod.Spec.HostUsers` is false',
    ],
  ],
  [
    'options of Windows for Linux',
    pod('{windowsOptions: {runAsUserName: a}}', '{windowsOptions: {runAsUserName: a}}', '  os: {name: linux}\n'),
    [
      'securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
      `${c}.windowsOptions: Forbidden: windows options cannot be set for a linux pod`,
    ],
  ],
  [
    'options of Linux for Windows',
    pod('{runAsUser: 1, privileged: true}', '{fsGroup: 1}', '  os: {name: windows}\n  hostPID: true\n'),
    [`securityContext.fsGroup: ${windows}`, `${c}.runAsUser: ${windows}`, `${c}.privileged: ${windows}`, `hostPID: ${windows}`],
  ],
  ['another operating system', pod('{}', '{}', '  os: {name: plan9}\n'), ['os.name: "plan9" is not one of linux, windows.']],
  [
    'users and credentials of Windows',
    pod(
      '{windowsOptions: {gmsaCredentialSpecName: A, gmsaCredentialSpec: "", runAsUserName: ""}}',
      "{windowsOptions: {runAsUserName: 'a\\b\\c'}}",
    ),
    [
      'securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash',
      `${c}.windowsOptions.gmsaCredentialSpecName: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
      `${c}.windowsOptions.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string`,
      `${c}.windowsOptions.runAsUserName: Invalid value: "": runAsUserName cannot be an empty string`,
    ],
  ],
  [
    'a process of a Windows host',
    '  containers: [{name: c, image: i, securityContext: {windowsOptions: {hostProcess: true}}}, {name: d, image: i}]\n',
    [
      'hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
      'containers[1].securityContext.windowsOptions.hostProcess: Invalid value: false: If pod contains any hostProcess containers then all containers must be HostProcess containers',
    ],
  ],
])('%s', (_name, spec, faults) => {
  expect(podFaults(spec)).toEqual(faults);
});
