// The one loop that runs every controller: wake, observe, plan, perform, come back. It knows no kind and makes no choices.
import type { Action } from '../model/action.ts';
import { type Kind, keyOf, keyString, parseKey, type StoredOf } from '../model/resource.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { Ids } from '../system/ids.ts';
import type { Logger } from '../system/logger.ts';
import { type Controller, kindsOf } from './controller.ts';
import type { TimeKeeping } from './kept-time.ts';
import { CreateRefused, isQuiet, performActions, StalePlan } from './perform-actions.ts';
import { allQuiet, type Quiet, quietQueue, watchStore } from './watch-store.ts';
import { WorkQueue, type WorkResult } from './work-queue.ts';

/** How often a pass plans anew at once when the store has moved on under it; then it backs off. */
const MAX_REPLANS = 5;

/** Keys of one controller in work at the same time. Passes are short and do not wait for anything outside. */
const DEFAULT_CONCURRENCY = 4;

/** What running a controller takes. */
export interface RunControllerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly concurrency?: number;
  /** Who sees that the clock was set; nobody does when absent. */
  readonly keptTime?: TimeKeeping;
}

/** A running controller. Idle when it has seen every change and has nothing due; timers may be pending. */
export interface RunningController extends Quiet {
  readonly queue: WorkQueue;
  /** Ends it; resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** Runs a controller over all objects of its kind until it is stopped. */
export function runController<K extends Kind, Observed>(
  controller: Controller<K, Observed>,
  options: RunControllerOptions,
): RunningController {
  const { store, clock, ids, logger } = options;
  const aborter = new AbortController();
  const kinds: ReadonlySet<Kind> = new Set(kindsOf(controller));
  const queue = new WorkQueue({
    clock,
    random: () => ids.random(),
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    work: (key) => pass(controller, key, options),
    onError: (key, error, retryInMs) => {
      const fields = { component: controller.name, key, retryInMs };
      if (error instanceof CreateRefused) logger.warn({ ...fields, message: error.message }, 'creation refused');
      else logger.error({ ...fields, error }, 'pass failed');
    },
  });
  const watch = watchStore({
    store,
    clock,
    logger,
    signal: aborter.signal,
    onRelist: () => {
      for (const kind of kinds) for (const resource of store.list(kind)) queue.add(keyString(keyOf(resource)));
    },
    onEvent: ({ resource, before }) => {
      if (kinds.has(resource.kind)) queue.add(keyString(keyOf(resource)));
      for (const key of controller.wakes(resource, store, before)) queue.add(keyString(key));
    },
  });
  const stop = async (): Promise<void> => {
    aborter.abort();
    await queue.stop();
    await watch.done;
  };
  return { queue, stop, ...allQuiet([watch, quietQueue(queue)]) };
}

/** One pass over one key. A stale plan has done nothing, so it is made anew on what is there now. */
async function pass<K extends Kind, Observed>(
  controller: Controller<K, Observed>,
  key: string,
  options: RunControllerOptions,
): Promise<WorkResult> {
  const { store, clock, ids, logger, keptTime } = options;
  const { kind, namespace, name } = parseKey(key);
  await keptTime?.keep();
  for (let replans = 0; ; replans++) {
    // The queue holds keys of the controller's kinds alone.
    const resource: StoredOf<K> | undefined = store.get(kind as K, namespace, name);
    if (resource === undefined) return undefined;
    const now = clock.now();
    const plan = controller.plan(resource, controller.observe(store, resource), now, () => ids.suffix());
    const told = (actions: readonly Action[]): void => {
      for (const { reason, message } of actions.filter((action) => !isQuiet(action)))
        logger.info({ component: controller.name, key, reason, message }, 'action');
    };
    try {
      const context = { now, component: controller.name, whenRefused: plan.whenRefused };
      told(await performActions(store, resource, plan.actions, plan.status, context));
      return plan.checkAgainAfterMs === undefined ? undefined : { checkAgainAfterMs: plan.checkAgainAfterMs };
    } catch (error) {
      if (error instanceof CreateRefused) told(error.performed);
      if (!(error instanceof StalePlan) || replans >= MAX_REPLANS) throw error;
    }
  }
}
