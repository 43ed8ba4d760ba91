// Claims and volumes as users declare them: declared and made ones, classes, what is kept, and how it comes back.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { byHand } from '../support/docker.ts';
import { clusterVolumes } from '../support/e2e-engine.ts';
import { claim, deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';

const claimOf = (name: string, spec: object = {}): object => {
  const base = claim(name) as { spec: object };
  return { ...base, spec: { ...base.spec, ...spec } };
};
/** Adds a line to a file of its claim when it starts, and stays. */
const user = (name: string, claimName = name, more: { replicas?: number; pod?: object } = {}): object =>
  deployment(name, {
    script: 'echo "$HOSTNAME" >> /data/runs',
    container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    pod: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }], ...more.pod },
    replicas: more.replicas ?? 1,
    spec: { strategy: { type: 'Recreate' } },
  });
const volume = (name: string, spec: object): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: { capacity: { storage: '10Mi' }, accessModes: ['ReadWriteOnce'], ...spec },
});
const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

interface DockerVolume {
  readonly Name: string;
  readonly Driver: string;
  readonly Options: Readonly<Record<string, string>> | null;
  readonly Labels: Readonly<Record<string, string>>;
}

describe('many claims in one commit', () => {
  let at: Scene;
  const host = (name: string): string => join(at.dir, 'host', name);
  const inPod = async (name: string, ...command: string[]): Promise<string> =>
    (await at.ask(['exec', `deploy/${name}`, '--', ...command])).stdout;
  const dockerVolume = async (name: string): Promise<DockerVolume> => (await byHand('GET', `/volumes/${name}`)) as DockerVolume;

  beforeAll(async () => {
    at = await scene('claims');
    for (const name of ['local', 'classes']) await mkdir(host(name), { recursive: true });
    await writeFile(join(host('local'), 'there'), 'before\n');
    const hostname = { key: 'kubernetes.io/hostname', operator: 'Exists' };
    const affinity = { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } };
    await at.repo.commit(
      {
        'volumes.yaml': yaml(
          volume('small', { storageClassName: 'manual', hostPath: { path: host('small') } }),
          volume('large', { storageClassName: 'manual', capacity: { storage: '1Gi' }, hostPath: { path: host('large') } }),
          volume('disk', { storageClassName: 'disks', local: { path: host('local') }, nodeAffinity: affinity }),
          volume('reserved', {
            storageClassName: '',
            claimRef: { namespace: 'default', name: 'reserved' },
            hostPath: { path: host('reserved') },
          }),
        ),
        'classes.yaml': yaml(
          {
            apiVersion: 'storage.k8s.io/v1',
            kind: 'StorageClass',
            metadata: { name: 'disks' },
            provisioner: 'kubernetes.io/no-provisioner',
            volumeBindingMode: 'WaitForFirstConsumer',
          },
          {
            apiVersion: 'storage.k8s.io/v1',
            kind: 'StorageClass',
            metadata: { name: 'bound-here' },
            provisioner: 'docker.holdfast.dev/local',
            parameters: { type: 'none', o: 'bind', device: host('classes') },
            volumeBindingMode: 'Immediate',
          },
        ),
        'claims.yaml': yaml(
          claimOf('hostpath', { storageClassName: 'manual' }),
          claimOf('local', { storageClassName: 'disks' }),
          claimOf('reserved', { storageClassName: '' }),
          claimOf('class', { storageClassName: 'bound-here' }),
          claimOf('unknown', { storageClassName: 'gp3' }),
          claimOf('plain'),
          claimOf('unused'),
        ),
        'pods.yaml': yaml(
          ...['hostpath', 'local', 'reserved', 'class', 'unknown'].map((name) => user(name)),
          user('plain', 'plain', { replicas: 2 }),
          deployment('scratch', {
            script: 'echo here > /data/file',
            container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
            pod: {
              securityContext: {},
              volumes: [
                {
                  name: 'data',
                  ephemeral: {
                    volumeClaimTemplate: {
                      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Mi' } } },
                    },
                  },
                },
              ],
            },
          }),
        ),
      },
      'Claims of every sort',
    );
    expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  }, 90_000);
  afterAll(async () => {
    await at.close();
  });

  test('take the smallest declared volume that fits: a directory of the host, made when it was missing', async () => {
    expect(lines(await readFile(join(host('small'), 'runs'), 'utf8'))).toHaveLength(1);
    await expect(readFile(join(host('large'), 'runs'), 'utf8')).rejects.toThrow('ENOENT');
  });

  test('take a local volume once a pod wants it', async () => {
    expect(await inPod('local', 'cat', '/data/there')).toBe('before\n');
    expect(lines(await readFile(join(host('local'), 'runs'), 'utf8'))).toHaveLength(1);
  });

  test('take the volume that is reserved for them', async () => {
    expect(lines(await readFile(join(host('reserved'), 'runs'), 'utf8'))).toHaveLength(1);
  });

  test('have volumes made by the driver and with the options of their class', async () => {
    const { Options, Driver } = await dockerVolume(`hf-${at.cluster}-default-class`);
    expect({ Options, Driver }).toEqual({ Driver: 'local', Options: { type: 'none', o: 'bind', device: host('classes') } });
    expect(lines(await readFile(join(host('classes'), 'runs'), 'utf8'))).toHaveLength(1);
  });

  test('have the local driver where the class is not declared, with a note', async () => {
    expect((await dockerVolume(`hf-${at.cluster}-default-unknown`)).Driver).toBe('local');
    const note = 'StorageClass "gp3" is not declared';
    expect((await at.ask(['get', 'events'])).stdout).toContain(note);
    const { stderr, stdout } = await at.holdfast(['validate', at.repo.dir]);
    expect(stderr + stdout).toContain(note);
    expect(stderr + stdout).not.toContain('StorageClass "manual"');
  });

  test('serve all pods of their host', async () => {
    expect(lines(await inPod('plain', 'cat', '/data/runs'))).toHaveLength(2);
  });

  test('that no pod wants wait, and hold nothing up', async () => {
    const { stdout } = await at.ask(['get', 'pvc', 'unused']);
    expect(stdout).toMatch(/unused +Pending/);
    expect(await clusterVolumes(at.cluster)).not.toContain(`hf-${at.cluster}-default-unused`);
  });

  test('are listed with their volumes as kubectl lists them', async () => {
    const { stdout: volumes } = await at.ask(['get', 'pv']);
    expect(volumes).toMatch(/small +10Mi +RWO +Retain +Bound +default\/hostpath +manual/);
    expect(volumes).toMatch(/large +1Gi +RWO +Retain +Available +manual/);
    expect(volumes).toMatch(/pvc-[-0-9a-f]{36} +10Mi +RWO +Retain +Bound +default\/plain/);
    expect((await at.ask(['get', 'pvc', 'plain'])).stdout).toMatch(/plain +Bound +pvc-[-0-9a-f]{36} +10Mi +RWO/);
  });

  test('of a pod’s own scratch space go with the pod', async () => {
    const scratch = async (): Promise<readonly string[]> =>
      (await clusterVolumes(at.cluster)).filter((name) => name.includes('-default-scratch-'));
    expect(await inPod('scratch', 'cat', '/data/file')).toBe('here\n');
    expect(await scratch()).toHaveLength(1);
    const { stdout } = await at.ask(['get', 'pvc']);
    expect(stdout).toMatch(/scratch-\S+-data +Bound/);
  });

  test('a second pass over the same commit changes nothing', async () => {
    const { outcome } = await at.once();
    expect(outcome).toMatchObject({ outcome: 'live', actions: [] });
  });
});

describe('what is kept', () => {
  let at: Scene;
  beforeEach(async () => {
    at = await scene('kept');
  });
  afterEach(async () => {
    await at.close();
  });
  const live = async (changes: Record<string, string | null>, message: string): Promise<void> => {
    await at.repo.commit(changes, message);
    expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  };
  const listed = async (): Promise<readonly { name: string; claim: string; state: string; application: string }[]> => {
    const { stdout } = await at.holdfast(['volumes', 'ls', '-o', 'json']);
    return (JSON.parse(stdout) as { volumes: { name: string; claim: string; state: string; application: string }[] }).volumes;
  };
  const trailer = '\n\nHoldfast-Allow-Prune: true';

  test('is listed, comes back by itself, and goes when a person says so twice', { timeout: 90_000 }, async () => {
    const files = { 'data.yaml': yaml(claim('data')), 'user.yaml': yaml(user('web', 'data')), 'rest.yaml': yaml(claim('rest')) };
    await live(files, 'One');
    const name = `hf-${at.cluster}-default-data`;
    expect(await listed()).toMatchObject([{ name, claim: 'data', state: 'bound' }]);
    expect(await at.holdfast(['volumes', 'rm', name, '--yes'])).toMatchObject({ exitCode: 1 });

    await live({ 'data.yaml': null, 'user.yaml': null }, `Without it${trailer}`);
    expect(await listed()).toMatchObject([{ name, claim: 'data', state: 'kept' }]);
    expect((await at.ask(['get', 'pv'])).stdout).toMatch(/Released +default\/data/);

    await live(files, 'With it again');
    expect(await listed()).toMatchObject([{ name, state: 'bound' }]);
    const { stdout } = await at.ask(['exec', 'deploy/web', '--', 'cat', '/data/runs']);
    expect(lines(stdout)).toHaveLength(2);
    expect((await at.ask(['get', 'events'])).stdout).toContain('VolumeReused');

    await live({ 'data.yaml': null, 'user.yaml': null }, `Without it again${trailer}`);
    expect(await at.holdfast(['volumes', 'rm', name])).toMatchObject({ exitCode: 1 });
    expect(await at.holdfast(['volumes', 'rm', name, '--yes'])).toMatchObject({ exitCode: 0 });
    expect(await clusterVolumes(at.cluster)).toEqual([]);
    await live({ 'more.yaml': yaml(claim('more')) }, 'Something else');
    expect((await at.ask(['get', 'pv'])).stdout).not.toContain('default/data');
  });

  test('is not taken by a claim of another class, until undelete says so', { timeout: 90_000 }, async () => {
    const device = join(at.dir, 'elsewhere');
    await mkdir(device, { recursive: true });
    const storageClass = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'elsewhere' },
      provisioner: 'docker.holdfast.dev/local',
      parameters: { type: 'none', o: 'bind', device },
    };
    await live(
      { 'data.yaml': yaml(claim('data')), 'user.yaml': yaml(user('web', 'data')), 'class.yaml': yaml(storageClass) },
      'One',
    );
    await live({ 'data.yaml': null, 'user.yaml': null }, `Without it${trailer}`);
    await live(
      { 'data.yaml': yaml(claimOf('data', { storageClassName: 'elsewhere' })), 'user.yaml': yaml(user('web', 'data')) },
      'Elsewhere',
    );
    expect(lines(await readFile(join(device, 'runs'), 'utf8'))).toHaveLength(1);
    expect(await listed()).toMatchObject([{ state: 'bound' }, { name: `hf-${at.cluster}-default-data`, state: 'kept' }]);

    expect(await at.holdfast(['volumes', 'undelete', 'data'])).toMatchObject({ exitCode: 1 });
    await live({ 'user.yaml': null }, `Nobody uses it${trailer}`);
    expect(await at.holdfast(['volumes', 'undelete', 'data'])).toMatchObject({ stderr: '', exitCode: 0 });
    await live({ 'user.yaml': yaml(user('web', 'data')) }, 'Used again');
    const { stdout } = await at.ask(['exec', 'deploy/web', '--', 'cat', '/data/runs']);
    expect(lines(stdout)).toHaveLength(2);
    expect(lines(await readFile(join(device, 'runs'), 'utf8'))).toHaveLength(1);
  });

  test('is known again when all that was remembered is lost', { timeout: 60_000 }, async () => {
    const files = { 'data.yaml': yaml(claim('data')), 'user.yaml': yaml(user('web', 'data')) };
    await live(files, 'One');
    const before = (await at.ask(['get', 'pvc', 'data'])).stdout.match(/pvc-\S+/)?.[0];
    await rm(at.dataDir, { recursive: true });
    await live({ 'note.yaml': yaml(claim('note')) }, 'Two');
    expect((await at.ask(['get', 'pvc', 'data'])).stdout).toContain(before);
    const { stdout } = await at.ask(['exec', 'deploy/web', '--', 'cat', '/data/runs']);
    expect(lines(stdout)).toHaveLength(1);
  });
});
