// The fake engine with its inside open: what happens in it is seen as it happens, and programs behave as their image's name says.

import { CONTAINER_LABEL, POD_UID_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import type { Clock } from '../../src/system/clock.ts';
import { type FakeContainer, isAlive } from '../support/fake-container.ts';
import { FakeEngine, type FakeEngineOptions } from '../support/fake-engine.ts';

/** Virtual time from the start of a `slow` program until it is ready. */
const SLOW_MS = 15_000;
const CRASH_AFTER_MS = 1_500;
const TASK_MS = 5_000;

/** The container's name in its pod; `_sandbox` for sandboxes. */
export function slotOf({ spec }: FakeContainer): { readonly uid: string; readonly container: string } {
  const isSandbox = spec.labels[ROLE_LABEL] === 'sandbox';
  return { uid: spec.labels[POD_UID_LABEL] ?? '', container: isSandbox ? '_sandbox' : (spec.labels[CONTAINER_LABEL] ?? '') };
}

export class SimulatedEngine extends FakeEngine {
  /** Hears of everything that happens to one of our containers, right after it. */
  onEvent: (container: FakeContainer, action: string) => void = () => {};
  /** Pods, by uid, whose programs answer no probe for a while. */
  readonly deaf = new Set<string>();
  readonly #clock: Clock;

  constructor(options: FakeEngineOptions) {
    super(options);
    this.#clock = options.clock;
    const { world } = this;
    const emit = world.emit.bind(world);
    world.emit = (container, action) => {
      emit(container, action);
      if (!container.isForeign) this.onEvent(container, action);
    };
  }

  /** Ours, as they are now. */
  ourContainers(): FakeContainer[] {
    return [...this.world.containers.values()].filter((container) => !container.isForeign);
  }

  container(id: string): FakeContainer | undefined {
    return this.world.containers.get(id);
  }

  livingOf(uid: string): FakeContainer[] {
    return this.ourContainers().filter((each) => isAlive(each) && each.spec.labels[POD_UID_LABEL] === uid);
  }

  /** Programs write into the volumes of their claims. */
  writeData(): void {
    for (const { name, labels } of this.volumes())
      if (labels[ROLE_LABEL] === 'claim')
        this.world.volume(name).files.set('/precious', { path: 'precious', type: 'file', mode: 0o644 });
  }

  /** A second container beside one, as an engine that does everything twice would make it. */
  double(container: FakeContainer): void {
    const twin = this.world.add({ ...container.spec, name: `${container.spec.name}-twin` });
    this.world.start(twin);
  }

  /** A volume vanishes with all that is in it. */
  dropVolume(name: string): void {
    this.world.volumes.delete(name);
  }

  /** Teaches the engine how the programs of an image behave, from its name. */
  learn(image: string): void {
    const execResult = (_command: readonly string[], seen: { id: string }): { exitCode: number; output: string } => {
      const container = this.container(seen.id);
      return container !== undefined && this.isAnswering(container)
        ? { exitCode: 0, output: '' }
        : { exitCode: 1, output: 'not ready' };
    };
    const program = image.split(':')[0];
    if (program === 'crash') this.behave(image, { exitAfterMs: CRASH_AFTER_MS, exitCode: 1, execResult });
    else if (program === 'unstartable')
      this.behave(image, { startError: 'exec: "nothing": executable file not found', execResult });
    else if (program === 'gone') this.behave(image, { pull: 'missing' });
    else if (program === 'task') this.behave(image, { exitAfterMs: TASK_MS });
    else this.behave(image, { execResult, termTakesMs: 1_000 });
  }

  /** Whether a program would answer a readiness probe well. */
  isAnswering(container: FakeContainer): boolean {
    const program = container.spec.image.split(':')[0];
    if (container.state !== 'running' || program === 'crash' || program === 'never') return false;
    if (this.deaf.has(slotOf(container).uid)) return false;
    return program !== 'slow' || this.#clock.now() - container.startedAtMs >= SLOW_MS;
  }

  /** The living main container of the pod with an address. */
  atAddress(ip: string): FakeContainer | undefined {
    const sandbox = this.ourContainers().find((each) => each.ip === ip);
    if (sandbox === undefined) return undefined;
    return this.livingOf(slotOf(sandbox).uid).find((each) => slotOf(each).container === 'main');
  }
}
