import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { findCondition } from '../../src/model/conditions.ts';
import { RECOVERED_ANNOTATION } from '../../src/model/resource.ts';
import { aClaim, aConfigMap, aContainer, aPod, aReplicaSet, aSecret } from '../support/builders.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';

let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
});
afterEach(async () => {
  await node.kubelet.stop();
});

/** Names of the calls since a point, without those that only read. */
const writesSince = (index: number): string[] =>
  node.engine.calls
    .slice(index)
    .filter(({ isWrite }) => isWrite)
    .map(({ name }) => name);

describe('a pod comes up', () => {
  test('sandbox, container, status, with the fewest calls', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, name: 'first' }));
    const before = node.engine.calls.length;
    await node.create(aPod({ nodeName: NODE_NAME }));
    expect(node.isReady()).toBe(true);
    expect(node.engine.calls.slice(before).map(({ name }) => name)).toEqual([
      'create',
      'start',
      'inspect',
      'create',
      'start',
      'inspect',
    ]);
    const status = node.status();
    expect(status).toMatchObject({ phase: 'Running', hostIP: '127.0.0.1', qosClass: 'BestEffort' });
    expect(status.podIP).toBe(node.sandboxes()[1]?.ip);
    expect(status.containerStatuses?.[0]).toMatchObject({ ready: true, started: true, restartCount: 0, image: 'busybox:1.36' });
    expect(node.events()).toContain('Started: Started container main');
  });

  test('a second pass and a new kubelet change nothing', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    const revision = node.store.revision();
    const calls = node.engine.calls.length;
    await node.clock.advance(120_000);
    await node.restart();
    await node.clock.advance(120_000);
    expect(writesSince(calls)).toEqual([]);
    expect(node.store.revision()).toBe(revision);
  });

  test('a pod of another node is left alone', async () => {
    await node.start();
    await node.create(aPod({ nodeName: 'other' }));
    expect(node.engine.containers()).toEqual([]);
  });

  test('starting on an empty node changes nothing on the engine', async () => {
    await node.start();
    expect(writesSince(0)).toEqual([]);
    expect(node.store.get('Node', '', NODE_NAME)?.status).toMatchObject({
      capacity: { cpu: '4' },
      nodeInfo: { engineID: 'fake-engine' },
    });
  });
});

describe('images', () => {
  test('a missing image is pulled', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, container: { image: 'nginx:1' } }));
    expect(node.isReady()).toBe(true);
    expect(node.events()).toContain('Pulling: Pulling image "nginx:1"');
  });

  test('an image that is nowhere is told, retried with back-off, and used once it is there', async () => {
    node.engine.behave('nginx:1', { pull: 'missing' });
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, container: { image: 'nginx:1' } }));
    expect(node.containerStatus().state?.waiting?.reason).toBe('ErrImagePull');
    await node.clock.advance(10_000);
    expect(node.containerStatus().state?.waiting?.reason).toBe('ImagePullBackOff');
    expect(node.status().phase).toBe('Pending');
    node.engine.behave('nginx:1', { pull: 'ok' });
    await node.clock.advance(20_000);
    expect(node.isReady()).toBe(true);
  });

  test('policy Never does not pull', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, container: { image: 'nginx:1', imagePullPolicy: 'Never' } }));
    expect(node.containerStatus().state?.waiting?.reason).toBe('ErrImageNeverPull');
    expect(node.engine.calls.filter(({ name }) => name === 'pull')).toEqual([]);
  });

  test('a pull that hangs holds nobody else up and ends with its deadline', async () => {
    node.engine.behave('nginx:1', { pull: 'hang' });
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, name: 'stuck', container: { image: 'nginx:1' } }));
    await node.create(aPod({ nodeName: NODE_NAME }));
    expect(node.isReady()).toBe(true);
    await node.clock.advance(601_000);
    expect(node.containerStatus('main', 'stuck').state?.waiting?.reason).toBe('ErrImagePull');
  });

  test('an image that was removed behind our back is pulled again', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    node.engine.removeImageByHand('busybox:1.36');
    node.engine.removeByHand(node.living().id);
    await node.clock.advance(60_000);
    expect(node.isReady()).toBe(true);
  });
});

describe('restarts', () => {
  test('a killed container is restarted at once, and the dead one is kept', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    const first = node.living();
    node.engine.crash(first.id, 137);
    await node.clock.settle();
    expect(node.living().id).not.toBe(first.id);
    expect(node.containerStatus()).toMatchObject({ restartCount: 1, ready: true, lastState: { terminated: { exitCode: 137 } } });
    expect(node.runs().map((run) => run.id)).toContain(first.id);
  });

  test('a crash loop backs off 10 s, 20 s, …, over a restart of the kubelet, and keeps two runs', async () => {
    node.engine.behave('busybox:1.36', { exitAfterMs: 1, exitCode: 1 });
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    const startedAt = (): number => node.runs().at(-1)?.startedAtMs ?? 0;
    await node.clock.advance(100);
    expect(node.containerStatus()).toMatchObject({ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } });
    const starts = [startedAt()];
    await node.restart();
    for (const delay of [10_000, 20_000, 40_000]) {
      await node.clock.advance(delay + 100);
      starts.push(startedAt());
    }
    expect(starts.slice(1).map((at, index) => Math.floor((at - (starts[index] ?? 0)) / 1000))).toEqual([10, 20, 40]);
    expect(node.runs()).toHaveLength(2);
    expect(node.containerStatus().restartCount).toBe(4);
  });

  test('a long run starts the row over', async () => {
    node.engine.behave('busybox:1.36', { exitAfterMs: 700_000, exitCode: 1 });
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    await node.clock.advance(700_000 * 3 + 1_000);
    expect(node.containerStatus()).toMatchObject({ restartCount: 3, state: { running: {} } });
  });

  test.each([
    ['OnFailure', 0, 'Succeeded', 1],
    ['Never', 0, 'Succeeded', 1],
    ['Never', 3, 'Failed', 1],
    ['OnFailure', 3, 'Running', 2],
  ] as const)('policy %s with exit code %i ends as %s', async (restartPolicy, exitCode, phase, runs) => {
    node.engine.behave('busybox:1.36', { exitAfterMs: 1_000, exitCode });
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, spec: { restartPolicy } }));
    await node.clock.advance(5_000);
    expect(node.status().phase).toBe(phase);
    expect(node.runs()).toHaveLength(runs);
  });

  test('a container that cannot be started is told and backs off', async () => {
    node.engine.behave('busybox:1.36', { startError: 'exec: "nope": not found' });
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    expect(node.containerStatus().state?.waiting).toMatchObject({
      reason: 'RunContainerError',
      message: 'exec: "nope": not found',
    });
    await node.clock.advance(4_000);
    expect(node.containerStatus()).toMatchObject({ state: { waiting: {} }, lastState: { terminated: { reason: 'StartError' } } });
    node.engine.behave('busybox:1.36', {});
    await node.clock.advance(60_000);
    expect(node.isReady()).toBe(true);
  });

  test('a container that was removed by hand comes back', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    node.engine.removeByHand(node.living().id);
    await node.clock.settle();
    expect(node.containerStatus()).toMatchObject({
      ready: true,
      restartCount: 1,
      lastState: { terminated: { reason: 'ContainerStatusUnknown' } },
    });
  });

  test.each([
    ['memory', { memoryBytes: 1024 }, 'memory 0 → 1024'],
    ['restart policy', { restartPolicy: 'always' }, 'restartPolicy no → always'],
    ['name', { name: 'mine' }, '→ mine'],
  ] as const)('a container whose %s was edited by hand is replaced, and the reason names it', async (_what, edit, words) => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    const first = node.living().id;
    node.engine.edit(first, edit);
    await node.clock.settle();
    expect(node.living().id).not.toBe(first);
    expect(node.events().join('\n')).toContain(words);
  });

  test('a paused container is replaced', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    node.engine.pause(node.living().id);
    await node.clock.settle();
    expect(node.isReady()).toBe(true);
    expect(node.runs()).toHaveLength(2);
  });

  test.each([
    ['died', (): void => node.engine.crash(node.sandboxes()[0]?.id ?? '', 137)],
    ['was removed', (): void => node.engine.removeByHand(node.sandboxes()[0]?.id ?? '')],
    ['lost its network', (): void => node.engine.edit(node.sandboxes()[0]?.id ?? '', { networks: [] })],
  ])('a pod whose sandbox %s is made anew as a whole', async (_what, strike) => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    const [container, sandbox] = [node.living().id, node.sandboxes()[0]?.id];
    strike();
    await node.clock.settle();
    // Whatever events the engine leaves out, the listing finds.
    await node.clock.advance(31_000);
    expect(node.isReady()).toBe(true);
    expect(node.living().id).not.toBe(container);
    expect(node.sandboxes().map((each) => each.id)).not.toContain(sandbox);
    expect(node.sandboxes()).toHaveLength(1);
  });
});

describe('deletion', () => {
  test('everything goes, the object last', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, spec: { volumes: [{ name: 'tmp', emptyDir: {} }] } }));
    expect(node.engine.volumes()).toHaveLength(1);
    await node.deletePod('web', 30);
    expect(node.store.list('Pod')).toEqual([]);
    expect(node.engine.containers()).toEqual([]);
    expect(node.engine.volumes()).toEqual([]);
  });

  test('a container that ignores the request is killed when its grace is over, even by another kubelet', async () => {
    node.engine.behave('busybox:1.36', { ignoresTerm: true });
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    await node.deletePod('web', 20);
    await node.clock.advance(19_000);
    expect(node.living().state).toBe('running');
    await node.restart();
    await node.clock.advance(21_000);
    expect(node.engine.containers()).toEqual([]);
    expect(node.store.list('Pod')).toEqual([]);
  });

  test('grace 0 kills at once', async () => {
    node.engine.behave('busybox:1.36', { ignoresTerm: true });
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    await node.deletePod('web', 0);
    expect(node.store.list('Pod')).toEqual([]);
  });

  test('waiting for grace does not hold up other pods', async () => {
    node.engine.behave('busybox:1.36', { ignoresTerm: true });
    await node.start();
    for (let index = 0; index < 10; index++) await node.create(aPod({ nodeName: NODE_NAME, name: `old-${index}` }));
    for (let index = 0; index < 10; index++) await node.deletePod(`old-${index}`, 30);
    await node.create(aPod({ nodeName: NODE_NAME }));
    expect(node.isReady()).toBe(true);
  });

  test('containers of a pod that is gone from the store are ended and removed', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, spec: { volumes: [{ name: 'tmp', emptyDir: {} }] } }));
    await node.store.write([{ op: 'remove', key: { kind: 'Pod', namespace: 'default', name: 'web' } }]);
    await node.clock.settle();
    expect(node.engine.containers()).toEqual([]);
    expect(node.engine.volumes()).toEqual([]);
  });
});

describe('configuration', () => {
  const volume = { name: 'config', configMap: { name: 'config' } };
  const mounted = {
    volumes: [volume],
    containers: [aContainer({ volumeMounts: [{ name: 'config', mountPath: '/etc/app' }] })],
  } as const;
  const spec = { ...mounted, volumes: [...mounted.volumes], containers: [mounted.containers[0]] } as NonNullable<
    Parameters<typeof aPod>[0]
  >['spec'];

  test('a ConfigMap volume is there before the container and follows changes', async () => {
    await node.start();
    await node.create(aConfigMap({ data: { a: '1', gone: 'x' } }));
    await node.create(aPod({ nodeName: NODE_NAME, ...(spec === undefined ? {} : { spec }) }));
    const id = node.living().id;
    expect(node.engine.textOf(id, '/etc/app/a')).toBe('1');
    const old = node.store.get('ConfigMap', 'default', 'config');
    if (old === undefined) throw new Error('no ConfigMap');
    await node.store.write([{ op: 'update', resource: { ...old, data: { a: '2', b: 'new' } } }]);
    await node.clock.settle();
    expect(node.living().id).toBe(id);
    expect(node.engine.textOf(id, '/etc/app/a')).toBe('2');
    expect(node.engine.textOf(id, '/etc/app/b')).toBe('new');
    expect(node.engine.textOf(id, '/etc/app/gone')).toBeUndefined();
  });

  test('a change while no kubelet ran is caught up with', async () => {
    await node.start();
    await node.create(aConfigMap({ data: { a: '1' } }));
    await node.create(aPod({ nodeName: NODE_NAME, ...(spec === undefined ? {} : { spec }) }));
    await node.kubelet.stop();
    const old = node.store.get('ConfigMap', 'default', 'config');
    if (old === undefined) throw new Error('no ConfigMap');
    await node.store.write([{ op: 'update', resource: { ...old, data: { a: '2', b: '3' } } }]);
    node.kubelet = node.newKubelet();
    await node.start();
    expect(node.engine.textOf(node.living().id, '/etc/app/a')).toBe('2');
    expect(node.engine.textOf(node.living().id, '/etc/app/b')).toBe('3');
  });

  test('a pod waits for a ConfigMap that is not there, says so, and starts when it comes', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, ...(spec === undefined ? {} : { spec }) }));
    expect(node.containerStatus().state?.waiting?.message).toBe(
      'MountVolume.SetUp failed for volume "config" : configmap "config" not found',
    );
    expect(node.engine.containers()).toEqual([]);
    await node.create(aConfigMap());
    expect(node.isReady()).toBe(true);
  });

  test('a missing Secret key is a CreateContainerConfigError until it is there', async () => {
    await node.start();
    const env = [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'secret', key: 'other' } } }];
    await node.create(aSecret());
    await node.create(aPod({ nodeName: NODE_NAME, container: { env } }));
    expect(node.containerStatus().state?.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: "couldn't find key other in Secret default/secret",
    });
    const old = node.store.get('Secret', 'default', 'secret');
    if (old === undefined) throw new Error('no Secret');
    await node.store.write([{ op: 'update', resource: { ...old, data: { other: 'c2VjcmV0' } } }]);
    await node.clock.settle();
    expect(node.engine.spec(node.living().id).env).toEqual(['PASSWORD=secret']);
    expect(JSON.stringify(node.engine.containers())).not.toContain('c2VjcmV0');
  });

  test('a pod waits for its claim, and for the Docker volume behind it', async () => {
    await node.start();
    const claimed = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
    await node.create(
      aPod({ nodeName: NODE_NAME, spec: claimed, container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] } }),
    );
    expect(node.containerStatus().state?.waiting?.message).toBe('persistentvolumeclaim "data" not found');
    const annotations = { 'volume.kubernetes.io/selected-node': NODE_NAME };
    await node.create(aClaim({ annotations }));
    expect(node.containerStatus().state?.waiting?.message).toBe('persistentvolumeclaim "data" is not bound yet');
    const [volume] = node.store.list('PersistentVolume');
    const claim = node.store.get('PersistentVolumeClaim', 'default', 'data');
    if (volume === undefined || claim === undefined) throw new Error('no volume was made');
    const key = { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data' } as const;
    await node.store.write([
      { op: 'update', resource: { ...claim, spec: { ...claim.spec, volumeName: volume.metadata.name } } },
      { op: 'updateStatus', key, uid: claim.metadata.uid, status: { phase: 'Bound' } },
    ]);
    await node.clock.settle();
    expect(node.isReady()).toBe(true);
    expect(node.engine.spec(node.living().id).mounts).toContainEqual({
      type: 'volume',
      volume: 'hf-test-default-data',
      target: '/data',
      readOnly: false,
    });
    await node.deletePod('web', 0);
    await node.store.write([{ op: 'remove', key }]);
    await node.clock.advance(60_000);
    expect(node.engine.volumes().map((each) => each.name)).toEqual(['hf-test-default-data']);
  });
});

describe('probes', () => {
  test('not ready until the readiness probe succeeds', async () => {
    node.answer = { ok: false, message: 'HTTP probe failed with statuscode: 503' };
    await node.start();
    const readinessProbe = { httpGet: { path: '/ready', port: 'web' }, periodSeconds: 5 };
    await node.create(
      aPod({ nodeName: NODE_NAME, container: { ports: [{ name: 'web', containerPort: 8080 }], readinessProbe } }),
    );
    await node.clock.advance(6_000);
    expect(node.isReady()).toBe(false);
    expect(node.status().phase).toBe('Running');
    expect(node.events()).toContain('Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503');
    node.answer = { ok: true };
    await node.clock.advance(5_000);
    expect(node.isReady()).toBe(true);
    expect(node.asked[0]).toBe(`http://${node.sandboxes()[0]?.ip}:8080/ready`);
  });

  test('readiness survives a new kubelet', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, container: { readinessProbe: { tcpSocket: { port: 80 } } } }));
    await node.clock.advance(1_000);
    const revision = node.store.revision();
    await node.restart();
    await node.clock.advance(30_000);
    expect(node.store.revision()).toBe(revision);
    expect(node.isReady()).toBe(true);
  });

  test('a new kubelet lets half a period pass before it asks a container that was ready, then asks again', async () => {
    await node.start();
    const readinessProbe = { tcpSocket: { port: 80 }, periodSeconds: 10 };
    await node.create(aPod({ nodeName: NODE_NAME, container: { readinessProbe } }));
    await node.clock.advance(60_000);
    const asked = node.asked.length;
    await node.restart();
    await node.clock.advance(4_999);
    expect(node.asked.length).toBe(asked);
    await node.clock.advance(5_001);
    expect(node.asked.length).toBe(asked + 1);
  });

  test('a failed liveness probe restarts the container, and the startup probe holds it back', async () => {
    let exitCode = 0;
    node.engine.behave('busybox:1.36', {
      execResult: (command) => ({ exitCode: command[0] === 'alive' ? exitCode : 0, output: 'dead' }),
    });
    await node.start();
    const startupProbe = { exec: { command: ['started'] }, initialDelaySeconds: 30 };
    const livenessProbe = { exec: { command: ['alive'] }, periodSeconds: 1, failureThreshold: 2 };
    await node.create(aPod({ nodeName: NODE_NAME, container: { startupProbe, livenessProbe } }));
    exitCode = 1;
    await node.clock.advance(29_000);
    expect(node.containerStatus()).toMatchObject({ restartCount: 0, started: false, ready: false });
    await node.clock.advance(5_000);
    expect(node.containerStatus()).toMatchObject({ restartCount: 1 });
    expect(node.events()).toContain('Killing: Container main failed liveness probe, will be restarted');
  });
});

describe('faults', () => {
  test('an engine that does not answer makes the node not ready, and its return heals both', async () => {
    await node.start();
    let isDown = true;
    node.engine.faults = () => (isDown ? new EngineError('Unreachable', 'connection refused') : undefined);
    await node.create(aPod({ nodeName: NODE_NAME }));
    await node.clock.advance(5_000);
    const ready = (): unknown => findCondition(node.store.get('Node', '', NODE_NAME)?.status?.conditions, 'Ready');
    expect(ready()).toMatchObject({ status: 'False', message: 'connection refused' });
    isDown = false;
    await node.clock.advance(60_000);
    expect(ready()).toMatchObject({ status: 'True' });
    expect(node.isReady()).toBe(true);
  });

  test.each(['create', 'start', 'inspect', 'putFiles', 'ensureVolume', 'ensureNetwork', 'image', 'importImage'])(
    'an answer to %s that got lost leads to one sandbox and one container',
    async (call) => {
      let left = 2;
      node.engine.faults = (name) => (name === call && left-- > 0 ? 'late-success' : undefined);
      await node.start();
      await node.create(aPod({ nodeName: NODE_NAME, spec: { volumes: [{ name: 'tmp', emptyDir: {} }] } }));
      await node.clock.advance(30_000);
      expect(node.isReady()).toBe(true);
      expect([node.sandboxes().length, node.runs().length]).toEqual([1, 1]);
    },
  );

  test('a call that hangs is given up and made again', async () => {
    let left = 1;
    node.engine.faults = (name) => (name === 'start' && left-- > 0 ? 'hang' : undefined);
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    await node.clock.advance(90_000);
    expect(node.isReady()).toBe(true);
    expect(node.runs()).toHaveLength(1);
  });

  test('what happened while the event stream was broken is found', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    node.engine.faults = (name) => (name === 'events' ? new EngineError('Unreachable', 'gone') : undefined);
    node.engine.breakEvents();
    await node.clock.settle();
    node.engine.crash(node.living().id, 1);
    await node.clock.advance(31_000);
    expect(node.containerStatus()).toMatchObject({ restartCount: 1, ready: true });
  });

  test.each(Array.from({ length: 12 }, (_each, index) => index))(
    'killed after %i calls, the next kubelet finishes without a duplicate',
    async (after) => {
      let calls = 0;
      let isDead = false;
      node.engine.faults = () => {
        calls += 1;
        isDead = isDead || calls > after + 4;
        return isDead ? 'hang' : undefined;
      };
      await node.kubelet.start();
      await node.create(aPod({ nodeName: NODE_NAME, spec: { volumes: [{ name: 'tmp', emptyDir: {} }] } }));
      node.engine.faults = () => undefined;
      await node.restart();
      await node.clock.advance(10_000);
      expect(node.isReady()).toBe(true);
      expect([node.sandboxes().length, node.runs().length]).toEqual([1, 1]);
      expect(node.containerStatus().restartCount).toBe(0);
    },
  );

  test('a taken host port is told, and the pod comes up when it is free', async () => {
    const ports = [{ containerPort: 80, hostPort: 8080 }];
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, name: 'holder', container: { ports } }));
    await node.create(aPod({ nodeName: NODE_NAME, container: { ports } }));
    expect(node.containerStatus().state?.waiting?.message).toContain('port is already allocated');
    await node.deletePod('holder', 0);
    await node.clock.advance(30_000);
    expect(node.isReady()).toBe(true);
  });
});

describe('a lost store', () => {
  test('pods and their ReplicaSet come back, and no container restarts', async () => {
    await node.start();
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'rs-uid', controller: true };
    const labels = { app: 'web', 'pod-template-hash': '1' };
    for (const name of ['web-1-a', 'web-1-b']) {
      const pod = aPod({ nodeName: NODE_NAME, name, labels, annotations: { 'holdfast.dev/application': 'shop', note: 'x' } });
      await node.create({ ...pod, metadata: { ...pod.metadata, ownerReferences: [owner] } }, `${name}-uid-0000`);
    }
    await node.create(aPod({ nodeName: NODE_NAME, name: 'bare' }));
    const before = node.engine.containers();
    const calls = node.engine.calls.length;
    await node.loseStore();
    await node.clock.advance(60_000);
    expect(node.engine.containers()).toEqual(before);
    expect(writesSince(calls)).toEqual([]);
    expect(node.store.list('Pod').map((pod) => [pod.metadata.name, pod.status?.phase])).toEqual([
      ['bare', 'Running'],
      ['web-1-a', 'Running'],
      ['web-1-b', 'Running'],
    ]);
    expect(node.pod('web-1-a').metadata).toMatchObject({ uid: 'web-1-a-uid-0000', ownerReferences: [owner] });
    const replicaSet = node.store.get('ReplicaSet', 'default', 'web-1');
    expect(replicaSet?.metadata).toMatchObject({
      uid: 'rs-uid',
      annotations: { 'holdfast.dev/application': 'shop', [RECOVERED_ANNOTATION]: 'true' },
    });
    expect(replicaSet?.spec).toMatchObject({
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations: { note: 'x' } }, spec: { restartPolicy: 'Always' } },
    });
    expect(replicaSet?.spec.template?.spec.nodeName).toBeUndefined();
  });

  test('a pod waits for what lives on of a forgotten pod of its name', async () => {
    node.engine.behave('busybox:1.36', { ignoresTerm: true });
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    const old = node.living();
    // Without its sandbox, nobody knows the pod again.
    for (const { id } of node.sandboxes()) node.engine.removeByHand(id);
    await node.loseStore();
    await node.create(aPod({ nodeName: NODE_NAME }), 'another');
    expect(node.engine.containers().map(({ id }) => id)).toEqual([old.id]);
    await node.clock.advance(31_000);
    expect(node.living().labels['holdfast.dev/pod-uid']).toBe('another');
    expect(node.runs()).toHaveLength(1);
  });

  test('a pod that the store knows is left as it is', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    const before = node.pod();
    await node.create(aReplicaSet());
    await node.restart();
    expect(node.pod()).toEqual(before);
  });
});
