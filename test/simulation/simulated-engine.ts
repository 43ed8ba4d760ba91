// The fake engine with its inside open: what happens in it is seen as it happens, and programs behave as their image's name says.

import { CLAIM_LABEL, CONTAINER_LABEL, NAMESPACE_LABEL, POD_UID_LABEL, ROLE_LABEL } from '../../src/kubelet/labels.ts';
import type { Clock } from '../../src/system/clock.ts';
import { type FakeContainer, isAlive } from '../support/fake-container.ts';
import { FakeEngine, type FakeEngineOptions } from '../support/fake-engine.ts';

/** Virtual time from the start of a `slow` program until it is ready. */
const SLOW_MS = 15_000;
const CRASH_AFTER_MS = 1_500;
/** Programs that end by themselves: after how long, and with what. */
const tasks: Readonly<Record<string, readonly [takesMs: number, exitCode: number]>> = {
  task: [5_000, 0],
  init: [2_000, 0],
  long: [60_000, 0],
  longer: [100_000, 0],
  fail: [3_000, 1],
  crash: [CRASH_AFTER_MS, 1],
};
const FLAKY_MS = 2_000;
/** A `flaky` program fails so often, wherever it runs; then it ends well for ever. */
const FLAKY_FAILURES = 2;

/** The container's name in its pod; `_sandbox` for sandboxes. */
export function slotOf({ spec }: FakeContainer): { readonly uid: string; readonly container: string } {
  const isSandbox = spec.labels[ROLE_LABEL] === 'sandbox';
  return { uid: spec.labels[POD_UID_LABEL] ?? '', container: isSandbox ? '_sandbox' : (spec.labels[CONTAINER_LABEL] ?? '') };
}

/** The name of a container's program: its image says it. */
export function programOf({ spec }: FakeContainer): string {
  return spec.image.split(':')[0] ?? '';
}

export class SimulatedEngine extends FakeEngine {
  /** Hears of everything that happens to one of our containers, right after it. */
  onEvent: (container: FakeContainer, action: string) => void = () => {};
  /** Pods, by uid, whose programs answer no probe for a while. */
  readonly deaf = new Set<string>();
  readonly #clock: Clock;
  /** When each container was started last, by the time that nobody sets. */
  readonly #startedMs = new Map<string, number>();
  /** How often each flaky program has failed, by image. */
  readonly #failures = new Map<string, number>();

  constructor(options: FakeEngineOptions) {
    super(options);
    this.#clock = options.clock;
    const { world } = this;
    const emit = world.emit.bind(world);
    world.emit = (container, action) => {
      emit(container, action);
      if (container.isForeign) return;
      if (action === 'start') this.#startedMs.set(container.id, this.#clock.elapsed());
      if (action === 'start' && programOf(container) === 'flaky') this.#runFlaky(container);
      this.onEvent(container, action);
    };
  }

  #runFlaky(container: FakeContainer): void {
    this.world.later(container, FLAKY_MS, () => {
      const { image } = container.spec;
      const failures = this.#failures.get(image) ?? 0;
      if (failures < FLAKY_FAILURES) this.#failures.set(image, failures + 1);
      this.world.exit(container, failures < FLAKY_FAILURES ? 1 : 0);
    });
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

  /** Programs write into the volumes of their claims: for whom they are, once and for all. */
  writeData(): void {
    for (const { name, labels } of this.volumes()) {
      if (labels[ROLE_LABEL] !== 'claim') continue;
      const { files } = this.world.volume(name);
      const content = Buffer.from(`${labels[NAMESPACE_LABEL]}/${labels[CLAIM_LABEL]}`);
      if (!files.has('/precious')) files.set('/precious', { path: 'precious', type: 'file', mode: 0o644, content });
    }
  }

  /** A second container beside one, as an engine that does everything twice would make it; as another's, by these labels. */
  double(container: FakeContainer, labels: Readonly<Record<string, string>> = {}): void {
    const { spec } = container;
    // Its sandbox may have ended.
    const network = { type: 'host' } as const;
    const twin = this.world.add({ ...spec, network, labels: { ...spec.labels, ...labels }, name: `${spec.name}-twin` });
    this.world.start(twin);
  }

  /** Somebody writes over what a program had written into a volume. */
  overwrite(volume: string): void {
    const content = Buffer.from('something else');
    this.world.volume(volume).files.set('/precious', { path: 'precious', type: 'file', mode: 0o644, content });
  }

  /** A volume vanishes with all that is in it. */
  dropVolume(name: string): void {
    this.world.volumes.delete(name);
  }

  /** Teaches the engine how the programs of an image behave, from its name. */
  learn(image: string): void {
    const execResult = ([command]: readonly string[], seen: { id: string }): { exitCode: number; output: string } => {
      const container = this.container(seen.id);
      const isWell =
        container !== undefined &&
        (command === 'hook' || (command === 'alive' ? !this.#isDeaf(container) : this.isAnswering(container)));
      return isWell ? { exitCode: 0, output: '' } : { exitCode: 1, output: 'not ready' };
    };
    const program = image.split(':')[0] ?? '';
    const [exitAfterMs, exitCode] = tasks[program] ?? [];
    if (exitAfterMs !== undefined && exitCode !== undefined) this.behave(image, { exitAfterMs, exitCode, execResult });
    else if (program === 'unstartable')
      this.behave(image, { startError: 'exec: "nothing": executable file not found', execResult });
    else if (program === 'gone') this.behave(image, { pull: 'missing' });
    else this.behave(image, { execResult, termTakesMs: 1_000 });
  }

  #isDeaf(container: FakeContainer): boolean {
    return this.deaf.has(slotOf(container).uid);
  }

  /** Whether a program would answer a readiness probe well. */
  isAnswering(container: FakeContainer): boolean {
    const program = programOf(container);
    if (container.state !== 'running' || program === 'crash' || program === 'never') return false;
    if (this.#isDeaf(container)) return false;
    return program !== 'slow' || this.#clock.elapsed() - (this.#startedMs.get(container.id) ?? 0) >= SLOW_MS;
  }

  /** The living main container of the pod with an address. */
  atAddress(ip: string): FakeContainer | undefined {
    const sandbox = this.ourContainers().find((each) => each.ip === ip);
    if (sandbox === undefined) return undefined;
    return this.livingOf(slotOf(sandbox).uid).find((each) => slotOf(each).container === 'main');
  }
}
