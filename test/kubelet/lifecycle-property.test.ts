// Whatever happens to a pod, in whatever order, some things stay true of its life. Random pods on the fake engine; programs end, people
// interfere, calls fail, kubelets are replaced.
import { array, assert, asyncProperty, boolean, constantFrom, integer, oneof, record, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import type { Container, PodSpec } from '../../src/model/resource.ts';
import { aContainer, aPod } from '../support/builders.ts';
import type { Fault } from '../support/fake-engine-controls.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';
import { LifecycleWatcher } from './lifecycle-watcher.ts';

const GRACE_SECONDS = 20;
const RUNS = 150;

const policies = constantFrom<NonNullable<PodSpec['restartPolicy']>>('Always', 'OnFailure', 'Never');
const lifecycle = { preStop: { exec: { command: ['bye'] } } };
const probe = { tcpSocket: { port: 80 }, periodSeconds: 2, failureThreshold: 2 };

const anyPod = record({
  restartPolicy: policies,
  inits: integer({ min: 0, max: 2 }),
  hasSidecar: boolean(),
  mains: integer({ min: 1, max: 2 }),
  hasHook: boolean(),
  isProbed: boolean(),
  initFails: boolean(),
  mainEndsAfterMs: constantFrom(undefined, 1_000, 30_000, 700_000),
  mainExitCode: constantFrom(0, 1),
  ignoresTerm: boolean(),
});

const targets = constantFrom('main', 'second', 'init-0', 'side', 'sandbox');
const anyEvent = oneof(
  record({ type: constantFrom('wait' as const), ms: constantFrom(10, 1_000, 5_000, 12_000, 60_000, 310_000) }),
  record({ type: constantFrom('crash' as const, 'remove' as const, 'pause' as const), target: targets }),
  record({ type: constantFrom('probe' as const), ok: boolean() }),
  record({
    type: constantFrom('faults' as const),
    kind: constantFrom<'down' | 'hang' | 'late-success' | 'refused'>('down', 'hang', 'late-success', 'refused'),
    after: integer({ min: 0, max: 6 }),
    count: integer({ min: 1, max: 4 }),
  }),
  record({ type: constantFrom('restart' as const, 'image' as const, 'back to work' as const) }),
);
type Event = typeof anyEvent extends { filter(predicate: (value: infer E) => boolean): unknown } ? E : never;
type AnyPod = typeof anyPod extends { filter(predicate: (value: infer P) => boolean): unknown } ? P : never;

function specOf(pod: AnyPod): Partial<PodSpec> {
  const initContainers: Container[] = Array.from({ length: pod.inits }, (_, index) =>
    aContainer({ name: `init-${index}`, image: 'init:1' }),
  );
  if (pod.hasSidecar) initContainers.splice(1, 0, aContainer({ name: 'side', image: 'side:1', restartPolicy: 'Always' }));
  const options = {
    ...(pod.hasHook ? { lifecycle } : {}),
    ...(pod.isProbed ? { readinessProbe: probe, livenessProbe: probe } : {}),
  };
  const main = aContainer(options);
  return {
    restartPolicy: pod.restartPolicy,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    ...(initContainers.length > 0 ? { initContainers } : {}),
    containers: pod.mains === 2 ? [main, aContainer({ name: 'second', image: 'second:1' })] : [main],
  };
}

/** A node with a pod, watched. */
class Story {
  readonly node = new SmallNode();
  readonly watcher = new LifecycleWatcher(this.node);
  #fault: { kind: 'down' | 'hang' | 'late-success' | 'refused'; after: number; count: number } | undefined;

  async begin(pod: AnyPod): Promise<void> {
    const { engine } = this.node;
    engine.faults = (call, args) => {
      this.watcher.call(call, args);
      return this.#nextFault(call);
    };
    engine.behave('init:1', { exitAfterMs: 500, exitCode: pod.initFails ? 1 : 0 });
    engine.behave('busybox:1.36', {
      ...(pod.mainEndsAfterMs === undefined ? {} : { exitAfterMs: pod.mainEndsAfterMs }),
      exitCode: pod.mainExitCode,
      ignoresTerm: pod.ignoresTerm,
    });
    engine.behave('second:1', {});
    engine.behave('side:1', { termTakesMs: 300 });
    await this.node.start();
    await this.node.create(aPod({ nodeName: NODE_NAME, spec: specOf(pod) }));
    this.watcher.look();
  }

  #nextFault(call: string): Fault {
    const fault = this.#fault;
    if (fault === undefined || call === 'events') return undefined;
    if (fault.after-- > 0) return undefined;
    if (fault.count-- <= 0) {
      this.#fault = undefined;
      return undefined;
    }
    if (fault.kind === 'down') return new EngineError('Unreachable', 'connection refused');
    return fault.kind === 'refused' ? new EngineError('Failed', 'no space left on device') : fault.kind;
  }

  async happen(event: Event): Promise<void> {
    const { node } = this;
    if (event.type === 'wait') await this.#wait(event.ms);
    if (event.type === 'probe') node.answer = event.ok ? { ok: true } : { ok: false, message: 'no' };
    if (event.type === 'faults') this.#fault = { ...event };
    if (event.type === 'restart') await this.#restart();
    if (event.type === 'image') await this.#changeImage();
    if (event.type === 'back to work') node.engine.behave('init:1', { exitAfterMs: 500 });
    if (event.type === 'crash' || event.type === 'remove' || event.type === 'pause') this.#interfere(event.type, event.target);
    await node.clock.settle();
    this.watcher.look();
  }

  /** A kubelet starts on an engine that answers, or not at all. */
  async #restart(): Promise<void> {
    this.#fault = undefined;
    await this.node.restart();
  }

  async #wait(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      await this.node.clock.advance(Math.min(left, 1_000));
      this.watcher.look();
    }
  }

  #interfere(how: 'crash' | 'remove' | 'pause', target: string): void {
    const { node } = this;
    const found = (target === 'sandbox' ? node.sandboxes() : node.runs(target)).at(-1);
    if (found === undefined) return;
    if (how === 'remove') {
      this.watcher.wasPruned = true;
      node.engine.removeByHand(found.id);
    } else if (found.state === 'running') {
      if (how === 'crash') node.engine.crash(found.id, 137);
      else node.engine.pause(found.id);
    }
  }

  async #changeImage(): Promise<void> {
    const pod = this.node.store.get('Pod', 'default', 'web');
    if (pod === undefined) return;
    const [first, ...others] = pod.spec.containers;
    const image = first.image === 'second:1' ? 'busybox:1.36' : 'second:1';
    await this.node.store.write([
      { op: 'update', resource: { ...pod, spec: { ...pod.spec, containers: [{ ...first, image }, ...others] } } },
    ]);
  }

  /** Nothing goes wrong any more, and the pod is deleted: in the end nothing is left. */
  async end(): Promise<{ broken: readonly string[]; pods: number; containers: number }> {
    const { node } = this;
    this.#fault = undefined;
    if (node.store.get('Pod', 'default', 'web') !== undefined) await node.deletePod('web', GRACE_SECONDS);
    await this.#wait(90_000);
    await node.kubelet.stop();
    return { broken: this.watcher.broken, pods: node.store.list('Pod').length, containers: node.engine.containers().length };
  }
}

test('what must always be true of the life of a pod', { timeout: 240_000 }, async () => {
  await assert(
    asyncProperty(tuple(anyPod, array(anyEvent, { maxLength: 12 })), async ([pod, events]) => {
      const story = new Story();
      await story.begin(pod);
      for (const event of events) await story.happen(event);
      expect(await story.end()).toEqual({ broken: [], pods: 0, containers: 0 });
    }),
    { numRuns: RUNS },
  );
});
