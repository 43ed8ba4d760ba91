// A controller, as `holdfast reconcile` starts it: takes the locks, opens what the options name, starts the control plane over it, and gives all of it back
// at the end. What only this command needs is loaded with this file.
import type { ReconcileOptions, RunningControlPlane } from './cli/parts.ts';
import { startControlPlane } from './control-plane/control-plane.ts';
import { openSignals } from './control-plane/signal-plane.ts';
import { nodeProber } from './docker/node-prober.ts';
import { podRoutes } from './docker/pod-routes.ts';
import { forgeParts } from './forges/forges.ts';
import { openOwnStore, prepareDataDir } from './installation/data-folder.ts';
import { type ConnectedEngine, connectEngine, isOwnEngine } from './installation/engine.ts';
import { lockCluster, lockDataDir } from './installation/locks.ts';
import { openOrderDesk } from './installation/order-desk.ts';
import { openNotary } from './installation/receipt-key.ts';
import { followSyncOrders } from './installation/sync-desk.ts';
import type { NodeSettings } from './kubelet/spec/resources.ts';
import { diskGauge } from './node/disk-gauge.ts';
import { networkParts } from './node/network-parts.ts';
import { nodeSettings } from './node/node-settings.ts';
import { readNodeKeyring } from './node/registry-keyring.ts';
import { applicationName } from './sources/application-name.ts';
import type { OpenLoading } from './sources/loading.ts';
import { declaredSources, openSource } from './sources/sources.ts';
import { processLog } from './surroundings/process-log.ts';
import type { PlanAgreement } from './sync/ports.ts';
import type { Clock } from './system/clock.ts';
import type { Ids } from './system/ids.ts';
import type { Logger } from './system/logger.ts';
import { openCourier } from './transport/mail-courier.ts';

/** What a controller finds in its process. */
export interface ControllerSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Aborts what is waited for at the start. */
  readonly interrupted: AbortSignal;
  /** Puts the image of the network container together from the programs of this machine. */
  readonly collectScript: string;
  /** What the commit must be planned as, when somebody has agreed to a plan. */
  readonly agreement: () => Promise<PlanAgreement | undefined>;
  readonly loading: () => Promise<OpenLoading>;
}

/** Starts one. Throws UsageFault for what a user has to mend; nothing is left open then. */
export async function openController(
  options: ReconcileOptions,
  surroundings: ControllerSurroundings,
): Promise<RunningControlPlane> {
  const settings = nodeSettings(options);
  prepareDataDir(options.dataDir);
  const unlock = lockDataDir(options.dataDir);
  const closing: Close[] = [async () => unlock()];
  const closeAll: Close = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    return { ...(await start(options, settings, surroundings, closing)), stop: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

type Close = () => Promise<void>;

/** What was opened is put down in `closing`, in its order, also when this fails. */
async function start(
  options: ReconcileOptions,
  settings: NodeSettings,
  { version, clock, ids, interrupted, ...surroundings }: ControllerSurroundings,
  closing: Close[],
): Promise<Omit<RunningControlPlane, 'stop'>> {
  const logger = await processLog(surroundings.env['HOLDFAST_LOG']);
  const signals = await openSignals(options, { version, clock, logger });
  if (signals !== undefined) closing.push(() => signals.close());
  const connected = await connectEngine(options, surroundings.env, clock);
  // A run that finds nothing to do writes nothing, and an engine on this machine is mostly this machine's alone.
  const onlyLooks = options.once && isOwnEngine(connected);
  const lock = await lockCluster(connected, options.cluster, { clock, signal: interrupted, onlyLooks });
  closing.push(() => lock.release());
  const agreed = await surroundings.agreement();
  const name = applicationName(options);
  const source = await openSource(options, clock, () => store.get('Application', '', name)?.status?.lastGood?.id);
  closing.push(() => source.close());
  const loading = await surroundings.loading();
  closing.push(() => loading.close());
  const store = openOwnStore(options.dataDir, clock, ids);
  closing.push(() => store.close());
  const application = { name, repo: source.description, path: options.path };
  const orders = openOrderDesk(options.dataDir, logger);
  closing.push(async () => orders.close());
  const { once, intervalMs, timeoutMs, isTimeoutFixed, softDelete } = options;
  const plane = await startControlPlane({
    ...(await nodeParts(options, connected, { ...surroundings, interrupted, clock, logger })),
    application,
    store,
    nodeSettings: settings,
    notary: openNotary(options.dataDir, options.receiptKeyFile, version),
    ...(agreed === undefined ? {} : { agreed }),
    ...(options.acme === undefined ? {} : { acme: options.acme }),
    ...(signals === undefined ? {} : { metrics: signals.metrics }),
    courier: openCourier(options),
    ...forgeParts(options, { root: application, clock, loading: loading.options }),
    orders,
    source,
    clock,
    ids,
    logger,
    once,
    intervalMs,
    timeoutMs,
    isTimeoutFixed,
    softDelete,
    openDeclared: await declaredSources(options, clock),
    loading: loading.options,
  });
  closing.push(() => plane.stop());
  const unfollow = followSyncOrders({ dataDir: options.dataDir, desk: orders, plane, clock, logger });
  closing.push(async () => unfollow());
  const told = { application: name, store, outcome: Promise.race([plane.outcome, lock.lost]) };
  if (signals === undefined) return told;
  signals.attach({ plane });
  // Who calls is turned away before what would be woken ends.
  closing.push(() => signals.close());
  return { ...told, listening: signals.listening };
}

/** The node of this process, over the engine that has answered. */
async function nodeParts(
  options: ReconcileOptions,
  { engine, info, askedAtMs, host }: ConnectedEngine,
  {
    env,
    clock,
    logger,
    collectScript,
    interrupted,
  }: Omit<ControllerSurroundings, 'version' | 'ids' | 'agreement' | 'loading'> & { readonly logger: Logger },
) {
  return {
    cluster: options.cluster,
    engine,
    engineSaid: { info, atMs: askedAtMs },
    prober: nodeProber(podRoutes({ engine, isRemote: host.type !== 'unix', logger })),
    nodeKeyring: readNodeKeyring(env, logger),
    gauge: diskGauge(host),
    network: await networkParts(options, { info, host, env, clock, logger, collectScript, signal: interrupted }),
    ...(options.nodeAddress === undefined ? {} : { nodeAddress: options.nodeAddress }),
  };
}
