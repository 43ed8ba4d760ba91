// One container of the fake engine, and how images behave in it.
import type {
  ContainerSeen,
  ContainerSpec,
  ExecResult,
  LiveSettings,
  LogChunk,
} from '../../src/kubelet/engine/container-engine.ts';
import { PLUG_ADDRESS_LABEL } from '../../src/kubelet/labels.ts';
import type { Cancel } from '../../src/system/clock.ts';
import { Broadcast } from './broadcast.ts';
import type { Files } from './fake-files.ts';

/** What a program does, and what its registry does. Absent: it runs for ever, obeys SIGTERM, and can be pulled. */
export interface Behaviour {
  /** Virtual time after which it ends by itself. */
  readonly exitAfterMs?: number;
  /** With what it ends by itself; 0 when absent. */
  readonly exitCode?: number;
  /** It cannot be started, for this reason. */
  readonly startError?: string;
  readonly ignoresTerm?: boolean;
  /** Virtual time that it takes to end after SIGTERM; 0 when absent. */
  readonly termTakesMs?: number;
  /** Answers to `exec`; everything succeeds silently when absent. */
  /** `errors`: what it prints to standard error, beside `output`. */
  readonly execResult?: (command: readonly string[], container: ContainerSeen) => ExecResult & { readonly errors?: string };
  /** Lines that it prints when it starts. */
  readonly prints?: readonly string[];
  readonly pull?: 'ok' | 'missing' | 'hang' | 'unreachable';
  /** The user that the image names; root when absent. */
  readonly user?: string;
}

/** A container as the fake engine keeps it. */
export interface FakeContainer {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly imageId: string;
  /** Does not carry the cluster's label, so the port must neither show nor touch it. */
  readonly isForeign: boolean;
  state: ContainerSeen['state'];
  readonly createdAtMs: number;
  startedAtMs: number;
  finishedAtMs: number;
  exitCode: number;
  isOomKilled: boolean;
  error: string;
  ip: string;
  /** The first process of the present run, as the host counts; 0 when it does not run. */
  pid: number;
  /** Whether the network namespace of the present run has something in it, for a container that Docker gave none. */
  isPlugged: boolean;
  settings: LiveSettings;
  readonly files: Files;
  /** Names by target. */
  readonly scratchVolumes: Record<string, string>;
  readonly logLines: { readonly atMs: number; readonly chunk: LogChunk }[];
  readonly logReaders: Broadcast<LogChunk>;
  /** Timers of the present run: the program's own end, a slow reaction to SIGTERM. */
  timers: Cancel[];
}

/** A container that has just been created. */
export function newContainer(spec: ContainerSpec, id: string, imageId: string, nowMs: number, isForeign: boolean): FakeContainer {
  return {
    id,
    spec,
    imageId,
    isForeign,
    state: 'created',
    createdAtMs: nowMs,
    startedAtMs: 0,
    finishedAtMs: 0,
    exitCode: 0,
    isOomKilled: false,
    error: '',
    ip: '',
    pid: 0,
    isPlugged: false,
    settings: settingsAsked(spec),
    files: new Map(),
    scratchVolumes: {},
    logLines: [],
    logReaders: new Broadcast(),
    timers: [],
  };
}

/** The settings that a container was asked to be made with: on an engine that can enforce all of them, what it has until somebody edits it. */
export function settingsAsked({ name, memoryBytes, nanoCpus, cpuShares, pidsLimit = 0, network }: ContainerSpec): LiveSettings {
  const networks = network.type === 'network' ? [network.name] : network.type === 'host' ? ['host'] : [];
  return { name, memoryBytes, nanoCpus, cpuShares, pidsLimit, restartPolicy: 'no', networks, others: [] };
}

/** The container as the port shows it. */
export function seen(container: FakeContainer): ContainerSeen {
  return {
    id: container.id,
    labels: container.spec.labels,
    image: container.spec.image,
    imageId: container.imageId,
    state: container.state,
    createdAtMs: container.createdAtMs,
    startedAtMs: container.startedAtMs,
    finishedAtMs: container.finishedAtMs,
    exitCode: container.exitCode,
    isOomKilled: container.isOomKilled,
    error: container.error,
    ip: container.ip,
    ...fixedAddress(container.spec),
    ...(container.spec.network.type === 'bare' && container.state === 'running' ? { pid: container.pid } : {}),
    ...(Object.keys(container.scratchVolumes).length === 0 ? {} : { scratchVolumes: container.scratchVolumes }),
    settings: container.settings,
  };
}

function fixedAddress({ network, labels }: ContainerSpec): Pick<ContainerSeen, 'address'> {
  const address = network.type === 'network' ? network.address : network.type === 'bare' ? labels[PLUG_ADDRESS_LABEL] : undefined;
  return address === undefined ? {} : { address };
}

/** Has a process, be it frozen. */
export function isAlive(container: FakeContainer): boolean {
  return container.state === 'running' || container.state === 'paused';
}
