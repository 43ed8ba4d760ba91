// Metrics in Prometheus' text format, by prom-client. Nothing of it is global: each controller of a process has its own.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SignalRoute } from '../signals/desk.ts';
import { counters, gauges, histograms, type Metrics } from '../signals/metrics/metrics.ts';
import type { Logger } from '../system/logger.ts';

export interface Prometheus {
  readonly metrics: Metrics;
  /** `GET /metrics`. */
  readonly route: SignalRoute;
}

/** Makes the measurements, and the route where they can be read. `refresh` is called before each reading. */
export function createPrometheus(options: {
  readonly version: string;
  readonly logger: Logger;
  readonly refresh: (metrics: Metrics) => void;
}): Prometheus {
  const registry = new Registry();
  describeProcess(registry);
  const ofCounters = made(counters, (name, { help, labels }) => {
    return new Counter({ name, help, labelNames: [...labels], registers: [registry] });
  });
  const ofHistograms = made(histograms, (name, { help, labels, buckets }) => {
    return new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [registry] });
  });
  const ofGauges = made(gauges, (name, { help, labels }) => {
    return new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
  });
  // A measurement that cannot be taken must not break what it measures.
  const safely = (name: string, take: () => void): void => {
    try {
      take();
    } catch (error) {
      options.logger.warn({ component: 'signals', metric: name, error }, 'measurement lost');
    }
  };
  const metrics: Metrics = {
    count: (name, labels, by = 1) => safely(name, () => ofCounters.get(name)?.inc(labels, by)),
    observe: (name, labels, seconds) => safely(name, () => ofHistograms.get(name)?.observe(labels, seconds)),
    set: (name, labels, value) => safely(name, () => ofGauges.get(name)?.set(labels, value)),
    drop: (name, labels) => safely(name, () => ofGauges.get(name)?.remove(labels)),
  };
  metrics.set('holdfast_build_info', { version: options.version }, 1);
  const route: SignalRoute = {
    path: '/metrics',
    methods: ['GET', 'HEAD'],
    open: async () => {
      options.refresh(metrics);
      return { status: 200, headers: { 'content-type': registry.contentType }, body: await registry.metrics() };
    },
  };
  return { metrics, route };
}

/**
 * The process itself, under the names that all client libraries have. Not the library's own set: that keeps a timer running, a hundred times
 * a second, to measure its delay.
 */
function describeProcess(registry: Registry): void {
  let countedMicros = 0;
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of Holdfast, user and system.',
    registers: [],
    collect() {
      const { user, system } = process.cpuUsage();
      this.inc((user + system - countedMicros) / 1e6);
      countedMicros = user + system;
    },
  });
  const memory = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of Holdfast.',
    registers: [],
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  const start = new Gauge({ name: 'process_start_time_seconds', help: 'When Holdfast was started.', registers: [] });
  start.set(performance.timeOrigin / 1000);
  registry.registerMetric(cpu);
  registry.registerMetric(memory);
  registry.registerMetric(start);
}

function made<Name extends string, Description, Made>(
  all: Readonly<Record<Name, Description>>,
  make: (name: Name, description: Description) => Made,
): ReadonlyMap<Name, Made> {
  const names = Object.keys(all) as Name[];
  return new Map(names.map((name) => [name, make(name, all[name])]));
}
