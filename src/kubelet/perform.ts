// Carries out the steps of a pod's plan and remembers what they did. It makes no choices, and every step is harmless when done twice.
import type { Store } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import { DeadlineExceeded } from '../system/deadline.ts';
import type { Logger } from '../system/logger.ts';
import { type ContainerSeen, type ContainerSpec, EngineError } from './engine/container-engine.ts';
import type { EngineCalls } from './engine/engine-calls.ts';
import type { ImageProgress } from './environment.ts';
import type { ImageManager } from './images/images.ts';
import { SANDBOX_PART } from './names.ts';
import type { NodePreparation } from './node-preparation.ts';
import type { Note, PodStep } from './plan/steps.ts';
import type { PodMemory } from './pod-memory.ts';
import { updateVolume } from './volumes/update-volume.ts';
import { DATA_LINK, VOLUMES_DIRECTORY, versionOfLink } from './volumes/volumes.ts';

/** What performing needs. */
export interface PerformerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly calls: EngineCalls;
  readonly images: ImageManager;
  readonly preparation: NodePreparation;
  readonly logger: Logger;
  /** Volumes of claims that are still to be opened to everybody. */
  readonly freshVolumes: Set<string>;
  /** What is remembered may be wrong as a whole: list anew. */
  readonly relist: () => void;
}

/** What one pass over a pod gathers. */
export interface Pass {
  readonly memory: PodMemory;
  /** Answers to `prepare-image`. */
  readonly images: Map<string, ImageProgress>;
  /** Events to tell. */
  readonly notes: Note[];
}

type StepOf<T extends PodStep['type']> = Extract<PodStep, { type: T }>;

/** Steps that do not depend on each other and are done at once. */
const parallelSteps: ReadonlySet<PodStep['type']> = new Set(['ensure-volume', 'kill', 'remove', 'remove-volume', 'prepare-node']);

/** Carries out steps of pods on one engine. */
export class Performer {
  readonly #parts: PerformerParts;

  constructor(parts: PerformerParts) {
    this.#parts = parts;
  }

  /**
   * Carries out steps in order. A failure that the status of the pod should tell is remembered and the next step follows; any other
   * (the engine does not answer) is thrown, for the queue to try again.
   */
  async perform(steps: readonly PodStep[], pass: Pass): Promise<void> {
    for (let index = 0; index < steps.length; ) {
      const first = steps[index];
      if (first === undefined) return;
      let end = index + 1;
      while (parallelSteps.has(first.type) && parallelSteps.has(steps[end]?.type ?? 'start-sandbox')) end += 1;
      const results = await Promise.allSettled(steps.slice(index, end).map((step) => this.#performOne(step, pass)));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
      index = end;
    }
  }

  async #performOne(step: PodStep, pass: Pass): Promise<void> {
    const isDone = await this.#dispatch(step, pass);
    if (isDone !== false && step.note !== undefined) pass.notes.push(step.note);
  }

  /** False for a step that failed in a way that the pod's status tells. */
  async #dispatch(step: PodStep, pass: Pass): Promise<boolean | void> {
    const { calls, preparation, images, store } = this.#parts;
    const { memory } = pass;
    switch (step.type) {
      case 'prepare-node':
        return this.#readySandbox(memory, () => preparation.prepare());
      case 'ensure-volume':
        return this.#readySandbox(memory, async () => {
          await calls.ensureVolume(step.volume);
          memory.volumes.add(step.volume.name);
        });
      case 'create-sandbox':
        return this.#create(SANDBOX_PART, 'FailedCreatePodSandBox', step.spec, memory);
      case 'start-sandbox':
        return this.#start(SANDBOX_PART, 'FailedCreatePodSandBox', step.id, memory);
      case 'fill-volumes':
        return this.#readySandbox(memory, () => this.#fill(step, memory));
      case 'read-volume-version': {
        const target = await calls.readLink(step.sandboxId, `${VOLUMES_DIRECTORY}/${step.volume}/${DATA_LINK}`);
        memory.volumeVersions.set(step.volume, { version: versionOfLink(target) });
        return;
      }
      case 'update-volume':
        await updateVolume(calls, step);
        memory.volumeVersions.set(step.volume, { version: step.version, names: step.names });
        return;
      case 'prepare-image': {
        const progress = images.prepare(step.image, step.policy, step.wish, Number.POSITIVE_INFINITY);
        pass.images.set(step.wish, progress);
        // At once: the answer may come before this pass has ended.
        if (progress.state !== 'present') memory.isWaitingForImages = true;
        return;
      }
      case 'create-container':
        return this.#create(step.container, 'CreateContainerError', step.spec, memory);
      case 'start-container':
        return this.#start(step.container, 'RunContainerError', step.id, memory);
      case 'kill':
        return this.#kill(step, memory);
      case 'remove':
        await calls.remove(step.id);
        memory.lost(step.id);
        return;
      case 'remove-volume':
        return this.#removeVolume(step.name, memory);
      case 'remove-pod':
        await store.write([{ op: 'remove', key: step.key, uid: step.uid }]);
        return;
    }
  }

  /** What a sandbox needs before containers can be made in it. */
  async #readySandbox(memory: PodMemory, act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      this.#remember(SANDBOX_PART, 'FailedCreatePodSandBox', '', error, memory);
      return false;
    }
  }

  async #create(part: string, reason: string, spec: ContainerSpec, memory: PodMemory): Promise<boolean> {
    const { calls, clock } = this.#parts;
    try {
      const id = await calls.create(spec);
      memory.dirty.delete(id);
      memory.saw(asCreated(id, spec, clock.now()));
      if (part === SANDBOX_PART) memory.volumeVersions.clear();
      return true;
    } catch (error) {
      this.#remember(part, reason, spec.image, error, memory);
      return false;
    }
  }

  async #start(part: string, reason: string, id: string, memory: PodMemory): Promise<boolean> {
    const { calls } = this.#parts;
    let isStarted = true;
    try {
      await calls.start(id);
      memory.failures.delete(part);
    } catch (error) {
      isStarted = false;
      memory.dirty.add(id);
      this.#remember(part, reason, memory.seen.get(id)?.image ?? '', error, memory);
    }
    // What was heard of it until now is older than what is read next.
    memory.dirty.delete(id);
    const seen = await calls.inspect(id).catch((error: unknown) => {
      memory.dirty.add(id);
      throw error;
    });
    if (seen === undefined) memory.lost(id);
    else memory.saw(seen);
    return isStarted;
  }

  /** Keeps a failure that the pod should tell of; rethrows one that says nothing about the pod. */
  #remember(part: string, reason: string, image: string, error: unknown, memory: PodMemory): void {
    const { images, preparation, relist, clock } = this.#parts;
    const isSilent = error instanceof DeadlineExceeded || !(error instanceof EngineError) || error.fault === 'Unreachable';
    for (const id of memory.seen.keys()) memory.dirty.add(id);
    if (isSilent) throw error;
    if (error.fault === 'NotFound') {
      if (part === SANDBOX_PART) preparation.forget();
      else images.forget(image);
    }
    if (error.fault === 'Conflict') relist();
    memory.failed(part, reason, error.message, clock.now());
  }

  /** False when the engine refuses, because somebody else still uses it: it is tried again later. */
  async #removeVolume(name: string, memory: PodMemory): Promise<boolean> {
    const { calls, clock, logger } = this.#parts;
    try {
      await calls.removeVolume(name);
    } catch (error) {
      if (!(error instanceof EngineError) || error.fault === 'Unreachable') throw error;
      memory.failed(name, 'FailedUnMount', error.message, clock.now());
      // Its pod is about to go, or gone: nobody is left to have an event.
      logger.warn({ volume: name, error }, 'volume of a pod cannot be removed yet');
      return false;
    }
    memory.volumes.delete(name);
    memory.failures.delete(name);
    return true;
  }

  async #fill(step: StepOf<'fill-volumes'>, memory: PodMemory): Promise<void> {
    await this.#parts.calls.putFiles(step.sandboxId, VOLUMES_DIRECTORY, step.files);
    memory.preparedSandboxes.add(step.sandboxId);
    memory.failures.delete(SANDBOX_PART);
    for (const [volume, { version, names }] of step.versions) memory.volumeVersions.set(volume, { version, names });
    for (const name of step.opened) this.#parts.freshVolumes.delete(name);
  }

  async #kill(step: StepOf<'kill'>, memory: PodMemory): Promise<void> {
    const { calls, clock } = this.#parts;
    const sent = memory.signals.get(step.id);
    const now = clock.now();
    const restart = step.restart || sent?.restart === true;
    await calls.kill(step.id, step.how);
    memory.signals.set(step.id, { stopAtMs: sent?.stopAtMs ?? now, restart, ...(step.how === 'kill' ? { killAtMs: now } : {}) });
    if (step.how === 'kill') memory.dirty.add(step.id);
  }
}

/** A container as it is right after its creation: nobody has to look to know that. */
function asCreated(id: string, spec: ContainerSpec, now: number): ContainerSeen {
  const { name, memoryBytes, nanoCpus, cpuShares, network, labels, image } = spec;
  return {
    id,
    labels,
    image,
    imageId: '',
    state: 'created',
    createdAtMs: now,
    startedAtMs: 0,
    finishedAtMs: 0,
    exitCode: 0,
    isOomKilled: false,
    error: '',
    ip: '',
    settings: {
      name,
      memoryBytes,
      nanoCpus,
      cpuShares,
      restartPolicy: 'no',
      networks: network.type === 'network' ? [network.name] : [],
    },
  };
}
