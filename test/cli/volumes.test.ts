// `holdfast volumes`: what the engine has, what the store knows of it, and what is refused.
import { beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { UsageFault } from '../../src/cli/usage-fault.ts';
import type { StoredOf } from '../../src/model/resource.ts';
import { aClaim, aPod, START_MS } from '../support/builders.ts';
import { type FakeParts, fakeParts, put } from '../support/fake-parts.ts';
import { plainContainer } from '../support/plain-container.ts';

const signal = new AbortController().signal;
let parts: FakeParts;

function aRecord(name: string, handle: string, claim: string, phase: 'Bound' | 'Released'): StoredOf<'PersistentVolume'> {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, uid: `uid-${name}`, resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      claimRef: { namespace: 'shop', name: claim },
      csi: { driver: 'docker.holdfast.dev', volumeHandle: handle, volumeAttributes: { driver: 'local' } },
    },
    status: { phase, lastPhaseTransitionTime: new Date(START_MS - 300_000).toISOString() },
  };
}

async function volume(name: string, claim: string): Promise<void> {
  const labels = {
    'holdfast.dev/role': 'claim',
    'holdfast.dev/namespace': 'shop',
    'holdfast.dev/claim': claim,
    'holdfast.dev/application': 'shop',
  };
  await parts.engine.ensureVolume({ name, labels, inMemory: false, sizeBytes: 0 }, signal);
}

async function fill(): Promise<void> {
  await volume('hf-main-shop-data', 'data');
  await volume('hf-main-shop-old', 'old');
  const claim = aClaim({ namespace: 'shop', spec: { volumeName: 'pvc-1' } });
  await put(
    parts.store,
    claim,
    aRecord('pvc-1', 'hf-main-shop-data', 'data', 'Bound'),
    aRecord('pvc-2', 'hf-main-shop-old', 'old', 'Released'),
  );
}

const names = (): readonly string[] => parts.engine.volumes().map(({ name }) => name);

beforeEach(async () => {
  parts = fakeParts();
  await fill();
});

describe('ls', () => {
  test('prints what is bound and what is kept', async () => {
    expect(await run(['volumes', 'ls'], parts)).toBe(0);
    expect(parts.out()).toBe(
      [
        'NAME                NAMESPACE   CLAIM   APPLICATION   CAPACITY   DRIVER   STATE   SINCE',
        'hf-main-shop-data   shop        data    shop          1Gi        local    bound   5m',
        'hf-main-shop-old    shop        old     shop          1Gi        local    kept    5m',
        '',
      ].join('\n'),
    );
  });

  test('of one namespace, as JSON', async () => {
    expect(await run(['volumes', 'ls', '-n', 'other', '-o', 'json'], parts)).toBe(0);
    expect(JSON.parse(parts.out())).toEqual({ volumes: [] });
  });

  test('works without a store, and then knows less', async () => {
    parts = fakeParts({ openStore: () => Promise.reject(new UsageFault('nothing was reconciled yet')) });
    await volume('hf-main-shop-data', 'data');
    expect(await run(['volumes', 'ls'], parts)).toBe(0);
    expect(parts.out()).toContain('unknown');
    expect(await run(['volumes', 'rm', 'hf-main-shop-data', '--yes'], parts)).toBe(1);
    expect(names()).toEqual(['hf-main-shop-data']);
  });
});

describe('rm', () => {
  test.each([
    ['the Docker volume', 'hf-main-shop-old'],
    ['the PersistentVolume', 'pvc-2'],
  ])('removes a kept one by the name of %s', async (_what, name) => {
    expect(await run(['volumes', 'rm', name, '--yes'], parts)).toBe(0);
    expect(names()).toEqual(['hf-main-shop-data']);
  });

  test.each([
    ['what a claim has', 'hf-main-shop-data', 'is bound to claim shop/data'],
    ['what is not there', 'nothing', 'there is no volume nothing'],
  ])('refuses %s', async (_what, name, message) => {
    expect(await run(['volumes', 'rm', name, '--yes'], parts)).toBe(1);
    expect(parts.err()).toContain(message);
    expect(names()).toHaveLength(2);
  });

  test('refuses what a container has mounted', async () => {
    await parts.engine.create(
      {
        name: 'user',
        image: 'busybox:1.36',
        labels: {},
        ...plainContainer,
        mounts: [{ type: 'volume', volume: 'hf-main-shop-old', target: '/data', readOnly: false }],
        network: { type: 'network', name: 'bridge' },
      },
      signal,
    );
    expect(await run(['volumes', 'rm', 'hf-main-shop-old', '--yes'], parts)).toBe(1);
    expect(parts.err()).toContain('is in use by a container');
  });

  test('without --yes asks for the name, and takes no other', async () => {
    expect(await run(['volumes', 'rm', 'hf-main-shop-old'], parts)).toBe(1);
    expect(parts.err()).toContain('confirm it with --yes');
    for (const [answer, left] of [
      ['hf-main-shop-data', 2],
      ['hf-main-shop-old', 1],
    ] as const) {
      parts = fakeParts({ stdin: { isTTY: true }, answer: async () => answer });
      await fill();
      await run(['volumes', 'rm', 'hf-main-shop-old'], parts);
      expect(names()).toHaveLength(left);
    }
  });
});

describe('undelete', () => {
  const wishes = (): readonly (string | undefined)[] =>
    parts.engine
      .volumes()
      .filter(({ labels }) => labels['holdfast.dev/role'] === 'undelete')
      .map(({ labels }) => labels['holdfast.dev/wanted-volume']);

  test('leaves the wish with the engine', async () => {
    expect(await run(['volumes', 'undelete', 'old', '-n', 'shop'], parts)).toBe(0);
    expect(wishes()).toEqual(['hf-main-shop-old']);
    expect(parts.out()).toContain('it is bound as soon as a commit has the claim again');
  });

  test('of several asks which', async () => {
    await volume('hf-main-shop-old.2', 'old');
    expect(await run(['volumes', 'undelete', 'old', '-n', 'shop'], parts)).toBe(1);
    expect(parts.err()).toContain('choose one with --volume: hf-main-shop-old, hf-main-shop-old.2');
    expect(await run(['volumes', 'undelete', 'old', '-n', 'shop', '--volume', 'hf-main-shop-old.2'], parts)).toBe(0);
    expect(wishes()).toEqual(['hf-main-shop-old.2']);
  });

  test.each([
    ['what is not kept', 'data', 'no volume is kept for claim shop/data; it has hf-main-shop-data'],
    ['a claim that never was', 'other', 'no volume is kept for claim shop/other'],
  ])('refuses %s', async (_what, claim, message) => {
    expect(await run(['volumes', 'undelete', claim, '-n', 'shop'], parts)).toBe(1);
    expect(parts.err()).toContain(message);
    expect(wishes()).toEqual([]);
  });

  test('waits for nobody: a claim that pods use is refused', async () => {
    await volume('hf-main-shop-data.2', 'data');
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    await put(parts.store, aPod({ namespace: 'shop', nodeName: 'node-a', spec: { volumes } }));
    expect(await run(['volumes', 'undelete', 'data', '-n', 'shop'], parts)).toBe(1);
    expect(parts.err()).toContain('pod/web uses claim shop/data');
  });
});
