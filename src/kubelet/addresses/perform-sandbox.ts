// Makes and starts sandboxes with the addresses of their pods. Two steps in a row are harmless: a pod that has an address keeps it.
import type { Clock } from '../../system/clock.ts';
import { withDeadline } from '../../system/deadline.ts';
import type { Logger } from '../../system/logger.ts';
import { type ContainerSpec, EngineError } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import { PLUG_ADDRESS_LABEL } from '../labels.ts';
import { SANDBOX_PART } from '../names.ts';
import type { Note, PodStep } from '../plan/steps.ts';
import type { PodMemory } from '../pod-memory.ts';
import type { PodAddresses } from './pod-addresses.ts';
import type { PlugRequest, SandboxPlug } from './sandbox-plug.ts';

/** The reason of events about sandboxes. */
export const SANDBOX_FAILURE = 'FailedCreatePodSandBox';

/** What making sandboxes needs. */
export interface SandboxParts {
  readonly calls: EngineCalls;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent when the engine gives pods their addresses. */
  readonly addresses?: PodAddresses | undefined;
  /** Absent when no sandbox is plugged in. */
  readonly plug?: BoundPlug | undefined;
}

/** The plug of the node, its calls bound to a deadline. */
export interface BoundPlug {
  isReady(): boolean;
  /** See SandboxPlug. */
  plug(request: PlugRequest): Promise<void>;
}

/** What plugging one sandbox in may take. */
const PLUG_DEADLINE_MS = 20_000;

/** Binds a plug, if there is one, to a clock and a signal. */
export function boundPlug(plug: SandboxPlug | undefined, clock: Clock, outer: AbortSignal): BoundPlug | undefined {
  if (plug === undefined) return undefined;
  return {
    isReady: () => plug.isReady(),
    plug: (request) =>
      withDeadline(clock, 'plugging a sandbox in', PLUG_DEADLINE_MS, (signal) => plug.plug(request, signal), outer),
  };
}

/** The pod that it is for. */
export interface SandboxPass {
  readonly uid: string;
  readonly memory: PodMemory;
  readonly notes: Note[];
}

/** Makes a sandbox with the address of its pod. False when that cannot be, which is told. */
export async function createSandbox(
  spec: ContainerSpec,
  pass: SandboxPass,
  { addresses, clock }: SandboxParts,
  create: (spec: ContainerSpec) => Promise<boolean>,
): Promise<boolean> {
  const { network, labels } = spec;
  if (addresses === undefined || (network.type !== 'network' && network.type !== 'bare')) return await create(spec);
  const address = addresses.take(pass.uid);
  if (address === undefined) {
    pass.memory.failed(SANDBOX_PART, SANDBOX_FAILURE, addresses.exhausted, clock.now());
    return false;
  }
  if (network.type === 'network') return await create({ ...spec, network: { ...network, address } });
  try {
    return await create({ ...spec, labels: { ...labels, [PLUG_ADDRESS_LABEL]: address } });
  } catch (error) {
    if (!isAddressInUse(error)) throw error;
    passOver(address, pass, addresses);
    return false;
  }
}

/** Starts a sandbox. One whose address somebody else took meanwhile can never run: it goes, and the pod gets another address. */
export async function startSandbox(
  id: string,
  pass: SandboxPass,
  { calls, addresses }: SandboxParts,
  start: (id: string) => Promise<boolean>,
): Promise<boolean> {
  const { memory } = pass;
  const address = memory.seen.get(id)?.address ?? '';
  try {
    return await start(id);
  } catch (error) {
    if (!isAddressInUse(error)) throw error;
    await calls.remove(id);
    memory.lost(id);
    passOver(address, pass, addresses);
    return false;
  }
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof EngineError && error.fault === 'AddressInUse';
}

function passOver(address: string, { uid, notes }: SandboxPass, addresses: PodAddresses | undefined): void {
  addresses?.passOver(uid);
  const message = `the address ${address} is used by a container that is not a pod of this cluster: the pod gets another one`;
  notes.push({ reason: SANDBOX_FAILURE, message, severity: 'Warning' });
}

/** Plugs a sandbox in. Whatever keeps it from that, the pod does not wait for it: it gets a sandbox on Docker's network instead. */
export async function plugSandbox(
  { id, address, directory, files }: Extract<PodStep, { type: 'plug-sandbox' }>,
  { memory, notes }: SandboxPass,
  { plug, logger }: SandboxParts,
): Promise<boolean> {
  const pid = memory.seen.get(id)?.pid;
  try {
    if (plug === undefined || pid === undefined) throw new Error('it does not run any more');
    await plug.plug({ containerId: id, pid, address, directory, files });
    memory.pluggedSandboxes.add(id);
    return true;
  } catch (error) {
    memory.isUnpluggable = true;
    memory.dirty.add(id);
    logger.warn({ containerId: id, error }, 'a sandbox could not be plugged in');
    const why = error instanceof Error ? error.message : String(error);
    const message = `could not plug the sandbox in, the pod gets one on Docker's network: ${why}`;
    notes.push({ reason: SANDBOX_FAILURE, message, severity: 'Warning' });
    return false;
  }
}
