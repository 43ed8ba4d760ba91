// Carries out the steps of a pod's plan and remembers what they did. It makes no choices, and every step is harmless when done twice.
import { letGoWrites } from '../runtime/deletion.ts';
import type { Store } from '../store/store.ts';
import { DeadlineExceeded } from '../system/deadline.ts';
import { createSandbox, plugSandbox, SANDBOX_FAILURE, type SandboxParts, startSandbox } from './addresses/perform-sandbox.ts';
import { asCreated } from './as-created.ts';
import { type ContainerSpec, EngineError } from './engine/container-engine.ts';
import type { ImageProgress } from './environment.ts';
import type { HookRunner } from './hooks/hook-runner.ts';
import type { ImageManager } from './images/images.ts';
import { lookAt } from './look-at.ts';
import { SANDBOX_PART, VOLUMES_PART } from './names.ts';
import type { NodePreparation } from './node-preparation.ts';
import type { KeyedNote, Note, PodStep } from './plan/steps.ts';
import type { PodMemory } from './pod-memory.ts';
import { TERMINATION_DIRECTORY } from './spec/termination-log.ts';
import { EMPTY_VERSION } from './volumes/layout.ts';
import { forgetVersions, performVolumeStep } from './volumes/perform-volume-step.ts';
import { makeSubPath } from './volumes/sub-paths.ts';

/** What performing needs. */
export interface PerformerParts extends SandboxParts {
  readonly store: Store;
  readonly images: ImageManager;
  readonly preparation: NodePreparation;
  readonly hooks: HookRunner;
  /** Volumes of claims that are still to be opened to everybody. */
  readonly freshVolumes: Set<string>;
  /** What is remembered may be wrong as a whole: list anew. */
  readonly relist: () => void;
}

/** What one pass over a pod gathers. */
export interface Pass {
  readonly uid: string;
  readonly memory: PodMemory;
  /** Answers to `prepare-image`. */
  readonly images: Map<string, ImageProgress>;
  /** Events to tell. */
  readonly notes: Note[];
  /** Notes about states that came before what was done. */
  readonly keyedNotes: KeyedNote[];
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
    const { calls, preparation, images } = this.#parts;
    const { memory } = pass;
    switch (step.type) {
      case 'prepare-node':
        return this.#readySandbox(memory, () => preparation.prepare());
      case 'ensure-volume':
        return this.#readySandbox(memory, async () => {
          await calls.ensureVolume(step.volume);
          memory.volumes.add(step.volume.name);
          if (step.content !== undefined) memory.volumeVersions.set(step.content, EMPTY_VERSION);
        });
      case 'create-sandbox':
        return this.#createSandbox(step, pass);
      case 'start-sandbox':
        return this.#startSandbox(step.id, pass);
      case 'plug-sandbox':
        return plugSandbox(step, pass, this.#parts);
      case 'fill-volumes':
        return this.#fill(step, memory);
      case 'read-volume-version':
      case 'update-volume':
        return performVolumeStep(calls, step, { memory, freshVolumes: this.#parts.freshVolumes });
      case 'prepare-image': {
        const progress = images.prepare(step, Number.POSITIVE_INFINITY);
        pass.images.set(step.wish, progress);
        // At once: the answer may come before this pass has ended.
        if (progress.state !== 'present') memory.isWaitingForImages = true;
        return;
      }
      case 'create-container':
        return this.#create(step.container, 'CreateContainerError', step.spec, memory, step);
      case 'start-container':
        return this.#start(step.container, 'RunContainerError', step.id, memory);
      case 'read-last-words':
        return this.#readLastWords(step, memory);
      case 'run-hook':
        this.#parts.hooks.begin(pass.uid, step);
        return;
      case 'begin-stop':
        memory.beginStop(step.id, step, this.#parts.clock.now());
        return;
      case 'kill':
        return this.#kill(step, memory);
      case 'report':
        return this.#writeStatus(step, pass);
      case 'remove':
        await calls.remove(step.id);
        memory.lost(step.id);
        return;
      case 'remove-volume':
        return this.#removeVolume(step.name, memory);
      case 'remove-pod':
        return this.#removePod(step);
    }
  }

  /** What finalizers keep stays until somebody takes the last one off; then it goes without this node. */
  async #removePod({ key, uid }: StepOf<'remove-pod'>): Promise<void> {
    const { store } = this.#parts;
    const pod = store.get('Pod', key.namespace, key.name);
    if (pod?.metadata.uid === uid) await store.write(letGoWrites(pod));
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

  async #create(
    part: string,
    reason: string,
    spec: ContainerSpec,
    memory: PodMemory,
    { subPaths = [], terminationFiles = [] }: Pick<StepOf<'create-container'>, 'subPaths' | 'terminationFiles'> = {},
  ): Promise<boolean> {
    const { calls, clock } = this.#parts;
    let failure = 'CreateContainerConfigError';
    try {
      for (const subPath of subPaths) await makeSubPath(calls, spec, subPath);
      failure = reason;
      if (terminationFiles.length > 0 && spec.network.type === 'sandbox')
        await calls.putFiles(spec.network.containerId, TERMINATION_DIRECTORY, terminationFiles);
      const id = await calls.create(spec);
      memory.dirty.delete(id);
      memory.made.add(id);
      memory.saw(asCreated(id, spec, clock.now()));
      if (part === SANDBOX_PART) forgetVersions(memory);
      return true;
    } catch (error) {
      if (error instanceof EngineError && error.fault === 'AddressInUse') throw error;
      this.#remember(part, failure, spec.image, error, memory);
      return false;
    }
  }

  async #createSandbox({ spec, isStarted = false }: StepOf<'create-sandbox'>, pass: Pass): Promise<boolean> {
    const { memory } = pass;
    const create = (addressed: ContainerSpec): Promise<boolean> => this.#create(SANDBOX_PART, SANDBOX_FAILURE, addressed, memory);
    const isCreated = await createSandbox(spec, pass, this.#parts, create);
    const made = [...memory.seen.values()].find(({ settings }) => settings.name === spec.name);
    return isCreated && isStarted && made !== undefined ? this.#startSandbox(made.id, pass) : isCreated;
  }

  #startSandbox(id: string, pass: Pass): Promise<boolean> {
    return startSandbox(id, pass, this.#parts, () => this.#start(SANDBOX_PART, SANDBOX_FAILURE, id, pass.memory));
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
      if (error instanceof EngineError && error.fault === 'AddressInUse') throw error;
      this.#remember(part, reason, memory.seen.get(id)?.image ?? '', error, memory);
    }
    await lookAt(id, memory, calls);
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
    // Docker's network may be gone, which is told by words alone.
    if (error.fault === 'StartFailed' && part === SANDBOX_PART) preparation.forget();
    if (error.fault === 'Conflict') relist();
    memory.failed(part, reason, error.message, clock.now());
  }

  /** False when the engine refuses, because somebody else still uses it: it is tried again later. */
  async #removeVolume(name: string, memory: PodMemory): Promise<boolean> {
    const { calls, clock, logger } = this.#parts;
    try {
      await calls.removeVolume(name);
    } catch (error) {
      const isSilent = error instanceof EngineError && error.fault === 'Unreachable';
      // A driver that never answers is like one that refuses.
      if (isSilent || !(error instanceof EngineError || error instanceof DeadlineExceeded)) throw error;
      memory.failed(name, 'FailedUnMount', error.message, clock.now());
      // Its pod is about to go, or gone: nobody is left to have an event.
      logger.warn({ volume: name, error }, 'volume of a pod cannot be removed yet');
      return false;
    }
    memory.volumes.delete(name);
    memory.failures.delete(name);
    return true;
  }

  async #fill(step: StepOf<'fill-volumes'>, memory: PodMemory): Promise<boolean> {
    const { calls, freshVolumes } = this.#parts;
    try {
      await performVolumeStep(calls, step, { memory, freshVolumes });
      memory.failures.delete(VOLUMES_PART);
      return true;
    } catch (error) {
      this.#remember(VOLUMES_PART, 'FailedMount', step.images[0]?.reference ?? '', error, memory);
      return false;
    }
  }

  async #kill(step: StepOf<'kill'>, memory: PodMemory): Promise<void> {
    const { calls, clock } = this.#parts;
    const now = clock.now();
    try {
      await calls.kill(step.id, step.how);
    } catch (error) {
      // Refused rather than unanswered: what cannot be asked to stop is killed when its time has come.
      if (step.how === 'stop' && error instanceof EngineError && error.fault !== 'Unreachable')
        memory.signalled(step.id, step.how, now);
      throw error;
    }
    memory.signalled(step.id, step.how, now);
    if (step.how === 'kill') memory.dirty.add(step.id);
  }

  /** Words that cannot be read are none: they must not keep the pod from going on. */
  async #readLastWords({ id, source }: StepOf<'read-last-words'>, memory: PodMemory): Promise<void> {
    const { calls, logger } = this.#parts;
    try {
      const file = await calls.readFile(id, source.path, source.maxBytes);
      const isEmpty = file === undefined || file.length === 0;
      const bytes =
        isEmpty && source.log !== undefined ? await calls.lastLines(id, source.log.maxLines, source.log.maxBytes) : file;
      memory.lastWords.set(id, Buffer.from(bytes ?? []).toString('utf8'));
    } catch (error) {
      if (!(error instanceof EngineError) || error.fault === 'Unreachable') throw error;
      logger.warn({ containerId: id, error }, 'last words of a container cannot be read');
      memory.lastWords.set(id, '');
    }
  }

  /** Others must know it before the next steps are taken, so a refusal is an error. */
  async #writeStatus({ status }: StepOf<'report'>, { uid, memory: { namespace, name } }: Pass): Promise<void> {
    const key = { kind: 'Pod', namespace, name } as const;
    const result = await this.#parts.store.write([{ op: 'updateStatus', key, uid, status }]);
    if (!result.ok) throw new Error(`could not write the status of the pod: ${result.message}`);
  }
}
