// Makes and starts sandboxes with the addresses of their pods. Two steps in a row are harmless: a pod that has an address keeps it.
import type { Clock } from '../../system/clock.ts';
import { type ContainerSpec, EngineError } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import { SANDBOX_PART } from '../names.ts';
import type { Note } from '../plan/steps.ts';
import type { PodMemory } from '../pod-memory.ts';
import type { PodAddresses } from './pod-addresses.ts';

/** The reason of events about sandboxes. */
export const SANDBOX_FAILURE = 'FailedCreatePodSandBox';

/** What making sandboxes needs. */
export interface SandboxParts {
  readonly calls: EngineCalls;
  readonly clock: Clock;
  /** Absent when the engine gives pods their addresses. */
  readonly addresses?: PodAddresses | undefined;
}

/** The pod that it is for. */
export interface SandboxPass {
  readonly uid: string;
  readonly memory: PodMemory;
  readonly notes: Note[];
}

/** Makes a sandbox with the address of its pod. False when there is none left, which is told as a failure. */
export async function createSandbox(
  spec: ContainerSpec,
  { uid, memory }: SandboxPass,
  { addresses, clock }: SandboxParts,
  create: (spec: ContainerSpec) => Promise<boolean>,
): Promise<boolean> {
  if (addresses === undefined || spec.network.type !== 'network') return await create(spec);
  const address = addresses.take(uid);
  if (address !== undefined) return await create({ ...spec, network: { ...spec.network, address } });
  memory.failed(SANDBOX_PART, SANDBOX_FAILURE, addresses.exhausted, clock.now());
  return false;
}

/** Starts a sandbox. One whose address somebody else took meanwhile can never run: it goes, and the pod gets another address. */
export async function startSandbox(
  id: string,
  { uid, memory, notes }: SandboxPass,
  { calls, addresses }: SandboxParts,
  start: (id: string) => Promise<boolean>,
): Promise<boolean> {
  const address = memory.seen.get(id)?.address ?? '';
  try {
    return await start(id);
  } catch (error) {
    if (!(error instanceof EngineError) || error.fault !== 'AddressInUse') throw error;
    addresses?.passOver(uid);
    await calls.remove(id);
    memory.lost(id);
    const message = `the address ${address} is used by a container that is not a pod of this cluster: the pod gets another one`;
    notes.push({ reason: SANDBOX_FAILURE, message, severity: 'Warning' });
    return false;
  }
}
