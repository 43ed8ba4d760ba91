// What a sandbox is made from: names, namespaces, resolver; and what a node cannot give.
import { describe, expect, test } from 'vitest';
import type { ContainerSeen, ResolverSettings } from '../../src/kubelet/engine/container-engine.ts';
import { devicesOf } from '../../src/kubelet/spec/devices.ts';
import {
  containerNamespaces,
  podNames,
  type SandboxNamespaces,
  sandboxNamespaces,
  sandboxProblem,
} from '../../src/kubelet/spec/namespaces.ts';
import { resolverArgs, resolverOf } from '../../src/kubelet/spec/resolver.ts';
import { engineResources, type NodeCapacity, qosClass } from '../../src/kubelet/spec/resources.ts';
import { type ServiceSeen, serviceVariables } from '../../src/kubelet/spec/service-env.ts';
import { terminationLog, terminationPath } from '../../src/kubelet/spec/termination-log.ts';
import type { PodSpec } from '../../src/model/resource.ts';
import { aContainer, aPod } from '../support/builders.ts';

const node: NodeCapacity = {
  cpus: 4,
  memoryBytes: 8 * 2 ** 30,
  enforces: { memory: true, cpuShares: true, pids: true },
  runtimes: ['runc', 'runsc'],
  securityOptions: ['seccomp'],
};
const podOf = (spec: Partial<PodSpec>, name = 'web-0') => aPod({ name, namespace: 'shop', spec });

test.each<[string, Partial<PodSpec>, string, string, string?]>([
  ['its name', {}, 'web-0', ''],
  ['a long name is cut, and not after a dash', {}, 'a'.repeat(62), '', `${'a'.repeat(62)}-${'b'.repeat(9)}`],
  ['its host name', { hostname: 'db' }, 'db', ''],
  ['its subdomain', { hostname: 'db', subdomain: 'peers' }, 'db', 'peers.shop.svc.cluster.local'],
  ['the name that overrides all', { hostname: 'db', subdomain: 'peers', hostnameOverride: 'a.b' }, 'a.b', ''],
])('a pod is called by %s', (_what, spec, hostname, domain, name = 'web-0') =>
  expect(podNames(podOf(spec, name))).toEqual({ hostname, domain }),
);

describe('namespaces of the sandbox', () => {
  const network = { network: { type: 'network', name: 'holdfast-c' } } as const;
  test.each<[string, Partial<PodSpec>, SandboxNamespaces]>([
    ['of its own', {}, { ...network, hostname: 'web-0' }],
    ['a subdomain', { subdomain: 'peers' }, { ...network, hostname: 'web-0', domainname: 'peers.shop.svc.cluster.local' }],
    [
      'the whole name',
      { subdomain: 'peers', setHostnameAsFQDN: true },
      { ...network, hostname: 'web-0.peers.shop.svc.cluster.local' },
    ],
    [
      'those of the host',
      { hostNetwork: true, hostPID: true, hostIPC: true },
      { network: { type: 'host' }, processes: 'host', ipc: 'host' },
    ],
    [
      'aliases',
      { hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }, { ip: '::1' }] },
      {
        ...network,
        hostname: 'web-0',
        hosts: [
          { ip: '1.2.3.4', name: 'a' },
          { ip: '1.2.3.4', name: 'b' },
        ],
      },
    ],
    [
      'kernel parameters, with slashes or dots',
      { securityContext: { sysctls: [{ name: 'net/ipv4/tcp_fin_timeout', value: '9' }] } },
      { ...network, hostname: 'web-0', sysctls: { 'net.ipv4.tcp_fin_timeout': '9' } },
    ],
  ])('%s', (_what, spec, expected) => expect(sandboxNamespaces(podOf(spec), 'holdfast-c')).toEqual(expected));

  test.each<[Partial<PodSpec>, object]>([
    [{}, {}],
    [{ shareProcessNamespace: true }, { processes: 'sandbox' }],
    [
      { hostPID: true, hostIPC: true },
      { processes: 'host', ipc: 'host' },
    ],
  ])('of a container of %j', (spec, expected) => expect(containerNamespaces(podOf(spec).spec)).toEqual(expected));
});

describe('what a node cannot give', () => {
  const sysctl = (name: string): Partial<PodSpec> => ({ securityContext: { sysctls: [{ name, value: '1' }] } });
  const long = { subdomain: 'p'.repeat(30), hostname: 'h'.repeat(20), setHostnameAsFQDN: true };
  const whole = `${long.hostname}.${long.subdomain}.shop.svc.cluster.local`;
  test.each<[string, Partial<PodSpec>, string | undefined]>([
    ['nothing asked', {}, undefined],
    ['a safe parameter', sysctl('net.ipv4.ip_unprivileged_port_start'), undefined],
    ['a parameter that the node allows', sysctl('net.core.somaxconn'), undefined],
    ['another one', sysctl('kernel.msgmax'), 'forbidden sysctl: "kernel.msgmax" not allowlisted'],
    ['a runtime that is there', { runtimeClassName: 'gvisor' }, undefined],
    [
      'a runtime that is not',
      { runtimeClassName: 'kata' },
      'no runtime for "kata-qemu" is configured: the Docker Engine has runc, runsc',
    ],
    ['a class that is not', { runtimeClassName: 'none' }, 'RuntimeClass "none" not found'],
    [
      'user namespaces',
      { hostUsers: false },
      'hostUsers false needs a Docker Engine with user namespaces: set userns-remap of the engine',
    ],
    [
      'a name that is too long',
      long,
      `Failed to construct FQDN from Pod hostname and cluster domain, FQDN ${whole} is too long (64 characters is the max, ${whole.length} characters requested)`,
    ],
  ])('%s', (_what, spec, message) => {
    const handlers = new Map([
      ['gvisor', 'runsc'],
      ['kata', 'kata-qemu'],
    ]);
    const allowing = { ...node, allowedUnsafeSysctls: ['net.core.*'] };
    expect(sandboxProblem(podOf(spec), allowing, handlers)?.message).toBe(message);
  });

  test('an engine with user namespaces has them for all', () =>
    expect(sandboxProblem(podOf({ hostUsers: false }), { ...node, securityOptions: ['userns'] }, new Map())).toBe(undefined));
});

describe('resolver', () => {
  const cluster = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'];
  const options = ['ndots:5'];
  test.each<[string, Partial<PodSpec>, ResolverSettings | undefined]>([
    ['as nobody says it', {}, { searches: cluster, options }],
    ['Default', { dnsPolicy: 'Default' }, undefined],
    ['on the network of the host', { hostNetwork: true, dnsPolicy: 'ClusterFirst' }, undefined],
    ['of the cluster all the same', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, { searches: cluster, options }],
    ['None', { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1', '1.1.1.1'] } }, { servers: ['1.1.1.1'], searches: [] }],
    [
      'None with everything',
      { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: ['a'], options: [{ name: 'edns0' }] } },
      { servers: ['1.1.1.1'], searches: ['a'], options: ['edns0'] },
    ],
    [
      'own options win, own domains come last and once',
      { dnsConfig: { searches: ['a', 'cluster.local'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] } },
      { searches: [...cluster, 'a'], options: ['ndots:2', 'edns0'] },
    ],
  ])('%s', (_what, spec, expected) => expect(resolverOf(podOf(spec))).toEqual(expected));

  const network = { dnsAddress: '10.96.0.10' };
  const host = { servers: ['192.168.7.1', '192.168.7.2'], searches: ['corp.example'], options: ['timeout:2'] };
  const stub = { ...host, servers: ['127.0.0.53'] };
  const file = (spec: Partial<PodSpec>, hostResolver?: ResolverSettings): string | undefined =>
    resolverArgs(podOf(spec), { network, ...(hostResolver === undefined ? {} : { hostResolver }) })[1];
  test.each<[string, Partial<PodSpec>, ResolverSettings | undefined, string | undefined]>([
    ['as nobody says it', {}, undefined, `nameserver 10.96.0.10\nsearch ${cluster.join(' ')}\noptions ndots:5\n`],
    ['with domains of the host', {}, stub, `nameserver 10.96.0.10\nsearch ${cluster.join(' ')} corp.example\noptions ndots:5\n`],
    ['Default of a host that is not known', { dnsPolicy: 'Default' }, undefined, undefined],
    ['Default of a host with a server of its own', { dnsPolicy: 'Default' }, stub, undefined],
    [
      'Default',
      { dnsPolicy: 'Default' },
      host,
      'nameserver 192.168.7.1\nnameserver 192.168.7.2\nsearch corp.example\noptions timeout:2\n',
    ],
    ['None', { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'] } }, host, 'nameserver 1.1.1.1\n'],
    [
      'merged, three servers at most',
      {
        dnsConfig: {
          nameservers: ['1.1.1.1', '10.96.0.10', '2.2.2.2', '3.3.3.3'],
          searches: ['a'],
          options: [{ name: 'ndots', value: '2' }],
        },
      },
      host,
      `nameserver 10.96.0.10\nnameserver 1.1.1.1\nnameserver 2.2.2.2\nsearch ${cluster.join(' ')} corp.example a\noptions ndots:2\n`,
    ],
    ['on the network of the host', { hostNetwork: true }, host, undefined],
  ])('file of a cluster with DNS: %s', (_what, spec, known, text) => {
    expect(file(spec, known)).toBe(text);
    const hasFile = text !== undefined && spec.hostNetwork !== true;
    expect(hasFile && resolverOf(podOf(spec), { network, ...(known === undefined ? {} : { hostResolver: known }) })).toBe(
      hasFile ? undefined : false,
    );
  });

  test.each<[string, Partial<PodSpec>, ResolverSettings | undefined]>([
    ['as the host', { dnsPolicy: 'ClusterFirst' }, undefined],
    [
      'of the cluster',
      { dnsPolicy: 'ClusterFirstWithHostNet' },
      { servers: ['10.96.0.10'], searches: [...cluster, 'corp.example'], options },
    ],
    ['None', { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'] } }, { servers: ['1.1.1.1'], searches: [], options: [] }],
    ['and more', { dnsPolicy: 'Default', dnsConfig: { searches: ['a'] } }, { ...host, searches: ['corp.example', 'a'] }],
  ])('what the engine writes for a pod on the network of the host: %s', (_what, spec, expected) => {
    expect(resolverOf(podOf({ hostNetwork: true, ...spec }), { network, hostResolver: host })).toEqual(expected);
  });

  test('no more domains than fit', () => {
    const searches = Array.from({ length: 32 }, (_, index) => `${'d'.repeat(60)}${index}`);
    const kept = resolverOf(podOf({ dnsConfig: { searches } }))?.searches ?? [];
    expect(kept.join(' ').length).toBeLessThanOrEqual(2048);
    expect(kept.length).toBeLessThanOrEqual(32);
    expect(kept.slice(0, 4)).toEqual([...cluster, searches[0]]);
  });
});

describe('resources', () => {
  const guaranteed = { limits: { cpu: '1', memory: '1Gi' } };
  const pod = (init: PodSpec['initContainers']) =>
    podOf({ containers: [aContainer({ resources: guaranteed })], initContainers: init ?? [] });
  test.each([
    ['no other', [], 'Guaranteed'],
    ['an init container as good', [aContainer({ name: 'i', resources: guaranteed })], 'Guaranteed'],
    ['an init container without', [aContainer({ name: 'i' })], 'Burstable'],
  ])('the class with %s', (_what, init, expected) => expect(qosClass(pod(init))).toBe(expected));

  test('a sidecar is not killed before those whom it serves', () => {
    const sidecar = aContainer({ name: 'side', restartPolicy: 'Always' });
    const main = aContainer({ resources: { requests: { memory: '4Gi' } } });
    const owner = podOf({ containers: [main], initContainers: [sidecar] });
    const score = (container: typeof main): number => engineResources(owner, container, node).oomScoreAdj;
    expect(score(sidecar)).toBe(score(main));
  });

  test('a limit of processes is a setting of the node', () => {
    const owner = podOf({});
    const limited = { ...node, podPidsLimit: 100 };
    expect(engineResources(owner, owner.spec.containers[0], limited).pidsLimit).toBe(100);
    expect(engineResources(owner, owner.spec.containers[0], node)).not.toHaveProperty('pidsLimit');
    const powerless = { ...limited, enforces: { ...node.enforces, pids: false } };
    expect(engineResources(owner, owner.spec.containers[0], powerless)).not.toHaveProperty('pidsLimit');
  });

  test('GPUs', () => {
    const extended = { 'nvidia.com/gpu': '2', 'example.com/other': '1' };
    const limits = { cpu: '1', ...extended };
    expect(devicesOf({ resources: { limits } })).toEqual([{ type: 'driver', driver: 'nvidia', count: 2, capabilities: ['gpu'] }]);
    expect(devicesOf({})).toEqual([]);
  });
});

describe('variables of Services', () => {
  const service = (name: string, namespace: string, clusterIP: string, ports: ServiceSeen['spec']['ports']): ServiceSeen => ({
    metadata: { name, namespace },
    spec: { clusterIP, ...(ports === undefined ? {} : { ports }) },
  });
  const web = service('web-api', 'shop', '10.0.0.5', [
    { name: 'http', port: 80 },
    { name: 'dns-udp', port: 53, protocol: 'UDP' },
  ]);
  const api = service('kubernetes', 'default', '10.0.0.1', [{ name: 'https', port: 443 }]);

  test('those of Kubernetes and those of links', () =>
    expect(Object.fromEntries(serviceVariables([web], 'shop', true))).toEqual({
      WEB_API_SERVICE_HOST: '10.0.0.5',
      WEB_API_SERVICE_PORT: '80',
      WEB_API_SERVICE_PORT_HTTP: '80',
      WEB_API_SERVICE_PORT_DNS_UDP: '53',
      WEB_API_PORT: 'tcp://10.0.0.5:80',
      WEB_API_PORT_80_TCP: 'tcp://10.0.0.5:80',
      WEB_API_PORT_80_TCP_PROTO: 'tcp',
      WEB_API_PORT_80_TCP_PORT: '80',
      WEB_API_PORT_80_TCP_ADDR: '10.0.0.5',
      WEB_API_PORT_53_UDP: 'udp://10.0.0.5:53',
      WEB_API_PORT_53_UDP_PROTO: 'udp',
      WEB_API_PORT_53_UDP_PORT: '53',
      WEB_API_PORT_53_UDP_ADDR: '10.0.0.5',
    }));

  test.each<[string, readonly ServiceSeen[], boolean, string[]]>([
    ['the API, wherever the pod is', [api], true, ['KUBERNETES_SERVICE_HOST']],
    ['the API alone without links', [api, web], false, ['KUBERNETES_SERVICE_HOST']],
    ['none of another namespace', [{ ...web, metadata: { name: 'x', namespace: 'other' } }], true, []],
    ['none without an address', [service('a', 'shop', 'None', [{ port: 1 }]), service('b', 'shop', '', [{ port: 1 }])], true, []],
    ['none without a port', [service('a', 'shop', '10.0.0.9', undefined)], true, []],
  ])('%s', (_what, services, links, hosts) =>
    expect([...serviceVariables(services, 'shop', links).keys()].filter((name) => name.endsWith('_HOST'))).toEqual(hosts),
  );
});

describe('termination log', () => {
  const owner = podOf({ containers: [aContainer({ name: 'main' })], initContainers: [aContainer({ name: 'first' })] });
  const sandbox = { scratchVolumes: { '/termination': 'vol' } } as unknown as ContainerSeen;
  const [main] = owner.spec.containers;

  test('the first run writes to a file of the image', () =>
    expect(terminationLog(owner.spec, main, 0, sandbox)).toEqual({
      mounts: [
        { type: 'volume', volume: 'vol', target: '/dev/termination-log', readOnly: false, subPath: '1', isSubPathPlain: true },
      ],
      files: [],
    }));
  test('each later one to a file of its own', () => {
    const { mounts, files } = terminationLog(owner.spec, { ...main, terminationMessagePath: '/out' }, 2, sandbox);
    expect(mounts).toMatchObject([{ target: '/out', subPath: '1.2' }]);
    expect(files).toEqual([{ path: '1.2', type: 'file', mode: 0o666 }]);
  });
  test('none in a sandbox without the volume', () =>
    expect(terminationLog(owner.spec, main, 0, { ...sandbox, scratchVolumes: {} })).toEqual({ mounts: [], files: [] }));
  test.each([
    ['/dev/termination-log', undefined],
    ['/dev/termination-log', ''],
    ['/a', '/a'],
  ])('%s for %s', (path, given) =>
    expect(terminationPath(given === undefined ? {} : { terminationMessagePath: given })).toBe(path),
  );
});
