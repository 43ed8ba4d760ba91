// The life of pods from their start to their end, on the fake engine: init containers, sidecars, hooks, deadlines, last words.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { CONTAINER_LABEL } from '../../src/kubelet/labels.ts';
import { findCondition } from '../../src/model/conditions.ts';
import type { Container, PodStatus } from '../../src/model/resource.ts';
import { aContainer, aPod, type PodOptions } from '../support/builders.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';

let node: SmallNode;
/** `create init`, `start main`, `kill main stop`, `remove main`, `exec …`: what the engine was asked for, in order. */
let story: string[];
beforeEach(async () => {
  node = new SmallNode();
  story = [];
  const nameOf = (id: unknown): string =>
    node.engine.containers().find((each) => each.id === id)?.labels[CONTAINER_LABEL] ?? 'sandbox';
  node.engine.faults = (call, [first, second]) => {
    if (call === 'start' || call === 'remove') story.push(`${call} ${nameOf(first)}`);
    if (call === 'kill') story.push(`${String(second)} ${nameOf(first)}`);
    if (call === 'exec' && Array.isArray(second)) story.push(`exec ${second.join(' ')}`);
    return undefined;
  };
  await node.start();
});
afterEach(async () => {
  await node.kubelet.stop();
});

const ready = (): string | undefined => findCondition(node.status().conditions, 'Ready')?.status;
const initStatus = (name: string): NonNullable<PodStatus['initContainerStatuses']>[number] | undefined =>
  node.status().initContainerStatuses?.find((each) => each.name === name);
const make = (options: PodOptions): Promise<void> => node.create(aPod({ nodeName: NODE_NAME, ...options }));
const of = (name: string, options: Partial<Container> = {}): Container => aContainer({ name, image: `${name}:1`, ...options });
const ends = (name: string, exitAfterMs: number, exitCode = 0): void =>
  node.engine.behave(`${name}:1`, { exitAfterMs, exitCode });

describe('init containers', () => {
  test('run one after another, then the main container', async () => {
    ends('a', 1_000);
    ends('b', 1_000);
    await make({ spec: { initContainers: [of('a'), of('b')] } });
    expect(node.status().phase).toBe('Pending');
    await node.clock.advance(5_000);
    expect(story).toEqual(['start sandbox', 'start a', 'start b', 'start main']);
    expect([node.status().phase, node.isReady()]).toEqual(['Running', true]);
    expect(initStatus('a')).toMatchObject({ ready: true, restartCount: 0, state: { terminated: { reason: 'Completed' } } });
  });

  test('a failing one is repeated with back-off, also by another kubelet', async () => {
    ends('a', 1_000, 1);
    await make({ spec: { initContainers: [of('a')] } });
    await node.clock.advance(5_000);
    await node.restart();
    expect(initStatus('a')).toMatchObject({ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } });
    ends('a', 1_000);
    await node.clock.advance(15_000);
    expect([node.isReady(), initStatus('a')?.restartCount]).toEqual([true, 2]);
  });

  test('run again when the sandbox was remade', async () => {
    ends('a', 10);
    await make({ spec: { initContainers: [of('a')] } });
    await node.clock.advance(1_000);
    story.length = 0;
    node.engine.crash(node.sandboxes()[0]?.id ?? '', 137);
    await node.clock.advance(1_000);
    expect(story).toEqual(['stop main', 'remove sandbox', 'start sandbox', 'start a', 'start main']);
    expect([node.isReady(), node.containerStatus().restartCount, initStatus('a')?.restartCount]).toEqual([true, 1, 1]);
  });
});

describe('sidecars', () => {
  test('start before the main container, which waits for their startup probe, and stop after it', async () => {
    const probe = { startupProbe: { tcpSocket: { port: 80 }, periodSeconds: 1 } };
    node.answer = { ok: false, message: 'not yet' };
    await make({
      spec: { initContainers: [of('net', { restartPolicy: 'Always' }), of('log', { restartPolicy: 'Always', ...probe })] },
    });
    await node.clock.advance(1_500);
    expect(story).toEqual(['start sandbox', 'start net', 'start log']);
    node.answer = { ok: true };
    await node.clock.advance(1_500);
    expect(story).toEqual(['start sandbox', 'start net', 'start log', 'start main']);
    expect(node.isReady()).toBe(true);
    story.length = 0;
    await node.deletePod('web', 30);
    expect(story.filter((each) => each.startsWith('stop'))).toEqual(['stop main', 'stop log', 'stop net']);
    expect(node.store.list('Pod')).toEqual([]);
  });

  test('do not keep a pod from completing, and are started again until then', async () => {
    node.engine.behave('log:1', {});
    ends('work', 20_000);
    await make({
      spec: { restartPolicy: 'Never', initContainers: [of('log', { restartPolicy: 'Always' })], containers: [of('work')] },
    });
    node.engine.crash(node.living('log').id, 1);
    await node.clock.advance(1_000);
    expect(initStatus('log')).toMatchObject({ restartCount: 1, state: { running: {} } });
    await node.clock.advance(20_000);
    expect(node.status().phase).toBe('Succeeded');
    expect(node.engine.containers().filter(({ state }) => state === 'running')).toEqual([]);
  });

  test('that ignore the request to stop share the grace of the pod', async () => {
    node.engine.behave('log:1', { ignoresTerm: true });
    node.engine.behave('busybox:1.36', { termTakesMs: 4_000 });
    await make({ spec: { initContainers: [of('log', { restartPolicy: 'Always' })] } });
    await node.deletePod('web', 10);
    await node.clock.advance(9_900);
    expect(node.living('log').state).toBe('running');
    await node.clock.advance(200);
    expect(node.engine.containers()).toEqual([]);
  });
});

describe('hooks', () => {
  const hooks = {
    postStart: { exec: { command: ['hi'] } },
    preStop: { exec: { command: ['bye'] } },
  };

  test('postStart comes before readiness, preStop before the signal', async () => {
    await make({ container: { lifecycle: hooks } });
    expect(story).toEqual(['start sandbox', 'start main', 'exec hi']);
    expect(node.isReady()).toBe(true);
    await node.deletePod('web', 30);
    expect(story.slice(3, 5)).toEqual(['exec bye', 'stop main']);
    expect(node.store.list('Pod')).toEqual([]);
  });

  test('a container is shown as waiting while its postStart hook runs', async () => {
    await make({ container: { lifecycle: { postStart: { sleep: { seconds: 20 } } } } });
    await node.clock.advance(19_000);
    expect(node.containerStatus()).toMatchObject({
      ready: false,
      started: false,
      state: { waiting: { reason: 'ContainerCreating' } },
    });
    await node.clock.advance(2_000);
    expect(node.isReady()).toBe(true);
  });

  test('a postStart hook that fails ends the container, which is started again with back-off', async () => {
    node.engine.behave('busybox:1.36', { execResult: () => ({ exitCode: 7, output: 'a secret' }) });
    await make({ container: { lifecycle: hooks } });
    await node.clock.advance(1_000);
    expect(node.events()).toContain('FailedPostStartHook: PostStartHook failed: command "hi" exited with 7');
    expect(node.events()).toContain('FailedPreStopHook: PreStopHook failed: command "bye" exited with 7');
    expect(JSON.stringify(node.events())).not.toContain('a secret');
    expect(node.containerStatus()).toMatchObject({ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } });
    expect(node.status().phase).toBe('Running');
  });

  test('a preStop hook that hangs is given up when the grace is over, and 2 s are left', async () => {
    node.engine.behave('busybox:1.36', { ignoresTerm: true });
    await make({ container: { lifecycle: { preStop: { sleep: { seconds: 3_600 } } } } });
    await node.deletePod('web', 10);
    await node.clock.advance(9_900);
    expect(story).not.toContain('stop main');
    await node.clock.advance(200);
    expect([story.at(-1), node.living().state]).toEqual(['stop main', 'running']);
    await node.clock.advance(2_000);
    expect(node.engine.containers()).toEqual([]);
  });

  test('a hook by HTTP asks the pod, and any answer will do', async () => {
    node.answer = { ok: false, message: 'HTTP probe failed with statuscode: 500', isAnswer: true };
    const postStart = { httpGet: { path: 'warm', port: 'web' } };
    await make({ container: { ports: [{ name: 'web', containerPort: 8080 }], lifecycle: { postStart } } });
    expect(node.asked).toEqual([`http://${node.sandboxes()[0]?.ip}:8080/warm`]);
    expect(node.isReady()).toBe(true);
  });

  test('an engine that does not answer says nothing about the hook: it is run once more', async () => {
    let left = 1;
    const tell = node.engine.faults;
    node.engine.faults = (call, args) => {
      tell(call, args);
      return call === 'exec' && left-- > 0 ? new EngineError('Unreachable', 'gone') : undefined;
    };
    await make({ container: { lifecycle: { postStart: hooks.postStart } } });
    await node.clock.advance(2_000);
    expect(story.filter((each) => each === 'exec hi')).toHaveLength(2);
    expect([node.isReady(), node.containerStatus().restartCount]).toEqual([true, 0]);
  });

  test('another kubelet does not run a hook again that was reported as done, and one that was not is', async () => {
    await make({ container: { lifecycle: { postStart: { sleep: { seconds: 20 } } } } });
    await node.clock.advance(10_000);
    await node.restart();
    await node.clock.advance(15_000);
    expect(node.isReady()).toBe(false);
    await node.clock.advance(6_000);
    expect(node.isReady()).toBe(true);
    const revision = node.store.revision();
    await node.restart();
    await node.clock.advance(60_000);
    expect([node.store.revision(), node.isReady()]).toEqual([revision, true]);
  });
});

describe('the end of a pod', () => {
  test('it is reported not ready before anything is told to stop, and with how its containers ended before it goes', async () => {
    const told: (string | undefined)[] = [];
    await make({});
    node.engine.faults = (call) =>
      void (call === 'kill' ? told.push(ready()) : call === 'remove' && told.push(node.status().phase));
    await node.deletePod('web', 30);
    expect(told.slice(0, 2)).toEqual(['False', 'Failed']);
  });

  test('less grace while it ends is kept to', async () => {
    node.engine.behave('busybox:1.36', { ignoresTerm: true });
    await make({});
    await node.deletePod('web', 600);
    await node.clock.advance(60_000);
    await node.deletePod('web', 5);
    await node.clock.advance(4_900);
    expect(node.living().state).toBe('running');
    await node.clock.advance(200);
    expect(node.engine.containers()).toEqual([]);
  });

  test('the deadline of a pod ends it gracefully', async () => {
    node.engine.behave('busybox:1.36', { termTakesMs: 3_000 });
    await make({ spec: { activeDeadlineSeconds: 60 } });
    await node.clock.advance(59_000);
    expect(node.isReady()).toBe(true);
    await node.clock.advance(2_000);
    expect([node.status().phase, ready()]).toEqual(['Running', 'False']);
    await node.clock.advance(3_000);
    expect(node.status()).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
    expect(node.events().filter((event) => event.startsWith('DeadlineExceeded'))).toHaveLength(1);
    await node.clock.advance(120_000);
    expect(node.runs()).toHaveLength(1);
  });
});

describe('last words', () => {
  const words = (): string | undefined => node.containerStatus().lastState?.terminated?.message;
  const leave = async (text: string, path = 'dev/termination-log'): Promise<void> => {
    const file = { path, type: 'file', mode: 0o666, content: Buffer.from(text) } as const;
    await node.engine.putFiles(node.living().id, '/', [file], AbortSignal.timeout(10_000));
  };

  test('are those in the file', async () => {
    await make({});
    await leave('out of luck');
    node.engine.crash(node.living().id, 3);
    await node.clock.settle();
    expect(words()).toBe('out of luck');
  });

  test('the file can be another, and only its end is told', async () => {
    await make({ container: { terminationMessagePath: '/tmp/end' } });
    await leave(`${'x'.repeat(5_000)}y`, 'tmp/end');
    node.engine.crash(node.living().id, 3);
    await node.clock.settle();
    expect([words()?.length, words()?.at(-1)]).toEqual([4_096, 'y']);
  });

  test.each([
    ['FallbackToLogsOnError', 1, 'panic: no such table'],
    ['FallbackToLogsOnError', 0, undefined],
    ['File', 1, undefined],
  ] as const)('policy %s with exit code %i', async (terminationMessagePolicy, exitCode, expected) => {
    await make({ container: { terminationMessagePolicy } });
    node.engine.print(node.living().id, 'panic: no such table');
    node.engine.crash(node.living().id, exitCode);
    await node.clock.settle();
    expect(words()?.trim()).toBe(expected);
  });

  test('are read once, also over a restart of the kubelet', async () => {
    await make({ spec: { restartPolicy: 'Never' } });
    await leave('bye');
    node.engine.crash(node.living().id, 1);
    await node.clock.settle();
    const reads = (): number => node.engine.calls.filter(({ name }) => name === 'readFile').length;
    expect([reads(), node.containerStatus().state?.terminated?.message]).toEqual([1, 'bye']);
    await node.restart();
    await node.clock.advance(60_000);
    expect([reads(), node.containerStatus().state?.terminated?.message]).toEqual([1, 'bye']);
  });
});

test('a name that no image can have is told, and nothing is pulled', async () => {
  await make({ container: { image: 'Busy Box:1' } });
  expect(node.containerStatus().state?.waiting).toMatchObject({ reason: 'InvalidImageName' });
  expect(node.engine.calls.filter(({ name }) => name === 'pull')).toEqual([]);
});

describe('somebody sets the clock', () => {
  test.each([
    ['forward', 86_400_000],
    ['back', -86_400_000],
  ])('%s: grace, back-off and deadline stay as long as they were', async (_what, byMs) => {
    node.engine.behave('busybox:1.36', { ignoresTerm: true });
    ends('crash', 10, 1);
    await make({ spec: { activeDeadlineSeconds: 100, terminationGracePeriodSeconds: 50 } });
    await make({ name: 'crash', spec: { containers: [of('crash')] } });
    await node.clock.advance(5_000);
    expect(node.containerStatus('crash', 'crash').restartCount).toBe(1);
    node.clock.set(byMs);
    await node.clock.advance(3_000);
    expect([node.containerStatus('crash', 'crash').restartCount, node.status().phase, ready()]).toEqual([1, 'Running', 'True']);
    await node.clock.advance(3_000);
    expect(node.containerStatus('crash', 'crash').restartCount).toBe(2);
    await node.deletePod('web', 50);
    await node.clock.advance(20_000);
    node.clock.set(byMs);
    await node.clock.advance(29_900);
    expect(node.living().state).toBe('running');
    await node.clock.advance(31_000);
    expect(node.store.get('Pod', 'default', 'web')).toBeUndefined();
  });
});

test('a readiness gate that nobody opens keeps the pod unready, until somebody does', async () => {
  await make({ spec: { readinessGates: [{ conditionType: 'example.com/ready' }] } });
  expect(findCondition(node.status().conditions, 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ReadinessGatesNotReady',
    message: 'corresponding condition of pod readiness gate "example.com/ready" does not exist.',
  });
  const { uid } = node.pod().metadata;
  const conditions = [...(node.status().conditions ?? []), { type: 'example.com/ready', status: 'True' as const }];
  const key = { kind: 'Pod', namespace: 'default', name: 'web' } as const;
  await node.store.write([{ op: 'updateStatus', key, uid, status: { ...node.status(), conditions } }]);
  await node.clock.advance(31_000);
  expect(ready()).toBe('True');
  expect(findCondition(node.status().conditions, 'example.com/ready')?.status).toBe('True');
});
