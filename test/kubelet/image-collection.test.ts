import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImageSeen } from '../../src/kubelet/engine/container-engine.ts';
import { type CollectionInput, movedTags, planCollection, tagOf } from '../../src/kubelet/images/collection.ts';

const NOW = 10_000_000;
const OLD = NOW - 1_000_000;

const image = (name: string, sizeBytes = 10): ImageSeen => ({
  id: `sha256:${name}`,
  tags: [`${name}:1`],
  digests: [`${name}@sha256:${name}`],
  sizeBytes,
  user: '',
  labels: {},
});

const input = (changes: Partial<CollectionInput> = {}): CollectionInput => ({
  images: [image('a'), image('b'), image('c')],
  disk: { usedBytes: 90, capacityBytes: 100 },
  pulled: new Set(['a:1', 'b:1', 'c@sha256:c']),
  wanted: new Set(),
  used: new Set(),
  lastUsedMs: new Map([
    ['sha256:a', OLD + 2],
    ['sha256:b', OLD + 1],
    ['sha256:c', OLD + 3],
  ]),
  now: NOW,
  ...changes,
});
const going = (changes: Partial<CollectionInput>): readonly string[] =>
  planCollection(input(changes)).candidates.map(({ tags }) => tags[0] ?? '');

describe('images that may go', () => {
  test('the longest unused first, until the disk is at 80 %', () => {
    expect(going({})).toEqual(['b:1', 'a:1', 'c:1']);
    expect(planCollection(input()).toFreeBytes).toBe(10);
  });

  test.each<[string, Partial<CollectionInput>, readonly string[]]>([
    ['none while the disk has room', { disk: { usedBytes: 84, capacityBytes: 100 } }, []],
    ['none when the disk is not known', { disk: { usedBytes: 0, capacityBytes: 0 } }, []],
    ['not what a container was made from', { used: new Set(['sha256:b']) }, ['a:1', 'c:1']],
    ['not what a workload names', { wanted: new Set(['a:1']) }, ['b:1', 'c:1']],
    ['not what others brought', { pulled: new Set(['a:1']) }, ['a:1']],
    ['not what was used a moment ago', { lastUsedMs: new Map([['sha256:a', NOW - 119_999]]) }, []],
    ['what was used two minutes ago', { lastUsedMs: new Map([['sha256:a', NOW - 120_000]]) }, ['a:1']],
  ])('%s', (_what, changes, expected) => {
    expect(going(changes)).toEqual(expected);
  });

  test('never one that is used, wanted or not ours', () => {
    const names = constantFrom<string>('a', 'b', 'c', 'd', 'e');
    const sets = record({ used: array(names), wanted: array(names), pulled: array(names) });
    assert(
      property(sets, integer({ min: 0, max: 100 }), ({ used, wanted, pulled }, usedBytes) => {
        const images = ['a', 'b', 'c', 'd', 'e'].map((name) => image(name));
        const { candidates } = planCollection({
          images,
          disk: { usedBytes, capacityBytes: 100 },
          used: new Set(used.map((name) => `sha256:${name}`)),
          wanted: new Set(wanted.map((name) => `${name}:1`)),
          pulled: new Set(pulled.map((name) => `${name}:1`)),
          lastUsedMs: new Map(images.map(({ id }) => [id, OLD])),
          now: NOW,
        });
        for (const { id } of candidates) {
          const name = id.slice('sha256:'.length);
          expect([used.includes(name), wanted.includes(name), pulled.includes(name)]).toEqual([false, false, true]);
        }
      }),
    );
  });
});

test.each([
  ['nginx', 'nginx:latest'],
  ['nginx:1.27', 'nginx:1.27'],
  ['docker.io/library/nginx:1.27', 'nginx:1.27'],
  ['docker.io/team/app', 'team/app:latest'],
  ['r.example:5000/app', 'r.example:5000/app:latest'],
  ['app@sha256:0', undefined],
  ['sha256:0', undefined],
])('%s is listed as %s', (reference, tag) => {
  expect(tagOf(reference)).toBe(tag);
});

describe('a tag that moved under a running container', () => {
  const running = { podUid: 'u', containerId: 'c', container: 'app', reference: 'a:1', imageId: 'sha256:before' };

  test('is told with both images', () => {
    expect(movedTags([running], [image('a')]).map(({ message }) => message)).toEqual([
      'Container app runs a:1 as sha256:before, but the tag names sha256:a on this node now: a restart would bring that',
    ]);
  });

  test.each([
    ['the same image', { ...running, imageId: 'sha256:a' }],
    ['a digest', { ...running, reference: 'a@sha256:a' }],
    ['a tag that is gone', { ...running, reference: 'a:2' }],
    ['a container whose image is not known', { ...running, imageId: '' }],
  ])('is not %s', (_what, each) => {
    expect(movedTags([each], [image('a')])).toEqual([]);
  });
});
