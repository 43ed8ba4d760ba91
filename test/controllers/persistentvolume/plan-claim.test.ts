// Which volume a claim gets: whole decisions of one pass.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClaimObserved, planClaim } from '../../../src/controllers/persistentvolume/plan-claim.ts';
import type { PersistentVolume, StorageClass, StoredOf } from '../../../src/model/resource.ts';
import { aClaim, aNode, aPod } from '../../support/builders.ts';
import { aUser, aVolume } from '../../support/storage-world.ts';

type StoredVolume = StoredOf<'PersistentVolume'>;

const stored = (volume: PersistentVolume, phase: 'Available' | 'Bound' | 'Released' = 'Available'): StoredVolume => ({
  ...volume,
  metadata: {
    ...volume.metadata,
    name: volume.metadata.name ?? '',
    uid: `uid-${volume.metadata.name}`,
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  status: { phase },
});
const disk = (name: string, spec: Partial<PersistentVolume['spec']> = {}, labels?: Record<string, string>): StoredVolume =>
  stored(aVolume(spec, { name, ...(labels === undefined ? {} : { labels }) }));
const manual = (more: Parameters<typeof aClaim>[0] = {}): StoredOf<'PersistentVolumeClaim'> =>
  aClaim({ ...more, spec: { storageClassName: '', ...more.spec } });
const aClass = (more: Partial<StorageClass> = {}): StoredOf<'StorageClass'> => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
  ...more,
  metadata: {
    name: 'disks',
    uid: 'uid-disks',
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...more.metadata,
  },
});

const observed = (more: Partial<ClaimObserved> = {}): ClaimObserved => ({
  volumes: [],
  classes: [],
  nodes: [aNode()],
  users: [],
  told: new Set(),
  ...more,
});

/** The volume that the claim is bound to, or what was told instead. */
function outcome(claim: StoredOf<'PersistentVolumeClaim'>, facts: Partial<ClaimObserved>): string {
  const plan = planClaim(claim, observed(facts));
  if (plan.status?.phase === 'Bound') {
    const next = plan.actions.flatMap((action) => (action.type === 'update' ? [action.resource] : []));
    const named = next.find((resource) => resource.kind === 'PersistentVolumeClaim');
    return `bound ${named?.kind === 'PersistentVolumeClaim' ? named.spec.volumeName : claim.spec.volumeName}`;
  }
  const told = plan.actions.filter((action) => action.type === 'report').map((action) => `${action.reason}: ${action.message}`);
  return [plan.status?.phase ?? '-', ...told].join(' | ');
}

const none = 'Pending | FailedBinding: no persistent volumes available for this claim and no storage class is set';

describe('a claim of declared volumes', () => {
  test.each([
    [
      'takes the smallest that fits',
      manual(),
      [disk('big', { capacity: { storage: '9Gi' } }), disk('fit'), disk('small', { capacity: { storage: '1Mi' } })],
      'bound fit',
    ],
    ['of equal ones the first by name', manual(), [disk('b'), disk('a')], 'bound a'],
    ['takes none that is too small', manual(), [disk('small', { capacity: { storage: '1023Mi' } })], none],
    ['takes none of another class', manual(), [disk('a', { storageClassName: 'fast' })], none],
    [
      'takes none without its access modes',
      manual({ spec: { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] } }),
      [disk('a')],
      none,
    ],
    ['takes one with more access modes', manual(), [disk('a', { accessModes: ['ReadWriteMany', 'ReadWriteOnce'] })], 'bound a'],
    [
      'takes one with the labels of its selector',
      manual({ spec: { selector: { matchLabels: { tier: 'gold' } } } }),
      [disk('a'), disk('b', {}, { tier: 'gold' })],
      'bound b',
    ],
    ['takes none that is another claim’s', manual(), [disk('a', { claimRef: { namespace: 'default', name: 'other' } })], none],
    [
      'takes the one that is reserved for it, whatever its class',
      manual(),
      [disk('a'), disk('b', { storageClassName: 'x', claimRef: { namespace: 'default', name: 'data' } })],
      'bound b',
    ],
    [
      'takes no reserved one that is too small',
      manual(),
      [disk('b', { capacity: { storage: '1Mi' }, claimRef: { namespace: 'default', name: 'data' } })],
      none,
    ],
    [
      'takes none that is being deleted',
      manual(),
      [{ ...disk('a'), metadata: { ...disk('a').metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }],
      none,
    ],
    [
      'takes the volume that was kept for its name',
      manual(),
      [stored(aVolume({ claimRef: { namespace: 'default', name: 'data', uid: 'old' } }), 'Released')],
      'bound disk',
    ],
    [
      'takes no kept one that does not satisfy it',
      manual({ spec: { resources: { requests: { storage: '2Gi' } } } }),
      [stored(aVolume({ claimRef: { namespace: 'default', name: 'data', uid: 'old' } }), 'Released')],
      'Pending | VolumeKept: disk is kept from an earlier claim of this name, and is of another class; to have it back: holdfast volumes undelete data | FailedBinding: no persistent volumes available for this claim and no storage class is set',
    ],
    [
      'takes no kept one whose data are to go',
      manual(),
      [
        stored(
          aVolume({ persistentVolumeReclaimPolicy: 'Delete', claimRef: { namespace: 'default', name: 'data', uid: 'old' } }),
          'Released',
        ),
      ],
      none,
    ],
  ] as const)('%s', (_what, claim, volumes, expected) => {
    expect(outcome(claim, { volumes })).toBe(expected);
  });

  test.each([
    ['binds to it', {}, 'bound disk'],
    ['refuses one that is too small', { capacity: { storage: '1Mi' } }, 'requested PV is too small'],
    ['refuses one of another class', { storageClassName: 'x' }, 'storageClassName does not match'],
    ['refuses one without its access modes', { accessModes: ['ReadOnlyMany' as const] }, 'incompatible accessMode'],
  ])('that names its volume %s', (_what, spec, expected) => {
    expect(outcome(manual({ spec: { volumeName: 'disk' } }), { volumes: [disk('disk', spec)] })).toContain(expected);
  });

  test.each([
    ['is not there', [], 'Pending | FailedBinding: volume "disk" not found'],
    [
      'is another claim’s',
      [disk('disk', { claimRef: { namespace: 'x', name: 'data', uid: 'u' } })],
      'Pending | FailedBinding: volume "disk" already bound to a different claim.',
    ],
  ])('that names a volume that %s waits', (_what, volumes, expected) => {
    expect(outcome(manual({ spec: { volumeName: 'disk' } }), { volumes })).toBe(expected);
  });

  test('of a class that waits is bound on the node of its first pod', () => {
    const on = (name: string): StoredVolume =>
      disk(`disk-${name}`, {
        storageClassName: 'disks',
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] }],
          },
        },
      });
    const facts = { classes: [aClass()], volumes: [on('node-a'), on('node-b')], nodes: [aNode(), aNode({ name: 'node-b' })] };
    const claim = aClaim({ spec: { storageClassName: 'disks' } });
    expect(outcome(claim, facts)).toBe('Pending | WaitForFirstConsumer: waiting for first consumer to be created before binding');
    expect(outcome(claim, { ...facts, users: [aUser('data', { nodeName: 'node-b' })] })).toBe('bound disk-node-b');
  });

  test('a class that only volumes name makes none', () => {
    const volumes = [disk('taken', { storageClassName: 'manual', claimRef: { namespace: 'x', name: 'y', uid: 'z' } })];
    expect(outcome(aClaim({ spec: { storageClassName: 'manual' } }), { volumes, users: [aUser('data')] })).toBe(
      'Pending | ProvisioningFailed: no PersistentVolume of class "manual" fits, and none are made for it',
    );
  });
});

describe('a claim for which a volume is made', () => {
  const selected = (facts: Partial<ClaimObserved>, claim = aClaim()): string | undefined =>
    planClaim(claim, observed(facts)).actions.flatMap((action) =>
      action.type === 'update' ? [action.resource.metadata.annotations?.['volume.kubernetes.io/selected-node']] : [],
    )[0];
  const immediate = aClass({
    metadata: { name: 'now' },
    provisioner: 'docker.holdfast.dev/local',
    volumeBindingMode: 'Immediate',
  });
  const now = aClaim({ spec: { storageClassName: 'now' } });

  test('is given to the node of its first pod', () => {
    expect(selected({ users: [aUser('data')] })).toBe('node-a');
  });
  test('does not follow a pod that has ended', () => {
    expect(selected({ users: [aPod({ nodeName: 'node-a', phase: 'Succeeded' })] })).toBeUndefined();
  });
  test('of a class that does not wait is given to a node that is ready', () => {
    const nodes = [aNode({ isReady: false }), aNode({ name: 'node-b' }), aNode({ name: 'node-c', unschedulable: true })];
    expect(selected({ classes: [immediate], nodes }, now)).toBe('node-b');
    expect(outcome(now, { classes: [immediate], nodes: [] })).toContain('no node is ready');
  });
  test('keeps to the allowed topologies', () => {
    const allowedTopologies = [{ matchLabelExpressions: [{ key: 'kubernetes.io/hostname', values: ['node-b'] }] }];
    const nodes = [aNode(), aNode({ name: 'node-b' })];
    expect(selected({ classes: [{ ...immediate, allowedTopologies }], nodes }, now)).toBe('node-b');
  });
  test('with a selector has none made', () => {
    const claim = aClaim({ spec: { selector: { matchLabels: { a: 'b' } } } });
    expect(outcome(claim, { users: [aUser('data')] })).toContain('Selector is not supported for dynamic provisioning');
  });
});

describe('a bound claim', () => {
  const bound = aClaim({
    annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
    spec: { volumeName: 'disk', storageClassName: '', resources: { requests: { storage: '2Gi' } } },
  });
  const mine = { namespace: 'default', name: 'data', uid: bound.metadata.uid };
  const made = (driver: string): StoredVolume =>
    disk('disk', { claimRef: mine, csi: { driver: 'docker.holdfast.dev', volumeHandle: 'x', volumeAttributes: { driver } } });

  test.each([
    [
      'whose volume is gone is lost',
      [],
      'Lost | ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    ],
    [
      'whose volume is another’s is lost',
      [disk('disk', { claimRef: { ...mine, uid: 'other' } })],
      'Lost | ClaimMisbound: Two claims are bound to the same volume, this one is bound incorrectly',
    ],
  ])('%s', (_what, volumes, expected) => {
    expect(outcome(bound, { volumes })).toBe(expected);
  });

  test('grows by record where volumes have no size', () => {
    const claim = { ...bound, spec: { ...bound.spec, storageClassName: 'any' } };
    const plan = planClaim(claim, observed({ volumes: [made('local')] }));
    expect(plan.actions.map(({ reason }) => reason)).toEqual(['VolumeResizeSuccessful']);
    expect(plan.status?.capacity).toEqual({ storage: '2Gi' });
  });

  test.each([
    ['of another driver', made('rexray'), 'VolumeResizeFailed: volumes of the Docker volume driver rexray cannot grow'],
    [
      'that was declared',
      disk('disk', { claimRef: mine }),
      'VolumeResizeFailed: volume disk was not made for the claim and keeps its size',
    ],
  ])('does not grow on a volume %s, and says so once', (_what, volume, expected) => {
    const plan = planClaim(bound, observed({ volumes: [volume] }));
    expect(plan.actions.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([expected]);
    expect(plan.status?.capacity).toEqual({ storage: '1Gi' });
    const told = new Set([expected.replace(': ', ' ')]);
    expect(planClaim(bound, observed({ volumes: [volume], told })).actions).toEqual([]);
  });
});

test('whatever there is: two claims never get one volume, and a bound claim stays where it is', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 });
  fc.assert(
    fc.property(sizes, sizes, (volumeSizes, claimSizes) => {
      let volumes = volumeSizes.map((size, index) => disk(`v${index}`, { capacity: { storage: `${size}Gi` } }));
      const taken: string[] = [];
      claimSizes.forEach((size, index) => {
        const claim = manual({ name: `c${index}`, spec: { resources: { requests: { storage: `${size}Gi` } } } });
        const plan = planClaim({ ...claim, metadata: { ...claim.metadata, uid: `uid-c${index}` } }, observed({ volumes }));
        for (const action of plan.actions) {
          if (action.type !== 'update') continue;
          const { resource } = action;
          if (resource.kind === 'PersistentVolume')
            volumes = volumes.map((volume) => (volume.metadata.name === resource.metadata.name ? resource : volume));
          if (resource.kind !== 'PersistentVolumeClaim' || resource.spec.volumeName === undefined) continue;
          taken.push(resource.spec.volumeName);
          const chosen = volumes.find(({ metadata }) => metadata.name === resource.spec.volumeName);
          expect(Number.parseInt(String(chosen?.spec.capacity['storage']), 10)).toBeGreaterThanOrEqual(size);
          expect(planClaim(resource, observed({ volumes })).actions).toEqual([]);
        }
      });
      expect(new Set(taken).size).toBe(taken.length);
    }),
  );
});
