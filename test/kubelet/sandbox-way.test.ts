// Which way a sandbox's network takes, what a plugged one looks like, and what becomes of one that was not plugged in.
import { describe, expect, test } from 'vitest';
import { asCreated } from '../../src/kubelet/as-created.ts';
import type { ContainerSeen } from '../../src/kubelet/engine/container-engine.ts';
import type { PodEnvironment } from '../../src/kubelet/environment.ts';
import { PLUG_ADDRESS_LABEL } from '../../src/kubelet/labels.ts';
import { sandboxSpec } from '../../src/kubelet/spec/container-spec.ts';
import { nameFileMounts, nameFiles } from '../../src/kubelet/spec/name-files.ts';
import { sandboxWay } from '../../src/kubelet/spec/sandbox-way.ts';
import type { PodSpec } from '../../src/model/resource.ts';
import { aContainer, aPod, START_MS } from '../support/builders.ts';
import { aRun, environment, NOW, plan, words } from './planning.ts';

const NETWORK: NonNullable<PodEnvironment['network']> = {
  name: 'hf-c',
  bridge: 'hf0',
  slice: '10.244.0.0/24',
  gateway: '10.244.0.1',
  podRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
  dnsAddress: '10.96.0.10',
};
const FACTS = { network: NETWORK, isPluggable: true, hostResolver: { servers: ['10.0.0.2'], searches: ['lan'] } };
const pod = aPod({ name: 'web' });

describe('the way of a sandbox', () => {
  const ways: readonly [string, Partial<PodSpec>, Partial<typeof FACTS & { isWithoutNames: boolean }>, string][] = [
    ['a plain pod', {}, {}, 'plugged'],
    ['the default resolver', { dnsPolicy: 'Default' }, {}, 'plugged'],
    ['a resolver of its own', { dnsPolicy: 'None', dnsConfig: { nameservers: ['9.9.9.9'] } }, {}, 'plugged'],
    ['kernel parameters', { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] } }, {}, 'plugged'],
    [
      'a port without one of the host',
      { containers: [aContainer({ ports: [{ containerPort: 80, hostPort: 0 }] })] },
      {},
      'plugged',
    ],
    ['a port of the host', { containers: [aContainer({ ports: [{ containerPort: 80, hostPort: 8080 }] })] }, {}, 'docker'],
    ["the host's network", { hostNetwork: true }, {}, 'docker'],
    ['a runtime class', { runtimeClassName: 'gvisor' }, {}, 'docker'],
    ['shared processes', { shareProcessNamespace: true }, {}, 'docker'],
    ["the engine's resolver", { dnsPolicy: 'Default' }, { hostResolver: { servers: ['127.0.0.53'], searches: [] } }, 'docker'],
    ['no names', {}, { isWithoutNames: true }, 'docker'],
    ['no plug', {}, { isPluggable: false }, 'docker'],
  ];
  test.each(ways)('%s', (_what, spec, facts, way) => {
    expect(sandboxWay(aPod({ name: 'web', spec }), { ...FACTS, ...facts })).toBe(way);
  });

  test('pods whose addresses the engine gives have its network', () => {
    expect(sandboxWay(pod, { isPluggable: true })).toBe('docker');
  });
});

test('Docker makes a plugged sandbox without a network, and with no resolver and hosts of its own', () => {
  const one = aPod({ name: 'web', spec: { hostAliases: [{ ip: '1.2.3.4', hostnames: ['x'] }], subdomain: 'db' } });
  const { network, args, hosts, resolver, hostname, domainname } = sandboxSpec(one, environment(FACTS), 0);
  expect({ network, args, hosts, resolver, hostname, domainname }).toEqual({
    network: { type: 'bare', name: 'hf-c' },
    hostname: 'web',
    domainname: 'db.default.svc.cluster.local',
  });
});

describe('the files of names', () => {
  const hostsOf = (spec: Partial<PodSpec>): readonly string[] | undefined =>
    nameFiles(aPod({ name: 'web', spec }), '10.244.0.7', FACTS)
      ?.hosts.split('\n')
      .slice(6, -1);

  test('are those that Docker makes', () => {
    expect(nameFiles(pod, '10.244.0.7', FACTS)).toEqual({
      hosts: `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
ff00::0\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
10.244.0.7\tweb
`,
      hostname: 'web\n',
      'resolv.conf':
        'nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local lan\noptions ndots:5\n',
    });
  });

  test('know aliases, subdomains and whole names', () => {
    expect(hostsOf({ hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }] })).toEqual([
      '1.2.3.4\ta',
      '1.2.3.4\tb',
      '10.244.0.7\tweb',
    ]);
    const subdomain = ['10.244.0.7\tweb.db.default.svc.cluster.local web'];
    expect(hostsOf({ subdomain: 'db' })).toEqual(subdomain);
    expect(hostsOf({ subdomain: 'db', setHostnameAsFQDN: true })).toEqual(subdomain);
  });

  test('are mounted in every container of a plugged sandbox, unless it mounts something else there', () => {
    const volume = { type: 'volume', volume: 'scratch', isSubPathPlain: true, readOnly: false } as const;
    const sandbox = plugged({ scratchVolumes: { '/termination': 'scratch' } });
    expect(nameFileMounts(aContainer(), sandbox)).toEqual([
      { ...volume, target: '/etc/hosts', subPath: 'hosts' },
      { ...volume, target: '/etc/hostname', subPath: 'hostname' },
      { ...volume, target: '/etc/resolv.conf', subPath: 'resolv.conf' },
    ]);
    const own = aContainer({
      volumeMounts: [{ name: 'v', mountPath: '/etc/hosts/' }],
      securityContext: { readOnlyRootFilesystem: true },
    });
    expect(nameFileMounts(own, sandbox)).toEqual([
      { ...volume, readOnly: true, target: '/etc/hostname', subPath: 'hostname' },
      { ...volume, readOnly: true, target: '/etc/resolv.conf', subPath: 'resolv.conf' },
    ]);
    expect(nameFileMounts(aContainer(), { ...sandbox, labels: {} })).toEqual([]);
  });
});

/** A plugged sandbox of the pod that runs. */
function plugged(options: Partial<ContainerSeen> = {}): ContainerSeen {
  const spec = sandboxSpec(pod, environment(FACTS), 0);
  const base = asCreated('sandbox-0', { ...spec, labels: { ...spec.labels, [PLUG_ADDRESS_LABEL]: '10.244.0.7' } }, START_MS);
  return { ...base, state: 'running', startedAtMs: START_MS, ip: '10.244.0.7', pid: 4711, ...options };
}

describe('a sandbox that is to be plugged in', () => {
  test('is plugged in before anything else is done with it', () => {
    const { steps, status } = plan(pod, [plugged()], FACTS);
    expect(steps).toEqual([
      {
        type: 'plug-sandbox',
        id: 'sandbox-0',
        address: '10.244.0.7',
        directory: '/termination',
        files: nameFiles(pod, '10.244.0.7', FACTS),
      },
    ]);
    expect(status?.podIP).toBe('10.244.0.7');
  });

  test('has containers when it was', () => {
    const { steps } = plan(pod, [plugged()], { ...FACTS, pluggedSandboxes: new Set(['sandbox-0']) });
    expect(words(steps)).toEqual(['image main/0']);
  });

  test('is taken for plugged in when a container was made in it', () => {
    expect(words(plan(pod, [plugged(), aRun(pod)], { ...FACTS, isPluggable: false }).steps)).toEqual([]);
  });

  test.each(['created', 'running'] as const)('goes when it is %s and cannot be plugged in any more', (state) => {
    const { steps, notes } = plan(pod, [plugged({ state })], { ...FACTS, isPluggable: false });
    expect(words(steps)).toEqual(['remove sandbox-0']);
    expect(notes.map(({ message }) => message)).toEqual([
      'Pod sandbox changed, it will be killed and re-created: it has no network yet, and cannot be plugged in now',
    ]);
  });

  test.each([
    ['created', ['prepare-node', 'start-sandbox']],
    ['running', ['prepare-node']],
  ] as const)('waits for the plug of a process that has just begun, when it is %s', (state, expected) => {
    const facts = { ...FACTS, isPluggable: false, isNodePrepared: false };
    expect(words(plan(pod, [plugged({ state })], facts).steps)).toEqual(expected);
  });

  test('waits when the node could not be prepared for it', () => {
    const failures = new Map([['_sandbox', { reason: 'Failed', message: 'no network', failures: 1, retryAtMs: NOW + 5_000 }]]);
    const facts = { ...FACTS, isPluggable: false, isNodePrepared: false, failures };
    const { steps, checkAgainAfterMs } = plan(pod, [plugged()], facts);
    expect([steps, checkAgainAfterMs]).toEqual([[], 5_000]);
  });

  test('goes when somebody has connected it to a network of Docker by hand', () => {
    const settings = { ...plugged().settings, networks: ['bridge'] };
    const { notes } = plan(pod, [plugged({ settings })], FACTS);
    expect(notes[0]?.message).toContain('edited by hand (networks none → bridge)');
  });
});

test('a sandbox on the network of Docker is left there when the plug comes', () => {
  const base = asCreated('sandbox-0', sandboxSpec(pod, environment({ ...FACTS, isPluggable: false }), 0), START_MS);
  const seen: ContainerSeen = { ...base, state: 'running', startedAtMs: START_MS, ip: '10.244.0.7' };
  expect(words(plan(pod, [seen, aRun(pod)], FACTS).steps)).toEqual([]);
});
