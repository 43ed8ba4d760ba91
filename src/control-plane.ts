// Puts the parts of a control plane together and starts and stops them in order. Knows every room, decides nothing; adapters come in as
// arguments, so that the simulation runs exactly this on virtual time.
import { allControllers } from './controllers/controllers.ts';
import { resumeRollouts } from './controllers/deployment/resume.ts';
import type { LoaderOptions } from './manifests/load.ts';
import { createManifestLoader } from './manifests/loader.ts';
import type { Desired, Kind } from './model/resource.ts';
import { type NodeParts, startNode } from './node-plane.ts';
import type { Controller } from './runtime/controller.ts';
import { type RunningController, runController } from './runtime/run-controller.ts';
import { allQuiet } from './runtime/watch-store.ts';
import { checkPlacement } from './scheduler/placement.ts';
import { schedulerController } from './scheduler/schedule.ts';
import { taintEvictionController } from './scheduler/taint-eviction.ts';
import type { StoreReader } from './store/store.ts';
import type { CommitSource } from './sync/commit-source.ts';
import { startAfresh } from './sync/fresh-start.ts';
import type { Outcome } from './sync/outcome.ts';
import type { ManifestLoader, PlacementCheck } from './sync/ports.ts';
import { Syncer } from './sync/syncer.ts';

/** A control plane with the node that it runs on. */
export interface ControlPlaneParts extends NodeParts {
  readonly application: { readonly name: string; readonly repo: string; readonly path: string };
  /** Who asks for certificates of Ingresses, and whom; nobody does when absent. */
  readonly acme?: { readonly email: string; readonly directoryUrl: string };
  readonly source: CommitSource;
  /** How manifests are read: keys, variables, what can be fetched. */
  readonly loading?: LoaderOptions;
  readonly once: boolean;
  /** How often the source is asked. */
  readonly intervalMs: number;
  /** Until when a commit must be healthy. */
  readonly timeoutMs: number;
  /** Whether a commit may not say otherwise: the person at the command line has spoken. */
  readonly isTimeoutFixed?: boolean;
}

export interface ControlPlane {
  /** Settles with `once` only. */
  readonly outcome: Promise<Outcome>;
  /** Whether nothing runs and nothing is due now; timers may be pending. */
  isIdle(): boolean;
  /** Resolves when that is so. */
  idle(): Promise<void>;
  /** Stops working; containers go on. */
  stop(): Promise<void>;
}

/** The loader of one application's manifests, as sync asks for it. */
export function manifestLoader(path: string, options: LoaderOptions = {}): ManifestLoader {
  return createManifestLoader({ ...options, root: path }).load;
}

/** As above; what a commit says of its timeout is left out where it does not count. */
function loaderOf({ application, loading, isTimeoutFixed = false }: ControlPlaneParts): ManifestLoader {
  const load = manifestLoader(application.path, loading);
  if (!isTimeoutFixed) return load;
  return async (snapshot, signal) => {
    const { timeoutSeconds: _ignored, ...result } = await load(snapshot, signal);
    return result;
  };
}

/** The scheduler's dry run over the nodes and pods of a store. */
export function placementCheck(store: StoreReader): PlacementCheck {
  return (wanted: readonly Desired[], now: number) =>
    checkPlacement(wanted, store.list('Node'), store.list('Pod'), now, {
      namespaces: store.list('Namespace'),
      claims: store.list('PersistentVolumeClaim'),
      volumes: store.list('PersistentVolume'),
      classes: store.list('StorageClass'),
      priorityClasses: store.list('PriorityClass'),
      limitRanges: store.list('LimitRange'),
      runtimeClasses: store.list('RuntimeClass'),
      budgets: store.list('PodDisruptionBudget'),
      jobs: store.list('Job'),
    });
}

/** Begins to ask for certificates, if anybody is to. */
async function certificatesOf({ acme, store, clock, logger }: ControlPlaneParts): Promise<{ stop(): Promise<void> } | undefined> {
  if (acme === undefined) return undefined;
  const { AcmeIssuer } = await import('./acme.ts');
  const issuer = new AcmeIssuer({ store, clock, logger, ...acme });
  issuer.start();
  return issuer;
}

/**
 * Starts everything. What Docker remembers comes first: the kubelet rebuilds a lost store before any controller could take its pods for
 * orphans. Rejects with the engine's error when it does not answer, and with the store's; nothing runs then.
 */
export async function startControlPlane(parts: ControlPlaneParts): Promise<ControlPlane> {
  const { store, source, clock, ids, logger } = parts;
  const node = await startNode(parts);
  try {
    await startAfresh(store, parts.application.name, clock.now());
    await resumeRollouts(store, clock.now());
  } catch (error) {
    await node.stop();
    throw error;
  }
  const run = <K extends Kind, Observed>(controller: Controller<K, Observed>): RunningController =>
    runController(controller, { store, clock, ids, logger });
  const controllers = [run(schedulerController), run(taintEvictionController), ...allControllers(run)];
  let isObserved = false;
  const syncer = new Syncer({
    application: { name: parts.application.name, spec: applicationSpec(parts) },
    store,
    source,
    load: loaderOf(parts),
    images: node.images,
    checkPlacement: placementCheck(store),
    clock,
    ids,
    logger,
    intervalMs: parts.intervalMs,
    once: parts.once,
    isObserved: () => isObserved,
  });
  syncer.start();
  const issuer = await certificatesOf(parts);
  // A host that was restarted has a store full of pods that no longer run: nothing is judged before each was looked at once.
  void node.kubelet.idle().then(() => {
    isObserved = true;
    syncer.wake();
  });
  const stop = async (): Promise<void> => {
    await syncer.stop();
    await issuer?.stop();
    await Promise.all(controllers.map((controller) => controller.stop()));
    await node.stop();
  };
  // Whoever ends with the outcome leaves a network that is as the commit says.
  const outcome = syncer.outcome().then(async (reached) => {
    await node.settled();
    return reached;
  });
  return { outcome, stop, ...allQuiet([...controllers, node, syncer]) };
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
