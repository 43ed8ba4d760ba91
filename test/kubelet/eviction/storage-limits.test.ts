// What a pod may have on the disk, what it has, and the kubelet's words when that is too much.
import { describe, expect, test } from 'vitest';
import { isHeldToDisk, isOnDisk, whyEvict } from '../../../src/kubelet/eviction/storage-limits.ts';
import type { Container, PodSpec, Volume } from '../../../src/model/resource.ts';
import { aContainer, aPod } from '../../support/builders.ts';

const MI = 2 ** 20;
const limited = (name: string, limit?: string, more: Partial<Container> = {}): Container =>
  aContainer({ name, ...(limit === undefined ? {} : { resources: { limits: { 'ephemeral-storage': limit } } }), ...more });
const dir = (name: string, sizeLimit?: string, medium?: 'Memory'): Volume => ({
  name,
  emptyDir: { ...(sizeLimit === undefined ? {} : { sizeLimit }), ...(medium === undefined ? {} : { medium }) },
});
const sum = (limit: string): string => `Pod ephemeral local storage usage exceeds the total limit of containers ${limit}. `;
const over = (volume: string, limit: string): string => `Usage of EmptyDir volume "${volume}" exceeds the limit "${limit}". `;
const own = (name: string, limit: string): string => `Container ${name} exceeded its local ephemeral storage limit "${limit}". `;

const a = limited('a', '1Mi');
const b = limited('b', '3Mi');
const free = limited('free');

const cases: readonly [
  what: string,
  spec: { containers?: readonly Container[] } & Partial<Omit<PodSpec, 'containers'>>,
  volumes: Readonly<Record<string, number>>,
  containers: Readonly<Record<string, number>>,
  why: string | undefined,
][] = [
  ['a volume at its limit', { volumes: [dir('x', '1Mi')] }, { x: MI }, {}, undefined],
  ['a volume above its limit', { volumes: [dir('x', '1Mi')] }, { x: MI + 1 }, {}, over('x', '1Mi')],
  [
    'the first volume of several',
    { volumes: [dir('x'), dir('y', '1M'), dir('z', '1Ki')] },
    { x: 9, y: MI, z: MI },
    {},
    over('y', '1000000'),
  ],
  ['a limit that is written in another unit', { volumes: [dir('x', '1024Ki')] }, { x: 2 * MI }, {}, over('x', '1Mi')],
  ['a volume without a limit', { volumes: [dir('x')] }, { x: 2 ** 40 }, {}, undefined],
  ['the limit 0 is none', { volumes: [dir('x', '0')] }, { x: MI }, {}, undefined],
  ['a volume in memory', { volumes: [dir('x', '1Mi', 'Memory')] }, { x: 2 * MI }, {}, undefined],
  ['a volume that was not measured', { volumes: [dir('x', '1Mi')] }, {}, {}, undefined],
  ['a container at its limit', { containers: [a] }, {}, { a: MI }, undefined],
  ['the only container above its limit: the sum is, first', { containers: [a] }, {}, { a: MI + 1 }, sum('1Mi')],
  ['one of two above its own limit', { containers: [a, b] }, {}, { a: 2 * MI, b: MI }, own('a', '1Mi')],
  ['both together above the sum', { containers: [a, b] }, {}, { a: 2 * MI, b: 3 * MI }, sum('4Mi')],
  ['volumes count to the sum', { containers: [a], volumes: [dir('x')] }, { x: MI }, { a: 1 }, sum('1Mi')],
  ['volumes in memory do not', { containers: [a], volumes: [dir('x', '9Mi', 'Memory')] }, { x: 9 * MI }, { a: 1 }, undefined],
  ['a container without a limit counts to the sum', { containers: [a, free] }, {}, { a: 1, free: MI }, sum('1Mi')],
  ['without any limit nothing counts', { containers: [free], volumes: [dir('x')] }, { x: 2 ** 40 }, { free: 2 ** 40 }, undefined],
  ['the limit 0 allows nothing', { containers: [limited('a', '0')] }, {}, { a: 1 }, sum('0')],
  [
    'a larger init container makes the sum larger',
    { initContainers: [limited('i', '2Mi')], containers: [a] },
    {},
    { i: 2 * MI },
    undefined,
  ],
  [
    'a sidecar adds to it',
    { initContainers: [limited('s', '2Mi', { restartPolicy: 'Always' })], containers: [a] },
    {},
    { s: 3 * MI, a: 1 },
    sum('3Mi'),
  ],
  [
    'overhead adds to it',
    { containers: [a, b], overhead: { 'ephemeral-storage': '1Mi' } },
    {},
    { a: MI, b: 4 * MI + 1 },
    sum('5Mi'),
  ],
  ['a volume before the sum', { containers: [a], volumes: [dir('x', '1Mi')] }, { x: 2 * MI }, { a: 2 * MI }, over('x', '1Mi')],
  ['a critical pod', { volumes: [dir('x', '1Mi')], priority: 2_000_000_000 }, { x: 2 * MI }, {}, undefined],
  ['an important pod', { volumes: [dir('x', '1Mi')], priority: 1_999_999_999 }, { x: 2 * MI }, {}, over('x', '1Mi')],
];

describe('a pod is evicted for', () => {
  test.each(cases)('%s', (_what, { containers = [free], ...spec }, volumes, used, why) => {
    const pod = aPod({ spec: { ...spec, containers: [...containers] as unknown as PodSpec['containers'] } });
    const use = { volumes: new Map(Object.entries(volumes)), containers: new Map(Object.entries(used)) };
    expect(whyEvict(pod.spec, use)).toBe(why);
    expect(why === undefined || isHeldToDisk(pod.spec)).toBe(true);
  });
});

test('nothing is measured for pods that cannot be evicted', () => {
  const held = [
    { volumes: [dir('x'), dir('y', '1Gi', 'Memory')] },
    { volumes: [dir('x', '1Mi')], priority: 2_000_001_000 },
    { initContainers: [limited('i', '1Mi')] },
    { volumes: [dir('x', '1Mi')] },
  ].map((spec) => isHeldToDisk(aPod({ spec }).spec));
  expect(held).toEqual([false, false, true, true]);
});

test('what is on the disk: emptyDirs, and volumes without a source', () => {
  const volumes: Volume[] = [dir('x'), { name: 'y' }, dir('z', '1Mi', 'Memory'), { name: 'c', configMap: { name: 'c' } }];
  expect(volumes.filter(isOnDisk).map(({ name }) => name)).toEqual(['x', 'y']);
});
