// Those who only look on: who measures, who notifies, who tells forges, and who has repositories go back. They change nothing of what runs, and nobody waits for them but a
// single run, at its end and for a short while.

import type { StoreFeed } from '../runtime/store-feed.ts';
import { allQuiet, type Quiet } from '../runtime/watch-store.ts';
import { noMetrics } from '../signals/metrics/metrics.ts';
import { StoreMeter } from '../signals/metrics/store-meter.ts';
import { Notifier } from '../signals/notify/notifier.ts';
import { Reverter } from '../signals/reverts/reverter.ts';
import { StatusReporter } from '../signals/statuses/reporter.ts';
import { withDeadline } from '../system/deadline.ts';
import type { ControlPlaneParts } from './parts.ts';

/** How long a single run waits at its end for what there is to tell. */
const TELLING_TIMEOUT_MS = 10_000;
/** A commit that is not pushed by then is pushed by the next run. */
const REVERTING_TIMEOUT_MS = 60_000;

export interface Onlookers {
  readonly quiet: readonly Quiet[];
  /** What has happened is told, also by those others, or the time for it is over. Never rejects. */
  told(others: readonly Quiet[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts those that are wanted. */
export function startOnlookers(parts: ControlPlaneParts, feed: StoreFeed): Onlookers {
  const { store, clock, ids, logger, courier, statuses, reverting, cluster } = parts;
  const meter = parts.metrics === undefined ? undefined : new StoreMeter({ store, clock, logger, metrics: parts.metrics });
  meter?.start();
  const metrics = parts.metrics ?? noMetrics;
  const application = parts.application.name;
  const common = { store, feed, clock, ids, logger, metrics };
  const notifier = courier === undefined ? undefined : new Notifier({ ...common, courier, application });
  notifier?.start();
  const reporter = statuses === undefined ? undefined : new StatusReporter({ ...common, ...statuses, cluster });
  reporter?.start();
  const reverter = reverting === undefined ? undefined : new Reverter({ ...common, ...reverting, cluster });
  reverter?.start();
  return {
    quiet: [notifier, reporter, reverter].filter((each) => each !== undefined),
    told: async (others) => {
      const notifiers = allQuiet([notifier, ...others]);
      // A receiver that failed, and is tried again later, is not waited for.
      const notified = withDeadline(clock, 'notifying', TELLING_TIMEOUT_MS, () => notifiers.idle()).catch((error: unknown) =>
        logger.warn({ component: 'signals', error }, 'receivers were not told in time'),
      );
      await Promise.all([notified, reporter?.settled(TELLING_TIMEOUT_MS), reverter?.settled(REVERTING_TIMEOUT_MS)]);
    },
    stop: async () => {
      await meter?.stop();
      await notifier?.stop();
      await reporter?.stop();
      await reverter?.stop();
    },
  };
}
