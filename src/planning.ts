// Makes plans for the commands: puts together what a dry run needs, and asks engine and registries what they know of images.
import { type DryRun, type Parts, type ReconcileOptions, UsageFault } from './cli/parts.ts';
import { manifestLoader, placementCheck } from './control-plane.ts';
import { imagePullBytes } from './docker/registry-sizes.ts';
import type { OpenLoading } from './loading.ts';
import { connectEngine, openStoreForReading } from './place.ts';
import { openSource } from './sources.ts';
import { openMemoryStore } from './store/memory-store.ts';
import { SourceError } from './sync/commit-source.ts';
import { type DryRunResult, dryRun } from './sync/dry-run.ts';
import type { ImageKnown, ImageLookup } from './sync/ports.ts';
import type { Clock } from './system/clock.ts';
import { DeadlineExceeded, withDeadline } from './system/deadline.ts';
import type { Ids } from './system/ids.ts';

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

/** Plans against store and newest commit; writes nothing, pulls nothing. Throws UsageFault. */
export async function makePlan(options: ReconcileOptions, parts: PlanningParts): Promise<DryRunResult & DryRun> {
  const { application, loading, clock, ids, signal, env } = parts;
  // Without a store nothing is known to run, so that the plan is to create everything.
  const store = openStoreForReading(options.dataDir, clock, ids) ?? openMemoryStore({ clock, ids });
  const source = await openSource(options, clock);
  try {
    const areNodesKnown = store.list('Node').length > 0;
    return await dryRun({
      application,
      store,
      source,
      load: manifestLoader(options.path, loading.options),
      ...(areNodesKnown ? { checkPlacement: placementCheck(store) } : {}),
      lookUpImages: imageLookup(options, env, clock),
      clock,
      signal,
    });
  } catch (error) {
    if (error instanceof SourceError || error instanceof DeadlineExceeded) throw new UsageFault(error.message, { cause: error });
    throw error;
  } finally {
    await source.close();
    await store.close();
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
