// Engine and repository with a stopwatch: what they do is the same, and every call is measured.
import { type ContainerEngine, EngineError } from '../kubelet/engine/container-engine.ts';
import type { Metrics } from '../signals/metrics/metrics.ts';
import { type CommitSource, SourceError } from '../sync/commit-source.ts';
import type { Clock } from '../system/clock.ts';

/** The same engine. Calls that stream (logs, events) are not measured: how long they take says nothing. */
export function measuredEngine(engine: ContainerEngine, metrics: Metrics, clock: Clock): ContainerEngine {
  const measured = new Map<PropertyKey, unknown>();
  return new Proxy(engine, {
    get(target, operation) {
      const known = measured.get(operation);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, operation, target);
      if (typeof value !== 'function') return value;
      const call = (...args: readonly unknown[]): unknown => {
        const startedMs = clock.elapsed();
        const answer: unknown = Reflect.apply(value, target, args);
        if (!(answer instanceof Promise)) return answer;
        const ended = (error?: unknown): void => {
          const seconds = (clock.elapsed() - startedMs) / 1000;
          metrics.observe('holdfast_engine_call_duration_seconds', { operation: String(operation) }, seconds);
          if (error === undefined) return;
          const fault = error instanceof EngineError ? error.fault : 'Failed';
          metrics.count('holdfast_engine_faults_total', { operation: String(operation), fault });
        };
        // A second reader of the promise: the first one hears of its failure.
        answer.then(
          () => ended(),
          (error: unknown) => ended(error ?? new Error('failed')),
        );
        return answer;
      };
      measured.set(operation, call);
      return call;
    },
  });
}

/** The same repository. */
export function measuredSource(source: CommitSource, application: string, metrics: Metrics, clock: Clock): CommitSource {
  const measure = async <T>(operation: 'head' | 'snapshot', read: () => Promise<T>): Promise<T> => {
    const startedMs = clock.elapsed();
    let result = 'ok';
    try {
      return await read();
    } catch (error) {
      result = error instanceof SourceError ? error.fault : 'Failed';
      throw error;
    } finally {
      metrics.observe('holdfast_source_read_duration_seconds', { operation }, (clock.elapsed() - startedMs) / 1000);
      metrics.count('holdfast_source_reads_total', { application, operation, result });
    }
  };
  return {
    description: source.description,
    get revision() {
      return source.revision;
    },
    head: (signal) => measure('head', () => source.head(signal)),
    snapshot: (commitId, signal) => measure('snapshot', () => source.snapshot(commitId, signal)),
    ...(source.parents === undefined ? {} : { parents: async (id, signal) => (await source.parents?.(id, signal)) ?? [] }),
    changes: (signal) => source.changes(signal),
    close: () => source.close(),
  };
}
