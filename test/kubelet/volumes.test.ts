import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import type { PodSpec, VolumeMount } from '../../src/model/resource.ts';
import { aConfigMap, aContainer, aPod, aSecret } from '../support/builders.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';

let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
});
afterEach(async () => {
  await node.kubelet.stop();
});

function podWith(volumes: PodSpec['volumes'], volumeMounts: VolumeMount[], spec: Partial<PodSpec> = {}) {
  return aPod({
    nodeName: NODE_NAME,
    spec: { ...(volumes === undefined ? {} : { volumes }), containers: [aContainer({ volumeMounts })], ...spec },
  });
}

const configured = podWith([{ name: 'config', configMap: { name: 'config' } }], [{ name: 'config', mountPath: '/etc/app' }]);

async function change(data: Record<string, string>): Promise<void> {
  const old = node.store.get('ConfigMap', 'default', 'config');
  if (old === undefined) throw new Error('no ConfigMap');
  await node.store.write([{ op: 'update', resource: { ...old, data } }]);
  await node.clock.settle();
}

const text = (path: string): string | undefined => node.engine.textOf(node.living().id, path);

/** Names in a volume of the pod, and what the hidden ones are. */
function namesIn(volume: string): readonly string[] {
  const name = node.engine.volumes().find((each) => each.name.includes(`.${volume}.`))?.name ?? '';
  const top = [...node.engine.volumeFiles(name).keys()].map((path) => path.split('/')[1] ?? '');
  return [...new Set(top)]
    .filter((each) => each !== '')
    .map((each) => each.replace(/^\.\.[0-9a-f]{16}$/, '..version'))
    .toSorted();
}

describe('a changed ConfigMap', () => {
  beforeEach(async () => {
    await node.start();
    await node.create(aConfigMap({ data: { a: '1', gone: 'x' } }));
    await node.create(configured);
  });

  test('leaves one version, and no link to a key that is gone', async () => {
    await change({ a: '2', b: 'new' });
    expect([text('/etc/app/a'), text('/etc/app/b'), text('/etc/app/gone')]).toEqual(['2', 'new', undefined]);
    expect(namesIn('config')).toEqual(['..data', '..data_tmp', '..version', 'a', 'b']);
  });

  test('does so also when it changed while no kubelet ran', async () => {
    await node.kubelet.stop();
    const old = node.store.get('ConfigMap', 'default', 'config');
    if (old === undefined) throw new Error('no ConfigMap');
    await node.store.write([{ op: 'update', resource: { ...old, data: { b: '3' } } }]);
    node.kubelet = node.newKubelet();
    await node.start();
    expect(text('/etc/app/b')).toBe('3');
    expect(namesIn('config')).toEqual(['..data', '..data_tmp', '..version', 'b']);
  });

  test('is finished by the next kubelet when this one broke off after the swap', async () => {
    let puts = 0;
    node.engine.faults = (name) => {
      if (name === 'putFiles') puts += 1;
      return puts > 1 ? new EngineError('Unreachable', 'gone') : undefined;
    };
    await change({ b: '3' });
    node.engine.faults = () => undefined;
    await node.restart();
    expect(text('/etc/app/b')).toBe('3');
    expect(namesIn('config')).toEqual(['..data', '..data_tmp', '..version', 'b']);
  });

  test('that is removed takes nothing away, and tells', async () => {
    await node.store.write([{ op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'config' } }]);
    await node.clock.settle();
    expect(text('/etc/app/a')).toBe('1');
    expect(node.events()).toContain('FailedMount: MountVolume.SetUp failed for volume "config" : configmap "config" not found');
  });

  test('is the same for a pod whose sandbox was made anew', async () => {
    node.engine.removeByHand(node.sandboxes()[0]?.id ?? '');
    await node.clock.advance(31_000);
    await change({ b: '3' });
    expect(node.isReady()).toBe(true);
    expect(text('/etc/app/b')).toBe('3');
    expect(namesIn('config')).toEqual(['..data', '..data_tmp', '..version', 'b']);
  });
});

test('an optional ConfigMap that appears later shows up then', async () => {
  await node.start();
  const volumes = [{ name: 'config', configMap: { name: 'config', optional: true } }];
  await node.create(podWith(volumes, [{ name: 'config', mountPath: '/etc/app' }]));
  expect(node.isReady()).toBe(true);
  expect(namesIn('config')).toEqual(['..data', '..version']);
  await node.create(aConfigMap({ data: { a: '1' } }));
  expect(text('/etc/app/a')).toBe('1');
});

test('several sources in one directory follow each of them, and the labels of the pod', async () => {
  await node.start();
  await node.create(aConfigMap({ data: { a: '1' } }));
  await node.create(aSecret({ data: { b: 'Mg==' } }));
  const sources = [
    { configMap: { name: 'config' } },
    { secret: { name: 'secret' } },
    { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
  ];
  await node.create(podWith([{ name: 'all', projected: { sources } }], [{ name: 'all', mountPath: '/all' }]));
  expect([text('/all/a'), text('/all/b'), text('/all/labels')]).toEqual(['1', '2', 'app="web"']);
  await change({ a: '3' });
  const pod = node.pod();
  await node.store.write([
    { op: 'update', resource: { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, tier: 'front' } } } },
  ]);
  await node.clock.settle();
  expect([text('/all/a'), text('/all/b'), text('/all/labels')]).toEqual(['3', '2', 'app="web"\ntier="front"']);
  expect(node.runs()).toHaveLength(1);
});

describe('a part of a volume', () => {
  test('that is missing becomes a directory with the rights of the volume', async () => {
    await node.start();
    const mount = { name: 'tmp', mountPath: '/logs', subPathExpr: 'logs/$(NAME)' };
    const container = aContainer({ env: [{ name: 'NAME', value: 'web-0' }], volumeMounts: [mount] });
    await node.create(podWith([{ name: 'tmp', emptyDir: {} }], [], { containers: [container] }));
    expect(node.isReady()).toBe(true);
    const volume = node.engine.volumes()[0]?.name ?? '';
    const files = [...node.engine.volumeFiles(volume)].map(([path, { type, mode }]) => [path, type, mode]);
    expect(files).toEqual([
      ['/', 'directory', 0o777],
      ['/logs', 'directory', 0o777],
      ['/logs/web-0', 'directory', 0o777],
    ]);
    expect(node.engine.spec(node.living().id).mounts).toContainEqual({
      type: 'volume',
      volume,
      target: '/logs',
      readOnly: false,
      subPath: 'logs/web-0',
    });
  });

  test('that leads out of its volume keeps the container from being made', async () => {
    await node.start();
    await node.create(podWith([{ name: 'tmp', emptyDir: {} }], [{ name: 'tmp', mountPath: '/tmp' }]));
    const sandbox = node.sandboxes()[0]?.id ?? '';
    const link = { path: 'out', type: 'symlink', mode: 0o777, target: '../../etc' } as const;
    await node.engine.putFiles(sandbox, '/volumes/tmp', [link], new AbortController().signal);
    const pod = node.pod();
    const container = aContainer({ volumeMounts: [{ name: 'tmp', mountPath: '/tmp', subPath: 'out/passwd' }] });
    await node.store.write([{ op: 'update', resource: { ...pod, spec: { ...pod.spec, containers: [container] } } }]);
    await node.clock.advance(100);
    expect(node.containerStatus().state?.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'failed to prepare subPath for volumeMount "tmp" of container "main"',
    });
  });

  test('of a ConfigMap stays as it was when the container started', async () => {
    await node.start();
    await node.create(aConfigMap({ data: { 'app.conf': '1' } }));
    const mount = { name: 'config', mountPath: '/etc/app.conf', subPath: 'app.conf' };
    await node.create(podWith([{ name: 'config', configMap: { name: 'config' } }], [mount]));
    expect(node.isReady()).toBe(true);
    await change({ 'app.conf': '2' });
    expect(node.runs()).toHaveLength(1);
    expect(namesIn('config')).toEqual(['..data', '..data_tmp', '..version', 'app.conf']);
  });
});

describe('an image as a volume', () => {
  const pod = podWith([{ name: 'files', image: { reference: 'files:1' } }], [{ name: 'files', mountPath: '/files' }]);

  test('is pulled, and copied before the first container', async () => {
    await node.start();
    await node.create(pod);
    expect(node.isReady()).toBe(true);
    expect(text('/files/image')).toBe('files:1');
    expect(node.events()).toContain('Pulling: Pulling image "files:1"');
  });

  test('that cannot be had keeps the pod waiting, and tells why', async () => {
    node.engine.behave('files:1', { pull: 'missing' });
    await node.start();
    await node.create(pod);
    expect(node.containerStatus().state?.waiting?.reason).toBe('ErrImagePull');
    node.engine.behave('files:1', { pull: 'ok' });
    await node.clock.advance(20_000);
    expect(node.isReady()).toBe(true);
  });

  test('that must not be pulled', async () => {
    await node.start();
    const volumes = [{ name: 'files', image: { reference: 'files:1', pullPolicy: 'Never' as const } }];
    await node.create(podWith(volumes, [{ name: 'files', mountPath: '/files' }]));
    expect(node.containerStatus().state?.waiting?.reason).toBe('ErrImageNeverPull');
  });
});

describe('what is in memory', () => {
  const volumes = [{ name: 'cache', emptyDir: { medium: 'Memory' as const } }];

  test('is held by the next sandbox before the containers of a dead one end', async () => {
    await node.start();
    await node.create(podWith(volumes, [{ name: 'cache', mountPath: '/cache' }]));
    const [old, before] = [node.sandboxes()[0]?.id ?? '', node.living().id];
    const calls = node.engine.calls.length;
    node.engine.crash(old, 137);
    await node.clock.advance(31_000);
    expect(node.isReady()).toBe(true);
    expect(node.living().id).not.toBe(before);
    expect(node.sandboxes().map(({ id }) => id)).not.toContain(old);
    const order = node.engine.calls
      .slice(calls)
      .flatMap(({ name }) => (['create', 'start', 'kill'].includes(name) ? [name] : []));
    expect(order.slice(0, 3)).toEqual(['create', 'start', 'kill']);
  });

  test('of a pod without any waits for its containers', async () => {
    await node.start();
    await node.create(podWith([{ name: 'tmp', emptyDir: {} }], [{ name: 'tmp', mountPath: '/tmp' }]));
    const calls = node.engine.calls.length;
    node.engine.crash(node.sandboxes()[0]?.id ?? '', 137);
    await node.clock.advance(31_000);
    const order = node.engine.calls.slice(calls).flatMap(({ name }) => (['create', 'kill'].includes(name) ? [name] : []));
    expect(order[0]).toBe('kill');
    expect(node.isReady()).toBe(true);
  });
});

test('a volume that cannot be filled is told, and tried again', async () => {
  node.engine.faults = (name) => (name === 'putFiles' ? new EngineError('Failed', 'no space left on device') : undefined);
  await node.start();
  await node.create(podWith([{ name: 'tmp', emptyDir: {} }], [{ name: 'tmp', mountPath: '/tmp' }]));
  const message = 'Unable to attach or mount volumes: unmounted volumes=[tmp]: no space left on device';
  expect(node.containerStatus().state?.waiting).toEqual({ reason: 'ContainerCreating', message });
  expect(node.events()).toContain(`FailedMount: ${message}`);
  node.engine.faults = () => undefined;
  await node.clock.advance(60_000);
  expect(node.isReady()).toBe(true);
});

test('a file of the host is made once, and never emptied', async () => {
  await node.start();
  const volumes = [{ name: 'made', hostPath: { path: '/srv/app/made', type: 'FileOrCreate' as const } }];
  await node.create(podWith(volumes, [{ name: 'made', mountPath: '/made' }]));
  expect(node.isReady()).toBe(true);
  expect(text('/made')).toBe('');
});
