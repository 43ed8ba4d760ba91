// The composition root: reads the surroundings, builds the parts that a command asks for, runs the command.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultDataDir } from './cli/data-dir.ts';
import { interruptSignal } from './cli/interrupts.ts';
import {
  type DryRun,
  type Parts,
  type ReconcileOptions,
  type RenderedCommit,
  type RunningControlPlane,
  UsageFault,
} from './cli/parts.ts';
import { run } from './cli/program.ts';
import { openSignals } from './control-plane/signal-plane.ts';
import { giveOrder, openOrderDesk } from './installation/order-desk.ts';
import { askSync, followSyncOrders } from './installation/sync-desk.ts';
import type { PlanningParts } from './planning/planning.ts';
import { applicationName } from './sources/application-name.ts';
import type { OpenLoading } from './sources/loading.ts';
import { declaredSources, openSource, sourceAccess } from './sources/sources.ts';
import { processLog } from './surroundings/process-log.ts';
import { answerTo } from './surroundings/prompt.ts';
import { repositoryPath } from './surroundings/repository-path.ts';
import { createSecretFiles } from './surroundings/secret-files.ts';
import { flushed, readStdin, terminal } from './surroundings/terminal.ts';
import type { PlanAgreement } from './sync/ports.ts';
import { type Clock, systemClock } from './system/clock.ts';
import { systemIds } from './system/ids.ts';
import { openCourier } from './transport/mail-courier.ts';

/** Puts the image of the network container together from the programs of this machine. */
const collectScript = fileURLToPath(new URL('../images/network/collect.sh', import.meta.url));

const clock: Clock = systemClock();
const ids = systemIds();

/** Runs one command line and ends the process with its exit code. `argv` is without node and script. */
export async function main(argv: readonly string[]): Promise<void> {
  // Nobody reads any more: what was asked for on standard output is over; progress on standard error is simply lost, and work goes on.
  process.stdout.on('error', () => process.exit());
  process.stderr.on('error', () => {});
  process.exitCode = await run(argv, parts);
  // Whatever a library left open must not keep a finished command alive; what was written goes out first.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit();
}

const interrupted = interruptSignal(process);

const parts: Parts = {
  env: process.env,
  version: readVersion(),
  stdout: terminal(process.stdout),
  stderr: terminal(process.stderr),
  stdin: { isTTY: process.stdin.isTTY },
  clock,
  processId: process.pid,
  uid: process.getuid?.(),
  interrupted,
  secretFiles: createSecretFiles({ env: process.env, interrupted }),
  answer: (question) => answerTo(question, interrupted),
  startControlPlane,
  dryRun,
  openStore: async (place) => {
    const { openStoreForReading } = await import('./installation/place.ts');
    const store = openStoreForReading(place.dataDir, clock, ids);
    if (store === undefined)
      throw new UsageFault(
        `nothing was reconciled yet with the data folder ${place.dataDir}: run "holdfast reconcile" first, or give --data-dir`,
      );
    return store;
  },
  giveOrder: (place, application, order) => giveOrder(place.dataDir, application, order),
  askSync: (place, order) => askSync(place.dataDir, order),
  controllerOf: async (place) => (await import('./installation/place.ts')).controllerOf(place.dataDir),
  openEngine: async (place) => {
    const { connectEngine } = await import('./installation/place.ts');
    return (await connectEngine(place, process.env, clock)).engine;
  },
  listen: async (address, port, onConnection) => {
    const { listenLocally } = await import('./transport/local-listener.ts');
    return await listenLocally(address, port, onConnection);
  },
  openNodeContainer: async (place) => {
    const { connectEngine } = await import('./installation/place.ts');
    const { createNetworkContainer } = await import('./docker/network-container.ts');
    const { host } = await connectEngine(place, process.env, clock);
    return createNetworkContainer({ cluster: place.cluster, host });
  },
  lockCluster: async (place) => {
    const { connectEngine, lockCluster } = await import('./installation/place.ts');
    const connected = await connectEngine(place, process.env, clock);
    const lock = await lockCluster(connected, place.cluster, { clock, signal: interrupted, who: 'holdfast uninstall' });
    return () => lock.release();
  },
  receiptKey: async (dataDir) => {
    const { ownPublicKey } = await import('./installation/receipt-key.ts');
    return ownPublicKey(dataDir);
  },
  compareCommits,
  renderCommit,
  loadPaths: async (paths, settings) => {
    const { loadPaths } = await import('./sources/manifest-paths.ts');
    const { openLoading } = await import('./sources/loading.ts');
    // Whoever has no home folder can validate all the same: what is fetched is not kept then.
    const kept = hasDataDir() ? defaultDataDir(process.env, parts.uid) : undefined;
    const dataDir = kept ?? mkdtempSync(join(tmpdir(), 'holdfast-'));
    const surroundings = { env: process.env, dataDir, clock, signal: parts.interrupted, isEveryFaultFinal: true };
    const loading = openLoading(settings, surroundings);
    try {
      return await loadPaths(paths, readStdin, loading.options);
    } finally {
      await loading.close();
      if (kept === undefined) rmSync(dataDir, { recursive: true, force: true });
    }
  },
  repositoryPath,
  readSourceLine: (file, line) => {
    try {
      return readFileSync(file, 'utf8').split(/\r?\n/)[line - 1];
    } catch {
      return undefined;
    }
  },
};

function hasDataDir(): boolean {
  try {
    return defaultDataDir(process.env, parts.uid) !== '';
  } catch (error) {
    if (error instanceof UsageFault) return false;
    throw error;
  }
}

async function startControlPlane(options: ReconcileOptions): Promise<RunningControlPlane> {
  const { connectEngine, isOwnEngine, lockCluster, lockDataDir, openOwnStore, prepareDataDir } = await import(
    './installation/place.ts'
  );
  const { startControlPlane: start } = await import('./control-plane/control-plane.ts');
  const { nodeProber } = await import('./docker/node-prober.ts');
  const { podRoutes } = await import('./docker/pod-routes.ts');
  const { diskGauge } = await import('./node/disk-gauge.ts');
  const { readNodeKeyring } = await import('./node/registry-keyring.ts');
  const { nodeSettings } = await import('./node/node-settings.ts');
  const { networkParts } = await import('./node/network-parts.ts');
  const { openNotary } = await import('./installation/receipt-key.ts');
  const { forgeParts } = await import('./forges/forges.ts');
  const settings = nodeSettings(options);
  prepareDataDir(options.dataDir);
  const release = [lockDataDir(options.dataDir)];
  const closing: (() => Promise<void>)[] = [];
  const giveBack = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
    for (const unlock of release.splice(0).reverse()) unlock();
  };
  try {
    const logger = await processLog(process.env['HOLDFAST_LOG']);
    const signals = await openSignals(options, { version: parts.version, clock, logger });
    if (signals !== undefined) closing.push(() => signals.close());
    const { engine, info, host } = await connectEngine(options, process.env, clock);
    // A run that finds nothing to do writes nothing, and an engine on this machine is mostly this machine's alone.
    const onlyLooks = options.once && isOwnEngine({ info, host });
    const lock = await lockCluster({ info, host }, options.cluster, { clock, signal: interrupted, onlyLooks });
    closing.push(() => lock.release());
    const agreed = await agreementFor(options);
    const name = applicationName(options);
    const source = await openSource(options, clock, () => store.get('Application', '', name)?.status?.lastGood?.id);
    closing.push(() => source.close());
    const loading = await loadingOf(options, false);
    closing.push(() => loading.close());
    const store = openOwnStore(options.dataDir, clock, ids);
    closing.push(() => store.close());
    const application = { name, repo: source.description, path: options.path };
    const orders = openOrderDesk(options.dataDir, logger);
    closing.push(async () => orders.close());
    const { cluster, once, intervalMs, timeoutMs, isTimeoutFixed, softDelete } = options;
    const plane = await start({
      cluster,
      application,
      store,
      engine,
      prober: nodeProber(podRoutes({ engine, isRemote: host.type !== 'unix', logger })),
      nodeKeyring: readNodeKeyring(process.env, logger),
      gauge: diskGauge(host),
      nodeSettings: settings,
      network: await networkParts(options, { info, host, env: process.env, clock, logger, collectScript, signal: interrupted }),
      ...(options.nodeAddress === undefined ? {} : { nodeAddress: options.nodeAddress }),
      notary: openNotary(options.dataDir, options.receiptKeyFile, parts.version),
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
    const outcome = Promise.race([plane.outcome, lock.lost]);
    const told = { application: application.name, store, outcome, stop: giveBack };
    if (signals === undefined) return told;
    signals.attach({ plane });
    // Who calls is turned away before what would be woken ends.
    closing.push(() => signals.close());
    return { ...told, listening: signals.listening };
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** What the commit must be planned as, when somebody has agreed to a plan. Throws UsageFault when it does not hold already. */
async function agreementFor(options: ReconcileOptions): Promise<PlanAgreement | undefined> {
  const { planFile } = options;
  if (planFile === undefined) return undefined;
  const { agreementOf } = await import('./planning/planning.ts');
  return await withPlanning(options, (planning) => agreementOf(planFile, options, planning));
}

/** Reads manifests as the options say; bases may come from the host that the application comes from. */
async function loadingOf(options: ReconcileOptions, isEveryFaultFinal: boolean): Promise<OpenLoading> {
  const [{ openLoading }, { followedSet }] = [await import('./sources/loading.ts'), await import('./forges/revert-fault.ts')];
  const { credentials, files } = sourceAccess(options);
  const loading = openLoading(options, {
    env: process.env,
    dataDir: options.dataDir,
    clock,
    signal: parts.interrupted,
    application: { repo: options.repo, credentials, ...files },
    isEveryFaultFinal,
  });
  return { ...loading, options: { ...loading.options, ...followedSet(options) } };
}

async function dryRun(options: ReconcileOptions): Promise<DryRun> {
  const { makePlan } = await import('./planning/planning.ts');
  return await withPlanning(options, (planning) => makePlan(options, planning));
}

async function withPlanning<T>(options: ReconcileOptions, work: (planning: PlanningParts) => Promise<T>): Promise<T> {
  const loading = await loadingOf(options, true);
  try {
    const application = applicationName(options);
    return await work({ application, loading, env: process.env, clock, ids, signal: parts.interrupted });
  } finally {
    await loading.close();
  }
}

async function compareCommits(options: ReconcileOptions, from: string, to: string): Promise<DryRun> {
  const { compareRevisions } = await import('./planning/compare-revisions.ts');
  return await withPlanning(options, (planning) => compareRevisions({ ...comparison(options, planning), from, to }));
}

async function renderCommit(options: ReconcileOptions, revision: string): Promise<RenderedCommit> {
  const { renderRevision } = await import('./planning/compare-revisions.ts');
  return await withPlanning(options, (planning) => renderRevision(comparison(options, planning), revision));
}

function comparison(options: ReconcileOptions, { application, loading, signal }: PlanningParts) {
  return { options, application, loading: loading.options, clock, ids, signal };
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
