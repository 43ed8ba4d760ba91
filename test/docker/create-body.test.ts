import { describe, expect, test } from 'vitest';
import { toCreateBody } from '../../src/docker/create-body.ts';
import { toImageSeen, toInfo, toSeen, toVolumeBody, toVolumeSeen } from '../../src/docker/mapping.ts';
import type { ContainerSpec, SecuritySettings } from '../../src/kubelet/engine/container-engine.ts';
import { plainContainer } from '../support/plain-container.ts';

const spec: ContainerSpec = {
  name: 'web',
  image: 'busybox:1.36',
  labels: {},
  ...plainContainer,
  network: { type: 'network', name: 'pods' },
};
const inSandbox = { type: 'sandbox', containerId: 'abc' } as const;
const security: SecuritySettings = {
  groups: [],
  isPrivileged: false,
  addCapabilities: [],
  dropCapabilities: [],
  isRootReadOnly: false,
  noNewPrivileges: false,
  seccomp: 'default',
  appArmor: 'default',
  seLinux: [],
  isProcUnmasked: false,
};

interface Body {
  readonly HostConfig: Readonly<Record<string, unknown>>;
}
const bodyOf = (part: Partial<ContainerSpec>): Body => toCreateBody({ ...spec, ...part }, 'c1') as Body;
const hostConfig = (part: Partial<ContainerSpec>): Body['HostConfig'] => bodyOf(part).HostConfig;
/** What a part adds to a plain container. */
const added = (part: Partial<ContainerSpec>): object => {
  const plain = hostConfig({});
  return Object.fromEntries(Object.entries(hostConfig(part)).filter(([key]) => !(key in plain)));
};

describe('security', () => {
  test.each<[string, Partial<SecuritySettings>, object]>([
    ['nothing', {}, {}],
    ['groups', { groups: [5, 6] }, { GroupAdd: ['5', '6'] }],
    ['all rights', { isPrivileged: true }, { Privileged: true }],
    ['single rights', { addCapabilities: ['A'], dropCapabilities: ['ALL'] }, { CapAdd: ['A'], CapDrop: ['ALL'] }],
    ['a root that is read-only', { isRootReadOnly: true }, { ReadonlyRootfs: true }],
    ['no further rights', { noNewPrivileges: true }, { SecurityOpt: ['no-new-privileges'] }],
    [
      'no profiles',
      { seccomp: 'unconfined', appArmor: 'unconfined' },
      { SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'] },
    ],
    [
      'own profiles',
      { seccomp: { profile: '{}' }, appArmor: { profile: 'mine' }, seLinux: ['level:s0'] },
      { SecurityOpt: ['seccomp={}', 'apparmor=mine', 'label=level:s0'] },
    ],
    ['the whole of /proc', { isProcUnmasked: true }, { MaskedPaths: [], ReadonlyPaths: [] }],
  ])('%s', (_what, settings, expected) => expect(added({ security: { ...security, ...settings } })).toEqual(expected));

  test('the user', () => expect(bodyOf({ security: { ...security, user: '5:6' } })).toMatchObject({ User: '5:6' }));
});

describe('namespaces, names and devices', () => {
  test.each<[string, Partial<ContainerSpec>, object]>([
    ['the network of the host', { network: { type: 'host' } }, { NetworkMode: 'host', IpcMode: 'shareable' }],
    ['processes of the host', { processes: 'host' }, { PidMode: 'host' }],
    ['processes of the sandbox', { network: inSandbox, processes: 'sandbox' }, { PidMode: 'container:abc' }],
    ['IPC of the host', { network: inSandbox, ipc: 'host' }, { IpcMode: 'host', NetworkMode: 'container:abc' }],
    [
      'a resolver',
      { resolver: { servers: ['1.2.3.4'], searches: ['a.b'], options: ['ndots:5'] } },
      { Dns: ['1.2.3.4'], DnsSearch: ['a.b'], DnsOptions: ['ndots:5'] },
    ],
    ['no search domains', { resolver: { searches: [] } }, { DnsSearch: ['.'] }],
    ['hosts', { hosts: [{ ip: '::1', name: 'a' }] }, { ExtraHosts: ['a:::1'] }],
    ['kernel parameters', { sysctls: { 'net.x': '1' } }, { Sysctls: { 'net.x': '1' } }],
    ['a runtime', { runtime: 'runsc' }, { Runtime: 'runsc' }],
    ['a limit of processes', { pidsLimit: 7 }, { PidsLimit: 7 }],
    [
      'a device',
      { devices: [{ type: 'path', path: '/dev/x' }] },
      { Devices: [{ PathOnHost: '/dev/x', PathInContainer: '/dev/x', CgroupPermissions: 'rwm' }] },
    ],
    [
      'GPUs',
      { devices: [{ type: 'driver', driver: 'nvidia', count: 2, capabilities: ['gpu'] }] },
      { DeviceRequests: [{ Driver: 'nvidia', Count: 2, Capabilities: [['gpu']] }] },
    ],
  ])('%s', (_what, part, expected) => expect(hostConfig(part)).toMatchObject(expected));

  test('those of a sandbox are not repeated in its containers', () => {
    const part = {
      network: inSandbox,
      hostname: 'a',
      domainname: 'b',
      hosts: [{ ip: '1.2.3.4', name: 'a' }],
      sysctls: { x: '1' },
    };
    const body = bodyOf(part);
    for (const key of ['Hostname', 'Domainname']) expect(body).not.toHaveProperty(key);
    for (const key of ['ExtraHosts', 'Sysctls']) expect(body.HostConfig).not.toHaveProperty(key);
  });

  test.each<[string, ContainerSpec['terminal'], object]>([
    ['a terminal', { tty: true, stdin: 'closed' }, { Tty: true, OpenStdin: false, StdinOnce: false }],
    ['an open input', { tty: false, stdin: 'open' }, { Tty: false, OpenStdin: true, StdinOnce: false }],
    ['an input for one client', { tty: true, stdin: 'once' }, { Tty: true, OpenStdin: true, StdinOnce: true }],
  ])('%s', (_what, terminal, expected) => expect(bodyOf(terminal === undefined ? {} : { terminal })).toMatchObject(expected));

  test('a signal of its own', () => expect(bodyOf({ stopSignal: 'SIGUSR1' })).toMatchObject({ StopSignal: 'SIGUSR1' }));
});

describe('mounts', () => {
  const bind = { type: 'bind', source: '/s', target: '/t', readOnly: false } as const;
  test('a part of a volume', () => {
    const { Mounts } = hostConfig({ mounts: [{ type: 'volume', volume: 'v', target: '/t', readOnly: true, subPath: 'a/b' }] });
    expect(Mounts).toMatchObject([{ Type: 'volume', Source: 'v', VolumeOptions: { NoCopy: true, Subpath: 'a/b' } }]);
  });
  test('a volume of its own is copied up and has no name', () =>
    expect(hostConfig({ mounts: [{ type: 'scratch', target: '/t' }] })['Mounts']).toEqual([{ Type: 'volume', Target: '/t' }]));
  test('propagation, in both forms', () => {
    const { Mounts, Binds } = hostConfig({
      mounts: [
        { ...bind, create: false, propagation: 'bidirectional' },
        { ...bind, create: true, propagation: 'host-to-container' },
        { ...bind, source: '/a:b', create: true, propagation: 'private' },
      ],
    });
    expect(Binds).toEqual(['/s:/t:rw,rslave']);
    expect(Mounts).toMatchObject([
      { Type: 'bind', Source: '/s', BindOptions: { Propagation: 'rshared' } },
      { Type: 'bind', Source: '/a:b', BindOptions: { Propagation: 'rprivate', CreateMountpoint: true } },
    ]);
  });
});

describe('what is seen', () => {
  test('settings that only a person can have made', () => {
    const host = { NetworkMode: 'pods', Memory: 5, MemorySwap: 9, CpusetCpus: '0', CpuQuota: 100, PidsLimit: 7, BlkioWeight: 0 };
    expect(toSeen({ HostConfig: host }).settings).toMatchObject({
      pidsLimit: 7,
      others: ['cpuQuota=100', 'cpusetCpus=0', 'memorySwap=9'],
    });
  });
  test.each([0, -1, 5])('swap of %i beside a memory of 5 is ours', (MemorySwap) =>
    expect(toSeen({ HostConfig: { Memory: 5, MemorySwap, PidsLimit: -1 } }).settings).toMatchObject({ pidsLimit: 0, others: [] }),
  );

  test('volumes of its own, by their generated names', () => {
    const Name = 'a'.repeat(64);
    const Mounts = [
      { Type: 'volume', Name, Destination: '/t' },
      { Type: 'volume', Name: 'named', Destination: '/v' },
    ];
    expect(toSeen({ Mounts }).scratchVolumes).toEqual({ '/t': Name });
    expect(toSeen({})).not.toHaveProperty('scratchVolumes');
  });

  test('what an engine can do', () => {
    const body = {
      Runtimes: { runsc: {}, runc: {} },
      CgroupVersion: '2',
      SecurityOptions: ['name=seccomp,profile=default', 'apparmor', 'name=rootless'],
      DockerRootDir: '/data',
    };
    expect(toInfo(body, { ApiVersion: '1.44' })).toMatchObject({
      runtimes: ['runc', 'runsc'],
      cgroupVersion: 2,
      securityOptions: ['apparmor', 'rootless', 'seccomp'],
      rootDirectory: '/data',
    });
  });

  test('an image, inspected or listed', () => {
    const image = { Id: 'sha256:1', RepoTags: ['b:1', 'a:1'], RepoDigests: ['<none>@<none>'], Size: 5 };
    const seen = { id: 'sha256:1', tags: ['a:1', 'b:1'], digests: [], sizeBytes: 5 };
    expect(toImageSeen({ ...image, Config: { User: 'nobody', Labels: { a: 'b' } } })).toEqual({
      ...seen,
      user: 'nobody',
      labels: { a: 'b' },
    });
    expect(toImageSeen({ ...image, RepoTags: null, Labels: null })).toEqual({ ...seen, tags: [], user: '', labels: {} });
  });

  test('a volume with a driver and its options', () => {
    const volume = { name: 'v', labels: {}, inMemory: true, sizeBytes: 9, driver: 'd', options: { type: 'nfs' } };
    expect(toVolumeBody(volume, 'c1')).toMatchObject({ Driver: 'd', DriverOpts: { type: 'nfs' } });
    expect(toVolumeSeen({ Name: 'v', Driver: 'd', Options: { type: 'nfs' }, CreatedAt: '2026-01-02T03:04:05Z' })).toEqual({
      name: 'v',
      labels: {},
      driver: 'd',
      options: { type: 'nfs' },
      createdAtMs: Date.parse('2026-01-02T03:04:05Z'),
    });
  });
});
