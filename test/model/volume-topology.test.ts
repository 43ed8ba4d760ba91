// Where claims let a pod be, in the words of Kubernetes' scheduler.
import { describe, expect, test } from 'vitest';
import type { StorageClass, StoredOf } from '../../src/model/resource.ts';
import { type VolumeFacts, volumeNodeConstraint } from '../../src/model/volume-topology.ts';
import { aClaim, aNode, aPod } from '../support/builders.ts';
import { aUser, aVolume } from '../support/storage-world.ts';

const meta = (name: string) => ({
  name,
  uid: `uid-${name}`,
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-01-01T00:00:00Z',
});
const volumeOn = (
  node: string,
  name: string,
  claimRef?: { namespace: string; name: string; uid?: string },
): StoredOf<'PersistentVolume'> => {
  const volume = aVolume({
    storageClassName: 'disks',
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }],
      },
    },
    ...(claimRef === undefined ? {} : { claimRef }),
  });
  return { ...volume, metadata: meta(name), status: { phase: claimRef === undefined ? 'Available' : 'Bound' } };
};
const aClass = (more: Partial<StorageClass> = {}): StoredOf<'StorageClass'> => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
  ...more,
  metadata: meta('disks'),
});
const disks = aClaim({ spec: { storageClassName: 'disks' } });
const bound = aClaim({ spec: { volumeName: 'disk' } });
const conflict = 'node(s) had volume node affinity conflict';
const nothing = "node(s) didn't find available persistent volumes to bind";
const single = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';
const other = aUser('data', { name: 'other', nodeName: 'node-b' });

function nodes(facts: Partial<VolumeFacts>, pod = aUser('data', { name: 'new', nodeName: '' })): unknown {
  const constraint = volumeNodeConstraint(pod, { claims: [], volumes: [], classes: [], pods: [], ...facts });
  return constraint.unschedulable ?? ['node-a', 'node-b'].map((name) => constraint.refusal(aNode({ name })) ?? 'fits');
}

describe('a pod', () => {
  test.each<[string, Partial<VolumeFacts>, unknown]>([
    ['whose claim is not there', {}, 'persistentvolumeclaim "data" not found'],
    ['whose claim is on its way with the commit', { isDryRun: true }, ['fits', 'fits']],
    [
      'whose claim is bound to a volume of one node',
      { claims: [bound], volumes: [volumeOn('node-b', 'disk')] },
      [conflict, 'fits'],
    ],
    ['the same, on paper', { claims: [bound], volumes: [volumeOn('node-b', 'disk')], isDryRun: true }, [conflict, 'fits']],
    [
      'whose claim is about to be bound',
      {
        claims: [aClaim()],
        volumes: [volumeOn('node-b', 'disk', { namespace: 'default', name: 'data', uid: aClaim().metadata.uid })],
      },
      [conflict, 'fits'],
    ],
    [
      'whose claim was lost',
      { claims: [{ ...bound, status: { phase: 'Lost' } }] },
      'persistentvolumeclaim "data" bound to non-existent persistentvolume "disk"',
    ],
    [
      'whose claim is being deleted',
      { claims: [aClaim({ deletionTimestamp: '2026-01-01T00:00:00Z' })] },
      'persistentvolumeclaim "data" is being deleted',
    ],
    ['whose claim waits for it: anywhere', { claims: [aClaim()] }, ['fits', 'fits']],
    ['whose claim waits, and another pod has a place', { claims: [aClaim()], pods: [other] }, [conflict, 'fits']],
    [
      'whose claim was given to a node',
      { claims: [aClaim({ annotations: { 'volume.kubernetes.io/selected-node': 'node-a' } })] },
      ['fits', conflict],
    ],
    [
      'whose claim does not wait and is not bound',
      { claims: [disks], classes: [aClass({ volumeBindingMode: 'Immediate', provisioner: 'docker.holdfast.dev/local' })] },
      'pod has unbound immediate PersistentVolumeClaims',
    ],
    [
      'whose claim takes declared volumes',
      { claims: [disks], classes: [aClass()], volumes: [volumeOn('node-b', 'disk')] },
      [nothing, 'fits'],
    ],
    [
      'whose class allows one node',
      {
        claims: [disks],
        classes: [
          aClass({
            provisioner: 'docker.holdfast.dev/local',
            allowedTopologies: [{ matchLabelExpressions: [{ key: 'kubernetes.io/hostname', values: ['node-a'] }] }],
          }),
        ],
      },
      ['fits', nothing],
    ],
    [
      'whose claim is for one pod, which is there',
      { claims: [aClaim({ spec: { accessModes: ['ReadWriteOncePod'] } })], pods: [other] },
      [single, single],
    ],
    [
      'whose claim is for one pod, which has ended',
      { claims: [aClaim({ spec: { accessModes: ['ReadWriteOncePod'] } })], pods: [{ ...other, status: { phase: 'Succeeded' } }] },
      ['fits', 'fits'],
    ],
  ])('%s', (_what, facts, expected) => {
    expect(nodes(facts)).toEqual(expected);
  });

  test('with two claims needs a volume for each', () => {
    const volumes = ['data', 'more'].map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: claim } }));
    const claims = [disks, aClaim({ name: 'more', spec: { storageClassName: 'disks' } })];
    const facts = { claims, classes: [aClass()], volumes: [volumeOn('node-b', 'one')] };
    expect(nodes(facts, aPod({ spec: { volumes } }))).toEqual([nothing, nothing]);
    expect(nodes({ ...facts, volumes: [...facts.volumes, volumeOn('node-b', 'two')] }, aPod({ spec: { volumes } }))).toEqual([
      nothing,
      'fits',
    ]);
  });

  test('waits for the claim of its generic ephemeral volume', () => {
    const volumeClaimTemplate = { spec: aClaim().spec };
    const pod = aPod({ spec: { volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate } }] } });
    expect(nodes({}, pod)).toBe('waiting for ephemeral volume controller to create the persistentvolumeclaim "web-scratch"');
  });

  test('without claims can be anywhere', () => {
    expect(nodes({}, aPod())).toEqual(['fits', 'fits']);
  });
});
