// One pass over one pod: look at what may have changed, plan, perform, plan again until nothing is left to do now, report.
import { findCondition, isConditionTrue } from '../model/conditions.ts';
import type { StoredOf } from '../model/resource.ts';
import { fromRfc3339 } from '../model/time.ts';
import { allEventWrites } from '../runtime/events.ts';
import type { Store, Write } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import { DeadlineExceeded } from '../system/deadline.ts';
import type { Logger } from '../system/logger.ts';
import type { BoundPlug } from './addresses/perform-sandbox.ts';
import type { PodAddresses } from './addresses/pod-addresses.ts';
import { EngineError } from './engine/container-engine.ts';
import type { EngineCalls } from './engine/engine-calls.ts';
import { observeConfiguration, type PodEnvironment } from './environment.ts';
import type { HookRunner } from './hooks/hook-runner.ts';
import type { ImageManager } from './images/images.ts';
import { isLeftAlone } from './left-alone.ts';
import { lookAt } from './look-at.ts';
import type { NodePreparation } from './node-preparation.ts';
import { type Pass, Performer } from './perform.ts';
import { graceMs } from './plan/end-container.ts';
import { planPod } from './plan/plan-pod.ts';
import { isAlive } from './plan/runs.ts';
import type { Note, PodPlan } from './plan/steps.ts';
import type { PodMemory } from './pod-memory.ts';
import type { ProbeRunner } from './probes/probe-runner.ts';
import type { NodeCapacity } from './spec/resources.ts';
import { isSameStatus } from './status/pod-status.ts';
import { LEAVE_MS, leaveMs, type Traffic } from './traffic.ts';
import type { ClaimsHere } from './volumes/claim-source.ts';

/** A pass that takes more rounds than this is cut, and goes on in the next one. */
const MAX_ROUNDS = 50;
/** How soon a pod that is left alone is looked at again, when nothing else wakes it: a suspension ends by itself, too. */
const LEFT_ALONE_MS = 1_000;
const COMPONENT = 'kubelet';

/** The node that pods run on. */
export interface NodeFacts extends Pick<PodEnvironment, 'network' | 'hostResolver'> {
  readonly cluster: string;
  readonly nodeName: string;
  readonly nodeAddress: string;
  readonly node: NodeCapacity;
}

export interface PodWorkerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly calls: EngineCalls;
  readonly images: ImageManager;
  readonly preparation: NodePreparation;
  /** Absent when the engine gives pods their addresses. */
  readonly addresses?: PodAddresses | undefined;
  /** Absent when no sandbox is plugged in. */
  readonly plug?: BoundPlug | undefined;
  readonly probes: ProbeRunner;
  readonly hooks: HookRunner;
  readonly freshVolumes: Set<string>;
  /** Which Docker volumes of claims are there. */
  readonly claims: ClaimsHere;
  readonly facts: NodeFacts;
  /** See NetworkChoices. */
  readonly hasNames?: (() => boolean) | undefined;
  readonly traffic?: Traffic | undefined;
  readonly relist: () => void;
}

/** How a pass ended. */
export interface PassResult {
  readonly checkAgainAfterMs?: number;
  /** Nothing of the pod is left, neither in the store nor in Docker. */
  readonly isGone: boolean;
}

/** What cut a pass short, told once. That the engine does not answer at all is told of the node. */
function failureNotes(error: unknown, memory: PodMemory): readonly Note[] {
  const isTold = error instanceof DeadlineExceeded || (error instanceof EngineError && error.fault !== 'Unreachable');
  if (!isTold || !memory.tells(`failed-sync/${error.message}`)) return [];
  return [{ reason: 'FailedSync', message: `Error syncing pod: ${error.message}`, severity: 'Warning' }];
}

/** Whether the engine did not answer. */
function isSilence(error: unknown): boolean {
  return error instanceof DeadlineExceeded || (error instanceof EngineError && error.fault === 'Unreachable');
}

/** Works on pods, one pass at a time for each. */
export class PodWorker {
  readonly #parts: PodWorkerParts;
  readonly #performer: Performer;

  constructor(parts: PodWorkerParts) {
    this.#parts = parts;
    this.#performer = new Performer(parts);
  }

  /** One pass. Throws when the engine or the store fails; what was reached until then is reported all the same. */
  async work(uid: string, memory: PodMemory): Promise<PassResult> {
    const beganAtMs = this.#parts.clock.now();
    memory.passes += 1;
    const pass: Pass = { uid, memory, images: new Map(), notes: [], keyedNotes: [] };
    for (const [id, seen] of memory.seen) if (memory.stops.has(id) && isAlive(seen)) memory.dirty.add(id);
    try {
      const plan = await this.#rounds(uid, pass);
      await this.#report(uid, plan, pass);
      const isGone = memory.seen.size === 0 && memory.volumes.size === 0 && this.#pod(uid, memory) === undefined;
      if (plan.checkAgainAfterMs === undefined) return { isGone };
      return { isGone, checkAgainAfterMs: plan.checkAgainAfterMs };
    } catch (error) {
      if (isSilence(error)) memory.brokeOff(beganAtMs);
      pass.notes.push(...failureNotes(error, memory));
      await this.#report(uid, this.#plan(uid, pass), pass);
      throw error;
    } finally {
      memory.passes += 1;
    }
  }

  async #rounds(uid: string, pass: Pass): Promise<PodPlan> {
    for (let round = 0; ; round++) {
      await this.#look(pass.memory);
      if (round === 0) pass.memory.answered(this.#parts.clock.now());
      const plan = this.#plan(uid, pass);
      if (plan.steps.length === 0) return plan;
      const { store, clock } = this.#parts;
      // What the steps would end is told; it is looked at again when it is no longer left alone.
      if (isLeftAlone(this.#pod(uid, pass.memory), store, clock.now())) return { ...plan, checkAgainAfterMs: LEFT_ALONE_MS };
      if (round >= MAX_ROUNDS) return { ...plan, checkAgainAfterMs: 1 };
      // The steps may end what the note is about.
      pass.keyedNotes.push(...plan.notes);
      this.#log(uid, plan, pass.memory);
      await this.#performer.perform(plan.steps, pass);
    }
  }

  #log(uid: string, plan: PodPlan, { namespace, name }: PodMemory): void {
    for (const { type, note } of plan.steps) {
      const fields = { pod: `${namespace}/${name}`, uid, step: type, reason: note?.reason, message: note?.message };
      if (type !== 'prepare-image') this.#parts.logger.info(fields, 'pod step');
    }
  }

  /** Looks at the containers of which something was heard. */
  async #look(memory: PodMemory): Promise<void> {
    await Promise.all([...memory.dirty].map((id) => lookAt(id, memory, this.#parts.calls)));
  }

  #pod(uid: string, memory: PodMemory): StoredOf<'Pod'> | undefined {
    const pod = this.#parts.store.get('Pod', memory.namespace, memory.name);
    return pod?.metadata.uid === uid ? pod : undefined;
  }

  #plan(uid: string, pass: Pass): PodPlan {
    const pod = this.#pod(uid, pass.memory);
    const now = this.#parts.clock.now();
    const startTime = pod?.status?.startTime;
    pass.memory.keepTime(now, this.#parts.clock.elapsed(), startTime === undefined ? undefined : fromRfc3339(startTime));
    return planPod({
      pod,
      seen: [...pass.memory.seen.values()],
      environment: this.#environment(uid, pod, pass),
      now,
    });
  }

  #environment(uid: string, pod: StoredOf<'Pod'> | undefined, { memory, images }: Pass): PodEnvironment {
    const { store, facts, preparation, freshVolumes, probes, hooks } = this.#parts;
    const configuration =
      pod === undefined
        ? { configMaps: new Map(), secrets: new Map(), claims: new Map(), claimVolumes: new Map() }
        : observeConfiguration(store, pod, this.#parts.claims);
    return {
      ...configuration,
      ...facts,
      ...(this.#parts.hasNames?.() === false ? { isWithoutNames: true } : {}),
      sandboxImage: preparation.imageReference,
      isNodePrepared: preparation.isPrepared,
      freshVolumes,
      volumes: memory.volumes,
      isPluggable: !memory.isUnpluggable && preparation.isHeld && this.#parts.plug?.isReady() === true,
      pluggedSandboxes: memory.pluggedSandboxes,
      preparedSandboxes: memory.preparedSandboxes,
      volumeVersions: memory.volumeVersions,
      images,
      probes: probes.verdicts(uid),
      hooks: hooks.states(uid),
      stops: memory.stops,
      starts: memory.starts,
      endings: memory.endings,
      lastWords: memory.lastWords,
      made: memory.made,
      ...this.#service(uid, pod, memory),
      ...(memory.activeSinceMs === undefined ? {} : { activeSinceMs: memory.activeSinceMs }),
      ...(memory.evictionMessage === undefined ? {} : { evictionMessage: memory.evictionMessage }),
      failures: memory.failures,
    };
  }

  #service(uid: string, pod: StoredOf<'Pod'> | undefined, memory: PodMemory): Pick<PodEnvironment, 'servedUntilMs' | 'leaving'> {
    const isServed = this.#parts.traffic?.isServed(uid) === true;
    const isLeaving = pod?.metadata.deletionTimestamp !== undefined || !isConditionTrue(pod?.status?.conditions, 'Ready');
    if (!isServed || !isLeaving) {
      memory.leaving = undefined;
      return {};
    }
    // It may have left before, come back, and nobody has looked at it in between.
    const ready = findCondition(pod?.status?.conditions, 'Ready')?.lastTransitionTime ?? '';
    const since = pod?.metadata.deletionTimestamp === undefined ? `not ready ${ready}` : 'deleted';
    if (memory.leaving?.since !== since) memory.leaving = { since, sinceMs: this.#parts.clock.now() };
    const { sinceMs } = memory.leaving;
    const fault = this.#parts.traffic?.fault?.();
    const servedUntilMs = sinceMs + leaveMs(pod === undefined ? LEAVE_MS : graceMs(pod));
    return { servedUntilMs, leaving: { sinceMs, ...(fault === undefined ? {} : { fault }) } };
  }

  /** Status, events and probes, as the last plan of the pass has them. One transaction, and none when nothing is new. */
  async #report(uid: string, plan: PodPlan, pass: Pass): Promise<void> {
    const { memory } = pass;
    const { store, probes, hooks, clock } = this.#parts;
    memory.isWaitingForImages = plan.isWaitingForImages;
    const alive = new Set([...memory.seen.values()].filter(isAlive).map((seen) => seen.id));
    probes.keep(uid, plan.probesToRun, alive);
    hooks.keep(uid, alive);
    const pod = this.#pod(uid, memory);
    if (pod === undefined) return;
    const keyed = [...pass.keyedNotes, ...plan.notes].filter((note) => memory.tells(note.key));
    const notes: readonly Note[] = [...pass.notes, ...keyed];
    const { namespace, name } = memory;
    const isNew = plan.status !== undefined && !isSameStatus(pod.status, plan.status);
    const status: Write[] = isNew
      ? [{ op: 'updateStatus', key: { kind: 'Pod', namespace, name }, uid, status: plan.status }]
      : [];
    const events = allEventWrites(
      store,
      pod,
      notes.map(({ reason, message, severity }) => ({ reason, message, severity, component: COMPONENT })),
      clock.now(),
    );
    if (status.length + events.length === 0) return;
    const result = await store.write([...status, ...events]);
    // An event may collide with another writer's trimming; the status must not be lost for that.
    if (!result.ok && result.key.kind === 'Event' && isNew) await store.write(status);
  }
}
