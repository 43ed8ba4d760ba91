import { describe, expect, test } from 'vitest';
import type { ImageSeen, SecuritySettings } from '../../src/kubelet/engine/container-engine.ts';
import type { NodeCapacity } from '../../src/kubelet/spec/resources.ts';
import { securityOf } from '../../src/kubelet/spec/security.ts';
import type { PodSecurityContext, SecurityContext } from '../../src/model/resource.ts';
import { aPod } from '../support/builders.ts';

const node: NodeCapacity = {
  cpus: 4,
  memoryBytes: 2 ** 33,
  enforces: { memory: true, cpuShares: true, pids: true },
  securityOptions: ['apparmor', 'seccomp'],
  seccompProfiles: new Map([['profiles/own.json', '{"defaultAction":"SCMP_ACT_ALLOW"}']]),
};
const imageOf = (user: string): ImageSeen => ({ id: 'i', tags: [], digests: [], sizeBytes: 1, user, labels: {} });

function judge(
  ofPod: PodSecurityContext | undefined,
  ofContainer: SecurityContext | undefined,
  { user = '', annotations = {}, on = node }: { user?: string; annotations?: Record<string, string>; on?: NodeCapacity } = {},
): Partial<SecuritySettings> | string | undefined {
  const pod = aPod({
    annotations,
    uid: 'u',
    container: ofContainer === undefined ? {} : { securityContext: ofContainer },
    spec: ofPod === undefined ? {} : { securityContext: ofPod },
  });
  const result = securityOf(pod, pod.spec.containers[0], imageOf(user), on);
  return result.ok ? result.settings : result.message;
}

test.each<[string, PodSecurityContext | undefined, SecurityContext | undefined]>([
  ['nothing', undefined, undefined],
  [
    'what is the default',
    { runAsNonRoot: false, seccompProfile: { type: 'RuntimeDefault' } },
    { privileged: false, procMount: 'Default' },
  ],
  ['what the volumes alone care for', { fsGroupChangePolicy: 'Always' }, { allowPrivilegeEscalation: true }],
])('%s leaves all to the engine', (_what, ofPod, ofContainer) => expect(judge(ofPod, ofContainer)).toBe(undefined));

test.each<[string, PodSecurityContext | undefined, SecurityContext | undefined, Partial<SecuritySettings>, string?]>([
  ['the user of the pod', { runAsUser: 5 }, {}, { user: '5' }],
  ['the user of the container wins', { runAsUser: 5, runAsGroup: 6 }, { runAsUser: 7 }, { user: '7:6' }],
  ['root, said by name', { runAsUser: 5 }, { runAsUser: 0 }, { user: '0' }],
  ['a group alone goes with the user of the image', { runAsGroup: 6 }, {}, { user: 'web:6' }, 'web:staff'],
  ['a group alone, and an image of root', { runAsGroup: 6 }, {}, { user: '0:6' }],
  ['groups, each once', { supplementalGroups: [3, 4], fsGroup: 4 }, {}, { groups: [3, 4] }],
  [
    'capabilities, however they are written',
    {},
    { capabilities: { add: ['CAP_NET_ADMIN', 'sys_time'], drop: ['all'] } },
    { addCapabilities: ['NET_ADMIN', 'SYS_TIME'], dropCapabilities: ['ALL'] },
  ],
  [
    'privileged: no profile confines it',
    {},
    { privileged: true },
    { isPrivileged: true, seccomp: 'unconfined', appArmor: 'unconfined' },
  ],
  ['a root that is read-only', {}, { readOnlyRootFilesystem: true }, { isRootReadOnly: true }],
  ['no escalation', {}, { allowPrivilegeEscalation: false }, { noNewPrivileges: true }],
  [
    'no seccomp for one',
    { seccompProfile: { type: 'RuntimeDefault' } },
    { seccompProfile: { type: 'Unconfined' } },
    { seccomp: 'unconfined' },
  ],
  [
    'a profile of the node',
    { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/own.json' } },
    {},
    { seccomp: { profile: '{"defaultAction":"SCMP_ACT_ALLOW"}' } },
  ],
  [
    'an AppArmor profile',
    { appArmorProfile: { type: 'Localhost', localhostProfile: 'mine' } },
    {},
    { appArmor: { profile: 'mine' } },
  ],
  ['no AppArmor', { appArmorProfile: { type: 'Unconfined' } }, {}, { appArmor: 'unconfined' }],
  ['SELinux labels', { seLinuxOptions: { level: 's0:c1', role: 'r' } }, {}, { seLinux: ['role:r', 'level:s0:c1'] }],
  ['the whole of /proc', {}, { procMount: 'Unmasked' }, { isProcUnmasked: true }],
  [
    'a user that is not root, said by the image',
    { runAsNonRoot: true },
    { readOnlyRootFilesystem: true },
    { isRootReadOnly: true },
    '1000:1000',
  ],
])('%s', (_what, ofPod, ofContainer, expected, user = '') => expect(judge(ofPod, ofContainer, { user })).toMatchObject(expected));

describe('what must not run', () => {
  const where = '(pod: "web_default(u)", container: main)';
  test.each<[string, PodSecurityContext, SecurityContext, string, string]>([
    ['an image of root', { runAsNonRoot: true }, {}, '', `container has runAsNonRoot and image will run as root ${where}`],
    ['an image of user 0', {}, { runAsNonRoot: true }, '0:5', `container has runAsNonRoot and image will run as root ${where}`],
    [
      'a name',
      { runAsNonRoot: true },
      {},
      'nobody',
      `container has runAsNonRoot and image has non-numeric user (nobody), cannot verify user is non-root ${where}`,
    ],
    ['root by number', { runAsNonRoot: true, runAsUser: 0 }, {}, '', `container's runAsUser breaks non-root policy ${where}`],
    [
      'a profile that is not there',
      {},
      { seccompProfile: { type: 'Localhost', localhostProfile: 'x' } },
      '',
      'cannot load seccomp profile "x": there is no such file; put it below the directory that --seccomp-profiles names, and start the controller again',
    ],
    [
      'groups that cannot be kept away',
      { supplementalGroupsPolicy: 'Strict' },
      {},
      '',
      'supplementalGroupsPolicy Strict needs runAsGroup with a Docker Engine (container: main)',
    ],
  ])('%s', (_what, ofPod, ofContainer, user, message) => expect(judge(ofPod, ofContainer, { user })).toBe(message));

  test('with groups that can be kept away it does', () =>
    expect(judge({ supplementalGroupsPolicy: 'Strict', runAsUser: 5, runAsGroup: 6 }, {})).toMatchObject({ user: '5:6' }));

  test('AppArmor where there is none', () => {
    const on = { ...node, securityOptions: ['seccomp'] };
    const message = 'Cannot enforce AppArmor: AppArmor is not enabled on the host';
    expect(judge({ appArmorProfile: { type: 'RuntimeDefault' } }, {}, { on })).toBe(message);
    expect(judge({ appArmorProfile: { type: 'Unconfined' } }, {}, { on })).toMatchObject({ appArmor: 'unconfined' });
    expect(judge({}, {}, { on })).toBe(undefined);
  });
});

test.each<[string, Partial<SecuritySettings> | undefined]>([
  ['unconfined', { appArmor: 'unconfined' }],
  ['localhost/mine', { appArmor: { profile: 'mine' } }],
  ['runtime/default', undefined],
])('the old annotation: %s', (value, expected) => {
  const annotations = { 'container.apparmor.security.beta.kubernetes.io/main': value };
  const seen = judge({}, {}, { annotations });
  expect(seen === undefined || typeof seen === 'string' ? seen : { appArmor: seen.appArmor }).toEqual(expected);
});
