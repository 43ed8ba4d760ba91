// The composition root: reads the surroundings, builds the parts that a command asks for, runs the command.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultDataDir } from './cli/data-dir.ts';
import { interruptSignal } from './cli/interrupts.ts';
import { type DryRun, type Parts, type ReconcileOptions, type RenderedCommit, type RunningControlPlane } from './cli/parts.ts';
import { run } from './cli/program.ts';
import { UsageFault } from './cli/usage-fault.ts';
import { giveOrder } from './installation/order-desk.ts';
import { askSync } from './installation/sync-desk.ts';
import type { PlanningParts } from './planning/planning.ts';
import { applicationName } from './sources/application-name.ts';
import type { OpenLoading } from './sources/loading.ts';
import { sourceAccess } from './sources/sources.ts';
import { answerTo } from './surroundings/prompt.ts';
import { repositoryPath } from './surroundings/repository-path.ts';
import { createSecretFiles } from './surroundings/secret-files.ts';
import { flushed, readStdin, terminal } from './surroundings/terminal.ts';
import type { PlanAgreement } from './sync/ports.ts';
import { type Clock, systemClock } from './system/clock.ts';
import { systemIds } from './system/ids.ts';

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
  startControlPlane: startController,
  dryRun,
  openStore: async (place) => {
    const { openStoreForReading } = await import('./installation/data-folder.ts');
    const store = openStoreForReading(place.dataDir, clock, ids);
    if (store === undefined)
      throw new UsageFault(
        `nothing was reconciled yet with the data folder ${place.dataDir}: run "holdfast reconcile" first, or give --data-dir`,
      );
    return store;
  },
  giveOrder: (place, application, order) => giveOrder(place.dataDir, application, order),
  askSync: (place, order) => askSync(place.dataDir, order),
  controllerOf: async (place) => (await import('./installation/locks.ts')).controllerOf(place.dataDir),
  openEngine: async (place) => {
    const { connectEngine } = await import('./installation/engine.ts');
    return (await connectEngine(place, process.env, clock)).engine;
  },
  listen: async (address, port, onConnection) => {
    const { listenLocally } = await import('./transport/local-listener.ts');
    return await listenLocally(address, port, onConnection);
  },
  openNodeContainer: async (place) => {
    const { connectEngine } = await import('./installation/engine.ts');
    const { createNetworkContainer } = await import('./docker/network-container.ts');
    const { host } = await connectEngine(place, process.env, clock);
    return createNetworkContainer({ cluster: place.cluster, host });
  },
  lockCluster: async (place) => {
    const { connectEngine } = await import('./installation/engine.ts');
    const { lockCluster } = await import('./installation/locks.ts');
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

async function startController(options: ReconcileOptions): Promise<RunningControlPlane> {
  const { openController } = await import('./controller.ts');
  return await openController(options, {
    env: process.env,
    version: parts.version,
    clock,
    ids,
    interrupted,
    collectScript,
    agreement: () => agreementFor(options),
    loading: () => loadingOf(options, false),
  });
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
