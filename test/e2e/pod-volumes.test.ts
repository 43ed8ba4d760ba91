// Every kind of volume that a pod can have, as its containers find it and as Docker shows it.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ContainerEngine } from '../../src/kubelet/engine/container-engine.ts';
import { BUSYBOX, byHand, testEngine } from '../support/docker.ts';
import { clusterContainers, clusterVolumes, runningContainers } from '../support/e2e-engine.ts';
import { claim, configMap, podSpec, STAY, secret, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const MAX_OUTPUT_BYTES = 65_536;

interface Mounted {
  readonly Type: string;
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly RW: boolean;
}

let at: Scene;
let engine: ContainerEngine;

async function begin(name: string): Promise<void> {
  at = await scene(name);
  engine = await testEngine(at.cluster);
}

/** What a shell prints in a container of a pod. */
async function inside(pod: string, script: string, container = 'main'): Promise<string> {
  const found = (await runningContainers(at.cluster, pod)).find((each) => each.pod === pod && each.container === container);
  if (found === undefined) throw new Error(`no container ${container} of pod ${pod} runs`);
  const { output } = await engine.exec(found.id, ['sh', '-c', script], MAX_OUTPUT_BYTES, AbortSignal.timeout(20_000));
  return output.trim();
}

/** How Docker mounts something into the container `main` of a pod. */
async function mountAt(pod: string, target: string): Promise<Mounted | undefined> {
  const [found] = await runningContainers(at.cluster, pod);
  const { Mounts } = (await byHand('GET', `/containers/${found?.id}/json`)) as { Mounts: Mounted[] };
  return Mounts.find(({ Destination }) => Destination === target);
}

async function dockerVolume(pod: string, volume: string): Promise<{ Driver: string; Options: Record<string, string> | null }> {
  const name = (await clusterVolumes(at.cluster)).find((each) => each.startsWith(`hf.${at.cluster}.default.${pod}.${volume}.`));
  return (await byHand('GET', `/volumes/${name}`)) as { Driver: string; Options: Record<string, string> | null };
}

async function live(files: Record<string, string | null>, args: readonly string[] = []): Promise<void> {
  await at.repo.commit(files, 'Change');
  const { exitCode, outcome } = await at.once(args);
  expect({ exitCode, message: outcome.message, problems: outcome.problems }).toMatchObject({ exitCode: 0, problems: [] });
}

interface PodParts {
  readonly volumes: readonly object[];
  readonly mounts: readonly object[];
  readonly script?: string;
  readonly container?: object;
  readonly spec?: object;
  readonly metadata?: object;
}

function pod(name: string, { volumes, mounts, script = ':', container = {}, spec = {}, metadata = {} }: PodParts): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: podSpec({ script, container: { volumeMounts: mounts, ...container }, pod: { volumes, ...spec } }),
  };
}

describe('pods with volumes of every kind, all at once', () => {
  let host: string;
  let socket: ReturnType<typeof createServer>;

  beforeAll(async () => {
    await begin('mounts');
    host = join(at.dir, 'host');
    await mkdir(join(host, 'there'), { recursive: true });
    await writeFile(join(host, 'file'), 'of the host');
    socket = createServer();
    await new Promise<void>((resolve) => void socket.listen(join(host, 'socket'), resolve));
    await live({
      'data.yaml': yaml(
        configMap('app', { 'app.conf': 'colour = blue\n', 'log.conf': 'level = info\n' }),
        secret('app', { password: 's3cret', user: 'ann' }),
        claim('data'),
      ),
      'shared.yaml': yaml(shared),
      'files.yaml': yaml(configured, projected, downward),
      'octal.yaml': octal,
      'parts.yaml': yaml(parts),
      'host.yaml': yaml(hosted()),
      'image.yaml': yaml(imaged),
    });
  }, 120_000);
  afterAll(async () => {
    await new Promise((resolve) => void socket.close(resolve));
    await at.close();
  });

  const shared = pod('shared', {
    volumes: [
      { name: 'disk', emptyDir: {} },
      { name: 'fast', emptyDir: { medium: 'Memory', sizeLimit: '2Mi' } },
      { name: 'whole', emptyDir: { medium: 'Memory' } },
      { name: 'inner', emptyDir: {} },
    ],
    mounts: [
      { name: 'disk', mountPath: '/disk' },
      { name: 'disk', mountPath: '/again', readOnly: true },
      { name: 'fast', mountPath: '/fast' },
      { name: 'whole', mountPath: '/whole' },
      { name: 'inner', mountPath: '/disk/inner' },
    ],
    container: { resources: { limits: { memory: '24Mi' } } },
    spec: {
      containers: [
        {
          name: 'main',
          image: BUSYBOX,
          command: ['sh', '-c', STAY],
          resources: { limits: { memory: '24Mi' } },
          volumeMounts: [
            { name: 'disk', mountPath: '/disk' },
            { name: 'disk', mountPath: '/again', readOnly: true },
            { name: 'fast', mountPath: '/fast' },
            { name: 'whole', mountPath: '/whole' },
            { name: 'inner', mountPath: '/disk/inner' },
          ],
        },
        {
          name: 'other',
          image: BUSYBOX,
          command: ['sh', '-c', `echo hello > /there/hello; ${STAY}`],
          resources: { limits: { memory: '8Mi' } },
          volumeMounts: [{ name: 'disk', mountPath: '/there' }],
        },
      ],
    },
  });

  test('an emptyDir is shared by containers and mounts, open to all, and holds others', async () => {
    await until(
      'the other container wrote',
      () => inside('shared', 'cat /disk/hello /again/hello'),
      (text) => text === 'hello\nhello',
    );
    expect(await inside('shared', 'stat -c %a /disk; touch /again/no 2>&1; touch /disk/inner/yes && ls /disk/inner')).toBe(
      '777\ntouch: /again/no: Read-only file system\nyes',
    );
    expect(await mountAt('shared', '/again')).toMatchObject({ Type: 'volume', RW: false });
  });

  test('an emptyDir in memory is as large as its limit, or as the memory of the pod', async () => {
    const size = (path: string): Promise<string> =>
      inside('shared', `grep ' ${path} tmpfs ' /proc/mounts | grep -o 'size=[0-9]*k'`);
    expect([await size('/fast'), await size('/whole')]).toEqual(['size=2048k', 'size=32768k']);
    expect(await inside('shared', 'dd if=/dev/zero of=/fast/big bs=1M count=3 2>&1 | head -n 1')).toContain(
      'No space left on device',
    );
    expect(await dockerVolume('shared', 'fast')).toMatchObject({ Driver: 'local', Options: { type: 'tmpfs' } });
    expect((await dockerVolume('shared', 'disk')).Options ?? {}).toEqual({});
  });

  const configured = pod('configured', {
    volumes: [
      { name: 'config', configMap: { name: 'app', items: [{ key: 'app.conf', path: 'deep/er/app.conf', mode: 0o600 }] } },
      { name: 'secret', secret: { secretName: 'app', defaultMode: 0o400 } },
      { name: 'none', configMap: { name: 'none', optional: true } },
      { name: 'cache', emptyDir: {} },
    ],
    mounts: [
      { name: 'config', mountPath: '/etc/app' },
      { name: 'cache', mountPath: '/etc/app/cache' },
      { name: 'secret', mountPath: '/secret' },
      { name: 'none', mountPath: '/none' },
    ],
  });

  test('keys of a ConfigMap have their paths and modes, links as in Kubernetes, and cannot be changed', async () => {
    expect(await inside('configured', 'cat /etc/app/deep/er/app.conf; stat -Lc %a /etc/app/deep/er/app.conf')).toBe(
      'colour = blue\n600',
    );
    expect(await inside('configured', 'readlink /etc/app/deep; readlink /etc/app/..data; ls /none')).toMatch(
      /^\.\.data\/deep\n\.\.[0-9a-f]{16}$/,
    );
    expect(await inside('configured', 'touch /etc/app/new 2>&1; touch /etc/app/cache/new && ls /etc/app/cache')).toBe(
      'touch: /etc/app/new: Read-only file system\nnew',
    );
  });

  test('a Secret is in memory alone', async () => {
    expect(await inside('configured', 'cat /secret/password; stat -Lc " %a" /secret/password; stat -fc %T /secret')).toBe(
      's3cret 400\ntmpfs',
    );
    expect(await dockerVolume('configured', 'secret')).toMatchObject({ Options: { type: 'tmpfs', device: 'tmpfs' } });
    const everything = JSON.stringify(await clusterContainers(at.cluster));
    expect(everything).not.toContain('s3cret');
  });

  const octal = `
apiVersion: v1
kind: Pod
metadata: {name: octal}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: main
      image: ${BUSYBOX}
      command: ["sh", "-c", "${STAY}"]
      volumeMounts: [{name: config, mountPath: /etc/app}]
  volumes:
    - name: config
      configMap:
        name: app
        defaultMode: 0440
        items: [{key: app.conf, path: a}, {key: log.conf, path: b, mode: 0755}]
`;

  test('modes are octal, as Kubernetes reads them', async () => {
    expect(await inside('octal', 'stat -Lc %a /etc/app/a /etc/app/b')).toBe('440\n755');
  });

  const projected = pod('projected', {
    volumes: [
      {
        name: 'all',
        projected: {
          defaultMode: 0o444,
          sources: [
            { configMap: { name: 'app', items: [{ key: 'app.conf', path: 'conf/app.conf' }] } },
            { secret: { name: 'app', items: [{ key: 'user', path: 'conf/user', mode: 0o400 }] } },
            { secret: { name: 'missing', optional: true } },
            { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
          ],
        },
      },
    ],
    mounts: [{ name: 'all', mountPath: '/all' }],
  });

  test('several sources are one directory in memory', async () => {
    expect(
      await inside('projected', 'cd /all; cat conf/app.conf conf/user name; echo; stat -Lc %a conf/app.conf conf/user'),
    ).toBe('colour = blue\nannprojected\n444\n400');
    expect(await dockerVolume('projected', 'all')).toMatchObject({ Options: { type: 'tmpfs' } });
  });

  const downward = pod('downward', {
    metadata: { labels: { tier: 'front', app: 'downward' }, annotations: { note: 'two\nlines' } },
    volumes: [
      {
        name: 'info',
        downwardAPI: {
          items: [
            { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
            { path: 'note', fieldRef: { fieldPath: "metadata.annotations['note']" } },
            { path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } },
            { path: 'cpu', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu', divisor: '1m' } },
            { path: 'memory', resourceFieldRef: { containerName: 'main', resource: 'requests.memory', divisor: '1Mi' } },
          ],
        },
      },
    ],
    mounts: [{ name: 'info', mountPath: '/info' }],
    container: { resources: { limits: { cpu: '500m', memory: '32Mi' }, requests: { memory: '16Mi' } } },
  });

  test('fields of the pod are files', async () => {
    expect(await inside('downward', 'cd /info; for f in labels note namespace cpu memory; do cat $f; echo; done')).toBe(
      'app="downward"\ntier="front"\ntwo\nlines\ndefault\n500\n16',
    );
  });

  const parts = pod('parts', {
    volumes: [
      { name: 'disk', emptyDir: {} },
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'config', configMap: { name: 'app' } },
    ],
    mounts: [
      { name: 'disk', mountPath: '/one', subPath: 'one' },
      { name: 'disk', mountPath: '/two', subPathExpr: 'pods/$(NAME)' },
      { name: 'disk', mountPath: '/disk' },
      { name: 'data', mountPath: '/var/lib/app', subPath: 'app/data' },
      { name: 'config', mountPath: '/etc/app/app.conf', subPath: 'app.conf', readOnly: true },
    ],
    script: 'echo 1 > /one/file; echo 2 > /two/file; echo 3 > /var/lib/app/file',
    container: { env: [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
  });

  test('parts of volumes are made where they are missing, with the rights of the volume', async () => {
    await until(
      'the program wrote',
      () => inside('parts', 'cat /var/lib/app/file'),
      (text) => text === '3',
    );
    expect(await inside('parts', 'cat /disk/one/file /disk/pods/parts/file; stat -c %a /disk/one /disk/pods/parts')).toBe(
      '1\n2\n777\n777',
    );
    expect(await inside('parts', 'cat /etc/app/app.conf; ls /etc/app; echo x 2>&1 > /etc/app/app.conf')).toMatch(
      /^colour = blue\napp\.conf/,
    );
  });

  function hosted(): object {
    const named = (name: string, path: string, type: string): object => ({ name, hostPath: { path, type } });
    return pod('host', {
      volumes: [
        named('there', join(host, 'there'), 'Directory'),
        named('made', join(host, 'made/deep'), 'DirectoryOrCreate'),
        named('file', join(host, 'file'), 'File'),
        named('new', join(host, 'there/new'), 'FileOrCreate'),
        named('socket', join(host, 'socket'), 'Socket'),
        named('null', '/dev/null', 'CharDevice'),
        { name: 'any', hostPath: { path: join(host, 'any') } },
        { name: 'part', hostPath: { path: host } },
      ],
      mounts: [
        { name: 'there', mountPath: '/there' },
        { name: 'made', mountPath: '/made' },
        { name: 'file', mountPath: '/file', readOnly: true },
        { name: 'new', mountPath: '/new' },
        { name: 'socket', mountPath: '/socket' },
        { name: 'null', mountPath: '/null' },
        { name: 'any', mountPath: '/any' },
        { name: 'part', mountPath: '/part', subPath: 'parts/one' },
      ],
      script: 'echo made > /made/file; echo new >> /new; echo any > /any/file; echo part > /part/file',
    });
  }

  test('paths of the host are what their types say, and are made where they may be', async () => {
    expect(await inside('host', 'cat /file; echo; test -S /socket && test -c /null && ls /there')).toBe('of the host\nnew');
    const written = ['made/deep/file', 'there/new', 'any/file', 'parts/one/file'];
    const texts = await Promise.all(written.map((path) => readFile(join(host, path), 'utf8')));
    expect(texts).toEqual(['made\n', 'new\n', 'any\n', 'part\n']);
    const modeOf = async (path: string): Promise<string> => ((await stat(join(host, path))).mode & 0o777).toString(8);
    expect([await modeOf('made/deep'), await modeOf('there/new')]).toEqual(['755', '644']);
    expect(await mountAt('host', '/file')).toMatchObject({ Type: 'bind', RW: false });
  });

  const imaged = pod('imaged', {
    volumes: [{ name: 'files', image: { reference: BUSYBOX, pullPolicy: 'IfNotPresent' } }],
    mounts: [{ name: 'files', mountPath: '/files' }],
  });

  test('an image is a volume of its files, read-only', async () => {
    expect(await inside('imaged', 'test -x /files/bin/sh && test -L /files/bin/ls -o -f /files/bin/ls && echo there')).toBe(
      'there',
    );
    expect(await inside('imaged', 'touch /files/new 2>&1')).toContain('Read-only file system');
  });

  test('nothing of the pods is left when they go; the claim stays', { timeout: 60_000 }, async () => {
    const files = ['shared', 'files', 'octal', 'parts', 'host', 'image'].map((name) => [`${name}.yaml`, null] as const);
    await at.repo.commit(Object.fromEntries(files), 'No pods\n\nHoldfast-Allow-Prune: true');
    expect(await at.once()).toMatchObject({ exitCode: 0 });
    expect(await clusterVolumes(at.cluster)).toEqual([`hf-${at.cluster}-default-data`]);
    expect(await readFile(join(host, 'file'), 'utf8')).toBe('of the host');
  });
});

describe('a pod', () => {
  beforeEach(() => begin('volume'));
  afterEach(() => at.close());

  test('keeps what is in memory when its containers restart and when its sandbox is killed', { timeout: 60_000 }, async () => {
    const mount = { name: 'cache', mountPath: '/cache' };
    await at.repo.commit(
      { 'pod.yaml': yaml(pod('keeper', { volumes: [{ name: 'cache', emptyDir: { medium: 'Memory' } }], mounts: [mount] })) },
      'One',
    );
    at.controller();
    const [first] = await at.untilRunning('it runs', 'keeper', (running) => running.length === 1);
    await inside('keeper', 'echo kept > /cache/file');
    await byHand('POST', `/containers/${first?.id}/kill`);
    const [second] = await at.untilRunning('it runs again', 'keeper', ([one]) => one !== undefined && one.id !== first?.id);
    expect(await inside('keeper', 'cat /cache/file')).toBe('kept');
    const sandbox = (await clusterContainers(at.cluster)).find(({ role }) => role === 'sandbox');
    await byHand('POST', `/containers/${sandbox?.id}/kill`);
    await at.untilRunning('it runs in a new sandbox', 'keeper', ([one]) => one !== undefined && one.id !== second?.id);
    expect(await inside('keeper', 'cat /cache/file')).toBe('kept');
    await until(
      'the dead sandbox is gone',
      () => clusterContainers(at.cluster),
      (all) => all.filter(({ role }) => role === 'sandbox').length === 1 && all.every(({ id }) => id !== sandbox?.id),
    );
  });

  test('does not start on a path of the host that is something else, and says so', { timeout: 60_000 }, async () => {
    const path = join(at.dir, 'plain');
    await writeFile(path, '');
    const volumes = [{ name: 'data', hostPath: { path, type: 'Directory' } }];
    await at.repo.commit({ 'pod.yaml': yaml(pod('wrong', { volumes, mounts: [{ name: 'data', mountPath: '/data' }] })) }, 'One');
    const { exitCode, outcome } = await at.once(['--timeout', '10s']);
    expect({ exitCode, message: outcome.message }).toMatchObject({
      exitCode: 1,
      message: expect.stringContaining(`hostPath type check failed: ${path} is not a directory`),
    });
    expect(await runningContainers(at.cluster, 'wrong')).toEqual([]);
  });

  test('does not mount a part that a link leads out of its volume', { timeout: 60_000 }, async () => {
    const volumes = [{ name: 'disk', emptyDir: {} }];
    const init = {
      name: 'init',
      image: BUSYBOX,
      command: ['sh', '-c', 'ln -s /etc /disk/out'],
      volumeMounts: [{ name: 'disk', mountPath: '/disk' }],
    };
    const escaping = pod('escape', {
      volumes,
      mounts: [{ name: 'disk', mountPath: '/mnt', subPath: 'out' }],
      spec: { initContainers: [init] },
    });
    await at.repo.commit({ 'pod.yaml': yaml(escaping) }, 'One');
    const { outcome } = await at.once(['--timeout', '10s']);
    expect(outcome.message).toContain('failed to prepare subPath for volumeMount "disk" of container "main"');
  });

  test('asks Docker for the propagation that its mounts want', { timeout: 60_000 }, async () => {
    const spread = pod('spread', {
      volumes: [{ name: 'host', hostPath: { path: join(at.dir, 'spread') } }],
      mounts: [{ name: 'host', mountPath: '/host', mountPropagation: 'HostToContainer' }],
    });
    await at.repo.commit({ 'pod.yaml': yaml(spread) }, 'One');
    // Whether it starts depends on how the machine of the engine mounts its own file systems.
    await at.once(['--timeout', '5s']);
    const made = (await clusterContainers(at.cluster)).find(({ role }) => role === 'container');
    const { Mounts } = (await byHand('GET', `/containers/${made?.id}/json`)) as {
      Mounts: { Destination: string; Propagation: string }[];
    };
    expect(Mounts.find(({ Destination }) => Destination === '/host')?.Propagation).toBe('rslave');
  });

  test('gives its volumes to its group', { timeout: 60_000 }, async () => {
    await live({ 'data.yaml': yaml(claim('data'), secret('app', { key: '1' })), 'fill.yaml': yaml(filler()) });
    await until(
      'the data are there',
      () => inside('filler', 'ls /data/deep'),
      (text) => text === 'file',
    );
    await live({ 'fill.yaml': null, 'grouped.yaml': yaml(grouped()) });
    expect(
      await inside(
        'grouped',
        'id -u; cat /secret/key; echo; touch /data/deep/new /tmp/dir/new && stat -c %g /data/deep/new /tmp/dir/new',
      ),
    ).toBe('1000\n1\n2000\n2000');
    expect(await inside('grouped', 'stat -c "%a %g" /data /data/deep /data/deep/file; stat -Lc "%a %g" /secret/key')).toBe(
      '2777 2000\n2775 2000\n664 2000\n440 2000',
    );
  });

  function filler(): object {
    return pod('filler', {
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      mounts: [{ name: 'data', mountPath: '/data' }],
      script: 'mkdir -p /data/deep; echo 1 > /data/deep/file',
    });
  }

  function grouped(): object {
    return pod('grouped', {
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
        { name: 'dir', emptyDir: {} },
        { name: 'secret', secret: { secretName: 'app', defaultMode: 0o400 } },
      ],
      mounts: [
        { name: 'data', mountPath: '/data' },
        { name: 'dir', mountPath: '/tmp/dir' },
        { name: 'secret', mountPath: '/secret' },
      ],
      spec: { securityContext: { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, fsGroupChangePolicy: 'OnRootMismatch' } },
    });
  }

  test('has a claim of its own for an ephemeral volume, which goes with it', { timeout: 60_000 }, async () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } } };
    const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec } } }];
    const scratch = pod('work', {
      volumes,
      mounts: [{ name: 'scratch', mountPath: '/scratch' }],
      script: 'echo here > /scratch/file',
    });
    await live({ 'pod.yaml': yaml(scratch), 'rest.yaml': yaml(configMap('rest', { a: '1' })) });
    expect(await inside('work', 'cat /scratch/file')).toBe('here');
    expect((await at.ask(['get', 'pvc', 'work-scratch'])).stdout).toMatch(/work-scratch +Bound/);
    await at.repo.commit({ 'pod.yaml': null }, 'Gone\n\nHoldfast-Allow-Prune: true');
    expect(await at.once()).toMatchObject({ exitCode: 0 });
    await until(
      'the claim is gone',
      () => at.ask(['get', 'pvc']),
      ({ stdout }) => !stdout.includes('work-scratch'),
    );
  });
});
