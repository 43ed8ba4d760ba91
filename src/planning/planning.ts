// Makes plans for the commands: puts together what a dry run needs, and asks engine and registries what they know of images.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type DryRun, type Parts, type ReconcileOptions } from '../cli/parts.ts';
import { UsageFault } from '../cli/usage-fault.ts';
import { placementCheck } from '../control-plane/placement-check.ts';
import { imagePullBytes } from '../docker/registry-sizes.ts';
import { openStoreForReading, planSeal } from '../installation/data-folder.ts';
import { connectEngine } from '../installation/engine.ts';
import { applicationName } from '../sources/application-name.ts';
import type { OpenLoading } from '../sources/loading.ts';
import { manifestLoader } from '../sources/manifest-loader.ts';
import { openSource } from '../sources/sources.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import { SourceError } from '../sync/commit-source.ts';
import { type DryRunParts, type DryRunResult, dryRun } from '../sync/dry-run.ts';
import type { ImageKnown, ImageLookup, PlanAgreement } from '../sync/ports.ts';
import { movedSince, type PlanPlace, planFile, readPlanFile, type Seal, savedPlan } from '../sync/saved-plan.ts';
import type { Clock } from '../system/clock.ts';
import { DeadlineExceeded, withDeadline } from '../system/deadline.ts';
import type { Ids } from '../system/ids.ts';
import { ancestorsOf, planDeclared } from './planning-declared.ts';

/** How long a registry may take to tell of one image. */
const REGISTRY_TIMEOUT_MS = 8_000;

/** What a plan is made of. */
export interface PlanningParts {
  readonly application: string;
  readonly loading: OpenLoading;
  readonly env: Parts['env'];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly signal: AbortSignal;
}

/**
 * Plans against store and newest commit; writes nothing but the file that the plan is to be saved to, pulls nothing. A plan that would not be
 * applied is not saved. Throws UsageFault.
 */
export async function makePlan(options: ReconcileOptions, parts: PlanningParts): Promise<DryRun> {
  const { plan, source } = await planOf(options, parts);
  const { planOut } = options;
  if (planOut !== undefined && source === undefined)
    throw new UsageFault(
      `application ${parts.application} is declared by another one: a plan is saved of the whole path, so leave --application out`,
    );
  if (planOut === undefined || source === undefined || plan.problems.some(({ severity }) => severity === 'error')) return plan;
  const { place, seal } = await placeOf(options, source, parts);
  writePlan(planOut, planFile(savedPlan(place, plan.found, seal)));
  return plan;
}

/**
 * The agreement that the file of a saved plan is: looked at once before anything is touched, and again whenever a commit might be applied.
 * Throws UsageFault with what has moved.
 */
export async function agreementOf(file: string, options: ReconcileOptions, parts: PlanningParts): Promise<PlanAgreement> {
  const read = readPlanFile(readPlan(file));
  if (!read.ok) throw new UsageFault(`the plan ${file} cannot be used: ${read.message}`);
  const { plan, source = '' } = await planOf(options, parts);
  const { place, seal } = await placeOf(options, source, parts);
  const agreed: PlanAgreement = (found) => movedSince(read.plan, savedPlan(place, found, seal));
  const moved = agreed(plan.found);
  if (moved.length > 0)
    throw new UsageFault(
      `the plan ${file} does not hold any more, and nothing was touched: ${moved.join('; ')}. Make a new one with "holdfast diff --out ${file}"`,
    );
  return agreed;
}

/** What a plan is made for. The engine is asked who it is: a plan for one is none for another. */
async function placeOf(
  options: ReconcileOptions,
  source: string,
  { application, env, clock }: PlanningParts,
): Promise<{ readonly place: PlanPlace; readonly seal: Seal }> {
  const { info } = await connectEngine(options, env, clock);
  const place = { cluster: options.cluster, application, engine: info.id, source: `${source} ${options.path}` };
  return { place, seal: planSeal(options.dataDir) };
}

function readPlan(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageFault(`the plan ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** In one step: half a plan is never there. */
function writePlan(file: string, text: string): void {
  const draft = `${file}.new`;
  try {
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new UsageFault(`the plan cannot be saved to ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** `source` is undefined for an application that another one declares. */
async function planOf(
  options: ReconcileOptions,
  parts: PlanningParts,
): Promise<{ readonly plan: DryRunResult; readonly source: string | undefined }> {
  const { application, loading, clock, ids, signal, env } = parts;
  // Without a store nothing is known to run, so that the plan is to create everything.
  const store = openStoreForReading(options.dataDir, clock, ids) ?? openMemoryStore({ clock, ids });
  const planned = {
    application,
    store,
    ...(store.list('Node').length > 0 ? { checkPlacement: placementCheck(store) } : {}),
    lookUpImages: imageLookup(options, env, clock),
    softDelete: options.softDelete,
    clock,
    signal,
  };
  const ofDeclared = async (ancestors: readonly string[]) => {
    return { plan: await planDeclared({ ...planned, ancestors, options, loading: loading.options }), source: undefined };
  };
  try {
    const ancestors = ancestorsOf(application, store);
    if (ancestors.length > 0) return await ofDeclared(ancestors);
    const plan = await planPath(planned, options, loading);
    // A name that the path declares is not that of the path.
    const isDeclared = plan.plan.found.loaded.manifests.some(
      ({ resource: { kind, metadata } }) => kind === 'Application' && metadata.name === application,
    );
    const { application: _name, ...unnamed } = options;
    return isDeclared ? await ofDeclared([applicationName(unnamed)]) : plan;
  } catch (error) {
    if (error instanceof SourceError || error instanceof DeadlineExceeded) throw new UsageFault(error.message, { cause: error });
    throw error;
  } finally {
    await store.close();
  }
}

/** Plans what the path of the command line says. */
async function planPath(
  planned: Omit<DryRunParts, 'source' | 'load'>,
  options: ReconcileOptions,
  loading: OpenLoading,
): Promise<{ readonly plan: DryRunResult; readonly source: string }> {
  const { application, store, clock } = planned;
  const source = await openSource(options, clock, () => store.get('Application', '', application)?.status?.lastGood?.id);
  try {
    const load = manifestLoader(options.path, loading.options);
    return { plan: await dryRun({ ...planned, source, load }), source: source.description };
  } finally {
    await source.close();
  }
}

/** Asks the engine what it has, and registries how large the rest is. A plan needs neither: who does not answer is left out. */
function imageLookup(options: ReconcileOptions, env: Parts['env'], clock: Clock): ImageLookup {
  return async (wanted, signal) => {
    const connected = await connectEngine(options, env, clock).catch((error: unknown) => {
      if (error instanceof UsageFault) return undefined;
      throw error;
    });
    if (connected === undefined) return wanted.map(({ image }): ImageKnown => ({ image }));
    const { engine, info } = connected;
    return await Promise.all(
      wanted.map(async ({ image, credentials }): Promise<ImageKnown> => {
        const seen = await engine.image(image, signal).catch(() => 'unknown' as const);
        if (seen === 'unknown') return { image };
        if (seen !== undefined) return { image, isPresent: true };
        const question = { image, credentials, architecture: info.architecture };
        const ask = (inner: AbortSignal): Promise<number | undefined> => imagePullBytes(question, inner);
        const pullBytes = await withDeadline(clock, 'asking a registry', REGISTRY_TIMEOUT_MS, ask, signal).catch(() => undefined);
        return { image, isPresent: false, ...(pullBytes === undefined ? {} : { pullBytes }) };
      }),
    );
  };
}
