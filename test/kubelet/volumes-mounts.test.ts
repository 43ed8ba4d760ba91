import { describe, expect, test } from 'vitest';
import type { ClaimVolume } from '../../src/kubelet/volumes/claim-source.ts';
import { firstFill } from '../../src/kubelet/volumes/first-fill.ts';
import { layOut } from '../../src/kubelet/volumes/layout.ts';
import { containerMounts, podVolumeSpecs, sandboxMounts } from '../../src/kubelet/volumes/volumes.ts';
import type { PodSpec, Volume, VolumeMount } from '../../src/model/resource.ts';
import { aContainer, aPod } from '../support/builders.ts';

const identity = { cluster: 'test', namespace: 'default', pod: 'web', uid: '11112222-aaaa' };
const node = { cpus: 4, memoryBytes: 2 ** 33, enforces: { memory: true, cpuShares: true, pids: true } };
const claimVolumes = new Map<string, ClaimVolume>([
  ['data', { type: 'docker', volume: 'hf-test-default-data', isReadOnly: false }],
  ['fixed', { type: 'docker', volume: 'elsewhere', isReadOnly: true }],
  ['local', { type: 'host', hostPath: { path: '/srv/data', type: 'Directory' }, isReadOnly: false }],
  ['share', { type: 'docker', volume: 'share', isReadOnly: false, isRemote: true }],
  ['web-scratch', { type: 'docker', volume: 'hf-test-default-web-scratch', isReadOnly: false }],
]);
const facts = { claimVolumes, node, freshVolumes: new Set<string>() };

function podWith(volume: Omit<Volume, 'name'>, mount: Partial<VolumeMount> = {}, spec: Partial<PodSpec> = {}) {
  const volumeMounts = [{ name: 'v', mountPath: '/mnt', ...mount }];
  return aPod({
    uid: identity.uid,
    spec: { volumes: [{ name: 'v', ...volume }], containers: [aContainer({ volumeMounts })], ...spec },
  });
}

const own = 'hf.test.default.web.v.11112222';

describe('mounts of a container', () => {
  const mountOf = (volume: Omit<Volume, 'name'>, mount: Partial<VolumeMount> = {}, more: object = {}): unknown => {
    const pod = podWith(volume, mount);
    const variables = new Map([['POD', 'web-0']]);
    const result = containerMounts(pod, pod.spec.containers[0], identity, { ...facts, node: { ...node, ...more } }, variables);
    return result.ok ? result.mounts[0] : result.message;
  };
  const docker = (volume: string, more: object = {}) => ({ type: 'volume', volume, target: '/mnt', readOnly: false, ...more });
  const bind = (source: string, more: object = {}) => ({
    type: 'bind',
    source,
    target: '/mnt',
    readOnly: false,
    create: false,
    ...more,
  });

  test.each<[string, Omit<Volume, 'name'>, Partial<VolumeMount>, unknown]>([
    ['an emptyDir', { emptyDir: {} }, {}, docker(own)],
    ['no source is an emptyDir', {}, {}, docker(own)],
    ['read-only', { emptyDir: {} }, { readOnly: true }, docker(own, { readOnly: true })],
    ['a ConfigMap is read-only', { configMap: { name: 'c' } }, {}, docker(own, { readOnly: true })],
    ['fields of the pod are read-only', { downwardAPI: {} }, {}, docker(own, { readOnly: true })],
    ['several sources are read-only', { projected: {} }, {}, docker(own, { readOnly: true })],
    ['an image is read-only', { image: { reference: 'files:1' } }, {}, docker(own, { readOnly: true })],
    ['a server', { nfs: { server: 'nas', path: '/a' } }, {}, docker(own)],
    ['a server, read-only', { nfs: { server: 'nas', path: '/a', readOnly: true } }, {}, docker(own, { readOnly: true })],
    ['a claim', { persistentVolumeClaim: { claimName: 'data' } }, {}, docker('hf-test-default-data')],
    [
      'a claim, read-only',
      { persistentVolumeClaim: { claimName: 'data', readOnly: true } },
      {},
      docker('hf-test-default-data', { readOnly: true }),
    ],
    [
      'a claim of a read-only volume',
      { persistentVolumeClaim: { claimName: 'fixed' } },
      {},
      docker('elsewhere', { readOnly: true }),
    ],
    [
      'a claim of a directory of the host',
      { persistentVolumeClaim: { claimName: 'local' } },
      {},
      bind('/srv/data', { mustBe: 'directory' }),
    ],
    ['any path of the host', { hostPath: { path: '/h' } }, {}, bind('/h', { create: true })],
    ['type Directory', { hostPath: { path: '/h', type: 'Directory' } }, {}, bind('/h', { mustBe: 'directory' })],
    [
      'type DirectoryOrCreate',
      { hostPath: { path: '/h', type: 'DirectoryOrCreate' } },
      {},
      bind('/h', { create: true, mustBe: 'directory' }),
    ],
    ['type File', { hostPath: { path: '/h', type: 'File' } }, {}, bind('/h', { mustBe: 'file' })],
    ['type FileOrCreate', { hostPath: { path: '/h', type: 'FileOrCreate' } }, {}, bind('/h', { mustBe: 'file' })],
    ['type Socket', { hostPath: { path: '/h', type: 'Socket' } }, {}, bind('/h', { mustBe: 'socket' })],
    ['type CharDevice', { hostPath: { path: '/h', type: 'CharDevice' } }, {}, bind('/h', { mustBe: 'char-device' })],
    ['type BlockDevice', { hostPath: { path: '/h', type: 'BlockDevice' } }, {}, bind('/h', { mustBe: 'block-device' })],
    ['propagation', { hostPath: { path: '/h' } }, { mountPropagation: 'None' }, bind('/h', { create: true })],
    [
      'propagation from the host',
      { hostPath: { path: '/h' } },
      { mountPropagation: 'HostToContainer' },
      bind('/h', { create: true, propagation: 'host-to-container' }),
    ],
    [
      'propagation both ways',
      { emptyDir: {} },
      { mountPropagation: 'Bidirectional' },
      docker(own, { propagation: 'bidirectional' }),
    ],
    ['a part', { emptyDir: {} }, { subPath: 'a/b/' }, docker(own, { subPath: 'a/b' })],
    ['the whole, said otherwise', { emptyDir: {} }, { subPath: './' }, docker(own)],
    ['a part named by a variable', { emptyDir: {} }, { subPathExpr: 'logs/$(POD)' }, docker(own, { subPath: 'logs/web-0' })],
    ['a part of the host', { hostPath: { path: '/h', type: 'Directory' } }, { subPath: 'a' }, bind('/h/a')],
    ['a variable that is not set', { emptyDir: {} }, { subPathExpr: '$(NO)/x' }, 'missing value for "NO"'],
    [
      'steps upwards',
      { emptyDir: {} },
      { subPath: 'a/../../b' },
      "unable to provision SubPath `a/../../b`: must not contain '..'",
    ],
    ['an absolute part', { emptyDir: {} }, { subPath: '/etc' }, 'error SubPath `/etc` must not be an absolute path'],
    [
      'read-only all the way down where nothing can be below',
      { emptyDir: {} },
      { readOnly: true, recursiveReadOnly: 'Enabled' },
      docker(own, { readOnly: true }),
    ],
    [
      'read-only all the way down, if the engine can',
      { hostPath: { path: '/h' } },
      { readOnly: true, recursiveReadOnly: 'IfPossible' },
      bind('/h', { create: true, readOnly: true }),
    ],
    [
      'read-only all the way down, though the engine cannot',
      { hostPath: { path: '/h' } },
      { readOnly: true, recursiveReadOnly: 'Enabled' },
      'failed to resolve recursive read-only mode: volume "v" requested recursive read-only mode, but it is not supported by the runtime',
    ],
  ])('%s', (_what, volume, mount, expected) => expect(mountOf(volume, mount)).toEqual(expected));

  test('read-only all the way down on an engine that can', () => {
    const mount = { readOnly: true, recursiveReadOnly: 'Enabled' } as const;
    expect(mountOf({ hostPath: { path: '/h' } }, mount, { isRecursivelyReadOnly: true })).toMatchObject({ readOnly: true });
  });

  test('the claim of an ephemeral volume is the one that was made for the pod', () => {
    const spec = { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } };
    const pod = aPod({ spec: { volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec } } }] } });
    expect(sandboxMounts(pod, identity, facts)).toEqual([
      { type: 'volume', volume: 'hf-test-default-web-scratch', target: '/volumes/scratch', readOnly: false },
    ]);
  });
});

describe('volumes of Docker', () => {
  const specOf = (volume: Omit<Volume, 'name'>, spec: Partial<PodSpec> = {}): unknown => {
    const found = podVolumeSpecs(podWith(volume, {}, spec), identity, facts)[0]?.spec;
    if (found === undefined) return undefined;
    const { name, inMemory, sizeBytes, options } = found;
    return { name, inMemory, sizeBytes, ...(options === undefined ? {} : { options }) };
  };
  const plain = { name: own, inMemory: false, sizeBytes: 0 };
  test.each<[string, Omit<Volume, 'name'>, unknown]>([
    ['an emptyDir is on disk', { emptyDir: { sizeLimit: '1Gi' } }, plain],
    [
      'an emptyDir in memory',
      { emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { ...plain, inMemory: true, sizeBytes: 2 ** 20 },
    ],
    [
      'without a limit it may take the memory of the node',
      { emptyDir: { medium: 'Memory' } },
      { ...plain, inMemory: true, sizeBytes: 2 ** 33 },
    ],
    ['a Secret is never on disk', { secret: { secretName: 's' } }, { ...plain, inMemory: true }],
    ['nor is one among several sources', { projected: { sources: [{ secret: { name: 's' } }] } }, { ...plain, inMemory: true }],
    ['a ConfigMap', { configMap: { name: 'c' } }, { ...plain, inMemory: true }],
    ['an image is on disk', { image: { reference: 'files:1' } }, plain],
    [
      'a server',
      { nfs: { server: 'nas', path: '/exports/a', readOnly: true } },
      { ...plain, options: { type: 'nfs', o: 'addr=nas,nfsvers=4,ro', device: ':/exports/a' } },
    ],
    ['a claim has its own', { persistentVolumeClaim: { claimName: 'data' } }, undefined],
    ['a path of the host has none', { hostPath: { path: '/h' } }, undefined],
  ])('%s', (_what, volume, expected) => expect(specOf(volume)).toEqual(expected));
});

describe('the first fill', () => {
  const content = layOut([{ path: 'key', mode: 0o644, content: Buffer.from('1') }], undefined);
  const fillOf = (volume: Omit<Volume, 'name'>, spec: Partial<PodSpec> = {}, fresh: readonly string[] = []) =>
    firstFill(podWith(volume, {}, spec), 's', identity, new Map(), new Set(), { claimVolumes, freshVolumes: new Set(fresh) });
  const group = { securityContext: { fsGroup: 2000 } };

  test.each<[string, Omit<Volume, 'name'>, Partial<PodSpec>, readonly string[], object]>([
    ['opens an emptyDir', { emptyDir: {} }, {}, [], { files: [{ path: 'v', type: 'directory', mode: 0o777 }] }],
    [
      'gives an emptyDir to the group',
      { emptyDir: {} },
      group,
      [],
      { files: [{ path: 'v', type: 'directory', mode: 0o2777, gid: 2000 }] },
    ],
    [
      'opens a new claim',
      { persistentVolumeClaim: { claimName: 'data' } },
      {},
      ['hf-test-default-data'],
      { files: [{ path: 'v', type: 'directory', mode: 0o777 }], opened: ['hf-test-default-data'], groups: [] },
    ],
    [
      'gives a claim with data to the group',
      { persistentVolumeClaim: { claimName: 'data' } },
      group,
      [],
      { files: [], groups: [{ directory: '/volumes/v', gid: 2000 }] },
    ],
    [
      'copies an image',
      { image: { reference: 'files:1' } },
      group,
      [],
      { files: [], groups: [], images: [{ directory: '/volumes/v', reference: 'files:1' }] },
    ],
    [
      'makes a file of the host',
      { hostPath: { path: '/etc/made', type: 'FileOrCreate' } },
      {},
      [],
      { hostFiles: [{ directory: '/host/v', name: 'made' }] },
    ],
  ])('%s', (_what, volume, spec, fresh, expected) => expect(fillOf(volume, spec, fresh)).toMatchObject(expected));

  test.each<[string, Omit<Volume, 'name'>, Partial<PodSpec>]>([
    ['leaves a claim with data alone', { persistentVolumeClaim: { claimName: 'data' } }, {}],
    ['leaves a server to itself', { persistentVolumeClaim: { claimName: 'share' } }, group],
    ['leaves a server of the pod to itself', { nfs: { server: 'nas', path: '/a' } }, group],
    ['leaves what cannot be written', { persistentVolumeClaim: { claimName: 'fixed' } }, group],
    ['leaves the host alone', { hostPath: { path: '/h' } }, group],
  ])('%s', (_what, volume, spec) => expect(fillOf(volume, spec)).toBeUndefined());

  test('puts places into a config volume at which others are mounted', () => {
    const volumeMounts = [
      { name: 'v', mountPath: '/etc/app' },
      { name: 'tmp', mountPath: '/etc/app/cache/tmp' },
      { name: 'tmp', mountPath: '/etc/other' },
      { name: 'tmp', mountPath: '/etc/app/file', subPath: 'file' },
    ];
    const volumes = [
      { name: 'v', configMap: { name: 'c' } },
      { name: 'tmp', emptyDir: {} },
    ];
    const pod = aPod({ spec: { volumes, containers: [aContainer({ volumeMounts })] } });
    const fill = firstFill(pod, 's', identity, new Map([['v', content]]), new Set(['v']), facts);
    expect(fill?.files.map(({ path }) => path)).toEqual([
      'v',
      'v/cache/tmp',
      `v/..${content.version}`,
      `v/..${content.version}/key`,
      'v/key',
      'v/..data',
      'tmp',
    ]);
    expect(fill?.versions.get('v')).toEqual({ version: content.version, names: ['key'], leftovers: [] });
  });
});

describe('what the sandbox mounts of the host', () => {
  test.each<[string, Omit<Volume, 'name'>, Partial<VolumeMount>, unknown]>([
    ['nothing', { hostPath: { path: '/h', type: 'Directory' } }, {}, []],
    [
      'the place of a file that is to be made',
      { hostPath: { path: '/etc/made', type: 'FileOrCreate' } },
      {},
      [{ type: 'bind', source: '/etc', target: '/host/v', readOnly: false, create: false, mustBe: 'directory' }],
    ],
    [
      'a path of which a part is mounted',
      { hostPath: { path: '/h' } },
      { subPath: 'a' },
      [{ type: 'bind', source: '/h', target: '/host/v', readOnly: false, create: true }],
    ],
  ])('%s', (_what, volume, mount, expected) => expect(sandboxMounts(podWith(volume, mount), identity, facts)).toEqual(expected));
});
