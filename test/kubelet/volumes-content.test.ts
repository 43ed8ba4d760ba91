import { describe, expect, test } from 'vitest';
import { volumeContent } from '../../src/kubelet/volumes/content.ts';
import { holds, versionSeen } from '../../src/kubelet/volumes/layout.ts';
import { memoryVolumeBytes } from '../../src/kubelet/volumes/sizes.ts';
import type { DownwardAPIVolumeFile, PodSpec, Volume } from '../../src/model/resource.ts';
import { aContainer, aPod } from '../support/builders.ts';

const MIB = 2 ** 20;
const bytes = (data: Record<string, string>): ReadonlyMap<string, Uint8Array> =>
  new Map(Object.entries(data).map(([key, text]) => [key, Buffer.from(text)]));
const facts = {
  configMaps: new Map([['config', bytes({ A: '1', 'b.c': '2' })]]),
  secrets: new Map([['secret', bytes({ password: 's3cret', A: 'secret' })]]),
  node: { cpus: 4, memoryBytes: 8192 * MIB },
};
const pod = aPod({
  name: 'web-1',
  namespace: 'shop',
  uid: 'uid-1',
  labels: { tier: 'front', app: 'web' },
  annotations: { note: 'two\nlines "quoted" \\ ümlaut \u0007\u200b', empty: '' },
  spec: {
    containers: [aContainer({ resources: { limits: { cpu: '1500m', memory: '64Mi' }, requests: { cpu: '250m' } } })],
    initContainers: [aContainer({ name: 'bare' })],
  },
});

/** Path, mode and text of the files of a volume, or why there are none. */
function filesIn(volume: Omit<Volume, 'name'>, spec: Partial<PodSpec> = {}): unknown {
  const result = volumeContent({ ...pod, spec: { ...pod.spec, ...spec } }, { name: 'v', ...volume }, facts);
  if (!result.ok) return result.message;
  return result.content.files
    .filter(({ type }) => type === 'file')
    .map(({ path, mode, content }) => [path.replace(/^\.\.[0-9a-f]+\//, ''), mode, Buffer.from(content ?? '').toString()]);
}

const failed = (why: string): string => `MountVolume.SetUp failed for volume "v" : ${why}`;

describe('files of a volume', () => {
  test.each<[string, Omit<Volume, 'name'>, unknown]>([
    [
      'all keys of a ConfigMap',
      { configMap: { name: 'config' } },
      [
        ['A', 0o644, '1'],
        ['b.c', 0o644, '2'],
      ],
    ],
    [
      'items with paths and modes',
      {
        configMap: {
          name: 'config',
          defaultMode: 0o400,
          items: [
            { key: 'b.c', path: 'z', mode: 0o755 },
            { key: 'A', path: 'x/y' },
          ],
        },
      },
      [
        ['x/y', 0o400, '1'],
        ['z', 0o755, '2'],
      ],
    ],
    ['a Secret', { secret: { secretName: 'secret', items: [{ key: 'password', path: 'p' }] } }, [['p', 0o644, 's3cret']]],
    ['a missing ConfigMap', { configMap: { name: 'no' } }, failed('configmap "no" not found')],
    ['a missing Secret', { secret: { secretName: 'no' } }, failed('secret "no" not found')],
    [
      'a missing key of a ConfigMap',
      { configMap: { name: 'config', items: [{ key: 'no', path: 'x' }] } },
      failed('configmap references non-existent config key: no'),
    ],
    [
      'a missing key of a Secret',
      { secret: { secretName: 'secret', items: [{ key: 'no', path: 'x' }] } },
      failed('references non-existent secret key: no'),
    ],
    ['an optional ConfigMap', { configMap: { name: 'no', optional: true } }, []],
    [
      'an optional key',
      {
        secret: {
          secretName: 'secret',
          optional: true,
          items: [
            { key: 'no', path: 'x' },
            { key: 'A', path: 'a' },
          ],
        },
      },
      [['a', 0o644, 'secret']],
    ],
    [
      'several sources: the later one wins',
      {
        projected: {
          defaultMode: 0o440,
          sources: [
            { configMap: { name: 'config' } },
            { secret: { name: 'secret' } },
            { secret: { name: 'no', optional: true } },
            { downwardAPI: { items: [{ path: 'meta/name', fieldRef: { fieldPath: 'metadata.name' }, mode: 0o600 }] } },
          ],
        },
      },
      [
        ['A', 0o440, 'secret'],
        ['b.c', 0o440, '2'],
        ['meta/name', 0o600, 'web-1'],
        ['password', 0o440, 's3cret'],
      ],
    ],
    [
      'several missing sources are told at once',
      { projected: { sources: [{ configMap: { name: 'one' } }, { secret: { name: 'two' } }] } },
      failed('[configmap "one" not found, secret "two" not found]'),
    ],
    ['one missing source', { projected: { sources: [{ secret: { name: 'two' } }] } }, failed('secret "two" not found')],
    ['no source', { projected: { sources: [] } }, []],
  ])('%s', (_what, volume, expected) => expect(filesIn(volume)).toEqual(expected));

  test('the group of the pod may read them, whatever their mode', () => {
    const result = volumeContent(
      { ...pod, spec: { ...pod.spec, securityContext: { fsGroup: 2000 } } },
      { name: 'v', secret: { secretName: 'secret', defaultMode: 0o400, items: [{ key: 'A', path: 'x/y' }] } },
      facts,
    );
    const root = result.ok ? `..${result.content.version}` : '';
    expect(result.ok && result.content.files.map(({ path, type, mode, gid }) => ({ path, type, mode, gid }))).toEqual([
      { path: root, type: 'directory', mode: 0o2755, gid: 2000 },
      { path: `${root}/x`, type: 'directory', mode: 0o2755, gid: 2000 },
      { path: `${root}/x/y`, type: 'file', mode: 0o440, gid: 2000 },
    ]);
  });

  test('equal content is the same version, other content, mode or group another', () => {
    const version = (defaultMode: number, data: Record<string, string>, fsGroup?: number): string => {
      const owner = { ...pod, spec: { ...pod.spec, ...(fsGroup === undefined ? {} : { securityContext: { fsGroup } }) } };
      const volume = { name: 'v', configMap: { name: 'c', defaultMode } };
      const result = volumeContent(owner, volume, { ...facts, configMaps: new Map([['c', bytes(data)]]) });
      return result.ok ? result.content.version : '';
    };
    expect(version(420, { a: '1', b: '2' })).toBe(version(420, { b: '2', a: '1' }));
    const others = [version(420, { a: '1' }), version(420, { a: '2' }), version(256, { a: '1' }), version(420, { a: '1' }, 7)];
    expect(new Set(others).size).toBe(4);
  });
});

describe('fields of the pod as files', () => {
  const field = (fieldPath: string): Omit<DownwardAPIVolumeFile, 'path'> => ({ fieldRef: { fieldPath } });
  const amount = (resource: string, divisor?: string, containerName = 'main'): Omit<DownwardAPIVolumeFile, 'path'> => ({
    resourceFieldRef: { containerName, resource, ...(divisor === undefined ? {} : { divisor }) },
  });
  test.each<[string, Omit<DownwardAPIVolumeFile, 'path'>, string]>([
    ['the name', field('metadata.name'), 'web-1'],
    ['the namespace', field('metadata.namespace'), 'shop'],
    ['the uid', field('metadata.uid'), 'uid-1'],
    ['all labels, sorted', field('metadata.labels'), 'app="web"\ntier="front"'],
    [
      'all annotations, escaped as Go does',
      field('metadata.annotations'),
      'empty=""\nnote="two\\nlines \\"quoted\\" \\\\ ümlaut \\a\\u200b"',
    ],
    ['one label', field("metadata.labels['tier']"), 'front'],
    ['a label that is not there', field("metadata.labels['no']"), ''],
    ['one annotation', field("metadata.annotations['empty']"), ''],
    ['a limit of processors, rounded up', amount('limits.cpu'), '2'],
    ['in thousandths', amount('limits.cpu', '1m'), '1500'],
    ['a request of processors', amount('requests.cpu', '1m'), '250'],
    ['a limit of memory in bytes', amount('limits.memory'), String(64 * MIB)],
    ['in MiB', amount('limits.memory', '1Mi'), '64'],
    ['in units that do not fit', amount('limits.memory', '1Gi'), '1'],
    ['divisor 0 is 1', amount('limits.memory', '0'), String(64 * MIB)],
    ['a request that is its limit', amount('requests.memory', '1Mi'), '64'],
    ['a limit that is not set is what the node has', amount('limits.memory', '1Mi', 'bare'), '8192'],
    ['so for processors', amount('limits.cpu', '1', 'bare'), '4'],
    ['a request that is not set is none', amount('requests.cpu', '1m', 'bare'), '0'],
  ])('%s', (_what, item, text) =>
    expect(filesIn({ downwardAPI: { items: [{ path: 'f', ...item }] } })).toEqual([['f', 0o644, text]]),
  );

  test.each([
    ['a field that no file can have', field('status.podIP'), 'unsupported fieldPath: status.podIP'],
    ['a container that is not there', amount('limits.cpu', '1', 'no'), 'container no not found'],
    ['a resource that is none', amount('limits.love'), 'unsupported container resource : limits.love'],
  ])('%s', (_what, item, why) => expect(filesIn({ downwardAPI: { items: [{ path: 'f', ...item }] } })).toBe(failed(why)));
});

describe('what a volume is seen to hold', () => {
  const seen = (type: 'directory' | 'symlink', target = '') =>
    ({ type, target, mode: 0o755, uid: 0, gid: 0, sizeBytes: 0 }) as const;
  test.each([
    ['no directory', undefined, { version: '', names: [], leftovers: [] }],
    ['nothing', new Map(), { version: '', names: [], leftovers: [] }],
    [
      'one version, a part that somebody mounts, and the remains of a swap',
      new Map([
        ['..data', seen('symlink', '..b')],
        ['..data_tmp', seen('symlink', '..b')],
        ['..b', seen('directory')],
        ['..a', seen('directory')],
        ['key', seen('symlink', '..data/key')],
        ['part', seen('directory')],
      ]),
      { version: 'b', names: ['key'], leftovers: ['..a'] },
    ],
    [
      'a fill that broke off',
      new Map([
        ['..a', seen('directory')],
        ['key', seen('symlink', '..data/key')],
      ]),
      { version: '', names: ['key'], leftovers: ['..a'] },
    ],
  ])('%s', (_what, listed, expected) => expect(versionSeen(listed)).toEqual(expected));

  test.each([
    ['the same', { version: 'a', names: ['x', 'y'], leftovers: [] }, true],
    ['another version', { version: 'b', names: ['x', 'y'], leftovers: [] }, false],
    ['a name too few', { version: 'a', names: ['x'], leftovers: [] }, false],
    ['a name too many', { version: 'a', names: ['x', 'y', 'z'], leftovers: [] }, false],
    ['leftovers', { version: 'a', names: ['x', 'y'], leftovers: ['..b'] }, false],
  ])('%s', (_what, held, expected) => expect(holds(held, { version: 'a', names: ['y', 'x'], files: [] })).toBe(expected));
});

describe('the size of an emptyDir in memory', () => {
  const limited = (memory: string | undefined, name = 'main', restartPolicy?: 'Always') =>
    aContainer({
      name,
      ...(memory === undefined ? {} : { resources: { limits: { memory } } }),
      ...(restartPolicy === undefined ? {} : { restartPolicy }),
    });
  test.each<[string, Partial<PodSpec>, string | undefined, number]>([
    ['is that of the node', { containers: [limited(undefined)] }, undefined, 8192],
    ['is its limit', { containers: [limited(undefined)] }, '16Mi', 16],
    ['is the memory of the pod', { containers: [limited('64Mi'), limited('32Mi', 'b')] }, undefined, 96],
    ['is the least', { containers: [limited('64Mi')] }, '128Mi', 64],
    [
      'does not count a pod that one container leaves open',
      { containers: [limited('64Mi'), limited(undefined, 'b')] },
      '1Gi',
      1024,
    ],
    [
      'counts what runs at the start',
      { containers: [limited('64Mi')], initContainers: [limited('256Mi', 'init')] },
      undefined,
      256,
    ],
    [
      'counts sidecars with what runs beside them',
      { containers: [limited('64Mi')], initContainers: [limited('16Mi', 'side', 'Always'), limited('8Mi', 'init')] },
      undefined,
      80,
    ],
  ])('%s', (_what, spec, sizeLimit, expected) =>
    expect(memoryVolumeBytes({ ...pod.spec, initContainers: [], ...spec }, sizeLimit, 8192 * MIB)).toBe(expected * MIB),
  );
});
