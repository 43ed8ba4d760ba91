// Hosts that are not as one would like them: without control groups, renamed, full, with somebody else's hands in them.
import { beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { aPod } from '../support/builders.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';

let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
});

describe('an engine that cannot enforce', () => {
  test.each([[['cpuShares']], [['memory']], [['memory', 'cpuShares']]] as const)(
    '%s runs a pod once, and does not take it for edited by hand',
    async (resources) => {
      node.engine.cannotEnforce(...resources);
      await node.start();
      await node.create(aPod({ nodeName: NODE_NAME, container: { resources: { limits: { cpu: '100m', memory: '64Mi' } } } }));
      await node.clock.advance(120_000);
      expect(node.isReady()).toBe(true);
      expect(node.runs()).toHaveLength(1);
      expect(node.sandboxes()).toHaveLength(1);
    },
  );

  test('a limit that has no effect is told', async () => {
    node.engine.cannotEnforce('memory');
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, container: { resources: { limits: { memory: '64Mi' } } } }));
    await node.clock.advance(120_000);
    const message = 'Created container main; its memory limit has no effect, because this Docker Engine cannot limit memory';
    expect(node.events()).toContain(`Created: ${message}`);
  });
});

describe('a host that gets another name', () => {
  test('keeps its node, and its pods are looked after', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    const first = node.living().id;
    node.engine.renameHost('elsewhere');
    await node.restart();
    expect(node.store.list('Node').map(({ metadata }) => metadata.name)).toEqual([NODE_NAME]);
    expect(node.living().id).toBe(first);
    node.engine.crash(first, 1);
    await node.clock.settle();
    expect(node.containerStatus()).toMatchObject({ ready: true, restartCount: 1 });
    await node.deletePod('web', 0);
    expect(node.engine.containers()).toEqual([]);
  });

  test('and loses its store, has its pods under the new name', async () => {
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    const first = node.living().id;
    node.engine.renameHost('elsewhere');
    await node.loseStore();
    expect(node.pod().spec.nodeName).toBe('elsewhere');
    expect(node.living().id).toBe(first);
    node.engine.crash(first, 1);
    await node.clock.settle();
    expect(node.containerStatus()).toMatchObject({ ready: true, restartCount: 1 });
  });
});

describe('a step that the engine refuses', () => {
  const pod = (): ReturnType<typeof aPod> =>
    aPod({
      nodeName: NODE_NAME,
      spec: { volumes: [{ name: 'tmp', emptyDir: {} }] },
      container: { volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }] },
    });

  const SANDBOX = ['FailedCreatePodSandBox', 'Failed to create pod sandbox: '] as const;
  const VOLUMES = ['FailedMount', 'Unable to attach or mount volumes: unmounted volumes=[tmp]: '] as const;

  test.each([
    ['image', 'disk I/O error', SANDBOX],
    ['importImage', 'no space left on device', SANDBOX],
    ['ensureNetwork', 'could not find an available, non-overlapping IPv4 address pool', SANDBOX],
    ['ensureVolume', 'no space left on device', SANDBOX],
    ['putFiles', 'no space left on device', VOLUMES],
  ])('%s: the pod says why it waits, and starts when it can', async (call, message, [reason, words]) => {
    let isRefusing = true;
    node.engine.faults = (name) => (isRefusing && name === call ? new EngineError('Failed', message) : undefined);
    await node.start();
    await node.create(pod());
    await node.clock.advance(40_000);
    expect(node.containerStatus().state?.waiting).toEqual({
      reason: 'ContainerCreating',
      message: words + message,
    });
    expect(node.events()).toContain(`${reason}: ${words}${message}`);
    isRefusing = false;
    await node.clock.advance(310_000);
    expect(node.isReady()).toBe(true);
  });

  test.each(['kill', 'remove'])('%s of a pod that is to go: an event says why it stays', async (call) => {
    await node.start();
    await node.create(pod());
    const error = new EngineError('Failed', 'device or resource busy');
    node.engine.faults = (name) => (name === call ? error : undefined);
    await node.deletePod('web', 1);
    await node.clock.advance(40_000);
    expect(node.events()).toContain('FailedSync: Error syncing pod: device or resource busy');
    node.engine.faults = () => undefined;
    await node.clock.advance(40_000);
    expect(node.store.list('Pod')).toEqual([]);
    expect(node.engine.containers()).toEqual([]);
  });

  test('one that never answers, on an engine that does: an event says so', async () => {
    node.engine.faults = (name) => (name === 'create' ? 'hang' : undefined);
    await node.start();
    await node.create(pod());
    await node.clock.advance(70_000);
    expect(node.events().join()).toMatch(/FailedSync: Error syncing pod: creating hf\.test\S+ did not finish within 60 s/);
  });

  test('a volume that somebody else still uses keeps no pod, and goes when it is free', async () => {
    await node.start();
    await node.create(pod());
    let isInUse = true;
    const error = new EngineError('Conflict', 'volume is in use');
    node.engine.faults = (name) => (isInUse && name === 'removeVolume' ? error : undefined);
    await node.deletePod('web', 1);
    await node.clock.advance(5_000);
    expect(node.store.list('Pod')).toEqual([]);
    expect(node.engine.volumes()).toHaveLength(1);
    isInUse = false;
    await node.clock.advance(40_000);
    expect(node.engine.volumes()).toEqual([]);
  });
});

describe('a clock that is set back by a day', () => {
  const DAY_MS = 86_400_000;

  test('holds up no restart', async () => {
    node.engine.behave('busybox:1.36', { exitAfterMs: 1_000, exitCode: 1 });
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    await node.clock.advance(5_000);
    expect(node.containerStatus()).toMatchObject({ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } });
    node.engine.behave('busybox:1.36', {});
    node.clock.set(-DAY_MS);
    await node.clock.advance(60_000);
    expect(node.isReady()).toBe(true);
  });

  test.each(['create', 'ensureNetwork'])('holds up no second try of %s', async (call) => {
    let isRefusing = true;
    node.engine.faults = (name) => (isRefusing && name === call ? new EngineError('Failed', 'no') : undefined);
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    await node.clock.advance(10_000);
    isRefusing = false;
    node.clock.set(-DAY_MS);
    await node.clock.advance(60_000);
    expect(node.isReady()).toBe(true);
  });

  test('holds up no second pull', async () => {
    node.engine.behave('other:1', { pull: 'unreachable' });
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME, container: { image: 'other:1' } }));
    await node.clock.advance(15_000);
    node.engine.behave('other:1', {});
    node.clock.set(-DAY_MS);
    await node.clock.advance(60_000);
    expect(node.isReady()).toBe(true);
  });

  test('does not keep alive what ignores the request to stop', async () => {
    node.engine.behave('busybox:1.36', { ignoresTerm: true });
    await node.start();
    await node.create(aPod({ nodeName: NODE_NAME }));
    await node.deletePod('web', 20);
    await node.clock.advance(10_000);
    node.clock.set(-DAY_MS);
    await node.clock.advance(45_000);
    expect(node.store.list('Pod')).toEqual([]);
    expect(node.engine.containers()).toEqual([]);
  });
});
