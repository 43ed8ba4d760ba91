// Puts the parts of a control plane together and starts and stops them in order. Knows every room, decides nothing; adapters come in as
// arguments, so that the simulation runs exactly this on virtual time.

import { allControllers } from '../controllers/controllers.ts';
import { resumeRollouts } from '../controllers/deployment/resume.ts';
import { controllerKeepers } from '../controllers/kept-time.ts';
import type { Kind } from '../model/resource.ts';
import { startNode } from '../node/node-plane.ts';
import type { Controller } from '../runtime/controller.ts';
import { KeptTime, type TimeKeeping } from '../runtime/kept-time.ts';
import { type RunningController, runController } from '../runtime/run-controller.ts';
import { StoreFeed } from '../runtime/store-feed.ts';
import { allQuiet } from '../runtime/watch-store.ts';
import { schedulerController } from '../scheduler/schedule.ts';
import { taintEvictionController } from '../scheduler/taint-eviction.ts';
import { noMetrics } from '../signals/metrics/metrics.ts';
import { manifestLoader } from '../sources/manifest-loader.ts';
import type { CommitSource } from '../sync/commit-source.ts';
import { startAfresh } from '../sync/fresh-start.ts';
import { hearSuspensions } from '../sync/gates/hear.ts';
import { keepAttempts } from '../sync/kept-time.ts';
import type { Outcome } from '../sync/outcome.ts';
import type { ManifestLoader } from '../sync/ports.ts';
import type { SourceLane } from '../sync/source-lane.ts';
import { Syncer } from '../sync/syncer.ts';
import type { Wait } from '../sync/waiters.ts';
import { ApplicationPlane } from './application-plane.ts';
import { concluding } from './concluding.ts';
import { type SyncerSurroundings, sharedParts } from './declared-application.ts';
import { measuredEngine, measuredSource } from './measured.ts';
import { startOnlookers } from './onlookers.ts';
import type { ControlPlaneParts } from './parts.ts';
import { placementCheck } from './placement-check.ts';

export interface ControlPlane {
  /** Settles with `once` only. */
  readonly outcome: Promise<Outcome>;
  /** Whether nothing runs and nothing is due now; timers may be pending. */
  isIdle(): boolean;
  /** Resolves when that is so. */
  idle(): Promise<void>;
  /** Somebody says that a repository has moved: all are asked at once. */
  lookAtSource(): void;
  /** The applications that are followed now, and a way to say that the repository of one has moved: it is asked at once. */
  followed(): readonly FollowedApplication[];
  /** Asks the sources at once, and says how what is waited for ends; of the application of the command line when none is named. */
  conclude(application: string | undefined, wait: Wait): Promise<Outcome>;
  /** How much waits, by queue. */
  queueDepths(): Readonly<Record<string, number>>;
  /** Why it does not do its work yet, or no more; empty when it does. */
  unready(): readonly string[];
  /** Stops working; containers go on. */
  stop(): Promise<void>;
}

/** An application, and where it comes from. */
export interface FollowedApplication {
  readonly name: string;
  readonly source: Pick<CommitSource, 'description' | 'revision'>;
  look(): void;
}

/** The loader of the application; what a commit says of its timeout is left out where it does not count. */
function loaderOf({ application, loading, isTimeoutFixed = false }: ControlPlaneParts): ManifestLoader {
  const load = manifestLoader(application.path, loading);
  if (!isTimeoutFixed) return load;
  return async (snapshot, signal) => {
    const { timeoutSeconds: _ignored, policy, ...result } = await load(snapshot, signal);
    if (policy === undefined) return result;
    const { timeouts: _timeouts, ...rest } = policy;
    return { ...result, policy: rest };
  };
}

/** Begins to ask for certificates, if anybody is to. */
async function certificatesOf({ acme, store, clock, logger }: ControlPlaneParts): Promise<{ stop(): Promise<void> } | undefined> {
  if (acme === undefined) return undefined;
  const { AcmeIssuer } = await import('../transport/acme.ts');
  const issuer = new AcmeIssuer({ store, clock, logger, ...acme });
  issuer.start();
  return issuer;
}

/**
 * Starts everything. What Docker remembers comes first: the kubelet rebuilds a lost store before any controller could take its pods for
 * orphans. Rejects with the engine's error when it does not answer, and with the store's; nothing runs then.
 */
export async function startControlPlane(given: ControlPlaneParts): Promise<ControlPlane> {
  const parts = measured(given);
  const { store, source, clock, logger } = parts;
  const { name } = parts.application;
  const { node, issuer } = await startBelow(parts);
  const keptTime = new KeptTime({ store, clock, logger, keepers: [...controllerKeepers, keepAttempts] });
  const { controllers, depths } = startControllers(parts, keptTime);
  const feed = new StoreFeed({ store, clock, logger });
  let isObserved = false;
  const surroundings: SyncerSurroundings = {
    feed,
    images: node.images,
    checkPlacement: placementCheck(store),
    isObserved: () => isObserved,
    keptTime,
  };
  const syncer = rootSyncer(parts, surroundings);
  const applications = new ApplicationPlane({ ...sharedParts(parts), ...surroundings });
  const onlookers = startOnlookers(parts, feed);
  feed.start();
  syncer.start();
  applications.start();
  // A host that was restarted has a store full of pods that no longer run: nothing is judged before each was looked at once.
  void node.kubelet.idle().then(() => {
    isObserved = true;
    syncer.wake();
    applications.wake();
  });
  const followed = (): readonly FollowedApplication[] => [
    { name, source, look: () => syncer.lane.look() },
    ...applications.applications.map((each) => ({ ...each, look: () => each.syncer.lane.look() })),
  ];
  const { outcome: reached, conclude } = concluding({ name, syncer, applications, store, node });
  const outcome = reached.then(async (ended) => {
    await onlookers.told(applications.applications.flatMap(({ notifier }) => (notifier === undefined ? [] : [notifier])));
    return ended;
  });
  return {
    outcome,
    conclude,
    // Those who write first, then those who answer them.
    stop: async () => {
      for (const each of [applications, syncer, onlookers, feed, issuer]) await each?.stop();
      await Promise.all(controllers.map((controller) => controller.stop()));
      await node.stop();
    },
    lookAtSource: () => {
      for (const each of followed()) each.look();
    },
    followed,
    queueDepths: () => {
      const { sync, source: reading } = syncDepths(syncer);
      return { ...depths(), kubelet: node.kubelet.queueDepth, sync: sync + applications.depth, source: reading };
    },
    unready: () => [...(isObserved ? [] : ['the containers were not looked at yet']), ...unreadySource(syncer.lane)],
    ...allQuiet([...controllers, node, syncer, applications, ...onlookers.quiet]),
  };
}

/** What has to be there before anything is synced: the node, a store that knows of what runs on it, and who asks for certificates. */
async function startBelow(parts: ControlPlaneParts) {
  const { store, clock, orders, application } = parts;
  if (orders !== undefined)
    await hearSuspensions(store, orders, { name: application.name, spec: applicationSpec(parts) }, clock.now());
  const node = await startNode(parts);
  try {
    await startAfresh(store, application.name, clock.now(), parts.once);
    await resumeRollouts(store, clock.now());
    return { node, issuer: await certificatesOf(parts) };
  } catch (error) {
    await node.stop();
    throw error;
  }
}

/** The syncer of the application of the command line. */
function rootSyncer(parts: ControlPlaneParts, surroundings: SyncerSurroundings): Syncer {
  const { store, source, clock, ids, logger, intervalMs, once, softDelete, agreed, orders, notary, metrics = noMetrics } = parts;
  const { name } = parts.application;
  return new Syncer({
    ...surroundings,
    application: { name, spec: applicationSpec(parts) },
    store,
    source,
    load: loaderOf(parts),
    clock,
    ids,
    logger,
    intervalMs,
    once,
    softDelete,
    ...(agreed === undefined ? {} : { agreed }),
    ...(orders === undefined ? {} : { orders }),
    ...(notary === undefined ? {} : { notary }),
    onRepair: (objects) => metrics.count('holdfast_drift_repairs_total', { application: name }, objects),
  });
}

/** All controllers, and how much waits for each name; several may share one. */
function startControllers(
  { store, clock, ids, logger }: ControlPlaneParts,
  keptTime: TimeKeeping,
): {
  readonly controllers: readonly RunningController[];
  readonly depths: () => Readonly<Record<string, number>>;
} {
  const named: (readonly [string, RunningController])[] = [];
  const run = <K extends Kind, Observed>(controller: Controller<K, Observed>): RunningController => {
    const running = runController(controller, { store, clock, ids, logger, keptTime });
    named.push([controller.name, running]);
    return running;
  };
  const controllers = [run(schedulerController), run(taintEvictionController), ...allControllers(run)];
  const depths = (): Readonly<Record<string, number>> => {
    const all: Record<string, number> = {};
    for (const [name, { queue }] of named) all[name] = (all[name] ?? 0) + queue.depth;
    return all;
  };
  return { controllers, depths };
}

function unreadySource({ trouble, head }: Pick<SourceLane, 'trouble' | 'head'>): readonly string[] {
  if (trouble !== undefined) return [`the repository cannot be read: ${trouble.message}`];
  return head === undefined ? ['the repository was not read yet'] : [];
}

function syncDepths({ queue, lane }: Syncer): { readonly sync: number; readonly source: number } {
  return { sync: queue.depth, source: lane.queue.depth };
}

/** The same parts, with a stopwatch when anybody wants to know. */
function measured(parts: ControlPlaneParts): ControlPlaneParts {
  const { metrics, engine, source, application, clock } = parts;
  if (metrics === undefined) return parts;
  return {
    ...parts,
    engine: measuredEngine(engine, metrics, clock),
    source: measuredSource(source, application.name, metrics, clock),
  };
}

/** What the store remembers of where an application comes from. */
export function applicationSpec({
  application,
  source,
  timeoutMs,
}: Pick<ControlPlaneParts, 'application' | 'source' | 'timeoutMs'>): {
  repo: string;
  revision: string;
  path: string;
  timeoutSeconds: number;
} {
  return {
    repo: application.repo,
    revision: source.revision,
    path: application.path,
    timeoutSeconds: Math.ceil(timeoutMs / 1000),
  };
}
