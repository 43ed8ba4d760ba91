// Probes: when the next one is due and what a row of results means. Kubernetes, "Configure Liveness, Readiness and Startup Probes". Pure.
import type { Container, Probe } from '../../model/resource.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';
export const PROBE_KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];

const DEFAULT_PERIOD_SECONDS = 10;
const DEFAULT_TIMEOUT_SECONDS = 1;
const DEFAULT_SUCCESS_THRESHOLD = 1;
const DEFAULT_FAILURE_THRESHOLD = 3;

/** What one probe's results amount to. */
export interface ProbeState {
  /** `unknown` until a threshold is first reached. */
  readonly verdict: 'unknown' | 'success' | 'failure';
  readonly successes: number;
  readonly failures: number;
  /** Start of the present row of failures, epoch milliseconds; 0 when the last one succeeded. */
  readonly failingSinceMs: number;
  /** Words to tell: of the row's first failure, and then of the one that reached the threshold; or of a success that comes with a warning. */
  readonly message: string;
}

/** The states of the probes of one container. */
export type ProbeVerdicts = { readonly [K in ProbeKind]?: ProbeState };

/** The outcome of one probe. */
export type ProbeResult =
  /** `warning`: a person should look at it all the same. */
  | { readonly ok: true; readonly warning?: string }
  /** `isAnswer`: somebody answered, if not well. */
  | { readonly ok: false; readonly message: string; readonly isAnswer?: true };

export const UNPROBED: ProbeState = { verdict: 'unknown', successes: 0, failures: 0, failingSinceMs: 0, message: '' };

/** The probe of a kind, if the container has it. */
export function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
  return kind === 'startup' ? container.startupProbe : kind === 'liveness' ? container.livenessProbe : container.readinessProbe;
}

export function probePeriodMs(probe: Probe): number {
  return (probe.periodSeconds ?? DEFAULT_PERIOD_SECONDS) * 1000;
}

export function probeTimeoutMs(probe: Probe): number {
  return (probe.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
}

/** The state after one more result. */
export function afterResult(state: ProbeState, probe: Probe, result: ProbeResult, now: number): ProbeState {
  if (result.ok) {
    const successes = state.successes + 1;
    const isPassed = successes >= (probe.successThreshold ?? DEFAULT_SUCCESS_THRESHOLD);
    return {
      verdict: isPassed ? 'success' : state.verdict,
      successes,
      failures: 0,
      failingSinceMs: 0,
      message: result.warning ?? '',
    };
  }
  const failures = state.failures + 1;
  const threshold = probe.failureThreshold ?? DEFAULT_FAILURE_THRESHOLD;
  return {
    verdict: failures >= threshold ? 'failure' : state.verdict,
    successes: 0,
    failures,
    failingSinceMs: failures === 1 ? now : state.failingSinceMs,
    message: failures === 1 || failures === threshold ? result.message : state.message,
  };
}

/** What was reported earlier of this very run. It stands until the first verdict, so that a new kubelet takes no pod out of service. */
export interface ReportedBefore {
  readonly isStarted: boolean;
  readonly isReady: boolean;
}

/** Whether a running container counts as started. */
export function isStarted(container: Container, verdicts: ProbeVerdicts | undefined, before: ReportedBefore): boolean {
  return container.startupProbe === undefined || before.isStarted || verdicts?.startup?.verdict === 'success';
}

/** Whether a running container is ready. */
export function isReady(container: Container, verdicts: ProbeVerdicts | undefined, before: ReportedBefore): boolean {
  if (!isStarted(container, verdicts, before)) return false;
  const verdict = verdicts?.readiness?.verdict ?? 'unknown';
  if (container.readinessProbe === undefined) return true;
  return verdict === 'unknown' ? before.isReady : verdict === 'success';
}

/** Whether a probe runs now: the others wait for the startup probe, which ends with its verdict; a failed liveness waits for its kill. */
export function isProbing(container: Container, kind: ProbeKind, verdicts: ProbeVerdicts, before: ReportedBefore): boolean {
  if (probeOf(container, kind) === undefined) return false;
  const hasStarted = isStarted(container, verdicts, before);
  if (kind === 'startup') return !hasStarted && verdicts.startup?.verdict !== 'failure';
  return hasStarted && !(kind === 'liveness' && verdicts.liveness?.verdict === 'failure');
}
