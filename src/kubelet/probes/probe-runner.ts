// Runs probes on their schedule and keeps what their results amount to. It decides nothing about containers: it wakes the pod.
import type { Probe } from '../../model/resource.ts';
import type { Cancel, Clock } from '../../system/clock.ts';
import { DeadlineExceeded, withDeadline } from '../../system/deadline.ts';
import type { ContainerEngine } from '../engine/container-engine.ts';
import type { ProbeTarget } from '../plan/steps.ts';
import {
  afterResult,
  isProbing,
  type ProbeKind,
  type ProbeResult,
  type ProbeState,
  type ProbeVerdicts,
  probeOf,
  probePeriodMs,
  probeTimeoutMs,
  UNPROBED,
} from './probe-state.ts';
import type { Prober } from './prober.ts';
import { addresseeOf, portNumber, urlOf } from './request.ts';

const MAX_OUTPUT_BYTES = 10_240;
/** Probes of containers that ran before this kubelet and of which nothing is known are spread over at most this time. */
const SPREAD_MS = 1_000;
/** A probe over the network keeps its own time, of which the engine's part is none; this is how much longer the kubelet waits for its word. */
const PROBER_SLACK_MS = 10_000;

interface Probed {
  target: ProbeTarget;
  verdicts: { [K in ProbeKind]?: ProbeState };
  readonly timers: Map<ProbeKind, Cancel>;
  /** Probes whose command has not come back: the engine cannot end it, so no second one is run beside it. */
  readonly hanging: Set<ProbeKind>;
}

export interface ProbeRunnerOptions {
  readonly engine: ContainerEngine;
  readonly prober: Prober;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** A verdict changed, or failures began. */
  readonly onChange: (podUid: string) => void;
}

/** The probes of all containers of a node. */
export class ProbeRunner {
  readonly #options: ProbeRunnerOptions;
  readonly #pods = new Map<string, Map<string, Probed>>();
  readonly #aborter = new AbortController();

  constructor(options: ProbeRunnerOptions) {
    this.#options = options;
  }

  /** Makes exactly these probes run for a pod, and forgets the results of containers that are not among `alive`. */
  keep(podUid: string, targets: readonly ProbeTarget[], alive: ReadonlySet<string>): void {
    const probed = this.#pods.get(podUid) ?? new Map<string, Probed>();
    for (const [id, each] of probed) {
      const kinds = targets.find((target) => target.containerId === id)?.kinds ?? [];
      for (const [kind, cancel] of each.timers) {
        if (kinds.includes(kind)) continue;
        cancel();
        each.timers.delete(kind);
      }
      if (!alive.has(id)) probed.delete(id);
    }
    for (const target of targets) {
      const each = probed.get(target.containerId) ?? { target, verdicts: {}, timers: new Map(), hanging: new Set() };
      each.target = target;
      probed.set(target.containerId, each);
      for (const kind of target.kinds) if (!each.timers.has(kind)) this.#begin(podUid, each, kind);
    }
    if (probed.size > 0) this.#pods.set(podUid, probed);
    else this.#pods.delete(podUid);
  }

  /** What the probes of a pod's containers amount to, by container id. */
  verdicts(podUid: string): ReadonlyMap<string, ProbeVerdicts> {
    return new Map([...(this.#pods.get(podUid) ?? [])].map(([id, each]) => [id, each.verdicts]));
  }

  /** Ends all probes. */
  stop(): void {
    this.#aborter.abort(new Error('the kubelet stopped'));
    for (const uid of this.#pods.keys()) this.keep(uid, [], new Set());
  }

  #begin(podUid: string, each: Probed, kind: ProbeKind): void {
    const probe = probeOf(each.target.container, kind);
    if (probe === undefined || this.#aborter.signal.aborted) return;
    const { clock } = this.#options;
    const delayMs = (probe.initialDelaySeconds ?? 0) * 1000;
    // A clock that was set back since the container started does not make the wait longer.
    const dueInMs = Math.min(each.target.startedAtMs + delayMs - clock.now(), delayMs);
    const isLate = dueInMs < -probePeriodMs(probe);
    this.#schedule(podUid, each, kind, probe, isLate ? this.#lateDelayMs(each.target, probe) : Math.max(0, dueInMs));
  }

  /**
   * As Kubernetes' kubelet after its own restart: where the last one left off with a ready container, a part of the period passes first, so
   * that not all are asked at once, and a pass that finds nothing to do runs no command in any container.
   */
  #lateDelayMs({ before }: ProbeTarget, probe: Probe): number {
    const chance = this.#options.random();
    return before.isStarted && before.isReady ? probePeriodMs(probe) * (0.5 + chance / 2) : chance * SPREAD_MS;
  }

  #schedule(podUid: string, each: Probed, kind: ProbeKind, probe: Probe, delayMs: number): void {
    const cancel = this.#options.clock.after(delayMs, () => void this.#run(podUid, each, kind, probe, cancel));
    each.timers.set(kind, cancel);
  }

  async #run(podUid: string, each: Probed, kind: ProbeKind, probe: Probe, mine: Cancel): Promise<void> {
    const { clock, onChange } = this.#options;
    const startedAtMs = clock.elapsed();
    const result = await this.#ask(each, kind, probe);
    // Meanwhile the container may have gone, or this probe may have been called off.
    if (this.#aborter.signal.aborted || each.timers.get(kind) !== mine) return;
    const before = each.verdicts[kind] ?? UNPROBED;
    const after = result === undefined ? before : afterResult(before, probe, result, clock.now());
    each.verdicts = { ...each.verdicts, [kind]: after };
    if (isProbing(each.target.container, kind, each.verdicts, each.target.before))
      this.#schedule(podUid, each, kind, probe, Math.max(0, startedAtMs + probePeriodMs(probe) - clock.elapsed()));
    const hasBegun = after.failures === 1 && before.failures === 0;
    const warns = after.failures === 0 && after.message !== '' && before.message === '';
    if (after.verdict !== before.verdict || hasBegun || warns) onChange(podUid);
  }

  /** Asks once. Undefined when the question itself failed (engine gone): that says nothing about the container. */
  async #ask(each: Probed, kind: ProbeKind, probe: Probe): Promise<ProbeResult | undefined> {
    const timeoutMs = probeTimeoutMs(probe);
    const { clock } = this.#options;
    const signal = this.#aborter.signal;
    try {
      if (probe.exec !== undefined) return await this.#askByExec(each, kind, probe.exec.command, timeoutMs);
      return await withDeadline(
        clock,
        'probe',
        timeoutMs + PROBER_SLACK_MS,
        (inner) => this.#askByNetwork(each.target, probe, timeoutMs, inner),
        signal,
      );
    } catch (error) {
      if (error instanceof DeadlineExceeded) return { ok: false, message: `timed out after ${timeoutMs / 1000}s` };
      return undefined;
    }
  }

  async #askByExec(each: Probed, kind: ProbeKind, command: readonly string[], timeoutMs: number): Promise<ProbeResult> {
    const { clock, engine } = this.#options;
    const what = `command ${JSON.stringify(command.join(' '))}`;
    const late = `${what} timed out after ${timeoutMs / 1000}s`;
    if (each.hanging.has(kind)) return { ok: false, message: `${late}, and still runs` };
    each.hanging.add(kind);
    const running = engine.exec(each.target.containerId, command, MAX_OUTPUT_BYTES, this.#aborter.signal);
    const forget = (): void => void each.hanging.delete(kind);
    running.then(forget, forget);
    try {
      const { exitCode, output } = await withDeadline(clock, what, timeoutMs, () => running, this.#aborter.signal);
      return exitCode === 0 ? { ok: true } : { ok: false, message: output.trim() || `${what} exited with ${exitCode}` };
    } catch (error) {
      if (error instanceof DeadlineExceeded) return { ok: false, message: late };
      throw error;
    }
  }

  async #askByNetwork(
    target: ProbeTarget,
    probe: Probe,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<ProbeResult | undefined> {
    const { prober } = this.#options;
    const { httpGet, tcpSocket, grpc } = probe;
    const { host, pod } = addresseeOf((httpGet ?? tcpSocket)?.host, target.podIP, target.pod);
    if (grpc !== undefined) return prober.grpc(host, grpc.port, grpc.service ?? '', timeoutMs, signal, pod);
    const wanted = httpGet ?? tcpSocket;
    if (wanted === undefined) return undefined;
    const port = portNumber(target.container, wanted.port);
    if (port === undefined) return { ok: false, message: `couldn't find port: ${wanted.port}` };
    if (httpGet === undefined) return prober.tcp(host, port, timeoutMs, signal, pod);
    return prober.http(urlOf(httpGet, host, port), httpGet.httpHeaders ?? [], timeoutMs, signal, pod);
  }
}
