// What a started kubelet consists of. Types only.
import type { StoreWatch } from '../runtime/watch-store.ts';
import type { WorkQueue } from '../runtime/work-queue.ts';
import type { PodAddresses } from './addresses/pod-addresses.ts';
import type { EngineCalls } from './engine/engine-calls.ts';
import type { EngineWatch } from './engine/engine-watch.ts';
import type { HookRunner } from './hooks/hook-runner.ts';
import type { NodeReporter } from './node.ts';
import type { NodeCare } from './node-care.ts';
import type { NodePreparation } from './node-preparation.ts';
import type { NodeFacts, PodWorker } from './pod-worker.ts';
import type { ProbeRunner } from './probes/probe-runner.ts';
import type { ClaimKeeper } from './volumes/claims.ts';

/** The parts of a kubelet that runs. */
export interface Running {
  readonly nodeName: string;
  readonly facts: NodeFacts;
  readonly addresses: PodAddresses | undefined;
  readonly preparation: NodePreparation;
  readonly calls: EngineCalls;
  readonly node: NodeReporter;
  readonly worker: PodWorker;
  readonly probes: ProbeRunner;
  readonly hooks: HookRunner;
  readonly queue: WorkQueue;
  readonly claims: ClaimKeeper;
  readonly care: NodeCare;
  readonly watch: StoreWatch;
  readonly events: EngineWatch;
}
