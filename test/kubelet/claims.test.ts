// Claims from the manifest to the Docker volume and back: binder and keeper together, on a fake engine.
import { beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import type { StorageClass } from '../../src/model/resource.ts';
import { aClaim } from '../support/builders.ts';
import { aUser, aVolume, madeFor, StorageWorld } from '../support/storage-world.ts';

const aClass = (more: Partial<StorageClass> = {}, name = 'fast'): StorageClass => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name, ...more.metadata },
  provisioner: 'docker.holdfast.dev/local',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  ...more,
});

let world: StorageWorld;
beforeEach(async () => {
  world = new StorageWorld();
  await world.start();
});

describe('a claim without a class', () => {
  test('waits for its first pod, then has a Docker volume and a PersistentVolume', async () => {
    await world.create(aClaim());
    expect(world.claim()).toBe('Pending -');
    expect(world.events()).toEqual(['WaitForFirstConsumer: waiting for first consumer to be created before binding']);
    expect(world.docker()).toEqual([]);
    await world.create(aUser('data'));
    const name = madeFor(world);
    expect(world.claim()).toBe(`Bound ${name}`);
    expect(world.volumes()).toEqual([`${name} Bound default/data hf-test-default-data`]);
    expect(world.docker()).toEqual(['hf-test-default-data']);
    expect([...world.fresh]).toEqual(['hf-test-default-data']);
    const volume = world.get('PersistentVolume', name);
    expect(volume.spec).toMatchObject({
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-a'] }] }],
        },
      },
    });
    expect(world.get('PersistentVolumeClaim', 'data').status).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
    });
  });

  test('says nothing twice and writes nothing when all is as it should be', async () => {
    await world.create(aClaim(), aUser('data'));
    const revision = world.store.revision();
    await world.relist();
    await world.restart();
    expect(world.store.revision()).toBe(revision);
  });

  test('is kept while a pod uses it, and its volume after it', async () => {
    await world.create(aClaim(), aUser('data'));
    await world.delete('PersistentVolumeClaim', 'data');
    expect(world.get('PersistentVolumeClaim', 'data').metadata.deletionTimestamp).toBeDefined();
    await world.removePod('web');
    expect(world.store.list('PersistentVolumeClaim')).toEqual([]);
    expect(world.docker()).toEqual(['hf-test-default-data']);
    expect(world.volumes()).toEqual([expect.stringMatching(/^pvc-\S+ Released default\/data hf-test-default-data$/)]);
  });

  test('comes back to the volume that was kept for its name, at once and with a word', async () => {
    await world.create(aClaim(), aUser('data'));
    const name = madeFor(world);
    await world.removePod('web');
    await world.delete('PersistentVolumeClaim', 'data');
    await world.create(aClaim({ spec: { resources: { requests: { storage: '5Gi' } } } }));
    expect(world.claim()).toBe(`Bound ${name}`);
    expect(world.events()).toContain(`VolumeReused: ${name} was kept for a claim of this name and is taken again, with its data`);
    expect(world.get('PersistentVolumeClaim', 'data').status?.capacity).toEqual({ storage: '5Gi' });
    expect(world.docker()).toEqual(['hf-test-default-data']);
  });
});

describe('over a lost store', () => {
  test('the Docker volume is a PersistentVolume again, and the claim of its name has it', async () => {
    await world.create(aClaim(), aUser('data'));
    const name = madeFor(world);
    await world.loseStore();
    expect(world.volumes()).toEqual([`${name} Released default/data hf-test-default-data`]);
    await world.create(aClaim());
    expect(world.claim()).toBe(`Bound ${name}`);
    expect(world.docker()).toEqual(['hf-test-default-data']);
    await world.restart();
    expect(world.claim()).toBe(`Bound ${name}`);
  });

  test('under another host name the volume is where it was', async () => {
    await world.create(aClaim(), aUser('data'));
    const name = madeFor(world);
    await world.loseStore('elsewhere');
    await world.create(aClaim());
    expect(world.claim()).toBe(`Bound ${name}`);
    expect(JSON.stringify(world.get('PersistentVolume', name).spec.nodeAffinity)).toContain('elsewhere');
  });

  test.each([
    ['that names no class', {}],
    ['of the empty class', { storageClassName: '' }],
    ['of a class that makes no volumes', { storageClassName: 'disks' }],
    ['of a class of another make', { storageClassName: 'tmpfs' }],
  ])('a volume of an earlier version, without labels about it, is taken the same way by a claim %s', async (_what, spec) => {
    await world.create(aClass({ provisioner: 'kubernetes.io/no-provisioner' }, 'disks'));
    await world.create(aClass({ parameters: { type: 'tmpfs', device: 'tmpfs' } }, 'tmpfs'));
    const labels = {
      'holdfast.dev/cluster': 'test',
      'holdfast.dev/role': 'claim',
      'holdfast.dev/namespace': 'default',
      'holdfast.dev/claim': 'data',
    };
    await world.engine.ensureVolume({ name: 'hf-test-default-data', labels, inMemory: false, sizeBytes: 0 }, AbortSignal.any([]));
    await world.relist();
    await world.create(aClaim({ spec }));
    expect(world.claim()).toMatch(/^Bound pvc-/);
    expect(world.get('PersistentVolumeClaim', 'data').status?.capacity).toEqual({ storage: '1Gi' });
    expect(world.docker()).toEqual(['hf-test-default-data']);
  });
});

test('a host with another name has its volumes still', async () => {
  await world.create(aClaim(), aUser('data'));
  const name = madeFor(world);
  await world.store.write([{ op: 'remove', key: { kind: 'Node', namespace: '', name: 'node-a' } }]);
  await world.restart('renamed');
  expect(JSON.stringify(world.get('PersistentVolume', name).spec.nodeAffinity)).toContain('renamed');
  expect(world.docker()).toEqual(['hf-test-default-data']);
});

test('a kill between the volume and its record makes no second volume', async () => {
  await world.create(aClaim(), aUser('data'));
  const name = madeFor(world);
  const { uid } = world.get('PersistentVolumeClaim', 'data').metadata;
  await world.loseStore();
  await world.store.write([{ op: 'remove', key: { kind: 'PersistentVolume', namespace: '', name } }]);
  await world.store.write([{ op: 'create', resource: aClaim(), uid }]);
  await world.create(aUser('data'));
  expect(world.claim()).toBe(`Bound ${name}`);
  expect(world.docker()).toEqual(['hf-test-default-data']);
});

test('a new volume is opened to everybody, also when the process that made it did not come to it, and once only', async () => {
  await world.create(aClaim(), aUser('data'));
  const mark = (): string | undefined =>
    world.get('PersistentVolume', madeFor(world)).metadata.annotations?.['holdfast.dev/unopened'];
  world.fresh.clear();
  await world.restart();
  expect([...world.fresh]).toEqual(['hf-test-default-data']);
  expect(mark()).toBe('true');
  world.fresh.clear();
  await world.relist();
  expect(mark()).toBeUndefined();
  await world.restart();
  expect([...world.fresh]).toEqual([]);
});

test('a volume that was removed by hand is made again, empty, and that is told', async () => {
  await world.create(aClaim(), aUser('data'));
  await world.engine.removeVolume('hf-test-default-data', AbortSignal.any([]));
  world.fresh.clear();
  await world.relist();
  expect(world.docker()).toEqual(['hf-test-default-data']);
  expect(world.events()).toContain(
    'VolumeLost: Docker volume hf-test-default-data was removed by hand; an empty one takes its place',
  );
  expect([...world.fresh]).toEqual(['hf-test-default-data']);
  expect(world.ready).toEqual(['data']);
});

test('the record of a kept volume goes when somebody removes its Docker volume', async () => {
  await world.create(aClaim(), aUser('data'));
  await world.removePod('web');
  await world.delete('PersistentVolumeClaim', 'data');
  await world.engine.removeVolume('hf-test-default-data', AbortSignal.any([]));
  await world.relist();
  expect(world.volumes()).toEqual([]);
});

test('two claims whose names run together have a volume each, whoever comes first', async () => {
  const claims = [
    { namespace: 'shop', name: 'db-data' },
    { namespace: 'shop-db', name: 'data' },
  ] as const;
  const handles = (): readonly (string | undefined)[] =>
    claims.map(({ namespace, name }) => {
      const { volumeName = '' } = world.store.get('PersistentVolumeClaim', namespace, name)?.spec ?? {};
      return world.store.get('PersistentVolume', '', volumeName)?.spec.csi?.volumeHandle;
    });
  for (const claim of claims) await world.create(aClaim(claim), aUser(claim.name, { namespace: claim.namespace }));
  const before = handles();
  expect(before[0]).toBe('hf-test-shop-db-data');
  expect(new Set(before).size).toBe(2);
  await world.loseStore();
  for (const claim of claims.toReversed()) await world.create(aClaim(claim));
  expect(handles()).toEqual(before);
});

describe('classes', () => {
  test('a driver and its parameters become a Docker volume of that driver', async () => {
    const parameters = { device: '/mnt/${pvc.metadata.namespace}-${pvc.metadata.name}', type: 'none', o: 'bind' };
    await world.create(
      aClass({ parameters, mountOptions: ['ro'] }),
      aClaim({ spec: { storageClassName: 'fast' } }),
      aUser('data'),
    );
    expect(world.claim()).toBe(`Bound ${madeFor(world)}`);
    expect(world.engine.volumes()).toMatchObject([
      { name: 'hf-test-default-data', driver: 'local', options: { device: '/mnt/default-data', type: 'none', o: 'bind,ro' } },
    ]);
  });

  test.each([
    ['docker.holdfast.dev/rexray', { size: '10' }],
    ['holdfast.dev/docker', { driver: 'rexray', size: '10' }],
  ])('%s asks another driver', async (provisioner, parameters) => {
    await world.create(aClass({ provisioner, parameters }), aClaim({ spec: { storageClassName: 'fast' } }), aUser('data'));
    expect(world.engine.volumes()).toMatchObject([{ driver: 'rexray', options: { size: '10' } }]);
  });

  test('NFS: a directory of the share for each claim, made before it is mounted, reached from every node', async () => {
    const parameters = { server: '10.0.0.5', share: '/exports' };
    const provisioner = 'holdfast.dev/nfs';
    await world.create(
      aClass({ provisioner, parameters, mountOptions: ['nfsvers=4.1'] }),
      aClaim({ spec: { storageClassName: 'fast', accessModes: ['ReadWriteMany'] } }),
      aUser('data'),
    );
    const made = world.engine.volumes().find(({ name }) => name === 'hf-test-default-data');
    expect(made?.options).toEqual({ type: 'nfs', o: 'addr=10.0.0.5,nfsvers=4.1', device: ':/exports/default/data' });
    const share = world.engine.volumes().find(({ options }) => options['device'] === ':/exports');
    expect([...world.engine.volumeFiles(share?.name ?? '').keys()]).toEqual(expect.arrayContaining(['/default/data']));
    expect(world.engine.containers()).toEqual([]);
    expect(world.get('PersistentVolume', madeFor(world)).spec.nodeAffinity).toBeUndefined();
    expect([...world.fresh]).toEqual([]);
  });

  test('one that is not declared, and one with a foreign provisioner, mean the local driver, and that is told', async () => {
    await world.create(
      aClass({ provisioner: 'ebs.csi.aws.com' }),
      aClaim({ name: 'one', spec: { storageClassName: 'gp3' } }),
      aClaim({ name: 'two', spec: { storageClassName: 'fast' } }),
      aUser('one', { name: 'web-1' }),
      aUser('two', { name: 'web-2' }),
    );
    expect(world.docker()).toEqual(['hf-test-default-one', 'hf-test-default-two']);
    expect(world.events('one')).toContain(
      `StorageClassMapped: StorageClass "gp3" is not declared; its volumes are made by Docker's local volume driver`,
    );
    expect(world.events('two')).toContain(
      `StorageClassMapped: StorageClass "fast" has the provisioner ebs.csi.aws.com, which is not here; its volumes are made by Docker's local volume driver`,
    );
  });

  test('the default class is written into the claim when it is bound', async () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    await world.create(aClass({ metadata: { name: 'fast', annotations }, volumeBindingMode: 'Immediate' }), aClaim());
    expect(world.claim()).toBe(`Bound ${madeFor(world)}`);
    expect(world.get('PersistentVolumeClaim', 'data').spec.storageClassName).toBe('fast');
  });

  test('a kept volume of another make is not taken; undelete brings it back when no pod is in the way', async () => {
    await world.create(aClaim(), aUser('data'));
    const old = madeFor(world);
    await world.removePod('web');
    await world.delete('PersistentVolumeClaim', 'data');
    await world.create(
      aClass({ provisioner: 'docker.holdfast.dev/rexray' }),
      aClaim({ spec: { storageClassName: 'fast' } }),
      aUser('data'),
    );
    const fresh = madeFor(world);
    expect(world.claim()).toBe(`Bound ${fresh}`);
    expect(world.events()).toContain(
      `VolumeKept: ${old} is kept from an earlier claim of this name, and is of another class; to have it back: holdfast volumes undelete data`,
    );
    const labels = {
      'holdfast.dev/role': 'undelete',
      'holdfast.dev/namespace': 'default',
      'holdfast.dev/claim': 'data',
      'holdfast.dev/wanted-volume': 'hf-test-default-data',
    };
    await world.engine.ensureVolume({ name: 'wish', labels, inMemory: false, sizeBytes: 0 }, AbortSignal.any([]));
    await world.relist();
    expect(world.claim()).toBe(`Bound ${fresh}`);
    expect(world.events()).toContain(`UndeleteWaits: ${old} is bound again when no pod uses the claim`);
    expect(world.docker()).not.toContain('wish');
    await world.removePod('web');
    expect(world.claim()).toBe(`Bound ${old}`);
    expect(world.volumes().filter((line) => line.startsWith(fresh))).toEqual([expect.stringContaining('Released')]);
    expect(world.get('PersistentVolume', old).metadata.annotations?.['holdfast.dev/undelete']).toBeUndefined();
  });

  test('data go with the claim only when the class says Delete and the annotation says so too', async () => {
    const metadata = { name: 'fast', annotations: { 'holdfast.dev/delete-data': 'true' } };
    await world.create(aClass({ metadata }), aClass({}, 'kept'));
    for (const [name, storageClassName] of [
      ['gone', 'fast'],
      ['stays', 'kept'],
    ] as const)
      await world.create(aClaim({ name, spec: { storageClassName } }), aUser(name, { name }));
    for (const name of ['gone', 'stays']) {
      await world.removePod(name);
      await world.delete('PersistentVolumeClaim', name);
    }
    expect(world.docker()).toEqual(['hf-test-default-stays']);
    expect(world.volumes()).toEqual([expect.stringContaining('Released default/stays')]);
  });

  test('a driver that refuses is told, and tried again', async () => {
    world.engine.faults = (call) => (call === 'ensureVolume' ? new EngineError('Invalid', 'no such driver') : undefined);
    await world.write(aClaim(), aUser('data'));
    await expect(world.settle()).rejects.toThrow('no such driver');
    expect(world.events()).toContain('ProvisioningFailed: failed to provision volume: no such driver');
    world.engine.faults = () => undefined;
    await world.settle();
    expect(world.claim()).toBe(`Bound ${madeFor(world)}`);
  });
});

describe('declared volumes', () => {
  test('an NFS volume is mounted where a pod uses it, by options', async () => {
    const { hostPath: _path, ...spec } = aVolume({
      nfs: { server: 'nas', path: '/data' },
      accessModes: ['ReadWriteMany'],
      mountOptions: ['hard'],
    }).spec;
    await world.create({ ...aVolume(), spec }, aClaim({ spec: { accessModes: ['ReadWriteMany'] } }), aUser('data'));
    expect(world.claim()).toBe('Bound disk');
    expect(world.engine.volumes()).toMatchObject([{ options: { type: 'nfs', o: 'addr=nas,hard', device: ':/data' } }]);
    expect(world.ready).toEqual(['data']);
  });

  test('a directory of the host needs no Docker volume', async () => {
    await world.create(aVolume(), aClaim(), aUser('data'));
    expect(world.claim()).toBe('Bound disk');
    expect(world.docker()).toEqual([]);
  });
});

describe('a generic ephemeral volume', () => {
  const volumes = [
    {
      name: 'scratch',
      ephemeral: {
        volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } } },
      },
    },
  ];

  test('has a claim of the pod, and goes with it, data and all', async () => {
    await world.create(aUser('', { spec: { volumes } }));
    expect(world.claim('web-scratch')).toBe(`Bound ${madeFor(world, 'web-scratch')}`);
    expect(world.get('PersistentVolumeClaim', 'web-scratch').metadata.ownerReferences).toMatchObject([
      { kind: 'Pod', name: 'web' },
    ]);
    expect(world.docker()).toEqual(['hf-test-default-web-scratch']);
    await world.removePod('web');
    await world.delete('PersistentVolumeClaim', 'web-scratch');
    expect(world.docker()).toEqual([]);
    expect(world.volumes()).toEqual([]);
  });

  test('leaves a claim of that name alone that is somebody else’s', async () => {
    await world.create(aClaim({ name: 'web-scratch' }));
    await world.create(aUser('', { spec: { volumes } }));
    expect(world.get('PersistentVolumeClaim', 'web-scratch').metadata.ownerReferences).toBeUndefined();
  });
});
