// What is measured: every name with its labels and its meaning, once, and the port through which parts tell what happens. Names follow
// Prometheus' conventions (base units, `_total` for what only grows).

interface Described {
  readonly help: string;
  readonly labels: readonly string[];
}

/** Of what only grows. */
export const counters = {
  holdfast_sync_attempts_total: { help: 'Commits that ended, by outcome.', labels: ['application', 'outcome'] },
  holdfast_drift_repairs_total: {
    help: "Objects of a commit that were changed behind Git's back and put right.",
    labels: ['application'],
  },
  holdfast_engine_faults_total: { help: 'Calls to the Docker Engine that failed, by fault.', labels: ['operation', 'fault'] },
  holdfast_container_restarts_total: {
    help: 'Restarts of containers of pods, seen by this controller.',
    labels: ['namespace', 'container'],
  },
  holdfast_source_reads_total: {
    help: 'Reads of the repository: head asks where it stands, snapshot reads a commit.',
    labels: ['application', 'operation', 'result'],
  },
  holdfast_webhook_deliveries_total: { help: 'Webhooks that came in, by how they were answered.', labels: ['forge', 'result'] },
  holdfast_notifications_total: {
    help: 'Messages to receivers of notifications: sent, or failed and to be tried again.',
    labels: ['application', 'type', 'result'],
  },
  holdfast_commit_statuses_total: {
    help: 'Statuses of commits for forges: sent, or failed and to be tried again.',
    labels: ['application', 'forge', 'result'],
  },
} as const satisfies Readonly<Record<string, Described>>;

/** Of durations, in seconds. */
export const histograms = {
  holdfast_sync_duration_seconds: {
    help: 'From the moment that a commit was seen until it ended, by outcome.',
    labels: ['application', 'outcome'],
    buckets: [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800],
  },
  holdfast_sync_phase_duration_seconds: {
    help: 'Time that a commit spent in a phase.',
    labels: ['application', 'phase'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
  },
  holdfast_engine_call_duration_seconds: {
    help: 'Calls to the Docker Engine, also those that failed. Streams are not counted.',
    labels: ['operation'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  holdfast_source_read_duration_seconds: {
    help: 'Reads of the repository, also those that failed.',
    labels: ['operation'],
    buckets: [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
} as const satisfies Readonly<Record<string, Described & { readonly buckets: readonly number[] }>>;

/** Of what is now. */
export const gauges = {
  holdfast_build_info: { help: 'Always 1; the version is a label.', labels: ['version'] },
  holdfast_work_queue_depth: { help: 'Keys that wait or are being worked on.', labels: ['queue'] },
  holdfast_last_good_commit_timestamp_seconds: {
    help: 'When the last commit that became healthy was made.',
    labels: ['application'],
  },
  holdfast_last_live_timestamp_seconds: { help: 'When a commit last became live.', labels: ['application'] },
  holdfast_application_healthy: { help: '1 while everything of the application is healthy.', labels: ['application'] },
  holdfast_application_held: {
    help: '1 while the newest commit is not applied, or was taken back.',
    labels: ['application'],
  },
  holdfast_application_drifted: {
    help: '1 while something differs from Git that is left so, or repairs do not last.',
    labels: ['application'],
  },
  holdfast_application_suspended: {
    help: '1 while nothing is synced, because a person or a commit says so.',
    labels: ['application'],
  },
  holdfast_suspension_end_timestamp_seconds: {
    help: 'When the suspension ends by itself; absent when it does not, or there is none.',
    labels: ['application'],
  },
  holdfast_source_ready: { help: '1 while the repository can be read.', labels: ['application'] },
} as const satisfies Readonly<Record<string, Described>>;

export type CounterName = keyof typeof counters;
export type HistogramName = keyof typeof histograms;
export type GaugeName = keyof typeof gauges;
export type Labels = Readonly<Record<string, string>>;

/** Where measurements go. Never throws, never waits. Labels are those of the name, all of them. */
export interface Metrics {
  count(name: CounterName, labels: Labels, by?: number): void;
  observe(name: HistogramName, labels: Labels, seconds: number): void;
  set(name: GaugeName, labels: Labels, value: number): void;
  /** Drops the value of these labels: what they tell of is gone. */
  drop(name: GaugeName, labels: Labels): void;
}

/** Nobody listens. */
export const noMetrics: Metrics = { count() {}, observe() {}, set() {}, drop() {} };

/** Every name that can be read: of a histogram also its three series. */
export function allMetricNames(): readonly string[] {
  const series = Object.keys(histograms).flatMap((name) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]);
  return [...Object.keys(counters), ...Object.keys(gauges), ...series];
}
