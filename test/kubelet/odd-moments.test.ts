// What happens behind the kubelet's back, or at the worst moment: nothing that runs is harmed by it, and nothing waits for ever.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ContainerSpec, EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { CONTAINER_LABEL, SANDBOX_START_LABEL } from '../../src/kubelet/labels.ts';
import { aConfigMap, aPod } from '../support/builders.ts';
import { plainContainer } from '../support/plain-container.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';

let node: SmallNode;
beforeEach(() => {
  node = new SmallNode();
});
afterEach(async () => {
  await node.kubelet.stop();
});

const withConfig = (options: Parameters<typeof aPod>[0] = {}): ReturnType<typeof aPod> =>
  aPod({
    nodeName: NODE_NAME,
    spec: { volumes: [{ name: 'config', configMap: { name: 'config' } }] },
    container: { volumeMounts: [{ name: 'config', mountPath: '/etc/app' }] },
    ...options,
  });

describe('a sandbox that somebody restarted by hand keeps its id, but its network is another one', () => {
  const restartSandbox = async (): Promise<void> => {
    const [sandbox] = node.sandboxes();
    await node.clock.advance(1_000);
    node.engine.restartByHand(sandbox?.id ?? '');
    await node.clock.advance(60_000);
  };

  test('its containers are started anew in a new one, and see their files', async () => {
    await node.create(aConfigMap({ name: 'config', data: { key: 'value' } }));
    await node.start();
    await node.create(withConfig());
    const before = node.living();
    await restartSandbox();
    expect(node.isReady()).toBe(true);
    expect(node.living().id).not.toBe(before.id);
    expect(node.engine.textOf(node.living().id, '/etc/app/key')).toBe('value');
    expect(node.sandboxes()).toHaveLength(1);
    expect(node.events().join('\n')).toMatch(/SandboxChanged: .*it was restarted by hand/);
  });

  test('a kubelet that was not there meanwhile notices', async () => {
    await node.create(aConfigMap({ name: 'config', data: { key: 'value' } }));
    await node.start();
    await node.create(withConfig());
    const before = node.living();
    await node.kubelet.stop();
    await restartSandbox();
    await node.restart();
    await node.clock.advance(60_000);
    expect(node.isReady()).toBe(true);
    expect(node.living().id).not.toBe(before.id);
  });

  test('before its first container: its volumes are filled again', async () => {
    await node.create(aConfigMap({ name: 'config', data: { key: 'value' } }));
    node.engine.behave('other:1', { pull: 'unreachable' });
    await node.start();
    await node.create(withConfig({ container: { image: 'other:1', volumeMounts: [{ name: 'config', mountPath: '/etc/app' }] } }));
    await restartSandbox();
    node.engine.behave('other:1', {});
    await node.clock.advance(120_000);
    expect(node.engine.textOf(node.living().id, '/etc/app/key')).toBe('value');
  });
});

describe('an engine that does not answer for longer than the grace of what is to end', () => {
  test('a container has its hook and its whole grace all the same', async () => {
    const hook: number[] = [];
    const kills: (readonly [string, number])[] = [];
    node.engine.behave('busybox:1.36', {
      ignoresTerm: true,
      execResult: () => {
        hook.push(node.clock.now());
        return { exitCode: 0, output: '' };
      },
    });
    await node.start();
    const spec = { terminationGracePeriodSeconds: 20 };
    await node.create(aPod({ nodeName: NODE_NAME, spec, container: { lifecycle: { preStop: { exec: { command: ['bye'] } } } } }));
    let isAway = true;
    node.engine.faults = (name, [, how]) => {
      if (isAway && name !== 'events') return new EngineError('Unreachable', 'connection refused');
      if (name === 'kill') kills.push([String(how), node.clock.now()]);
      return undefined;
    };
    await node.deletePod('web', 20);
    await node.clock.advance(60_000);
    isAway = false;
    const backAt = node.clock.now();
    await node.clock.advance(120_000);
    expect(node.store.list('Pod')).toEqual([]);
    expect(hook).toHaveLength(1);
    const killed = kills.find(([how]) => how === 'kill')?.[1] ?? 0;
    expect(killed - backAt).toBeGreaterThanOrEqual(20_000);
  });
});

test('a container that the engine refuses to ask to stop is killed when its grace is over', async () => {
  const refusal = new EngineError('Failed', 'Invalid signal: SIGNONE');
  node.engine.faults = (name, [, how]) => (name === 'kill' && how === 'stop' ? refusal : undefined);
  await node.start();
  await node.create(aPod({ nodeName: NODE_NAME }));
  await node.deletePod('web', 10);
  await node.clock.advance(9_000);
  expect(node.living().state).toBe('running');
  await node.clock.advance(40_000);
  expect(node.store.list('Pod')).toEqual([]);
});

test('last words that cannot be read in time keep no container from being started again', async () => {
  node.engine.faults = (name) => (name === 'readFile' ? 'hang' : undefined);
  await node.start();
  await node.create(aPod({ nodeName: NODE_NAME }));
  node.engine.crash(node.living().id, 1);
  await node.clock.advance(120_000);
  expect(node.containerStatus()).toMatchObject({ ready: true, restartCount: 1 });
});

test('a volume whose removal never ends keeps no pod', async () => {
  await node.start();
  await node.create(aPod({ nodeName: NODE_NAME, spec: { volumes: [{ name: 'tmp', emptyDir: {} }] } }));
  node.engine.faults = (name) => (name === 'removeVolume' ? 'hang' : undefined);
  await node.deletePod('web', 1);
  await node.clock.advance(120_000);
  expect(node.store.list('Pod')).toEqual([]);
  node.engine.faults = () => undefined;
  await node.clock.advance(400_000);
  expect(node.engine.volumes()).toEqual([]);
});

test('a pod that waits for its RuntimeClass starts when there is one', async () => {
  await node.start();
  await node.create(aPod({ nodeName: NODE_NAME, spec: { runtimeClassName: 'plain' } }));
  expect(node.containerStatus().state?.waiting?.message).toBe('RuntimeClass "plain" not found');
  await node.create({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'plain' }, handler: 'runc' });
  await node.clock.advance(5_000);
  expect(node.isReady()).toBe(true);
});

test('a listing that was begun in the middle of a pass forgets no volume of that pass', async () => {
  await node.create(aConfigMap({ name: 'config', data: { key: 'value' } }));
  await node.start();
  await node.clock.advance(29_999);
  // The pass begins, its call takes long; the listing is begun and answered meanwhile.
  let release: (() => void) | undefined;
  const original = node.engine.ensureVolume.bind(node.engine);
  node.engine.ensureVolume = async (...args) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return await original(...args);
  };
  const volumes = node.engine.listVolumes.bind(node.engine);
  let answer: (() => void) | undefined;
  node.engine.listVolumes = async (...args) => {
    const listed = await volumes(...args);
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return listed;
  };
  await node.create(withConfig());
  await node.clock.advance(10);
  release?.();
  await node.clock.settle();
  expect(node.isReady()).toBe(true);
  answer?.();
  await node.clock.settle();
  node.engine.listVolumes = volumes;
  await node.deletePod('web', 1);
  await node.clock.advance(5_000);
  expect(node.store.list('Pod')).toEqual([]);
  expect(node.engine.volumes()).toEqual([]);
});

test('a message at the place of a volume is read from that volume, which is mounted once', async () => {
  await node.start();
  await node.create(
    aPod({
      nodeName: NODE_NAME,
      spec: { volumes: [{ name: 'out', emptyDir: {} }] },
      container: { terminationMessagePath: '/out', volumeMounts: [{ name: 'out', mountPath: '/out' }] },
    }),
  );
  const targets = node.engine.spec(node.living().id).mounts.map(({ target }) => target);
  expect(targets).toEqual(['/out']);
});

test('a sandbox is shut to containers that share its processes: it mounts more than they do', async () => {
  await node.start();
  await node.create(aPod({ nodeName: NODE_NAME, spec: { shareProcessNamespace: true } }));
  await node.create(aPod({ nodeName: NODE_NAME, name: 'plain' }));
  const added = node.sandboxes().map(({ id }) => node.engine.spec(id).security?.addCapabilities);
  expect(added).toEqual([['SYS_PTRACE'], undefined]);
});

test('what a killed kubelet left of a copy is removed', async () => {
  await node.start();
  await node.create(aPod({ nodeName: NODE_NAME }));
  const signal = new AbortController().signal;
  await node.engine.create(
    {
      ...plainContainer,
      name: 'hf.test._image.abc',
      image: 'busybox:1.36',
      labels: { 'holdfast.dev/cluster': 'test', 'holdfast.dev/role': 'carrier' },
      network: { type: 'network', name: 'holdfast-test' },
    },
    signal,
  );
  await node.restart();
  expect(node.engine.containers().map(({ labels }) => labels['holdfast.dev/role'])).toEqual(['sandbox', 'container']);
  expect(node.isReady()).toBe(true);
});

test('what an ended container left to say is read before its sandbox is taken away', async () => {
  await node.start();
  await node.create(aPod({ nodeName: NODE_NAME }));
  const { id } = node.living();
  const content = Buffer.from('out of ideas');
  await node.engine.putFiles(id, '/dev', [{ path: 'termination-log', type: 'file', mode: 0o666, content }], AbortSignal.any([]));
  node.engine.crash(node.sandboxes()[0]?.id ?? '', 255);
  node.engine.crash(id, 255);
  await node.clock.advance(60_000);
  expect(node.isReady()).toBe(true);
  expect(node.containerStatus().lastState?.terminated).toMatchObject({ exitCode: 255, message: 'out of ideas' });
});

describe('a container that a killed kubelet made and did not start', () => {
  const made = (spec: unknown): boolean => (spec as ContainerSpec).labels?.[CONTAINER_LABEL] === 'main';
  beforeEach(async () => {
    let isAway = false;
    node.engine.faults = (name, [spec]) => {
      if (isAway) return new EngineError('Unreachable', 'connection refused');
      isAway = name === 'create' && made(spec);
      return isAway ? 'late-success' : undefined;
    };
    await node.start();
    await node.create(
      aPod({
        nodeName: NODE_NAME,
        spec: { volumes: [{ name: 'host', hostPath: { path: '/srv', type: 'Directory' } }] },
        container: { volumeMounts: [{ name: 'host', mountPath: '/srv' }] },
      }),
    );
    expect(node.runs()).toMatchObject([{ state: 'created' }]);
    await node.kubelet.stop();
  });

  test('has its paths of the host looked at before it starts', async () => {
    // Creating it again finds it, and looks at its paths again: here they are not what they have to be.
    const refusal = new EngineError('Invalid', 'hostPath type check failed: /srv is not a directory');
    node.engine.faults = (name, [spec]) => (name === 'create' && made(spec) ? refusal : undefined);
    await node.restart();
    await node.clock.advance(30_000);
    expect(node.containerStatus().state?.waiting).toEqual({ reason: 'CreateContainerError', message: refusal.message });
    node.engine.faults = () => undefined;
    await node.clock.advance(60_000);
    expect(node.isReady()).toBe(true);
  });

  test('is made anew when an older version made it, which labelled less', async () => {
    node.engine.faults = () => undefined;
    const [before] = node.runs();
    const spec = node.engine.spec(before?.id ?? '');
    const { [SANDBOX_START_LABEL]: _start, ...labels } = spec.labels;
    node.engine.removeByHand(before?.id ?? '');
    await node.engine.create({ ...spec, labels }, new AbortController().signal);
    await node.restart();
    await node.clock.advance(5_000);
    expect(node.isReady()).toBe(true);
  });
});
