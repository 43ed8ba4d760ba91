// Every control of the Pod Security Standards: what it forbids, from which version on, and in which words.
import { describe, expect, test } from 'vitest';
import { type Level, violationsOf, violationText } from '../../../src/model/admission/pod-security/standard.ts';
import { podSecurityFault, policyFaults, policyOf } from '../../../src/model/admission/policies.ts';
import type { Container, PodSpec } from '../../../src/model/resource.ts';

interface Case {
  readonly pod?: Partial<PodSpec>;
  readonly app?: Partial<Container>;
  /** A second container, as it is. */
  readonly other?: Partial<Container>;
  readonly annotations?: Record<string, string>;
  /** What the pod leaves unsaid. */
  readonly without?: 'runAsNonRoot' | 'seccompProfile';
}

/** A pod that every level allows, changed. */
function specOf({ pod = {}, app = {}, other, without }: Case): PodSpec {
  const careful = {
    image: 'busybox',
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const merge = (name: string, { securityContext, ...rest }: Partial<Container>): Container => ({
    ...careful,
    ...rest,
    name,
    securityContext: { ...careful.securityContext, ...securityContext },
  });
  const { securityContext, ...rest } = pod;
  return {
    ...rest,
    securityContext: {
      ...(without === 'runAsNonRoot' ? {} : { runAsNonRoot: true }),
      ...(without === 'seccompProfile' ? {} : { seccompProfile: { type: 'RuntimeDefault' } }),
      ...securityContext,
    },
    containers: [merge('app', app), ...(other === undefined ? [] : [merge('other', other)])],
  };
}

function judged(level: Level, version: string, example: Case): string {
  const violations = violationsOf({ level, version }, { annotations: example.annotations ?? {} }, specOf(example));
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
}

test('a careful pod violates nothing, and privileged forbids nothing', () => {
  for (const level of ['baseline', 'restricted'] as const) expect(judged(level, 'latest', {})).toBe('');
  expect(judged('privileged', 'latest', { pod: { hostNetwork: true } })).toBe('');
});

describe('baseline', () => {
  test.each<[string, Case, string]>([
    [
      'appArmorProfile: a field',
      { app: { securityContext: { appArmorProfile: { type: 'Unconfined' } } } },
      'forbidden AppArmor profile (container "app" must not set AppArmor profile type to "Unconfined")',
    ],
    [
      'appArmorProfile: pod and annotation',
      {
        pod: { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
        annotations: { 'container.apparmor.security.beta.kubernetes.io/app': 'unconfined' },
      },
      'forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/app="unconfined"")',
    ],
    [
      'capabilities',
      {
        app: { securityContext: { capabilities: { add: ['SYS_ADMIN', 'NET_ADMIN', 'CHOWN'] } } },
        other: { securityContext: { capabilities: { add: ['NET_RAW'] } } },
      },
      'non-default capabilities (containers "app", "other" must not include "NET_ADMIN", "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
    [
      'host namespaces',
      { pod: { hostNetwork: true, hostPID: true, hostIPC: true } },
      'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
    ],
    [
      'hostPath volumes',
      {
        pod: {
          volumes: [
            { name: 'a', hostPath: { path: '/' } },
            { name: 'b', emptyDir: {} },
            { name: 'c', hostPath: { path: '/x' } },
          ],
        },
      },
      'hostPath volumes (volumes "a", "c")',
    ],
    [
      'host ports',
      {
        app: {
          ports: [
            { containerPort: 80, hostPort: 8080 },
            { containerPort: 81, hostPort: 0 },
          ],
        },
      },
      'hostPort (container "app" uses hostPort 8080)',
    ],
    [
      'hosts of probes and hooks',
      {
        app: { livenessProbe: { httpGet: { port: 80, host: '10.0.0.1' } } },
        other: { lifecycle: { preStop: { httpGet: { port: 80, host: 'x' } } } },
      },
      'probe or lifecycle host (containers "app", "other" use probe or lifecycle hosts "10.0.0.1", "x")',
    ],
    [
      'privileged',
      { app: { securityContext: { privileged: true } } },
      'privileged (container "app" must not set securityContext.privileged=true)',
    ],
    [
      'procMount',
      { app: { securityContext: { procMount: 'Unmasked' } } },
      'procMount (container "app" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      'seLinuxOptions',
      {
        pod: { securityContext: { seLinuxOptions: { type: 'spc_t', user: 'u' } } },
        app: { securityContext: { seLinuxOptions: { role: 'r' } } },
      },
      'seLinuxOptions (pod and container "app" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)',
    ],
    [
      'seccompProfile',
      { pod: { securityContext: { seccompProfile: { type: 'Unconfined' } } } },
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'sysctls',
      {
        pod: {
          securityContext: {
            sysctls: [
              { name: 'kernel.msgmax', value: '1' },
              { name: 'net.ipv4.tcp_syncookies', value: '1' },
            ],
          },
        },
      },
      'forbidden sysctls (kernel.msgmax)',
    ],
    [
      'hostProcess',
      { pod: { securityContext: { windowsOptions: { hostProcess: true } } } },
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
  ])('%s', (_name, example, message) => {
    expect(judged('baseline', 'latest', example)).toBe(message);
  });

  test('what only restricted forbids is allowed', () => {
    const example: Case = {
      pod: { securityContext: { runAsUser: 0, runAsNonRoot: false } },
      app: { securityContext: { allowPrivilegeEscalation: true, capabilities: { add: ['CHOWN'] } } },
    };
    expect(judged('baseline', 'latest', example)).toBe('');
  });
});

describe('restricted', () => {
  test.each<[string, Case, string]>([
    [
      'allowPrivilegeEscalation',
      { app: { securityContext: { allowPrivilegeEscalation: true } } },
      'allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false)',
    ],
    [
      'capabilities',
      { app: { securityContext: { capabilities: { add: ['CHOWN', 'NET_BIND_SERVICE'] } } } },
      'unrestricted capabilities (container "app" must set securityContext.capabilities.drop=["ALL"]; container "app" must not include "CHOWN" in securityContext.capabilities.add)',
    ],
    [
      'volume types, instead of hostPath alone',
      {
        pod: {
          volumes: [
            { name: 'a', hostPath: { path: '/' } },
            { name: 'b', nfs: { server: 's', path: '/' } },
            { name: 'c', emptyDir: {} },
          ],
        },
      },
      'restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs")',
    ],
    [
      'runAsNonRoot: silent',
      {
        without: 'runAsNonRoot',
        other: { securityContext: { runAsNonRoot: true } },
      },
      'runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true)',
    ],
    [
      'runAsNonRoot: refused',
      { app: { securityContext: { runAsNonRoot: false } } },
      'runAsNonRoot != true (container "app" must not set securityContext.runAsNonRoot=false)',
    ],
    [
      'runAsUser',
      { pod: { securityContext: { runAsUser: 0 } }, app: { securityContext: { runAsUser: 0 } } },
      'runAsUser=0 (pod and container "app" must not set runAsUser=0)',
    ],
    [
      'seccompProfile: silent',
      { without: 'seccompProfile' },
      'seccompProfile (pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ],
    [
      'seccompProfile: switched off',
      { app: { securityContext: { seccompProfile: { type: 'Unconfined' } } } },
      'seccompProfile (container "app" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'baseline first',
      { pod: { hostPID: true }, app: { securityContext: { allowPrivilegeEscalation: true } } },
      'host namespaces (hostPID=true), allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false)',
    ],
  ])('%s', (_name, example, message) => {
    expect(judged('restricted', 'latest', example)).toBe(message);
  });

  test('init containers are held to it as well', () => {
    const { containers } = specOf({});
    const spec = { ...specOf({}), initContainers: [{ ...containers[0], name: 'first', securityContext: { runAsUser: 0 } }] };
    const reasons = violationsOf({ level: 'restricted', version: 'latest' }, {}, spec).map(({ reason }) => reason);
    expect(reasons).toEqual(['allowPrivilegeEscalation != false', 'unrestricted capabilities', 'runAsUser=0']);
  });
});

describe('versions', () => {
  test.each<[string, Level, Case, string, string]>([
    ['privilege escalation', 'restricted', { app: { securityContext: { allowPrivilegeEscalation: true } } }, 'v1.7', 'v1.8'],
    ['capabilities', 'restricted', { app: { securityContext: { capabilities: {} } } }, 'v1.21', 'v1.22'],
    ['runAsUser', 'restricted', { app: { securityContext: { runAsUser: 0 } } }, 'v1.22', 'v1.23'],
    ['seccomp', 'restricted', { without: 'seccompProfile' }, 'v1.18', 'v1.19'],
    ['hosts of probes', 'baseline', { app: { livenessProbe: { tcpSocket: { port: 1, host: 'x' } } } }, 'v1.33', 'v1.34'],
  ])('%s', (_name, level, example, before, since) => {
    expect(judged(level, before, example)).toBe('');
    expect(judged(level, since, example)).not.toBe('');
  });

  test.each<[string, string, string]>([
    ['net.ipv4.ip_local_reserved_ports', 'v1.26', 'v1.27'],
    ['net.ipv4.tcp_keepalive_time', 'v1.28', 'v1.29'],
    ['net.ipv4.tcp_rmem', 'v1.31', 'v1.32'],
  ])('the sysctl %s became safe', (name, before, since) => {
    const example: Case = { pod: { securityContext: { sysctls: [{ name, value: '1' }] } } };
    expect(judged('baseline', before, example)).toBe(`forbidden sysctls (${name})`);
    expect(judged('baseline', since, example)).toBe('');
  });

  test('before 1.19 annotations say what seccomp does', () => {
    const annotations = { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' };
    expect(judged('baseline', 'v1.18', { annotations })).toBe(
      'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    );
    expect(judged('baseline', 'v1.19', { annotations })).toBe('');
  });

  test('a pod in a user namespace of its own may be root from 1.35 on, and a version that is not known is the newest', () => {
    const example: Case = { pod: { hostUsers: false, securityContext: { runAsUser: 0, runAsNonRoot: false } } };
    expect(judged('restricted', 'v1.34', example)).not.toBe('');
    expect(judged('restricted', 'v1.99', example)).toBe('');
  });
});

describe('the labels of a namespace', () => {
  const namespace = (labels: Record<string, string>) => ({ metadata: { name: 'shop', labels } });
  const label = (text: string): string => `pod-security.kubernetes.io/${text}`;

  test('say which policy is enforced, warned of and recorded', () => {
    const owner = namespace({
      [label('enforce')]: 'baseline',
      [label('enforce-version')]: 'v1.24',
      [label('warn')]: 'restricted',
    });
    expect([policyOf(owner, 'enforce'), policyOf(owner, 'warn'), policyOf(owner, 'audit'), policyOf(undefined, 'warn')]).toEqual([
      { level: 'baseline', version: 'v1.24' },
      { level: 'restricted', version: 'latest' },
      { level: 'privileged', version: 'latest' },
      { level: 'privileged', version: 'latest' },
    ]);
    const spec = specOf({ app: { securityContext: { runAsUser: 0 } } });
    expect(podSecurityFault(owner, 'enforce', {}, spec)).toBeUndefined();
    expect(podSecurityFault(owner, 'warn', {}, spec)).toBe(
      'would violate PodSecurity "restricted:latest": runAsUser=0 (container "app" must not set runAsUser=0)',
    );
  });

  test('that mean nothing are faults', () => {
    expect(policyFaults({ labels: { [label('enforce')]: 'strict', [label('warn-version')]: '1.24', other: 'x' } })).toEqual([
      { label: label('enforce'), message: 'must be one of privileged, baseline, restricted' },
      { label: label('warn-version'), message: 'must be "latest" or "v1.x"' },
    ]);
  });

  test('the whole sentence is that of Kubernetes', () => {
    const policy = { level: 'restricted', version: 'latest' } as const;
    const spec: PodSpec = { containers: [{ name: 'app', image: 'x' }] };
    expect(violationText(policy, violationsOf(policy, {}, spec))).toBe(
      'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "app" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
  });
});
